"""A virtual domain is there or not, whichever call fails and wherever a command is killed; the next command finishes it."""

import pathlib
import subprocess

import pytest

from tests.faults.sweep import ours_alone, sweep
from tests.vdomains.conftest import VIRTUAL, by_hand, state, virtual

pytestmark = ours_alone
assert virtual


def call(host, under, *command):
    return host.popen([*under, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


def looks(host):
    host.run(["vdeldomain", "there.is.none"], check=False)
    found = state(host)
    found["directory"] = pathlib.Path(host.path(f"{VIRTUAL}/a.example")).exists()
    found["cdb"] = host.run(["cdb", "-d", "/var/qmail/users/cdb"]).stdout
    found["left"] = sorted(path.name for folder in ("users", "control") for path in pathlib.Path(host.path(f"/var/qmail/{folder}")).iterdir()
                           if path.name.endswith((".new", ".plan", ".tmp")))
    return found


@pytest.mark.parametrize("command", [["vaddaliasdomain", "a.example", "b.example"], ["vdeldomain", "-f", "a.example"]])
def test_domain_command(virtual, record_property, command):
    def before():
        virtual.sh(f"rm -rf {VIRTUAL}")
        by_hand(virtual, "a.example")

    before()
    old = looks(virtual)
    assert call(virtual, [], *command) == 0
    new = looks(virtual)
    assert old != new and old["left"] == new["left"] == []
    before()

    def run(under):
        return call(virtual, under, *command)

    def judge(code, fault):
        found = looks(virtual)
        before()
        if code == 111 and {**found, "directory": False} == new:
            return []                           # what could not be removed was told
        if found not in (old, new):
            return [f"neither before nor after: {found}"]
        if code == 0 and found != new:
            return ["said to be done"]
        return []

    sweep(virtual, command[0], run, judge).end(record_property)
