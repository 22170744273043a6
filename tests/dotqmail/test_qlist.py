"""qlist: a .qmail file of forwards is kept by who writes to its second address."""

import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.host import eventually
from tests.local.machine import CATCH, dotqmail, local, queued

HOME = "/home/joe"
LINE = "|qlist joe-club@mail.example.org joe-club-request@mail.example.org .qmail-club .qmail-club-request .qtemp-club joe 'Ask joe.'\n"
MAIL = "From: Ann <ann@example.net>\nSubject: hello\n\n{}\n"


@pytest.fixture
def club(host):
    host.user("joe")
    dotqmail(host, "&joe@mail.example.org\n", name=".qmail-club", mode=0o500)
    dotqmail(host, LINE, name=".qmail-club-request")
    return host


def write(host, message, sender="ann@bounces.example", **more):
    return local(host, "-", "club-request", message=message.encode(), sender=sender, **more)


def members(host):
    return host.read(f"{HOME}/.qmail-club").decode()


def test_who_writes_comes_and_goes(club):
    assert write(club, MAIL.format("please\nSubscribe")).code == 0
    assert members(club) == "&joe@mail.example.org\n&ann@example.net\n"
    message, envelope = queued(club)
    assert envelope == b"Fann@bounces.example\0Tjoe\0Tann@example.net\0\0"
    assert message.decode() == (
        "Delivered-To: joe-club-request@mail.example.org\n" + MAIL.format("please\nSubscribe") +
        "\n----- The list joe-club@mail.example.org answers (qlist)\n\nann@example.net is on the list now.\n\n"
        "To be on the list, write to joe-club-request@mail.example.org\n"
        'with a line of text that begins with "subscribe"; to leave it, with one that begins\n'
        'with "unsubscribe". The address that counts is that of Reply-To, or else that of From.\n\nAsk joe.\n')
    for text, said in (("subscribe", "on the list already"), ("unsubscribe", "no longer on the list"), ("unsubscribe", "not on the list")):
        assert write(club, MAIL.format(text).replace("ann@", "ANN@")).code == 0
        assert f"ANN@example.net is {said}.\n" in queued(club)[0].decode()
    assert members(club) == "&joe@mail.example.org\n"
    assert club.sh(f"stat -c '%a %U' {HOME}/.qmail-club; ls -A {HOME} | grep temp", check=False).stdout == "500 joe\n"


def test_whose_address_counts(club):
    reply = "Reply-To: \"a b\"@example.net, c@example.net\n"
    for message, address in ((reply + MAIL.format("subs"), "a b@example.net"), (MAIL.format("hi").replace("hello", "Unsubscribe"), ""),
                             ("Subject: x\n\nx\n", "ann@bounces.example")):
        club.sh(f"cd {HOME}; chmod 600 .qmail-club; echo '&ann@example.net' > .qmail-club")
        assert write(club, message).code == 0
        assert members(club) == ("&ann@example.net\n" if address else "") + (f"&{address}\n" if address else "")
    dotqmail(club, "&joe\n", name=".qmail-club-request-owner")
    assert write(club, "Subject: x\n\nx\n", sender="eve@example.net").code == 0
    assert queued(club)[1].startswith(b"Fjoe-club-request-owner@mail.example.org\0Tjoe\0Teve@example.net\0")


def test_what_is_sent_on_is_readable(club):
    head = "Content-Type: text/html\nContent-Transfer-Encoding: 7bit\nContent-Length: 5\nMIME-Version: 1.0\n"
    assert write(club, head + MAIL.format("x")[:-1]).code == 0
    text = queued(club)[0].decode()
    assert "Content" not in text and "MIME-Version: 1.0\n" in text and "\n\nx\n\n-----" in text
    coded = "Content-Transfer-Encoding: BASE64\n" + MAIL.format("c3Vic2NyaWJl")
    assert write(club, coded.replace("ann@", "eve@")).code == 0
    assert "eve" not in members(club) and "cannot be read" in queued(club)[0].decode()
    assert write(club, coded.replace("hello", "unsubscribe")).code == 0 and "ann" not in members(club)


@pytest.mark.parametrize("message, sender", [
    (MAIL.format("subscribe"), ""), (MAIL.format("subscribe"), "#@[]"), ("Precedence: bulk\n" + MAIL.format("subscribe"), "a@b.c"),
    ("Auto-Submitted: auto-replied\n" + MAIL.format("unsubscribe"), "a@b.c"), ("List-Id: <x>\n" + MAIL.format("subs"), "a@b.c")])
