"""As whom mail goes out: which name other hosts hear, from which address it comes, and that connections are not shared."""

import pytest

from tests.host import eventually

from .remote import Server, remote, through
from .test_agents import RemoteSpawner, SENT, agents, ended

OTHER = "203.0.113.25"
OTHER6 = "2001:db8::25"
ACCEPTED = ["r", "K127.0.0.1 accepted message.\nRemote host said: 250 ok 1234 qp 5678\n"]
SENSELESS = ["ZThe line of control/domainhelohosts, domainbindings or outgoingip for this sender makes no sense. (#4.3.0)\n"]


def goes_out(server, connection=0):
    """The name and the address that the server was told of."""
    return server.lines(connection)[0], server.connections()[connection]["peer"]


def as_whom(host, identity, **more):
    return remote(host, env={"QMAILIDENTITY": identity}, **more)


# ---- qmail-remote ----

@pytest.mark.parametrize("identity, name, address", [
    ("", "mail.example.org", "127.0.0.1"),
    ("a.example", "a.example", "127.0.0.1"),
    ("a.example\n", "a.example", "127.0.0.1"),
    (f"\n{OTHER}", "mail.example.org", OTHER),
    (f"a.example\n{OTHER6} {OTHER}", "a.example", OTHER),
    (f"a.example\n{OTHER6}", "a.example", "127.0.0.1"),
    (f"a.example\n0.0.0.0,{OTHER}", "a.example", "127.0.0.1"),
    ("a.example\n127.0.0.9", "a.example", "127.0.0.9"),
])
def test_the_name_and_the_address_are_those_that_are_asked_for(host, identity, name, address):
    server = Server(host)
    through(host)
    assert as_whom(host, identity) == ACCEPTED
    assert goes_out(server) == (f"EHLO {name}", address)


@pytest.mark.parametrize("identity, address", [(f"\n{OTHER} {OTHER6}", OTHER6), (f"\n{OTHER}", "::1"), ("\n::", "::1")])
def test_a_server_of_ipv6_sees_that_of_ipv6(host, identity, address):
    server = Server(host, "::1")
    through(host, "[::1]:2525")
    assert as_whom(host, identity)[0] == "r"
    assert goes_out(server)[1] == address


def test_old_servers_hear_it_too(host):
    server = Server(host, EHLO="502 what?")
    through(host)
    assert as_whom(host, "a.example") == ACCEPTED
    assert server.lines()[1] == "HELO a.example"


def test_an_address_that_is_not_here_makes_mail_wait(host):
    Server(host)
    through(host)
    assert as_whom(host, "\n192.0.2.9") == [
        "ZThe address 192.0.2.9 is none of this machine's addresses, as control/domainbindings or outgoingip has it. (#4.3.0)\n"]
    assert as_whom(host, "\n2001:db8::9") == ACCEPTED


@pytest.mark.parametrize("identity", ["a b", "a\tb.example\n", "caf\xe9.example", "x\nmail.example.org", "x\n192.0.2.1/32", "x\n?", "a" * 256])
def test_what_makes_no_sense_makes_mail_wait(host, identity):
    Server(host)
    through(host)
    assert as_whom(host, identity) == SENSELESS


def test_own_addresses_are_own_whoever_sends(host):
    """The address it comes from is no reason to send mail to ourselves."""
    host.dns({"example.net": [f"A {OTHER}"]})
    assert as_whom(host, f"a.example\n{OTHER}")[0].startswith("DSorry. Although I'm listed as a best-preference MX")


# ---- connections that are kept ----

def test_each_identity_has_connections_of_its_own(host):
    server, spawner = Server(host, RSET="250 ok"), RemoteSpawner(host)
    one, other = b"a.example\n127.0.0.8", b"b.example\n127.0.0.9"
    for identity in (one, other, None) * 3:
        assert spawner.send(identity=identity) == SENT
    assert len(agents(host)) == 3
    ended(spawner, server, 3)
    found = {goes_out(server, i) for i in range(3)}
    assert found == {("EHLO a.example", "127.0.0.8"), ("EHLO b.example", "127.0.0.9"), ("EHLO mail.example.org", "127.0.0.1")}
    assert [c["heard"].count("DATA\r\n") for c in server.connections()] == [3, 3, 3]


def test_no_name_of_a_destination_is_taken_for_an_identity(host):
    server, spawner = Server(host, RSET="250 ok"), RemoteSpawner(host)
    for more in ({"identity": b"x"}, {}, {"destination": b"x"}, {"identity": b"x", "destination": b"x"}) * 2:
        assert spawner.send(**more) == SENT
    assert len(agents(host)) == 4
    ended(spawner, server, 4)


# ---- all of it ----

def test_the_senders_domain_decides_and_a_reload_counts(host):
    server = Server(host, RSET="250 ok")
    through(host)
    host.control("domainhelohosts", "a.example:mail.a.example\n<>:bounces.example\n")
    host.control("domainbindings", f".b.example:{OTHER},{OTHER6}\n")
    host.control("agentseconds", "0\n")
    host.start("qmail-send")

    def send(sender, name, address):
        host.sh(f"sendmail -f '{sender}' r@example.net", input="Subject: x\n\n")
        found = (f"EHLO {name}", address)
        assert eventually(lambda: found in {goes_out(server, i) for i in range(len(server.connections()))}, 20), server.connections()

    send("joe@a.example", "mail.a.example", "127.0.0.1")
    send("joe@x.b.example", "mail.example.org", OTHER)
    send("", "bounces.example", "127.0.0.1")
    send("joe@c.example", "mail.example.org", "127.0.0.1")
    host.control("outgoingip", "127.0.0.7\n")
    host.sh("qmailctl queue reload")
    send("joe@c.example", "mail.example.org", "127.0.0.7")
    send("joe@a.example", "mail.a.example", "127.0.0.7")
