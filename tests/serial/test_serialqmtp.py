"""serialqmtp: messages one behind the other, answers whenever they come."""

import pytest

from tests.serial.rig import Box, Server


@pytest.fixture
def box(host):
    return Box(host)


def netstring(f):
    digits = b""
    while (c := f.read(1)) != b":":
        assert c.isdigit(), (digits, c)
        digits += c
    text = f.read(int(digits))
    assert f.read(1) == b","
    return text


def message(f):
    return netstring(f), netstring(f), netstring(f)


def answer(f, *texts):
    for text in texts:
        f.write(b"%d:%s," % (len(text), text))
    f.flush()


def run(box, talk, *names, ip="192.0.2.9"):
    return Server(box.host, talk, "serialqmtp", "joe-ppp-", names=names, env={"TCPREMOTEIP": ip} if ip else {})


def test_all_messages_go_before_the_first_answer(box, host):
    names = [box.put("a", b"Subject: a\n\n.no\0 end"), box.put("b", b"", sender=b'"a b"@c'), box.put("c", sender=b"")]

    def talk(f):
        assert [message(f) for _ in names] == [(b"\nSubject: a\n\n.no\0 end", b"a@b.example", b"14:r@virt.example,"),
                                               (b"\n", b"a b@c", b"14:r@virt.example,"), (b"\nSubject: x\n\nhi\n", b"", b"14:r@virt.example,")]
        answer(f, b"Kok 1", b"Zlater\xff", b"Dno")

    done = run(box, talk, *names)
    assert (done.code, done.said) == (0, [])
    assert done.results == [("new/a", "K192.0.2.9 said: ok 1"), ("new/b", "Z192.0.2.9 said: later?"), ("new/c", "D192.0.2.9 said: no")]


def test_much_mail_and_many_answers_do_not_jam(box, host):
    names = [box.put(f"{i}", b"x" * 1000000) for i in range(20)]

    def talk(f):
        for _ in names:
            assert len(message(f)[0]) == 1000001
            answer(f, b"K" + b"y" * 50000)

    done = run(box, talk, *names)
    assert (done.code, len(done.results)) == (0, 20)
    assert {len(text) for _, text in done.results} == {2001}


def test_a_file_that_cannot_be_read_does_not_hold_the_others(box, host):
    names = ["new/gone", box.put("foreign", recipient=b"x@y"), box.put("a")]

    def talk(f):
        message(f)
        answer(f, b"Kok")

    done = run(box, talk, *names, ip=None)
    assert (done.code, done.results) == (0, [("new/gone", "Zunable to read the message"), ("new/a", "Kok")])
    assert len(done.said) == 1


@pytest.mark.parametrize("said, says", [
    (b"220 smtp here\r\n", "remote protocol violation"), (b"3:ok.,", "remote protocol violation"),
    (b"", "network read error: end of file"), (b"3:K", "network read error: end of file")])
def test_without_an_answer_there_is_no_result(box, host, said, says):
    def talk(f):
        message(f)
        f.write(said)

    done = run(box, talk, box.put("a"))
    assert (done.code, done.results, done.said) == (111, [], ["serialqmtp: fatal: " + says])


def test_a_server_that_is_gone_ends_the_sender(box, host):
    names = [box.put(f"{i}", b"x" * 1000000) for i in range(5)]
    done = run(box, message, *names)
    assert (done.code, done.results) == (111, []) and any("serialqmtp: fatal: " in line for line in done.said)


def test_wrong_use(host):
    assert host.run(["serialqmtp"], check=False).returncode == 100
