"""Many domains at one provider, and many hosts that hang: connections are shared, and nobody is held up."""

import re

import pytest

from tests.host import eventually
from tests.remote.remote import Server

DOMAINS = 100
LAST = re.compile("remote ([0-9]+)/20")


@pytest.fixture
def pair(hosts):
    here, there = hosts("here.example", "there.example")
    device = there.sh("ip -o -4 route get 10.77.0.1").stdout.split(" dev ")[1].split()[0]
    for n in (3, 4):
        there.sh(f"ip addr add 10.77.0.{n}/24 dev {device}")
    here.dns({f"mx{n}.example": [f"A 10.77.0.{n}"] for n in (3, 4, 99)})
    return here, there


def domains(here, *records, names="d"):
    zone = {f"{names}{i}.example": list(records) for i in range(DOMAINS)}
    here.dns(zone)
    return list(zone)


def send(here, *recipients):
    here.run(["/var/qmail/bin/sendmail", "-f", "anna@here.example", *recipients], input=b"Subject: hello\n\nhello\n")


def most_at_once(here):
    return max(int(n) for n in LAST.findall(here.log("qmail-send")))


def told(server):
    return [re.findall("RCPT TO:<box@(.*?)>", c["heard"]) for c in server.connections()]


def test_a_hundred_domains_at_one_provider_share_a_few_connections(pair):
    here, there = pair
    server = Server(there, "10.77.0.3", 25, EHLO="250-mx\r\n250 PIPELINING", RSET="250 ok")
    names = domains(here, "MX 10 mx3.example")
    here.start("qmail-send")
    send(here, *[f"box@{name}" for name in names])
    for name in names[:50]:
        send(here, f"box@{name}")
    assert eventually(lambda: here.log("qmail-send").count(": success: ") == 150, 60)
    here.stop()
    assert eventually(lambda: sum(map(len, told(server))) == 150)
    assert sorted(sum(told(server), [])) == sorted(names + names[:50])
    assert most_at_once(here) <= 10
    assert len(server.connections()) <= 10


def test_a_dead_provider_takes_the_places_of_one_destination(pair):
    here, there = pair
    Server(there, "10.77.0.4", 25)
    names = domains(here, "MX 10 mx99.example")
    here.start("qmail-send")
    for name in names:
        send(here, f"box@{name}")
    assert eventually(lambda: most_at_once(here) == 5)
    here.dns({"good.example": ["MX 10 mx4.example"]})
    send(here, "box@good.example")
    assert eventually(lambda: ": success: " in here.log("qmail-send"), 2, every=0.1)
    assert eventually(lambda: ".example at mx99.example; next attempt in 60 seconds" in here.log("qmail-send"), 30)
    assert here.log("qmail-send").count("starting delivery") <= 6


def test_a_domain_whose_exchanger_moves_is_followed(pair):
    here, there = pair
    first, second = [Server(there, f"10.77.0.{n}", 25, RSET="250 ok") for n in (3, 4)]
    here.dns({"moves.example": ["MX 10 mx3.example"]})
    here.start("qmail-send")
    send(here, "box@moves.example")
    assert eventually(lambda: here.log("qmail-send").count(": success: ") == 1)
    here.dns({"moves.example": ["MX 10 mx4.example"]})
    here.sh("pkill -x qmail-remote; svc -h /service/qmail-send")
    send(here, "box@moves.example")
    assert eventually(lambda: here.log("qmail-send").count(": success: ") == 2)
    assert eventually(lambda: told(first) == [["moves.example"]])
    here.stop()
    assert eventually(lambda: told(second) == [["moves.example"]])


@pytest.mark.parametrize("known", ["the good host is known", "the backlog is old"])
def test_a_hundred_hosts_that_hang_do_not_hold_up_mail_for_a_good_one(pair, known):
    here, there = pair
    Server(there, "10.77.0.3", 25, greeting="")
    Server(there, "10.77.0.4", 25)
    here.dns({"good.example": ["MX 10 mx4.example"]})
    for i in range(DOMAINS):
        here.dns({f"hangs{i}.example": [f"MX 10 mx.of{i}.example"], f"mx.of{i}.example": ["A 10.77.0.3"]})
    here.start("qmail-send")
    successes = 0
    if "good" in known:
        send(here, "box@good.example")
        successes += 1
    assert eventually(lambda: here.log("qmail-send").count(": success: ") == successes)
    for i in range(DOMAINS):
        send(here, f"box@hangs{i}.example")
    assert eventually(lambda: most_at_once(here) == 15)
    if "old" in known:
        here.sh("svc -t /service/qmail-send; sleep 1.5; pkill -x qmail-remote")      # supervise listens a second after a start
        assert eventually(lambda: here.log("qmail-send").count("status: local 0/10 remote 0/20\n") >= 2
                          and LAST.findall(here.log("qmail-send"))[-1] == "10", 10), here.log("qmail-send")[-1000:]
    send(here, "box@good.example")
    assert eventually(lambda: here.log("qmail-send").count(": success: ") == successes + 1, 2, every=0.1)
