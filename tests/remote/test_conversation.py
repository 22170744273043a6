"""qmail-remote and one server: what is said, and what is reported for each way a server may answer."""

import email
import subprocess
import time

import pytest

from .remote import MESSAGE, Server, records, remote, remote_and_contact, through

IP = "127.0.0.1"
OK = f"K{IP} accepted message.\nRemote host said: 250 ok 1234 qp 5678\n"
GIVING_UP = f"DGiving up on {IP}.\n"


def disliked(text, letter="h"):
    return f"{letter}{IP} does not like recipient.\nRemote host said: {text}\n"


# ---- the table ----

OUTCOMES = [
    # what the server does, what is reported
    ({}, ["r", OK]),
    ({"greeting": "220-one\r\n220 two"}, ["r", OK]),
    ({"greeting": "220"}, ["r", OK]),
    ({"greeting": "421 busy"}, [f"ZConnected to {IP} but greeting failed.\nRemote host said: 421 busy\n"]),
    ({"greeting": "554 go away"}, [f"ZConnected to {IP} but greeting failed.\nRemote host said: 554 go away\n"]),
    ({"greeting": "250 hm"}, [f"ZConnected to {IP} but greeting failed.\nRemote host said: 250 hm\n"]),
    ({"greeting": "hello"}, [f"ZConnected to {IP} but greeting failed.\nRemote host said: hello\n"]),
    ({"greeting": "CLOSE"}, [f"ZConnected to {IP} but connection died. (#4.4.2)\n"]),
    ({"greeting": "RESET"}, [f"ZConnected to {IP} but connection died. (#4.4.2)\n"]),
    ({"greeting": "220 x CLOSE"}, [f"ZConnected to {IP} but connection died. (#4.4.2)\n"]),
    ({"EHLO": "502 what?"}, ["r", OK]),
    ({"EHLO": "450 not yet"}, ["r", OK]),
    ({"EHLO": "502 what?", "HELO": "501 no"}, [f"ZConnected to {IP} but my name was rejected.\nRemote host said: 501 no\n"]),
    ({"EHLO": "502 what?", "HELO": "251 no"}, [f"ZConnected to {IP} but my name was rejected.\nRemote host said: 251 no\n"]),
    ({"EHLO": "421 later"}, [f"ZConnected to {IP} but my name was rejected.\nRemote host said: 421 later\n"]),
    ({"EHLO": "CLOSE"}, [f"ZConnected to {IP} but connection died. (#4.4.2)\n"]),
    ({"EHLO": "what?"}, [f"ZConnected to {IP} but its reply makes no sense. (#4.5.0)\nRemote host said: what?\n"]),
    ({"MAIL": "550 no"}, [f"DConnected to {IP} but sender was rejected.\nRemote host said: 550 no\n"]),
    ({"MAIL": "599 no"}, [f"DConnected to {IP} but sender was rejected.\nRemote host said: 599 no\n"]),
    ({"MAIL": "450 no"}, [f"ZConnected to {IP} but sender was rejected.\nRemote host said: 450 no\n"]),
    ({"MAIL": "421 no"}, [f"ZConnected to {IP} but sender was rejected.\nRemote host said: 421 no\n"]),
    ({"MAIL": "299 yes"}, ["r", OK]),
    ({"MAIL": "CLOSE"}, [f"ZConnected to {IP} but connection died. (#4.4.2)\n"]),
    ({"RCPT": "251 elsewhere"}, ["r", OK]),
    ({"RCPT": "550 no such user"}, [disliked("550 no such user"), GIVING_UP]),
    ({"RCPT": "450 full"}, [disliked("450 full", "s"), GIVING_UP]),
    ({"RCPT": "550-no\r\n550 such"}, [disliked("550-no\n550 such"), GIVING_UP]),
    ({"RCPT": "CLOSE"}, [f"ZConnected to {IP} but connection died. (#4.4.2)\n"]),
    ({"DATA": "554 no"}, ["r", f"D{IP} failed on DATA command.\nRemote host said: 554 no\n"]),
    ({"DATA": "451 no"}, ["r", f"Z{IP} failed on DATA command.\nRemote host said: 451 no\n"]),
    ({"DATA": "250 eh"}, ["r", f"ZConnected to {IP} but its reply makes no sense. (#4.5.0)\nRemote host said: 250 eh\n"]),
    ({"DATA": "CLOSE"}, ["r", f"ZConnected to {IP} but connection died. (#4.4.2)\n"]),
    ({"BODY": "554 spam"}, ["r", f"D{IP} failed after I sent the message.\nRemote host said: 554 spam\n"]),
    ({"BODY": "452 full"}, ["r", f"Z{IP} failed after I sent the message.\nRemote host said: 452 full\n"]),
    ({"BODY": "CLOSE"}, ["r", f"ZConnected to {IP} but connection died. Possible duplicate! (#4.4.2)\n"]),
    ({"BODY": "RESET"}, ["r", f"ZConnected to {IP} but connection died. Possible duplicate! (#4.4.2)\n"]),
    ({"BODY": "25 CLOSE"}, ["r", f"ZConnected to {IP} but its reply makes no sense. Possible duplicate! (#4.5.0)\n"
                                 "Remote host said: 25\n"]),
    ({"BODY": "250-a\r\n250 b"}, ["r", f"K{IP} accepted message.\nRemote host said: 250-a\n250 b\n"]),
    ({"BODY": "250 a\0b\x1b"}, ["r", f"K{IP} accepted message.\nRemote host said: 250 a?b?\n"]),
    ({"BODY": "250 ok CLOSE"}, ["r", f"K{IP} accepted message.\nRemote host said: 250 ok\n"]),
    ({"QUIT": "RESET"}, ["r", OK]),
]


