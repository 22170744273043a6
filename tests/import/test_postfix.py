"""A host with Debian's Postfix becomes one of ours."""

import re

from tests.host.machine import TOP, eventually
from tests.system.test_readme import commands

DEBIAN = TOP / "build/tools/usr/share/postfix/main.cf.debian"
MAIN_CF = """
# See /usr/share/postfix/main.cf.dist for a commented, more complete version
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
biff = no
append_dot_mydomain = no
readme_directory = no
compatibility_level = 3.6
smtpd_tls_cert_file=/etc/letsencrypt/live/mail/fullchain.pem
smtpd_tls_security_level=may
smtp_tls_CApath=/etc/ssl/certs
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated
    # a comment between
  defer_unauth_destination
smtpd_sender_restrictions = check_sender_access inline:{spam.example=REJECT, {joker@example.net = 550 go away}}, reject_unknown_sender_domain
myhostname = mail.example.org
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
myorigin = /etc/mailname
other = old.example
mydestination = $myhostname, example.org, ${other}, localhost.$mydomain,
\tlocalhost
relayhost = [smart.example.net]:submission
relay_domains = branch.example
transport_maps = texthash:/etc/postfix/transport, regexp:/etc/postfix/transport.re
mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128 192.168.7.0/24 [fd77::]/64 [2001:db8:7:8::]/64 /etc/postfix/networks
virtual_alias_domains = club.example moved.example
virtual_alias_maps = proxy:hash:/etc/postfix/virtual
virtual_mailbox_domains = boxes.example
sender_canonical_maps = hash:/etc/postfix/senders
relocated_maps = inline:{ann@example.org=ann@new.example}
sender_bcc_maps = inline:{@club.example=archive@example.org}
message_size_limit = 20480000
maximal_queue_lifetime = 3d
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = all
inet_protocols = all
smtpd_milters = inet:localhost:8891
some_own = thing
"""
FILES = {
    "main.cf": MAIN_CF,
    "transport": "branch.example   relay:[10.1.1.1]:2525\n.far.example smtp:[fd77::25]\nfax.example fax:x\ngone.example :\n* smtp:\n",
    "networks": "# ours\n10.9.0.0/16\n0.0.0.0/0\n",
    "virtual": "# people\ninfo@club.example  joe, ann@example.net\n@club.example\tkeeper@example.net\nsales@example.org joe\nhelp   joe\n"
               "@moved.example @club.example\nodd@club.example\tjoe,\n   ann@example.net,\n   \"a b\"@example.net\nx@elsewhere.example joe\n",
    "senders": "joe  joe.smith@example.org\nroot@mail.example.org root\n",
}
ALIASES = "# own\npostmaster: root\nroot: joe\noffice: joe, ann@example.net\narchive: /var/mail/archive\nlist: :include:/etc/list\ngone: |/bin/true\n"


def postfix(host):
    for name, text in FILES.items():
        host.write(f"/etc/postfix/{name}", text)
    host.write("/etc/aliases", ALIASES)
    host.write("/etc/list", "joe\nann@example.net\n")
    host.write("/etc/mailname", "example.org\n")
    host.control("me", "mail.example.org\n")
    host.user("joe")
    return host


def state(host):
    return host.sh("cd /var/qmail && tail -n 99 $(find control users alias import -type f) /etc/aliases /etc/tcp.smtp", check=False).stdout


