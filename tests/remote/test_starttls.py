"""TLS where a server offers it: what is said, what is believed, and what is done when it goes wrong."""

import re
import time

import pytest

from tests.host import eventually
from .remote import Server, records, remote, remote_and_contact, through
from .test_agents import RemoteSpawner, ended
from .test_conversation import OK
from .tls import OFFER, Service, certificate, tls_server

IP = "127.0.0.1"
HELLO = "EHLO mail.example.org"
MAIL = ["MAIL FROM:<s@example.org>", "RCPT TO:<r@example.net>", "DATA", "Subject: hello", "", "body", ".", "QUIT"]
IN_TLS = [HELLO, "STARTTLS", "(TLS)", HELLO, *MAIL]
IN_PLAIN = [HELLO, *MAIL]
FAILED = "TLS: none (it failed with this server lately)\n"
FORGOTTEN = "/var/qmail/queue/lock/tlsfailed"


@pytest.fixture
def service(host):
    through(host)
    host.run(["qmail-tcpok"])       # the tables are there, and empty
    return Service(host)


@pytest.fixture
def shown(host):
    return certificate(host, "mx.example.net")


def accepted(said):
    """The line about TLS in the report of a message that was accepted."""
    assert said[0] == "r" and said[1].startswith(OK), said
    return said[1][len(OK):]


def test_it_is_used_where_it_is_offered(host, service, shown):
    """The old extensions are forgotten; the new ones count."""
    server = tls_server(host, certificate=shown)
    said = accepted(remote(host))
    assert re.fullmatch(r"TLS: TLSv1\.3 TLS_\w+, not verified \(self-signed certificate\)\n", said), said
    assert server.lines() == IN_TLS
    question, = service.questions()
    assert (question["side"], question["proof"], question["service"], question["name"]) == ("client", "anybody", "smtp", "")
    assert int(question["ms"]) <= 300000


def test_the_server_is_called_by_the_name_that_dns_has(hosts):
    here, there = hosts("a.example", "b.example")
    here.dns({"mx.p.example": ["A 10.77.0.2"], "one.example": ["MX 10 mx.p.example"]})
    service = Service(here)
    tls_server(there, address="10.77.0.2", port=25, certificate=certificate(there, "mx.p.example"))
    assert remote(here, "one.example")[-1].startswith("K")
    question, = service.questions()
    assert (question["name"], question["names"]) == ("mx.p.example", "mx.p.example\0")


def test_nothing_is_said_of_a_server_that_offers_none(host, service):
    server = Server(host)
    assert accepted(remote(host)) == ""
    assert server.lines() == [HELLO, *MAIL] and service.questions() == []


def test_without_a_service_all_is_as_ever(host):
    through(host)
    host.write("/tmp/calls", "", mode=0o666)
    server = tls_server(host)
    done = host.run(["strace", "-f", "-qq", "-o", "/tmp/calls", "qmail-remote", "example.net", "s@example.org", "r@example.net"],
                    user="qmailr", input=b"Subject: hello\n\nbody\n")
    assert accepted(records(done.stdout)[0]) == ""
    assert server.lines() == IN_PLAIN
    calls = host.read("/tmp/calls").decode()
    named = [line for line in calls.splitlines() if "tls" in line]
    assert len(named) == 2 and "control/tlspolicy" in named[0] and re.search(r'access(at)?\(.*"run/tls/socket"', named[1]), named


def test_one_connection_serves_several_messages(host, service, shown):
    server, spawner = tls_server(host, certificate=shown), RemoteSpawner(host)
    said = [spawner.send() for _ in range(3)]
    assert all(letter == "K" and b"\nTLS: TLSv1.3 " in text for letter, text in said), said
    heard, = ended(spawner, server, 1)
    assert heard == [HELLO, "STARTTLS", "(TLS)", HELLO] + 3 * (MAIL[:-1] + ["RSET"]) + ["QUIT"]
    assert len(service.questions()) == 1


# ---- what is put in between ----

@pytest.mark.parametrize("more", ["250 mx.example.net\r\n", "2", "220 go ahead\r\n"])
def test_what_comes_in_plain_text_behind_the_yes_is_an_attack(host, service, shown, more):
    server = tls_server(host, certificate=shown, STARTTLS="220 go ahead\r\n" + more + ("" if more.endswith("\n") else "\n"))
    assert remote(host) == [f"ZConnected to {IP} but somebody adds to what it says, before TLS. (#4.7.0)\n"]
    assert not any("MAIL" in line or "(TLS)" in line for line in server.lines())


