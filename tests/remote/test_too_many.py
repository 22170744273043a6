"""Servers that take so many recipients in a transaction: the others get the next one."""

import re

import pytest

from tests.host import eventually

from .remote import MESSAGE, Server, records, through
from .test_agents import PIPELINING, RemoteSpawner

IP = "127.0.0.1"
ACCEPTED = f"K{IP} accepted message.\nRemote host said: 250 ok 1234 qp 5678\n"
TEN = [f"r{i}@example.net" for i in range(10)]
TOO_MANY = ["552 too many", "552 5.5.3 too many", "550 5.5.3 too many", "452 4.5.3 too many", "452 too many", "451 4.5.3 many"]
EHLOS = ["250 mx.example.net", PIPELINING]


def remote(host, recipients):
    """As qmail-rspawn starts it, with the message in a file."""
    through(host)
    host.write("/tmp/message", MESSAGE)
    done = host.sh("qmail-remote example.net s@example.org " + " ".join(recipients) + " < /tmp/message", user="qmailr")
    return records(done.stdout.encode("latin-1"))


def transactions(server):
    """The recipients of each whole message, those that were taken."""
    return [re.findall("RCPT TO:<(.*?)>", part) for part in server.heard().decode().split("\r\n.\r\n")[:-1]]


def no(answer, letter="h", end="Giving up on 127.0.0.1.\n"):
    return f"{letter}{IP} does not like recipient.\nRemote host said: {answer}\n{end}"


@pytest.mark.parametrize("ehlo", EHLOS)
@pytest.mark.parametrize("answer", TOO_MANY)
def test_the_others_go_at_once(host, ehlo, answer):
    server = Server(host, EHLO=ehlo, RSET="250 ok", most=[3, answer])
    assert remote(host, TEN) == (["r"] * 10 + [ACCEPTED], "an3")
    first, *others = transactions(server)
    assert first == TEN and others == [TEN[3:6], TEN[6:9], TEN[9:]]
    assert len(server.connections()) == 1


@pytest.mark.parametrize("ehlo", EHLOS)
def test_each_is_refused_for_himself(host, ehlo):
    refused = {TEN[i]: "550 no" for i in (0, 4, 9)}
    server = Server(host, EHLO=ehlo, RSET="250 ok", most=[3, "452 4.5.3 too many"], RCPT={**refused, "": "250 ok"})
    said, learnt = remote(host, TEN)
    assert said == [no("550 no") if r in refused else "r" for r in TEN] + [ACCEPTED]
    assert learnt == "an3" and server.heard().endswith(b"QUIT\r\n") and len(server.connections()) == 1


@pytest.mark.parametrize("answer, letter", [("452 4.2.2 full", "s"), ("550 5.1.1 nobody", "h"), ("450 later", "s"), ("550 no", "h")])
def test_another_answer_is_about_the_recipient(host, answer, letter):
    server = Server(host, RSET="250 ok", most=[3, answer])
    assert remote(host, TEN) == (["r"] * 3 + [no(answer, letter)] * 7 + [ACCEPTED], "a")
    assert len(transactions(server)) == 1


@pytest.mark.parametrize("answer, letter", [("552 5.2.2 full", "h"), ("452 full", "s")])
def test_who_is_refused_alone_as_well_is_no_number(host, answer, letter):
    Server(host, EHLO=PIPELINING, RSET="250 ok", RCPT={TEN[1]: answer, "": "250 ok"})
    assert remote(host, TEN) == (["r", no(answer, letter)] + ["r"] * 8 + [ACCEPTED], "a")


@pytest.mark.parametrize("ehlo", EHLOS)
@pytest.mark.parametrize("answer", ["452 too many", "552 too many"])
def test_the_first_one_is_never_too_many(host, ehlo, answer):
    Server(host, EHLO=ehlo, RSET="250 ok", RCPT=answer)
    letter = "h" if answer[0] == "5" else "s"
    assert remote(host, TEN) == ([no(answer, letter, "")] * 10 + [f"DGiving up on {IP}.\n"], "a")


TROUBLE = [
    ({"RSET": "500 what?"}, f"Connected to {IP} but sender was rejected.\nRemote host said: 500 what?\n"),
    ({"RSET": "CLOSE"}, f"Connected to {IP} but connection died. (#4.4.2)\n"),
    ({"MAIL": ["250 ok", "550 enough"]}, f"Connected to {IP} but sender was rejected.\nRemote host said: 550 enough\n"),
    ({"MAIL": ["250 ok", "421 enough CLOSE"]}, f"Connected to {IP} but sender was rejected.\nRemote host said: 421 enough\n"),
    ({"DATA": ["354 go", "451 enough"]}, f"{IP} failed on DATA command.\nRemote host said: 451 enough\n"),
    ({"DATA": ["354 go", "250 ok"]}, f"Connected to {IP} but its reply makes no sense. (#4.5.0)\nRemote host said: 250 ok\n"),
    ({"BODY": ["250 ok 1234 qp 5678", "451 enough"]}, f"{IP} failed after I sent the message.\nRemote host said: 451 enough\n"),
    ({"BODY": ["250 ok 1234 qp 5678", "CLOSE"]}, f"Connected to {IP} but connection died. Possible duplicate! (#4.4.2)\n"),
]


@pytest.mark.parametrize("behaviour, text", TROUBLE)
def test_trouble_later_leaves_those_who_have_it_in_peace(host, behaviour, text):
    Server(host, most=[3, "452 4.5.3 too many"], by_transaction=True, **{"RSET": "250 ok", **behaviour})
    assert remote(host, TEN)[0] == ["r"] * 3 + [f"s{text}"] * 7 + [ACCEPTED]


def test_a_message_refused_the_second_time_is_refused_for_those(host):
    Server(host, most=[3, "452 4.5.3 too many"], by_transaction=True, RSET="250 ok", BODY=["250 ok 1234 qp 5678", "554 spam"])
    text = f"{IP} failed after I sent the message.\nRemote host said: 554 spam\n"
    assert remote(host, TEN)[0] == ["r"] * 3 + [f"h{text}"] * 3 + [f"s{text}"] * 4 + [ACCEPTED]


def test_the_first_message_refused_says_nothing_of_those_who_were_too_many(host):
    Server(host, most=[3, "552 too many"], RSET="250 ok", BODY="554 spam")
    assert remote(host, TEN)[0] == ["r"] * 3 + [no("552 too many", "s", "")] * 7 + [
        f"D{IP} failed after I sent the message.\nRemote host said: 554 spam\n"]


def test_a_message_that_cannot_be_read_again_is_sent_once(host):
    server = Server(host, most=[3, "452 too many"], RSET="250 ok")
    through(host)
    done = host.run(["qmail-remote", "example.net", "s@example.org", *TEN], user="qmailr", input=MESSAGE)
    assert records(done.stdout)[0] == ["r"] * 3 + [no("452 too many", "s")] * 7 + [ACCEPTED]
    assert len(transactions(server)) == 1


def test_qmail_send_is_told(host):
    server = Server(host, EHLO=PIPELINING, RSET="250 ok", most=[3, "452 too many"])
    spawner = RemoteSpawner(host)
    assert [r[0] for r in spawner.send(*(r.encode() for r in TEN))] == ["K"] * 10
    assert spawner.most == 3
    assert [r[0] for r in spawner.send(b"a@example.net")] == ["K"]
    assert spawner.most == 0
    assert spawner.end() == 0
    # The server writes down a connection when it has ended.
    assert eventually(server.connections)
    assert len(server.connections()) == 1
