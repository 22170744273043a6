"""A table or a control file is made anew, every system call failing in turn: it is the old one or the new one."""

import pathlib
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.users.test_newu import ASSIGN

pytestmark = ours_alone

DOMAINS = "".join(f"d{i}.example\n" for i in range(3000))
HOME = "/var/qmail"


@pytest.mark.parametrize("program, source, text, result", [
    ("qmail-newu", "users/assign", ASSIGN, "users/cdb"),
    ("qmail-newmrh", "control/morercpthosts", DOMAINS, "control/morercpthosts.cdb"),
    ("qmail-newcdb", "control/rcpthosts", 2 * DOMAINS, "control/rcpthosts.cdb"),
    ("qmail-config", "templates/concurrencyincoming", "77\n", "control/concurrencyincoming"),
], ids=["qmail-newu", "qmail-newmrh", "qmail-newcdb", "qmail-config"])
def test_replacing(host, record_property, program, source, text, result):
    place = pathlib.Path(host.path(f"{HOME}/{result}"))
    makes_only_what_is_missing = program == "qmail-config"
    host.write(f"{HOME}/{source}", text)

    def prepare():
        place.unlink(missing_ok=True)
        if not makes_only_what_is_missing:
            place.write_bytes(b"old")
        return place.read_bytes() if place.exists() else None

    def run(under):
        prepare()
        return host.popen([*under, f"{HOME}/bin/{program}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)

    old = prepare()
    assert run([]) == 0
    new = place.read_bytes()

    def judge(code, fault):
        killed = bool(fault and fault.silent)
        wrong = must.replaced(place, old, new, code == 0, killed) + must.local_exit(code, killed)
        return wrong + (must.replaced(place, old, new, run([]) == 0, False) if killed else [])

    sweep(host, program, run, judge).end(record_property)
