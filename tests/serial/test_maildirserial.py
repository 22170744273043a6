"""maildirserial: what a client says decides what leaves the Maildir."""

import os

import pytest

from tests.host import eventually
from tests.serial.rig import Box

# A client that says the same of everything, and keeps what it got.
SAY = """cat > /tmp/names; [ -s /tmp/names ] || exit 0
tr '\\0' '\\n' < /tmp/names | while read -r name; do echo "$name" >> /tmp/got; printf '%%s\\0%s\\n' "$name"; done
exit %d
"""


@pytest.fixture
def box(host):
    return Box(host)


MANY = r"""
import os
for i in range(10000):
    with open(f"/home/joe/pppdir/new/{i}", "w") as f:
        f.write("Return-Path: <a@b>\nDelivered-To: joe-ppp-r@c\n\n")
    os.utime(f.name, (1700000000 + i,) * 2)
"""


def got(host):
    path = host.path("/tmp/got")
    return open(path).read().split() if os.path.exists(path) else []


def test_what_was_taken_goes_the_oldest_first(box, host):
    box.put("b", age=20)
    box.put("c", age=30, part="cur")
    box.put("a", age=10)
    box.put(".hidden", age=10)
    code, said = box.send(box.client(SAY % ("Kthanks", 0)))
    assert (code, got(host), box.left()) == (0, ["cur/c", "new/b", "new/a"], ["new/.hidden"])
    assert said == [f"maildirserial: info: {name} succeeded: thanks" for name in got(host)]


def test_the_disk_hears_of_what_went_once_a_second(box, host):
    """However long it takes to send the rest: what was removed before does not come back with the power."""
    for age, name in enumerate("cba", 10):
        box.put(name, age=age)
    client = box.client((SAY % ("Kthanks", 0)).replace("done\n", '[ "$name" != new/a ] || sleep 1.1; done\n'))
    host.run(["strace", "-e", "trace=unlink,fsync", "-o", "/tmp/trace", "-u", "joe", "/var/qmail/bin/maildirserial", "/home/joe/pppdir", "joe-ppp-", client])
    calls = "".join(line[0] for line in host.read("/tmp/trace").decode().splitlines() if line.endswith(" = 0"))
    assert calls in ("uuffuff", "uffuffuff"), calls


def test_an_empty_maildir_starts_nobody(box, host):
    assert box.send("/nonexistent") == (0, [])


def test_what_is_of_this_second_waits(box, host):
    box.put("a", age=-5)
    assert box.send("/nonexistent") == (0, [])
    assert box.left() == ["new/a"]


def test_a_connection_that_is_there_is_used_once(box, host):
    client = box.client("echo ran >> /tmp/got\n" + SAY % ("Kthanks", 0))
    assert box.send(client, options=["-1"]) == (0, [])
    assert got(host) == ["ran"]
    box.put("a")
    box.put("b", age=-5)
    assert box.send(client, options=["-1"])[0] == 0
    assert (got(host), box.left()) == (["ran", "ran", "new/a"], ["new/b"])


@pytest.mark.parametrize("code, wanted", [(0, 99), (111, 111)])
def test_whether_the_connection_is_good_for_more_is_told(box, host, code, wanted):
    box.put("a")
    assert box.send(box.client(SAY % ("Zno", code)), options=["-1"])[0] == wanted
    assert (got(host), box.left()) == (["new/a"], ["new/a"])


@pytest.mark.parametrize("status", ["Z", "D"])
def test_without_b_everything_stays(box, host, status):
    box.put("a", age=9999999)
    code, said = box.send(box.client(SAY % (status + "no", 0)), options=["-t10"])
    word = "failed temporarily" if status == "Z" else "failed"
    assert (code, box.left(), said) == (111, ["new/a"], [f"maildirserial: info: new/a {word}: no"])
    assert got(host) == ["new/a"]


def bounces(host):
    return host.maildir("alias") + host.maildir("joe")