def test_what_no_person_says_goes_to_the_owner(club, message, sender):
    assert write(club, message, sender=sender).code == 0
    assert queued(club) == (b"Delivered-To: joe-club-request@mail.example.org\n" + message.encode(), f"F{sender}\0Tjoe\0\0".encode())
    assert members(club) == "&joe@mail.example.org\n"


@pytest.mark.parametrize("who", ["joe", "<>", "x" * 89 + "@example.net", "joe-club@mail.example.org", "JOE-club-request@mail.example.org",
                                 "a@example.net, (", '"a\\\nb"@example.net', '" a"@example.net'])
def test_who_cannot_be_on_a_list(club, who):
    done = write(club, f"Reply-To: {who}\nFrom: {who}\n\nsubs\n", sender="" if who == "<>" else "a\nb@c.d")
    assert done.code == (0 if who == "<>" else 100), done
    assert members(club) == "&joe@mail.example.org\n"


def test_trouble_is_for_now_and_a_wrong_line_is_told(club):
    club.sh(f"rm {HOME}/.qmail-club")
    done = write(club, MAIL.format("subs"))
    assert done.code == 111 and done.out + done.err == b"qlist: fatal: unable to open .qmail-club: No such file or directory\n"
    dotqmail(club, "", name=".qmail-club")
    dotqmail(club, "|qlist a b c d e\n", name=".qmail-club-request")
    assert write(club, MAIL.format("subs")).code == 100
    dotqmail(club, LINE, name=".qmail-club-request")
    assert b"more than 1048576 bytes" in write(club, MAIL.format("x" * 1048576)).out + write(club, MAIL.format("x" * 1048576)).err


def test_two_at_once_both_count(club):
    """Whoever has the lock, the other one waits for it, and sees what came of that."""
    with open(club.path("/tmp/request"), "wb") as request:
        request.write(MAIL.format("subscribe").encode())
    holder = club.popen(["flock", f"{HOME}/.qmail-club-request", "sh", "-c", f"touch /tmp/held; read x; echo '&eve@example.net' >> {HOME}/.qmail-club"],
                        stdin=subprocess.PIPE)
    assert eventually(lambda: club.sh("test -e /tmp/held", check=False).returncode == 0)
    with open(club.path("/tmp/request"), "rb") as request:
        words = LINE[1:].split()[:7]
        waiting = club.popen(["sh", "-c", f"cd {HOME} && exec \"$@\"", "sh", *words], user="joe", stdin=request,
                             env={**CATCH, "NEWSENDER": "a@b.c", "SENDER": "a@b.c", "DTLINE": "Delivered-To: x\n"})
    assert eventually(lambda: "qlist" in club.sh("cat /proc/locks; pgrep -l -x qlist", check=False).stdout)
    assert members(club) == "&joe@mail.example.org\n"
    holder.communicate(b"\n")
    assert waiting.wait(20) == 0
    assert members(club) == "&joe@mail.example.org\n&eve@example.net\n&ann@example.net\n"


@ours_alone
def test_every_system_call_failing_in_turn(club, record_property):
    """The list is the old one or the new one, and who is told that all is done is on it and has an answer."""
    path = f"{HOME}/.qmail-club"
    old, new = b"&joe@mail.example.org\n", b"&joe@mail.example.org\n&ann@example.net\n"
    club.write("/tmp/request", MAIL.format("subscribe"))

    def run(under):
        with open(club.path("/tmp/request"), "rb") as request:
            return club.popen([*under, "sh", "-c", f"cd {HOME} && exec \"$@\"", "sh", "/var/qmail/bin/qlist", *LINE[1:].split()[1:7]],
                              user="root" if under else "joe", stdin=request, stderr=subprocess.DEVNULL,
                              env={**CATCH, "NEWSENDER": "a@b.c", "DTLINE": "Delivered-To: x\n"}).wait(60)

    def judge(code, fault):
        is_now, told = club.read(path), queued(club)[0]
        wrong = [] if is_now in (old, new) else ["the list is neither the old nor the new one"]
        wrong += ["told that it is done, and is not"] if code == 0 and not (is_now == new and told) else []
        wrong += [f"exit {code}"] if code not in (0, 111, 127) and not (fault and fault.kill) else []
        club.sh(f"rm -rf {path} {HOME}/.qtemp-club")
        dotqmail(club, old.decode(), name=".qmail-club", mode=0o500)
        return wrong + must.processes(club)

    sweep(club, "qlist", run, judge, user="joe", itself=True, some=60).end(record_property)
