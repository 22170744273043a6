"""Addresses and headers beyond ASCII: only for servers that know of them (RFC 6531)."""

import pytest

from tests.remote.remote import Server, records, remote, remote_and_contact, through

OFFERS = "250-mx\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SMTPUTF8"
LACKS = "250-mx\r\n250-8BITMIME\r\n250 PIPELINING"
OK = "K127.0.0.1 accepted message.\nRemote host said: 250 ok 1234 qp 5678\n"
WIDE = "Subject: grüße\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nx\n".encode()
WITHIN = """Subject: x
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: message/rfc822

Subject: grüße

x
--b--
""".encode()
BODY = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\ngrüße\n".encode()


def in_file(host, message, extras="i\n", sender="s@example.org", recipients=("r@example.net",)):
    """As qmail-rspawn gives it."""
    host.write("/tmp/message", message)
    words = " ".join(f"'{word}'" for word in (sender, *recipients))
    done = host.sh(f"QMAILEXTRAS='{extras}' qmail-remote example.net {words} < /tmp/message", user="qmailr")
    return records(done.stdout.encode("latin-1"))[0]


def refused(what, code):
    return f"DConnected to 127.0.0.1 but it knows no {what} beyond ASCII (it has no SMTPUTF8). (#{code})\n"


def decoded(server, connection=0):
    return server.heard(connection).decode().split("\r\n")[:-1]


@pytest.mark.parametrize("message, command", [
    (b"Subject: x\n\nx\n", "MAIL FROM:<s@example.org>"),
    (BODY, "MAIL FROM:<s@example.org> BODY=8BITMIME"),
    (WIDE, "MAIL FROM:<s@example.org> BODY=8BITMIME SMTPUTF8"),
    (WITHIN, "MAIL FROM:<s@example.org> BODY=8BITMIME SMTPUTF8"),
])
def test_a_message_asks_for_it_only_where_it_needs_it(host, message, command):
    server = Server(host, EHLO=OFFERS)
    through(host)
    assert in_file(host, message) == ["r", OK]
    assert server.lines()[1] == command


@pytest.mark.parametrize("message", [WIDE, WITHIN])
def test_a_header_beyond_ascii_is_returned_where_it_is_not_known(host, message):
    server = Server(host, EHLO=LACKS)
    through(host)
    assert in_file(host, message) == [refused("header", "5.6.9")]
    assert server.lines() == ["EHLO mail.example.org", "QUIT"]


@pytest.mark.parametrize("message", [b"Subject: x\n\nx\n", BODY])
def test_a_message_that_does_not_need_it_goes_to_all(host, message):
    Server(host, EHLO=LACKS)
    through(host)
    assert in_file(host, message) == ["r", OK]


@pytest.mark.parametrize("ehlo, asked", [(OFFERS, True), (LACKS, False)])
def test_what_comes_by_a_pipe_is_sent_as_it_is(host, ehlo, asked):
    server = Server(host, EHLO=ehlo)
    through(host)
    assert remote(host, message=WIDE, env={"QMAILEXTRAS": "i\n"}) == ["r", OK]
    assert server.lines()[1].endswith("SMTPUTF8") == asked


def test_old_headers_that_say_nothing_pass_as_ever(host):
    server = Server(host, EHLO=LACKS)
    through(host)
    assert in_file(host, WIDE, extras="") == ["r", OK]
    assert WIDE.replace(b"\n", b"\r\n") in server.heard()


@pytest.mark.parametrize("extras", [None, "i\n"])
def test_addresses_go_as_they_are_with_the_domain_as_dns_has_it(host, extras):
    server = Server(host, EHLO=OFFERS)
    through(host)
    said = remote(host, sender="jürgen@bücher.example", recipients=["é@example.net", "joe@ｅxample.net"],
                  env={"QMAILEXTRAS": extras} if extras else {})
    assert said == ["r", "r", OK]
    assert [line for line in decoded(server) if line[:4] in ("MAIL", "RCPT")] == [
        "MAIL FROM:<jürgen@xn--bcher-kva.example> BODY=8BITMIME SMTPUTF8", "RCPT TO:<é@example.net>", "RCPT TO:<joe@example.net>"]


def test_a_domain_beyond_ascii_is_known_by_every_server(host):
    server = Server(host, EHLO=LACKS)
    through(host)
    assert in_file(host, b"Subject: x\n\nx\n", sender="joe@bücher.example", recipients=["a@straße.example"]) == ["r", OK]
    assert server.lines()[1:3] == ["MAIL FROM:<joe@xn--bcher-kva.example>", "RCPT TO:<a@xn--strae-oqa.example>"]


def test_a_sender_beyond_ascii_is_told_that_he_is_not_known(host):
    server = Server(host, EHLO=LACKS)
    through(host)
    assert remote(host, sender="jürgen@example.org") == [refused("sender", "5.6.7")]
    assert server.lines() == ["EHLO mail.example.org", "QUIT"]


