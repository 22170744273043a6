"""A mailing list, every system call of a program failing in turn: each of its files is the old one or the new one, and what was said
to be done is done."""

import re
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.queue.queue_files import Message, mess_files

pytestmark = ours_alone

LIST = "/home/joe/sos"
OLD = b"Tann@example.com\0" + b"".join(b"Tn%d@example.com\0" % i for i in range(2000))


@pytest.fixture
def sos(host):
    host.user("joe")
    host.sh(f"install -d -o joe {LIST} {LIST}/subscribers {LIST}/text")
    for name, text in {"key": "0123456789abcdef", "outlocal": "sos\n", "outhost": "mail.example.org\n"}.items():
        host.write(f"{LIST}/{name}", text, owner="joe")
    return host


def run(host, under, *words, stdin=subprocess.DEVNULL):
    return host.popen([*under, f"/var/qmail/bin/{words[0]}", *words[1:]], user="root" if under else "joe",
                      stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


@pytest.mark.parametrize("program, before, after", [
    ("ezmlm-sub", OLD, OLD + b"Tjohn@example.com\0"), ("ezmlm-unsub", OLD + b"Tjohn@example.com\0", OLD)])
def test_a_change_of_subscribers(sos, record_property, program, before, after):
    def prepare():
        sos.write(f"{LIST}/subscribers/Y", before, owner="joe")
        sos.sh(f"rm -f {LIST}/Log {LIST}/subscribers/Yn")

    def judge(code, fault):
        now = sos.read(f"{LIST}/subscribers/Y")
        wrong = [] if now in (before, after) else ["the file is torn"]
        wrong += ["said done, and is not"] if code == 0 and now != after else []
        wrong += [f"exit {code}"] if code not in (0, 111) and not (fault and fault.silent) else []
        wrong += ["something is left aside"] if code == 111 and fault and "unlink" not in fault.call and \
            sos.sh(f"[ -e {LIST}/subscribers/Yn ] && echo left", check=False).stdout else []
        wrong += must.processes(sos)
        prepare()
        return wrong

    def from_input(under):
        with open(sos.path(f"{LIST}/asked"), "rb") as asked:
            return run(sos, under, program, LIST, stdin=asked)

    prepare()
    sos.write(f"{LIST}/asked", "john@example.com\n")
    sweep(sos, program, lambda under: run(sos, under, program, LIST, "john@example.com"), judge, user="joe").end(record_property)
    sweep(sos, f"{program} of many", from_input, judge, user="joe").end(record_property)


# ---- ezmlm-manage ----

def answer(host, under, default):
    host.write("/tmp/request", "From: Joe <joe@example.com>\n\nplease\n")
    with open(host.path("/tmp/request"), "rb") as stdin:
        return host.popen([*under, "/var/qmail/bin/ezmlm-manage", LIST], user="root" if under else "joe", stdin=stdin,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env={"SENDER": "john@example.com", "DEFAULT": default}).wait(60)


def question(host):
    """The address that a reply goes to, of the only message in the queue, which goes."""
    paths = mess_files(host)
    texts = [Message(path).text for path in paths]
    for path in paths:
        path.unlink()
    return [re.search(rb"^Reply-To: sos-(.*)@", text, re.M)[1].decode() if b"Reply-To" in text else "" for text in texts]


@pytest.fixture
def answering(sos):
    sos.write(f"{LIST}/public", "", owner="joe")
    return sos


def test_a_question(answering, record_property):
    """It is asked when that was said; a second time only after a kill, or where a note of it could not be kept."""
    def judge(code, fault):
        asked = len(question(answering))
        wrong = ["said done, and nobody was asked"] if code == 0 and not asked else []
        wrong += [f"exit {code}"] if code not in (0, 111) and not (fault and fault.silent) else []
        wrong += [f"{asked} questions"] if asked > 1 else []
        answering.sh(f"rm -f {LIST}/confirms {LIST}/confirms.new")
        return wrong + must.processes(answering)

    sweep(answering, "ezmlm-manage asks", lambda under: answer(answering, under, "subscribe"), judge, user="joe", some=150,
          itself=True).end(record_property)


def test_a_consent(answering, record_property):
    """Who is told that he is on the list is on it; told or not, a second try does no harm."""
    answer(answering, [], "subscribe")
    word, = question(answering)

    def judge(code, fault):
        welcomed = len(question(answering))
        now = answering.sh(f"cat {LIST}/subscribers/Y 2>/dev/null", check=False).stdout
        wrong = ["the file is torn"] if now not in ("", "Tjohn@example.com\0") else []
        wrong += ["told, and is not"] if (code == 0 or welcomed) and not now else []
        wrong += [f"exit {code}"] if code not in (0, 111) and not (fault and fault.silent) else []
        answering.sh(f"rm -f {LIST}/subscribers/* {LIST}/Log")
        return wrong + must.processes(answering)

    sweep(answering, "ezmlm-manage subscribes", lambda under: answer(answering, under, word), judge, user="joe", some=150,
          itself=True).end(record_property)


@pytest.fixture
def link(answering):
    """The query of the link in the mail that welcomes john."""
    answering.write(f"{LIST}/oneclick", "https://x/?1\n", owner="joe")
    answering.write("/etc/ezmlm/ezcgirc", f"1;0;{LIST};;;;;\n")
    answering.write("/tmp/form", "List-Unsubscribe=One-Click")
    answer(answering, [], "subscribe")
    answer(answering, [], question(answering)[0])
    path, = mess_files(answering)
    return re.search(rb"<https://x/\?(.*)>,\n", Message(path).text)[1].decode()


def test_one_click(answering, link, record_property):
    """Who hears that he has left has left, on disk; trouble is told as trouble, or there is no answer."""
    def prepare():
        answering.write(f"{LIST}/subscribers/Y", OLD + b"Tjohn@example.com\0", owner="joe")
        answering.sh(f"rm -f {LIST}/Log {LIST}/subscribers/Yn")

    def click(under):
        with open(answering.path("/tmp/form"), "rb") as stdin:
            running = answering.popen([*under, "/var/qmail/bin/ezmlm-oneclick"], user="root" if under else "joe", stdin=stdin,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                      env={"REQUEST_METHOD": "POST", "QUERY_STRING": link, "CONTENT_LENGTH": "26"})
            click.said = running.communicate(timeout=60)[0].decode()
        return running.returncode

    def judge(code, fault):
        now, done = answering.read(f"{LIST}/subscribers/Y"), "gets no more mail" in click.said
        wrong = [] if now in (OLD, OLD + b"Tjohn@example.com\0") else ["the file is torn"]
        wrong += ["said done, and is not"] if done and now != OLD else []
        wrong += ["neither done nor trouble"] if code == 0 and not done and "Status: 50" not in click.said else []
        # 127: of the child's calls that had the fault, and the dynamic loader's one of the same number, too
        wrong += [f"exit {code}"] if code not in (0, 111, 127) and not (fault and fault.silent) else []
        prepare()
        return wrong + must.processes(answering)

    prepare()
    sweep(answering, "ezmlm-oneclick", click, judge, user="joe").end(record_property)
