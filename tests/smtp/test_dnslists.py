"""DNS lists in front of qmail-smtpd: whom they turn away, whom not, and that nobody waits for them."""

import time

import pytest

from tests.smtp.session import CATCH, Session

CLIENT = "203.0.113.5"
LISTED = "5.113.0.203."
MAIL = b"MAIL FROM:<a@example.net>\r\n"


def rcpt(address):
    return f"RCPT TO:<{address}>\r\n".encode()


@pytest.fixture(autouse=True)
def mailboxes(host):
    host.mailbox("b", "postmaster", "abuse")


def zone(**lists):
    """Each a list of the codes it has for CLIENT."""
    return {f"{LISTED}{name}.example": [f"A {code}" for code in codes] for name, codes in lists.items()}


def talk(host, *said, env=None):
    """What the server says: greeting, to MAIL, to each of said; and the log."""
    s = Session(host, {"TCPREMOTEIP": CLIENT, **(env or {})})
    answers = [s.hear()]
    for line in (MAIL, *said):
        answers.append(s.ask(line))
    s.ask(b"QUIT\r\n")
    return answers[2:], s.end()[1]


def verdict(host, lines, records, env=None, to="b@mail.example.org"):
    host.control("dnslists", lines)
    host.dns(records)
    (said,), log = talk(host, rcpt(to), env=env)
    return said, log


OK = "250 2.1.5 ok"


def test_a_listed_client_is_refused_at_his_recipient(host):
    said, log = verdict(host, "# ours\nbl.example:2-4:refuse\n", zone(bl=["127.0.0.3"]))
    assert said == "554 5.7.1 your address is on the list bl.example (#5.7.1)"
    assert f"qmail-smtpd: listed from {CLIENT}: refused, score 0 bl.example=127.0.0.3\n" in log
    assert f"refused from {CLIENT} at RCPT sender <a@example.net> recipient <b@mail.example.org>: 554 5.7.1" in log


def test_the_list_says_why_unless_the_site_does(host):
    records = zone(bl=["127.0.0.2"])
    records[f"{LISTED}bl.example"].append(f"TXT see https://bl.example/{CLIENT} \x07 \u00e9 " + 400 * "x")
    said, _ = verdict(host, "bl.example:2:refuse\n", records)
    assert said.startswith(f"554 5.7.1 see https://bl.example/{CLIENT} ? ?? xxx") and len(said) == 10 + 200 + 9
    said, _ = verdict(host, "bl.example:2:defer:ask https://us.example/?ip=%\n", records)
    assert said == f"451 4.7.1 ask https://us.example/?ip={CLIENT} (#4.7.1)"


@pytest.mark.parametrize("lines, lists, ends", [
    ("bl.example:2:refuse", {}, OK),
    ("bl.example:2:refuse", {"bl": ["127.0.0.3"]}, OK),
    ("bl.example:2:refuse", {"bl": ["192.0.2.1"]}, OK),
    ("bl.example:2:refuse", {"bl": ["127.0.0.10", "127.0.0.2"]}, "554"),
    ("bl.example:2:60\nbm.example:2:40", {"bl": ["127.0.0.2"]}, OK),
    ("bl.example:2:60\nbm.example:2:40", {"bl": ["127.0.0.2"], "bm": ["127.0.0.2"]}, "554"),
    ("bl.example:2:60\nbm.example:2:40\nbn.example:2:-1", {"bl": ["127.0.0.2"], "bm": ["127.0.0.2"], "bn": ["127.0.0.2"]}, OK),
    ("bl.example:2:defer\nbm.example:2:40", {"bl": ["127.0.0.2"], "bm": ["127.0.0.2"]}, "451"),
    ("bl.example:2:defer\nbm.example:2:refuse", {"bl": ["127.0.0.2"], "bm": ["127.0.0.2"]}, "554"),
    ("bl.example:2:refuse\nwl.example:127.0.*.1-3:white", {"bl": ["127.0.0.2"], "wl": ["127.0.9.2"]}, OK),
    ("bl.example:2:refuse\nwl.example:127.0.*.1-3:white", {"bl": ["127.0.0.2"], "wl": ["127.0.9.0"]}, "554"),
    ("nonsense\nbl.example:2:refuse", {"bl": ["127.0.0.2"]}, "554"),
])
def test_what_counts(host, lines, lists, ends):
    said, log = verdict(host, lines + "\n", zone(**lists))
    assert said.startswith(ends), log
    assert ("warning: control/dnslists: not zone:codes:action" in log) == lines.startswith("nonsense")


