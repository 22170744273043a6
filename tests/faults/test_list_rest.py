"""The other programs of mailing lists, every system call failing in turn: what was said to be done is done, nothing is lost, and trouble
of the machine is nobody's fault. And each program of the role that changes something is in one of these tables."""

import pathlib
import re

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_list_posts import POST, exits, files, numbers, queued, run, shell, silent, sos  # pylint: disable=unused-import
from tests.host.machine import TOP

pytestmark = ours_alone

READ_ONLY = {"ezmlm-cgi", "ezmlm-checksub", "ezmlm-glconf", "ezmlm-list", "ezmlm-members", "ezmlm-weed"}


def test_each_program_that_changes_something_is_swept():
    made = set(re.findall(r"\blists/(ezmlm-[a-z]+)", (TOP / "programs/lists/role.mk").read_text()))
    swept = set(re.findall(r"ezmlm-[a-z]+", "".join(
        line for path in pathlib.Path(__file__).parent.glob("test_list*.py") for line in path.read_text().splitlines() if "sweep(" in line or "PROGRAM" in line)))
    swept |= {"ezmlm-sub", "ezmlm-unsub"}           # by their names as parameters
    assert made - swept == READ_ONLY
    heads = {name: re.search(r"changes +(.*)", (TOP / f"programs/lists/{name}.c").read_text())[1] for name in READ_ONLY - {"ezmlm-glconf", "ezmlm-members", "ezmlm-weed"}}
    assert set(heads.values()) == {"nothing"}


def swept(made, name, under_run, judge, record_property, **more):
    sweep(made.host, name, under_run, judge, user="joe", itself=True, **more).end(record_property)


# ---- what passes a post on ----

def test_a_post_of_a_subscriber_passes_the_gate(sos, record_property):
    shell(sos, f"touch modpost; ezmlm-sub {sos.dir} joe@mail.example.org")

    def judge(code, fault):
        sent, kept = numbers(queued(sos)), files(sos, "mod/pending")
        wrong = exits(code, fault) + must.processes(sos.host) + (["a subscriber's post waits"] if kept else [])
        wrong += [] if silent(fault) or len(sent) == (code == 0) else [f"exit {code}, and on its way are {sent}"]
        shell(sos, "rm -rf archive/* num numnew mod/pending/*")
        return wrong

    PROGRAM = "ezmlm-gate"
    swept(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, sos.dir, ".", EZMLM_BIN="/var/qmail/bin"), judge, record_property)


def test_an_author_confirms_his_post(sos, record_property):
    shell(sos, "touch confirmpost")

    def prepare():
        shell(sos, "rm -rf mod/unconfirmed/* archive/* num")
        assert run(sos, [], "ezmlm-store", "-y", sos.dir) == 0
        local = re.search(r"sos-confirm-[0-9.]+[a-p]{20}", queued(sos)[0].text.decode())[0]
        prepare.env = {"LOCAL": local, "DEFAULT": local.split("-", 2)[2], "EZMLM_BIN": "/var/qmail/bin"}

    def confirm(under):
        return run(sos, under, PROGRAM, sos.dir, **prepare.env)

    def judge(code, fault):
        sent, kept = queued(sos), files(sos, "mod/unconfirmed")
        wrong = exits(code, fault) + must.processes(sos.host)
        wrong += ["it is lost"] if not kept and not sent else []
        wrong += ["said done, and is not"] if code == 0 and (kept or not sent) else []
        wrong += ["it cannot be repeated"] if kept and (confirm([]) or not queued(sos)) else []
        prepare()
        return wrong

    PROGRAM = "ezmlm-confirm"
    prepare()
    swept(sos, PROGRAM, confirm, judge, record_property)


def test_a_post_is_judged(sos, record_property):
    """What is fit is never refused; a command that came to the list goes where it belongs."""
    def judge(code, fault):
        return exits(code, fault) + must.processes(sos.host) + (["something is queued"] if queued(sos) else [])

    def judge_command(code, fault):
        sent = len(queued(sos))
        wrong = [] if code in (99, 111) or silent(fault) else [f"exit {code}"]
        wrong += [] if silent(fault) or sent == (code == 99) else [f"exit {code}, and {sent} on their way"]
        return wrong + must.processes(sos.host)

    PROGRAM = "ezmlm-reject"
    swept(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, sos.dir), judge, record_property)
    sos.host.write("/tmp/post", POST.replace("Subject: fault", "Subject: subscribe"))
    swept(sos, f"{PROGRAM} -f", lambda under: run(sos, under, PROGRAM, "-f", sos.dir), judge_command, record_property)


