"""Which servers qmail-remote tries, in which order: names, routes, numbers. Where nobody can be reached the report
names those that were tried."""

import time

import pytest

from tests.host import eventually
from .remote import Server, remote, remote_and_contact, through

NO_CONNECTION = "ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"
NO_EXCHANGER = ["DSorry, I couldn't find a mail exchanger or IP address. (#5.4.4)\n"]
NO_MAIL = ["DSorry, that domain does not accept mail. (#5.1.10)\n"]
IT_IS_ME = ["DSorry. Although I'm listed as a best-preference MX or A for that host,\n"
            "it isn't in my control/locals file, so I don't treat it as local. (#5.4.6)\n"]



def try_later(name):
    """Whoever reads the log learns which name it was."""
    return [f"ZSorry, I couldn't find any host by that name. (#4.1.2)\nLooked up: {name}.\n"]


def no_host(name):
    return [f"DSorry, I couldn't find any host named {name}. (#5.1.2)\n"]


def tried(host, name="example.net", **more):
    """The addresses that were tried for a name: no one answers at them."""
    said, = remote(host, name, **more)
    first, *lines = said.splitlines()
    assert first + "\n" == NO_CONNECTION
    return [line.split()[1].rstrip(":") for line in lines]


# ---- names ----

def test_exchangers_by_preference(host):
    host.dns({"example.net": ["MX 30 c.example.net", "MX 5 a.example.net", "MX 10 b.example.net", "A 192.0.2.9"],
              "a.example.net": ["A 192.0.2.1", "A 192.0.2.2"], "b.example.net": ["A 192.0.2.3"], "c.example.net": ["A 192.0.2.4"]})
    order = tried(host)
    assert sorted(order[:2]) == ["192.0.2.1", "192.0.2.2"]
    assert order[2:] == ["192.0.2.3", "192.0.2.4"]
    assert "Tried 192.0.2.3: Network is unreachable.\n" in remote(host)[0]


def test_equal_exchangers_in_any_order(host):
    host.dns({"example.net": ["MX 10 a.example.net", "MX 10 b.example.net"], "a.example.net": ["A 192.0.2.1"],
              "b.example.net": ["A 192.0.2.2"]})
    assert {tuple(tried(host)) for _ in range(30)} == {("192.0.2.1", "192.0.2.2"), ("192.0.2.2", "192.0.2.1")}


def test_families_by_turns(host):
    host.dns({"example.net": ["A 192.0.2.1", "A 192.0.2.2", "AAAA 2001:db8::1", "AAAA 2001:db8::2"]})
    assert [":" in ip for ip in tried(host)] == [False, True, False, True]
    host.sh("ip -6 route add 2001:db8::/64 dev lo")
    host.control("timeoutconnect", "1\n")
    assert [":" in ip for ip in tried(host)] == [True, False, True, False]


SIMPLE = {
    "implicit.example": ["A 192.0.2.1"], "six.example": ["AAAA 2001:db8::1"],
    "alias.example": ["CNAME real.example"], "real.example": ["MX 10 mx.real.example"], "mx.real.example": ["A 192.0.2.3"],
    "alias-of-host.example": ["CNAME implicit.example"],
    "mx-is-alias.example": ["MX 10 alias-of-host.example"],
    "number.example": ["MX 10 192.0.2.4"], "number6.example": ["MX 10 2001:db8::4"],
    "half.example": ["MX 10 broken.example", "MX 20 implicit.example"], "broken.example": ["SERVFAIL"],
    "half-gone.example": ["MX 10 nowhere.example", "MX 20 implicit.example"],
    "twice.example": ["MX 10 implicit.example", "MX 20 alias-of-host.example"],
    "null-and-more.example": ["MX 0 .", "MX 10 implicit.example"],
    "big.example": ["BIG", "MX 10 implicit.example"],
}