def test_a_list_that_has_all_the_world_or_refuses_us_does_not_count(host):
    records = {**zone(bl=["127.0.0.2"], bm=["127.255.255.254"]), "1.0.0.127.bl.example": ["A 127.0.0.2"]}
    said, log = verdict(host, "bl.example:2:refuse\nbm.example:127.*.*.*:refuse\n", records)
    assert said == OK
    assert "warning: the list bl.example has 127.0.0.1 on it, as if it had all the world: it does not count\n" in log
    assert "warning: the list bm.example does not answer this host, or the name server it asks (127.255.255.x)" in log
    assert " listed from " not in log


def test_ipv6(host):
    nibbles = "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
    said, _ = verdict(host, "bl.example:2:refuse\n", {f"{nibbles}bl.example": ["A 127.0.0.2"]}, env={"TCPREMOTEIP": "2001:db8::5"})
    assert said.startswith("554")
    said, _ = verdict(host, "bl.example:2:refuse\n", zone(bl=["127.0.0.2"]), env={"TCPREMOTEIP": f"::ffff:{CLIENT}"})
    assert said.startswith("554")


@pytest.mark.parametrize("env", [{"RELAYCLIENT": ""}, {"SMTPD_DNSLISTS": "off"}, {"RBLSMTPD": ""}, {"TCPREMOTEIP": "192.168.0.5"},
                                 {"TCPREMOTEIP": "unknown"}])
def test_who_is_not_asked_about(host, env):
    records = {**zone(bl=["127.0.0.2"]), "5.0.168.192.bl.example": ["A 127.0.0.2"]}
    said, log = verdict(host, "bl.example:2:refuse\n", records, env=env)
    assert said == OK and " listed from " not in log


def test_a_list_can_be_tried_by_its_line_in_the_log(host):
    said, log = verdict(host, "bl.example:2:refuse\nbm.example:2:7\n", zone(bl=["127.0.0.2"], bm=["127.0.0.2"]), env={"SMTPD_DNSLISTS": "log"})
    assert said == OK
    assert f"listed from {CLIENT}: passed, score 7 bl.example=127.0.0.2 bm.example=127.0.0.2\n" in log


def test_postmaster_and_abuse_hear_of_a_wrong_list(host):
    host.control("dnslists", "bl.example:2:refuse\n")
    host.dns(zone(bl=["127.0.0.2"]))
    said, _ = talk(host, rcpt("Postmaster@mail.example.org"), rcpt("abuse@mail.example.org"), rcpt("postmaster-x@mail.example.org"),
                   rcpt("b@mail.example.org"), rcpt("far@far.example"))
    assert [s[:3] for s in said] == ["250", "250", "554", "554", "553"]


def test_a_client_may_be_turned_away_at_once(host):
    host.control("dnslists", "drop.example:2:connect\n")
    host.dns(zone(drop=["127.0.0.2"]))
    s = Session(host, {"TCPREMOTEIP": CLIENT})
    assert s.hear() == "554 5.7.1 your address is on the list drop.example (#5.7.1)" and s.hear() == ""
    code, log = s.end()
    assert code == 1 and "listed from" in log and log.endswith(", listed\n")
    s = Session(host, {"TCPREMOTEIP": "203.0.113.6"}).begin()
    assert s.ask(MAIL).startswith("250 ") and s.ask(rcpt("b@mail.example.org")) == OK
    s.end()


def test_nobody_waits_long_for_a_list_that_is_silent(host):
    host.control("dnslists", "bl.example:2:refuse\ndead.example:2:refuse\n")
    host.dns({**zone(bl=["127.0.0.2"]), f"{LISTED}dead.example": ["SILENT"]})
    s = Session(host, {"TCPREMOTEIP": CLIENT})
    began = time.monotonic()
    s.begin()
    assert s.ask(MAIL).startswith("250 ")
    assert s.ask(rcpt("postmaster@mail.example.org")) == OK
    greeted = time.monotonic() - began
    assert s.ask(rcpt("b@mail.example.org")).startswith("554 ")
    first = time.monotonic() - began
    assert s.ask(rcpt("b@mail.example.org")).startswith("554 ")
    assert greeted < 2.9 <= first < 8, "only who hangs on it waits"
    assert time.monotonic() - began - first < 2.5, "and once"
    s.end()