def test_every_outcome_has_its_report(host):
    for port, (behaviour, report) in enumerate(OUTCOMES, 3000):
        for pipelining in (False, True):
            if pipelining and "EHLO" in behaviour:
                continue
            at = port + 1000 * pipelining
            offer = {"EHLO": "250-mx\r\n250 PIPELINING"} if pipelining else {}
            server = Server(host, port=at, **offer, **behaviour)
            through(host, f"{IP}:{at}")
            said, contact = remote_and_contact(host)
            server.process.kill()
            assert said == report, (behaviour, pipelining)
            assert contact == ("u" if "connection died" in report[-1] else "a"), (behaviour, pipelining)


# ---- what is said ----

def test_a_plain_server_gets_a_plain_conversation(host):
    server = Server(host, EHLO="502 what?")
    through(host)
    remote(host)
    assert server.lines() == [
        "EHLO mail.example.org", "HELO mail.example.org", "MAIL FROM:<s@example.org>", "RCPT TO:<r@example.net>", "DATA",
        "Subject: hello", "", "body", ".", "QUIT"]


DSN = "250-mx\r\n250-PIPELINING\r\n250 dsn"
EXTRAS = "rHDRS eQQ+2B1\nnSUCCESS,DELAY orfc822;a+2Bb@c\n\nnNEVER"
THREE = ("a@example.net", "b@example.net", "c@example.net")


def test_wishes_go_on_to_a_server_that_knows_of_them(host):
    """RFC 3461 5.2.1: as they came; and whoever asked for them is told by that server alone."""
    server = Server(host, EHLO=DSN)
    through(host)
    said, learnt = remote_and_contact(host, recipients=THREE, env={"QMAILEXTRAS": EXTRAS})
    assert said[-1].startswith("K") and learnt == "ap"
    assert server.lines()[1:5] == [
        "MAIL FROM:<s@example.org> RET=HDRS ENVID=QQ+2B1",
        "RCPT TO:<a@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@c", "RCPT TO:<b@example.net>",
        "RCPT TO:<c@example.net> NOTIFY=NEVER"]


def test_wishes_stay_with_the_right_recipient_in_another_transaction(host):
    server = Server(host, EHLO=DSN, RSET="250 flushed", most=[2, "452 4.5.3 too many"])
    through(host)
    remote(host, recipients=THREE, env={"QMAILEXTRAS": EXTRAS})
    assert [line for line in server.lines() if "RCPT" in line][-1] == "RCPT TO:<c@example.net> NOTIFY=NEVER"


