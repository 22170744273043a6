"""One message through one program, every system call failing in turn."""

import pathlib
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.host.directory import Directory
from tests.queue.queue_files import mess_files
from tests.queue.test_filter import inject
from tests.queue.test_queue import ENVELOPE, queue

pytestmark = ours_alone

BODY = b"Subject: fault\n\n" + b"".join(b"line %d\nFrom here on\n" % i for i in range(8000))


@pytest.fixture
def joe(host):
    host.user("joe")
    host.write("/tmp/message", BODY)
    return host


def empty_queue(host):
    for path in mess_files(host):
        path.unlink()


def killed(fault):
    return bool(fault and fault.kill)


# ---- qmail-queue ----

def test_qmail_queue(joe, record_property):
    def run(under):
        code, _ = queue(joe, BODY, ENVELOPE, user="root" if under else "joe", wrapper=under)
        return code

    def judge(code, fault):
        found, wrong = must.in_queue(joe, BODY, ["r@example.org"])
        empty_queue(joe)
        return wrong + must.verdict(code == 0, found, killed(fault)) + must.queue_exit(code) + must.processes(joe)

    sweep(joe, "qmail-queue", run, judge, user="joe").end(record_property)


# ---- qmail-filter ----

@pytest.mark.parametrize("filters", ["/bin/cat\n/bin/sed s/x/x/\n", ""], ids=["two filters", "none"])
def test_qmail_filter(joe, record_property, filters):
    """What no filter has refused is queued whole, or for now not at all."""
    joe.control("filters", filters)

    def run(under):
        return inject(joe, BODY, ENVELOPE, user="root" if under else "joe", wrapper=under)

    def judge(said, fault):
        code, told, _ = said
        found, wrong = must.in_queue(joe, BODY, ["r@example.org"])
        empty_queue(joe)
        refused = ["refused for good: " + told] if told.startswith("D") else []
        return wrong + refused + must.verdict(code == 0, found, killed(fault)) + must.processes(joe)

    sweep(joe, "qmail-filter", run, judge, user="joe", itself=True).end(record_property)


# ---- qmail-getpw ----

@pytest.mark.parametrize("box, whose", [("joe", b"joe"), ("joe-y", b"joe"), ("joe-x-y", b"joe-x"), ("who", b"alias"),
                                        ("ldap-y", b"ldap"), ("sss-y", b"sss")])
def test_qmail_getpw(joe, record_property, box, whose):
    """A right answer, or none: who is taken for nobody loses his mail."""
    joe.user("joe-x")
    if whose in (b"ldap", b"sss"):
        Directory(joe, "files directory" if whose == b"ldap" else "directory systemd files").add(whose.decode(), 2001, "/home/far")

    def run(under):
        with open(joe.path("/tmp/answer"), "wb") as out:
            code = joe.popen([*under, "/var/qmail/bin/qmail-getpw", box], user="root" if under else "qmailp",
                             stdout=out, stderr=subprocess.DEVNULL).wait(60)
        return code, joe.read("/tmp/answer").split(b"\0")[0]

    def judge(said, fault):
        return [f"{box} is {said[1]}"] if said[0] == 0 and said[1] != whose else []

    sweep(joe, f"qmail-getpw {box}", run, judge, user="qmailp").end(record_property)


# ---- qmail-local ----

def local(host, under):
    """Exit code of one delivery to joe."""
    with open(host.path("/tmp/message"), "rb") as message:
        done = host.popen([*under, "/var/qmail/bin/qmail-local", "--", "joe", "/home/joe", "joe", "", "",
                           "mail.example.org", "sender@example.net", "./Maildir/"],
                          user="root" if under else "joe", stdin=message, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
        return done.wait(60)


def test_qmail_local_maildir(joe, record_property):
    place = pathlib.Path(joe.path("/home/joe/Maildir"))

    def judge(code, fault):
        found, wrong = must.in_maildir(place, BODY)
        for part in ("new", "tmp"):
            for left in (place / part).iterdir():
                if part == "tmp" and not killed(fault):
                    wrong.append(f"{left.name} is left in tmp/")
                left.unlink()
        return wrong + must.verdict(code == 0, found, killed(fault)) + must.local_exit(code, killed(fault)) + \
            must.processes(joe)

    sweep(joe, "qmail-local to a Maildir", lambda under: local(joe, under), judge, user="joe").end(record_property)


def test_qmail_local_mbox(joe, record_property):
    before = b"From a@b Mon Jan  1 00:00:00 2024\nSubject: old\n\nold\n\n"
    quoted = BODY.replace(b"\nFrom ", b"\n>From ")
    joe.write("/home/joe/.qmail", "./mbox\n", owner="joe")
    joe.write("/home/joe/mbox", before, owner="joe", mode=0o600)
    place = pathlib.Path(joe.path("/home/joe/mbox"))

    def judge(code, fault):
        after = place.read_bytes()
        found, wrong = must.in_mbox(before, after, quoted, killed(fault))
        if after[len(before):] and not found:
            wrong += next_message_is_apart(after)
        place.write_bytes(before)
        return wrong + must.verdict(code == 0, found, killed(fault)) + must.local_exit(code, killed(fault)) + \
            must.processes(joe)

    def next_message_is_apart(torn):
        code = local(joe, [])
        return must.after_a_torn_mbox(torn, place.read_bytes(), quoted) + must.verdict(code == 0, True, False)

    sweep(joe, "qmail-local to an mbox", lambda under: local(joe, under), judge, user="joe").end(record_property)


def test_qmail_local_forward(joe, record_property):
    joe.write("/home/joe/.qmail", "&far@example.net\n", owner="joe")

    def judge(code, fault):
        found, wrong = must.in_queue(joe, BODY, ["far@example.net"])
        empty_queue(joe)
        return wrong + must.verdict(code == 0, found, killed(fault)) + must.local_exit(code, killed(fault)) + \
            must.processes(joe)

    sweep(joe, "qmail-local forwarding", lambda under: local(joe, under), judge, user="joe").end(record_property)


def test_qmail_local_program(joe, record_property):
    """What a program leaves when it fails is its own affair; what it did when we say done is ours."""
    joe.write("/home/joe/.qmail", "|cat > box.new && mv box.new box\n", owner="joe")
    place = pathlib.Path(joe.path("/home/joe/box"))

    def judge(code, fault):
        whole = place.exists() and place.read_bytes() == BODY
        wrong = ["box is torn"] if place.exists() and not whole else []
        joe_left = place.with_name("box.new")
        for left in (place, joe_left):
            left.unlink(missing_ok=True)
        return wrong + must.verdict(code == 0, whole, True) + must.local_exit(code, killed(fault)) + must.processes(joe)

    sweep(joe, "qmail-local to a program", lambda under: local(joe, under), judge, user="joe").end(record_property)
