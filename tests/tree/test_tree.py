"""What holds for the whole tree: who includes whom, how long a function may be, a true page for each program."""

import os
import re
import subprocess

import pytest

from tests.host.machine import BUILD, STAGE, TOP
from tests.tree.test_agreements import settings

PROGRAMS = TOP / "programs"
FLOORS = ["spawn", "mail", "lib"]       # what spawns, what knows mail, what knows no mail
FUNCTION_LINES_MAX = 40
NEEDED = {"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"}
# The order that mandoc asks for; the headings it does not know stand beside their kin.
SECTIONS = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "CONTROL FILES", "FILES", "EXIT STATUS",
            "EXAMPLES", "DIAGNOSTICS", "SECURITY", "SEE ALSO"]


def roles():
    return [path.parent for path in sorted(PROGRAMS.glob("*/role.mk"))]


def programs():
    """ROLE/NAME of what is installed in bin, by the roles' lists."""
    listed = "".join((role / "role.mk").read_text().replace("\\\n", " ") for role in roles())
    names = re.findall(r"^(?:PROGRAMS|SCRIPTS) \+= (.*)$", listed, re.M)
    return [PROGRAMS / name for line in names for name in line.split()]


def page_of(program):
    pages = [program.with_name(f"{program.name}.{section}") for section in (1, 8)]
    return next((page for page in pages if page.exists()), None)


def sources():
    return sorted(PROGRAMS.glob("*/*.[ch]"))


def seen_from(folder):
    """A role sees itself and the floors; a floor sees those below it."""
    return FLOORS[FLOORS.index(folder):] if folder in FLOORS else [folder, *FLOORS]


def test_a_folder_includes_only_its_own_headers_and_those_of_the_floors_below():
    assert len(sources()) > 100
    strangers = [f"{source.relative_to(TOP)}: {header}"
                 for source in sources()
                 for header in re.findall(r'#include "([^"]+)"', source.read_text())
                 if not any((PROGRAMS / folder / header).exists() for folder in seen_from(source.parent.name))]
    assert strangers == []


def calls_in(folder):
    """{file: files of the folder that it calls or whose variables it uses}, as the linker sees it."""
    defined, wanted = {}, {}
    for built in sorted((BUILD / folder.name).glob("*.o")):
        if not (folder / f"{built.stem}.c").exists():
            continue
        symbols = subprocess.run(["nm", "-P", built], capture_output=True, text=True, check=True).stdout
        for name, kind in [line.split()[:2] for line in symbols.splitlines()]:
            if kind == "U":
                wanted.setdefault(built.stem, set()).add(name)
            elif kind.isupper() and name != "main":
                defined.setdefault(name, set()).add(built.stem)
    return {one: set().union(*(defined.get(name, set()) for name in names)) - {one} for one, names in wanted.items()}


def circle_in(calls):
    """The files that call each other in a circle, or stand between circles: what is left when all have gone who call nobody
    that is left, or whom nobody left calls."""
    left = set(calls)
    while True:
        called = set().union(*(calls[one] & left for one in left))
        inside = {one for one in left if calls[one] & left} & called
        if inside == left:
            return sorted(left)
        left = inside


def test_no_files_call_each_other_in_a_circle():
    """Whoever changes a part changes what stands above it, and nothing else."""
    calls = {folder.name: calls_in(folder) for folder in {source.parent for source in sources()}}
    assert len(calls["queue"]) > 40 and len(calls["spawn"]) > 5 and "send_jobs" in calls["queue"]["send_events"]
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["b", "c"]
    assert {folder: circle_in(files) for folder, files in calls.items() if circle_in(files)} == {}


def test_functions_are_short():
    long, count = [], 0
    for source in sources():
        opened = None
        for number, line in enumerate(source.read_text().splitlines(), 1):
            if line == "{":
                opened, count = number, count + 1
            elif line == "}" and opened:
                if number - opened > FUNCTION_LINES_MAX:
                    long.append(f"{source.relative_to(TOP)}:{opened}: {number - opened} lines")
                opened = None
    assert count > 2000
    assert long == []


