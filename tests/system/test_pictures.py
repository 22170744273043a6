"""Each picture in programs/man/doc is true: its hosts are furnished as it says, its user types what it says, and what it shows of
logs and files is there afterwards.

    == HOST ==                  what follows is about this host
    FILE holds TEXT             a file below /var/qmail, of a user, or with its whole path
    USER types: COMMAND         fails: instead, if it must not work
    log: LINE                   in the log of qmail-send or qmail-smtpd; N is any number, ... anything
    file: DIRECTORY             holds a file

So is the one of the same name in mail-pictures(7): the lines of the logs that it shows are all that there are, in their order.
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


# ---- the page ----

LOGGED = re.compile(r"(new msg|info msg|starting delivery|delivery N:|end msg|qmail-smtpd:) .*$")
SESSIONS = re.compile(r"^(tcpserver: |qmail-smtpd: session |status: )")


def page_says(name):
    """{host: lines} of a picture in the page."""
    page = (TOP / "programs/man/mail-pictures.7").read_text().replace("\\e", "\\")
    drawing = re.search(rf'^\.\\" PIC\.{name}\n(.*?)^\.Ed', page, re.M | re.S)[1]
    said, host = {}, None
    for line in drawing.splitlines():
        if heading := re.fullmatch(r"== (\S+) ==", line):
            host = said.setdefault(heading[1], [])
        elif logged := LOGGED.search(line):
            host.append(logged[0])
    return said


def story(host):
    """The lines of the logs, each message's behind each other."""
    lines = [line for line in host.log("qmail-send").splitlines() if not SESSIONS.match(line)]
    messages, of_delivery = {}, {}
    for line in lines:
        number = re.search(r"\bmsg (\d+)", line)
        delivery = re.match(r"(?:starting )?delivery (\d+)", line)
        if number and delivery:
            of_delivery[delivery[1]] = number[1]
        messages.setdefault(number[1] if number else of_delivery[delivery[1]], []).append(line)
    return [line for line in host.log("qmail-smtpd").splitlines() if not SESSIONS.match(line)] + sum(messages.values(), [])


def fits(line, shown):
    return re.fullmatch(re.sub(r"\bN\b", r"\\d+", re.escape(shown).replace("qp_N", "qp_\\d+")).replace(re.escape("..."), ".*"), line)


def told_by_the_page(there, name):
    for host, shown in page_says(name).items():
        assert eventually(lambda: len(story(there[host])) == len(shown)), (host, shown, story(there[host]))
        wrong = [(line, wanted) for line, wanted in zip(story(there[host]), shown) if not fits(line, wanted)]
        assert wrong == [], host


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
    told_by_the_page(there, picture.name.removeprefix("PIC."))
    if typed[0][1] == "fails":
        assert "new msg" not in there["mail.example.org"].log("qmail-send")
