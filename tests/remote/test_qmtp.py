"""Mail by QMTP: where a route or an MX record says so, and it need not be secret."""

import json
import pathlib
import subprocess

import pytest

from tests.host import eventually

from .remote import MESSAGE, Server, remote, remote_and_contact
from .test_agents import RemoteSpawner

SCRIPT = pathlib.Path(__file__).with_name("qmtp_server.py")


class QmtpServer:
    def __init__(self, host, address="127.0.0.1", **behaviour):
        self.host = host
        self.log = f"/tmp/packages-{address}"
        host.write(self.log, "")
        self.process = host.popen(["/usr/bin/python3", SCRIPT, address, 209, self.log], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(json.dumps(behaviour).encode())
        self.process.stdin.close()
        assert self.process.stdout.readline() == b"ready\n"

    def packages(self):
        return [json.loads(line) for line in self.host.read(self.log).splitlines()]


def route(host, text=":127.0.0.1:209"):
    host.control("smtproutes", text + "\n")


def filed(host, *recipients, message=MESSAGE, sender="s@example.org", name="example.net"):
    """As qmail-rspawn has it: the message is in a file."""
    host.write("/tmp/message", message)
    done = host.run(["sh", "-c", 'exec "$@" < /tmp/message', "sh", "qmail-remote", name, sender, *(recipients or ("r@example.net",))], user="qmailr")
    said = done.stdout.decode("latin-1").rstrip("\0").split("\0")
    return [record for record in said if record not in ("a", "u")]


def test_a_route_says_so(host):
    server = QmtpServer(host)
    route(host)
    assert filed(host, "a b@example.net", "c@example.net", sender="s x@example.org") == [
        "r", "r", "K127.0.0.1 accepted message.\nRemote host said: ok 1 qp 2\n"]
    assert server.packages() == [[0, "\n" + MESSAGE.decode(), "s x@example.org", "a b@example.net", "c@example.net"]]


def test_messages_arrive_as_they_are(host):
    """No line is folded, none is ended, and nothing is hidden behind a dot."""
    server = QmtpServer(host)
    route(host)
    message = b"Subject: x\n\n.\n..\r\n" + b"y" * 5000 + b"\n\xe4\0\r\rend"
    assert filed(host, message=message)[-1][0] == "K"
    assert filed(host, message=b"x" * 3000000)[-1][0] == "K"
    assert [p[1].encode("latin-1") for p in server.packages()] == [b"\n" + message, b"\n" + b"x" * 3000000]


def test_each_recipient_has_his_answer(host):
    QmtpServer(host, answer={"d@x": "Dno such user (#5.1.1)", "z@x": "Znot\nnow (#4.2.2)"})
    route(host)
    disliked = "127.0.0.1 does not like recipient.\nRemote host said: "
    assert filed(host, "k@x", "d@x", "z@x", "l@x") == [
        "r", "h" + disliked + "no such user (#5.1.1)\nGiving up on 127.0.0.1.\n", "s" + disliked + "not?now (#4.2.2)\nGiving up on 127.0.0.1.\n",
        "r", "K127.0.0.1 accepted message.\nRemote host said: ok 1 qp 2\n"]
    assert filed(host, "d@x", "z@x")[-1] == "DGiving up on 127.0.0.1.\n"


def test_what_cannot_be_said_is_refused_as_in_smtp(host):
    server = QmtpServer(host)
    route(host)
    assert [said[0] for said in filed(host, "a\nb@x", "c@x")] == ["h", "r", "K"]
    assert [said[0] for said in filed(host, "a\nb@x")] == ["h", "D"]
    assert [p[3:] for p in server.packages()] == [["c@x"]]


@pytest.mark.parametrize("behaviour, said", [
    ({"close": "package"}, "connection died. Possible duplicate! (#4.4.2)"), ({"raw": "250 ok\r\n"}, "its reply makes no sense. Possible duplicate! (#4.5.0)"),
    ({"raw": "4:Kok "}, None), ({"close": "first"}, None)])
def test_trouble_is_for_now(host, behaviour, said):
    """Nobody is returned for it; and where none can have the message, the next way is tried."""
    QmtpServer(host, **behaviour)
    host.control("timeoutremote", "2\n")
    route(host)
    answers = filed(host, "a@x", message=b"x" * 10000000 if behaviour.get("close") == "first" else MESSAGE)
    assert answers[-1][0] == "Z" and (not said or said in answers[-1]), answers
    assert [record[0] for record in answers[:-1]] in ([], ["s"])


def test_answers_that_came_before_the_end_count(host):
    QmtpServer(host, raw="2:Ka,2:Db,")
    host.control("timeoutremote", "1\n")
    route(host)
    assert [record[0] for record in filed(host, "a@x", "b@x", "c@x")] == ["r", "h", "s", "K"]


@pytest.fixture
def exchanger(host):
    host.dns({"example.net": ["MX 12801 mx.example.net"], "mx.example.net": ["A 192.0.2.1"]})
    host.sh("ip address add 192.0.2.1/32 dev lo; ip address add 192.0.2.2/32 dev lo")
    host.sh("ip address del 192.0.2.1/32 dev lo; ip route add local 192.0.2.0/24 dev lo")
    return host


def test_an_mx_record_says_so(exchanger):
    server = QmtpServer(exchanger, "192.0.2.1")
    assert filed(exchanger)[-1].startswith("K192.0.2.1 accepted")
    assert len(server.packages()) == 1


def test_who_cannot_be_reached_so_gets_it_by_smtp(exchanger):
    """At the same host, and so does one whose preference means nothing, and one to whom the message comes by a pipe."""
    smtp = Server(exchanger, "192.0.2.1", 25)
    assert filed(exchanger)[-1].startswith("K192.0.2.1 accepted")
    assert len(smtp.connections()) == 1 or eventually(lambda: len(smtp.connections()) == 1)
    server = QmtpServer(exchanger, "192.0.2.1")
    assert remote(exchanger)[-1].startswith("K192.0.2.1")
    exchanger.dns({"example.net": ["MX 12800 mx.example.net"]})
    assert filed(exchanger)[-1].startswith("K192.0.2.1")
    assert eventually(lambda: len(smtp.connections()) == 3) and server.packages() == []


def test_what_must_be_secret_does_not_go_so(exchanger):
    """By control/tlspolicy, for an MX host and for a route."""
    exchanger.control("tlspolicy", "example.net:encrypt\n")
    server = QmtpServer(exchanger, "192.0.2.1")
    smtp = Server(exchanger, "192.0.2.1", 25)
    exchanger.start("qmail-tls")
    assert "offers no TLS" in filed(exchanger)[-1]
    exchanger.control("smtproutes", "example.net:192.0.2.1:209\n")
    assert "offers no TLS" in filed(exchanger)[-1]
    assert server.packages() == [] and eventually(lambda: len(smtp.connections()) == 2)


def test_the_connection_serves_one_message_after_another(host):
    server, spawner = QmtpServer(host), RemoteSpawner(host, relay="127.0.0.1:209")
    for boxes in ((b"a@one.example", b"b@one.example"), (b"a@one.example",), (b"c@one.example",)):
        assert [letter for letter, _ in spawner.send(*boxes)] == ["K"] * len(boxes)
    assert [p[0] for p in server.packages()] == [0, 0, 0]
    assert [p[3:] for p in server.packages()] == [["a@one.example", "b@one.example"], ["a@one.example"], ["c@one.example"]]
    assert spawner.end() == 0
