"""Mail that moves between mailboxes, every system call failing in turn: it is in one of them, whole."""

import pathlib
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep

pytestmark = ours_alone

BOX = "From a@b Thu Jan  1 00:00:01 1970\nSubject: one\n\n{}\nFrom a@b Thu Jan  1 00:00:02 1970\nSubject: two\nStatus: RO\n\ntwo\n".format("x\n" * 9000)


@pytest.fixture
def joe(host):
    host.user("joe")
    host.sh("[ -d ~joe/Maildir ] || maildirmake ~joe/Maildir")
    return host


def run(host, under, *words):
    env = {"MAILDIR": "/home/joe/Maildir", "MAIL": "/home/joe/mbox", "MAILTMP": "/home/joe/mbox.tmp"}
    return host.popen([*under, *words], user="root" if under else "joe", env=env, stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).wait(60)


def messages(host):
    place = pathlib.Path(host.path("/home/joe/Maildir"))
    return [path for part in ("new", "cur") for path in (place / part).iterdir()]


def clear(host):
    for path in messages(host):
        path.unlink()
    host.sh("rm -f ~joe/Maildir/tmp/* ~joe/mbox.tmp")


def test_mbox2maildir(joe, record_property):
    joe.write("/home/joe/mbox", BOX, owner="joe")
    whole = {"one", "two"}

    def come():
        return {path.read_text().split("Subject: ")[1].split("\n")[0] for path in messages(joe) if path.read_text().endswith(("x\n", "two\n"))}

    def judge(code, fault):
        wrong = [] if code or come() == whole else ["said done, and is not"]
        wrong += ["a torn message"] if len(come()) != len(messages(joe)) else []
        left = list(pathlib.Path(joe.path("/home/joe/Maildir/tmp")).iterdir())
        wrong += [f"{left} is left"] if left and not (fault and (fault.kill or "unlink" in fault.call)) else []
        wrong += ["a second run does not mend it"] if run(joe, [], command[0], *command[1:]) or come() != whole else []
        wrong += ["a message came twice"] if len(messages(joe)) != 2 else []
        clear(joe)
        return wrong + must.processes(joe)

    command = ["/var/qmail/bin/mbox2maildir", "/home/joe/mbox", "/home/joe/Maildir"]
    sweep(joe, "mbox2maildir", lambda under: run(joe, under, *command), judge, user="joe").end(record_property)


def test_mh2maildir(joe, record_property):
    """What has come is whole and there once; a second run brings the rest."""
    for number, text in ((1, "Subject: one\n\n" + "x\n" * 9000), (2, "Subject: two\n\ntwo\n")):
        joe.write(f"/home/joe/Mail/{number}", text, owner="joe")
    joe.write("/home/joe/Mail/.mh_sequences", "unseen: 2\n", owner="joe")
    joe.sh("chown joe: ~joe/Mail")
    whole = sorted(joe.read(f"/home/joe/Mail/{number}") for number in (1, 2))
    command = ["/var/qmail/bin/mh2maildir", "/home/joe/Mail", "/home/joe/Maildir"]

    def come():
        return sorted(path.read_bytes() for path in messages(joe))

    def judge(code, fault):
        wrong = [] if code or come() == whole else ["said done, and is not"]
        wrong += ["a torn message"] if [text for text in come() if text not in whole] else []
        wrong += ["refused for good"] if code == 100 else []
        wrong += ["a second run does not mend it"] if run(joe, [], *command) or come() != whole else []
        clear(joe)
        return wrong + must.processes(joe)

    sweep(joe, "mh2maildir", lambda under: run(joe, under, *command), judge, user="joe").end(record_property)


def test_maildirmake(joe, record_property):
    """All of it or nothing, so that what is there is a Maildir; a second run makes it where there is none."""
    command = ["/var/qmail/bin/maildirmake", "-f", "Junk", "/home/joe/New"]

    def made():
        return joe.sh("cd ~joe && find New -type d 2>/dev/null | sort", check=False).stdout.split()

    def judge(code, fault):
        whole = ["New", "New/.Junk", *(f"New/.Junk/{part}" for part in ("cur", "new", "tmp")), *(f"New/{part}" for part in ("cur", "new", "tmp"))]
        wrong = [] if code or made() == whole else ["said done, and is not"]
        undone = fault and (fault.kill or "unlink" in fault.call or "rmdir" in fault.call)
        wrong += [f"a part of it is left: {made()}"] if code and made() not in ([], whole) and not undone else []
        wrong += ["a second run does not make it"] if not made() and run(joe, [], *command) else []
        joe.sh("rm -rf ~joe/New ~joe/.New* ~joe/New*")
        return wrong + must.processes(joe)

    sweep(joe, "maildirmake", lambda under: run(joe, under, *command), judge, user="joe").end(record_property)


def test_maildir2mbox(joe, record_property):
    def fill():
        joe.write("/home/joe/Maildir/new/1.x", "Subject: one\n\n" + "x\n" * 40000, owner="joe")
        joe.sh("touch -d @1 ~joe/Maildir/new/1.x; rm -f ~joe/mbox; echo old > ~joe/mbox; chown joe: ~joe/mbox")

    def judge(code, fault):
        box = joe.read("/home/joe/mbox").decode()
        wrong = [] if box == "old\n" or box.endswith("x\n\n") and box.count("x\n") == 40000 else ["the mbox is torn"]
        wrong += ["the message is lost"] if not messages(joe) and "one" not in box else []
        wrong += ["said done, and is not"] if code == 0 and "one" not in box else []
        clear(joe)
        fill()
        return wrong + must.processes(joe)

    fill()
    sweep(joe, "maildir2mbox", lambda under: run(joe, under, "/var/qmail/bin/maildir2mbox"), judge, user="joe").end(record_property)


def test_newaliases(joe, record_property):
    """The table is the old one or the new one, and done only when it is the new one."""
    joe.write("/etc/aliases", "a: old\n")
    joe.sh("/var/qmail/bin/newaliases && cp /etc/aliases.cdb /tmp/old")
    joe.write("/etc/aliases", "a: new\n")
    joe.sh("/var/qmail/bin/newaliases && cp /etc/aliases.cdb /tmp/new && cp /tmp/old /etc/aliases.cdb")
    old, new = joe.read("/tmp/old"), joe.read("/tmp/new")

    def judge(code, fault):
        now = joe.read("/etc/aliases.cdb")
        wrong = [] if now in (old, new) else ["the table is torn"]
        wrong += ["said done, and is not"] if code == 0 and now != new else []
        joe.sh("cp /tmp/old /etc/aliases.cdb")
        return wrong + must.processes(joe)

    def newaliases(under):
        return joe.popen([*under, "/var/qmail/bin/newaliases"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)

    sweep(joe, "newaliases", newaliases, judge).end(record_property)
