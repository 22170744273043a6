"""What stands once and is said in several places: they say the same."""

import re

from tests.host.machine import TOP

PROGRAMS = TOP / "programs"


# ---- the exit codes of qmail-queue ----

EXITS = (PROGRAMS / "mail/queue_exit.h").read_text()


def codes(enum):
    body = re.search(rf"^enum {enum} {{$(.*?)^}};", EXITS, re.M | re.S)[1]
    return {name: int(number) for name, number in re.findall(r"\b(QUEUE_EXIT_\w+) = (\d+)", body)}


def test_exit_codes_of_qmail_queue_are_those_of_its_page():
    page = (PROGRAMS / "queue/qmail-queue.8").read_text()
    section = re.search(r"^\.Sh EXIT STATUS$(.*?)^\.Sh", page, re.M | re.S)[1]
    told = [int(number) for number in re.findall(r"^\.It (\d+)$", section, re.M)]
    assert len(told) > 10
    assert told == list(codes("queue_exit").values())


def test_each_exit_code_of_qmail_queue_has_one_verdict():
    names = [*codes("queue_exit"), *codes("queue_exit_of_others")]
    table = (PROGRAMS / "mail/queue_exit.c").read_text()
    assert len(names) > 20
    assert re.findall(r"{ (QUEUE_EXIT_\w+), ", table) == names


def test_qmail_queue_and_its_service_end_only_by_their_own_codes():
    said = {name for source in ("acceptance.c", "qmail-queue.c", "qmail-queued.c")
            for name in re.findall(r"\bQUEUE_EXIT_\w+", (PROGRAMS / "queue" / source).read_text())}
    assert said | {"QUEUE_EXIT_NO_ACCOUNT"} == set(codes("queue_exit"))


def test_nobody_else_names_an_exit_code_of_qmail_queue():
    strangers = [source.name for source in PROGRAMS.glob("*/*.[ch]") if re.search(r"[DZ]qq [a-z]", source.read_text())]
    assert sorted(strangers) == ["queue_client.c", "queue_exit.c"]