def test_an_owner_accepts_by_hand(sos, record_property):
    """It is a script: some of its calls may fail and nobody cares. The post is never gone before it is on its way."""
    def prepare():
        shell(sos, "rm -rf mod/pending/* archive/* num; (echo 'Return-Path: <\"a b\"@mail.example.org>'; cat /tmp/post) > mod/pending/1.1; chmod 700 mod/pending/1.1")

    def judge(code, fault):
        sent, kept = queued(sos), files(sos, "mod/pending")
        wrong = ["it is lost"] if not kept and not sent else []
        wrong += ["said done, and neither it is, nor does it wait"] if code == 0 and not (sent or kept) else []
        wrong += ["its sender is another one"] if sent and fault is None and 'Return-Path: <"a b"@mail.example.org>\n' not in sos.read("archive/0/01") else []
        prepare()
        return wrong + must.processes(sos.host)

    PROGRAM = "ezmlm-accept"
    prepare()
    swept(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, sos.dir, f"{sos.dir}/mod/pending/1.1"), judge, record_property)


def passes_on(made, name, under_run, done, record_property):
    """One message on its way if and only if that was said."""
    def judge(code, fault):
        sent = len(queued(made))
        wrong = [] if code in (done, 111) or silent(fault) else [f"exit {code}"]
        wrong += [] if silent(fault) or sent == (code == done) else [f"exit {code}, and {sent} on their way"]
        return wrong + must.processes(made.host)

    swept(made, name, under_run, judge, record_property)


def test_a_request_goes_to_a_sublist(sos, record_property):
    sos.put("split", "org:::sub@mail.example.org\n")
    PROGRAM = "ezmlm-split"
    passes_on(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, sos.dir, DEFAULT="subscribe", DTLINE="Delivered-To: sos\n"), 99, record_property)


def test_a_request_by_its_subject(sos, record_property):
    sos.host.write("/tmp/post", POST.replace("Subject: fault", "Subject: help"))
    PROGRAM = "ezmlm-request"
    passes_on(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, sos.dir, DEFAULT="request"), 99, record_property)


def test_a_request_of_all_lists(sos, record_property):
    sos.put("lists", f"sos@mail.example.org:{sos.dir}:about\n")
    sos.host.write("/tmp/post", POST.split("\n\n")[0] + "\n\nwhich\n")
    PROGRAM = "ezmlm-request"
    passes_on(sos, f"{PROGRAM} -f", lambda under: run(sos, under, PROGRAM, "-f", "lists", sos.dir, DEFAULT="", LOCAL="sos"), 99, record_property)


def test_a_list_is_found_by_its_name(sos, record_property):
    sos.put("editor", "&ann@example.net\n")
    PROGRAM = "ezmlm-dispatch"
    passes_on(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, "/home/joe", DEFAULT="sos", DTLINE="Delivered-To: sos\n"), 0, record_property)


def test_a_report_goes_to_who_asks(sos, record_property):
    """It says what is wrong with a list, and its own machine's trouble may look like that; but one that is sent is whole."""
    def judge(code, fault):
        sent = queued(sos)
        wrong = [] if code in (99, 111, 100) or silent(fault) else [f"exit {code}"]
        wrong += ["said sent, and is not"] if code == 99 and len(sent) != 1 else []
        return wrong + must.processes(sos.host) + ["it is torn" for mail in sent if b"who is subscribed:" not in mail.text and code == 99 and not fault]

    PROGRAM = "ezmlm-check"
    swept(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, sos.dir), judge, record_property)


# ---- what changes a file ----

def test_a_digest_is_due(sos, record_property):
    sos.put("num", "100:100\n")

    def judge(code, fault):
        kept = sos.host.sh(f"cat {sos.dir}/tstdig", check=False).stdout
        wrong = [] if code in (0, 111) or silent(fault) else [f"exit {code}"]
        wrong += ["said due, and not noted"] if code == 0 and not kept else []
        wrong += ["the note is torn"] if kept and not re.fullmatch(r"\d{10}\n", kept) else []
        shell(sos, "rm -f tstdig tstdign")
        return wrong + must.processes(sos.host)

    PROGRAM = "ezmlm-tstdig"
    swept(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, sos.dir, LOCAL="sos"), judge, record_property)


def test_too_many_posts(sos, record_property):
    sos.put("num", "100:100\n")

    def prepare():
        shell(sos, "rm -f modpost loopnumn; echo 1:$(date +%s) > loopnum")

    def judge(code, fault):
        moderated = sos.has("modpost")
        wrong = exits(code, fault) + (["said done, and posts go on"] if code == 0 and not moderated else [])
        wrong += ["a second run"] if run(sos, [], PROGRAM, sos.dir) or not sos.has("modpost") else []
        prepare()
        return wrong + must.processes(sos.host)

    def judge_count(code, fault):
        text = sos.host.sh(f"cat {sos.dir}/loopnum", check=False).stdout
        wrong = exits(code, fault) + (["the count is torn"] if not re.fullmatch(r"\d+:\d+\n", text) else [])
        wrong += ["said done, and is not"] if code == 0 and not text.startswith("100:") else []
        shell(sos, "echo 1:1 > loopnum; rm -f loopnumn")
        return wrong + must.processes(sos.host)

    PROGRAM = "ezmlm-limit"
    prepare()
    swept(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, sos.dir), judge, record_property)
    shell(sos, "rm -f modpost; echo 1:1 > loopnum")
    swept(sos, f"{PROGRAM} counts", lambda under: run(sos, under, PROGRAM, sos.dir), judge_count, record_property)