def test_what_fails_goes_back_to_its_sender(box, host):
    host.start("qmail-send")
    box.put("a", sender=b"joe@mail.example.org", text=b"Subject: original\n\n.body\n")
    code, said = box.send(box.client(SAY % ("D10.0.0.1 to: r@virt.example said: 550 no", 0)), options=["-b"])
    assert (code, box.left()) == (0, [])
    assert said[0] == "maildirserial: info: new/a bounced: 10.0.0.1 to: r@virt.example said: 550 no"
    assert said[1].startswith("maildirserial: info: returned new/a: qp ")
    assert eventually(lambda: host.maildir("joe"))
    text = host.maildir("joe")[0].decode()
    assert text.startswith("Return-Path: <>\n") and "\nFrom: MAILER-DAEMON@mail.example.org\nTo: joe@mail.example.org\nSubject: failure notice\n" in text
    assert text.split("\n\n", 1)[1] == """Hi. This is the maildirbounce program at mail.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<r@virt.example>:
10.0.0.1 to: r@virt.example said: 550 no

--- Below this line is a copy of the message.

Return-Path: <joe@mail.example.org>
Subject: original

.body
"""


def test_a_bounce_that_fails_goes_to_the_postmaster(box, host):
    host.control("doublebounceto", "joe\n")
    host.start("qmail-send")
    box.put("a", sender=b"")
    assert box.send(box.client(SAY % ("Dno", 0)))[0] == 0
    assert eventually(lambda: host.maildir("joe"))
    text = host.maildir("joe")[0].decode()
    assert text.startswith("Return-Path: <#@[]>\n") and "\nTo: joe@mail.example.org\n" in text
    assert "but the bounce bounced!\n\n<r@virt.example>:\nno\n\n--- Below this line is the original bounce.\n\nReturn-Path: <>\n" in text


def test_a_bounce_of_a_bounce_of_a_bounce_is_nobodys(box, host):
    box.put("a", sender=b"#@[]")
    code, said = box.send(box.client(SAY % ("Dno", 0)))
    assert (code, box.left(), said[1:]) == (0, [], ["maildirserial: info: discarding new/a: triple bounce"])


@pytest.mark.parametrize("lifetime, age, goes", [("1000", 900, False), ("1000", 1100, True), ("2h", 7100, False), ("2h", 7300, True)])
def test_what_waits_for_too_long_goes_back(box, host, lifetime, age, goes):
    host.start("qmail-send")
    box.put("a", age=age, sender=b"joe@mail.example.org")
    code, _ = box.send(box.client(SAY % ("Zlater", 0)), options=["-b", "-t" + lifetime])
    assert (code, box.left()) == ((0, []) if goes else (111, ["new/a"]))
    if goes:
        assert eventually(lambda: host.maildir("joe"))
        assert b":\nlater\nI'm not going to try again; this message has been in the queue too long.\n\n---" in host.maildir("joe")[0]


def test_a_copy_of_the_maildir_does_not_make_mail_young_again(box, host):
    host.start("qmail-send")
    box.put("1000000000.x.y", age=10, sender=b"joe@mail.example.org")
    assert box.send(box.client(SAY % ("Zlater", 0)))[0] == 0


def test_mail_stays_while_the_queue_does_not_take_its_bounce(box, host):
    box.put("a")
    code, said = box.send(box.client(SAY % ("Dno", 0)), env={"QMAILQUEUE": "/bin/false"})
    assert (code, box.left()) == (111, ["new/a"])
    assert said[1].startswith("maildirserial: warning: unable to return new/a: ")


def test_a_host_that_cannot_be_reached_is_no_reason_to_return_mail(box, host):
    box.put("a", age=9999999)
    code, said = box.send("tcpclient", "-RHl0", "--", "127.0.0.1", "26", "serialsmtp", "joe-ppp-", "me")
    assert (code, box.left()) == (111, ["new/a"])
    assert said[-2:] == ["maildirserial: warning: 1 messages have been here for too long, the oldest is new/a",
                         "maildirserial: fatal: making no progress, giving up"]
    assert len([line for line in said if "tcpclient" in line]) == 3


def test_a_server_that_turns_everything_away_is_left_in_peace(box, host):
    """421 for each message, and the connection with it: not a connection for each of a thousand."""
    for i in range(8):
        box.put(str(i))
    client = box.client("echo >> /tmp/runs; IFS= read -r all; name=$(printf %s \"$all\" | cut -c 1-5); printf '%s\\0Zbusy\\n' \"$name\"; exit 111\n")
    code, _ = box.send(client, options=[])
    assert (code, len(box.left()), open(host.path("/tmp/runs")).read()) == (111, 8, "\n" * 3)


