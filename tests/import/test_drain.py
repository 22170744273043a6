"""What waits in the queue of another mail system becomes ours: from Debian's Postfix and Exim, and from files as sendmail has them."""

import re

import pytest

from tests.bench.systems import POSTFIX, TOOLS
from tests.host.machine import eventually

EXIM = TOOLS / "usr/sbin/exim4"
SETTINGS = {"myhostname": "mail.example.org", "mydestination": "mail.example.org", "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4",
            "alias_maps": "", "relayhost": "[127.0.0.1]:9", "maillog_file": "/var/log/mail.log", "virtual_alias_maps": ""}
OF_EXIM = """
primary_hostname = mail.example.org
queue_only
disable_ipv6
keep_environment =
acl_smtp_rcpt = accept
begin acl
begin routers
there:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = smtp
begin transports
smtp:
  driver = smtp
  port = 9
begin retry
* * F,1h,1h
"""
BODY = "Subject: {0}\n\n.\nline of {0}\n" + "x" * 3000 + "\nFrom here\n"


def with_both(host, prepare):
    """Ours stays where the bench's Postfix takes all away."""
    host.sh("mv /var/qmail /var/qmail.kept")
    prepare()
    host.sh("rm -rf /var/qmail; mv /var/qmail.kept /var/qmail")
    host.control("me", "mail.example.org\n")
    host.user("joe")
    host.user("ann")


def write(host, command, names):
    for name in names:
        host.sh(command, input=f"From: joe@mail.example.org\nTo: {name}\n" + BODY.format(name))


def arrived(host, user, count):
    assert eventually(lambda: len(host.maildir(user)) == count, 30), host.log("qmail-send") + str(host.maildir(user))
    return {re.search(rb"^Subject: (.*)$", m, re.M)[1].decode(): m for m in host.maildir(user)}


@pytest.mark.skipif(not TOOLS.joinpath("usr/sbin/postcat").exists(), reason="Postfix is not in build/tools")
def test_postfix(host):
    def prepare():
        settings = " ".join(f"'{name} = {value}'" for name, value in SETTINGS.items())
        host.sh(POSTFIX.format(tools=TOOLS, settings=settings))
        host.sh("/usr/lib/postfix/configure-instance.sh; postconf -e 'defer_transports = local smtp'; postfix start >/dev/null 2>&1")
    with_both(host, prepare)
    post = "/usr/sbin/sendmail -i -f '\"s p\"@mail.example.org' joe@mail.example.org ann@mail.example.org"
    write(host, post, ["one", "two"])
    assert eventually(lambda: host.sh("postqueue -p | tail -1").stdout.strip().endswith("2 Requests."), 20), host.sh("postqueue -p; cat /var/log/mail.log").stdout
    host.sh("postsuper -h ALL deferred")
    host.sh("postfix stop >/dev/null 2>&1")
    write(host, post, ["dropped"])

    # Without ours nothing leaves.
    host.sh("chmod 0 /var/qmail/bin/qmail-queue")
    done = host.sh("qmail-import postfix --drain", check=False)
    assert done.returncode == 111 and "3 messages are left" in done.stderr, done
    assert host.sh("postqueue -p | tail -1").stdout.strip().endswith("3 Requests.")
    assert host.sh("postfix status", check=False).returncode
    host.sh("chmod 4711 /var/qmail/bin/qmail-queue")
    host.start("qmail-send")
    done = host.sh("qmail-import postfix --drain")
    assert "took over 3 messages" in done.stderr, done
    assert host.sh("postqueue -p").stdout.strip() == "Mail queue is empty"
    for user in ("joe", "ann"):
        found = arrived(host, user, 3)
        assert set(found) == {"one", "two", "dropped"}
        for name, message in found.items():
            assert message.startswith(b"Return-Path: <\"s p\"@mail.example.org>\n"), message
            assert message.endswith(("\n\n" + BODY.format(name).split("\n\n", 1)[1]).encode()), message
    assert "took over 0 messages" in host.sh("qmail-import postfix --drain").stderr
    assert host.sh("qmail-import postfix --back && postfix status").returncode == 0


