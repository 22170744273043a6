"""A login at a relay: how it is proven who we are, to whom, and that a wrong password returns no mail."""

import base64

import pytest

from .remote import records, remote, remote_and_contact, through
from .test_agents import RemoteSpawner, ended
from .test_conversation import OK
from .test_starttls import HELLO, MAIL, accepted
from .tls import Service, certificate, tls_server
from .remote import Server

HERE = "127.0.0.1"
FILE = "/var/qmail/control/smtpauth"


def coded(text):
    return base64.b64encode(text.encode("latin-1")).decode()


def login(host, line):
    host.write(FILE, line + "\n")
    host.sh(f"chown qmailr {FILE}; chmod 400 {FILE}")


def offering(mechanisms, **more):
    return {"EHLO": "250-mx.example.net\r\n250-AUTH=OLD\r\n250 AUTH " + mechanisms, **more}


@pytest.fixture
def here(host):
    through(host)
    login(host, "other.example:ann:password:hers\n127.0.0.1:joe:password:se:cret")
    return host


@pytest.mark.parametrize("mechanisms, answers, heard", [
    ("LOGIN PLAIN", ["235 ok"], ["AUTH PLAIN " + coded("\0joe\0se:cret")]),
    ("LOGIN", ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235 ok"], ["AUTH LOGIN", coded("joe"), coded("se:cret")]),
    ("plain GSSAPI", ["235 ok"], ["AUTH PLAIN " + coded("\0joe\0se:cret")]),
])
def test_a_password_is_said_within_this_host(here, mechanisms, answers, heard):
    server = Server(here, **offering(mechanisms, AUTH=answers))
    assert accepted(remote(here)) == ""
    assert server.lines() == [HELLO, *heard, *MAIL]


def test_it_is_not_said_where_both_can_do_without(here):
    server = Server(here, **offering("PLAIN SCRAM-SHA-256", AUTH=["SCRAM", "se:cret"]))
    assert accepted(remote(here)) == ""
    assert "secret" not in server.heard().decode() and server.lines()[1].startswith("AUTH SCRAM-SHA-256 ")


def test_a_connection_that_is_kept_logs_in_once(here):
    server, spawner = Server(here, **offering("PLAIN", AUTH=["235 ok"], RSET="250 ok")), RemoteSpawner(here)
    assert [spawner.send()[0] for _ in range(3)] == ["K"] * 3
    heard, = ended(spawner, server, 1)
    assert sum(line.startswith("AUTH") for line in heard) == 1


@pytest.mark.parametrize("domains, letters, logins", [("two one two", "KKK", [True]), ("one two one", "KZK", [False])])
def test_a_password_is_for_its_relay_alone(hosts, domains, letters, logins):
    """Where one process has mail for both, and they are the same server: none goes without that should not."""
    here, there = hosts("a.example", "b.example")
    here.dns({"mx.p.example": ["A 10.77.0.2"], "one.example": ["MX 5 mx.p.example"], "two.example": ["MX 5 mx.p.example"]})
    here.control("smtproutes", "two.example:mx.p.example\n")
    here.control("tlspolicy", "mx.p.example:none\n")
    login(here, "mx.p.example:joe:password:secret")
    server = Server(there, "10.77.0.2", 25, **offering("SCRAM-SHA-256", AUTH=["SCRAM", "secret"], RSET="250 ok"))
    spawner = RemoteSpawner(here, relay=None)
    boxes = [b"r@%s.example" % name.encode() for name in domains.split()]
    assert "".join(spawner.send(box, destination=b"the same")[0][0] for box in boxes) == letters
    heard = ended(spawner, server, len(logins))
    assert [any(line.startswith("AUTH") for line in lines) for lines in heard] == logins


def test_a_token_lies_in_no_directory_that_holds_all(here):
    login(here, "127.0.0.1:joe:token:/token")
    here.write("/token", "T\n", mode=0o644)
    Server(here, **offering("XOAUTH2", AUTH=["235 ok"]))
    assert "cannot read the token" in remote(here)[0]


# ---- when it goes wrong: mail waits ----

SAID = f"ZConnected to {HERE} but "
REFUSED = SAID + "it refused the login of control/smtpauth. (#4.7.8)\nRemote host said: "


@pytest.mark.parametrize("mechanisms, answers, said", [
    ("PLAIN", ["535 5.7.8 wrong"], REFUSED + "535 5.7.8 wrong\n"), ("PLAIN", ["454 later"], REFUSED + "454 later\n"),
    ("LOGIN", ["334 ", "535 no"], REFUSED + "535 no\n"), ("SCRAM-SHA-256", ["SCRAM", "other"], REFUSED + "535 5.7.8 wrong\n"),
    ("SCRAM-SHA-256", ["235 ok"], SAID + "it does not seem to know the password. (#4.7.0)\n"),
    ("SCRAM-SHA-256", ["334 " + coded("r=evil,s=c2FsdA==,i=1"), "501 ok"], SAID + "it does not seem to know the password. (#4.7.0)\n"),
    ("PLAIN", ["334 ?", "501 ok"], SAID + "it does not seem to know the password. (#4.7.0)\n"),
    ("CRAM-MD5", [], SAID + "it offers no login that will do here. (#4.7.4)\n"),
    ("XOAUTH2", [], SAID + "it offers no login that will do here. (#4.7.4)\n"),
    ("PLAIN", ["250 what"], SAID + "its reply makes no sense. (#4.5.0)\nRemote host said: 250 what\n"),
])
def test_a_login_that_fails_returns_no_mail(here, mechanisms, answers, said):
    server = Server(here, **offering(mechanisms, AUTH=answers))
    assert remote_and_contact(here)[0] == [said]
    assert not any(line.startswith("MAIL") for line in server.lines())


def test_a_file_that_cannot_be_read_makes_mail_wait(here):
    server = Server(here, **offering("PLAIN"))
    unreadable = ["ZUnable to read the line of control/smtpauth for this relay. (#4.3.0)\n"]
    here.sh(f"chown root {FILE}")
    assert remote(here) == unreadable
    login(here, "127.0.0.1:joe:secret")
    assert remote(here) == unreadable
    assert server.connections() == []


def test_other_relays_get_no_login(here):
    login(here, "other.example:ann:password:hers")
    server = Server(here, **offering("PLAIN"))
    assert accepted(remote(here)) == ""
    assert server.lines() == [HELLO, *MAIL]


# ---- tokens ----

@pytest.mark.parametrize("mechanism, first", [
    ("XOAUTH2", "user=joe\1auth=Bearer T{}\1\1"), ("OAUTHBEARER", "n,a=joe,\1host=\1port=2525\1auth=Bearer T{}\1\1"),
])
def test_a_token_is_read_at_each_login(here, mechanism, first):
    login(here, "127.0.0.1:joe:token:/etc/tokens/joe")
    here.sh("mkdir /etc/tokens")
    server = Server(here, **offering(mechanism, AUTH=["235 ok"]))
    for number in (1, 2):
        here.sh(f"echo T{number} > /etc/tokens/new; mv /etc/tokens/new /etc/tokens/joe")
        assert accepted(remote(here)) == ""
        assert server.lines(number - 1)[1] == f"AUTH {mechanism} " + coded(first.format(number))
    here.sh("rm /etc/tokens/joe")
    assert remote(here) == [SAID + "cannot read the token that control/smtpauth names. (#4.3.0)\n"]


@pytest.mark.parametrize("mechanism, empty", [("XOAUTH2", ""), ("OAUTHBEARER", "AQ==")])
def test_a_token_that_is_refused_is_refused_in_two_steps(here, mechanism, empty):
    login(here, "127.0.0.1:joe:token:/etc/token")
    here.write("/etc/token", "T" * 2000 + "\n", mode=0o644)
    server = Server(here, **offering(mechanism, AUTH=["334 ", "334 " + coded('{"status":"401"}'), "535 5.7.8 expired"]))
    assert remote(here) == [REFUSED + "535 5.7.8 expired\n"]
    assert server.lines()[1] == "AUTH " + mechanism and len(server.lines()[2]) > 2000 and server.lines()[3] == empty


# ---- to whom ----

@pytest.fixture
def world(hosts):
    here, there = hosts("a.example", "b.example")
    here.dns({"relay.example": ["A 10.77.0.2"]})
    through(here, "relay.example:587")
    login(here, "relay.example:joe:password:secret")
    return here, there, {"address": "10.77.0.2", "port": 587}


def test_a_password_goes_only_to_who_has_the_certificate(world):
    here, there, place = world
    Service(here)
    certificate(here, "other.example")
    mine = certificate(there, "relay.example")
    server = tls_server(there, certificate=mine, AUTH=["235 ok"], **{"EHLO within": "250-mx\r\n250 AUTH PLAIN"}, **place)
    for says_nothing_of_the_relay in ("", ":encrypt\n", "example.net:encrypt\n", "example.net:none\n:may\n"):
        here.control("tlspolicy", says_nothing_of_the_relay)
        assert "cannot tell that it is the right one" in remote(here)[0]
    here.write("/etc/mail-ca.pem", there.read("/etc/mail-ca.pem").decode())
    assert remote(here)[-1].endswith(", verified relay.example\n")
    here.control("tlspolicy", "relay.example:encrypt\n")
    assert remote(here)[-1].endswith(" not verified (self-signed certificate)\n")
    assert [any(line.startswith("AUTH PLAIN") for line in server.lines(n)) for n in range(6)] == [False] * 4 + [True] * 2


def test_a_password_is_not_said_in_plain_text(world):
    here, there, place = world
    assert remote(here) == ["ZMail for this destination must go in TLS, and this host has no service for it. (#4.3.0)\n"]
    here.control("tlspolicy", "relay.example:none\n")
    server = Server(there, **place, **offering("PLAIN LOGIN"))
    assert remote(here) == ["ZConnected to 10.77.0.2 but it offers no login that will do here. (#4.7.4)\n"]
    assert server.lines() == ["EHLO a.example", "QUIT"]


def test_what_does_not_tell_the_password_may_be_said(world):
    here, there, place = world
    here.control("tlspolicy", "relay.example:none\n")
    Server(there, **place, **offering("PLAIN SCRAM-SHA-256", AUTH=["SCRAM", "secret"]))
    assert remote(here)[-1].startswith("K")
