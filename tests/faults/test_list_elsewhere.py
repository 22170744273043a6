"""A list whose subscribers are in a database, every system call of a program and of its helper failing in turn: who was said to be
added is there, with his line in the log; of many that come together all are, but for who does not fit, or none; nobody is said to be no
subscriber for want of an answer; and a post goes to all or to none."""

import subprocess

import pytest

from tests.faults.sweep import ours_alone, sweep
from tests.host import eventually
from tests.lists.listhost import the_list
from tests.queue.queue_files import Message, mess_files

pytestmark = ours_alone

FILE = "/home/joe/sos.sqlite"
POST = "From: joe@mail.example.org\nTo: sos@mail.example.org\nSubject: fault\n\nHello\n"
MANY = [f"m{i}@example.net" for i in range(45)]
READERS = ["ann@example.net", *(f"n{i}@example.net" for i in range(200))]
# By these a commit ends: when one fails the change may be there, and nobody has heard of it.
END_OF_COMMIT = {"fsync", "fdatasync", "unlink", "fcntl"}


@pytest.fixture
def sos(host):
    host.user("joe")
    made = the_list(host, "sos", f"-6 sqlite3:::::{FILE}:sos", place="/home/joe", owner="joe")
    made.subscribe(*READERS)
    host.sh(f"cp -p {FILE} {FILE}.old")
    host.write("/tmp/post", POST)
    return made


def run(sos, under, program, *words, text="/tmp/post", **env):
    with open(sos.host.path(text), "rb") as stdin:
        return sos.host.popen([*under, f"/var/qmail/bin/{program}", sos.dir, *words], user="root" if under else "joe", stdin=stdin,
                              env={"SENDER": "ann@example.net", **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


def sql(sos, text):
    return sos.host.sh(f"sqlite3 -cmd '.timeout 20000' {FILE} {text!r}", user="joe").stdout.split()


def restore(sos):
    assert eventually(lambda: sos.host.sh("pgrep -x ezmlm-table-sql", check=False).returncode)
    sos.host.sh(f"rm -f {FILE}-journal && cp -p {FILE}.old {FILE} && rm -f {sos.dir}/Log")


def exits(code, fault, *good):
    return [] if code in (111, *good) or (fault and fault.silent) else [f"exit {code}"]


@pytest.mark.parametrize("program, who, sign", [("ezmlm-sub", "new@example.net", "+"), ("ezmlm-unsub", "ann@example.net", "-")])
def test_a_change_of_subscribers(sos, record_property, program, who, sign):
    def judge(code, fault):
        there, log = who in sql(sos, "SELECT address FROM sos"), sql(sos, "SELECT edir FROM sos_slog").count(sign) - (sign == "+") * len(READERS)
        done = there == (sign == "+")
        wrong = exits(code, fault, 0)
        wrong += ["said done, and is not"] if code == 0 and not done else []
        wrong += [f"done is {done}, and lines of it are {log}"] if log != done else []
        wrong += ["said to be in trouble, and it is done"] if code and done and fault and not fault.kill and \
            fault.call not in END_OF_COMMIT | {"sendto", "recvfrom", "poll", "read", "alarm"} and not fault.silent else []
        wrong += [] if sql(sos, "PRAGMA integrity_check") == ["ok"] and int(sql(sos, "SELECT COUNT(*) FROM sos")[0]) >= len(READERS) - 1 else ["it is torn"]
        restore(sos)
        return wrong

    sweep(sos.host, program, lambda under: run(sos, under, program, who), judge, user="joe").end(record_property)


def test_many_that_come_together(sos, record_property):
    """In three statements and one by one, since one of them fits no column."""
    sos.host.write("/tmp/many", "".join(f"{who}\n" for who in [*MANY[:40], "m" + "x" * 300 + "@example.net", *MANY[40:]]))

    def judge(code, fault):
        there, noted = (int(sql(sos, f"SELECT COUNT(*) FROM {table} WHERE address LIKE 'm%'")[0]) for table in ("sos", "sos_slog"))
        wrong = exits(code, fault, 100)
        wrong += [f"{there} are there, and {noted} in the log"] if there != noted or there not in (0, len(MANY)) else []
        wrong += ["said done, and is not"] if code == 100 and not there else []
        restore(sos)
        return wrong

    sweep(sos.host, "ezmlm-sub from standard input", lambda under: run(sos, under, "ezmlm-sub", text="/tmp/many"), judge, user="joe").end(record_property)


@pytest.mark.parametrize("who, code", [("ann@example.net", 0), ("nobody@example.net", 99)])
def test_a_question(sos, record_property, who, code):
    def judge(said, fault):
        return exits(said, fault, code)

    sweep(sos.host, f"ezmlm-issubn {who}", lambda under: run(sos, under, "ezmlm-issubn", SENDER=who), judge, user="joe").end(record_property)


def test_a_post_is_sent(sos, record_property):
    def judge(code, fault):
        sent = [Message(path) for path in mess_files(sos.host)]
        for path in mess_files(sos.host):
            path.unlink()
        wrong = exits(code, fault, 0) + (["twice"] if len(sent) > 1 else [])
        wrong += [] if len(sent) == (code == 0) or (fault and fault.silent) else [f"exit {code}, and on their way are {len(sent)}"]
        for message in sent:
            to = sorted(address.decode() if isinstance(address, bytes) else address for _, address in message.recipients())
            wrong += [] if to == sorted(READERS) else [f"it goes to {len(to)} of {len(READERS)}"]
        sos.host.sh(f"rm -rf {sos.dir}/archive/* {sos.dir}/num {sos.dir}/numnew {sos.dir}/dmarc", user="joe")
        return wrong

    sweep(sos.host, "ezmlm-send from a database", lambda under: run(sos, under, "ezmlm-send"), judge, user="joe", itself=True).end(record_property)
