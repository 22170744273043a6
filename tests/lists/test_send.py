"""ezmlm-send: what subscribers get, what the archive gets, and what is refused."""

import base64
import email.utils
import os
import subprocess

import pytest

from tests.host.machine import BUILD
from tests.lists.posting import POST, Posting


@pytest.fixture
def sos(tmp_path):
    return Posting(tmp_path)


def send(sos, *options, **more):
    return sos.mail("ezmlm-send", *options, sos.path, **more)


def test_a_post(sos):
    got = send(sos, text="Sender: x\nMailing-list-x: y\n" + POST)
    assert got.message == (
        "Mailing-List: contact sos-help@example.org; run by ezmlm\nPrecedence: bulk\nList-Post: <mailto:sos@example.org>\n"
        "Delivered-To: mailing list sos@example.org\nMailing-list-x: y\nReceived: one; 20 Nov 2025 20:00:00 -0000\n"
        "From: Joe <joe@example.net>\nTo: sos@example.org\nSubject: Hello\n\nbody\n")
    assert got.sender == "sos-return-1-@example.org-@[]"
    assert sorted(got.recipients) == ["ann@example.net", "bob@example.com"]
    assert got.said.startswith("ezmlm-send: info: qp ")
    kept = sos.path / "archive/0/01"
    assert kept.read_text() == (
        "Return-Path: <joe@example.net>\nDelivered-To: mailing list sos@example.org\nMailing-list-x: y\n"
        "Received: one; 20 Nov 2025 20:00:00 -0000\nReceived: two\n\tfolded; 19 Nov 2025 20:00:00 -0000\n"
        "From: Joe <joe@example.net>\nTo: sos@example.org\nSubject: Hello\n\nbody\n")
    assert kept.stat().st_mode & 0o777 == 0o744
    assert sos.get("num") == b"1:0\n"
    index = sos.get("archive/0/index").decode()
    assert index.startswith("1: ") and index.endswith(" Hello\n\t20 Nov 2025 20:00:00 -0000;" + index.split(";")[1]) and index.endswith(" Joe\n")


def test_numbers_go_on(sos):
    sos.put("num", "99:1000\n")
    assert send(sos, text=POST + "x" * 300 + "\n").sender == "sos-return-100-@example.org-@[]"
    assert sos.get("num") == b"100:1001\n"
    assert (sos.path / "archive/1/00").exists() and sos.get("archive/1/index").startswith(b"100: ")


def test_without_an_archive(sos):
    (sos.path / "archived").unlink()
    assert send(sos).sender == "sos-return-1-@example.org-@[]"
    assert sos.get("num") == b"1:0\n" and not (sos.path / "archive/0").exists()


def test_the_queue_says_no(sos):
    send(sos)
    sos.refuse(53)
    assert "disk full" in send(sos, code=111).said
    assert sos.get("num") == b"1:0\n" and not (sos.path / "archive/0/02").exists() and sos.get("archive/0/index").count(b"\n") == 2
    sos.refuse(31)
    send(sos, code=111)
    sos.refuse()
    assert send(sos).sender == "sos-return-2-@example.org-@[]"


def test_a_queue_that_dies_may_have_the_post(sos):
    """So its number is gone: no two posts that people get have the same."""
    dies = sos.place / "dies"
    dies.write_text("#!/bin/sh\ncat > /dev/null; cat <&1 > /dev/null; kill -9 $$\n")
    dies.chmod(0o755)
    send(sos, code=111, QMAILQUEUE=str(dies))
    assert sos.get("num") == b"1:0\n" and "body" in sos.get("archive/0/01").decode()
    assert send(sos).sender == "sos-return-2-@example.org-@[]"


REFUSED = [
    # SENDER,             in front of the post,                                       what is said
    ("",                  "",                                                         "#5.7.2"),
    ("#@[]",              "",                                                         "#5.7.2"),
    ("joe@example.net",   "Mailing-List: contact other-help@example.org\n",          "#5.7.2"),
    ("joe@example.net",   "Delivered-To: mailing list SOS@example.org\n",            "#5.4.6"),
    ("joe@example.net",   "X: " + (1 << 20) * "x" + "\n",                            "#5.3.4"),
]