@pytest.mark.parametrize("role", [role.name for role in roles()])
def test_what_a_role_and_the_floors_export_has_a_name_of_its_own(role):
    """Who looks for a function or a structure by its name finds one."""
    functions, exported, structures, in_headers = {}, set(), {}, set()
    for source in [source for folder in (role, *FLOORS) for source in PROGRAMS.glob(f"{folder}/*.[ch]")]:
        code = source.read_text()
        for line, name in re.findall(r"^(\w[\w *]*?\b(\w+))\([^;{]*\)(?:\n| )\{", code, re.M):
            functions.setdefault(name, []).append(source.name)
            exported |= {name} - {"main"} if not re.search(r"\bstatic\b", line) else set()
        for name in re.findall(r"^struct (\w+) \{", code, re.M):
            structures.setdefault(name, []).append(source.name)
            in_headers |= {name} if source.suffix == ".h" else set()
    assert len(exported) > 150 and "verb_find" in exported
    assert {name: functions[name] for name in exported if len(functions[name]) > 1} == {}
    assert len(in_headers) > 30
    assert {name: structures[name] for name in in_headers if len(structures[name]) > 1} == {}


def test_each_program_has_a_page_with_the_usual_sections():
    assert len(programs()) > 25
    wrong = []
    for program in programs():
        page = page_of(program)
        if page is None:
            wrong.append(f"{program.name}: no page")
            continue
        sections = re.findall(r"^\.Sh (.*)$", page.read_text(), re.M)
        if NEEDED - set(sections):
            wrong.append(f"{page.name}: lacks {sorted(NEEDED - set(sections))}")
        if sections != [section for section in SECTIONS if section in sections]:
            wrong.append(f"{page.name}: {sections}")
    assert wrong == []


def test_each_name_in_bin_has_a_page():
    names = [path.name for path in (STAGE / "var/qmail/bin").iterdir() if not path.name.startswith(".")]
    pages = {path.stem for path in (STAGE / "var/qmail/man").glob("man[18]/*")}
    assert len(names) > 30
    assert [name for name in names if name not in pages] == []


def test_each_option_is_in_the_page():
    missing, found = [], 0
    for program in programs():
        source = program.with_suffix(".c")
        if not source.exists():
            continue
        code, page = source.read_text(), page_of(program).read_text()
        letters = set("".join(re.findall(r'subgetopt_r\([^";]*"([^"]*)"', code))) - set(":/+-")
        letters |= set(re.findall(r"\{ '(\w)', (?:COMMAND|OPTION)_", code))
        words = set(re.findall(r'"--([a-z][a-z-]+)"', code))
        told = "".join(re.findall(r"\bFl ([A-Za-z0-9]+)", page))
        missing += [f"{program.name} -{letter}" for letter in sorted(letters - set(told))]
        missing += [f"{program.name} --{word}" for word in sorted(words) if f"Fl -{word}" not in page]
        found += len(letters) + len(words)
    assert found > 10
    assert missing == []


def test_each_variable_is_in_qmail_environment_and_in_the_table_of_settings():
    """Variables that are read or set by name, and those that rules may set."""
    call = re.compile(r"\b(?:getenv|setenv|setting|fact|log_variable|variable_is)\((?:[^\"(;]*, )?\"([A-Z][A-Z0-9_]+)\"")
    given = re.compile(r"\b(?:keep|add|add_bytes)\((?:to, )\"([A-Z][A-Z0-9_]+)\"")
    table = re.compile(r"\b(?:\w+_names|settings|hosts|exts)\[\] = [^;]*;")
    named = set()
    for source in sources():
        code = source.read_text()
        named |= set((given if source.name == "local_environment.c" else call).findall(code))
        named |= {name for rows in table.findall(code) for name in re.findall(r'"([A-Z][A-Z0-9_]+)"', rows)}
    page = (PROGRAMS / "man/qmail-environment.7").read_text()
    told = {word for line in re.findall(r"\bEv (.*)", page) for word in re.findall(r"[A-Z][A-Z0-9_]+", line)}
    told |= {name.replace("TCP", "TCP6", 1) for name in told if name.startswith("TCP")}
    assert len(named) > 40 and {"QMAILQUEUE", "EXT3", "DTLINE", "SHELL"} <= named
    assert named - told == set()
    table = {name for row in settings() if "variable" in row for name in row["variable"].split(", ")}
    assert {name for name in told if not name.startswith("TCP6")} == table