def test_one_bad_file_does_not_hold_the_others(box, host):
    box.put("a", age=30)
    host.write("/home/joe/pppdir/new/foreign", "Subject: x\n\n", owner="joe")
    host.sh("touch -d '1 hour ago' /home/joe/pppdir/new/foreign; mkdir /home/joe/pppdir/new/dir")
    box.put("secret", age=40)
    host.sh("chown root /home/joe/pppdir/new/secret")
    box.put("other", age=40, recipient=b"joe-else-r@virt.example")
    code, said = box.send(box.client(SAY % ("Kok", 0)))
    assert (code, got(host)) == (111, ["new/a"])
    assert sorted(line.split(": ", 2)[1] for line in said) == ["info", "warning", "warning", "warning"]
    assert "maildirserial: warning: new/secret is left out: Permission denied" in said


def test_a_client_that_was_called_wrongly_ends_all(box, host):
    box.put("a")
    assert box.send("serialsmtp", "joe-ppp-")[0] == 100
    assert box.left() == ["new/a"]


@pytest.mark.parametrize("script, says", [
    ("kill -9 $$", "client crashed"),
    ("printf 'new/a\\0nonsense\\n'", "the client does not speak as clients of maildirserial do")])
def test_a_client_that_fails_removes_nothing(box, host, script, says):
    box.put("a")
    code, said = box.send(box.client(script + "\n"))
    assert (code, box.left(), said) == (111, ["new/a"], ["maildirserial: fatal: " + says])


def test_a_client_is_not_believed_about_what_it_was_not_given(box, host):
    box.put("a")
    host.write("/home/joe/precious", "x", owner="joe")
    code, said = box.send(box.client("printf '../precious\\0Kok\\nnew/a\\0Kok\\nnew/a\\0Kok\\n'\n"))
    assert (code, box.left()) == (0, []) and os.path.exists(host.path("/home/joe/precious"))
    assert said.count("maildirserial: warning: the client speaks of what it was not given") == 2


def test_ten_thousand_messages_do_not_jam(box, host):
    host.run(["/usr/bin/python3", "-c", MANY], user="joe")
    assert len(box.left()) == 10000
    echo = "import sys; d = sys.stdin.buffer; b = b''\nwhile True:\n c = d.read1(100)\n if not c: break\n b += c\n" \
           " *n, b = b.split(b'\\0')\n for x in n: sys.stdout.buffer.write(x + b'\\0K' + b'y' * 100 + b'\\n')\n sys.stdout.flush()\n"
    assert box.send("/usr/bin/python3", "-c", echo)[0] == 0
    assert box.left() == []


def test_two_do_not_send_the_same(box, host):
    box.put("a")
    first = host.popen(["maildirserial", "/home/joe/pppdir", "joe-ppp-", box.client("touch /tmp/runs; exec sleep 100\n")], user="joe")
    try:
        assert eventually(lambda: os.path.exists(host.path("/tmp/runs")))
        assert box.send("/nonexistent") == (111, ["maildirserial: fatal: /home/joe/pppdir is being sent by another maildirserial"])
    finally:
        first.kill()
        first.wait()
        host.sh("pkill maildirserial", check=False)


def test_the_client_ends_with_it(box, host):
    box.put("a")
    client = box.client("trap 'touch /tmp/ended; exit' TERM; touch /tmp/runs; while :; do sleep 0.1; done\n")
    first = host.popen(["maildirserial", "/home/joe/pppdir", "joe-ppp-", client], user="joe")
    assert eventually(lambda: os.path.exists(host.path("/tmp/runs")))
    host.sh("pkill -9 -x maildirserial")
    assert eventually(lambda: os.path.exists(host.path("/tmp/ended")))
    first.wait()
    assert box.send(box.client(SAY % ("Kok", 0)))[0] == 0


def test_what_deliveries_left_behind_goes_after_36_hours(box, host):
    host.sh("cd ~/pppdir/tmp && touch young old && touch -a -d '37 hours ago' old", user="joe", env={"HOME": "/home/joe"})
    assert box.send("/nonexistent") == (0, [])
    assert os.listdir(host.path("/home/joe/pppdir/tmp")) == ["young"]


@pytest.mark.parametrize("words", [[], ["d", "p"], ["-x", "d", "p", "c"], ["-tx", "d", "p", "c"], ["-t", "1y", "d", "p", "c"]])
def test_wrong_use(host, words):
    assert host.run(["maildirserial", *words], check=False).returncode == 100


def test_no_such_maildir(host):
    assert host.run(["maildirserial", "/nonexistent", "", "true"], check=False).returncode == 111