def test_what_is_refused(sos):
    for sender, field, said in REFUSED:
        assert said in send(sos, text=field + POST, sender=sender, code=100).said
    assert not (sos.path / "num").exists()
    (sos.path / "headerremove").unlink()
    assert "headerremove" in send(sos, code=100).said
    sos.put("headerkeep", "from\nsubject\n")
    message = send(sos, sender=None).message
    assert "\nFrom: " in message and "\nTo:" not in message and "\nReceived:" not in message
    assert sos.get("archive/0/01").startswith(b"Return-Path: <>\n")


PREFIXES = [
    # prefix,        subject,                   what subscribers read
    ("[sos]",        "Hello",                   "[sos] Hello"),
    ("[sos]",        "Re: [sos] Hello",         "Re: [sos] Hello"),
    ("[sos]",        "=?utf-8?q?=5Bsos=5D_x?=", "=?utf-8?q?=5Bsos=5D_x?="),
    ("[sos #]",      "Hello",                   "[sos 1] Hello"),
    ("[# sos #]",    "Hello",                   "[# sos 1] Hello"),
    ("[sos #]",      "Re: [sos 7] Hello",       "Re: [sos 7] Hello"),
    ("[sos]",        "folded\n over",           "[sos] folded\n over"),
    ("[s\u00f6s]",   "Hello",                   "=?utf-8?q?=5Bs=C3=B6s=5D?= Hello"),
]


def test_the_prefix(sos):
    for prefix, subject, wanted in PREFIXES:
        sos.put("prefix", prefix + "\n")
        sos.put("num", "0\n")
        got = send(sos, text=f"Subject: {subject}\nFrom: a@b\n\nbody\n")
        assert got.message.split("\n\n")[0].endswith(f"From: a@b\nSubject: {wanted}"), prefix
        assert sos.get("archive/0/01").decode().endswith(f"From: a@b\nSubject: {subject}\n\nbody\n")
    assert send(sos, text="From: a@b\n\nbody\n").message.endswith("From: a@b\nSubject: =?utf-8?q?=5Bs=C3=B6s=5D?=\n\nbody\n")
    assert sos.get("archive/0/02").endswith(b"From: a@b\n\nbody\n")


def test_header_options(sos):
    assert send(sos, "-r").message.count("\nReceived: ") == 2
    assert send(sos, "-rR", "-cCqQlL").message.count("\nReceived: ") == 1
    sos.put("listid", "<sos.example.org>\n")
    sos.put("replytolist", "")
    got = send(sos, text="Reply-To: joe@other\nList-ID: <other>\n" + POST)
    assert got.fields("List-ID") == ["<sos.example.org>"] and got.fields("Reply-To") == ["<sos@example.org>"]
    assert b"Reply-To: <sos@example.org>\n" in sos.get("archive/0/03") and b"List-ID" not in sos.get("archive/0/03")


def test_a_part_of_the_subscribers(sos):
    everybody = set(send(sos).recipients)
    parts = [set(send(sos, "-s", f"{low}_{high}").recipients) for low, high in ((0, 20), (21, 40), (41, 60))]
    assert set().union(*parts) == everybody and sum(map(len, parts)) == len(everybody)


def test_a_sublist(sos):
    sos.put("sublist", "all@example.com\n")
    parent = {"text": "Mailing-List: contact all-help@example.com; run by ezmlm\nList-ID: <all>\n" + POST, "sender": "all-return-17-@example.com"}
    assert "#5.7.2" in send(sos, text=POST, sender=parent["sender"], code=100).said
    for sender in ("all-return-17-@example.net", "al-return-17-@example.com", "@example.com"):
        assert "#5.7.2" in send(sos, text=parent["text"], sender=sender, code=100).said
    got = send(sos, **parent)
    assert got.fields("Mailing-List") == ["contact all-help@example.com; run by ezmlm"] and got.fields("List-ID") == ["<all>"]
    assert got.sender == "sos-return-1-@example.org-@[]"
    (sos.path / "archived").unlink()
    assert send(sos, **parent).sender == "sos-return-17-@example.org-@[]" and sos.get("num") == b"2:0\n"
    assert send(sos, "-H", "X-List", text="X-List: x\n" + POST, sender="all-x@example.com").sender == "sos-return-3-@example.org-@[]"