def test_all_of_it(host):
    postfix(host)
    before = state(host)
    shown = host.sh("qmail-import postfix --dry-run").stdout
    assert before == state(host)
    done = host.sh("qmail-import postfix")
    for path, text in re.findall(r"^==> (/?[a-z].*)\n((?:(?!==> |left: ).*\n)*)", shown, re.M):
        if not path.startswith("removed: "):
            assert host.read(path if path[0] == "/" else f"/var/qmail/{path}").decode() == text, path
    left = [line for line in done.stdout.splitlines() if line.startswith("left: ")]
    assert left == [line for line in shown.splitlines() if line.startswith("left: ")]

    def control(name):
        return host.read(f"/var/qmail/control/{name}").decode().splitlines()
    assert {"mail.example.org", "example.org", "old.example", "localhost", "localhost.example.org"} <= set(control("locals"))
    assert {"branch.example", ".branch.example", "club.example", "moved.example", "old.example"} <= set(control("rcpthosts"))
    assert control("smtproutes") == ["branch.example:[10.1.1.1]:2525", ".far.example:[fd77::25]", ":"], control("smtproutes")
    assert control("virtualdomains") == ["club.example:alias-virtual", "moved.example:alias-to-club.example"]
    assert control("genericfrom") == ["joe:joe.smith@example.org", "root@mail.example.org:root@example.org"]
    assert control("moved") == ["ann@example.org:ann@new.example"] and control("queueextra") == ["from:club.example:archive@example.org"]
    assert control("badmailfrom") == ["@spam.example", "joker@example.net"]
    assert [control(n) for n in ("databytes", "queuelifetime", "breakchars", "defaulthost")] == [["20480000"], ["259200"], ["-+"], ["example.org"]]
    rules = host.read("/etc/tcp.smtp").decode()
    for network in ("192.168.7.0/24", "2001:db8:7:8::/64", "10.9.0.0/16"):
        assert f'\n{network}:allow,RELAYCLIENT=""\n' in rules
    assert "127.0.0.0/8" not in rules and "0.0.0.0/0" not in rules
    aliases = host.read("/etc/aliases").decode()
    assert "# not carried over: archive: /var/mail/archive\n" in aliases and "\nsales@example.org: joe\nhelp: joe\n" in aliases
    assert host.read("/var/qmail/import/before/etc.aliases").decode() == ALIASES
    assert host.sh("ls /var/qmail/alias/.qmail-root /var/qmail/alias/.qmail-postmaster", check=False).returncode
    for words in ("smtpd_milters = inet:localhost:8891: QMAILQUEUE names", "regexp:/etc/postfix/transport.re: tables of this type",
                  "boxes.example: vadddomain", "/etc/postfix/transport:3: fax.example: ", "/etc/aliases:5: archive: /var/mail/archive: a file gets mail by",
                  "/etc/postfix/virtual:7: odd@club.example", "x@elsewhere.example: the domain is not of this host", "0.0.0.0/0: everybody could relay", "fd77::/64: tcpserver cannot tell",
                  "some_own = thing: nothing of ours", "smtpd_tls_cert_file = /etc/letsencrypt/live/mail/fullchain.pem: qmail-certificate", "reject_unknown_sender_domain"):
        assert [line for line in left if words in line], (words, left)
    assert "smtpd_banner" not in done.stdout and "biff" not in done.stdout

    # The second time there is nothing to do.
    again = host.sh("qmail-import postfix").stdout
    assert "wrote" not in again and "removed" not in again, again
    assert "==>" not in host.sh("qmail-import postfix --dry-run").stdout


def test_mail_goes_where_it_went(host):
    postfix(host)
    host.sh("qmail-import postfix && rm /var/qmail/control/smtproutes /var/qmail/control/queueextra && printf ':127.0.0.1:9\\n' > /var/qmail/control/smtproutes")
    host.start()
    to = ["info@club.example", "sales@example.org", "help@mail.example.org", "info@moved.example", "office@old.example", "root@example.org",
          "postmaster@example.org", "list@mail.example.org", "joe+x@example.org"]
    host.write("/home/joe/.qmail-default", "./Maildir/\n", owner="joe")
    for address in to:
        done = host.sh(f"swaks --server 127.0.0.1 --from s@example.net --to {address} --h-Subject {address} 2>&1", check=False)
        assert done.returncode == 0, done.stdout
    said = host.sh("swaks --server 127.0.0.1 --from s@example.net --to archive@example.org 2>&1", check=False).stdout
    assert "550" in said, said
    said = host.sh("swaks --server 127.0.0.1 --from s@example.net --to stranger@example.org 2>&1", check=False).stdout
    assert "550" in said, said
    assert eventually(lambda: len(host.maildir("joe")) == len(to), 30), (host.log("qmail-send"), [m.split(b"Subject")[1][:40] for m in host.maildir("joe")])
    check = host.sh("qmailctl check", check=False).stdout
    assert "users/virtual" not in check and "genericfrom" not in check and "virtualdomains" not in check, check


def test_what_is_not_roots_is_not_read(host):
    postfix(host)
    host.sh("chown joe /etc/postfix/virtual; chmod 666 /etc/postfix/transport")
    done = host.sh("qmail-import postfix")
    assert "left: /etc/postfix/main.cf:27: /etc/postfix/virtual: it belongs to somebody else than root" in done.stdout, done.stdout
    assert "/etc/postfix/transport: everybody may write it" in done.stdout
    assert "help: joe" not in host.read("/etc/aliases").decode()


