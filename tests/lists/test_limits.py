"""A list is no mail bomb: what it answers to one address, and to all, has a bound; and what a program has written gets no answer."""

import re

import pytest

from tests.host import eventually
from tests.lists.listhost import the_list
from tests.lists.posting import POST, Posting

TEXTS = {"help": "help\n", "bottom": "bottom\n", "get-bad": "no\n", "info": "info\n", "faq": "faq\n", "sub-nop": "is\n", "unsub-nop": "is not\n",
         "sub-ok": "welcome\n", "unsub-ok": "goodbye\n", "mod-help": "help\n", "edit-do": "edit\n"}
VICTIM = "victim@example.net"
AGAIN = 5                                               # so often the same is answered


class Limited(Posting):
    def __init__(self, place):
        super().__init__(place, public="", remote="", modcanlist="", modcanedit="")
        for name, text in TEXTS.items():
            self.put("text/" + name, text)
        self.subscribe(VICTIM, table="mod")
        (self.path / "box").write_text("".join(f"From x\n{POST}" for _ in range(150)))
        self.run("ezmlm-import", self.path, "box")
        self.run("ezmlm-idx", self.path)

    def ask(self, word, sender=VICTIM, code=None, program=None, options=(), text="From: x\n\n", **env):
        """By mail: what is answered, or None."""
        program = program or ("ezmlm-get" if re.match("get|index|thread", word) else "ezmlm-manage")
        code = (99 if program == "ezmlm-get" else 0) if code is None else code
        got = self.mail(program, *options, self.path, text=text, code=code, sender=sender, LOCAL=f"sos-{word}", DEFAULT=word,
                        RECIPIENT=f"sos-{word}@example.org", **env)
        return got if got.message else None

    def age(self, seconds):
        lines = [line.split(" ", 1) for line in self.get("answers").decode().splitlines()]
        self.put("answers", "".join(f"{int(when) - seconds} {rest}\n" for when, rest in lines))


@pytest.fixture
def sos(tmp_path):
    return Limited(tmp_path)


def test_the_same_again_is_answered_five_times(sos):
    """Who has not found the first answer asks again; a script does it."""
    sos.put("answerlimit", "100:100\n")
    for word in ("help", "info", "faq", "list", "get.1", "index", "thread.1", "edit.info", "no-such"):
        assert all(sos.ask(word) for _ in range(AGAIN)), word
        assert sos.ask(word) is None, word
        assert sos.ask(word, sender=VICTIM.upper()) is None, word
    assert re.fullmatch(r"(\d{10} \d+ [a-p]{40}\n){%d}" % (9 * AGAIN), sos.get("answers").decode())
    assert (sos.path / "answers").stat().st_mode & 0o777 == 0o600
    sos.age(600)
    assert sos.ask("help") and sos.get("answers").count(b"\n") == 1


def test_what_may_be_another_answer_is_answered(sos):
    assert all(sos.ask("query") for _ in range(AGAIN + 1)) and all(sos.ask("get") for _ in range(AGAIN)) and not sos.ask("get")
    sos.put("num", "151:1\n")
    assert sos.ask("get") and sos.ask("index")


def test_a_record_that_is_none_stops_no_answer(sos):
    """Longer than a list's programs make it, or full of something else: it begins anew."""
    for junk, told in (("x" * 79 + "\n") * 20000, "File too large"), ("x\0\n" * 100, ""):
        sos.put("answers", junk)
        got = sos.ask("help", sender="joe@example.net")
        assert got and told in got.said
        assert re.fullmatch(r"\d{10} 1 [a-p]{40}\n", sos.get("answers").decode())


def test_it_is_said_why(sos):
    for _ in range(AGAIN):
        sos.ask("help")
    said = sos.mail("ezmlm-manage", sos.path, sender=VICTIM, LOCAL="sos-help", DEFAULT="help", RECIPIENT="x@y", text="From: x\n\n").said
    assert "info: this address has had answers to that within the last ten minutes" in said


def test_a_person_asks_for_five_things_in_a_row(sos):
    assert all(sos.ask(f"get.{at}_{at + 99}") for at in range(1, 6))
    assert sos.ask("help") is None, "as much as 500 posts in ten minutes are enough"


def test_an_address_has_had_enough(sos):
    assert [bool(sos.ask(f"query-joe{n}=example.net", sender="joe@example.com")) for n in range(30)] == [True] * 30, "each of them is somebody else"
    sos.age(60)
    assert [bool(sos.ask(f"get.{n}")) for n in range(1, 31)] == [True] * 25 + [False] * 5
    assert sos.ask("get.1", sender="ann@example.net")


