"""Servers whose answers are not to what was said last. Whoever is told of an answer to another recipient would lose mail
that could be delivered, so what is in doubt is tried again."""

import itertools
import re
import time

import pytest

from tests.host import eventually
from .remote import Server, remote, through
from .test_agents import OK, PIPELINING, RemoteSpawner

IP = "127.0.0.1"
GOOD, BAD = "good@example.net", "bad@example.net"
NO = "550 no such user"
CHOOSY = {"RCPT": {BAD: NO, "": "250 recipient ok"}}
SENSELESS = f"ZConnected to {IP} but its reply makes no sense. (#4.5.0)\nRemote host said: "


def messages(server):
    """The recipients of each whole message that the server has had."""
    heard = [c["heard"] for c in server.connections()]
    return [re.findall("RCPT TO:<(.*?)>", part) for text in heard for part in text.split("\r\n.\r\n")[:-1]]


@pytest.mark.parametrize("ehlo", ["250 mx.example.net", PIPELINING])
@pytest.mark.parametrize("pause", [0, 0.1, 0.6])
def test_an_answer_to_the_last_message_is_none_to_the_next(host, ehlo, pause):
    """A relay that accepts a message a second time, 0.3 seconds later."""
    server = Server(host, EHLO=ehlo, RSET="250 ok", again={"BODY": 0.3}, **CHOOSY)
    spawner = RemoteSpawner(host)
    assert spawner.send()[0] == "K"
    time.sleep(pause)       # nothing can be waited for: the time is what is tested
    (bad, why), (good, text) = spawner.send(BAD.encode(), GOOD.encode())
    assert spawner.end() == 0
    assert (good, text.decode()) == ("K", OK)
    assert bad == "D" and NO.encode() in why
    assert eventually(lambda: sum(GOOD in recipients for recipients in messages(server)) == 1)


@pytest.mark.parametrize("ehlo", ["250 mx.example.net", PIPELINING])
@pytest.mark.parametrize("order", [(GOOD, BAD), (BAD, GOOD), (BAD, GOOD, BAD), (GOOD, BAD, BAD)])
def test_nobody_gets_the_answer_of_another(host, ehlo, order):
    """Each of its answers in turn comes twice, together or a moment later."""
    verbs = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "BODY")
    for port, (verb, pause) in enumerate(itertools.product(verbs, (0, 0.02)), 3000):
        server = Server(host, port=port, EHLO=ehlo, again={verb: pause}, **CHOOSY)
        through(host, f"{IP}:{port}")
        *said, message = remote(host, recipients=order)
        letters = {(recipient, record[0]) for recipient, record in zip(order, said)}
        assert (GOOD, "h") not in letters and message[0] in "KZ", (verb, pause, said, message)
        assert message[0] == "Z" or letters == {(GOOD, "r"), (BAD, "h")}, (verb, pause, said, message)
        assert message[0] == "K" or "Possible" in message or not messages(server), (verb, pause)
        server.process.kill()


@pytest.mark.parametrize("behaviour, answer", [
    ({"EHLO": "220 mx.example.net"}, "220 mx.example.net"), ({"EHLO": "354 go on"}, "354 go on"),
    ({"EHLO": "500 no", "HELO": "221 bye"}, "221 bye"), ({"MAIL": "220 mx"}, "220 mx"), ({"MAIL": "354 go"}, "354 go"),
    ({"RCPT": "214 help"}, "214 help"), ({"RCPT": "221 bye"}, "221 bye"), ({"RCPT": "235 you"}, "235 you"),
    ({"DATA": "250 ok"}, "250 ok"),
])
def test_an_answer_of_another_kind_makes_no_sense(host, behaviour, answer):
    Server(host, **behaviour)
    through(host)
    assert remote(host)[-1] == f"{SENSELESS}{answer}\n"


@pytest.mark.parametrize("code", ["221 bye", "354 go"])
def test_an_answer_of_another_kind_accepts_no_message(host, code):
    Server(host, BODY=code)
    through(host)
    assert remote(host)[-1] == f"ZConnected to {IP} but its reply makes no sense. Possible duplicate! (#4.5.0)\n" \
                               f"Remote host said: {code}\n"


@pytest.mark.parametrize("quit", ["221 bye", "250 bye", "500 what?", "421 bye", "CLOSE", "250 bye CLOSE", "221-so\r\n221 long"])
@pytest.mark.parametrize("behaviour", [{"MAIL": NO}, {"RCPT": NO}, {"DATA": NO}, {"BODY": NO}])
def test_a_refusal_counts_however_a_server_parts(host, quit, behaviour):
    Server(host, EHLO=PIPELINING, QUIT=quit, **behaviour)
    through(host)
    assert remote(host)[-1][0] == "D"


def test_what_is_said_before_the_message_is_whole_does_not_accept_it(host):
    """The text of the message is on its way, and the server would refuse it."""
    Server(host, DATA="354 go\r\n250 ok", BODY=NO)
    through(host)
    assert remote(host)[-1].startswith("ZConnected to 127.0.0.1 but its reply makes no sense. (#4.5.0)")
