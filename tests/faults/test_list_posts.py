"""A post on its way through a list, every system call of a program failing in turn: it is where it was said to be, no number is given
twice, and nothing is lost."""

import re
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.lists.listhost import the_list
from tests.queue.queue_files import Message, mess_files

pytestmark = ours_alone

POST = "Received: x; 20 Nov 2025 20:00:00 -0000\nFrom: joe@mail.example.org\nTo: sos@mail.example.org\nSubject: fault\n\n" + \
    "".join(f"line {i}\n" for i in range(4000))


@pytest.fixture
def sos(host):
    host.user("joe")
    made = the_list(host, "sos", place="/home/joe", owner="joe")
    made.subscribe("ann@example.net", "bob@example.net")
    made.subscribe("mo@example.net", table="mod")
    host.write("/tmp/post", POST)
    return made


def run(sos, under, program, *words, **env):
    with open(sos.host.path("/tmp/post"), "rb") as post:
        return sos.host.popen([*under, f"/var/qmail/bin/{program}", *words], user="root" if under else "joe", stdin=post,
                              env={"SENDER": "joe@mail.example.org", **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


def queued(sos):
    """What is in the queue, which is empty then."""
    found = [Message(path) for path in mess_files(sos.host)]
    for path in mess_files(sos.host):
        path.unlink()
    return found


def numbers(messages):
    return [int(re.search(rb"-return-(\d+)-@", message.of("F")[0])[1]) for message in messages]


def files(sos, place):
    return sos.host.sh(f"ls {sos.dir}/{place}").stdout.split()


def shell(sos, script):
    sos.host.sh(f"cd {sos.dir} && {script}", user="joe")


def silent(fault):
    return bool(fault and fault.silent)


def exits(code, fault):
    return [] if code in (0, 111) or silent(fault) else [f"exit {code}"]


# ---- ezmlm-send ----

def whole_in_archive(sos, number):
    wrong = []
    kept = sos.host.sh(f"cat {sos.dir}/archive/0/{number:02}; [ -x {sos.dir}/archive/0/{number:02} ]", check=False)
    if kept.returncode or not kept.stdout.endswith(POST.split("\n\n")[1]):
        wrong.append(f"{number} is on its way, and not in the archive")
    index = [int(n) for n in re.findall(r"^(\d+): [a-p]{20} fault$", sos.read("archive/0/index"), re.M)]
    if number not in index or index != sorted(set(index)):
        wrong.append(f"the index has {index}, and {number} is on its way")
    return wrong


def test_a_post_is_sent(sos, record_property):
    def judge(code, fault):
        sent = numbers(queued(sos))
        wrong = exits(code, fault) + must.processes(sos.host)
        wrong += [] if silent(fault) or len(sent) == (code == 0) else [f"exit {code}, and on its way are {sent}"]
        for number in sent:
            wrong += whole_in_archive(sos, number)
        again = run(sos, [], "ezmlm-send", sos.dir)
        other = numbers(queued(sos))
        wrong += [] if again == 0 and len(other) == 1 else [f"a second one: exit {again}, {other}"]
        wrong += [f"number {n} twice" for n in other if n in sent] + whole_in_archive(sos, other[0])
        wrong += [] if sos.read("num").startswith(f"{other[0]}:") else ["num is another one"]
        shell(sos, "rm -rf archive/* num numnew dmarc")
        return wrong

    sweep(sos.host, "ezmlm-send", lambda under: run(sos, under, "ezmlm-send", sos.dir), judge, user="joe", itself=True).end(record_property)


# ---- moderation ----

def store(sos, under=()):
    shell(sos, "touch modpost")
    return run(sos, under, "ezmlm-store", sos.dir)


def test_a_post_is_kept(sos, record_property):
    def judge(code, fault):
        asked, kept = queued(sos), files(sos, "mod/pending")
        waits = sos.host.sh(f"find {sos.dir}/mod/pending -type f -perm -100").stdout.split()
        wrong = exits(code, fault) + must.processes(sos.host)
        wrong += ["somebody is asked about nothing"] if asked and not kept and not silent(fault) else []
        wrong += ["nobody is asked"] if code == 0 and not (asked and kept) else []
        wrong += ["it waits, and was said to be not kept"] if code and waits and not silent(fault) else []
        for name in kept if asked else []:
            whole = sos.read(f"mod/pending/{name}").endswith(POST)
            wrong += [] if whole else ["what is kept is torn"]
        shell(sos, "rm -f mod/pending/*")
        return wrong

    sweep(sos.host, "ezmlm-store", lambda under: store(sos, under), judge, user="joe", itself=True).end(record_property)


@pytest.mark.parametrize("word, place", [("accept", "accepted"), ("reject", "rejected")])
def test_a_moderator_decides(sos, record_property, word, place):
    def prepare():
        shell(sos, "rm -rf mod/pending/* mod/accepted/* mod/rejected/* archive/* num")
        assert store(sos) == 0
        asked = queued(sos)[0].text.decode()
        local = re.search(rf"sos-{word}-[0-9.]+[a-p]{{20}}", asked)[0]
        prepare.env = {"LOCAL": local, "DEFAULT": local.split("-", 2)[2], "EZMLM_BIN": "/var/qmail/bin"}

    def judge(code, fault):
        done, kept, marked = queued(sos), files(sos, "mod/pending"), files(sos, f"mod/{place}")
        wrong = exits(code, fault) + must.processes(sos.host)
        wrong += ["it is lost"] if not kept and not done else []
        wrong += ["said done, and is not"] if code == 0 and not (done and marked and not kept) else []
        wrong += ["it is marked before it is done"] if marked and not done else []
        again = run(sos, [], "ezmlm-moderate", sos.dir, **prepare.env)
        wrong += [] if again == 0 and not files(sos, "mod/pending") and files(sos, f"mod/{place}") else [f"a second answer: exit {again}"]
        queued(sos)
        prepare()
        return wrong

    prepare()
    sweep(sos.host, f"ezmlm-moderate {word}", lambda under: run(sos, under, "ezmlm-moderate", sos.dir, **prepare.env), judge, user="joe",
          itself=True).end(record_property)


def test_what_is_too_old(sos, record_property):
    def prepare():
        shell(sos, "rm -rf mod/pending/*; (printf 'Return-Path: <joe@mail.example.org>\\n'; cat /tmp/post) > mod/pending/1000.1; chmod 700 mod/pending/1000.1")

    def judge(code, fault):
        back, kept = queued(sos), files(sos, "mod/pending")
        wrong = exits(code, fault) + must.processes(sos.host)
        wrong += ["it is lost"] if not kept and not back else []
        wrong += ["said done, and is not"] if code == 0 and kept and not (fault and fault.call in ("openat", "getdents64", "newfstatat", "access", "faccessat")) else []
        prepare()
        return wrong

    prepare()
    sweep(sos.host, "ezmlm-clean", lambda under: run(sos, under, "ezmlm-clean", sos.dir), judge, user="joe", itself=True).end(record_property)


# ---- the archive ----

MBOX = "".join(f"From a@b\nSubject: m{i}\nFrom: a@b\nReceived: x; 20 Nov 2025\n\n{i}\n" for i in range(20))


def test_an_mbox_comes(sos, record_property):
    sos.put("box", MBOX)

    def judge(code, fault):
        num = sos.read("num") if sos.has("num") else ""
        wrong = exits(code, fault) + must.processes(sos.host)
        wrong += [] if num in ("", "20:0\n") else [f"num is {num}"]
        wrong += ["said done, and is not"] if code == 0 and not num else []
        wrong += ["a post is missing"] if num and len([n for n in files(sos, "archive/0") if n.isdigit()]) != 20 else []
        shell(sos, "rm -rf num numnew")
        wrong += [] if run(sos, [], "ezmlm-import", sos.dir, "box") == 0 and sos.read("num") == "20:0\n" else ["a second run"]
        shell(sos, "rm -rf archive/* num numnew")
        return wrong

    sweep(sos.host, "ezmlm-import", lambda under: run(sos, under, "ezmlm-import", sos.dir, "box"), judge, user="joe").end(record_property)


def test_an_index_is_made(sos, record_property):
    sos.put("box", MBOX)
    assert run(sos, [], "ezmlm-import", sos.dir, "box") == 0 and run(sos, [], "ezmlm-idx", sos.dir) == 0
    new = sos.read("archive/0/index")

    def judge(code, fault):
        now = sos.read("archive/0/index")
        wrong = [] if now in ("old\n", new) else ["the index is torn"]
        wrong += ["said done, and is not"] if code == 0 and now != new else []
        wrong += [] if code in (0, 100, 111) or silent(fault) else [f"exit {code}"]
        sos.put("archive/0/index", "old\n")
        return wrong + must.processes(sos.host)

    sos.put("archive/0/index", "old\n")
    sweep(sos.host, "ezmlm-idx", lambda under: run(sos, under, "ezmlm-idx", sos.dir), judge, user="joe").end(record_property)


def test_threads_are_put_together(sos, record_property):
    sos.put("box", MBOX.replace("Subject: m1", "Subject: same").replace("m1", "m2"))
    assert run(sos, [], "ezmlm-import", sos.dir, "box") == 0 and run(sos, [], "ezmlm-idx", sos.dir) == 0
    shell(sos, "rm -rf archnum archive/threads archive/subjects archive/authors")

    def all_of_it():
        return sos.host.sh(f"cd {sos.dir}; cat archnum; find archive/threads archive/subjects archive/authors -type f | sort | xargs tail -n +1").stdout

    def judge(code, fault):
        wrong = exits(code, fault) + must.processes(sos.host)
        if code and fault:
            wrong += [] if run(sos, [], "ezmlm-archive", sos.dir) == 0 else ["a second run fails"]
        judge.right = judge.right or all_of_it()
        wrong += [] if all_of_it() == judge.right else ["it is not what it would be"]
        shell(sos, "rm -rf archnum archnum.new archive/threads archive/subjects archive/authors")
        return wrong

    judge.right = None
    sweep(sos.host, "ezmlm-archive", lambda under: run(sos, under, "ezmlm-archive", sos.dir), judge, user="joe").end(record_property)