@pytest.mark.parametrize("name, addresses", [
    ("implicit.example", ["192.0.2.1"]),
    ("IMPLICIT.Example", ["192.0.2.1"]),
    ("implicit.example.", ["192.0.2.1"]),
    ("six.example", ["2001:db8::1"]),
    ("alias.example", ["192.0.2.3"]),
    ("alias-of-host.example", ["192.0.2.1"]),
    ("mx-is-alias.example", ["192.0.2.1"]),
    ("number.example", ["192.0.2.4"]),
    ("number6.example", ["2001:db8::4"]),
    ("half.example", ["192.0.2.1"]),
    ("half-gone.example", ["192.0.2.1"]),
    ("twice.example", ["192.0.2.1"]),
    ("null-and-more.example", ["192.0.2.1"]),
    ("big.example", ["192.0.2.1"]),
    ("192.0.2.7", ["192.0.2.7"]),
    ("[192.0.2.7]", ["192.0.2.7"]),
    ("[IPv6:2001:db8::7]", ["2001:db8::7"]),
])
def test_names_and_numbers(host, name, addresses):
    host.dns(SIMPLE)
    assert tried(host, name) == addresses


def test_names_that_lead_nowhere(host):
    host.dns({"text.example": ["TXT hello"], "empty.example": [], "null.example": ["MX 0 ."], "null10.example": ["MX 10 ."],
              "gone.example": ["MX 10 nowhere.example"], "gone2.example": ["MX 10 text.example"],
              "sick.example": ["SERVFAIL"], "sick-mx.example": ["MX 10 sick.example"], "loop.example": ["CNAME loop.example"]})
    assert remote(host, "nowhere.example") == no_host("nowhere.example")
    assert remote(host, "no\x1bwhe re.\xe9xample") == no_host("no?whe?re.??xample")
    assert remote(host, "") == no_host("")
    assert remote(host, "x" * 64 + ".example") == no_host("x" * 64 + ".example")
    assert remote(host, "x." * 150 + "example") == no_host("x." * 150 + "example")
    assert remote(host, "192.0.2.300") == no_host("192.0.2.300")
    for name in ("text.example", "empty.example", "gone.example", "gone2.example"):
        assert remote(host, name) == NO_EXCHANGER, name
    for name in ("null.example", "null10.example"):
        assert remote(host, name) == NO_MAIL
    for name in ("sick.example", "sick-mx.example"):
        assert remote(host, name) == try_later(name)
    assert remote(host, "loop.example") in (try_later("loop.example"), NO_EXCHANGER)


def test_no_name_server_at_all(host):
    assert remote(host, "example.net") == try_later("example.net")


def test_a_silent_name_server_is_not_waited_for_long(host):
    host.dns({"example.net": ["SILENT"]})
    started = time.monotonic()
    assert remote(host) == try_later("example.net")
    assert time.monotonic() - started < 35


def test_hosts_file_and_search_list_are_not_used(host):
    host.write("/etc/hosts", "192.0.2.66 listed listed.example\n127.0.0.1 localhost\n")
    host.write("/etc/resolv.conf", "nameserver 127.0.0.1\nsearch example.net\n")
    host.dns({"example.net": [], "www.example.net": ["A 192.0.2.1"]})
    for name in ("listed", "listed.example", "www"):
        assert remote(host, name) == no_host(name)


def test_large_answers_come_over_tcp_and_trying_has_an_end(host):
    zone = {f"exchanger-with-a-long-name-{n}.example.net": [f"A 192.0.2.{n}", f"AAAA 2001:db8::{n}"] for n in range(1, 61)}
    host.dns({**zone, "example.net": [f"MX {n} {name}" for n, name in enumerate(zone, 1)]})
    order = tried(host)
    assert order[0::2] == [f"192.0.2.{n}" for n in range(1, 11)]
    assert order[1::2] == [f"2001:db8::{n}" for n in range(1, 11)]


# ---- resolvers ----

@pytest.mark.parametrize("mark", ["DROPS_EDNS", "REFUSED_EDNS", "FORMERR_EDNS", "NOTIMP_EDNS", "SERVFAIL_EDNS"])
def test_resolvers_that_want_no_edns_are_asked_without(host, mark):
    host.dns({"example.net": [mark, "MX 10 mx.example.net"], "mx.example.net": [mark, "A 192.0.2.1", "AAAA 2001:db8::1"]})
    started = time.monotonic()
    assert sorted(tried(host)) == ["192.0.2.1", "2001:db8::1"]
    assert time.monotonic() - started < 15, "each question had to find it out"


