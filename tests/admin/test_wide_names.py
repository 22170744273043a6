"""Names of domains beyond ASCII in control files: DNS has them otherwise, and so have addresses when they are compared; who writes them
is told what to write."""

# What stands there with the name in it; those that are left out hold no names of domains, or take this one.
FILES = {
    "me": "{}", "helohost": "{}", "idhost": "{}", "localiphost": "{}", "bouncehost": "{}", "doublebouncehost": "{}", "envnoathost": "{}",
    "defaulthost": "{}", "defaultdomain": "{}", "plusdomain": "{}", "locals": "{}", "percenthack": "{}", "snapshotlogins": "{}",
    "rcpthosts": "{}", "morercpthosts": "{}", "holdremote": "{}", "virtualdomains": "{}:joe", "usersbackend": "{}:cdb", "primary": "{}:",
    "smtproutes": "{}:relay.example", "smtpauth": "{}:joe:password:x", "tlspolicy": "{}:encrypt", "badmailfrom": "@{}", "badrcptto": "@{}",
    "validrcptto": "a@{}", "moved": "a@{}:b@example.net", "genericfrom": "joe@{}:joe@example.net", "domainhelohosts": "{}:x.example",
    "domainbindings": "{}:203.0.113.25", "destinationrate": "{}:3", "destinationconnections": "{}:3", "destinationschedule": "{}:400"
}


def test_check_says_how_they_are_written(host):
    for name, line in FILES.items():
        host.control(name, line.format("bücher.example") + "\n")
    done = host.sh("qmailctl check", check=False)
    told = "control/{}:1: it matches nothing: write it as DNS has it, xn--bcher-kva.example"
    assert done.returncode and not [name for name in FILES if told.format(name) not in done.stdout + done.stderr], done


def test_so_they_work(host):
    host.user("joe")
    host.control("locals", "mail.example.org\nxn--bcher-kva.example\n")
    host.control("rcpthosts", "mail.example.org\nxn--bcher-kva.example\n")
    host.start("qmail-smtpd", "qmail-send", "qmail-queue")
    said = host.run(["/usr/bin/python3", "-c", "import smtplib\ns = smtplib.SMTP('127.0.0.1')\ns.ehlo()\n"
                     "s.mail('a@far.example', ['SMTPUTF8'])\nprint(s.rcpt('joe@bücher.example')[0], s.rcpt('joe@xn--bcher-kva.example')[0])"
                     ], check=False).stdout.decode()
    assert said == "250 250\n"