@pytest.mark.parametrize("ehlo, extras", [("250 mx", EXTRAS), (DSN, None), (DSN, "i\n")])
def test_wishes_that_cannot_go_on_or_are_none(host, ehlo, extras):
    server = Server(host, EHLO=ehlo)
    through(host)
    _, learnt = remote_and_contact(host, env={"QMAILEXTRAS": extras} if extras else {})
    assert server.lines()[1:3] == ["MAIL FROM:<s@example.org>", "RCPT TO:<r@example.net>"]
    assert ("p" in learnt) == bool(ehlo == DSN and extras)


def test_extensions_are_used_when_offered(host):
    server = Server(host, EHLO="250-mx\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 PIPELINING")
    through(host)
    remote(host)
    host.write("/tmp/message", "grüße\n")
    host.sh("qmail-remote example.net s@example.org r@example.net < /tmp/message", user="qmailr")
    host.sh("qmail-remote example.net s@example.org r@example.net < /var/qmail/control/me", user="qmailr")
    assert server.lines(0)[1] == "MAIL FROM:<s@example.org> BODY=8BITMIME"        # a pipe: who knows what will come
    assert server.lines(1)[1] == "MAIL FROM:<s@example.org> SIZE=11 BODY=8BITMIME"
    assert server.lines(2)[1] == "MAIL FROM:<s@example.org> SIZE=20"


# ---- 8-bit text for a server without 8BITMIME ----

EIGHT = """Subject: x
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

grüße =
--b
Content-Type: text/html; charset=us-ascii

<p>plain</p>
--b--
""".encode()
REFUSED = (f"DConnected to {IP} but it takes no 8-bit text, and the message cannot do without. (#5.6.3)\nReason: ")


def test_eight_bits_become_seven_for_a_server_that_takes_no_others(host):
    server = Server(host, EHLO="250-mx\r\n250 SIZE")
    through(host)
    assert in_file(host, EIGHT) == ["r", OK]
    sent = server.heard().split(b"DATA\r\n")[1][:-len(b".\r\nQUIT\r\n")]
    assert server.lines()[1] == f"MAIL FROM:<s@example.org> SIZE={len(sent)}"
    assert sent.isascii()
    before, after = email.message_from_bytes(EIGHT), email.message_from_bytes(sent)
    assert [part.get_payload(decode=True).split() for part in after.get_payload()] == \
           [part.get_payload(decode=True).split() for part in before.get_payload()]
    assert [part["Content-Transfer-Encoding"] for part in after.get_payload()] == ["quoted-printable", None]


def test_a_server_with_8bitmime_gets_it_as_it_is(host):
    server = Server(host, EHLO="250-mx\r\n250 8BITMIME")
    through(host)
    assert in_file(host, EIGHT) == ["r", OK]
    assert server.lines()[1].endswith(" BODY=8BITMIME") and EIGHT.replace(b"\n", b"\r\n") in server.heard()


@pytest.mark.parametrize("message, reason", [
    (b"Subject: x\n\ngr\xc3\xbc\xc3\x9fe\n", "nothing says what its 8-bit characters mean (it has no MIME header)"),
    (b"Subject: \xc3\xbc\n\nx\n", "its header has 8-bit characters"),
    (EIGHT.replace(b"mixed;", b"signed;"), "a signed, encrypted or encoded part of it has 8-bit characters"),
    (EIGHT.replace(b"boundary=b", b""), "it is not clear where its parts begin and end"),
])
def test_what_cannot_be_seven_bits_is_returned_with_the_reason(host, message, reason):
    server = Server(host)
    through(host)
    assert in_file(host, message) == [f"{REFUSED}{reason}\n"]
    assert server.lines() == ["EHLO mail.example.org", "QUIT"]


def test_a_bounce_goes_as_it_is_rather_than_nowhere(host):
    server = Server(host)
    through(host)
    message = b"Subject: \xc3\xbc\n\nx\n"
    assert in_file(host, message, sender="") == ["r", OK]
    assert message.replace(b"\n", b"\r\n") in server.heard()


