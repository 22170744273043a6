"""Each picture in programs/man/doc is true: its hosts are furnished as it says, its user types what it says, and what it shows of
logs and files is there afterwards.

    == HOST ==                  what follows is about this host
    FILE holds TEXT             a file below /var/qmail, of a user, or with its whole path
    USER types: COMMAND         fails: instead, if it must not work
    log: LINE                   in the log of qmail-send or qmail-smtpd; N is any number, ... anything
    file: DIRECTORY             holds a file
"""

import re

import pytest

from tests.host import eventually
from tests.host.machine import TOP

USERS = {"mail.example.org": ["joe", "ann"], "mx.example.net": ["bob"], "pc.example.net": ["eve"]}
SERVICES = {"mail.example.org": ["qmail-send", "qmail-smtpd"], "mx.example.net": ["qmail-send", "qmail-smtpd"],
            "pc.example.net": ["qmail-send"]}
PICTURES = sorted(TOP.glob("programs/man/doc/PIC.*"))


def facts(picture):
    """(host, kind, what...) for each line that states something."""
    host = None
    for line in picture.read_text().splitlines():
        if heading := re.fullmatch(r"== (\S+) ==", line):
            host = heading[1]
        elif held := re.search(r"(\S+) holds (.+)$", line):
            yield host, "holds", held[1], held[2]
        elif typed := re.match(r" +(\w+) +(types|fails): (.+)$", line):
            yield host, typed[2], typed[1], typed[3]
        elif seen := re.search(r"\b(log|file): (.+)$", line):
            yield host, seen[1], seen[2]


def furnish(host, path, text):
    owner = re.match(r"~(\w+)/", path)
    place = f"/home/{path[1:]}" if owner else path if path.startswith("/") else f"/var/qmail/{path}"
    host.write(place, "" if text == "nothing" else text + "\n", owner=owner[1] if owner else "root")
    if text.startswith("./"):
        host.sh(f"cd ~{owner[1]}; [ -d {text} ] || maildirmake {text}", user=owner[1])
    if place == "/etc/tcp.smtp":
        host.sh("qmailctl cdb")


def is_logged(host, line):
    pattern = re.sub(r"\bN\b", r"\\d+", re.escape(line)).replace(re.escape("..."), ".*")
    return re.search(f"^{pattern}$", host.log("qmail-send") + host.log("qmail-smtpd"), re.M)


def test_all_are_there():
    assert [picture.name.removeprefix("PIC.") for picture in PICTURES] == [
        "local2alias", "local2ext", "local2local", "local2rem", "local2virt", "nullclient", "relaybad", "relaygood",
        "rem2local"]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_picture_is_true(hosts, picture):
    stated = list(facts(picture))
    there = dict(zip(USERS, hosts(*USERS)))
    for name in sorted({host for host, *_ in stated}):
        for user in USERS[name]:
            there[name].user(user)
    for host, kind, *what in stated:
        if kind == "holds":
            furnish(there[host], *what)
    for name in {host for host, *_ in stated}:
        there[name].start(*SERVICES[name])
    typed = [(host, *what) for host, *what in stated if what[0] in ("types", "fails")]
    assert len(typed) == 1
    for host, kind, user, command in typed:
        done = there[host].sh(f"cd ~{user}; {command}", user=user, check=False, env={"USER": user})
        assert (done.returncode == 0) == (kind == "types"), done
    shown = [(host, *what) for host, *what in stated if what[0] in ("log", "file")]
    assert shown
    for host, kind, what in shown:
        if kind == "log":
            assert eventually(lambda: is_logged(there[host], what)), f"{host}: {what}\n{there[host].log('qmail-send')}"
        else:
            assert eventually(lambda: there[host].sh(f"ls {what}").stdout), f"{host}: {what}"
    if typed[0][1] == "fails":
        assert "new msg" not in there["mail.example.org"].log("qmail-send")
