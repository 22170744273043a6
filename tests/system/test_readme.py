"""Each command of the README works when it is pasted, on a host that has what make run brings and no more."""

import re
import shlex

from tests.host import eventually
from tests.host.machine import TOP
from tests.vdomains.conftest import VIRTUAL, records, state, virtual

assert virtual


def commands(section):
    """The indented lines of a section, in order."""
    text = (TOP / "README.md").read_text().split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


NO_MESSAGE_FITS = 2


def test_the_commands_of_a_day(host):
    host.start()
    pasted = commands("Day to day")
    assert len(pasted) > 20
    for command in pasted:
        if "/mbox2maildir" in command:
            host.sh("printf 'From ann Sun Nov 29 01:00:00 2026\\nSubject: old\\n\\n\\n' > /var/mail/joe; chown joe: /var/mail/joe")
            host.sh("mkdir -p ~/Mail/inbox && printf 'Subject: older\\n\\n' > ~/Mail/inbox/1", user="joe", env={"HOME": "/home/joe"})
        done = host.sh(command, check=False, timeout=60)
        assert done.returncode in (0, NO_MESSAGE_FITS if " queue " in command else 0), f"{command}: {done.stdout}{done.stderr}"
        if "sendmail joe" in command:
            assert eventually(lambda: host.maildir("joe")), host.log("qmail-send")
        if command.startswith("tcpclient"):
            assert "\n1 " in done.stdout and "+OK" in done.stdout
    assert b"10.1.:allow" in host.read("/etc/tcp.smtp")

    # What they were for: the new domains deliver.
    host.sh("rm /var/qmail/control/smtproutes; swaks --silent 3 --server 127.0.0.1 --to joe@example.net,x@shop.example")
    assert eventually(lambda: len(host.maildir("joe")) == 4), host.log("qmail-send")
    assert [message.split(b"\n")[0] for message in host.maildir("joe", "Maildir/.Old")] == [b"Subject: older"]