def test_a_server_that_does_not_say_now_what_it_takes_is_asked_again(host):
    server = Server(host, EHLO="450 not now", HELO="250 mx")
    through(host)
    assert in_file(host, b"Subject: \xc3\xbc\n\nx\n") == [
        f"ZConnected to {IP} but it does not say now whether it takes 8-bit text. (#4.6.3)\nReason: its header has 8-bit characters\n"]
    assert server.lines() == ["EHLO mail.example.org", "HELO mail.example.org", "QUIT"]


@pytest.mark.parametrize("control, told", [("send", OK), ("return", REFUSED + "control/eightbit says so\n")])
def test_eight_bits_can_be_sent_or_returned(host, control, told):
    server = Server(host)
    through(host)
    host.control("eightbit", f"{control}\n")
    assert in_file(host, EIGHT)[-1] == told
    assert (EIGHT.replace(b"\n", b"\r\n") in server.heard()) == (control == "send")


def test_eight_bits_that_come_by_a_pipe_are_sent_as_they_are(host):
    server = Server(host)
    through(host)
    assert remote(host, message="grüße\n".encode())[-1] == OK
    assert "grüße\r\n".encode() in server.heard()


def test_a_file_is_sent_from_where_its_descriptor_stands(host):
    server = Server(host)
    through(host)
    host.write("/tmp/message", "skipped\nsent\n")
    host.sh("{ head -c 8 >/dev/null; qmail-remote example.net s@e r@e; } < /tmp/message".replace(
        "head -c 8", "dd bs=8 count=1 status=none"), user="qmailr")
    assert server.lines()[4:6] == ["sent", "."]


ADDRESSES = [
    ("", "MAIL FROM:<>"),
    ("joe", "MAIL FROM:<joe>"),
    ("a b@example.org", 'MAIL FROM:<"a b"@example.org>'),
    ('a"b\\c@example.org', 'MAIL FROM:<"a\\"b\\\\c"@example.org>'),
    ("a@b@example.org", 'MAIL FROM:<"a@b"@example.org>'),
    (".a@example.org", 'MAIL FROM:<".a"@example.org>'),
    ("@example.org", 'MAIL FROM:<""@example.org>'),
    ("a>@example.org", 'MAIL FROM:<"a>"@example.org>'),
]


def test_addresses_are_quoted_as_smtp_wants(host):
    server = Server(host)
    through(host)
    for i, (sender, command) in enumerate(ADDRESSES):
        remote(host, sender=sender)
        assert server.lines(i)[1] == command


def test_no_address_becomes_a_second_command(host):
    server = Server(host)
    through(host)
    assert remote(host, sender="a\nRCPT TO:<x>@example.org") == [
        "DI will not send this sender address: it has bytes that end an SMTP command. (#5.1.7)\n"]
    said = remote(host, recipients=["a\r\nDATA\r\n@example.net", "r@example.net", "a@b> NOTIFY=NEVER <c", "s@example.net"])
    refused = "hI will not send this address: it has bytes that end an SMTP command. (#5.1.3)\n"
    assert said == [refused, "r", refused, "r", OK]
    assert [line for line in server.lines() if line.startswith("RCPT")] == ["RCPT TO:<r@example.net>", "RCPT TO:<s@example.net>"]
    assert remote(host, recipients=["a\n@example.net"]) == [refused, GIVING_UP]


# ---- several recipients ----

@pytest.mark.parametrize("offer", ["250 mx", "250-mx\r\n250 PIPELINING"])
def test_recipients_share_a_transaction(host, offer):
    server = Server(host, EHLO=offer, RCPT=["250 ok", "550 no", "450 later", "250 ok"])
    through(host)
    recipients = [f"{name}@example.net" for name in "abcd"]
    giving_up = f"Giving up on {IP}.\n"
    assert remote(host, recipients=recipients) == [
        "r", disliked("550 no") + giving_up, disliked("450 later", "s") + giving_up, "r", OK]
    assert server.lines()[2:6] == [f"RCPT TO:<{r}>" for r in recipients]
    assert server.lines()[-1] == "QUIT"