def test_a_slow_list_is_waited_for_only_by_who_comes_before_its_answer(host):
    host.control("dnslists", "bl.example:2:refuse\n")
    host.dns({f"{LISTED}bl.example": ["A 127.0.0.2", "SLOW"]})
    began = time.monotonic()
    (said,), log = talk(host, rcpt("b@mail.example.org"))
    assert said.startswith("554 ") and time.monotonic() - began >= 1.4
    assert log.count("listed from") == 1, "asked twice, and heard once"
    s = Session(host, {"TCPREMOTEIP": CLIENT}).begin()
    assert s.ask(MAIL).startswith("250 ")
    time.sleep(2)
    began = time.monotonic()
    assert s.ask(rcpt("b@mail.example.org")).startswith("554 ") and time.monotonic() - began < 2.9
    s.end()


@pytest.mark.parametrize("mark", ["SERVFAIL", "BIG"])
def test_trouble_of_a_list_is_no_verdict(host, mark):
    said, _ = verdict(host, "bl.example:2:refuse\n", {f"{LISTED}bl.example": ["A 127.0.0.2", mark]})
    assert said == OK


def test_without_a_name_server_mail_goes_on(host):
    host.control("dnslists", "bl.example:2:refuse\n")
    began = time.monotonic()
    (said,), _ = talk(host, rcpt("b@mail.example.org"))
    assert said == OK and time.monotonic() - began < 2.5


def test_a_second_name_server_is_asked(host):
    host.control("dnslists", "bl.example:2:refuse\n")
    host.dns(zone(bl=["127.0.0.2"]))
    host.write("/etc/resolv.conf", "nameserver 127.0.0.9\nnameserver 127.0.0.1\n")
    (said,), _ = talk(host, rcpt("b@mail.example.org"))
    assert said.startswith("554 ")


def test_it_is_the_client_behind_a_balancer_or_a_filter_who_counts(host):
    host.control("dnslists", "bl.example:2:connect\n")
    host.dns(zone(bl=["127.0.0.2"]))
    env = {"TCPREMOTEIP": "198.51.100.9", "SMTPD_PROXY": "198.51.100.9", "SMTPD_XCLIENT": "198.51.100.9", "RELAYCLIENT": ""}
    s = Session(host, env, before=f"PROXY TCP4 {CLIENT} 192.0.2.1 1025 25\r\n".encode())
    assert s.hear().startswith("554 5.7.1")
    assert f"listed from {CLIENT} via 198.51.100.9: turned away, score 0 bl.example=127.0.0.2" in s.end()[1]
    s = Session(host, {**env, "SMTPD_PROXY": ""}).begin()
    assert s.ask(f"XCLIENT ADDR={CLIENT}\r\n".encode()).startswith("554 5.7.1")
    s.end()


def test_what_lists_say_of_one_client_is_no_matter_for_the_next(host):
    host.control("dnslists", "bl.example:2:refuse\n")
    host.dns(zone(bl=["127.0.0.2"]))
    s = Session(host, {"TCPREMOTEIP": CLIENT, "SMTPD_XCLIENT": CLIENT}).begin()
    assert s.ask(MAIL).startswith("250 ") and s.ask(rcpt("b@mail.example.org")).startswith("554 ")
    assert s.ask(b"RSET\r\n").startswith("250 ")
    host.sh("rm /var/qmail/control/dnslists")
    assert s.ask(b"XCLIENT ADDR=203.0.113.6\r\n").startswith("220 ")
    assert s.ask(MAIL).startswith("250 ") and s.ask(rcpt("b@mail.example.org")) == OK
    s.end()


def test_a_filter_in_front_of_the_queue_hears_the_score(host):
    host.write("/usr/local/bin/filter", "#!/bin/sh\nprintenv SMTPD_LISTED > /tmp/catch/listed; exec /usr/local/lib/mailtree-test/catch\n")
    host.sh(f"chmod 755 /usr/local/bin/filter; mkdir -m 777 {CATCH}")
    host.control("dnslists", "bl.example:2:60\n")
    host.dns(zone(bl=["127.0.0.2"]))
    said, _ = talk(host, rcpt("b@mail.example.org"), b"DATA\r\n", b"Subject: x\r\n\r\n.\r\n", env={"QMAILQUEUE": "/usr/local/bin/filter"})
    assert [s[:3] for s in said] == ["250", "354", "250"]
    assert host.read(f"{CATCH}/listed") == b"60 bl.example=127.0.0.2\n"
