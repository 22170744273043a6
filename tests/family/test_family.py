"""What our programs do with some thousand cases, made by chance, is what they did when that was recorded.

A difference is a change of behaviour: either nobody meant it, or it is recorded anew and the lines that change are read:

    RECORD=1 make check-one T=tests/family; git diff tests/family/recorded"""

import difflib
import json
import os
import pathlib

import pytest

from tests.family.generate import FAMILY, cases

HERE = pathlib.Path(__file__).parent
PLAYER = HERE / "play.py"
SHOWN = 40
NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


def escaped(text):
    return "".join(NAMED.get(c, c if " " <= c <= "~" else f"\\x{ord(c):02x}") for c in text)


def line(case, result):
    return "\t".join(map(escaped, case)) + "\t=>\t" + "\t".join(map(escaped, result))


@pytest.fixture
def town(host):
    host.user("joe")
    host.control("smtproutes", ":127.0.0.1:2525\n")
    host.control("badmailfrom", "spam@bad.example\n")
    host.write("/home/joe/.qmail-list", "./Maildir/\n", owner="joe")
    # The owners that the lines of generate.py name.
    host.sh("mkdir -p /var/qmail/users; for home in ann:1001 bob:1002 a.b:1003; do install -d -o ${home#*:} /home/${home%:*}; done; "
            "usermod -o -u 7790 alias")
    return host


@pytest.mark.parametrize("name", FAMILY)
def test_as_recorded(town, name):
    told = town.run(["/usr/bin/python3", PLAYER, name], input=json.dumps(cases(name)).encode(), timeout=300)
    lines = [line(case, result) for case, result in zip(cases(name), json.loads(told.stdout))]
    recorded = HERE / "recorded" / f"{name}.txt"
    if os.environ.get("RECORD"):
        recorded.write_text("".join(text + "\n" for text in lines))
    changes = [text for text in difflib.unified_diff(recorded.read_text().splitlines(), lines, "recorded", "now", n=0)
               if not text.startswith("@@")]
    assert not changes, "\n".join([f"{len(changes)} lines of {recorded.name} differ", *changes[:SHOWN]])
