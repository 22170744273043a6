"""Whoever writes, and whatever his address is made of: it is one address of one field in what a list writes to him."""

import email.utils
import re

import pytest

from tests.lists.posting import POST, Posting

SENDERS = {'a b@example.net': '"a b"@example.net', 'a,victim@example.com@example.net': '"a,victim@example.com"@example.net',
           '"a"@example.net': '"\\"a\\""@example.net', 'a\\@example.net': '"a\\\\"@example.net', '.a@example.net': '".a"@example.net',
           'a\nX-Mark: y@example.net': '"a\\?X-Mark: y"@example.net', 'a\r\n\r\nbody@example.net': None, 'a@example.net\nX-Mark: y': 'a@example.net?X-Mark: y',
           'a>@example.net': '"a>"@example.net', 'a(b)@example.net': '"a(b)"@example.net', "j\u00f6@example.net": "j\u00f6@example.net"}
SENDERS |= {"".join(map(chr, range(at, at + 16))).lstrip("\0") + "@example.net": None for at in range(0, 128, 16)}
TEXTS = {"help": "help\n", "bottom": "bottom\n", "get-bad": "no\n", "sub-confirm": "reply to <#R#>\n", "sub-nop": "no\n", "bounce-warn": "<#A#>\n"}


@pytest.fixture
def sos(tmp_path):
    made = Posting(tmp_path, public="", modpost="", confirmpost="", remote="")
    made.subscribe("mo@example.net", table="mod")
    for name, text in TEXTS.items():
        made.put("text/" + name, text)
    made.run("ezmlm-import", made.path, _box(made))
    return made


def _box(made):
    made.put("box", "From x\n" + POST)
    return made.path / "box"


def header_names(got):
    return sorted({name.lower() for name in got.names()})


def get(sos, sender):
    return sos.mail("ezmlm-get", sos.path, code=99, sender=sender, LOCAL="sos-get.1", DEFAULT="get.1", text="From: x\n\n")


def help_(sos, sender):
    return sos.mail("ezmlm-manage", sos.path, sender=sender, LOCAL="sos-help", DEFAULT="help", text="From: x\n\n")


def confirm(sos, sender):
    return sos.mail("ezmlm-store", "-y", sos.path, sender=sender)


def moderate(sos, sender):
    return sos.mail("ezmlm-store", "-Y", sos.path, sender=sender)


@pytest.mark.parametrize("ask", [get, help_, confirm, moderate])
def test_no_sender_makes_a_header(sos, ask):
    plain = header_names(ask(sos, "joe@example.net"))
    for sender, written in SENDERS.items():
        got = ask(sos, sender)
        assert header_names(got) == plain, (sender, got.message)
        if ask is moderate:
            to, = got.fields("Cc")
            assert to.endswith("@example.org") and len(email.utils.getaddresses([to])) == 1
            continue
        to, = got.fields("To")
        assert got.recipients == [sender] and (written is None or to == written), (sender, to)
        assert len(email.utils.getaddresses([to])) == 1 and "\nX-Mark" not in got.message


@pytest.mark.parametrize("sender", [sender for sender in SENDERS if not re.search("[\0-\x1f\x7f]", sender)])
def test_a_post_goes_back_to_who_sent_it(sos, sender):
    """His address is the same when the post has waited in a file."""
    got = moderate(sos, sender)
    local = got.fields("Reply-To")[0].split("@")[0].replace("accept", "reject")
    back = sos.mail("ezmlm-moderate", sos.path, text="From: mo@example.net\n\n", sender="mo@example.net", LOCAL=local, DEFAULT=local.split("-", 2)[2])
    assert back.recipients == [sender] and len(email.utils.getaddresses(back.fields("To"))) == 1
    local = moderate(sos, sender).fields("Reply-To")[0].split("@")[0]
    sos.put("rewritefrom", "")
    sos.mail("ezmlm-moderate", sos.path, text="From: mo@example.net\n\n", sender="mo@example.net", LOCAL=local, DEFAULT=local.split("-", 2)[2])
    kept = sos.get("archive/0/02").decode(errors="surrogateescape").split("\n")[0]
    assert kept.startswith("Return-Path: <") and kept.count("\n") == 0
    assert len(email.utils.getaddresses([kept[14:-1]])) == 1