def test_pipelining_saves_round_trips(host):
    server = Server(host, EHLO="250-mx\r\n250 PIPELINING")
    through(host)
    assert remote(host, recipients=[f"{n}@example.net" for n in range(50)]) == ["r"] * 50 + [OK]
    assert server.reads() <= 4          # EHLO, all commands, the message, QUIT


def test_we_listen_before_the_server_chokes_on_its_replies(host):
    server = Server(host, EHLO="250-mx\r\n250 PIPELINING", RCPT="250 " + "x" * 60000, narrow=True)
    through(host)
    host.control("timeoutremote", "3\n")
    recipients = [f"{n:03}{'x' * 900}@example.net" for n in range(600)]
    assert remote(host, recipients=recipients) == ["r"] * 600 + [OK]
    assert [line for line in server.lines() if line.startswith("RCPT")] == [f"RCPT TO:<{r}>" for r in recipients]


def test_all_refused_but_data_wanted_sends_nothing(host):
    server = Server(host, EHLO="250-mx\r\n250 PIPELINING", RCPT=["550 no", "450 later"], BODY="554 no recipients")
    through(host)
    assert remote(host, recipients=["a@example.net", "b@example.net"]) == [
        disliked("550 no"), disliked("450 later", "s"), GIVING_UP]
    assert server.lines()[-3:] == ["DATA", ".", "QUIT"]
    assert b"body" not in server.heard()


def test_all_refused_and_data_too(host):
    server = Server(host, EHLO="250-mx\r\n250 PIPELINING", RCPT="550 no", DATA="503 no recipients")
    through(host)
    assert remote(host) == [disliked("550 no"), GIVING_UP]
    assert server.lines()[-2:] == ["DATA", "QUIT"]


def test_connection_lost_between_recipients(host):
    Server(host, RCPT=["250 ok", "550 no", "CLOSE"])
    through(host)
    assert remote(host, recipients=["a@e", "b@e", "c@e", "d@e"]) == [
        "r", disliked("550 no", "s"), f"ZConnected to {IP} but connection died. (#4.4.2)\n"]


def test_a_server_that_says_that_it_goes_means_what_it_said(host):
    """It may do so after a number of refusals, and others would never get their mail."""
    Server(host, RCPT=["550 no", "250 ok", "421 too many errors CLOSE"])
    through(host)
    assert remote(host, recipients=["a@e", "b@e", "c@e", "d@e"]) == [
        disliked("550 no") + f"Giving up on {IP}.\n", "r", disliked("421 too many errors", "s"), f"ZConnected to {IP} but connection died. (#4.4.2)\n"]


def test_sender_refused_while_the_rest_is_on_its_way(host):
    Server(host, EHLO="250-mx\r\n250 PIPELINING", MAIL="550 no", RCPT="503 no sender", DATA="503 no")
    through(host)
    assert remote(host, recipients=["a@e", "b@e"]) == [f"DConnected to {IP} but sender was rejected.\nRemote host said: 550 no\n"]


# ---- the message ----

