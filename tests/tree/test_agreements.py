"""What stands once and is said in several places: they say the same."""

import fnmatch
import re
import subprocess

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
    made_by_setup = {".", "control", "users", "run", "run/queue", "run/users", "run/owners", "run/auth", "run/tls", "run/limits", "run/sts", "run/send", "run/primary", "run/serial", "primary", "frozen", "frozen/accounts", "sts", "sts/sessions",
                     "control/tls", "alias", "supervise"}
    rows = [(type, path) for type, _, _, _, path in layout() if path not in made_by_setup]
    assert len(rows) > 30
    assert [path for _, path in rows if not list((STAGE / "var/qmail").glob(path))] == []


def test_nothing_is_installed_with_a_mode_of_its_own():
    makefile = (TOP / "Makefile").read_text()
    install = re.search(r"^install:.*?\n\n", makefile, re.M | re.S)[0]
    assert not re.search(r"\binstall -|chmod|chown", install)


# ---- changes of virtual domains ----

VDOMAINS = PROGRAMS / "vdomains"


def changes():
    """{name: (command, right, object, what a script hears, how it is undone)} of the table."""
    rows = re.findall(r'\{ "(\w+)", "([^"]+)", VCHANGE_(\w+), VCHANGE_(\w+), ("\w+"|0), "[^"]+",\s+("[^"]+"|0) \}',
                      (VDOMAINS / "vchange.c").read_text())
    return {name: (command, right, what, told.strip('"'), undo.strip('"')) for name, command, right, what, told, undo in rows}


def test_the_table_of_changes_is_whole():
    """Each command tells of what it changes by a name of the table, and each name is told by the command that is its own."""
    told = {}
    for source in VDOMAINS.glob("*.c"):
        calls = re.findall(r"\b(?:onchange\w*|user_alter)\(([^;]*);", source.read_text())
        told[source.stem] = {word for call in calls for word in re.findall(r'"(\w+)"', call)}
    helpers = {"bulk": "vadduser"}
    assert len(changes()) > 15
    missing = [name for name, row in changes().items()
               if not any(name in words and helpers.get(file, file) == row[0].split()[0] for file, words in told.items())]
    assert missing == []
    heard = {row[3] for row in changes().values()} - {"0"}
    assert {(file, word) for file, words in told.items() for word in words if word not in changes() and word not in heard} == set()


def test_each_change_is_made_and_undone_by_a_command_that_is_there():
    lines = [line for row in changes().values() for line in (row[0], row[4]) if line != "0"]
    for line in lines:
        source = (VDOMAINS / f"{line.split()[0]}.c").read_text()
        for letter in re.findall(r" -(\w)\b", line):
            assert f"{{ '{letter}', COMMAND_" in source, line
    assert len(lines) > 30


def test_vpopmaild_and_the_page_agree_with_the_table_of_changes():
    source = (VDOMAINS / "vpopmaild.c").read_text()
    verbs = re.findall(r'^  \{ "(\w+)", +(\w+), +(\w+), .*?\b(verb_\w+),', source, re.M)
    bodies = dict(re.findall(r"^static void (verb_\w+)\(.*?\)\n\{\n(.*?)^\}", source, re.M | re.S))
    changing = [row for row in verbs if re.search(r"\bchange(?:_saying)?\(|\bwish\b", bodies.get(row[3], ""))]
    assert len(changing) > 8
    for name, right, what, _ in changing:
        _, least, first, _, _ = changes()[name]
        assert right == least, name
        assert right == "SYSTEM" or what == {"EITHER": "ADDRESS"}.get(first, first), name
    words = {"USER": "user", "ADMIN": "administrator", "SYSTEM": "system"}
    rows = [f".It {name} Ta {words[right]} Ta {command} Ta {undo if undo != '0' else 'a copy'}"
            for name, (command, right, _, _, undo) in changes().items()]
    page = (PROGRAMS / "man/virtual-domains.7").read_text().replace("\\-", "-")
    assert re.findall(r"^\.It \w+ Ta (?:user|administrator|system) Ta .*$", page, re.M) == rows


# ---- control files and variables ----

SETTINGS = PROGRAMS / "admin/settings"


def settings():
    """A {word: text} for each stanza."""
    stanzas = [[line for line in stanza.splitlines() if not line.startswith("#")] for stanza in SETTINGS.read_text().split("\n\n")]
    return [{line[:9].rstrip(): line[10:] for line in stanza} for stanza in stanzas if stanza]


def test_the_table_of_settings_is_whole():
    files = [row["file"] for row in settings() if "file" in row]
    variables = [name for row in settings() if "variable" in row for name in row["variable"].split(", ")]
    assert len(files) > 40 and len(set(files)) == len(files)
    assert len(variables) > 50 and len(set(variables)) == len(variables)
    assert [row for row in settings() if not {"read by", "meaning", "default"} <= set(row)] == []


def test_what_a_file_sets_a_variable_of_its_name_sets_too():
    files = {row["file"] for row in settings() if "file" in row}
    named = {name.lower() for row in settings() if row["default"] == "the control file of this name"
             for name in row["variable"].replace("QMAIL", "").split(", ")}
    assert len(named) > 5 and named <= files


def test_no_more_deliveries_than_the_spawners_can_number():
    most = re.search(r"\bWIRE_SLOTS_MAX = (\d+)", (PROGRAMS / "mail/delivery_wire.h").read_text())[1]
    assert {row["most"] for row in settings() if row.get("file") in ("concurrencylocal", "concurrencyremote")} == {most}


GOOD = "file      x\nkind      number\ndefault   7\nread by   y\nchange    z\nmeaning   M \"q\".\nshown     a * b\n"
BAD = {
    "a word nobody knows": GOOD.replace("change", "chance"),
    "a word twice": GOOD + "default   8\n",
    "a missing line": GOOD.replace("meaning   M \"q\".\n", ""),
    "a kind nobody knows": GOOD.replace("number", "digit"),
    "no place for the value": GOOD.replace("a * b", "a b"),
    "a word that is not in its column": GOOD.replace("default   7", "default 7"),
    "a variable that is set by nobody": "variable  X\nset by    him\nread by   y\nmeaning   z\n",
    "what C would not take as it is": GOOD.replace("M ", "\\M "),
    "nothing known": "x\n",
}


def make_settings(text):
    return subprocess.run(["awk", "-f", PROGRAMS / "admin/settings.awk"], input=text, capture_output=True, text=True)


def test_a_wrong_table_of_settings_ends_the_build():
    made = make_settings(GOOD)
    assert made.returncode == 0
    assert '{ "x", OF_FAMILY, FORM_NUMBER, "7", 0,\n    0, "z", "y",\n    "M \\"q\\".",\n    "a ", " b", 0 },' in made.stdout
    for what, text in BAD.items():
        done = make_settings(GOOD + "\n" + text)
        assert done.returncode == 1 and "programs/admin/settings: bad line: " in done.stderr, what
