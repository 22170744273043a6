"""maildir2mbox and what runs it, maildirwatch, mbox2maildir and mh2maildir."""

import fcntl
import os
import pathlib
import re
import subprocess
import time

import pytest

from tests.host.machine import eventually

HOME = "/home/joe"
WHERE = {"MAILDIR": f"{HOME}/Maildir", "MAIL": f"{HOME}/mbox", "MAILTMP": f"{HOME}/mbox.tmp"}
FIRST = "From a@example.net Thu Jan  1 00:00:01 1970\nSubject: one\nStatus: RO\nX-Status: AF\n\nhello\n>From me\n>>From you\n\n"
SECOND = "From MAILER-DAEMON Fri Jul  8 14:08:34 2011 +0200\nSubject: two\n\nFrom here on\n\n"
THIRD = "From b@example.net Fri Jul  8 12:08:34 2011\nReturn-Path: <c@example.net>\nSubject: three\nStatus: O\n\nend"


@pytest.fixture
def joe(host):
    host.user("joe")
    host.sh("[ -d ~joe/Maildir ] || maildirmake ~joe/Maildir")
    return host


def run(host, *words, code=0, user="joe", env=None):
    done = host.run([f"/var/qmail/bin/{words[0]}", *words[1:]], user=user, env=env, check=False)
    assert done.returncode == code, done
    return (done.stdout + done.stderr).decode()


def message(host, text, part="new", when=86400, name="1.x"):
    path = f"{HOME}/Maildir/{part}/{name}"
    host.write(path, text, owner="joe", mode=0o600)
    os.utime(host.path(path), (when, when))


def files(host, part, place=f"{HOME}/Maildir"):
    return {path.name: path for path in sorted(pathlib.Path(host.path(f"{place}/{part}")).iterdir())}


# ---- out of a Maildir ----

def test_all_messages_go_into_the_mbox_the_oldest_first(joe):
    message(joe, "Return-Path: <a b@example.net>\nSubject: x\n\nFrom me\nno end", when=2)
    message(joe, "Return-Path: <>\n\n>From me\n", part="cur", name="2.x:2,S", when=1)
    message(joe, "Subject: none\n\n", name="3.x", when=3)
    joe.write(f"{HOME}/mbox", "From x\n\nold, and torn", owner="joe")
    assert run(joe, "maildir2mbox", env=WHERE) == ""
    assert joe.read(f"{HOME}/mbox").decode() == (
        "From x\n\nold, and torn\n"
        "From MAILER-DAEMON Thu Jan 01 00:00:01 1970\nReturn-Path: <>\n\n>>From me\n\n"
        "From a-b@example.net Thu Jan 01 00:00:02 1970\nReturn-Path: <a b@example.net>\nSubject: x\n\n>From me\nno end\n\n"
        "From XXX Thu Jan 01 00:00:03 1970\nSubject: none\n\n\n")
    assert files(joe, "new") == files(joe, "cur") == {}
    assert joe.sh("stat -c '%a %U' ~joe/mbox; ls ~joe/mbox*").stdout == f"600 joe\n{HOME}/mbox\n"


def test_nothing_to_move_leaves_the_mbox_alone(joe):
    assert run(joe, "maildir2mbox", env=WHERE) == ""
    message(joe, "from the future\n", when=time.time() + 1000)
    assert run(joe, "maildir2mbox", env=WHERE) == "" and "mbox" not in os.listdir(joe.path(HOME))


def test_what_is_wrong_with_the_environment(joe):
    for name in WHERE:
        env = {key: value for key, value in WHERE.items() if key != name}
        assert run(joe, "maildir2mbox", code=111, env=env) == f"maildir2mbox: fatal: {name} not set\n"
    message(joe, "x\n")
    assert "unable to create /no/such" in run(joe, "maildir2mbox", code=111, env={**WHERE, "MAILTMP": "/no/such"})
    assert "unable to chdir to /no" in run(joe, "maildir2mbox", code=111, env={**WHERE, "MAILDIR": "/no"})
    assert list(files(joe, "new")) == ["1.x"]


