"""serialsmtp: one connection, a transaction for each message."""

import pytest

from tests.serial.rig import Box, Server


@pytest.fixture
def box(host):
    return Box(host)


def greet(f, *extensions):
    f.write(b"220 hello\r\n")
    f.flush()
    assert f.readline() == b"EHLO me.example\r\n"
    lines = [b"there", *extensions]
    for line in lines:
        f.write(b"250" + (b" " if line is lines[-1] else b"-") + line + b"\r\n")
    f.flush()


def step(f, command, answer):
    """Lines that come, CR LF taken off, then an answer."""
    said = [f.readline() for _ in command]
    assert said == [line + b"\r\n" for line in command]
    f.write(answer + b"\r\n")
    f.flush()


def text(f):
    lines = []
    while (line := f.readline()) not in (b".\r\n", b""):
        lines.append(line)
    return b"".join(lines)


def transaction(f, sender=b"a@b.example", recipient=b"r@virt.example", mail=b"250 ok", rcpt=b"250 ok", answer=b"250 taken"):
    step(f, [b"MAIL FROM:<" + sender + b">"], mail)
    if mail[:1] != b"2":
        return None
    step(f, [b"RCPT TO:<" + recipient + b">"], rcpt)
    if rcpt[:1] != b"2":
        return None
    step(f, [b"DATA"], b"354 go")
    said = text(f)
    f.write(answer + b"\r\n")
    f.flush()
    return said


def run(box, talk, *names, ip="192.0.2.9", options=()):
    return Server(box.host, talk, "serialsmtp", *options, "joe-ppp-", "me.example", names=names, env={"TCPREMOTEIP": ip} if ip else {})


def test_each_message_has_its_transaction(box, host):
    names = [box.put("a", b"Subject: a\n\n.dot\nno end"), box.put("b", b"", sender=b"", recipient=b"joe-ppp-\x22odd r@virt.example")]
    got = []

    def talk(f):
        greet(f)
        got.append(transaction(f))
        step(f, [b"RSET"], b"250 ok")
        got.append(transaction(f, sender=b"", recipient=b'"\\"odd r"@virt.example', answer=b"250-so\r\n250 taken\xff"))
        assert f.readline() == b"QUIT\r\n"
        assert f.read() == b""

    done = run(box, talk, *names)
    assert got == [b"Subject: a\r\n\r\n..dot\r\nno end\r\n", b""]
    assert (done.code, done.said) == (0, [])
    assert done.results == [("new/a", "K192.0.2.9 to: r@virt.example said: 250 taken"),
                            ("new/b", 'K192.0.2.9 to: "odd r@virt.example said: 250 taken?')]


def test_a_quoted_sender_is_quoted_once(box, host):
    name = box.put("a", sender=b'"a b"@c.example')

    def talk(f):
        greet(f)
        transaction(f, sender=b'"a b"@c.example')

    assert run(box, talk, name).results[0][1][0] == "K"


def test_a_server_that_takes_commands_together_gets_them_so(box, host):
    names = [box.put("a"), box.put("b")]

    def talk(f):
        greet(f, b"PIPELINING", b"SIZE", b"8BITMIME")
        for i in range(2):
            if i:
                step(f, [b"RSET"], b"250 ok")
            step(f, [b"MAIL FROM:<a@b.example> SIZE=20", b"RCPT TO:<r@virt.example>", b"DATA"],
                 b"250 ok\r\n250 ok\r\n354 go" if i else b"250 ok\r\n550 no such\r\n503 no")
        text(f)
        f.write(b"250 yes\r\n")
        f.flush()

    done = run(box, talk, *names, ip=None)
    assert done.results == [("new/a", "D550 no such"), ("new/b", "K250 yes")]


@pytest.mark.parametrize("answers, result", [
    ({"mail": b"451 x"}, "Z451 x"), ({"mail": b"553 x"}, "D553 x"), ({"rcpt": b"450 x"}, "Z450 x"), ({"rcpt": b"550-x\r\n550 y"}, "D550 y"),
    ({"answer": b"452 x"}, "Z452 x"), ({"answer": b"554 x"}, "D554 x")])
def test_a_refusal_is_of_this_message_alone(box, host, answers, result):
    names = [box.put("a"), box.put("b")]

    def talk(f):
        greet(f)
        transaction(f, **answers)
        step(f, [b"RSET"], b"250 ok")
        transaction(f)

    assert run(box, talk, *names, ip=None).results == [("new/a", result), ("new/b", "K250 taken")]