def test_nothing_that_was_offered_before_counts_within(host, service, shown):
    server = tls_server(host, **{"certificate": shown, "EHLO within": "250 mx.example.net"})
    host.write("/tmp/message", "Subject: hello\n\nbody\n", mode=0o644)
    done = host.run(["sh", "-c", "qmail-remote example.net s@example.org r@example.net < /tmp/message"], user="qmailr")
    assert accepted(records(done.stdout)[0])
    assert server.lines() == IN_TLS


# ---- when it goes wrong ----

@pytest.mark.parametrize("wrong", [{"broken": True}, {"STARTTLS": "CLOSE"}, {"STARTTLS": "220 go CLOSE"}, {"EHLO within": "CLOSE"}])
def test_a_server_that_cannot_do_what_it_offers_gets_its_mail_in_plain(host, service, shown, wrong):
    """On a new connection; the next message does not try it again."""
    server = tls_server(host, certificate=shown, **wrong)
    assert remote_and_contact(host) == (["r", OK + FAILED], "a")
    asked = len(service.questions())
    assert accepted(remote(host)) == FAILED
    assert eventually(lambda: len(server.connections()) == 3), server.connections()
    heard = [c["heard"].split("\r\n")[:-1] for c in sorted(server.connections(), key=lambda c: c["number"])]
    assert "STARTTLS" in heard[0] and heard[1] == heard[2] == IN_PLAIN
    assert len(service.questions()) == asked == 1


def test_it_is_forgotten_after_an_hour_and_by_command(host, service, shown):
    server = tls_server(host, certificate=shown)
    host.write("/tmp/record", bytes(10) + b"\xff\xff\x7f\0\0\1\1" + bytes(7) + int(time.time() - 3000).to_bytes(8, "little"))
    host.sh(f"cat /tmp/record > {FORGOTTEN}")
    assert accepted(remote(host)) == FAILED
    host.run(["qmail-tcpok"])
    assert accepted(remote(host)).startswith("TLS: TLSv1.3")
    host.write("/tmp/record", bytes(10) + b"\xff\xff\x7f\0\0\1\1" + bytes(7) + int(time.time() - 3601).to_bytes(8, "little"))
    host.sh(f"cat /tmp/record > {FORGOTTEN}")
    assert accepted(remote(host)).startswith("TLS: TLSv1.3")
    assert len(server.connections()) >= 2


def test_without_the_table_each_message_tries(host, service, shown):
    host.sh(f"rm {FORGOTTEN}")
    tls_server(host, certificate=shown, broken=True)
    for tries in (1, 2):
        assert accepted(remote(host)) == FAILED
        assert len(service.questions()) == tries


def test_a_server_that_hangs_in_the_handshake_has_the_time_of_an_answer(host, service):
    host.control("timeoutremote", "2\n")
    tls_server(host, hangs=True)
    started = time.monotonic()
    assert accepted(remote(host)) == FAILED
    assert 2 <= time.monotonic() - started < 20
    question, = service.questions()
    assert 1000 <= int(question["ms"]) <= 2000


def test_it_may_say_not_now(host, service):
    server = tls_server(host, STARTTLS="454 4.7.0 not now")
    assert accepted(remote(host)) == "TLS: none (it refused)\n"
    assert server.lines() == [HELLO, "STARTTLS", *IN_PLAIN[1:]]


def test_an_answer_of_another_kind_makes_no_sense(host, service):
    tls_server(host, STARTTLS="250 what")
    assert remote(host) == [f"ZConnected to {IP} but its reply makes no sense. (#4.5.0)\nRemote host said: 250 what\n"]


@pytest.mark.parametrize("behaviour, why", [
    ({"ready": ["trouble", "no place"]}, "no place"), ({"done": ["trouble", "out of memory"]}, "it failed with this server lately"),
])
def test_trouble_of_the_service_does_not_hold_up_mail(host, behaviour, why):
    """And is not laid to the server's charge."""
    through(host)
    service = Service(host, **behaviour)
    tls_server(host)
    for tries in (1, 2):
        assert accepted(remote(host)) == f"TLS: none ({why})\n"
        assert len(service.questions()) == tries


def test_a_service_that_is_down_does_not_hold_up_mail(host, service):
    host.sh("pkill -f [t]ls_service")
    service.process.wait()
    tls_server(host)
    assert accepted(remote(host)) == "TLS: none (the TLS service is down)\n"


def test_a_service_that_says_nothing_does_not_hold_up_mail(host):
    through(host)
    Service(host, ready="")
    tls_server(host)
    assert accepted(remote(host)) == "TLS: none (the TLS service does not answer)\n"
