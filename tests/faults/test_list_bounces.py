"""Bounces of a mailing list, every system call failing in turn: none is lost, none is torn, and who is to be warned is warned."""

import pathlib
import re
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep

pytestmark = ours_alone

LIST = "/home/joe/sos"
BOUNCE = "Subject: failure notice\n\n" + "x\n" * 5000
KEPT = "user@example.com\0Return-Path: <x@y>\n" + BOUNCE
NUMBERS = "bounce/h/a/haiapijcjmbadoebacci"


@pytest.fixture
def sos(host):
    host.user("joe")
    host.sh(f"install -d -o joe {LIST} {LIST}/subscribers {LIST}/text {LIST}/bounce /tmp/catch")
    texts = {f"text/{name}": "text\n" for name in ("top", "bounce-warn", "bounce-probe", "bounce-num", "bounce-bottom")}
    for name, text in {"key": "0123456789abcdef", "outlocal": "sos\n", "outhost": "mail.example.org\n", **texts}.items():
        host.write(f"{LIST}/{name}", text, owner="joe")
    host.write("/tmp/bounce", BOUNCE)
    host.sh(f"ezmlm-sub {LIST} user@example.com", user="joe")
    return host


def run(host, under, *words):
    with open(host.path("/tmp/bounce"), "rb") as text:
        env = {"SENDER": "x@y", "DEFAULT": "17-user=example.com", "QMAILQUEUE": "/usr/local/lib/mailtree-test/catch"}
        return host.popen([*under, f"/var/qmail/bin/{words[0]}", *words[1:]], user="root" if under else "joe", env=env,
                          stdin=text, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


def place(host):
    return pathlib.Path(host.path(LIST))


def bounces(host):
    return [path.read_text() for path in (place(host) / "bounce/d").glob("*/d*")]


def clear(host):
    host.sh(f"rm -rf {LIST}/bounce/d {LIST}/bounce/h {LIST}/bounce/last* /tmp/catch/*; chmod 1777 /tmp/catch")


def test_a_bounce_is_kept(sos, record_property):
    def numbers():
        path = place(sos) / NUMBERS
        return path.read_text() if path.exists() else ""

    def judge(code, fault):
        wrong = ["a bounce is torn"] if set(bounces(sos)) - {KEPT} else []
        wrong += ["numbers are torn"] if numbers() not in ("", "   17\n") else []
        wrong += ["said done, and is not"] if code == 99 and not (numbers() and bounces(sos)) else []
        wrong += ["a number, and no bounce"] if numbers() and not bounces(sos) else []
        wrong += [f"exit {code}"] if code not in (99, 111) and not (fault and fault.silent) else []
        wrong += ["a second run does not mend it"] if run(sos, [], "ezmlm-return", LIST) != 99 or numbers() != "   17\n" else []
        wrong += ["more than a second bounce"] if not 1 <= len(bounces(sos)) <= 2 else []
        clear(sos)
        return wrong + must.processes(sos)

    clear(sos)
    sweep(sos, "ezmlm-return", lambda under: run(sos, under, "ezmlm-return", LIST), judge, user="joe").end(record_property)


def test_who_is_to_be_warned_is_warned(sos, record_property):
    def warned():
        return sos.sh("[ -s /tmp/catch/envelope ]", check=False).returncode == 0

    def prepare():
        clear(sos)
        assert run(sos, [], "ezmlm-return", LIST) == 99

    def judge(code, fault):
        wrong = ["the bounce is gone, and nobody is warned"] if not bounces(sos) and not warned() else []
        wrong += ["said done, and is not"] if code == 0 and (bounces(sos) or not warned()) else []
        wrong += ["numbers are left"] if code == 0 and (place(sos) / NUMBERS).exists() else []
        wrong += [f"exit {code}"] if code not in (0, 111) and not (fault and fault.silent) else []
        wrong += ["a second run does not mend it"] if run(sos, [], "ezmlm-warn", "-t0", LIST) or bounces(sos) or not warned() else []
        prepare()
        return wrong + must.processes(sos)

    prepare()
    sweep(sos, "ezmlm-warn", lambda under: run(sos, under, "ezmlm-warn", "-t0", LIST), judge, user="joe", itself=True).end(record_property)


def test_no_message_is_left_out_of_the_digests(sos, record_property):
    """A digest that is counted has been queued, whole; one that is not comes again."""
    for number in (1, 2):
        sos.write(f"{LIST}/archive/0/0{number}", f"Subject: x\n\nbody {number}\n" + "x\n" * 5000, owner="joe", mode=0o744)
    for name, text in {"num": "2:2\n", "archived": "", "text/digest": "", "text/get-bad": "missing\n", "ezmlmrc": ""}.items():
        sos.write(f"{LIST}/{name}", text, owner="joe")
    sos.sh(f"mkdir -p {LIST}/digest/subscribers; ezmlm-sub {LIST} digest reader@example.com; chown -R joe {LIST}")

    def queued():
        return sos.sh("cat /tmp/catch/message", check=False).stdout if sos.sh("[ -s /tmp/catch/envelope ]", check=False).returncode == 0 else ""

    def state(name):
        path = place(sos) / name
        return path.read_text() if path.exists() else ""

    def prepare():
        clear(sos)
        sos.sh(f"rm -f {LIST}/dignum* {LIST}/digissue*")

    def digest(under):
        return run(sos, under, "ezmlm-get", LIST)

    def issue():
        return re.findall(r"^Subject: .* Issue (\d+)$", queued(), re.M)

    def judge(code, fault):
        wrong = ["a digest is torn"] if queued() and not ("body 1\n" in queued() and "body 2\n" in queued()) and code == 0 else []
        wrong += ["counted, and not sent"] if state("dignum") and not queued() else []
        wrong += ["the state is torn"] if state("dignum")[:4] not in ("", "2:2:") or state("digissue") not in ("", "0:0\n", "1:0\n") else []
        first = issue()
        wrong += ["said done, and is not"] if code == 0 and not (queued() and state("dignum") and state("digissue")) else []
        wrong += [f"exit {code}"] if code not in (0, 111) and not (fault and fault.silent) else []
        is_due = not state("dignum")
        wrong += ["a second run does not mend it"] if digest([]) or not queued() or not state("dignum") else []
        wrong += ["two digests have one number"] if is_due and first and first == issue() else []
        prepare()
        return wrong + must.processes(sos)

    prepare()
    sweep(sos, "ezmlm-get", digest, judge, user="joe", itself=True).end(record_property)