def test_a_file_that_cannot_be_read_does_not_hold_the_others(box, host):
    names = ["new/gone", box.put("secret"), box.put("foreign", recipient=b"joe@virt.example"), box.put("a")]
    host.sh("chown root /home/joe/pppdir/new/secret")

    def talk(f):
        greet(f)
        transaction(f)

    done = run(box, talk, *names, ip=None)
    assert [result for _, result in done.results] == ["Zunable to read the message: No such file or directory",
                                                      "Zunable to read the message: Permission denied", "K250 taken"]
    assert done.code == 0 and done.said == [
        "serialsmtp: warning: new/foreign is left out: it does not begin with Return-Path and a Delivered-To that is for here"]


@pytest.mark.parametrize("after, result", [("DATA", []), ("dot", [])])
def test_without_an_answer_there_is_no_result(box, host, after, result):
    def talk(f):
        greet(f)
        step(f, [b"MAIL FROM:<a@b.example>"], b"250 ok")
        step(f, [b"RCPT TO:<r@virt.example>"], b"250 ok")
        step(f, [b"DATA"], b"354 go")
        if after == "dot":
            text(f)

    done = run(box, talk, box.put("a"))
    assert (done.code, done.results) == (111, result)
    assert done.said == ["serialsmtp: fatal: network read error: the connection is gone, or the server was silent for too long"]


def test_nothing_more_is_said_to_who_is_leaving(box, host):
    names = [box.put("a"), box.put("b")]

    def talk(f):
        greet(f)
        transaction(f, rcpt=b"421 closing")
        assert f.readline() == b""

    done = run(box, talk, *names, ip=None)
    assert (done.code, done.results) == (111, [("new/a", "Z421 closing")])


@pytest.mark.parametrize("talk, says", [
    (lambda f: (f.write(b"554 no\r\n"), f.flush(), f.readline()), "connected but greeting failed"),
    (lambda f: (f.write(b"220 x\r\n"), f.flush(), f.readline(), f.write(b"550 no\r\n"), f.flush(), f.readline(), f.write(b"550 no\r\n"),
                f.flush(), f.readline()), "connected but my name was rejected"),
    (lambda f: (f.write(b"hello\r\n"), f.flush(), f.readline()), "protocol violation: the server answered out of step")])
def test_a_server_that_does_not_want_us(box, host, talk, says):
    done = run(box, talk, box.put("a"))
    assert (done.code, done.results, done.said) == (111, [], ["serialsmtp: fatal: " + says])


def test_an_address_that_smtp_cannot_say(box, host):
    name = box.put("a", recipient=b"joe-ppp-r@virt.example>\rRCPT TO:<x")
    done = run(box, greet, name)
    assert done.results == [("new/a", "Dan address has bytes that end an SMTP command")]


def test_the_network_may_be_pipes(box, host):
    box.put("a")
    host.write("/server", r"""#!/bin/sh
printf '220 x\r\n'; read -r l; printf '250 x\r\n'; read -r l; printf '250 x\r\n'; read -r l; printf '250 x\r\n'; read -r l; printf '354 x\r\n'
while read -r l; do case $l in .?) break;; esac; done
printf '250 taken\r\n'; read -r l; echo "$l" > /tmp/last
""", mode=0o755)
    done = host.sh(r"""cd ~joe/pppdir && mkfifo /tmp/up /tmp/down && { /server </tmp/up >/tmp/down & } &&
        printf 'new/a\0' | serialsmtp joe-ppp- me 7>/tmp/up 6</tmp/down; wait""")
    assert (done.stdout, done.stderr, host.read("/tmp/last")) == ("new/a\0K250 taken\n", "", b"QUIT\r\n")


def test_wrong_use(host):
    assert host.run(["serialsmtp", "x"], check=False).returncode == 100


def test_one_goes_on_where_another_has_ended(box):
    name = box.put("a")

    def first(f):
        greet(f)
        transaction(f)
        step(f, [b"RSET"], b"250 there")
        assert f.read() == b""

    def last(f):
        step(f, [b"EHLO me.example"], b"250 there")
        transaction(f)
        assert f.readline() == b"QUIT\r\n"

    for options, talk in (["-k"], first), (["-c"], last):
        done = run(box, talk, name, options=options)
        assert (done.code, done.results[0][1][0]) == (0, "K"), done.said


def test_what_nobody_asked_for_is_left_to_no_other(box):
    def talk(f):
        f.write(b"220 hello\r\n")
        f.flush()
        assert f.readline() == b"EHLO me.example\r\n"
        f.write(b"250 there\r\n250 and more\r\n")
        f.flush()
        assert f.read() == b""

    done = run(box, talk, options=["-k"])
    assert (done.code, done.said) == (111, ["serialsmtp: fatal: protocol violation: the server answered out of step"])
