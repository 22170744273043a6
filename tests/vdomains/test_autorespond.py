"""A robot answers people, once in its time, and nobody else."""

import email
import email.policy
import subprocess

import pytest

from tests.host.machine import eventually
from tests.local.machine import CATCH, queued

HOME = "/home/joe"
PROGRAM = "/var/qmail/bin/autorespond"
TEXT = "From: Jörg <joe@example.net>\nSubject: Grüße\n\nIch bin weg.\n"
MESSAGE = "Message-ID: <1@example.org>\nReferences: <0@example.org>\nSubject: hello\n\nAre you there?\n"


@pytest.fixture
def joe(host):
    host.user("joe")
    host.write(f"{HOME}/message", TEXT, owner="joe")
    host.sh(f"install -d -o joe -g joe {HOME}/vacation")
    return host


def start(host, message=MESSAGE, *words, sender="max@example.org", period=("86400", "1"), env=CATCH, text="message"):
    host.write("/tmp/message", message)
    with open(host.path("/tmp/message"), "rb") as stdin:
        variables = {"SENDER": sender, "EXT": "joe", "HOST": "example.net", "LOCAL": "example.net-joe", **env}
        return host.popen(["sh", "-c", f'cd {HOME} && exec "$@"', "-", PROGRAM, *period, text, "vacation", *words],
                          user="joe", env=variables, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def respond(host, *args, code=0, **more):
    """Message and envelope of the answer, or nothing, and what was said."""
    running = start(host, *args, **more)
    out, err = running.communicate(timeout=60)
    assert running.returncode == code, (out, err)
    message, envelope = queued(host)
    return message and email.message_from_bytes(message, policy=email.policy.default), envelope, (out + err).decode()


def notes(host):
    return sorted(host.sh(f"cd {HOME}/vacation && ls").stdout.split())


def test_an_answer_is_what_rfc_3834_wants(joe):
    answer, envelope, said = respond(joe)
    assert envelope == b"F\0Tmax@example.org\0\0" and said == ""
    assert answer["To"] == "max@example.org" and answer["From"] == "Jörg <joe@example.net>" and answer["Subject"] == "Grüße"
    assert answer["Auto-Submitted"] == "auto-replied" and answer["Delivered-To"] == "Autoresponder"
    assert answer["In-Reply-To"] == "<1@example.org>" and answer["References"].split() == ["<0@example.org>", "<1@example.org>"]
    assert answer["Message-ID"].endswith("@example.net>") and answer["Date"]
    assert answer.get_content_type() == "text/plain" and answer["MIME-Version"] == "1.0"
    assert answer.get_content() == "Ich bin weg.\n\n---------- Original Message ----------\n> Are you there?\n"
    assert max(len(answer.get_all(name)) for name in answer.keys()) == 1
    name, = notes(joe)
    assert name.startswith("A") and joe.read(f"{HOME}/vacation/{name}") == b"max@example.org"


def test_each_sender_gets_so_many_answers_in_the_time(joe):
    for number in (1, 1, 0, 0):
        assert bool(respond(joe, period=("86400", "2"))[0]) == bool(number)
    assert respond(joe, sender="MAX@example.org", period=("86400", "2"))[2] == "no answer: its sender has been answered\n"
    assert respond(joe, sender="eve@example.org")[0]
    assert len(notes(joe)) == 3
    joe.sh(f"cd {HOME}/vacation && for f in A*; do mv $f A1.$((${{f#*.}} - 86401)); done")      # two had the same second
    assert respond(joe)[0] and len(notes(joe)) == 1
    assert not respond(joe, period=("86400", "0"), sender="new@example.org")[0]


def test_what_an_older_program_noted_counts(joe):
    joe.sh(f"cd {HOME}/vacation && printf 'Max@example.org\\n' > A77.$(date +%s) && echo x > Anote && chown joe: *")
    assert not respond(joe)[0]
    assert respond(joe, sender="eve@example.org")[0] and "Anote" in notes(joe)


def test_the_history_has_an_end(joe):
    joe.sh(f"cd {HOME}/vacation && now=$(date +%s) && i=0 && while [ $i -lt 1999 ]; do echo a@b > A$i.$now; i=$((i + 1)); done"
           " && chown -R joe: .")
    assert respond(joe)[0]
    assert respond(joe, sender="eve@example.org")[2] == "no answer: 2000 answers have been given in that time\n"
    assert len(notes(joe)) == 2000


def test_two_deliveries_at_once_give_one_answer(joe):
    running = [start(joe) for _ in range(10)]
    said = [one.communicate(timeout=60)[0] for one in running]
    assert {one.returncode for one in running} == {0}
    assert sum(b"has been answered" in one for one in said) == 9 and len(notes(joe)) == 1


@pytest.mark.parametrize("field, why", [
    ("Precedence: bulk", "it is bulk mail"),
    ("List-Id: <x>", "it comes from a mailing list"),
    ("Auto-Submitted: auto-replied", "no person has sent it"),
])
def test_machines_get_no_answer(joe, field, why):
    answer, _, said = respond(joe, f"{field}\n{MESSAGE}")
    assert not answer and said == f"no answer: {why}\n" and notes(joe) == []


@pytest.mark.parametrize("sender", ["", "#@[]", "MAILER-DAEMON@example.org", "owner-x@example.org", "x-request@example.org",
                                    "joe@example.net"])
def test_robots_get_no_answer(joe, sender):
    assert not respond(joe, sender=sender)[0] and notes(joe) == []


def test_an_answer_that_comes_back_is_a_loop(joe):
    joe.sh(f"rm {HOME}/message")
    answer, _, said = respond(joe, f"Delivered-To: Autoresponder\n{MESSAGE}", code=100)
    assert not answer and "mail is looping" in said


@pytest.mark.parametrize("local, ext, own", [
    ("Example.net-joe-x", "joe-x", "joe-x@example.net"), ("joe", "", "joe@example.net"), ("joe-away", "away", "joe-away@example.net")])
def test_whose_answer_it_is(joe, local, ext, own):
    joe.write(f"{HOME}/message", "Away.\n")
    env = {**CATCH, "LOCAL": local, "EXT": ext}
    assert respond(joe, env=env)[0]["From"] == own
    assert "who would answer" in respond(joe, env=env, sender=own)[2]


def test_the_words_behind_the_directory(joe):
    assert respond(joe, MESSAGE, "0")[0].get_content() == "Ich bin weg.\n"
    for word, envelope in (("+", b"F\0"), ("$", b"F\0"), ("boss@example.net", b"Fboss@example.net\0")):
        assert respond(joe, MESSAGE, "1", word, sender=f"a{len(word)}{word[0]}@example.org")[1].startswith(envelope)


def test_a_text_may_have_no_header(joe):
    joe.write(f"{HOME}/message", "Only text.")
    answer, _, _ = respond(joe, "Subject: ä\n  ö\n\nx\n", "0")
    assert answer["From"] == "joe@example.net" and answer["Subject"] == "Auto: ä  ö" and answer.get_content() == "Only text.\n"


def test_an_old_text_keeps_its_characters(joe):
    joe.write(f"{HOME}/message", "From: joe@example.net\nSubject: Grüße\n\nJörg\n".encode("latin-1"))
    answer, _, _ = respond(joe)
    assert answer["Subject"] == "Grüße" and answer.get_content() == "Jörg\n"
    joe.write(f"{HOME}/message", "From: a@b\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<p>ü\n")
    answer, _, _ = respond(joe, sender="eve@example.org")
    assert answer.get_content_type() == "text/html" and answer.get_content() == "<p>ü\n"


def test_trouble_makes_the_message_wait(joe):
    assert "unable to open nothing" in respond(joe, text="nothing", code=111)[2] and notes(joe) == []
    assert "usage: autorespond" in respond(joe, period=("86400", "x"), code=111)[2]
    assert "usage: autorespond" in respond(joe, period=("86400",), code=111)[2]
    assert "unable to queue the answer" in respond(joe, env={"QMAILQUEUE": "/nonexistent"}, code=111)[2] and notes(joe) == []
    joe.write("/tmp/catch/exit", "31")
    joe.write("/tmp/catch/text", "Dno")
    joe.sh("chmod 777 /tmp/catch")
    assert "unable to queue the answer" in respond(joe)[2] and notes(joe) == []
    joe.sh(f"rm -r {HOME}/vacation /tmp/catch")
    assert "unable to open vacation" in respond(joe, code=111)[2]


def test_in_a_qmail_file_it_answers_through_the_queue(joe):
    joe.write(f"{HOME}/message", "Subject: away\n\nI am away.\n")
    joe.write(f"{HOME}/.qmail-away", f"./Maildir/\n|{PROGRAM} 604800 1 message vacation 0\n", owner="joe")
    joe.user("max")
    joe.start("qmail-send")
    for _ in range(2):
        joe.sh("printf 'To: joe-away\\nSubject: hello\\n\\nx\\n' | /var/qmail/bin/qmail-inject", user="max")
    eventually(lambda: len(joe.maildir("joe")) == 2 and len(joe.maildir("max")) >= 1, seconds=30)
    answer, = joe.maildir("max")
    assert b"Return-Path: <>\n" in answer and b"Auto-Submitted: auto-replied\n" in answer
    assert b"\nFrom: joe-away@mail.example.org\n" in answer