def test_what_is_there_stays_or_is_kept(host):
    postfix(host)
    host.control("me", "other.example.org\n")
    host.control("databytes", "7\n")
    host.control("genericfrom", "# ours\njoe:j@x.example\nann:a@x.example\n")
    host.write("/var/qmail/alias/.qmail-default", "&joe\n", owner="alias")
    host.write("/var/qmail/alias/.qmail-office", "&ann@x.example\n", owner="alias")
    done = host.sh("qmail-import postfix")
    assert host.read("/var/qmail/control/me") == b"other.example.org\n"
    assert "left: control/me: mail.example.org: this host has a name already" in done.stdout
    assert host.read("/var/qmail/control/genericfrom") == b"# ours\nann:a@x.example\njoe:joe.smith@example.org\nroot@mail.example.org:root@example.org\n"
    assert host.read("/var/qmail/import/before/control.genericfrom").startswith(b"# ours\njoe:j@x")
    assert host.read("/var/qmail/import/before/control.databytes") == b"7\n"
    assert host.read("/var/qmail/alias/.qmail-default") == b"&joe\n" and "left: alias/.qmail-default: " in done.stdout
    assert "left: /etc/aliases: office: a file .qmail-NAME in ~alias goes first" in done.stdout


def test_a_copy_of_another_host(host):
    host.user("joe")
    for name, text in FILES.items():
        host.write(f"/srv/old/etc/postfix/{name}", text)
    host.write("/srv/old/etc/aliases", "office: joe\n")
    host.write("/srv/old/etc/mailname", "example.org\n")
    host.write("/etc/aliases", "sales: joe\n")
    done = host.sh("qmail-import postfix --root /srv/old")
    assert host.read("/etc/aliases").startswith(b"office: joe\n") and host.read("/var/qmail/import/before/etc.aliases") == b"sales: joe\n"
    assert "wrote /etc/aliases, kept as import/before/etc.aliases" in done.stdout


def test_the_commands_of_the_readme(host):
    postfix(host)
    host.start()
    pasted = commands("Moving from Postfix, Sendmail, smail or Exim")
    assert [host.sh(command, check=False).returncode for command in pasted] == [0, 0, 0, 0]


def test_wrong_words(host):
    for words in ("", "qmail", "postfix --root", "postfix --root etc", "postfix -x"):
        assert host.sh(f"qmail-import {words}", check=False).returncode == 100, words
    host.user("joe")
    assert host.sh("qmail-import postfix", user="joe", check=False).returncode == 100
    assert host.sh("qmail-import postfix", check=False).stdout.startswith("left: /etc/postfix/main.cf: /etc/postfix/main.cf: there is no such file\n")


def test_the_file_that_debian_ships(host):
    host.write("/etc/postfix/main.cf", DEBIAN.read_text() + "myhostname = mail.example.org\nmydestination = $myhostname, localhost\nrelayhost =\n"
               "mynetworks = 127.0.0.0/8\nrecipient_delimiter = +\ninet_interfaces = all\ninet_protocols = all\nmailbox_size_limit = 0\n")
    host.write("/etc/aliases", "postmaster: root\n")
    left = [line for line in host.sh("qmail-import postfix --dry-run").stdout.splitlines() if line.startswith("left: ")]
    assert left[-1] == "left: /etc/aliases: postmaster: a file .qmail-NAME in ~alias goes first: remove it, or write there where that mail is to go"
    # Releases differ in what stands there without a mark of comment.
    assert all(re.match(r"left: /etc/postfix/main\.cf:\d+: (nis:mail\.aliases|smtpd_banner|cyrus_sasl_config_path)\b", line) for line in left[:-1]), left


def test_a_run_that_was_stopped_is_ended_by_the_next(host):
    postfix(host)
    wanted = host.sh("qmail-import postfix --dry-run").stdout
    host.sh("mkdir -p /var/qmail/control/virtualdomains.import.tmp/x")
    done = host.sh("qmail-import postfix", check=False)
    assert done.returncode == 111 and "virtualdomains" in done.stderr
    assert host.sh("ls /var/qmail/import/plan /var/qmail/control/databytes; ! ls /var/qmail/control/virtualdomains").returncode == 0
    host.sh("rm -r /var/qmail/control/virtualdomains.import.tmp /etc/postfix")
    done = host.sh("qmail-import postfix")
    assert "what an earlier run has left undone is done" in done.stderr
    for path, text in re.findall(r"^==> (/?[a-z].*)\n((?:(?!==> |left: ).*\n)*)", wanted, re.M):
        if not path.startswith("removed: "):
            assert host.read(path if path[0] == "/" else f"/var/qmail/{path}").decode() == text, path
    assert host.sh("ls /var/qmail/import").stdout == "before\n"
