"""What senders are told (RFC 3461, 3464): qmail-send's reports, as a program reads them, and what a crash leaves of them."""

import email
import email.policy
import re

import pytest

from tests.host import eventually
from tests.queue.send_rig import LOCAL, REMOTE, wall
from tests.queue.test_send import bounce_catcher, caught, gone

MESSAGE = b"Received: x\nSubject: hello\n\nbody\n"
REFUSED = ("10.0.0.2 does not like recipient.\nRemote host said: 550-5.1.1 no such user\n550 5.1.1 gr\u00fc\u00dfe\n"
           "Giving up on 10.0.0.2.\n")
HERE, AWAY = "joe@mail.example.org", "s@else.example"
HOURS = 3600


class Report:
    """A report, read by Python's parser, which finds nothing wrong with it."""

    def __init__(self, data):
        self.data = data
        self.mail = email.message_from_bytes(data, policy=email.policy.default)
        assert self.mail.get_content_type() == "multipart/report"
        assert self.mail.get_param("report-type") == "delivery-status"
        assert self.mail["Auto-Submitted"] == "auto-replied" and self.mail["Message-ID"] and self.mail["Date"]
        parts = list(self.mail.iter_parts())
        assert len(parts) == 3 and not self.mail.defects and not any(part.defects for part in parts)
        text, status, self.original = parts
        self.text = text.get_content()
        assert status.get_content_type() == "message/delivery-status"
        self.of_message, *self.of_recipients = [dict(group.items()) for group in status.get_payload() if group.items()]
        assert re.fullmatch(r"[0-9]+ \w{3} [0-9]{4} [0-9:]{8} -0000", self.of_message["Arrival-Date"])
        assert self.of_message["Reporting-MTA"] == "dns; mail.example.org"
        for group in self.of_recipients:
            assert re.fullmatch(r"[245]\.\d{1,3}\.\d{1,3}", group["Status"])


def the_report(host):
    data, = eventually(lambda: caught(host)) or [b""]
    return Report(data)


def envelope(host):
    said, = caught(host, "envelope")
    return said


# ---- failure ----

