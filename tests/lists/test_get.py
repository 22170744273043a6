"""ezmlm-get: messages, the index and threads by mail, and digests."""

import email
import os
import re

import pytest

from tests.lists.posting import Posting

TEXTS = {"bottom": "bottom of <#l#>, last <#n#>\n", "digest": "digest of <#l#>, from <#n#>\n", "get-bad": "no such message\n"}
REQUEST = "Received: from x\nDelivered-To: y@z\nFrom: Joe <joe@example.net>\nSubject: please\n\none\ntwo\n"
POST = "Return-Path: <ann@example.net>\nDelivered-To: mailing list sos@example.org\nReceived: from a; 20 Nov 2025 20:00:00 -0000\n" \
    "Message-ID: <{0}@x>\nFrom: Ann <ann@example.net>\nX-Extra: yes\nTo: sos@example.org\nDate: 20 Nov 2025 20:00:00 -0000\nSubject: {1}\n\nbody {0}\n"
HASHES = {"Hello": "a" * 20, "Other": "b" * 20}
DASHES = "-" * 70


class Getting(Posting):
    def __init__(self, place):
        super().__init__(place)
        self.put("public", "")
        for name, text in TEXTS.items():
            self.put("text/" + name, text)
        self.subscribe("reader@example.net", table="digest")

    def post(self, number, subject="Hello", text=None):
        place = self.path / "archive" / str(number // 100)
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{number % 100:02}"
        path.write_text(text or POST.format(number, subject))
        path.chmod(0o744)
        with open(place / "index", "a") as index:
            index.write(f"{number}: {HASHES[subject]} {subject}\n\t20 Nov 2025 20:00:00 -0000;{'c' * 20} Ann {number}\n")
        self.put("num", f"{number}:{number}")
        return path

    def get(self, word, code=99, options=(), text=REQUEST, sender="joe@example.net", **env):
        return self.mail("ezmlm-get", *options, self.path, text=text, code=code, sender=sender, LOCAL=f"sos-{word}", DEFAULT=word, **env)

    def get_raw(self, name):
        return super().get(name)

    def digest(self, *options, code=0):
        return self.mail("ezmlm-get", *options, self.path, text="", code=code, sender=None)


@pytest.fixture
def sos(tmp_path):
    sos = Getting(tmp_path)
    for number in range(1, 6):
        sos.post(number, "Other" if number in (2, 4) else "Hello")
    return sos


def numbers(caught):
    return [int(n) for n in re.findall(r"\nbody (\d+)\n", caught.message)]


def parts(caught):
    message = email.message_from_string(caught.message)
    return message.get_content_type(), message.get_payload()


def test_messages(sos):
    assert sos.get("get.2_3").fields("auto-submitted") == [], "nobody has written"
    caught = sos.get("get.2_3", RECIPIENT="sos-get.2_3@example.org")
    assert caught.sender == "sos-return-@example.org" and caught.recipients == ["joe@example.net"]
    assert caught.names() == ["To", "Mailing-List", "Date", "Message-ID", "Auto-Submitted", "From", "Delivered-To", "Received", "Delivered-To",
                              "MIME-Version", "Content-Type", "Subject"]
    assert caught.fields("to") == ["joe@example.net"] and caught.fields("from") == ["sos-help@example.org"]
    assert caught.fields("delivered-to") == ["responder for sos@example.org", "y@z"] and caught.fields("subject") == ["sos Digest of: get.2_3"]
    kind, (first, *messages) = parts(caught)
    assert kind == "multipart/digest" and [m.get_content_type() for m in messages] == ["message/rfc822"] * 2
    assert first.get_payload() == "sos Digest of: get.2_3\n\nTopics (messages 2 through 3):\n\nOther\n\t2 by: Ann 2\n\nHello\n\t3 by: Ann 3\n\n" \
        "Administrivia:\n\nbottom of sos, last 5\nReturn-Path: <joe@example.net>\nReceived: from x\nDelivered-To: y@z\n" \
        f"From: Joe <joe@example.net>\nSubject: please\n\n{DASHES}\n"
    assert messages[0].get_filename() == "sos_2.eml"
    assert messages[0].get_payload()[0].as_string() == "Message-ID: <2@x>\nFrom: Ann <ann@example.net>\nTo: sos@example.org\n" \
        "Date: 20 Nov 2025 20:00:00 -0000\nSubject: Other\n\nbody 2\n"


@pytest.mark.parametrize("letter, kind, whole, topics", [("m", "digest", 0, 1), ("x", "mixed", 0, 1), ("v", "digest", 1, 1), ("n", "digest", 1, 0)])
def test_forms(sos, letter, kind, whole, topics):
    for caught in (sos.get(f"get{letter}.2"), sos.get("get.2", options=["-f", letter]), sos.get("get.2", options=["-fr", "-f" + letter])):
        assert parts(caught)[0] == "multipart/" + kind
        assert ("Topics" in caught.message) == bool(topics) and ("X-Extra" in caught.message) == bool(whole)
        assert ("\nReturn-Path: <ann" in caught.message) == bool(whole)


def test_plain_text(sos):
    sos.put("digformat", "r\n")
    text = sos.get("get.2_3", options=["-B"]).message
    assert "Content-Type: text/plain; charset=us-ascii\nSubject:" in text
    assert text.split("Administrivia:\n\n")[1] == f"\n{DASHES}\n\n" + "".join(
        f"Date: 20 Nov 2025 20:00:00 -0000\nTo: sos@example.org\nFrom: Ann <ann@example.net>\nSubject: {subject}\nMessage-ID: <{n}@x>\n\nbody {n}\n\n"
        + "-" * 30 + "\n\n" for n, subject in ((2, "Other"), (3, "Hello"))) + "End of sos Digest\n*****************\n"


def test_fields_that_a_list_wants(sos):
    sos.put("digheaders", "# these\nX-Extra\nsubject\n")
    _, (_, message) = parts(sos.get("get.2"))
    assert message.get_payload()[0].as_string() == "X-Extra: yes\nSubject: Other\n\nbody 2\n"


@pytest.mark.parametrize("word, found", [("get", [1, 2, 3, 4, 5]), ("get.4", [4]), ("get.4_2", [2, 3, 4]), ("get._2", [1, 2]), ("digest", [1, 2, 3, 4, 5]), ("GET-3", [3])])
def test_ranges(sos, word, found):
    assert numbers(sos.get(word)) == found


def test_messages_since_the_last_digest(sos):
    sos.put("dignum", "4:4:1\n")
    assert numbers(sos.get("get")) == [4, 5]


def test_a_message_that_is_not_there(sos):
    (sos.path / "archive/0/02").chmod(0o644)
    (sos.path / "archive/0/03").unlink()
    sos.post(4, "Other", "X: " + "x" * 2000000 + "\n\nlong\n")
    sos.put("num", "5:5")
    caught = sos.get("get.1_5")
    assert numbers(caught) == [1, 5] and [m.get_content_type() for m in parts(caught)[1]] == \
        ["text/plain", "message/rfc822", "text/plain", "text/plain", "text/plain", "message/rfc822"]
    assert "== 2 ==\n\nno such message\n" in caught.message
    assert "== 2 ==\n\nno such message\n\n" + "-" * 30 in sos.get("getr.1_5").message


def test_the_index(sos):
    caught = sos.get("index")
    assert caught.fields("subject") == ["sos Result of: index"] and caught.names().index("To") > caught.names().index("Received")
    assert "\n\n1: Hello\n\t20 Nov 2025 Ann 1\n2: Other\n\t20 Nov 2025 Ann 2\n" in caught.message
    for number in range(6, 320):
        sos.post(number)
    found = re.findall(r"^(\d+): ", sos.get("index.150_210").message, re.M)
    assert [int(n) for n in found] == list(range(100, 300))
    (sos.path / "indexed").unlink()
    assert "index" in sos.get("index", code=100).said
    sos.put("indexed", "")
    sos.put("archive/0/index", "1 Hello\n")
    assert "damaged" in sos.get("index.1", code=100).said


def test_a_thread(sos):
    caught = sos.get("thread.3")
    assert numbers(caught) == [1, 3, 5] and "\n\nHello\n\t1 by: Ann 1\n\t3 by: Ann 3\n\t5 by: Ann 5\n\nAdmin" in caught.message
    for word in ("thread", "thread.0", "thread.6"):
        assert "no such message\n" in sos.get(word).message
    (sos.path / "archive/0/index").write_text("")
    sos.get("thread.3", code=100)


def test_without_an_index(sos):
    (sos.path / "indexed").unlink()
    caught = sos.get("get")
    assert "There is no index" in caught.message and numbers(caught) == [1, 2, 3, 4, 5]


def test_who_may_ask(sos):
    def asks(code, options=(), **more):
        sos.get("get", code=code, options=options, **more)
    asks(100, ["-C"])
    (sos.path / "archived").unlink()
    asks(100)
    sos.put("archived", "")
    (sos.path / "public").unlink()
    asks(100), asks(99, ["-p"])
    sos.subscribe("joe@example.net", table="mod")
    asks(100)
    sos.put("remote", "")
    asks(99), asks(99, ["-P"])
    sos.put("public", "")
    sos.put("modgetonly", "")
    asks(99), asks(100, sender="who@example.net"), asks(99, ["-p"], sender="who@example.net")
    (sos.path / "modgetonly").unlink()
    asks(100, ["-P"], sender="who@example.net")
    sos.put("subgetonly", "")
    asks(100, sender="who@example.net"), asks(99, ["-S"], sender="who@example.net"), asks(99, sender="reader@example.net")
    sos.subscribe("who@example.net", table="allow")
    asks(99, sender="who@example.net")
    for sender in ("", "#@[]", "joe"):
        asks(100, sender=sender)
    for text in ("Mailing-List: x\n" + REQUEST, "Delivered-To: responder for sos@example.org\n" + REQUEST):
        asks(100, text=text)


def test_what_is_for_others(sos):
    for word in ("", "subscribe", "digest-subscribe", "getting", "help", "accept-1"):
        assert sos.get(word, code=0).message is None


def test_an_empty_list(tmp_path):
    sos = Getting(tmp_path)
    assert "no message" in sos.get("get", code=100).said
    assert sos.digest(code=100).message is None


def test_as_much_of_the_request_as_is_wanted(sos):
    sos.put("copylines", "1\n")
    sos.put("charset", "utf-8:B\n")
    kind, (first, request, message) = parts(sos.get("get.1"))
    assert first.get_payload(decode=True).decode().replace("\r", "").endswith("Administrivia:\n\nbottom of sos, last 5\n")
    assert request.get_filename() == "request.msg" and request.get_payload()[0].as_string().endswith("Subject: please\n\none\n")
    assert sos.get("getr.1").message.count("one\n") == 1


def test_a_digest(sos):
    sos.put("headeradd", "Precedence: bulk\nList-Help: <mailto:<#l#>-help@<#h#>>\n")
    sos.put("dignum", "2:9:1\n")
    sos.put("digissue", "6:0\n")
    caught = sos.digest()
    assert caught.sender == "sos-digest-return-3-@example.org-@[]" and caught.recipients == ["reader@example.net"]
    assert caught.names()[:9] == ["Precedence", "List-Help", "Mailing-List", "Date", "Message-ID", "From", "Delivered-To", "To", "MIME-Version"]
    assert caught.fields("list-help") == ["<mailto:sos-digest-help@example.org>"] and caught.fields("from") == ["sos-digest-help@example.org"]
    assert caught.fields("delivered-to") == ["responder for sos-digest@example.org"] and caught.fields("to") == ["sos@example.org"]
    assert re.fullmatch(r"sos Digest \d+ \w+ \d{4} \d\d:\d\d:\d\d -0000 Issue 7", caught.fields("subject")[0])
    assert parts(caught)[1][0].get_payload().endswith(f"Administrivia:\n\ndigest of sos-digest, from 3\n\n{DASHES}\n") and numbers(caught) == [3, 4, 5]
    assert re.fullmatch(rb"5:5:\d+\n", sos.get_raw("dignum")) and sos.get_raw("digissue") == b"7:0\n"
    again = sos.digest()
    assert again.message is None and "nothing to digest" in again.said


def test_a_digest_by_its_code(sos):
    sos.put("digestcode", "Secret\n")
    for word in ("dig", "dig.", "dig.secre", "dig.x"):
        sos.get(word, code=100)
    (sos.path / "public").unlink()
    assert "Content-Type: text/plain" in sos.get("dig.SECRETr", options=["-C"]).message
    assert sos.get("dig-secret").message is None


def test_the_code_of_the_call(sos):
    """It stands in lines that were made before lists had a file for it."""
    def dig(code, said):
        return sos.mail("ezmlm-get", sos.path, said, code=code, LOCAL="sos-dig.old", DEFAULT="dig.old").message
    for file in ("\n", "Secret\n"):
        sos.put("digestcode", file)
        assert dig(100, "ol") is None is dig(100, "older")
        assert dig(99, "OLD")
        sos.put("dignum", "0\n")


def test_a_digest_after_a_post(sos):
    assert sos.mail("ezmlm-get", sos.path, text="x\n", sender="ann@example.net", LOCAL="sos").message
    sos.mail("ezmlm-get", sos.path, text="x\n", sender="", LOCAL="sos", code=100)


def test_the_first_digest_of_an_old_list_is_not_all_of_it(sos):
    for number in range(6, 210):
        sos.post(number)
    assert numbers(sos.digest()) == list(range(110, 210)) and sos.get_raw("dignum").startswith(b"209:")


def test_a_digest_that_is_not_queued_has_not_been(sos):
    sos.put("dignum", "2:9:1\n")
    sos.refuse(31)
    sos.digest(code=111)
    assert sos.get_raw("dignum") == b"2:9:1\n" and sos.get_raw("digissue") == b"0:0\n" and not list(sos.path.glob("dig*new"))
    sos.refuse()
    first = sos.digest()
    assert numbers(first) == [3, 4, 5] and first.fields("subject")[0].endswith(" Issue 1")
    sos.post(6)
    sos.refuse(31)
    sos.digest(code=111)
    assert sos.get_raw("digissue") == b"1:0\n"
    sos.refuse()
    assert sos.digest().fields("subject")[0].endswith(" Issue 2")


def test_nobody_reads_digests(sos):
    sos.run("ezmlm-unsub", sos.path, "digest", "reader@example.net")
    assert sos.digest().message is None and sos.get_raw("dignum").startswith(b"5:")


@pytest.mark.skipif("SANITIZE" in os.environ, reason="the sanitizer itself needs more memory")
def test_large_messages_need_no_memory(sos):
    for number in range(6, 16):
        sos.post(number, text=POST.format(number, "Hello") + "x" * 70 + "\n" + "y" * 4000000)
    program = sos.place / "ezmlm-get"
    program.write_text(f'#!/bin/sh\nulimit -S -v 60000\nexec {sos.command("ezmlm-get")[0]} "$@"\n')
    program.chmod(0o755)
    sos.queue.write_text(sos.queue.read_text().replace("exec", "ulimit -S -v unlimited\nexec"))
    assert len(sos.mail(program, sos.path, text="", sender=None).message) > 40000000