def test_tables_go(sos, record_property):
    def prepare():
        shell(sos, f"mkdir -p subscribers allow/subscribers deny/subscribers digest/subscribers mod/subscribers; ezmlm-sub {sos.dir} ann@example.net; ezmlm-sub {sos.dir} mod mo@example.net; ezmlm-sub {sos.dir} deny x@y")

    def left():
        return sos.host.sh(f"cd {sos.dir}; find . -path '*subscribers*'").stdout

    def judge(code, fault):
        wrong = ["said done, and is not"] if code == 0 and left() else []
        wrong += [] if code in (0, 100, 111) or silent(fault) else [f"exit {code}"]
        wrong += ["a second run"] if run(sos, [], PROGRAM, sos.dir) or left() else []
        prepare()
        return wrong + must.processes(sos.host)

    PROGRAM = "ezmlm-rmtab"
    prepare()
    swept(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, sos.dir), judge, record_property)


def test_a_text_is_edited(sos, record_property):
    """Who is told that it is done finds the new text; who is not told can send it again."""
    for name in ("modcanedit", "remote"):
        sos.put(name, "")
    sos.subscribe("joe@mail.example.org", table="mod")

    def prepare():
        sos.put("text/info", "old\n")
        sos.host.write("/tmp/post", "From: joe@mail.example.org\n\n")
        assert run(sos, [], PROGRAM, sos.dir, DEFAULT="edit.info") == 0
        prepare.word = re.search(r"sos-(ed\.[^@]*)@", queued(sos)[0].text.decode())[1]
        sos.host.write("/tmp/post", "From: joe@mail.example.org\n\n%%% START OF TEXT FILE\nnew\n%%% END OF TEXT FILE\n")

    def edit(under):
        return run(sos, under, PROGRAM, sos.dir, DEFAULT=prepare.word)

    def judge(code, fault):
        told, text = len(queued(sos)), sos.read("text/info")
        wrong = [] if text in ("old\n", "new\n") else ["the text is torn"]
        wrong += ["said done, and is not"] if code == 0 and not (told and text == "new\n") else []
        wrong += exits(code, fault) + must.processes(sos.host)
        wrong += ["it cannot be repeated"] if code == 111 and text == "old\n" and (edit([]) or not queued(sos)) else []
        wrong += ["it is done, and nobody is told"] if text == "new\n" and not told else []
        prepare()
        return wrong

    PROGRAM = "ezmlm-manage"
    prepare()
    swept(sos, f"{PROGRAM} edits", edit, judge, record_property)


CRONTAB = """#!/bin/sh
cat crontab > crontab.taken
"""


def test_a_digest_at_its_time(sos, record_property):
    host = sos.host
    host.write("/home/joe/ezcronrc", "mail.example.org\njoe:sos:mail.example.org:5\n", owner="joe")
    host.write("/usr/bin/crontab", CRONTAB, mode=0o755)
    line = re.compile(r".*sos-dig-code@mail\.example\.org.*\n")

    def judge(code, fault):
        table = host.sh("cat ~joe/crontab", check=False).stdout
        wrong = ["the table is torn"] if table and not line.fullmatch(table) else []
        wrong += ["said done, and is not"] if code == 0 and host.sh("cat ~joe/crontab.taken", check=False).stdout != table else []
        wrong += [] if code in (0, 111) or silent(fault) else [f"exit {code}"]
        host.sh("rm -f ~joe/crontab ~joe/crontab.taken ~joe/crontabn")
        return wrong + must.processes(host)

    PROGRAM = "ezmlm-cron"
    swept(sos, PROGRAM, lambda under: run(sos, under, PROGRAM, "-t", "3:00", "sos@mail.example.org", "code"), judge, record_property)


@pytest.mark.parametrize("program, word, done", [("ezmlm-manage", "help", 0), ("ezmlm-get", "get.1", 99)])
def test_an_answer_that_is_counted(sos, record_property, program, word, done):
    """One that was not sent is not, so the request that comes again is answered; one that was may come twice."""
    assert run(sos, [], "ezmlm-send", sos.dir) == 0 and queued(sos)
    sos.host.write("/tmp/post", "From: joe@mail.example.org\n\n")

    def ask(under):
        return run(sos, under, program, sos.dir, LOCAL=f"sos-{word}", DEFAULT=word, RECIPIENT="sos@mail.example.org")

    def judge(code, fault):
        sent = len(queued(sos))
        wrong = [] if code in (done, 111) or silent(fault) else [f"exit {code}"]
        wrong += [] if silent(fault) or sent == (code == done) else [f"exit {code}, and {sent} on their way"]
        wrong += ["a second one"] if not sent and (ask([]) != done or len(queued(sos)) != 1) else []
        shell(sos, "rm -f answers*")
        return wrong + must.processes(sos.host)

    swept(sos, f"{program} {word}", ask, judge, record_property, some=80)
