"""Posts that wait: ezmlm-store, -gate, -moderate, -confirm, -clean, -accept, from the question to the answer."""

import base64
import os
import re
import subprocess
import time

import pytest

from tests.lists.posting import POST, Posting

NAME = r"\d{9,}\.\d+"
COOKIE = "[a-p]{20}"


@pytest.fixture
def sos(tmp_path):
    made = Posting(tmp_path, modpost="")
    made.subscribe("mo@example.net", "ma@example.net", table="mod")
    return made


def waiting(sos, place="pending"):
    return sorted((sos.path / "mod" / place).iterdir())


def store(sos, *options, **more):
    return sos.mail("ezmlm-store", *options, sos.path, **more)


def answer(sos, address, text="From: mo@example.net\n\n", program="ezmlm-moderate", *words, **more):
    """What is written to an address that was given out."""
    local = address.split("@")[0]
    default = local[re.search(NAME + r"\." + COOKIE + "$", local).start():]
    return sos.mail(program, *words, sos.path, text=text, sender="mo@example.net", LOCAL=local, DEFAULT=default, **more)


def test_moderators_are_asked(sos):
    got = store(sos)
    kept, = waiting(sos)
    assert kept.stat().st_mode & 0o777 == 0o700
    assert kept.read_text() == "Return-Path: <joe@example.net>\nDelivered-To: moderator for sos@example.org\n" + POST
    assert sorted(got.recipients) == ["ma@example.net", "mo@example.net"] and got.sender == "sos-return-@example.org"
    accept, reject = got.fields("Reply-To")[0], got.fields("From")[0]
    assert re.fullmatch(f"sos-accept-{kept.name}.{COOKIE}@example.org", accept) and reject == accept.replace("accept", "reject")
    assert got.fields("To") == ["<sos-moderators@example.org>"] and got.fields("Subject") == ["MODERATE for sos@example.org"]
    assert got.fields("Cc") == [] and got.fields("Auto-Submitted") == ["auto-generated"]
    assert got.names()[:4] == ["Mailing-List", "Date", "Message-ID", "Auto-Submitted"]
    boundary = re.search("boundary=(.*)", got.fields("Content-Type")[0])[1]
    assert got.message.endswith(f"\n--{boundary}\nContent-Type: message/rfc822\n\n{kept.read_text()}\n--{boundary}--\n")
    assert f"accept: {accept}\nreject: {reject}\n" in got.message


def test_a_moderator_is_asked_alone(sos):
    assert store(sos, sender="Mo@Example.net").recipients == ["Mo@Example.net"]
    sos.put("remote", "")
    assert store(sos, sender="mo@example.net").fields("Cc") == []
    assert re.fullmatch(rf"sos-allow-tc\.\d+\.{COOKIE}-joe=example.net@example.org", store(sos).fields("Cc")[0])
    sos.put("modpost", "boss\n")
    (sos.path / "boss/subscribers").mkdir(parents=True)
    sos.subscribe("boss@example.net", table="boss")
    assert store(sos).recipients == ["boss@example.net"]
    assert sorted(store(sos, "-s").recipients) == ["ma@example.net", "mo@example.net"]
    assert store(sos, "-s", sender="boss@example.net").recipients == ["boss@example.net"]
    sos.put("modpostonly", "")
    assert "#5.7.2" in store(sos, code=100).said
    store(sos, "-p")


def test_what_moderators_see(sos):
    assert "\nbody\n" not in store(sos, "-B").message
    got = store(sos, "-M")
    assert "multipart" not in got.message and got.message.endswith("\n\nReturn-Path: <joe@example.net>\nDelivered-To: moderator for sos@example.org\n" + POST)


def test_what_is_not_kept(sos):
    for sender, field in (("", ""), ("#@[]", ""), ("a@b", "Mailing-List: x\n"), ("a@b", "Delivered-To: moderator for sos@example.org\n")):
        store(sos, text=field + POST, sender=sender, code=100)
    assert "SENDER" in store(sos, sender=None, code=100).said
    sos.refuse(53)
    store(sos, code=111)
    assert waiting(sos) == []


def test_nobody_is_asked(sos):
    (sos.path / "modpost").unlink()
    got = store(sos, "-r")
    assert got.sender == "sos-return-1-@example.org-@[]" and got.message.count("\nReceived: ") == 2 and waiting(sos) == []


def test_accepted(sos):
    accept = store(sos).fields("Reply-To")[0]
    kept, = waiting(sos)
    got = answer(sos, accept)
    assert got.sender == "sos-return-1-@example.org-@[]" and got.message.endswith("\n\nbody\n")
    assert sos.get("archive/0/01").startswith(b"Return-Path: <joe@example.net>\n")
    assert waiting(sos) == [] and [path.name for path in waiting(sos, "accepted")] == [kept.name]
    again = answer(sos, accept)
    assert again.message is None and "accepted before" in again.said
    assert "accepted before" in answer(sos, accept.replace("-accept-", "-reject-"), code=100).said
    (sos.path / "mod/accepted" / kept.name).unlink()
    assert "waited too long" in answer(sos, accept, code=100).said


