"""control/tlspolicy: mail that must go in TLS waits rather than go without, and mail that must not, does not."""

import pytest

from .remote import Server, remote, through
from .test_agents import RemoteSpawner, ended
from .test_conversation import OK
from .test_starttls import FORGOTTEN, HELLO, IN_PLAIN, IN_TLS, IP, MAIL, accepted
from .tls import Service, certificate, tls_server

WAITS = f"ZConnected to {IP} but "


@pytest.fixture
def service(host):
    through(host, "localhost.:2525")
    host.dns({"localhost": ["A 127.0.0.1"]})
    host.run(["qmail-tcpok"])
    return Service(host)


@pytest.fixture
def shown(host):
    return certificate(host, "mx.example.net")


def policy(host, line):
    host.control("tlspolicy", line + "\n")


def test_none_is_plain_text(host, service, shown):
    policy(host, "example.net:none")
    server = tls_server(host, certificate=shown)
    assert accepted(remote(host)) == ""
    assert server.lines() == IN_PLAIN and not service.questions()
    assert remote(host, "other.example")[-1].endswith(")\n")        # is not meant by that


@pytest.mark.parametrize("server, reason", [
    ({"EHLO": "250 mx.example.net"}, "it offers no TLS, which control/tlspolicy asks for. (#4.7.4)\n"),
    ({"STARTTLS": "454 4.7.0 no"}, "it refused TLS. (#4.7.4)\nRemote host said: 454 4.7.0 no\n"),
    ({"broken": True}, "TLS with it failed. (#4.7.5)\nReason: "), ({"STARTTLS": "CLOSE"}, "TLS with it failed. (#4.7.5)\nReason: "),
])
def test_what_must_be_encrypted_waits_for_a_server_that_can(host, service, shown, server, reason):
    """Each time: what failed for others before is tried again."""
    policy(host, "example.net:encrypt")
    server = tls_server(host, certificate=shown, **server)
    for _ in range(2):
        said, = remote(host)
        assert said.startswith(WAITS + reason), said
    assert not any("MAIL" in line for number in (0, 1) for line in server.lines(number))
    assert host.read(FORGOTTEN) == bytes(2048)


def test_what_must_be_encrypted_is(host, service, shown):
    policy(host, ":encrypt")
    server = tls_server(host, certificate=shown)
    assert accepted(remote(host)).startswith("TLS: TLSv1.3")
    assert server.lines() == IN_TLS


def test_what_must_be_encrypted_waits_for_the_service(host, service):
    policy(host, "example.net:encrypt")
    server = tls_server(host)
    host.sh("pkill -f [t]ls_service")
    service.process.wait()
    assert remote(host) == [WAITS + "cannot speak TLS, which control/tlspolicy asks for. (#4.3.0)\nReason: the TLS service is down\n"]
    host.sh("rm /var/qmail/run/tls/socket")
    assert remote(host) == ["ZMail for this destination must go in TLS, and this host has no service for it. (#4.3.0)\n"]
    assert accepted(remote(host, "other.example")) == ""
    assert server.lines(0) == [HELLO, "QUIT"]


def test_who_must_be_proven_must_have_the_certificate(host, service, shown):
    server = tls_server(host, certificate=shown)
    for names in ("", " localhost", " mx.example.org .example.org"):
        policy(host, "example.net:verify" + names)
        assert remote(host) == [WAITS + "cannot tell that it is the right one. (#4.7.5)\nReason: hostname mismatch\n"]
    policy(host, "example.net:verify other.example mx.example.net")
    assert accepted(remote(host)).endswith(", verified mx.example.net\n")
    assert service.questions()[-1]["names"] == "other.example\0mx.example.net\0"
    assert not any("MAIL" in line for number in range(3) for line in server.lines(number))


def test_an_authority_that_nobody_knows_proves_nothing(host, service, shown):
    host.sh("cp /etc/mail-ca.pem /tmp/old")
    policy(host, "example.net:verify mx.example.net")
    other = certificate(host, "mx.example.net", "/etc/other.pem")
    host.sh("cp /tmp/old /etc/mail-ca.pem")
    tls_server(host, certificate=other)
    assert remote(host)[0].startswith(WAITS + "cannot tell that it is the right one. (#4.7.5)\nReason: ")


@pytest.mark.parametrize("line", ["example.net:encrpyt", "example.net:", "example.net:encrypt mx.example.net",
                                  "example.net:verify" + " a.example" * 1000])
def test_a_line_that_makes_no_sense_makes_mail_wait(host, service, line):
    policy(host, line)
    assert remote(host) == ["ZThe line of control/tlspolicy for this destination makes no sense. (#4.3.0)\n"]


def test_a_connection_that_was_left_is_as_secret_as_the_next_message_needs(host, service, shown):
    """What was proven for one host is not for another; what is encrypted serves who asks for nothing."""
    policy(host, "one.example:verify mx.example.net\ntwo.example:none\nthree.example:verify mx.example.net")
    server, spawner = tls_server(host, certificate=shown), RemoteSpawner(host, relay=None)
    boxes = [b"r@two.example", b"r@one.example", b"r@one.example", b"r@two.example", b"r@one.example", b"r@three.example"]
    for box in boxes:
        (letter, text), = spawner.send(box, destination=b"the same")
        assert letter == "K", text
    heard = ended(spawner, server, 4)
    domains = [[line[len("RCPT TO:<r@"):-1] for line in lines if line.startswith("RCPT")] for lines in heard]
    assert domains == [["two.example"], ["one.example", "one.example", "two.example"], ["one.example"], ["three.example"]]
    assert ["(TLS)" in lines for lines in heard] == [False, True, True, True]


# ---- TLS before the first byte ----

@pytest.mark.parametrize("route", [":localhost:465", ":localhost:2525:tls"])
def test_a_relay_may_speak_nothing_but_tls(host, service, shown, route):
    port = int(route.split(":")[2])
    host.control("smtproutes", route + "\n")
    server = tls_server(host, port=port, certificate=shown, implicit=True)
    assert accepted(remote(host)).startswith("TLS: TLSv1.3")
    assert server.lines() == ["(TLS)", HELLO, *MAIL]
    policy(host, "localhost:verify")
    assert "cannot tell that it is the right one" in remote(host)[0]


def test_such_a_relay_never_gets_plain_text(host, service):
    host.control("smtproutes", ":localhost:2525:tls\n")
    server = Server(host)
    for line in ("example.net:may", "example.net:none"):
        policy(host, line)
        assert remote(host)[0].startswith(WAITS + "TLS with it failed. (#4.7.5)\nReason: ")
    assert not any("EHLO" in line for line in server.lines())
    host.sh("rm /var/qmail/run/tls/socket")
    assert remote(host) == ["ZMail for this destination must go in TLS, and this host has no service for it. (#4.3.0)\n"]


def test_such_a_relay_may_hang(host, service):
    host.control("smtproutes", ":localhost:2525:tls\n")
    host.control("timeoutremote", "2\n")
    tls_server(host, implicit=True, hangs=True)
    assert remote(host)[0].startswith(WAITS + "TLS with it failed. (#4.7.5)\nReason: ")