def test_one_large_answer_is_given(sos):
    sos.put("answerlimit", "2\n")
    assert sos.ask("get.1_100")
    assert sos.ask("help") is None


def test_the_list_has_answered_enough(sos):
    sos.put("answerlimit", "25:3\n")
    assert [bool(sos.ask("help", sender=f"joe{n}@example.net")) for n in range(3)] == [True] * 3
    assert sos.ask("help", sender="ann@example.net", code=111) is None
    assert sos.ask("index", sender="ann@example.net", code=111) is None
    sos.age(60)
    assert sos.ask("help", sender="ann@example.net")


def test_no_limits(sos):
    sos.put("answerlimit", "0:0\n")
    assert all(sos.ask("help") for _ in range(70)) and not (sos.path / "answers").exists()


def test_what_is_run_by_hand_is_not_limited(sos):
    for _ in range(3):
        assert sos.mail("ezmlm-manage", sos.path, sender=VICTIM, LOCAL="sos-help", DEFAULT="help", text="From: x\n\n").message
    assert not (sos.path / "answers").exists()


def test_an_answer_that_was_not_queued_does_not_count(sos):
    sos.refuse(53)
    assert sos.ask("help", code=111) is None
    sos.refuse()
    assert sos.ask("help")


def test_who_is_subscribed_is_told_so_five_times(sos):
    sos.subscribe(VICTIM)
    assert [bool(sos.ask("subscribe")) for _ in range(AGAIN + 1)] == [True] * AGAIN + [False]
    assert sos.ask(f"unsubscribe-x-{VICTIM.replace('@', '=')}") and sos.members() and VICTIM in sos.members()


def test_changes_without_a_question_wait(sos):
    """Else strangers could fill a mailbox by turns."""
    sos.put("nosubconfirm", "")
    sos.put("nounsubconfirm", "")
    sos.put("answerlimit", "4\n")
    other = "ann@example.net"
    for word in ("subscribe", "unsubscribe", "subscribe", "unsubscribe"):
        assert sos.ask(word, sender=other)
    assert sos.ask("subscribe", sender=other, code=111) is None and other not in sos.members()
    sos.age(600)
    assert sos.ask("subscribe", sender=other) and other in sos.members()


def test_a_post_that_is_to_be_confirmed_waits(sos):
    sos.put("confirmpost", "")
    for _ in range(5):
        assert sos.ask("", program="ezmlm-store", options=["-y"], text=POST)
    assert sos.ask("", program="ezmlm-store", options=["-y"], text=POST, code=111) is None
    assert len(list((sos.path / "mod/unconfirmed").iterdir())) == 5
    sos.age(600)
    assert sos.ask("", program="ezmlm-store", options=["-y"], text=POST)


def test_what_a_program_has_written_is_not_answered(sos):
    for field in ("Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (x)", "Precedence: bulk", "Precedence: list", "precedence: junk"):
        for word in ("help", "get.1", "index", "thread.1", "subscribe"):
            assert sos.ask(word, text=f"From: x\n{field}\n\n") is None, (field, word)
    for field in ("Auto-Submitted: no", "Auto-Submitted: No (really)", "Precedence: first-class"):
        assert sos.ask("help", sender=f"{len(field)}@example.net", text=f"From: x\n{field}\n\n"), field


def test_requests_of_all_lists(sos):
    sos.put("lists", f"sos@example.org:{sos.path}:about\n")

    def ask(line):
        got = sos.mail("ezmlm-request", "-f", "lists", sos.path, text=f"From: x\n\n{line}\n", sender=VICTIM, LOCAL="majordomo", RECIPIENT="x@y", code=99)
        return bool(got.message)
    assert [ask("lists") for _ in range(AGAIN + 1)] == [True] * AGAIN + [False]
    assert ask("which") and ask("help") and ask("which")


def test_by_mail(host):
    """Through the installed lines: forty forged requests are five answers for each of two kinds."""
    sos = the_list(host, "sos")
    host.user("victim")
    host.start()
    victim = f"victim@{host.name}"
    sos.write("joe@example.net", "Hello")
    assert eventually(lambda: sos.has("num"))
    for _ in range(20):
        for word in ("help", "index"):
            sos.write(victim, to=sos.address(word))
    assert eventually(lambda: host.sh("qmail-qstat").stdout.startswith("messages in queue: 0\n"), 60)
    assert len(host.maildir("victim")) == 2 * AGAIN
    assert host.log("qmail-send").count("gets_no_more") >= 1