def test_a_bounce_is_for_people_and_for_programs(rig, host):
    rig.start(env=bounce_catcher(host))
    id = rig.message(AWAY, [("r@x.example", "T", "orfc822;sales+2Ball@example.com"), ("q@x.example", "T"), ("ok@x.example", "T")],
                     message=MESSAGE, extras=["eQQ+2B1+20a"])
    for d in rig.command(REMOTE):
        d.report(*{"r@x.example": ("D", REFUSED), "q@x.example": ("D", "I will not. (#5.3.9)\n")}.get(d.address, ("K", "")))
    rig.logged(f"bounce msg {id} qp [0-9]+")
    assert gone(rig, id) and envelope(host) == b"F\0Ts@else.example\0\0"
    report = the_report(host)
    assert report.mail["Subject"] == "failure notice"
    assert report.text == (
        "Hi. This is the qmail-send program at mail.example.org.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        f"<r@x.example>:\n{REFUSED}\n<q@x.example>:\nI will not. (#5.3.9)\n\n"
        "--- Below this line is a copy of the message.\n")
    assert report.of_message["Original-Envelope-Id"] == "QQ+1 a"
    first, second = report.of_recipients
    assert first == {
        "Original-Recipient": "rfc822; sales+all@example.com", "Final-Recipient": "rfc822; r@x.example", "Action": "failed",
        "Status": "5.1.1", "Remote-MTA": "dns; [10.0.0.2]",
        "Diagnostic-Code": "smtp; 550-5.1.1 no such user  550 5.1.1 gr????e"}
    assert second == {
        "Final-Recipient": "rfc822; q@x.example", "Action": "failed", "Status": "5.3.9",
        "Diagnostic-Code": "x-qmail; I will not. (#5.3.9)"}
    assert report.original.get_content_type() == "message/rfc822"
    assert report.original.get_payload(0).as_bytes() == b"Return-Path: <s@else.example>\n" + MESSAGE


def test_readers_of_the_old_form_find_their_text(rig, host):
    """Of paragraphs: the header, one that begins with --, the greeting, recipients, one that begins with -."""
    rig.start(env=bounce_catcher(host))
    rig.message(AWAY, ["r@x.example"])
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged("bounce msg .*")
    header, boundary, greeting, recipient, end, *_ = caught(host)[0].split(b"\n\n")
    assert boundary.startswith(b"--") and greeting.startswith(b"Hi. This is the ") and recipient == b"<r@x.example>:\nno"
    assert end.startswith(b"-")


@pytest.mark.parametrize("extras, control, full", [
    ([], None, True), (["rFULL"], None, True), (["rHDRS"], None, False), ([], "20", False), (["rFULL"], "20", False), ([], "1000", True)])
def test_how_much_goes_back(rig, host, extras, control, full):
    if control:
        host.control("bouncemaxbytes", control + "\n")
    rig.start(env=bounce_catcher(host))
    rig.message(AWAY, ["r@x.example"], message=MESSAGE, extras=extras)
    rig.delivery(REMOTE).report("D", "no\n")
    report = the_report(host)
    assert report.original.get_content_type() == ("message/rfc822" if full else "text/rfc822-headers")
    assert (b"\nbody\n" in report.data) == full and b"\nSubject: hello\n" in report.data


WIDE = "Subject: grüße\n\nbody\n".encode()


@pytest.mark.parametrize("message, extras, sender, kind", [
    (WIDE, ["i"], AWAY, "message/global"), (WIDE, ["i", "rHDRS"], AWAY, "message/global-headers"),
    (WIDE, [], AWAY, "message/rfc822"), (MESSAGE, ["i"], AWAY, "message/rfc822"), (MESSAGE, ["i"], "josé@else.example", "message/global"),
])
def test_of_a_message_beyond_ascii(rig, host, message, extras, sender, kind):
    """RFC 6533: what is in the bounce itself is ASCII, but for the address of who gets it, and what is read by people."""
    rig.start(env={**bounce_catcher(host), "QMAILQUEUE_EXTRAS": "1"})
    rig.message(sender, [("é@x.example", "T", "outf-8;\\x{E9}@example.com")], message=message, extras=extras)
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged("bounce msg .*")
    report = the_report(host)
    assert report.original.get_content_type() == kind
    group, = report.of_recipients
    assert (group["Original-Recipient"], group["Final-Recipient"]) == ("utf-8; \\x{E9}@example.com", "utf-8; \\x{E9}@x.example")
    head = report.data.split(b"\n\n")[0]
    assert head.isascii() == sender.isascii() and f"\nTo: {sender}\n".encode() in head
    assert "<é@x.example>:\nno\n" in report.text
    assert envelope(host) == f"F\0{'' if sender.isascii() else 'i' + chr(0)}T{sender}\0\0".encode()


def test_the_old_form_is_there_for_who_needs_it(rig, host):
    host.control("bounceformat", "qsbmf\n")
    rig.start(env=bounce_catcher(host))
    rig.message(AWAY, ["r@x.example"], message=MESSAGE)
    rig.delivery(REMOTE).report("D", "no\n")
    assert eventually(lambda: caught(host))
    assert caught(host)[0].endswith(
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        b"Hi. This is the qmail-send program at mail.example.org.\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        b"This is a permanent error; I've given up. Sorry it didn't work out.\n\n<r@x.example>:\nno\n\n"
        b"--- Below this line is a copy of the message.\n\nReturn-Path: <s@else.example>\n" + MESSAGE)


@pytest.mark.parametrize("wish, told", [("NEVER", False), ("SUCCESS,DELAY", False), ("FAILURE", True), (None, True)])
def test_who_does_not_wish_to_hear_of_failure_does_not(rig, host, wish, told):
    rig.start(env=bounce_catcher(host))
    id = rig.message(AWAY, [("r@x.example", "T", *(["n" + wish] if wish else []))])
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged(f"end msg {id}")
    assert gone(rig, id) and len(caught(host)) == told


def test_one_of_several_may_not_wish_to_hear_of_failure(rig, host):
    rig.start(env=bounce_catcher(host))
    rig.message(AWAY, [("a@x.example", "T", "nNEVER"), ("b@x.example", "T"), ("c@x.example", "T", "nNEVER")])
    for d in rig.command(REMOTE):
        d.report("D", "no\n")
    assert [group["Final-Recipient"] for group in the_report(host).of_recipients] == ["rfc822; b@x.example"]


def test_a_copy_for_the_postmaster_has_no_more_than_the_header(rig, host):
    host.control("bouncecopyto", "postmaster\n")
    rig.start(env=bounce_catcher(host))
    id = rig.message(AWAY, ["r@x.example"], message=MESSAGE)
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged(f"notice msg {id} qp [0-9]+: copy of a bounce")
    assert sorted(caught(host, "envelope")) == [b"F\0Ts@else.example\0\0", b"F#@[]\0Tpostmaster@mail.example.org\0\0"]
    copy, = [Report(data) for data in caught(host) if b"To: postmaster@" in data]
    assert copy.original.get_content_type() == "text/rfc822-headers" and b"\nbody\n" not in copy.data


# ---- success ----

@pytest.mark.parametrize("channel, outcome, action", [
    (LOCAL, "-", "delivered"), (LOCAL, "x", "expanded"), (LOCAL, "p", None), (REMOTE, "r", "relayed"), (REMOTE, "-", "relayed"),
    (REMOTE, "p", None)])
def test_success_is_told_where_nobody_else_does(rig, host, channel, outcome, action):
    rig.start(env=bounce_catcher(host))
    recipient = HERE if channel == LOCAL else "r@x.example"
    id = rig.message(AWAY, [(recipient, "T", "nSUCCESS", "orfc822;q@y")], extras=["eid"])
    d = rig.delivery(channel)
    assert d.extras == ("eid", "nSUCCESS orfc822;q@y")
    d.report("K", "10.0.0.2 accepted message.\nRemote host said: 250 ok\n" if channel == REMOTE else "did 1+0+0\n", outcome)
    rig.logged(f"end msg {id}")
    assert gone(rig, id) and not rig.place(id, "success").exists()
    assert len(caught(host)) == bool(action)
    if not action:
        return
    report = the_report(host)
    group, = report.of_recipients
    assert report.mail["Subject"] == "success notice" and envelope(host) == b"F\0Ts@else.example\0\0"
    assert (group["Action"], group["Status"], group["Original-Recipient"]) == (action, "2.0.0", "rfc822; q@y")
    assert report.of_message["Original-Envelope-Id"] == "id"
    assert report.original.get_content_type() == "text/rfc822-headers"
    assert "Hi. This is the" not in report.text
    assert ("Remote-MTA" in group) == (channel == REMOTE)


def test_success_and_failure_of_one_message_are_two_reports(rig, host):
    rig.start(env=bounce_catcher(host))
    id = rig.message(AWAY, [("a@x.example", "T", "nSUCCESS"), ("b@x.example", "T", "nSUCCESS,FAILURE"), ("c@x.example", "T")])
    for d in rig.command(REMOTE):
        d.report(*{"b@x.example": ("D", "no\n")}.get(d.address, ("K", "")))
    rig.logged(f"end msg {id}")
    assert sorted((report.mail["Subject"], [g["Final-Recipient"] for g in report.of_recipients])
                  for report in map(Report, caught(host))) == [
        ("failure notice", ["rfc822; b@x.example"]), ("success notice", ["rfc822; a@x.example"])]


@pytest.mark.parametrize("sender", ["", "#@[]"])
def test_nobody_is_told_of_success(rig, host, sender):
    rig.start(env=bounce_catcher(host))
    id = rig.message(sender, [(HERE, "T", "nSUCCESS")])
    rig.delivery(LOCAL).report("K", "")
    rig.logged(f"end msg {id}")
    assert gone(rig, id) and not caught(host) and not rig.place(id, "success").exists()


def test_success_is_told_after_a_crash(rig, host):
    """The note is on disk before the recipient is marked, and goes when the report is in the queue."""
    rig.start(env=bounce_catcher(host))
    id = rig.message(AWAY, [("a@x.example", "T", "nSUCCESS"), ("b@x.example", "T", "nSUCCESS")])
    first, second = rig.command(REMOTE)
    first.report("K", "")
    assert rig.until(lambda: rig.done(id) == [first.address])
    assert rig.place(id, "success").exists()
    rig.kill()
    rig.start(env=bounce_catcher(host))
    rig.delivery(REMOTE).report("K", "")
    rig.logged(f"end msg {id}")
    assert sorted(g["Final-Recipient"] for g in the_report(host).of_recipients) == ["rfc822; a@x.example", "rfc822; b@x.example"]


def test_a_note_that_could_not_be_taken_is_no_report(rig, host):
    """A full disk leaves an empty file."""
    rig.start(env=bounce_catcher(host))
    id = rig.message(AWAY, ["r@x.example"])
    host.write(f"/var/qmail/queue/success/{id}", "", owner="qmails")
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged(f"end msg {id}")
    assert the_report(host).mail["Subject"] == "failure notice" and not rig.place(id, "success").exists()


def test_a_success_that_cannot_be_noted_is_in_the_log_and_no_reason_to_deliver_again(rig, host):
    rig.start(env=bounce_catcher(host))
    host.sh("chmod 500 /var/qmail/queue/success; chown root /var/qmail/queue/success")
    id = rig.message(AWAY, [(HERE, "T", "nSUCCESS")])
    rig.delivery(LOCAL).report("K", "")
    rig.logged(f"alert: unable to append to success/{id}; its sender will not hear of a success")
    rig.logged(f"end msg {id}")
    assert not caught(host)


# ---- delay ----

def old(hours=5):
    return wall() - hours * HOURS


def waits(rig, host, sender, recipients, text="Connected to 10.0.0.2 but connection died. (#4.4.2)\n", hours=5, **more):
    id = rig.message(sender, recipients, birth=old(hours), message=MESSAGE, **more)
    for d in rig.command(REMOTE):
        d.report("Z", text)
    return id


def test_who_sends_from_here_is_told_that_mail_waits(rig, host):
    rig.start(env=bounce_catcher(host))
    id = waits(rig, host, HERE, ["r@x.example"])
    rig.logged(f"notice msg {id} qp [0-9]+: delay")
    report = the_report(host)
    group, = report.of_recipients
    assert report.mail["Subject"] == "delay notice" and "Hi. This is the" not in report.text
    assert envelope(host) == b"F\0Tjoe@mail.example.org\0\0"
    assert (group["Action"], group["Status"]) == ("delayed", "4.4.2")
    assert re.fullmatch(r"[0-9]+ \w{3} [0-9]{4} [0-9:]{8} -0000", group["Will-Retry-Until"])
    assert report.original.get_content_type() == "text/rfc822-headers"
    assert rig.place(id).exists() and not rig.place(id, "bounce").exists()


@pytest.mark.parametrize("sender, wish, hours, control, told", [
    (HERE, None, 3, None, False), (HERE, None, 3, "7200", True), (HERE, None, 5, "0", False), (AWAY, None, 5, None, False),
    (AWAY, "DELAY", 5, None, True), (HERE, "FAILURE", 5, None, False), (HERE, "NEVER", 5, None, False),
    ("", "DELAY", 5, None, False), ("joe-@mail.example.org-@[]", None, 5, None, False)])
def test_who_is_told_of_a_delay(rig, host, sender, wish, hours, control, told):
    if control:
        host.control("queuewarning", control + "\n")
    rig.start(env=bounce_catcher(host))
    id = waits(rig, host, sender, [("r@x.example", "T", *(["n" + wish] if wish else []))], hours=hours)
    if told:
        rig.logged(f"notice msg {id} qp [0-9]+: delay")
    else:
        rig.silent(0.5)
    assert len(caught(host)) == told


def again(rig, id):
    rig.signal("ALRM")
    for d in rig.command(REMOTE):
        d.report("Z", "not now\n")
    return id


@pytest.mark.parametrize("how", ["goes on", "is killed"])
def test_a_sender_is_told_of_a_delay_once(rig, host, how):
    """deferred/N remembers it."""
    rig.start(env=bounce_catcher(host))
    id = waits(rig, host, HERE, ["r@x.example"])
    rig.logged(f"notice msg {id} qp [0-9]+: delay")
    if how == "is killed":
        rig.kill()
        rig.start(env=bounce_catcher(host))
    again(rig, id)
    rig.silent(0.5)
    assert len(caught(host)) == 1


def test_what_could_not_be_told_is_told_later(rig, host):
    rig.start(env=bounce_catcher(host, exit=53))
    id = waits(rig, host, HERE, ["r@x.example"])
    rig.logged("warning: trouble injecting bounce message, will try later")
    assert rig.until(lambda: b" 0 " in rig.place(id, "deferred").read_bytes() and b"again" in rig.place(id, "deferred").read_bytes())
    bounce_catcher(host)
    again(rig, id)
    rig.logged(f"notice msg {id} qp [0-9]+: delay")
