"""ezmlm-return and ezmlm-warn: what is kept of a bounce, who is warned, who is taken off the list."""

import os
import re
import time

import pytest

from tests.lists.posting import Posting

TEXTS = {"top": "top <#l#>\n", "bounce-warn": "warned: <#A#>\n", "bounce-probe": "probed\n", "bounce-num": "numbers:\n",
         "dig-bounce-num": "digests:\n", "bounce-bottom": "bottom\n"}
BOUNCE = "Subject: failure notice\n\nHi. This is the qmail-send program at x.\n\n<joe@example.net>:\nno (#5.1.1)\n\n--- Below\n\nrest\n"
FULL = BOUNCE.replace("5.1.1", "5.2.2")
HASH = "bounce/h/a/haiapijcjmbadoebacci"            # of user@example.com


class Bouncing(Posting):
    def __init__(self, place):
        super().__init__(place)
        for folder in ("bounce", "digest/bounce"):
            (self.path / folder).mkdir()
        for name, text in TEXTS.items():
            self.put("text/" + name, text)
        self.subscribe("user@example.com", "joe@example.net")

    def returned(self, rest, text=BOUNCE, code=99, options=(), sender="", **env):
        return self.run("ezmlm-return", *options, self.path, input=text.encode(), code=code, SENDER=sender, DEFAULT=rest, **env)[1]

    def warn(self, *options, code=0):
        return self.mail("ezmlm-warn", *options, self.path, text="", code=code)

    def kept(self, place="bounce"):
        """{kind: contents} of what is kept of bounces."""
        return {path.name[0]: path.read_bytes().decode() for path in (self.path / place).glob("d/*/*")}

    def texts(self):
        return [path.read_bytes().decode() for path in (self.path / "bounce").glob("d/*/*")]


@pytest.fixture
def sos(tmp_path):
    return Bouncing(tmp_path)


def test_a_bounce_is_kept_and_counted(sos):
    before = int(time.time())
    assert sos.returned("17-user=example.com", sender="x@y") == ""
    (path,) = (sos.path / "bounce/d").glob("*/*")
    group, second = int(path.parent.name), re.fullmatch(r"d(\d{1,4})\.\d+", path.name)
    assert before <= group * 10000 + int(second[1]) <= time.time()
    assert sos.kept() == {"d": "user@example.com\0Return-Path: <x@y>\n" + BOUNCE}
    assert sos.get(HASH) == b"   17\n"
    sos.returned("18-user=example.com")
    sos.returned("18-USER=example.com")
    assert sos.get(HASH) == b"   17\n   18\n" and len(list((sos.path / "bounce/d").glob("*/*"))) == 1
    assert (sos.path / HASH).stat().st_mode & 0o777 == 0o644
    assert (sos.path / "lockbounce").stat().st_mode & 0o777 == 0o600


def test_of_a_long_bounce_the_beginning_is_kept(sos):
    sos.returned("17-user=example.com", BOUNCE + "x" * 1000000)
    assert sos.kept()["d"].startswith("user@example.com\0Return-Path: <>\n" + BOUNCE + "xxx") and 130000 < len(sos.kept()["d"]) < 140000


def test_digests_have_their_own(sos):
    sos.returned("17-user=example.com", options=["-d"])
    assert sos.kept("digest/bounce") == {} == sos.kept()
    sos.subscribe("user@example.com", table="digest")
    sos.returned("17-user=example.com", options=["-d"])
    assert list(sos.kept("digest/bounce")) == ["d"] and sos.kept() == {} and sos.get("digest/" + HASH) == b"   17\n"


def test_of_whom_it_is_stands_in_the_bounce(sos):
    sos.returned("17-", BOUNCE.replace("--- Below", "<user@example.com>:\nneither\n\n<who@else>:\nno\n\n--- Below"), sender="x@y")
    files = sorted((sos.path / "bounce/d").glob("*/*"), key=lambda path: path.name)
    assert len(files) == 2 and files[1].name == files[0].name + ".1"
    head = "Return-Path: <x@y>\nSubject: failure notice\n\nHi. This is the qmail-send program at x.\n\n"
    assert files[0].read_text() == f"joe@example.net\0{head}<joe@example.net>:\nno (#5.1.1)\n"
    assert files[1].read_text() == f"user@example.com\0{head}<user@example.com>:\nneither\n"


def test_a_bounce_that_names_a_crowd(sos):
    """Forged or not: what is done about one of them is bounded, and the rest is told."""
    crowd = "".join(f"<no{n}@example.net>:\nno\n\n" for n in range(110000))
    text = BOUNCE.replace("--- Below", "<user@example.com>:\nno\n\n" + crowd + "<late@example.com>:\nno\n\n--- Below")
    sos.subscribe("late@example.com")
    said = sos.returned("17-", text)
    assert "too many addresses in one bounce: 100003 at its end" in said
    assert sorted(text.split("\0")[0] for text in sos.texts()) == ["joe@example.net", "user@example.com"]
    sos.returned("18-late=example.com")
    assert any(text.startswith("late@example.com\0") for text in sos.texts())