def test_the_states_of_a_message_are_those_of_the_queue_readme():
    code = (PROGRAMS / "queue/send_message.c").read_text()
    told = re.findall(r"^\| ([A-Z]+) \|[^|]*\| ([A-Z, ]+) \|$", (PROGRAMS / "queue/README.md").read_text(), re.M)
    ways = re.search(r"may\[FORGOTTEN\]\[STATES\] = \{(.*?)\n\};", code, re.S).group(1)
    obeyed = {one: re.findall(r"\[(\w+)\] = true", rest) for one, rest in re.findall(r"^  \[(\w+)\] *= \{(.*)\}", ways, re.M)}
    assert len(obeyed) == 6
    assert {one: rest.split(", ") for one, rest in told} == obeyed


def test_a_part_that_has_left_its_folder_leaves_its_archive():
    """Who builds anew after an update would link it twice: what it was, and what it is elsewhere now."""
    said = subprocess.run(["make", "-n", "-W", "programs/inject", "all"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    assert re.search(r"^ar rcs \S+/inject/parts\.a \S+\.o", said, re.M), said[-1000:]


def test_what_the_guarantee_names_is_there():
    text = (PROGRAMS / "man/doc/GUARANTEE").read_text()
    makefile = (TOP / "Makefile").read_text()
    targets = re.findall(r"^    make ([a-z-]+)", text, re.M)
    assert len(targets) == 5 and all(re.search(f"^{target}:", makefile, re.M) for target in targets)
    places = re.findall(r"\btests/[\w/]+(?:\.py)?|\bPIC\.\w+", text)
    assert len(places) > 4
    assert [place for place in places if not (TOP / place).exists() and not (PROGRAMS / "man/doc" / place).exists()] == []


@pytest.mark.skipif("SANITIZE" in os.environ, reason="sanitized programs are built with other flags")
def test_installed_programs_are_hardened():
    def readelf(option, program):
        return subprocess.run(["readelf", "-W", option, program], capture_output=True, text=True, check=True).stdout

    def lacks(program):
        dynamic = readelf("-d", program)
        return [name for name, there in {
            "position independence": re.search(r"FLAGS_1.*\bPIE\b", dynamic),
            "immediate binding": re.search(r"FLAGS_1.*\bNOW\b", dynamic),
            "read-only relocations": "GNU_RELRO" in readelf("-l", program),
            "a stack that is not executable": re.search(r"GNU_STACK.* RW ", readelf("-l", program)),
            "a stack protector": "__stack_chk_fail" in readelf("-s", program),
        }.items() if not there]

    compiled = [STAGE / "var/qmail/bin" / program.name for program in programs() if program.with_suffix(".c").exists()]
    assert len(compiled) > 20
    assert {program.name: lacks(program) for program in compiled if lacks(program)} == {}


def test_a_comment_leads_nowhere_but_to_what_is_there():
    """A page of this system is in the tree, and so is a document; everything else is the system's or an RFC."""
    pages = {page.stem for page in PROGRAMS.glob("*/*.[1578]")}
    comments = {source: "".join(re.findall(r"/\*.*?\*/", source.read_text(), re.S)) for source in sources()}
    named = {(source, name) for source, text in comments.items() for name in re.findall(r"\b([\w-]*qmail[\w-]*)\([1-8]\)", text)}
    assert len(named) > 5
    assert [(source.name, name) for source, name in named if name not in pages] == []
    documents = {(source, name) for source, text in comments.items()
                 for name in re.findall(r"(?i)reference section|\(design: |[\w/-]+\.md\b", text)}
    assert [(source.name, name) for source, name in documents if not (source.parent / name).exists()] == []