@pytest.mark.skipif(not EXIM.exists(), reason="Exim is not in build/tools")
def test_exim(host):
    host.sh(f"install -m 4755 {EXIM} /usr/sbin/exim4; useradd -r -U -M -d /var/spool/exim4 Debian-exim; mkdir -p /etc/exim4 /var/log/exim4 /var/spool/exim4 /run/exim4; "
            "chown Debian-exim: /var/log/exim4 /var/spool/exim4 /run/exim4")
    host.write("/etc/exim4/exim4.conf", OF_EXIM)
    host.user("joe")
    host.user("ann")
    host.sh("exim4 -bd -oX 2525 -oP /run/exim4/exim.pid")
    assert eventually(lambda: host.sh("test -s /run/exim4/exim.pid && kill -0 $(cat /run/exim4/exim.pid)", check=False).returncode == 0)
    write(host, "exim4 -i -f s@mail.example.org joe@mail.example.org ann@mail.example.org", ["one", "two"])
    host.sh("swaks --server 127.0.0.1:2525 --from s@mail.example.org --to ann@mail.example.org --h-Subject three --body 'a\n..b'")
    assert host.sh("exim4 -bpc").stdout == "3\n"
    host.sh("cd /var/spool/exim4/input; id=$(grep -l 'Subject: one' *-H); exim4 -Mmd ${id%-H} joe@mail.example.org")
    host.start("qmail-send")
    done = host.sh("qmail-import exim --drain", check=False)
    assert "took over 3 messages" in done.stderr and done.returncode == 0, done
    assert host.sh("exim4 -bpc").stdout == "0\n" and host.sh("ls /var/spool/exim4/input").stdout == ""
    assert host.sh("pgrep -x exim4", check=False).returncode
    assert set(arrived(host, "ann", 3)) == {"one", "two", "three"} and len(arrived(host, "joe", 1)) == 1
    for name, message in arrived(host, "joe", 1).items():
        assert message.startswith(b"Return-Path: <s@mail.example.org>\n") and b"\nReceived: from root by mail.example.org" in message, message
        assert message.endswith(("\n\n" + BODY.format(name).split("\n\n", 1)[1]).encode()), message


def test_a_process_that_is_not_the_service_s_is_let_live(host):
    """Of a file that is older than the host's last start, or was written by who has taken over Exim's account."""
    host.sh("mkdir -p /run/exim4 /var/spool/exim4/input; sleep 600 < /dev/null > /dev/null 2>&1 & echo $! > /run/exim4/exim.pid")
    assert "took over 0 messages" in host.sh("qmail-import exim --drain").stderr
    assert host.sh("cat /proc/$(cat /run/exim4/exim.pid)/comm").stdout == "sleep\n"


QF = """V8
T1795925245
K0
N0
P30000
Fs
$_root@localhost
S<s@mail.example.org>
RPFD:<joe@mail.example.org>
RPFD:<ann@mail.example.org>
H?P?Return-Path: <\u0081g>
H??Received: (from s@localhost)
\tby mail.example.org; Sun, 29 Nov 2026 04:00:00 GMT
H?D?Date: Sun, 29 Nov 2026 04:00:00 GMT
HSubject: one
.
"""


def test_sendmail(host):
    host.user("joe")
    host.user("ann")
    host.sh("mkdir -p -m 700 /var/spool/mqueue /var/spool/mqueue-client")
    host.write("/var/spool/mqueue/qf0001", QF.encode("latin-1"), mode=0o600)
    host.write("/var/spool/mqueue/df0001", "hello\n.\n", mode=0o600)
    host.write("/var/spool/mqueue-client/qf0002", QF.encode("latin-1").replace(b"one", b"two"), mode=0o600)
    host.write("/var/spool/mqueue-client/df0002", "there", mode=0o600)
    host.write("/var/spool/mqueue/qf0003", QF.encode("latin-1")[:-3], mode=0o600)
    host.write("/var/spool/mqueue/df0003", "cut\n", mode=0o600)
    host.start("qmail-send")
    done = host.sh("qmail-import sendmail --drain", check=False)
    assert done.returncode == 111 and "took over 2 messages" in done.stderr and "qf0003: left where it is: it is not whole" in done.stderr, done
    assert host.sh("cd /var/spool; ls mqueue mqueue-client").stdout == "mqueue:\ndf0003\nqf0003\n\nmqueue-client:\n"
    found = arrived(host, "joe", 2)
    assert found["one"].endswith(b"\nSubject: one\n\nhello\n.\n") and b"\tby mail.example.org; Sun" in found["one"] and found["one"].count(b"Return-Path:") == 1
    assert set(arrived(host, "ann", 2)) == {"one", "two"}


def test_who_may_and_what_there_is(host):
    host.user("joe")
    assert host.sh("qmail-import postfix --drain", user="joe", check=False).returncode == 100
    refused = host.sh("qmail-import smail --drain", check=False)
    assert refused.returncode == 100 and "the queue of smail is not taken over: it sends what it can by its own runq\n" in refused.stderr
    assert host.sh("qmail-import postfix --drain --dry-run", check=False).returncode == 100