def test_the_commands_of_users_who_send(host):
    host.user("joe", "secret")
    host.start()
    pasted = commands("Users who send")
    assert len(pasted) == 14
    for command in pasted:
        done = host.sh(command, check=False, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert not command.startswith("tcpclient") or "\n235 2.7.0 welcome" in done.stdout, done


def test_the_commands_of_a_host_without_a_queue(hosts):
    """And when the other one is away, and comes back."""
    hub, client = hosts("mail.example.org", "web.example.org")
    hub.user("joe")
    hub.start()
    client.start()
    client.sh("ln -sf $(command -v s-nail) /usr/local/bin/mail")
    pasted = [command.replace("192.0.2.7", client.address) for command in commands("A host without a queue of its own")]
    assert len(pasted) == 10
    for command in pasted[:4]:
        hub.sh(command)
    said = [client.sh(command) for command in pasted[4:]]
    assert eventually(lambda: len(hub.maildir("joe")) == 3), hub.log("qmail-send")
    assert all(b"\nReceived: (qmail " in b"\n" + mail and b"by mail.example.org with QMQP" in mail for mail in hub.maildir("joe"))
    assert sorted(said[4].stdout.split()) == sorted([hub.address, "fd77::1"])
    assert client.sh("pgrep -x 'qmail-send|qmail-queued|tcpserver'", check=False).stdout == ""
    hub.sh("qmailctl stop qmail-qmqpd")
    done = client.sh(pasted[7], check=False)
    assert done.returncode == 111 and "connection to mail server rejected (#4.4.1)" in done.stderr
    hub.sh("qmailctl start qmail-qmqpd")
    client.sh(pasted[7])
    assert eventually(lambda: len(hub.maildir("joe")) == 4)


def test_the_commands_of_a_domain_with_mailboxes(virtual):
    virtual.start()
    pasted = commands("A domain with mailboxes")
    assert len(pasted) == 10
    said = [virtual.sh(command).stdout for command in pasted[:-3]]
    virtual.sh("for to in joe@example.com sales@example.com joe@www.example.com; do echo hello | /var/qmail/bin/sendmail $to; done")
    place = f"{VIRTUAL}/example.com"
    assert eventually(lambda: len(virtual.sh(f"ls {place}/joe/Maildir/new").stdout.split()) == 3, 30), virtual.log("qmail-send")
    for command in pasted[-3:]:
        virtual.sh(command)
    assert said[0].startswith("Random password: ") and "name:   joe\n" in said[5] and "users:  3\nalias: www.example.com\n" in said[6]
    assert {name: fields[-1] for name, fields in records(virtual, place).items()} == {"joe": "2147483648S", "postmaster": "2147483648S"}
    assert virtual.read(f"{place}/.qmail-sales") == b"&joe@example.com\n"
    assert "example.com:example.com" in state(virtual)["control/virtualdomains"]


def test_the_commands_of_tls_to_other_hosts(host):
    host.dns({"example.net": ["MX 10 mx.example.net"], "mx.example.net": ["A 192.0.2.1"]})
    pasted = [c for c in commands("TLS to other hosts") if not c.startswith("apt-get ")]
    assert len(pasted) == 3
    for command in pasted:
        host.sh(command)
    assert "TLS policy: bank.example:encrypt\nTLS policy: broken.example:may\n" in host.sh("qmail-showctl").stdout


REPORTED = 99


def test_the_commands_of_a_mailing_list(virtual):
    virtual.user("joe")
    virtual.dns({"mail.example.org": ["A 127.0.0.1"]})
    virtual.start()
    virtual.sh("vadddomain example.com secret")
    pasted = commands("A mailing list")
    assert len(pasted) == 10
    for command in pasted:
        done = virtual.sh(command, check=False)
        assert done.returncode == (REPORTED if "ezmlm-check" in command else 0), f"{command}: {done.stdout}{done.stderr}"
        if "-list -n" in command:
            assert done.stdout == "4\n"
        if "qmail-inject" in command:
            assert eventually(lambda: virtual.maildir("joe"), 20), virtual.log("qmail-send")
    assert b"Mailing-List: contact sos-help@mail.example.org; run by ezmlm\n" in virtual.maildir("joe")[0]
    assert virtual.sh("vlist list example.com").stdout == "news@example.com\n"


def test_the_commands_of_lists_of_unwanted_senders(host):
    host.start()
    lists = {"zen.spamhaus.org": "127.0.0.2", "bl.spamcop.net": "127.0.0.2", "psbl.surriel.com": "127.0.0.2", "list.dnswl.org": "127.0.10.0"}
    records = {f"2.0.0.127.{zone}": [f"A {code}"] for zone, code in lists.items()}
    host.dns({**records, "5.113.0.203.zen.spamhaus.org": ["A 127.0.0.4"]})
    pasted = commands("Lists of unwanted senders")
    assert len(pasted) == 9
    for command in pasted[:5]:
        done = host.sh(command, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    host.sh("ip address add 203.0.113.5/32 dev lo")
    talk = "swaks -q RCPT --local-interface 203.0.113.5 --server 203.0.113.5 --to root@mail.example.org"
    assert "554 5.7.1 see https://www.spamhaus.org/query/ip/203.0.113.5 (#5.7.1)" in host.sh(talk, check=False).stdout
    host.sh("; ".join(pasted[5:8]))
    assert "554" not in host.sh(talk, check=False).stdout
    assert eventually(lambda: "listed from 203.0.113.5: passed" in host.sh(pasted[8], check=False).stdout)


def test_the_commands_of_certificates(host):
    host.start()
    host.sh("cd /root && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=new.example "
            "-keyout privkey.pem -out fullchain.pem 2>/dev/null")
    pasted = [c for c in commands("Certificates") if not c.startswith(("apt-get ", "certbot "))]
    assert len(pasted) == 4
    assert [host.sh(command).returncode for command in pasted[:2]] == [0, 0]
    host.sh(pasted[2])
    host.sh("svc -h /service/qmail-tls")
    assert eventually(lambda: "new.example" in (lambda d: d.stdout + d.stderr)(host.sh(pasted[3], check=False)), 20)


def test_the_commands_of_looking_after_it(host):
    host.user("joe")
    host.user("ann")
    host.start()
    host.write("/etc/aliases", "office: ann\n")
    host.sh("echo hello | sendmail root")
    assert eventually(lambda: host.sh("ls /var/qmail/alias/Maildir/new").stdout)
    pasted = [c for c in commands("Looking after it") if not c.startswith(("git ", "make "))]
    assert len(pasted) == 10
    for command in pasted:
        done = host.sh(command, check=False, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    host.sh("for to in postmaster sales joe@mail.example.org joe@mx.example.org office; do echo hello | sendmail $to; done")
    assert eventually(lambda: len(host.maildir("joe")) == 4 and host.maildir("ann"), 30), host.log("qmail-send")
    assert host.sh("qmailctl check", check=False).returncode == 0


def program_words(command):
    """The words of a line of shell that are programs."""
    for part in re.split(r"&&|\||;", re.sub(r"'[^']*'", "x", command)):
        words = [w for w in shlex.split(part, comments=True) if "=" not in w]
        if words:
            yield words[0]


def packages_of(host, program):
    place = host.sh(f"readlink -e $(command -v {program})").stdout.strip()
    names = {place, place.removeprefix("/usr"), "/usr" + place}
    said = host.sh("dpkg -S " + " ".join(names) + " 2>/dev/null", check=False).stdout
    return {line.split(":")[0] for line in said.splitlines()}


def test_no_command_needs_what_make_run_does_not_bring(host):
    brought = set(re.search(r"^RUN_PACKAGES = (.*)$", (TOP / "Makefile").read_text(), re.M)[1].split()) | {"git", "make"}
    essential = set(host.sh("dpkg-query -W -f '${Package} ${Essential} ${Priority}\\n' | awk '/ yes | required/ { print $1 }'").stdout.split())
    programs = {word for section in ("Day to day", "A domain with mailboxes", "Looking after it") for c in commands(section) for word in program_words(c)}
    programs = {word for word in programs if not word.startswith(("qmail", "/var/qmail/"))}
    assert len(programs) > 8
    for program in sorted(programs - {"echo", "printf", "cd"}):
        assert packages_of(host, program) & (brought | essential), program
