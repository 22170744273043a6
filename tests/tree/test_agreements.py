"""What stands once and is said in several places: they say the same."""

import fnmatch
import re

from tests.host.machine import STAGE, TOP

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


# ---- owners and modes of what is installed ----

def layout():
    """[type, owner, group, mode, path] of programs/admin/layout."""
    lines = (PROGRAMS / "admin/layout").read_text().splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def mode_wanted(path):
    """By the row of the path itself, or by that of the files it is one of. Without root nothing is setuid."""
    rows = [row for row in layout() if row[4] == path] + [row for row in layout() if fnmatch.fnmatchcase(path, row[4])]
    return rows[0][3][-3:] if rows else None


def test_all_that_is_installed_has_the_mode_of_the_table():
    home = STAGE / "var/qmail"
    found = [path for path in home.rglob("*") if path.relative_to(home).parts[0] != "supervise"
             and not path.is_symlink() and path.name != ".shipped"]
    wrong = {str(path.relative_to(home)): f"{path.stat().st_mode & 0o7777:o}" for path in found
             if f"{path.stat().st_mode & 0o7777:o}" != mode_wanted(str(path.relative_to(home)))}
    assert len(found) > 100
    assert wrong == {}


def test_what_the_table_names_is_installed():
    made_by_setup = {".", "control", "users", "run", "run/queue", "alias", "supervise"}
    rows = [(type, path) for type, _, _, _, path in layout() if path not in made_by_setup]
    assert len(rows) > 30
    assert [path for _, path in rows if not list((STAGE / "var/qmail").glob(path))] == []


def test_nothing_is_installed_with_a_mode_of_its_own():
    makefile = (TOP / "Makefile").read_text()
    install = re.search(r"^install:.*?\n\n", makefile, re.M | re.S)[0]
    assert not re.search(r"\binstall -|chmod|chown", install)
