"""A mailing list that is made, or changed, every system call failing in turn: it is there whole or not at all, and what was broken off
can be repeated."""

import pathlib
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep

pytestmark = ours_alone

HOME = "/home/joe"
LIST = f"{HOME}/sos"


@pytest.fixture
def joe(host):
    host.user("joe")
    return host


def make(host, under, *words):
    return host.popen([*under, "/var/qmail/bin/ezmlm-make", *words], user="root" if under else "joe", stdin=subprocess.DEVNULL,
                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


def made(host):
    """Names and texts of the list, but its key; and the names beside it."""
    top = pathlib.Path(host.path(LIST))
    files = {str(p.relative_to(top)): p.is_file() and p.name != "key" and p.read_bytes() for p in top.rglob("*")}
    return files, sorted(p.name for p in pathlib.Path(host.path(HOME)).iterdir() if "sos" in p.name)


def clear(host):
    host.sh(f"rm -rf {LIST} {HOME}/.qmail-sos* {HOME}/.sos.new*")


def test_a_list_is_made(joe, record_property):
    words = (LIST, f"{HOME}/.qmail-sos", "joe-sos", "mail.example.org")
    assert make(joe, [], *words) == 0
    wanted = made(joe)

    def judge(code, fault):
        files, names = made(joe)
        wrong = ["half a list"] if files and (files, names) != wanted else []
        wrong += ["said done, and is not"] if code == 0 and not files else []
        wrong += [f"exit {code}"] if code not in (0, 100, 111) and not (fault and fault.silent) else []
        if not files:
            wrong += ["cannot be repeated"] if make(joe, [], *words) or made(joe) != wanted else []
        clear(joe)
        return wrong + must.processes(joe)

    clear(joe)
    sweep(joe, "ezmlm-make", lambda under: make(joe, under, *words), judge, user="joe").end(record_property)


def test_a_list_is_changed(joe, record_property):
    def prepare():
        clear(joe)
        make(joe, [], "-A", LIST, f"{HOME}/.qmail-sos", "joe-sos", "mail.example.org")

    prepare()
    before = made(joe)[0]
    assert make(joe, [], "-+", "-mf", LIST) == 0
    after = made(joe)

    def judge(code, fault):
        files = made(joe)[0]
        torn = [name for name, text in files.items() if not name.endswith(".new") and text not in (before.get(name), after[0].get(name))]
        wrong = [f"torn: {torn}"] if torn else []
        wrong += ["said done, and is not"] if code == 0 and made(joe) != after else []
        wrong += [f"exit {code}"] if code not in (0, 100, 111) and not (fault and fault.silent) else []
        wrong += ["cannot be repeated"] if make(joe, [], "-+", "-mf", LIST) or made(joe) != after else []
        prepare()
        return wrong + must.processes(joe)

    prepare()
    sweep(joe, "ezmlm-make -+", lambda under: make(joe, under, "-+", "-mf", LIST), judge, user="joe").end(record_property)