@pytest.mark.parametrize("beside", ["fe80::1%eth0", "fe80::1%lo", "fe80::1", "nonsense", ""])
def test_a_name_server_that_cannot_be_asked_leaves_the_others(host, beside):
    host.dns({"example.net": ["A 192.0.2.1"]})
    host.write("/etc/resolv.conf", f"nameserver {beside}\nnameserver 127.0.0.1\n")
    assert tried(host) == ["192.0.2.1"]
    host.write("/etc/resolv.conf", f"nameserver 127.0.0.1\nnameserver {beside}\n")
    assert tried(host) == ["192.0.2.1"]


@pytest.mark.parametrize("file", ["", "nameserver 0.0.0.0\n", "nameserver ::\n", "nameserver fe80::1%eth0\n"])
def test_without_a_name_server_it_is_this_host(host, file):
    host.dns({"example.net": ["A 192.0.2.1"]})
    host.write("/etc/resolv.conf", file)
    assert tried(host) == ["192.0.2.1"]


# ---- myself ----

ME = {
    "me.example": ["A 127.0.0.1"], "me6.example": ["AAAA ::1"], "zero.example": ["A 0.0.0.0"], "mapped.example": ["AAAA ::ffff:127.0.0.1"],
    "loop.example": ["MX 10 two.example"], "two.example": ["A 127.0.0.2"], "last.example": ["A 127.255.255.254"],
    "two6.example": ["AAAA ::ffff:127.0.0.2"], "any.example": ["AAAA ::"], "net0.example": ["A 0.0.0.9"],
    "best.example": ["MX 10 me.example", "MX 20 other.example"], "other.example": ["A 192.0.2.1"],
    "second.example": ["MX 10 other.example", "MX 20 outside.example", "MX 30 third.example"],
    "equal.example": ["MX 10 other.example", "MX 10 outside.example"],
    "outside.example": ["A 203.0.113.25"], "third.example": ["A 192.0.2.3"],
}


def test_mail_is_not_sent_to_myself(host):
    host.dns(ME)
    for name in ("me.example", "me6.example", "zero.example", "mapped.example", "best.example", "equal.example", "127.0.0.1",
                 "loop.example", "last.example", "two6.example", "any.example", "net0.example", "127.0.0.2", "[127.9.9.9]",
                 "[203.0.113.25]", "[IPv6:2001:db8::25]", "0.0.0.0"):
        assert remote(host, name) == IT_IS_ME, name
    assert tried(host, "second.example") == ["192.0.2.1"]


def test_a_route_to_myself_is_meant(host):
    Server(host, "127.0.0.2")
    through(host, "127.0.0.2:2525")
    assert remote(host, "loop.example")[-1][0] == "K"


# ---- routes ----

def test_routes(host):
    Server(host, "127.0.0.1", 2525)
    Server(host, "::1", 2526)
    Server(host, "127.0.0.1", 25)
    host.dns({"relay.example": ["A 127.0.0.1"], "usual.example": ["A 192.0.2.1"], "x.usual.example": ["A 192.0.2.2"]})
    host.control("smtproutes", "a.example:127.0.0.1:2525\n.suffix.example:[::1]:2526\nd.example:[IPv6:::1]:2526\n"
                 "Named.example:relay.example:2525\nport.example:relay.example\nusual.example:\nnobody.example:relay.example:x\n")
    for name, ip in [("a.example", "127.0.0.1"), ("x.suffix.example", "::1"), ("x.y.suffix.example", "::1"), ("d.example", "::1"),
                     ("nAMED.example", "127.0.0.1"), ("port.example", "127.0.0.1")]:
        assert remote(host, name)[-1].startswith(f"K{ip} accepted message.\n"), name
    assert tried(host, "usual.example") == ["192.0.2.1"]
    assert tried(host, "x.usual.example") == ["192.0.2.2"]
    assert tried(host, "nobody.example") == ["127.0.0.1"]
    assert remote(host, "suffix.example") == no_host("suffix.example")


def test_a_route_to_nowhere_is_our_mistake(host):
    host.dns({"text.example": ["TXT hello"]})
    for relay in ("typo.example", "text.example", ":2525"):
        through(host, relay)
        assert remote(host) == try_later(relay.removesuffix(":2525")), relay


