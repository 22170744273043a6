"""Questions to the helper of a database, whichever call of it fails and wherever it is killed: nobody becomes unknown, nobody is
invented, a change that is said to be done is done, one that is not is not; and a snapshot is whole or not there."""

import pathlib
import socket
import subprocess

import pytest

from tests.faults.invariants import service_ends
from tests.faults.sweep import FULL, ours_alone, strikes_again, sweep
from tests.faults.test_queued import connect
from tests.faults.test_usersd import SILENCE, net
from tests.host import eventually
from tests.sqlstore.servers import Mysql, Pgsql, Sqlite, install
from tests.sqlstore.test_ldap import Slapd
from tests.vdomains.test_domains import run as command

pytestmark = ours_alone

AS_IT_WAS = 1
TROUBLE = {"trouble", SILENCE}
# By these a commit ends: when one fails, the change may be there, and nobody knows whether the disk, or we, have heard of it.
END_OF_COMMIT = {"sqlite": {"fsync", "fdatasync", "unlink", "fcntl"}}
SOCKET_CALLS = {"read", "write", "recvfrom", "recvmsg", "sendto", "sendmsg", "poll", "ppoll"}


def frame(word, number=0, name="", home=""):
    return net([part.encode() for part in (word, str(number), "example.net", "0", "0", name, "", "1", "0", "", home, "NOQUOTA", "0", "")])


# What is asked, and how it may end.
QUESTIONS = [
    (frame("find", name="joe"), {"done"} | TROUBLE),
    (frame("find", AS_IT_WAS, "joe"), {"done", "lately"} | TROUBLE),
    (frame("find", AS_IT_WAS, "nobody"), {"no user"} | TROUBLE),
    (frame("list"), {"done"} | TROUBLE),
]
CHANGE = frame("edit", 1) + frame("add", name="jane", home="/home/jane"), {"done"} | TROUBLE


def words(answer):
    """The first word of each frame."""
    found = []
    while answer:
        length, rest = answer.split(b":", 1)
        found.append(rest.split(b":", 1)[1].split(b",")[0].decode())
        answer = rest[int(length) + 1:]
    return found


def ask(host, server, database, question):
    """How it ended, or SILENCE; and how many records came before. Nobody waits long for who dies again and again."""
    patience = 0.5 if strikes_again(host) else 10
    s = eventually(lambda: connect(host.path(place(database))) or server.poll() is not None, patience)
    if not isinstance(s, socket.socket):
        return SILENCE, 0
    with s:
        s.settimeout(patience)
        try:
            s.sendall(question)
            said = words(s.makefile("rb").read())
        except OSError:
            return SILENCE, 0
    return (said[-1], said.count("record")) if said and said[-1] != "record" else (SILENCE, 0)


def program(database):
    return f"/var/qmail/bin/qmail-store-{database.name}"


def place(database):
    return f"/var/qmail/run/users/{database.name}"


def judge_end(host, server, database):
    """Who is there is found in the end, by the processes that are left; and it ends when it is told to."""
    def is_over():
        return server.poll() is not None or strikes_again(host)

    is_well = eventually(lambda: is_over() or ask(host, server, database, QUESTIONS[0][0])[0] == "done", 5)
    return ([] if is_well else ["no answer afterwards"]) + ends(host, server, database)


def ends(host, server, database):
    return service_ends(host, server, f"'^{program(database)}'", "-f")


def judge_snapshot(host, database):
    snapshot = f"{place(database)}.snapshot"
    if not pathlib.Path(host.path(snapshot)).exists():
        return []
    keys = host.sh(f"cdb -l {snapshot}", check=False)
    return [] if keys.returncode == 0 and ":joe@example.net\n" in keys.stdout else [f"a torn snapshot: {keys.stdout}"]