def test_what_the_command_says(sos):
    accept = store(sos).fields("Reply-To")[0]
    for code, wanted in ((1, 111), (99, 111), (100, 100), (111, 111)):
        local, domain = accept.split("@")
        sos.mail("ezmlm-moderate", sos.path, f"exit {code}", LOCAL=local, DEFAULT=local.split("-", 2)[2], code=wanted)
        assert len(waiting(sos)) == 1
    local = accept.split("@")[0]
    sos.mail("ezmlm-moderate", sos.path, f"cat > {sos.place}/got; echo $SENDER >> {sos.place}/got", LOCAL=local, DEFAULT=local.split("-", 2)[2])
    assert (sos.place / "got").read_text().endswith("\n\nbody\njoe@example.net\n") and waiting(sos) == []


def test_addresses_that_are_not_valid(sos):
    accept = store(sos).fields("Reply-To")[0]
    letter = accept[-len("a@example.org")]
    for address in (accept.replace(letter + "@", ("a" if letter != "a" else "b") + "@"), accept.replace("-accept-", "-confirm-"), accept.replace("-accept-1", "-accept-2")):
        assert "#5.7.1" in answer(sos, address, code=100).said
    local = accept.split("@")[0]
    for missing in ("LOCAL", "DEFAULT"):
        env = {"LOCAL": local, "DEFAULT": local.split("-", 2)[2]}
        del env[missing]
        assert missing in sos.mail("ezmlm-moderate", sos.path, code=100, **env).said
    assert "#5.7.2" in sos.mail("ezmlm-moderate", sos.path, code=100, sender="", LOCAL=local, DEFAULT=local.split("-", 2)[2]).said
    assert len(waiting(sos)) == 1


COMMENTS = [
    ("\n\nhi\n> %%% Start\n> No,\nthanks\n> %%% End\n", "No,\nthanks\n"),
    ("Content-Transfer-Encoding: base64\n\n" + base64.encodebytes("%%%\nN\u00f6\n%%%\n".encode()).decode(), "N\u00f6\n"),
    ("Content-Transfer-Encoding: quoted-printable\n\n%%%\nN=C3=B6 =\nend\n%%%\n", "N\u00f6 end\n"),
    ("\n\nnothing\n", None),
]


def test_rejected(sos):
    for text, comment in COMMENTS:
        reject = store(sos).fields("From")[0]
        kept, = waiting(sos)
        post = kept.read_text()
        got = answer(sos, reject, text="From: mo@example.net\n" + text.lstrip("\n") if text.startswith("C") else "From: mo@example.net" + text)
        assert got.sender == "sos-return-@example.org" and got.recipients == ["joe@example.net"]
        assert got.fields("From") == ["sos-owner@example.org"] and got.fields("To") == ["joe@example.net"]
        assert got.fields("Subject") == ["Returned post for sos@example.org"]
        assert "top of sos@example.org\nrejected, joe@example.net\n" in got.message
        assert post in got.message and ("<<<<<" in got.message) == (comment is not None)
        assert comment is None or re.search(f">>>>>\n{comment}<<<<<", got.message)
        assert waiting(sos) == [] and kept.name in [path.name for path in waiting(sos, "rejected")]
        assert "rejected before" in answer(sos, reject).said
        (sos.path / "mod/rejected" / kept.name).unlink()
    reject = store(sos).fields("From")[0]
    got = answer(sos, reject, "\n", "ezmlm-moderate", "-M", "-t", "here@example.org")
    assert got.fields("Reply-To") == ["here@example.org"] and "multipart" not in got.message


def test_the_author_confirms(sos):
    sos.put("confirmpost", "")
    got = store(sos)
    kept, = waiting(sos, "unconfirmed")
    assert kept.read_text().startswith("Return-Path: <joe@example.net>\nDelivered-To: confirm to sos@example.org\n") and waiting(sos) == []
    confirm = got.fields("Reply-To")[0]
    assert re.fullmatch(f"sos-confirm-{kept.name}.{COOKIE}@example.org", confirm) and got.sender == confirm.replace("confirm", "discard")
    assert got.recipients == ["joe@example.net"] == got.fields("To") and got.fields("From") == ["sos-owner@example.org"]
    assert got.fields("Subject") == ["Confirm post to sos@example.org"] and f"confirm: {confirm}\n" in got.message
    asked = answer(sos, confirm, program="ezmlm-confirm")
    assert sorted(asked.recipients) == ["ma@example.net", "mo@example.net"] and waiting(sos, "unconfirmed") == [] and len(waiting(sos)) == 1
    assert "waited too long" in answer(sos, confirm, program="ezmlm-confirm", code=100).said
    discard = store(sos).sender
    assert answer(sos, discard, program="ezmlm-confirm").message is None and waiting(sos, "unconfirmed") == []
    (sos.path / "modpost").unlink()
    confirm = store(sos).fields("Reply-To")[0]
    assert answer(sos, confirm, program="ezmlm-confirm").sender == "sos-return-1-@example.org-@[]"


