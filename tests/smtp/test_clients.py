"""Who is the client, when a load balancer or a filter stands in between: whose rules hold, and what the log says."""

import socket

from tests.host import eventually

BALANCER = "127.0.0.1"


def rules(host, text):
    host.write("/etc/tcp.smtp", text)
    host.sh("qmailctl cdb")


def session(host, *said, first=b""):
    """What the server answers to each, behind the greeting, on a connection from 127.0.0.1."""
    script = (
        "import socket,sys\n"
        "c = socket.create_connection(('127.0.0.1', 25)); c.settimeout(20); f = c.makefile('rb')\n"
        "def hear():\n"
        "    said = b''\n"
        "    while True:\n"
        "        line = f.readline(); said += line\n"
        "        if not line or line[3:4] != b'-': return said\n"
        f"c.sendall({first!r}); sys.stdout.write(hear().decode() + '\\0')\n"
        f"for s in {list(said)!r}:\n"
        "    c.sendall(s.encode() + b'\\r\\n'); sys.stdout.write(hear().decode() + '\\0')\n")
    return host.sh(f"/usr/bin/python3 - <<'END'\n{script}END").stdout.split("\0")[:-1]


ABROAD = "RCPT TO:<x@far.example>"
MAIL = "MAIL FROM:<a@b.example>"


def test_a_client_behind_a_balancer_has_the_rules_of_his_own_address(host):
    rules(host, f'{BALANCER}:allow,RELAYCLIENT="",SMTPD_PROXY="{BALANCER}"\n'
                '192.0.2.7:allow,RELAYCLIENT=""\n198.51.100.:deny\n:allow,MAXRECIPIENTS="1"\n')
    host.start("qmail-smtpd")

    def by_proxy(ip, *said):
        return session(host, *said, first=f"PROXY TCP4 {ip} 203.0.113.25 1025 25\r\n".encode())
    assert by_proxy("192.0.2.7", MAIL, ABROAD)[2].startswith("250 ")
    assert by_proxy("192.0.2.8", MAIL, ABROAD)[2].startswith("553 5.7.1"), "the balancer's RELAYCLIENT is not the client's"
    assert by_proxy("198.51.100.9")[0].startswith("554 5.7.1")
    refused = f"refused from 192.0.2.8 at RCPT sender <a@b.example> recipient <x@far.example> via {BALANCER}: 553"
    assert eventually(lambda: refused in host.log("qmail-smtpd"))
    assert eventually(lambda: f"session from 192.0.2.7 (unknown) via {BALANCER}: " in host.log("qmail-smtpd"))
    bytes_of = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + socket.inet_aton("192.0.2.7") + socket.inet_aton("203.0.113.25") + b"\4\1\0\31"
    assert session(host, MAIL, ABROAD, first=bytes_of)[2].startswith("250 ")
    own = session(host, MAIL, ABROAD, first=b"PROXY UNKNOWN\r\n")
    assert own[2].startswith("250 "), "the balancer itself is who it is"


def test_who_is_not_named_may_not_speak_for_others(host):
    rules(host, ':allow,SMTPD_PROXY="192.0.2.1",SMTPD_XCLIENT="192.0.2.1"\n')
    host.start("qmail-smtpd")
    said = session(host, "EHLO x", "XCLIENT ADDR=192.0.2.7")
    assert said[0].startswith("220 ") and "XCLIENT" not in said[1] and said[2].startswith("550 5.7.1")
    said = session(host, MAIL, first=b"PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n")
    assert said[0].startswith("554 5.5.0") or said[1].startswith("502 "), "it came before the greeting, or behind it"
    assert eventually(lambda: host.log("qmail-smtpd").count(" session from 127.0.0.1 ") == 2) and " via " not in host.log("qmail-smtpd")


def test_a_table_that_is_elsewhere_makes_no_open_relay(host):
    rules(host, f'{BALANCER}:allow,RELAYCLIENT="",SMTPD_PROXY="{BALANCER}",SMTPD_RULES="/etc/nowhere.cdb"\n:allow\n')
    host.start("qmail-smtpd")
    said = session(host, MAIL, ABROAD, first=b"PROXY TCP4 192.0.2.8 203.0.113.25 1025 25\r\n")
    assert said[2].startswith("553 5.7.1"), said


def test_without_its_header_a_balancer_hears_nothing_but_why(host):
    rules(host, f':allow,SMTPD_PROXY="{BALANCER}"\n')
    host.start("qmail-smtpd")
    assert session(host, first=b"EHLO x\r\n")[0].startswith("421 4.3.0 no PROXY header")
    assert session(host, first=b"PROXY UNKNOWN\r\nEHLO x\r\n")[0].startswith("554 5.5.0")


def test_a_filter_tells_whose_mail_it_is(host):
    rules(host, f'{BALANCER}:allow,RELAYCLIENT="",SMTPD_XCLIENT="{BALANCER}"\n'
                '192.0.2.7:allow,DATABYTES="1000"\n198.51.100.:deny\n:allow\n')
    host.user("joe")
    host.start()
    said = session(host, "EHLO filter", "XCLIENT NAME=mx.far.example PORT=1025", "XCLIENT ADDR=192.0.2.7 HELO=far PROTO=ESMTP",
                   "XCLIENT ADDR=192.0.2.9", MAIL, ABROAD, "RCPT TO:<joe@mail.example.org>", "DATA", "Subject: x\r\n\r\nx\r\n.",
                   "EHLO again", MAIL, "XCLIENT ADDR=192.0.2.9", "QUIT")
    assert "250-XCLIENT NAME ADDR PORT PROTO HELO DESTADDR DESTPORT\n" in said[1]
    assert [s[:3] for s in said] == ["220", "250", "220", "220", "550", "250", "553", "250", "354", "250", "250", "250", "503", "221"]
    assert "250-SIZE 1000\n" in said[10] and "XCLIENT" not in said[10]
    message = eventually(lambda: host.maildir("joe"))[0].decode()
    assert "from mx.far.example (HELO far) (192.0.2.7)\n" in message and "with ESMTP" in message
    assert eventually(lambda: f"session from 192.0.2.7 (mx.far.example) helo again via {BALANCER}: 1 accepted" in host.log("qmail-smtpd"))
    assert session(host, "XCLIENT ADDR=198.51.100.9")[1].startswith("554 5.7.1")
    assert session(host, "XCLIENT ADDR=1.2.3", "XCLIENT LOGIN=joe ADDR=192.0.2.7")[1:] == [
        "501 5.5.4 bad value of a parameter (#5.5.4)\n"] * 2