def test_delivery_reports_are_understood(sos):
    sos.returned("17-", "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
                 "Final-Recipient: rfc822; user@example.com\nAction: failed\nStatus: 5.1.1\n\n--b--\n")
    assert sos.kept()["d"].startswith("user@example.com\0Return-Path: <>\nContent-Type: ") and sos.get(HASH) == b"   17\n"


@pytest.mark.parametrize("rest,code", [("", 99), ("17", 100), ("x-user=example.com", 100), ("-user=example.com", 100), ("17-who=else", 99),
                                       ("17-user", 99), ("warn-", 99), ("warn-1.aaaaaaaaaaaaaaaaaaaa-user=example.com", 99),
                                       ("probe-9999999999.aaaaaaaaaaaaaaaaaaaa-user=example.com", 99), ("receipt-1", 99), ("m-1-user=example.com", 99), ("g-1", 99), ("warning-1", 100)])
def test_what_is_no_bounce(sos, rest, code):
    sos.returned(rest, "x\n\ny\n", code)
    assert sos.kept() == {} and sorted(sos.members()) == ["ann@example.net", "bob@example.com", "joe@example.net", "user@example.com"]


def test_what_is_missing(sos):
    assert "SENDER" in sos.run("ezmlm-return", sos.path, code=100, DEFAULT="1-a=b")[1]
    assert "DEFAULT" in sos.run("ezmlm-return", sos.path, code=100, SENDER="")[1]
    assert "usage" in sos.run("ezmlm-return", code=100)[1] and "usage" in sos.run("ezmlm-warn", "-t", "x", sos.path, code=100)[1]


def test_a_warning_has_a_link_to_leave_by(sos):
    """Of the table that it is about, where the list has such a page."""
    sos.put("oneclick", "https://lists.example.org/leave?1\n")
    sos.subscribe("user@example.com", table="digest")
    for options, table, box in (([], "", "sos"), (["-d"], "digest", "sos-digest")):
        sos.returned("17-user=example.com", options=options)
        caught = sos.warn("-t", 0)
        page, mail = re.fullmatch(r"<([^>]*)>,\s+<([^>]*)>", caught.fields("list-unsubscribe")[0]).groups()
        assert re.fullmatch(rf"https://lists\.example\.org/leave\?1:\d+\.[a-p]{{20}}:{table}:user%40example\.com", page)
        assert mail == f"mailto:{box}-unsubscribe-user=example.com@example.org"
        assert caught.fields("list-unsubscribe-post") == ["List-Unsubscribe=One-Click"]


def test_the_whole_way(sos):
    """Bounce, warning, its bounce, probe, its bounce: gone."""
    sos.returned("17-user=example.com", sender="x@y")
    sos.returned("19-user=example.com")
    caught = sos.warn("-t", 0)
    sender = re.fullmatch(r"sos-return-(warn-\d+\.[a-p]{20}-user=example.com)@example.org", caught.sender)
    assert sender and caught.recipients == ["user@example.com"]
    assert caught.names() == ["Mailing-List", "Date", "Message-ID", "Auto-Submitted", "From", "To", "MIME-Version", "Content-Type", "Subject"]
    assert caught.fields("from") == ["sos-help@example.org"] and caught.fields("subject") == ["Warning from sos@example.org"]
    assert caught.message.split("\n\n", 1)[1] == "top sos\nwarned: user@example.com\nnumbers:\n   17\n   19\nbottom\nReturn-Path: <x@y>\nSubject: failure notice\n"
    assert sos.kept() == {} and not (sos.path / HASH).exists()

    assert sos.warn("-t", 0).message is None
    sos.returned(sender[1], "Subject: failure\n\nagain\n")
    assert sos.kept() == {"w": "user@example.com\0Return-Path: <>\nSubject: failure\n\nagain\n"} and not (sos.path / HASH).exists()
    caught = sos.warn("-t", 0)
    sender = re.fullmatch(r"sos-return-(probe-\d+\.[a-p]{20}-user=example.com)@example.org", caught.sender)
    assert sender and caught.fields("subject") == ["Probe from sos@example.org"]
    assert caught.message.endswith("\n\ntop sos\nprobed\nbottom\nReturn-Path: <>\nSubject: failure\n") and sos.kept() == {}

    sos.returned(sender[1].replace("probe", "warn"))
    assert sos.kept() == {} and "user@example.com" in sos.members()
    assert "stays" in sos.returned(sender[1], FULL) and "user@example.com" in sos.members()
    sos.returned(sender[1])
    assert "user@example.com" not in sos.members() and re.search(r"\d+ -probe user@example.com\n", sos.get("Log").decode())
    sos.returned(sender[1])