# ---- one after the other ----

@pytest.mark.parametrize("behaviour, why", [
    ({"greeting": "421 busy"}, "greeting failed"), ({"greeting": "554 no"}, "greeting failed"),
    ({"greeting": "CLOSE"}, "connection died"), ({"EHLO": "CLOSE"}, "connection died"), ({"MAIL": "CLOSE"}, "connection died"),
    ({"EHLO": "421 no"}, "my name was rejected"), ({"EHLO": "500 no", "HELO": "550 no"}, "my name was rejected"),
    ({"MAIL": "421 later"}, "sender was rejected"), ({"MAIL": "?"}, "reply makes no sense"),
])
def test_the_next_server_gets_a_chance(host, behaviour, why):
    host.dns({"relay.example": ["A 127.0.0.2", "A 127.0.0.3"]})
    for ip in ("127.0.0.2", "127.0.0.3"):
        Server(host, ip, **behaviour)
    through(host, "relay.example:2525")
    said = remote(host)[0].splitlines()
    last = said[0].split()[2]
    assert said[0].startswith(f"ZConnected to {last} but ")
    assert sorted(said[-2:]) == [f"Tried 127.0.0.2: {why}.", f"Tried 127.0.0.3: {why}."]
    assert last in said[-1]
    Server(host, "127.0.0.4")
    host.dns({"relay.example": ["A 127.0.0.2", "A 127.0.0.3", "A 127.0.0.4"]})
    assert remote(host)[-1] == "K127.0.0.4 accepted message.\nRemote host said: 250 ok 1234 qp 5678\n"


@pytest.mark.parametrize("behaviour", [
    {"MAIL": "450 no"}, {"MAIL": "550 no"}, {"RCPT": "550 no"}, {"RCPT": "CLOSE"}, {"DATA": "451 no"}, {"BODY": "CLOSE"}])
def test_once_it_is_about_the_mail_one_server_decides(host, behaviour):
    host.dns({"relay.example": ["A 127.0.0.2", "A 127.0.0.3"]})
    servers = [Server(host, ip, **behaviour) for ip in ("127.0.0.2", "127.0.0.3")]
    through(host, "relay.example:2525")
    assert remote(host)[-1][0] in "ZD"
    assert eventually(lambda: sum(len(server.connections()) for server in servers)) == 1


def test_one_server_that_answers_is_enough_to_be_reached(host):
    host.dns({"relay.example": ["A 127.0.0.2", "A 127.0.0.3"]})
    through(host, "relay.example:2525")
    assert remote_and_contact(host)[1] == "u"
    Server(host, "127.0.0.2", greeting="421 busy")
    Server(host, "127.0.0.3", greeting="CLOSE")
    assert {remote_and_contact(host)[1] for _ in range(6)} == {"a"}
    host.sh("rm /var/qmail/control/smtproutes")
    assert remote_and_contact(host, "none.example")[1] == "", "nobody was asked"


def test_only_so_many_servers_may_behave_badly(host):
    ips = [f"127.0.0.{n}" for n in range(2, 10)]
    host.dns({"relay.example": [f"A {ip}" for ip in ips]})
    for ip in ips:
        Server(host, ip, greeting="421 busy")
    through(host, "relay.example:2525")
    assert remote(host)[0].count("Tried ") == 5


# ---- two machines ----

def test_over_a_network(hosts):
    a, b = hosts("a.example", "b.example")
    Server(b, "10.77.0.2", 25)
    assert remote(a, "b.example")[-1].startswith("K10.77.0.2 accepted message.\n")
    Server(b, "fd77::2", 25)
    a.dns({"six.example": ["AAAA fd77::2"], "first-dead.example": ["MX 5 dead.example", "MX 10 b.example"], "dead.example": ["A 10.77.0.66"]})
    assert remote(a, "six.example")[-1].startswith("Kfd77::2 accepted message.\n")
    assert remote(a, "[IPv6:fd77::2]")[-1].startswith("Kfd77::2 accepted message.\n")
    a.control("timeoutconnect", "1\n")
    assert remote(a, "first-dead.example")[-1].startswith("K10.77.0.2 accepted message.\n")
