"""ezmlm-request and ezmlm-split: who is sent to another address of a list, or to another list."""

import pytest

from tests.lists.listhost import the_list
from tests.lists.manage import ask

JOE = "joe@example.net"
HOST = "mail.example.org"


@pytest.fixture
def sos(host):
    host.sh("chmod 755 /usr/local/lib/mailtree-test")
    return the_list(host, "sos")


def request(sos, subject="", body="", sender=JOE, default="request", options=(), fields="", **env):
    return ask(sos, default, sender, options, f"From: x\nSubject: {subject}\n{fields}\n{body}", "ezmlm-request", DTLINE="Delivered-To: x\n", **env)


ROWS = [
    ("subscribe", "", "sos-subscribe-joe=example.net"), ("Sub", "", "sos-subscribe-joe=example.net"),
    ("signoff ann@x.org", "", "sos-unsubscribe-ann=x.org"), ("who", "", "sos-list-joe=example.net"),
    ("", "\n\n  x\nhelp\nsubscribe\n", "sos-help-joe=example.net"), ("123", "get.1_2\n", "sos-get.1_2-joe=example.net"),
    ("", "", "sos-help-joe=example.net"), ("whatever", "", "sos-whatever-joe=example.net"), ("lists", "", None),
    (f"sos-subscribe-ann=x.org@{HOST}", "", "sos-subscribe-ann=x.org"), (f"subscribe sos@{HOST} ann@x.org", "", "sos-subscribe-ann=x.org"),
    ("subscribe Sos ann@x.org", "", "sos-subscribe-ann=x.org"), (f"subscribe\n\tsos@{HOST}\n  ann@x.org", "", "sos-subscribe-ann=x.org"),
    ("subscribe victim@far.example ann@x.org", "", 100), ("subscribe sos@far.example ann@x.org", "", 100), ("subscribe other ann@x.org", "", 100),
    (f"other-subscribe-ann=x.org@{HOST}", "", 100), ("subscribe a|b@x", "", 100), ("subscribe a b c", "", 100), ("sub;x", "", 100),
]


@pytest.mark.parametrize("subject, body, to", ROWS)
def test_a_command_is_an_address(sos, subject, body, to):
    got = request(sos, subject, body)
    if to is None:
        assert got.code == 99 and got.message["Mailing-List"] == "ezmlm-request" and got.to == [JOE]
    elif isinstance(to, int):
        assert got.code == to and got.to == []
    else:
        assert got.code == 99 and got.to == [f"{to}@{HOST}"] and got.sender == JOE


def test_the_message_goes_along(sos):
    sos.put("headerremove", "x-secret\n")
    got = request(sos, "help", "line\n" * 10000, fields="X-Secret: 1\nX-Open: 2\n")
    assert got.raw == b"Delivered-To: request processor for sos@mail.example.org\nFrom: x\nSubject: help\nX-Open: 2\n\n" + b"line\n" * 10000
    sos.put("headerkeep", "subject\n")
    assert request(sos, "help", "x", fields="X-Open: 2\n").raw.endswith(b"example.org\nSubject: help\n\nx")
    assert request(sos, "help", fields="Content-Type: text/plain\n", sender="o'hara@x.org").to == [f"sos-help@{HOST}"]


def test_the_first_part_of_several(sos):
    body = "--b\nContent-Type: text/plain\n\n\nquery ann@x.org\n--b--\n"
    assert request(sos, "", body, fields="Content-Type: multipart/mixed; boundary=b\n").to == [f"sos-query-ann=x.org@{HOST}"]


def test_who_gets_no_answer(sos):
    assert request(sos, "help", default="help").code == 0 and request(sos, "help", default="REQUESTS").code == 99
    for sender in ("", "#@[]", "joe"):
        got = request(sos, "help", sender=sender)
        assert got.code == 99 and got.to == []
    assert request(sos, "help", fields="Mailing-List: x\n").code == 100
    assert request(sos, "help", fields=f"Delivered-To: request processor for sos@{HOST}\n").code == 100


def test_all_lists(sos):
    other = the_list(sos.host, "other")
    other.subscribe("ann@x.org")
    sos.put("lists", f"# all\nsos@{HOST}:{sos.dir}:Help at sea\nother@{HOST}:{other.dir}:The other one\nfar@far.example:/none:Far\n")

    def all_lists(body, default="", **more):
        return request(sos, "ignored", body, default=default, options=("-f", "lists"), **more)

    got = all_lists("lists\n")
    assert got.code == 99 and got.to == [JOE] and got.message["Mailing-List"] == "ezmlm-request"
    assert f"sos@{HOST}\n\tHelp at sea\n" in got.text and "far@far.example\n\tFar\n" in got.text
    assert all_lists("help\n").to == [JOE] == all_lists("").to
    which = all_lists("which ann@x.org\n")
    assert which.to == ["ann@x.org"] and f"\nother@{HOST}\n" in f"\n{which.text}" and "sos@" not in which.text and "The" not in which.text
    assert all_lists("", default="which-ann=x.org").text == which.text
    assert all_lists("subscribe other\n").to == [f"other-subscribe-joe=example.net@{HOST}"]
    assert all_lists("subscribe far\n").to == ["far-subscribe-joe=example.net@far.example"]
    assert all_lists("subscribe far@elsewhere.example ann@x.org\n").to == [f"far-subscribe-ann=x.org@{HOST}"]
    assert all_lists(f"other-help@{HOST}\n").to == [f"other-help-joe=example.net@{HOST}"]
    assert all_lists("subscribe\n").code == 100
    returned = all_lists("", default="return-1-joe=example.net")
    assert returned.code == 0 and returned.to == []


def split(sos, default, sender=JOE, **env):
    return ask(sos, default, sender, (), "From: x\n\nbody\n", "ezmlm-split", DTLINE="Delivered-To: sos\n", **env)


def test_a_list_in_parts(sos):
    assert split(sos, "subscribe").code == 0
    sos.put("split", "# map\nnet.example:::sub1@far.example\ncom:::sub2\nuk:::\n:26:52:high\n")
    got = split(sos, "subscribe")
    assert got.code == 99 and got.to == ["sub1-subscribe-joe=example.net@far.example"] and got.sender == f"sos-return-@{HOST}"
    assert got.raw == b"Delivered-To: sos\nFrom: x\n\n"
    assert split(sos, "UNSUBSCRIBE-ann=x.COM").to == [f"sub2-unsubscribe-ann=x.COM@{HOST}"]
    for default in ("help", "subscriber", "digest-subscribe", "subscribe-a=b.uk", "sc.1.x-a=b.com"):
        assert split(sos, default).code == 0
    assert split(sos, "subscribe", sender="").code == 0
    said = sos.run("ezmlm-split", "-D", sos.dir, input="joe@example.net\na@b.uk\nlindberg@id.wustl.edu\n").stdout
    assert said == f"sub1@far.example: joe@example.net\nsos@{HOST}: a@b.uk\nsos@{HOST}: lindberg@id.wustl.edu\n"
    sos.put("split", "broken\n")
    assert split(sos, "subscribe").code == 111