def said_and_done(said, added):
    wrong = [f"{question}: {answer}" for (question, may), (answer, _) in zip([*QUESTIONS, CHANGE], said) if answer not in may]
    wrong += [f"{answer} with {records} records" for answer, records in said[:2] if (answer in ("done", "lately")) != (records == 1)]
    wrong += [f"a list of {said[3][1]}"] if said[3][0] == "done" and said[3][1] < 2 else []
    return wrong + (["said to be done"] if said[4][0] == "done" and not added else [])


def may_be_there_all_the_same(database, fault):
    return fault and fault.call in END_OF_COMMIT.get(database.name, SOCKET_CALLS)


@pytest.fixture
def database(request, host):
    """Users in it, and nobody who asks it."""
    database = request.param(host)
    try:
        install(host, database, snapshotage="3600")
        command(host, "vadddomain", "example.net", "secret")
        command(host, "vadduser", "joe@example.net", "pass word")
        host.stop()
        yield database
    finally:
        database.end()


def sweep_database(host, database, record_property, **more):
    def run(under):
        host.sh(f"rm -f {place(database)}*")
        database.sql("DELETE FROM vpopmail WHERE pw_name = 'jane'")
        server = host.popen([*under, program(database)], user="root" if under else "vpopmail", stderr=subprocess.DEVNULL)
        said = [ask(host, server, database, question) for question, _ in [*QUESTIONS, CHANGE]]
        eventually(lambda: pathlib.Path(host.path(f"{place(database)}.snapshot")).exists() or server.poll() is not None, 1)
        wrong = judge_end(host, server, database)
        return said, database.sql("SELECT pw_dir FROM vpopmail WHERE pw_name = 'jane'").strip(), wrong + judge_snapshot(host, database)

    def judge(seen, fault):
        said, added, wrong = seen
        if fault is None and {answer for answer, _ in said} & TROUBLE:
            return [f"trouble: {said}"]
        is_failure = said[4][0] == "trouble" and added and not may_be_there_all_the_same(database, fault)
        return wrong + said_and_done(said, added) + (["said to have failed"] if is_failure else [])

    sweep(host, f"qmail-store-{database.name}", run, judge, user="vpopmail", **more).end(record_property)


PARTS = 6
each_part = pytest.mark.parametrize("part", range(PARTS))


@each_part
@pytest.mark.parametrize("database", [Sqlite], indirect=True, ids=["sqlite"])
def test_a_file(host, database, record_property, part):
    sweep_database(host, database, record_property, part=part, parts=PARTS)


# Of a server it is a sample, a part of which takes as long as the server's beginning.
SOME = 14
each_part_of_a_server = pytest.mark.parametrize("part", range(PARTS if FULL else 1))


@each_part_of_a_server
@pytest.mark.parametrize("database", [Mysql, Pgsql], indirect=True, ids=lambda database: database.name)
def test_a_server(host, database, record_property, part):
    sweep_database(host, database, record_property, part=part, parts=PARTS if FULL else 1, some=SOME)


@each_part_of_a_server
def test_a_directory(host, record_property, part):
    """Nothing is changed in it, and nobody keeps a snapshot of it."""
    database = Slapd(host)

    def run(under):
        host.sh(f"rm -f {place(database)}*")
        server = host.popen([*under, program(database)], user="root" if under else "vpopmail", stderr=subprocess.DEVNULL)
        return [ask(host, server, database, question) for question, _ in QUESTIONS], judge_end(host, server, database)

    def judge(seen, fault):
        said, wrong = seen
        if fault is None and {answer for answer, _ in said} & TROUBLE:
            return [f"trouble: {said}"]
        wrong += [f"{question}: {answer}" for (question, may), (answer, _) in zip(QUESTIONS, said) if answer not in may]
        return wrong + [f"{answer} with {records} records" for answer, records in said if answer == "done" and records != 1]

    try:
        install(host, database)
        command(host, "vadddomain", "example.net")
        host.stop()
        sweep(host, "qmail-store-ldap", run, judge, user="vpopmail", part=part, parts=PARTS if FULL else 1, some=SOME).end(record_property)
    finally:
        database.end()
