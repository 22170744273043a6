"""tests/checklist.md is true: each row stands there once, and each test that it names is one that runs."""

import ast
import functools
import re

from tests.host.machine import TOP

TESTS = TOP / "tests"
ROWS = 361


def rows():
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in (TESTS / "checklist.md").read_text().splitlines()
            if re.match(r"\| \d", line)]


@functools.cache
def names_in(path):
    """The functions that pytest collects from a file; for others the one test that the file is."""
    if path.suffix != ".py":
        return {""}
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def is_there(named):
    file, _, name = named.partition("::")
    path = TESTS / file
    collected = re.fullmatch(r"(test_\w+\.py|.*_test\.c|.*\.talk)", path.name)
    return bool(collected) and path.is_file() and name in names_in(path)


def test_each_row_stands_there_once():
    assert [row[0] for row in rows()] == [str(number) for number in range(1, ROWS + 1)]


def test_each_row_names_a_test_or_what_is_missing():
    bare = [row for row in rows() if len(row) != 3 or not row[1] or not re.search(r"`[^`]+::\w+`|`[^`]+(_test\.c|\.talk)`|not yet: .|never: .", row[2])]
    assert bare == []


def test_each_test_that_is_named_is_there():
    named = {(row[0], name) for row in rows() for name in re.findall(r"`([^`]+\.(?:py|c|talk)[^`]*)`", row[2])}
    assert len(named) > 400
    assert sorted((int(number), name) for number, name in named if not is_there(name)) == []


def test_the_licence_is_there():
    """Free, and the only one."""
    assert (TOP / "LICENSE").read_text().startswith("ISC License")