def test_a_delivery_meanwhile_waits_for_the_mbox(joe):
    message(joe, "Subject: moved\n\n")
    joe.write(f"{HOME}/mbox", "", owner="joe")
    with open(joe.path(f"{HOME}/mbox"), "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        running = joe.popen(["/var/qmail/bin/maildir2mbox"], user="joe", env=WHERE)
        inode = os.stat(held.fileno()).st_ino
        assert eventually(lambda: re.search(rf"-> FLOCK .*:{inode} ", open("/proc/locks").read()))
        joe.sh("rm ~joe/mbox; echo another > ~joe/mbox; chown joe: ~joe/mbox")
    assert running.wait(20) == 0
    assert joe.read(f"{HOME}/mbox").startswith(b"another\nFrom XXX")


def test_elq_pinq_qail(joe):
    """With places of their own, and the arguments as they were."""
    for program, reader in (("elq", "elm"), ("pinq", "pine"), ("qail", "Mail")):
        joe.write(f"/usr/local/bin/{reader}", '#!/bin/sh\nwc -l < "$MAIL"; echo "$@|$#"\n', mode=0o755)
        message(joe, "a\n")
        said = run(joe, program, "a b", "c", env={"HOME": HOME})
        assert said.endswith("a b c|2\n") and int(said.split()[0]) >= 3, said
        assert run(joe, program, code=111, env={"HOME": HOME, "MAILDIR": "/no"}).startswith("maildir2mbox: fatal: unable to chdir")


def test_maildirwatch(joe):
    message(joe, "Return-Path: <a@b>\nDelivered-To: joe@x\nFrom: Ä\x1b[2J\u009b2J <a@b>\nSubject: hello\n\nbody " + "y" * 200 + "\n")
    running = joe.popen(["/var/qmail/bin/maildirwatch"], user="joe", env=WHERE, stdout=subprocess.PIPE)
    screen = b""
    while b"\n\n" not in screen:
        screen += os.read(running.stdout.fileno(), 4096)
    running.kill()
    running.wait()
    running.stdout.close()
    shown = "hello body " + "y" * 147
    assert screen.decode() == f"\x1b[H\x1b[JFROM a@b TO joe@x\n\x1b[1mÄ [2J 2J <a@b>\x1b[0m\n{shown}\n\n"
    assert run(joe, "maildirwatch", code=111) == "maildirwatch: fatal: MAILDIR not set\n"


# ---- into a Maildir ----

def test_an_mbox_comes_with_flags_dates_and_senders(joe):
    joe.write(f"{HOME}/mbox", FIRST + SECOND + THIRD, owner="joe")
    assert run(joe, "mbox2maildir", f"{HOME}/mbox", f"{HOME}/Maildir") == "3 messages, and 0 that were there before\n"
    (name, new), = files(joe, "new").items()
    assert new.read_text() == "Return-Path: <>\nSubject: two\n\nFrom here on\n" and new.stat().st_mtime == 1310126914
    text = {path.read_text(): (name, int(path.stat().st_mtime)) for name, path in files(joe, "cur").items()}
    one = "Return-Path: <a@example.net>\nSubject: one\nStatus: RO\nX-Status: AF\n\nhello\nFrom me\n>From you\n"
    assert text[one][1] == 1 and text[one][0].startswith("1.I")
    assert text[one][0].endswith(f",S={len(one)},W={len(one) + one.count(chr(10))}:2,FRS")
    name, when = text["Return-Path: <c@example.net>\nSubject: three\nStatus: O\n\nend"]
    assert name.endswith(":2,") and when == 1310126914
    assert files(joe, "tmp") == {} and joe.sh("stat -c '%a %U' ~joe/Maildir/cur/*").stdout == "600 joe\n" * 2
    assert joe.read(f"{HOME}/mbox").decode() == FIRST + SECOND + THIRD


def test_a_second_run_brings_what_is_new(joe):
    joe.write(f"{HOME}/mbox", FIRST, owner="joe")
    run(joe, "mbox2maildir", f"{HOME}/mbox", f"{HOME}/Maildir")
    joe.sh("cd ~joe/Maildir/cur && mv * \"$(ls | sed s/FRS/S/)\"")
    joe.write(f"{HOME}/mbox", FIRST + SECOND + SECOND, owner="joe")
    assert run(joe, "mbox2maildir", f"{HOME}/mbox", f"{HOME}/Maildir") == "1 messages, and 2 that were there before\n"
    assert len(files(joe, "new")) == len(files(joe, "cur")) == 1


def test_what_is_no_mbox_brings_nothing(joe):
    joe.write(f"{HOME}/mbox", "Subject: x\n\n", owner="joe")
    assert run(joe, "mbox2maildir", f"{HOME}/mbox", f"{HOME}/Maildir", code=100) == \
        f"mbox2maildir: fatal: {HOME}/mbox is no mbox: it does not begin with a line From\n"
    joe.write(f"{HOME}/mbox", "", owner="joe")
    assert run(joe, "mbox2maildir", f"{HOME}/mbox", f"{HOME}/Maildir").startswith("0 messages")
    run(joe, "mbox2maildir", f"{HOME}/no", f"{HOME}/Maildir", code=111)
    run(joe, "mbox2maildir", HOME, f"{HOME}/Maildir", code=111)
    run(joe, "mbox2maildir", f"{HOME}/mbox", HOME, code=111)
    run(joe, "mbox2maildir", code=100)


def test_what_uw_imap_keeps_there_is_no_mail(joe):
    joe.write(f"{HOME}/mbox", "From x Thu Jan  1 00:00:01 1970\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
              "X-IMAP: 1 2\n\nx\n\n" + SECOND, owner="joe")
    assert run(joe, "mbox2maildir", f"{HOME}/mbox", f"{HOME}/Maildir").startswith("1 messages")


def test_root_brings_it_for_the_owner_of_the_maildir(joe):
    joe.write("/var/mail/joe", FIRST + SECOND, mode=0o600)
    joe.write(f"{HOME}/Maildir/maildirsize", "1000S\n1 1\n", owner="joe")
    run(joe, "mbox2maildir", "/var/mail/joe", f"{HOME}/Maildir", user="root")
    assert joe.sh("stat -c %U ~joe/Maildir/cur/* ~joe/Maildir/new/*").stdout == "joe\njoe\n"
    assert "maildirsize" not in os.listdir(joe.path(f"{HOME}/Maildir"))


@pytest.mark.parametrize("link", ["ln -s /var/mail/ann ~joe/in", "ln /var/mail/ann ~joe/in", "ln -s /var/mail ~joe/mail"])
def test_root_follows_no_link_of_somebody_else(joe, link):
    """It may lead to mail that is not his."""
    joe.write("/var/mail/ann", FIRST, mode=0o600)
    joe.sh(link)
    box = f"{HOME}/mail/ann" if "joe/mail" in link else f"{HOME}/in"
    assert "unable to open" in run(joe, "mbox2maildir", box, f"{HOME}/Maildir", user="root", code=111)
    assert files(joe, "new") == files(joe, "cur") == {}


def test_root_brings_nothing_into_what_somebody_elses_link_names(joe):
    joe.sh("mkdir -p /var/mail; maildirmake /srv/Box; ln -s /srv/Box ~joe/Box; mkdir /srv/mh; ln -s /srv/mh ~joe/mh")
    joe.write("/var/mail/joe", FIRST, mode=0o600)
    assert "unable to open" in run(joe, "mbox2maildir", "/var/mail/joe", f"{HOME}/Box", user="root", code=111)
    assert "unable to open" in run(joe, "mh2maildir", f"{HOME}/mh", f"{HOME}/Maildir", user="root", code=111)
    assert files(joe, "new", "/srv/Box") == files(joe, "cur", "/srv/Box") == {}
    joe.sh("ln -s /var/mail/joe /var/oldmail")
    run(joe, "mbox2maildir", "/var/oldmail", f"{HOME}/Maildir/", user="root")
    assert len(files(joe, "cur")) == 1


def test_when_the_disk_is_full_nothing_has_come(joe):
    joe.sh("mount -t tmpfs -o size=64k tmpfs /srv && maildirmake -o joe /srv/Box && chown joe: /srv")
    joe.write(f"{HOME}/mbox", SECOND + "From x Thu Jan  1 00:00:01 1970\n\n" + "x\n" * 100000, owner="joe")
    assert run(joe, "mbox2maildir", f"{HOME}/mbox", "/srv/Box", code=111) == \
        "mbox2maildir: fatal: unable to write into the Maildir's tmp: No space left on device\n"
    assert files(joe, "tmp", "/srv/Box") == files(joe, "new", "/srv/Box") == files(joe, "cur", "/srv/Box") == {}


def test_an_mh_folder(joe):
    for number, text in ((1, "Subject: one\n\n"), (2, "Subject: two\nReplied: today\n\n"), (10, "Subject: ten\n\nFrom me\n")):
        joe.write(f"{HOME}/Mail/inbox/{number}", text, owner="joe")
        os.utime(joe.path(f"{HOME}/Mail/inbox/{number}"), (number, number))
    joe.write(f"{HOME}/Mail/inbox/.mh_sequences", "cur: 1\nunseen: 10-12\nflagged: 1\n")
    joe.write(f"{HOME}/Mail/inbox/,3", "Subject: removed\n\n")
    joe.sh("mkdir ~joe/Mail/inbox/7")
    assert run(joe, "mh2maildir", f"{HOME}/Mail/inbox", f"{HOME}/Maildir") == "3 messages, and 0 that were there before\n"
    assert [(path.read_text(), path.stat().st_mtime) for path in files(joe, "new").values()] == [("Subject: ten\n\nFrom me\n", 10)]
    flags = {path.read_text().splitlines()[0]: re.sub(".*:2,", "", name) for name, path in files(joe, "cur").items()}
    assert flags == {"Subject: one": "FS", "Subject: two": "RS"}
    assert run(joe, "mh2maildir", f"{HOME}/Mail/inbox", f"{HOME}/Maildir") == "0 messages, and 3 that were there before\n"
    run(joe, "mh2maildir", f"{HOME}/no", f"{HOME}/Maildir", code=111)
    run(joe, "mh2maildir", code=100)
