"""Questions to the helper of a database, whichever call of it fails and wherever it is killed: nobody becomes unknown, nobody is
invented, a change that is said to be done is done, one that is not is not; and a snapshot is whole or not there."""

import pathlib
import socket
import subprocess

import pytest

from tests.faults.invariants import service_ends
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_queued import connect
from tests.faults.test_usersd import SILENCE, net
from tests.host import eventually
from tests.sqlstore.servers import Sqlite, install
from tests.vdomains.test_domains import run as command

pytestmark = ours_alone

PARTS = 6
PROGRAM = "/var/qmail/bin/qmail-store-sqlite"
PLACE = "/var/qmail/run/users/sqlite"
AS_IT_WAS = 1
TROUBLE = {"trouble", SILENCE}
# By these a commit of SQLite ends: when one fails, the change may be there, and nobody knows whether the disk has heard of it.
END_OF_COMMIT = {"fsync", "fdatasync", "unlink", "fcntl"}


def frame(word, number=0, name="", home=""):
    return net([part.encode() for part in (word, str(number), "example.net", "0", "0", name, "", "1", "0", "", home, "NOQUOTA", "0", "")])


# What is asked, and how it may end.
QUESTIONS = [
    (frame("find", name="joe"), {"done"} | TROUBLE),
    (frame("find", AS_IT_WAS, "joe"), {"done", "lately"} | TROUBLE),
    (frame("find", AS_IT_WAS, "nobody"), {"no user"} | TROUBLE),
    (frame("list"), {"done"} | TROUBLE),
    (frame("edit", 1) + frame("add", name="jane", home="/home/jane"), {"done"} | TROUBLE),
]


def words(answer):
    """The first word of each frame."""
    found = []
    while answer:
        length, rest = answer.split(b":", 1)
        found.append(rest.split(b":", 1)[1].split(b",")[0].decode())
        answer = rest[int(length) + 1:]
    return found


def ask(host, server, question):
    """How it ended, or SILENCE; and how many records came before."""
    s = eventually(lambda: connect(host.path(PLACE)) or server.poll() is not None, 10)
    if not isinstance(s, socket.socket):
        return SILENCE, 0
    with s:
        try:
            s.sendall(question)
            said = words(s.makefile("rb").read())
        except OSError:
            return SILENCE, 0
    return (said[-1], said.count("record")) if said and said[-1] != "record" else (SILENCE, 0)


def ends(host, server):
    return service_ends(host, server, f"'^{PROGRAM}'", "-f")


def judge_snapshot(host):
    if not pathlib.Path(host.path(f"{PLACE}.snapshot")).exists():
        return []
    keys = host.sh(f"cdb -l {PLACE}.snapshot", check=False)
    return [] if keys.returncode == 0 and ":joe@example.net\n" in keys.stdout else [f"a torn snapshot: {keys.stdout}"]


def said_and_done(said, added):
    wrong = [f"{question}: {answer}" for (question, may), (answer, _) in zip(QUESTIONS, said) if answer not in may]
    wrong += [f"{answer} with {records} records" for answer, records in said[:2] if (answer in ("done", "lately")) != (records == 1)]
    wrong += [f"a list of {said[3][1]}"] if said[3][0] == "done" and said[3][1] < 2 else []
    return wrong + (["said to be done"] if said[4][0] == "done" and not added else [])


@pytest.mark.parametrize("part", range(PARTS))
def test_qmail_store_sqlite(host, record_property, part):
    database = Sqlite(host)
    install(host, database, snapshotage="3600")
    command(host, "vadddomain", "example.net", "secret")
    command(host, "vadduser", "joe@example.net", "pass word")
    host.stop()

    def run(under):
        host.sh(f"rm -f {PLACE}*")
        database.sql("DELETE FROM vpopmail WHERE pw_name = 'jane'")
        server = host.popen([*under, PROGRAM], user="root" if under else "vpopmail", stderr=subprocess.DEVNULL)
        said = [ask(host, server, question) for question, _ in QUESTIONS]
        eventually(lambda: pathlib.Path(host.path(f"{PLACE}.snapshot")).exists() or server.poll() is not None, 1)
        wrong = ends(host, server)
        return said, database.sql("SELECT pw_dir FROM vpopmail WHERE pw_name = 'jane'").strip(), wrong + judge_snapshot(host)

    def judge(seen, fault):
        said, added, wrong = seen
        if fault is None and {answer for answer, _ in said} & TROUBLE:
            return [f"trouble: {said}"]
        is_unsure = fault and fault.call in END_OF_COMMIT
        return wrong + said_and_done(said, added) + (["said to have failed"] if said[4][0] == "trouble" and added and not is_unsure else [])

    sweep(host, "qmail-store-sqlite", run, judge, user="vpopmail", part=part, parts=PARTS).end(record_property)