def test_of_several_recipients_those_are_refused_that_are_beyond_ascii(host):
    server = Server(host, EHLO=LACKS)
    through(host)
    said = in_file(host, b"Subject: x\n\nx\n", recipients=["é@example.net", "r@example.net", "\xe9x@example.net"])
    lost = "h" + refused("recipient", "5.6.7")[1:]
    assert said == [lost, "r", lost, OK]
    assert [line for line in server.lines() if "RCPT" in line] == ["RCPT TO:<r@example.net>"]


def test_all_recipients_beyond_ascii_for_a_server_that_knows_none(host):
    server = Server(host, EHLO=LACKS)
    through(host)
    said, learnt = remote_and_contact(host, recipients=["é@example.net"])
    assert said[0] == "h" + refused("recipient", "5.6.7")[1:] and said[-1].startswith("D") and learnt == "a"
    assert not [line for line in server.lines() if line.startswith("RCPT") or "hello" in line]


def test_a_server_that_does_not_say_now_what_it_knows_is_asked_again(host):
    Server(host, EHLO="421 4.3.2 busy", HELO="250 mx")
    through(host)
    assert remote(host, sender="jürgen@example.org")[-1].startswith("Z")


# ---- several servers ----

WAITS = "Connected to 192.0.2.3 but it knows nothing beyond ASCII (it has no SMTPUTF8), as another one may. (#4.6.7)\n"


def exchangers(host, *behaviours):
    """In order; what is None does not listen. At addresses that are here, and that are not those of this host."""
    host.sh("ip route add local 192.0.2.0/24 dev lo")
    places = [f"192.0.2.{3 + i}" for i in range(len(behaviours))]
    host.dns({"example.net": [f"MX {i} mx{i}.example.net" for i in range(len(places))],
              **{f"mx{i}.example.net": [f"A {place}"] for i, place in enumerate(places)}})
    return [ehlo and Server(host, place, 25, EHLO=ehlo) for place, ehlo in zip(places, behaviours)]


@pytest.mark.parametrize("words", [{"sender": "jürgen@example.org"}, {"message": WIDE}, {"recipients": ["é@example.net"]}])
def test_one_that_knows_is_looked_for(host, words):
    first, second = exchangers(host, LACKS, OFFERS)
    said = in_file(host, words.pop("message", b"Subject: x\n\nx\n"), **words)
    assert said[0] == "r" and said[-1].startswith("K192.0.2.4 accepted message."), said
    assert first.lines() == ["EHLO mail.example.org", "QUIT"] and "SMTPUTF8" in decoded(second)[1]


@pytest.mark.parametrize("words", [{"sender": "jürgen@example.org"}, {"message": WIDE}, {"recipients": ["é@example.net"]}])
def test_where_none_knows_it_is_returned_as_by_one(host, words):
    exchangers(host, LACKS, LACKS)
    said = in_file(host, words.pop("message", b"Subject: x\n\nx\n"), **words)
    assert said[-1].startswith("D") and "(#5." in "".join(said) and "192.0.2.4" in "".join(said), said


@pytest.mark.parametrize("servers", [(LACKS, None), (None, LACKS)])
def test_while_one_cannot_be_reached_it_waits(host, servers):
    exchangers(host, *servers)
    said = in_file(host, b"Subject: x\n\nx\n", sender="jürgen@example.org")
    assert said[-1].startswith("ZConnected to 192.0.2.") and "as another one may. (#4.6.7)\n" in said[-1], said


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_one_by_a_protocol_that_is_not_spoken_here_is_none(host, order):
    """Where this host has no address of IPv6, one by IPv6 does not keep mail waiting for another answer; where but the route is away, it does."""
    host.sh("ip route add local 192.0.2.0/24 dev lo; ip -6 address del 2001:db8::25/128 dev lo")
    host.dns({"example.net": [f"MX {order[0]} mx.example.net", f"MX {order[1]} six.example.net"],
              "mx.example.net": ["A 192.0.2.3"], "six.example.net": ["AAAA 2001:db8:6::3"]})
    Server(host, "192.0.2.3", 25, EHLO=LACKS)
    said = in_file(host, b"Subject: x\n\nx\n", sender="jürgen@example.org")
    assert said[-1].startswith("D") and "(#5.6.7)" in "".join(said), said
    host.sh("ip -6 address add 2001:db8::25/128 dev lo")
    assert in_file(host, b"Subject: x\n\nx\n", sender="jürgen@example.org")[-1].startswith("Z")


def test_a_recipient_beside_others_waits_for_his_turn(host):
    first, second = exchangers(host, LACKS, OFFERS)
    said = in_file(host, b"Subject: x\n\nx\n", recipients=["é@example.net", "r@example.net"])
    assert said[:2] == ["s" + WAITS, "r"] and said[2].startswith("K192.0.2.3")
    assert not second.connections()
