"""A host that is not always there, and calls for its mail when it is."""

from tests.host import eventually
from tests.smtp.test_clients import BALANCER, rules, session
from tests.system.test_two_hosts import send


CLIENT = """
import socket, sys
s = socket.create_connection(("10.77.0.1", 25))
s.settimeout(20)
f = s.makefile()
f.readline()
s.sendall(sys.stdin.buffer.read())
print(f.read())
"""


def say(host, *commands):
    lines = "\r\n".join(["EHLO there.example", *commands, "QUIT", ""])
    return host.run(["/usr/bin/python3", "-c", CLIENT], input=lines.encode()).stdout.decode().splitlines()


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
    said = here.sh("qmailctl queue call there.example", check=False)
    assert (said.returncode, said.stderr) == (111, "qmail-qctl: fatal: that mail was called for less than a minute ago\n")


def test_who_comes_through_another_one_does_not_inherit_his_right(host):
    rules(host, f'{BALANCER}:allow,SMTPD_ETRN="a.example",SMTPD_XCLIENT="{BALANCER}"\n192.0.2.7:allow,SMTPD_ETRN="b.example"\n:allow\n')
    host.start("qmail-smtpd")
    said = session(host, "ETRN a.example", "XCLIENT ADDR=192.0.2.8", "ETRN a.example")
    assert [line[:3] for line in said] == ["220", "458", "220", "502"]
    said = session(host, "XCLIENT ADDR=192.0.2.7", "ETRN a.example", "ETRN b.example")
    assert [line[:3] for line in said] == ["220", "220", "459", "458"]


def test_an_administrator_calls(host):
    host.control("holdremote", "dialup.example\n")
    host.start("qmail-send")
    send(host, "root@mail.example.org", "joe@dialup.example")
    assert eventually(lambda: "info msg" in host.log("qmail-send"))
    assert host.sh("qmailctl queue call dialup.example").stdout == "1 messages are on their way\n"
    assert eventually(lambda: "starting delivery" in host.log("qmail-send"))
    done = host.sh("qmailctl queue call 'a b'", check=False)
    assert done.returncode == 100 and "no domain" in done.stderr
    host.sh("svc -d /service/qmail-send")
    assert eventually(lambda: host.sh("qmailctl queue call b.example", check=False).returncode == 111)
