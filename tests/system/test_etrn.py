"""A host that is not always there, and calls for its mail when it is."""

from tests.host import eventually
from tests.system.test_two_hosts import send


def say(host, *commands):
    lines = "\\r\\n".join(["EHLO there.example", *commands, "QUIT", ""])
    return host.sh(f"printf '{lines}' | /usr/bin/python3 -c \"import socket, sys; s = socket.create_connection(('10.77.0.1', 25)); "
                   "s.settimeout(20); s.sendall(sys.stdin.buffer.read()); f = s.makefile(); print(f.read())\"").stdout.splitlines()


def test_mail_waits_until_the_host_calls(hosts):
    here, there = hosts("here.example", "there.example")
    there.user("joe")
    here.control("holdremote", "there.example\n")
    here.write("/etc/tcp.smtp", '10.77.0.2:allow,SMTPD_ETRN="there.example"\n:allow\n')
    here.sh("qmailctl cdb")
    for host in (here, there):
        host.start("qmail-send", "qmail-smtpd")
    for i in range(2):
        send(here, "root@here.example", "joe@there.example", f"letter {i}")
    assert eventually(lambda: here.log("qmail-send").count("info msg") == 2)
    here.sh("qmailctl doqueue")
    assert not there.maildir("joe") and "starting delivery" not in here.log("qmail-send")
    said = say(there, "ETRN elsewhere.example", "ETRN there.example", "ETRN there.example")
    assert "250-ETRN" in said
    assert [line[:9] for line in said if line and line[:1] != "2" or line[:3] == "253"] == ["459 4.7.1", "253 2.0.0", "458 4.4.5"]
    assert "253 2.0.0 2 messages are on their way" in said
    assert eventually(lambda: len(there.maildir("joe")) == 2), here.log("qmail-send")