def gate(sos, *words, **more):
    """Who gets the post: s for subscribers, m for moderators, in an encoding of his address."""
    got = sos.mail("ezmlm-gate", *words, **more)
    return None if got.message is None else "send" if got.sender.endswith("-@[]") else "store"


def test_a_gate_that_asks_no_command_needs_no_file(sos):
    """Run by hand in a pipe there is no beginning to go back to; and none is needed."""
    done = subprocess.run([*sos.command("ezmlm-gate", "-0", "-q", "/dev/null", sos.path)], input=b"Subject: s\n\n", capture_output=True,
                          env={"EZMLM_ETC": str(sos.etc), "EZMLM_BIN": sos.bin(), "SENDER": "joe@example.net"})
    assert done.returncode == 0 and b"/ezmlm-store " in done.stderr, done


def test_the_gate(sos):
    assert gate(sos, sos.path) == "store"
    assert gate(sos, sos.path, ".", "mod") == "store"
    assert gate(sos, sos.path, ".", "mod", sender="Mo@example.net") == "send"
    assert gate(sos, sos.path, ".", sender="mo@example.net") == "store"
    for code, decision, exit_code in ((0, "send", 0), (99, "send", 0), (100, "store", 0), (111, None, 111), (3, None, 100)):
        sos.put("rules", f"# what comes\ngrep -q Hello\nexit {code}\n")
        assert gate(sos, "-q", "rules", sos.path, code=exit_code) == decision, code
    sos.put("rules", "exit 0\n")
    assert gate(sos, "-q", "rules", sos.path, ".") == "store"
    assert gate(sos, "-q", "rules", sos.path) == "send" and gate(sos, "-q", "none", sos.path) == "store"
    assert gate(sos, "-q", "/dev/null", sos.path) == "store", "nobody has said anything"
    shown = sos.mail("ezmlm-gate", "-0", "-P", "-r", sos.path)
    assert shown.message is None and shown.said.endswith(f"/ezmlm-store -r -P {sos.path}\n")
    sos.mail("ezmlm-gate", sos.path, text="Mailing-List: x\n" + POST, code=100)
    sos.refuse(53)
    sos.mail("ezmlm-gate", sos.path, code=111)


def age(path, hours):
    old = path.with_name(f"{int(time.time()) - 3600 * hours}.7")
    path.rename(old)
    return old


def clean(sos, *options, **more):
    return sos.mail("ezmlm-clean", *options, sos.path, sender=None, **more)


def test_what_is_too_old(sos):
    store(sos)
    young = waiting(sos)[0]
    assert clean(sos).message is None and waiting(sos) == [young]
    old = age(young, 121)
    post = old.read_text()
    got = clean(sos)
    assert waiting(sos) == [] and post in got.message and "too old" in got.message
    assert got.recipients == ["joe@example.net"] and got.fields("Subject") == ["Returned post for sos@example.org"]
    for place in ("accepted", "rejected", "unconfirmed", "pending"):
        for name in (f"{int(time.time()) - 130 * 3600}.1", "odd", ".kept", f"{int(time.time())}.2"):
            (sos.path / "mod" / place / name).write_text("Return-Path: <a@b>\n\n")
        (sos.path / "mod" / place / "1.1").write_text("")
        (sos.path / "mod" / place / "1.1").chmod(0o444)
    assert clean(sos).message is None
    for place in ("accepted", "rejected", "unconfirmed", "pending"):
        assert sorted(path.name for path in waiting(sos, place) if path.name[:2] != str(time.time())[:2]) == [".kept", "1.1"]


def test_how_old_is_too_old(sos):
    for modtime, hours, stays in (("", 119, True), ("1", 23, True), ("1", 25, False), ("999", 239, True), ("999", 241, False)):
        sos.put("modtime", modtime + "\n")
        store(sos)
        old = age(waiting(sos)[0], hours)
        assert (clean(sos).message is None) == stays == old.exists(), (modtime, hours)
        old.unlink(missing_ok=True)
    sos.put("noreturnposts", "")
    store(sos)
    age(waiting(sos)[0], 300)
    assert clean(sos).message is None and waiting(sos) == []
    store(sos)
    age(waiting(sos)[0], 300)
    assert clean(sos, "-r").message
    sos.refuse(53)
    (sos.path / "mod/pending/1.1").write_text(f"Return-Path: <a@b>\n{POST}")
    (sos.path / "mod/pending/1.1").chmod(0o700)
    clean(sos, "-r", code=111)
    assert len(waiting(sos)) == 1


def test_accepted_by_hand(sos):
    store(sos)
    store(sos)
    (sos.path / "mod/pending/none").write_text("")
    files = waiting(sos)
    sos.run("ezmlm-accept", code=100)
    env = {"EZMLM_BIN": sos.bin(), "QMAILQUEUE": str(sos.queue), "CATCH_DIR": str(sos.place / "caught")}
    sos.run("ezmlm-accept", sos.path, *files, **env)
    assert [path.name for path in waiting(sos)] == ["none"] and sos.get("num") == b"2:0\n"
    assert sos.get("archive/0/02").startswith(b"Return-Path: <joe@example.net>\n")