PARTS = "Content-Type: multipart/mixed; boundary=\"b\"\nSubject: s\n\nnot shown\n--b\n\none\n--b\nContent-Type: text/html\n\nno\n--b\n" \
    "Content-Type: image/png\n\npng\n--b--\nbehind\n"


def test_parts_are_taken_out(sos):
    sos.put("mimeremove", "text/html\n")
    wanted = "\n\n\n--b\n\none\n--b\nContent-Type: image/png\n\npng\n--b--\nbehind\n"
    assert send(sos, text=PARTS).message.endswith("Subject: s" + wanted)
    assert sos.get("archive/0/01").decode().endswith("Subject: s" + wanted)
    sos.put("mimekeep", "text\n")
    assert send(sos, text=PARTS).message.endswith("\n\n\n--b\n\none\n--b\nContent-Type: text/html\n\nno\n--b--\nbehind\n")
    sos.put("mimekeep", "audio\n")
    assert "#5.7.0" in send(sos, text=PARTS.replace("--b\n\none\n", ""), code=100).said
    assert sos.get("num") == b"2:0\n"
    assert send(sos, text=POST).message.endswith("\n\nbody\n")


def test_the_size_is_that_of_what_came(sos):
    """So that a digest is due after as much mail as its readers would have had."""
    sos.put("mimeremove", "text/html\n")
    send(sos, text="Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: text/html\n\n" + 1000 * "x" + "\n--b--\n")
    assert sos.get("num") == b"1:4\n"


def test_ten_thousand_parts(sos):
    sos.put("mimeremove", "text/html\n")
    part = "--b\nContent-Type: text/{}\n\n{}\n"
    got = send(sos, text="Content-Type: multipart/mixed; boundary=b\n\n" + "".join(part.format("html" if n % 2 else "plain", n) for n in range(10000)) + "--b--\n")
    assert got.message.count("--b\n") == 5000 and "\n9998\n" in got.message and "\n9999\n" not in got.message


TRAILERS = [
    # the post,                                                                                      how it ends
    ("Subject: s\n\nbody\n",                                                                         "\n\nbody\n\nnumber 1 of sos\n\n"),
    ("Subject: s\n\nbody",                                                                           "\n\nbody\n\nnumber 1 of sos\n\n"),
    ("Content-Transfer-Encoding: quoted-printable\n\nb=C3=B6dy\n",                                   "\n\nb=C3=B6dy\n\nnumber 1 of sos\n\n"),
    ("Content-Type: application/pdf\n\npdf\n",                                                       "\n\npdf\n"),
    ("Content-Type: multipart/signed; boundary=b\n\nx\n--b\n\none\n--b--\n",                         "\n\n\n--b\n\none\n--b--\n"),
    ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n",
     "\n\n\n--b\n\none\n--b\nContent-Type: text/plain; charset=us-ascii\n\nnumber 1 of sos\n\n--b--\n"),
    ("Content-Type: multipart/mixed\n\nno parts\n",                                                  "\n\nno parts\n"),
]


def test_the_trailer(sos):
    sos.put("addtrailer", "")
    for text, end in TRAILERS:
        sos.put("num", "0\n")
        message = send(sos, text=text).message
        assert message.endswith(end), (text, message)
        assert b"number" not in sos.get("archive/0/01")


@pytest.mark.parametrize("body", ["", "a", "ab", "abc", "abcd" * 40, "body\r\n", "no end"])
def test_the_trailer_in_base64(sos, body):
    sos.put("addtrailer", "")
    sos.put("text/trailer", "L\u00e4nge <#n#>\n")
    text = "Content-Transfer-Encoding: Base64\n\n" + base64.encodebytes(body.encode()).decode() + "\n"
    got = send(sos, text=text).message.split("\n\n", 1)[1]
    assert base64.b64decode(got.replace("\n", ""), validate=True).decode() == body + "\r\nL\u00e4nge 1\r\n\r\n"
    assert max(map(len, got.split("\n"))) <= 76