def test_a_full_mailbox_is_counted_all_the_same(sos):
    sos.returned("17-user=example.com", FULL)
    assert sos.get(HASH) == b"   17\n" and list(sos.kept()) == ["d"]


def test_the_whole_bounce_goes_back_where_the_list_says_so(sos):
    sos.put("copylines", "1\n")
    sos.put("charset", "utf-8:Q\n")
    sos.put("text/bounce-bottom", "grüße\n")
    sos.returned("17-user=example.com", "Subject: x\n\none\ntwo\n")
    text = sos.warn("-t", 0).message
    assert 'Content-Type: multipart/mixed; charset=utf-8;\n\tboundary=' in text and "gr=C3=BC=C3=9Fe" in text
    assert text.split("filename=request.msg\n\n")[1].startswith("Return-Path: <>\nSubject: x\n\none\n\n--")


def aged(sos, seconds, kind="d"):
    """A bounce of that age, as it would lie there."""
    when = int(time.time()) - seconds
    place = sos.path / "bounce/d" / str(when // 10000)
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{kind}{when % 10000}.1"
    path.write_text("user@example.com\0Return-Path: <>\nSubject: x\n\nx\n")
    return path


def test_ten_days(sos):
    old, new = aged(sos, 864000 + 60), aged(sos, 864000 - 600)
    left = old.parent / "W1.2", old.parents[1] / f"{old.parent.name}_d1.2"
    for path in left:
        path.write_text("")
    caught = sos.warn()
    assert caught.recipients == ["user@example.com"] and new.exists() and not any(path.exists() for path in (old, *left))
    assert re.fullmatch(r"\d+\n", sos.get("bounce/lastd").decode()) and sos.get("bounce/lasth") == b"a"

    old = aged(sos, 864000 + 60)
    assert sos.warn().message is None and old.exists()
    sos.put("bounce/lastd", f"{int(time.time()) - 17200}\n")
    assert sos.warn().message is None and old.exists()
    assert sos.warn("-l", 100000).message is None
    sos.put("bounce/lastd", f"{int(time.time()) - 17290}\n")
    assert sos.warn().message and not old.exists()
    old = aged(sos, 864000 + 60)
    assert sos.warn("-t", 11, "-l", 0).message is None
    assert sos.warn("-l", 0).message and not old.exists()


def test_old_numbers_go_a_letter_a_day(sos):
    paths = [sos.path / f"bounce/h/{letter}/h" for letter in "ab"]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text("   1\n")
        os.utime(path, (1, 1))
    (young := paths[1].parent / "hyoung").write_text("   1\n")
    sos.warn()
    assert [path.exists() for path in paths] == [False, True]
    sos.warn("-l", 0)
    assert paths[1].exists()
    os.utime(sos.path / "bounce/lasth", (1, 1))
    sos.warn("-l", 0)
    assert not paths[1].exists() and young.exists() and sos.get("bounce/lasth") == b"b"


def test_who_is_not_warned(sos):
    sos.returned("17-user=example.com")
    sos.put("nowarn", "")
    assert sos.warn("-t", 0).message is None and sos.kept()
    (sos.path / "nowarn").unlink()
    sos.run("ezmlm-unsub", sos.path, "user@example.com")
    assert sos.warn("-d", "-t", 0).message is None and sos.kept()
    assert sos.warn("-D", "-t", 0).message is None and sos.kept() == {} and not (sos.path / HASH).exists()


def test_the_digest_is_looked_at_too(sos):
    sos.subscribe("user@example.com", table="digest")
    sos.returned("17-user=example.com", options=["-d"])
    assert sos.warn("-D", "-t", 0).message is None
    caught = sos.warn("-t", 0)
    assert caught.sender.startswith("sos-digest-return-warn-") and "top sos-digest\n" in caught.message and "digests:\n   17\n" in caught.message
    sos.returned(caught.sender.split("@")[0].removeprefix("sos-digest-return-"), options=["-d"])
    assert list(sos.kept("digest/bounce")) == ["w"]


def test_nothing_is_forgotten_while_mail_cannot_be_queued(sos):
    sos.returned("17-user=example.com")
    sos.refuse(31)
    assert "queue" in sos.warn("-t", 0, code=111).said and list(sos.kept()) == ["d"] and (sos.path / HASH).exists()
    sos.refuse()
    assert sos.warn("-t", 0).message


def test_a_damaged_bounce_is_passed_over(sos):
    path = aged(sos, 864060)
    for text in ("", "user@example.com", "\0", "x" * 200000, "who@else\0"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        sos.warn("-t", 0)
        assert not path.exists()