BODIES = [
    (b"", b""),
    (b"a", b"a\r\n"),
    (b".\n..\n", b"..\r\n...\r\n"),
    (b"a\n.\nMAIL FROM:<evil@x>\n", b"a\r\n..\r\nMAIL FROM:<evil@x>\r\n"),
    (b"a\r.\r\nMAIL FROM:<evil@x>\n", b"a\r\n..\r\nMAIL FROM:<evil@x>\r\n"),
    (b"a\r.\rMAIL FROM:<evil@x>\r", b"a\r\n..\r\nMAIL FROM:<evil@x>\r\n"),
    (b"a\n.\rb\r\n", b"a\r\n..\r\nb\r\n"),
    (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n"),
    (b"a\0b\n", b"ab\r\n"),
    (b"x" * 100000 + b"\n", b"x" * 100000 + b"\r\n"),
    (b".\n" * 40000, b"..\r\n" * 40000),
]


def test_messages_arrive_as_lines(host):
    server = Server(host)
    through(host)
    for i, (message, wire) in enumerate(BODIES):
        assert remote(host, message=message) == ["r", OK]
        assert server.heard(i).split(b"DATA\r\n", 1)[1] == wire + b".\r\nQUIT\r\n"


def in_file(host, message, sender="s@example.org"):
    """As qmail-rspawn gives it."""
    host.write("/tmp/message", message)
    done = host.sh(f"qmail-remote example.net '{sender}' r@example.net < /tmp/message", user="qmailr")
    return records(done.stdout.encode("latin-1"))[0]


LONG = b"Subject: " + b"word " * 300 + b"\n\n" + b"word " * 300 + b"\n" + b"x" * 2000 + b"\n"


def test_lines_that_are_too_long_are_folded(host):
    server = Server(host, EHLO="250-mx\r\n250 SIZE")
    through(host)
    assert in_file(host, LONG) == ["r", OK]
    sent = server.heard().split(b"DATA\r\n")[1]
    lines = sent.split(b"\r\n")
    assert [len(line) > 998 for line in lines].count(True) == 1, "and that one has no blank"
    assert b"".join(lines[:2]) == LONG.split(b"\n")[0] and lines[2] == b"" and b"".join(lines[3:5]) == LONG.split(b"\n")[2]
    size = int(server.lines()[1].split("SIZE=")[1])
    assert len(sent) - len(b".\r\nQUIT\r\n") <= size < 2 * len(LONG)


@pytest.mark.parametrize("control", ["send", None])
def test_a_signed_message_and_one_that_shall_not_be_touched_are_not(host, control):
    server = Server(host)
    through(host)
    if control:
        host.control("longlines", f"{control}\n")
    message = LONG if control else b"DKIM-Signature: v=1\n" + LONG
    assert in_file(host, message) == ["r", OK]
    assert server.heard().split(b"DATA\r\n")[1] == message.replace(b"\n", b"\r\n") + b".\r\nQUIT\r\n"


def test_lines_that_are_too_long_can_be_returned(host):
    Server(host)
    through(host)
    host.control("longlines", "return\n")
    told = ["DI will not send this message: it has a line of more than 998 bytes, which SMTP does not allow. (#5.6.0)\n"]
    assert in_file(host, b"\n" + b"x" * 998 + b"\n") == ["r", OK]
    assert in_file(host, b"\n" + b"x" * 998 + b"\r\n" + b"y" * 998) == ["r", OK]
    assert in_file(host, b"\n" + b"x" * 999 + b"\n") == in_file(host, b"\n" + b"x" * 999) == told
    assert in_file(host, b"\n" * 65000 + b"x" * 999 + b"\n") == told


def test_a_refusal_in_the_middle_of_the_message_is_heard(host):
    Server(host, early=100000, BODY="552 too big")
    through(host)
    message = (b"x" * 70 + b"\n") * 300000
    assert remote(host, message=message) == ["r", f"D{IP} failed after I sent the message.\nRemote host said: 552 too big\n"]


def test_a_message_that_cannot_be_read(host):
    server = Server(host)
    through(host)
    done = host.sh("qmail-remote example.net s@e r@e < /", user="qmailr")
    assert done.stdout == "r\0ZUnable to read message. (#4.3.0)\n\0"
    assert server.lines()[-1] == "DATA"


# ---- unpleasant servers ----

def test_nobody_keeps_us_for_long(host):
    host.control("timeoutremote", "1\n")
    host.control("smtproutes", "".join(f"{3000 + i}.example:{IP}:{3000 + i}\n" for i in range(len(UNPLEASANT))))
    started, running = time.monotonic(), []
    for i, (where, how) in enumerate(UNPLEASANT):
        Server(host, port=3000 + i, **{where: how})
        running.append(begin_remote(host, 3000 + i))
    for (where, how), process in zip(UNPLEASANT, running):
        final = records(process.communicate(timeout=20)[0])[0][-1]
        assert final[0] == "Z", (where, how)
        assert len(final) < 5200
        assert ("Possible duplicate!" in final) == (where == "BODY"), (where, how)
    assert time.monotonic() - started < 25


UNPLEASANT = [(where, how) for where in ("greeting", "EHLO", "MAIL", "RCPT", "BODY")
              for how in ("", "DRIBBLE", "FLOOD", "LINES")]


def begin_remote(host, port):
    """In the background; the name is the route."""
    return host.popen(["sh", "-c", f"qmail-remote {port}.example s@e r@e < /var/qmail/control/me"], user="qmailr",
                      stdout=subprocess.PIPE)


@pytest.mark.parametrize("patient, hasty", [("timeoutdot", None), ("timeoutremote", "timeoutdot")])
def test_the_answer_to_the_message_has_a_time_of_its_own(host, patient, hasty):
    host.control("timeoutremote", "1\n")
    host.control(patient, "5\n")
    if hasty:
        host.control(hasty, "1\n")
    listener = host.popen(["/usr/bin/python3", "-c", STUCK.replace("time.sleep(100)", SLOW_ANSWER)], stdout=-1)
    assert listener.stdout.readline() == b"ready\n"
    through(host)
    told = remote(host)[-1]
    assert told.startswith("ZConnected to 127.0.0.1 but connection died. Possible duplicate!" if hasty else "K127.0.0.1 accepted")


SLOW_ANSWER = """
got = b""
while not got.endswith(b"\\r\\n.\\r\\n"): got += c.recv(1000)
time.sleep(2.5); c.sendall(b"250 f\\r\\n"); time.sleep(1)
"""


@pytest.mark.parametrize("name", ["timeoutremote", "timeoutdata"])
def test_a_server_that_does_not_take_the_message(host, name):
    host.control(name, "1\n")
    listener = host.popen(["/usr/bin/python3", "-c", STUCK], stdout=-1)
    assert listener.stdout.readline() == b"ready\n"
    through(host)
    assert remote(host, message=b"x" * 30000000) == ["r", f"ZConnected to {IP} but connection died. (#4.4.2)\n"]


STUCK = """
import socket, time
s = socket.create_server(("127.0.0.1", 2525))
print("ready", flush=True)
c, _ = s.accept()
c.sendall(b"220 a\\r\\n"); c.recv(1000); c.sendall(b"250 b\\r\\n"); c.recv(1000); c.sendall(b"250 c\\r\\n")
c.recv(1000); c.sendall(b"250 d\\r\\n"); c.recv(1000); c.sendall(b"354 e\\r\\n")
time.sleep(100)
"""


def test_a_long_reply_is_cut(host):
    Server(host, RCPT="550-" + "x" * 3000 + "\r\n550 " + "y" * 3000)
    through(host)
    text = remote(host)[0]
    kept = text.split("Remote host said: ")[1]
    assert len(kept) == 5001 and kept.startswith("550-xxx") and kept.endswith("yyy\n")


# ---- before any server ----

def test_improper_use(host):
    for words in ([], ["example.net"], ["example.net", "s@e"]):
        done = host.run(["qmail-remote", *words], user="qmailr")
        assert done.stdout == b"DI (qmail-remote) was invoked improperly. (#5.3.5)\n\0"


def test_own_trouble_is_never_the_mails_fault(host):
    host.sh("rm /var/qmail/control/me")
    assert remote(host) == ["ZUnable to read control files. (#4.3.0)\n"]
    host.control("helohost", "helo.example.org\n")
    host.sh("mkdir /var/qmail/control/smtproutes")
    assert remote(host) == ["ZUnable to read control files. (#4.3.0)\n"]
    host.sh("mv /var/qmail/control /var/qmail/x; mv /var/qmail /var/elsewhere")
    done = host.run(["/var/elsewhere/bin/qmail-remote", "a", "b", "c"], user="qmailr")
    assert done.stdout == b"ZUnable to switch to home directory. (#4.3.0)\n\0"


def test_helohost(host):
    server = Server(host)
    host.control("helohost", "helo.example.org\n")
    through(host)
    remote(host)
    assert server.lines()[0] == "EHLO helo.example.org"
    assert MESSAGE.replace(b"\n", b"\r\n") in server.heard()