def test_who_wrote_it_when_the_list_sends_it(sos):
    sos.put("rewritefrom", "")
    got = send(sos)
    assert got.fields("From") == ['"Joe via sos" <sos@example.org>'] and got.fields("Reply-To") == ["Joe <joe@example.net>"]
    assert b"From: Joe <joe@example.net>\n" in sos.get("archive/0/01")
    got = send(sos, text="From: =?utf-8?q?J=C3=B6?= <j@x>\nReply-To: there@x\n\nx\n")
    assert got.fields("From") == ["=?utf-8?q?J=C3=B6_via_sos?= <sos@example.org>"] and got.fields("Reply-To") == ["there@x"]
    got = send(sos, text='From: "a \\"b" <j@x>\n\nx\n')
    assert '"' in got.fields("From")[0] and got.fields("From")[0].endswith(' via sos" <sos@example.org>')
    for byte in "7F", "1B", "0A":
        got = send(sos, text=f"From: =?utf-8?q?boss=40bank.example=2C=20=3Cboss=40bank.example=3E=2C={byte}x?= <j@x>\n\nx\n")
        assert email.utils.getaddresses(got.fields("From")) == [("boss@bank.example, <boss@bank.example>, x via sos", "sos@example.org")]
    sos.put("replytolist", "")
    got = send(sos, text="Cc: ann@x\n" + POST)
    assert got.fields("Cc") == ["ann@x, Joe <joe@example.net>"] and got.fields("Reply-To") == ["<sos@example.org>"]


def test_wrong_use(sos):
    assert "usage: ezmlm-send " in sos.mail("ezmlm-send", "-x", sos.path, code=100).said
    assert "usage: ezmlm-send " in sos.mail("ezmlm-send", code=100).said
    assert sos.mail("ezmlm-send", "-V", sos.path).said.startswith("ezmlm version: ezmlm-idx-")
    sos.mail("ezmlm-send", sos.path / "none", code=111)


def test_memory_does_not_grow_with_the_list(sos):
    """A hundred thousand subscribers, a post of 16 million bytes: under 8 MiB."""
    for file in range(53):
        (sos.path / "subscribers" / chr(64 + file)).write_bytes(b"".join(b"Tuser%d.%d@host%d.example\0" % (file, i, i % 97) for i in range(1900)))
    counts = sos.place / "counts"
    counts.write_text(f"#!/bin/sh\nexec 3<&1; wc -c > {sos.place}/bytes; tr -dc T <&3 | wc -c > {sos.place}/recipients\n"
                      f"grep VmHWM /proc/$PPID/status > {sos.place}/memory\n")
    counts.chmod(0o755)
    send(sos, text=POST + 200000 * ("x" * 80 + "\n"), QMAILQUEUE=str(counts))
    assert int((sos.place / "recipients").read_text()) == 53 * 1900 and int((sos.place / "bytes").read_text()) > 16000000
    if "SANITIZE" not in os.environ:
        assert int((sos.place / "memory").read_text().split()[1]) < 8192


def test_a_lost_number_does_not_begin_anew(sos):
    for num in ("", "x\n"):
        sos.put("num", num)
        assert "num" in send(sos, code=111).said


@pytest.mark.skipif("SANITIZE" in os.environ, reason="the sanitizer needs memory of its own")
def test_no_subscribers_are_held_in_memory(sos):
    for file in range(53):
        (sos.path / "subscribers" / chr(64 + file)).write_text("".join(f"Tuser{n}@far.example\0" for n in range(file, 100000, 53)))
    sos.queue.write_text("#!/bin/sh\ncat > /dev/null\ncat 0<&1 > envelope\n")
    (sos.place / "post").write_text(POST)
    peak = sos.place / "peak"
    with open(sos.place / "post", "rb") as post:
        done = subprocess.run([BUILD / "tests/tools/peak", peak, *sos.command("ezmlm-send", sos.path)], stdin=post, check=False,
                              env={**os.environ, "SENDER": "joe@example.net", "QMAILQUEUE": str(sos.queue)})
    assert done.returncode == 0 and sos.get("envelope").count(b"\0Tuser") == 100000
    assert int(peak.read_text().split()[0]) < 8 << 10
