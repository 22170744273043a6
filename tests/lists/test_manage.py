"""ezmlm-manage: who subscribes and unsubscribes by mail, and what is told to whom."""

import re

import pytest

from tests.host.machine import eventually
from tests.lists.listhost import the_list
from tests.lists.manage import REQUEST, ask, forget, mailed

JOE, MOD, ANN = "joe@example.net", "mod@example.org", "ann@example.net"


@pytest.fixture
def sos(host):
    host.sh("chmod 755 /usr/local/lib/mailtree-test")
    return the_list(host, "sos")


def flags(sos, names):
    for name in names.split():
        sos.put(name, "")
    if "remote" in names or "modsub" in names:
        sos.subscribe(MOD, "two@example.org", table="mod")


# ---- subscribing and unsubscribing ----

def test_a_user_subscribes_and_leaves(sos):
    asked = ask(sos, "subscribe")
    assert asked.code == 0 and asked.names == ["sub-confirm"] and asked.to == [JOE] and asked.sender == "sos-return-@mail.example.org"
    assert re.fullmatch(r"sc\.\d+\.[a-p]{20}-joe=example\.net", asked.reply())
    assert asked.message["Subject"] == "confirm subscribe to sos@mail.example.org"
    assert f"\n{JOE}\n" in asked.text and f"\nsos-{asked.reply()}@mail.example.org\n" in asked.text
    assert sos.subscribers() == []
    done = ask(sos, asked.reply(), request="From: Joe\n\t(home)\n  <joe@example.net>\n\n")
    assert done.code == 0 and done.names == ["sub-ok"] and sos.subscribers() == [JOE]
    assert done.message["Subject"] == "WELCOME to sos@mail.example.org"
    assert done.message["List-Unsubscribe"] == "<mailto:sos-unsubscribe-joe=example.net@mail.example.org>"
    assert re.fullmatch(r"\d+ \+ joe@example.net Joe \(home\) <joe@example.net>\n", sos.read("Log"))
    assert ask(sos, asked.reply()).names == ["sub-nop"] == ask(sos, "subscribe").names
    asked = ask(sos, "unsubscribe-Joe=example.net", sender=ANN)
    assert asked.names == ["unsub-confirm"] and asked.to == ["Joe@example.net"] and sos.subscribers() == [JOE]
    assert asked.message["Subject"] == "confirm unsubscribe from sos@mail.example.org"
    left = ask(sos, asked.reply())
    assert left.names == ["unsub-ok"] and sos.subscribers() == [] and left.message["Subject"] == "GOODBYE from sos@mail.example.org"
    assert sos.read("Log").endswith(" - Joe@example.net\n")
    again = ask(sos, "unsubscribe")
    assert again.names == ["unsub-nop"] and again.to == [JOE]
    assert ask(sos, "unsubscribe", options=("-aQ",)).to == [JOE, "sos-owner@mail.example.org"]


# Request, from whom, on a list with which flags and options; then what is sent, to whom, and how the cookie begins.
ROWS = [
    ("subscribe", JOE, "public", "", "sub-confirm", [JOE], "sc."),
    ("SUBSCRIBE-bob=example.net", JOE, "public", "", "sub-confirm", ["bob@example.net"], "sc."),
    ("subscribe", JOE, "", "", 100, [], None),
    ("subscribe", MOD, "remote", "", "mod-sub-confirm", [MOD], "rc."),
    ("subscribe-joe=example.net", MOD, "remote public", "", "mod-sub-confirm", [MOD], "rc."),
    ("subscribe-joe=example.net", MOD, "modsub public", "", "sub-confirm", [JOE], "sc."),
    ("subscribe", JOE, "modsub public nosubconfirm", "", "mod-sub-confirm", [MOD, "two@example.org"], "tc."),
    ("subscribe", JOE, "public", "-S", "sub-ok", [JOE], None),
    ("subscribe", JOE, "public nosubconfirm", "-s", "sub-confirm", [JOE], "sc."),
    ("subscribe", JOE, "public", "-SN", None, [], None),
    ("subscribe", JOE, "public", "-SNQQ", "sub-ok", ["sos-owner@mail.example.org"], None),
    ("subscribe", JOE, "public", "-SQQ", "sub-ok", [JOE, "sos-owner@mail.example.org"], None),
    ("subscribe", JOE, "public", "-SQQq", "sub-ok", [JOE], None),
    ("digest-subscribe", JOE, "public", "", "sub-confirm", [JOE], "digest-sc."),
    ("allow-subscribe", JOE, "public", "", "sub-confirm", [JOE], "allow-sc."),
    ("allow-subscribe", JOE, "public", "-S", None, [], None),
    ("deny-subscribe", JOE, "public", "", 100, [], None),
    ("deny-subscribe-joe=example.net", MOD, "public modsub", "", 100, [], None),
    ("deny-subscribe-joe=example.net", MOD, "remote", "", "mod-sub-confirm", [MOD], "deny-rc."),
    ("deny-uc.1.aaaaaaaaaaaaaaaaaaaa-joe=example.net", JOE, "public", "", 100, [], None),
    ("deny-sc.1.aaaaaaaaaaaaaaaaaaaa-joe=example.net", MOD, "remote", "", 100, [], None),
    ("subscribe-=example.net", JOE, "public", "-S", 100, [], None),
    ("allow-sc.1.aaaaaaaaaaaaaaaaaaaa-=example.net", JOE, "public", "", 100, [], None),
    ("allow-subscribe-=example.net", MOD, "remote", "", "mod-sub-confirm", [MOD], "allow-rc."),
    ("subscribe-joe", JOE, "public", "", 100, [], None),
    ("subscribe-a b=example.net", JOE, "public", "", 100, [], None),
    ("digest", JOE, "public", "", 100, [], None),
    ("denyx-subscribe", JOE, "public", "", 100, [], None),
    ("unsubscribe", JOE, "public", "", "unsub-nop", [JOE], None),
    ("unsubscribe", ANN, "public", "", "unsub-confirm", [ANN], "uc."),
    ("unsubscribe-ann=example.net", MOD, "remote", "", "mod-unsub-confirm", [MOD], "wc."),
    ("unsubscribe-ann=example.net", MOD, "remote nounsubconfirm", "", "unsub-ok", [ANN], None),
    ("unsubscribe", ANN, "public modsub", "-U", "unsub-ok", [ANN], None),
    ("unsubscribe", ANN, "public modsub", "-Um", "mod-unsub-confirm", [MOD, "two@example.org"], "vc."),
    ("unsubscribe", ANN, "public", "-UN", None, [], None),
    ("allow-unsubscribe", ANN, "public", "", None, [], None),
    ("query", ANN, "public", "", "sub-nop", [ANN], None),
    ("query-joe=example.net", ANN, "public", "", "unsub-nop", [JOE], None),
    ("query-joe=example.net", MOD, "remote", "", "unsub-nop", [MOD], None),
    ("info", JOE, "public", "", "info", [JOE], None),
    ("faq-ann=example.net", JOE, "public", "", "faq", [ANN], None),
    ("info", JOE, "", "", 100, [], None),
    ("help", JOE, "", "", "help", [JOE], None),
    ("help-ann=example.net", JOE, "public", "", "help", [JOE], None),
    ("help", MOD, "remote", "", "mod-help", [MOD], None),
    ("help-mod=example.org", JOE, "remote", "", "mod-help", [MOD], None),
    ("helpme", JOE, "", "", 100, [], None),
    ("whatever", JOE, "public", "", "help", [JOE], None),
    ("", JOE, "public", "", "help", [JOE], None),
    ("list", MOD, "remote", "-l", "list", [MOD], None),
    ("list-mod=example.org", JOE, "remote public", "-l", "list", [MOD], None),
    ("listn", MOD, "remote modcanlist", "", "listn", [MOD], None),
    ("listx", MOD, "remote modcanlist", "", "help", [MOD], None),
    ("list", MOD, "modsub public modcanlist", "", "list", [MOD], None),
    ("list", MOD, "remote", "", 100, [], None),
    ("list", MOD, "remote modcanlist", "-L", 100, [], None),
    ("list", JOE, "remote modcanlist public", "", 100, [], None),
    ("log", MOD, "modsub public modcanlist", "", 100, [], None),
    ("log.ann", MOD, "remote modcanlist", "", "log", [MOD], None),
    ("deny-log", MOD, "remote modcanlist", "", 100, [], None),
    ("edit", MOD, "remote modcanedit", "", "edit-list", [MOD], None),
    ("edit.sub_ok", MOD, "remote", "-e", "edit sub-ok", [MOD], "ed."),
    ("edit.SUB_OK", MOD, "remote", "-d", "edit sub-ok", [MOD], "ed."),
    ("edit.nosuch", MOD, "remote", "-d", 100, [], None),
    ("edit./etc/passwd", MOD, "remote", "-d", 100, [], None),
    ("deny-edit.sub_ok-joe=example.net", MOD, "remote modcanedit", "", 100, [], None),
    ("deny-list-joe=example.net", MOD, "remote modcanlist", "", 100, [], None),
    ("deny-list-mod=example.org", JOE, "remote modcanlist public", "", 100, [], None),
    ("deny-list", MOD, "remote modcanlist", "", "list", [MOD], None),
    ("deny-get.1-joe=example.net", MOD, "public archived modgetonly remote", "", 100, [], None),
    ("edit", MOD, "remote modcanedit", "-E", 100, [], None),
    ("edit", MOD, "modsub public modcanedit", "", 100, [], None),
    ("edit", JOE, "remote public modcanedit", "", 100, [], None),
    ("get.1", JOE, "public archived", "", "get", [JOE], None),
    ("get1", JOE, "public archived", "", "get", [JOE], None),
    ("get.2", JOE, "public archived", "", "get-bad", [JOE], None),
    ("get.3", JOE, "public archived", "", "get-bad", [JOE], None),
    ("get.1", JOE, "public archived", "-C", 100, [], None),
    ("get.1", JOE, "public", "", 100, [], None),
    ("get.1", JOE, "public archived subgetonly", "", 100, [], None),
    ("get.1", ANN, "public archived subgetonly", "", "get", [ANN], None),
    ("get.1-joe=example.net", ANN, "public archived subgetonly", "", 100, [], None),
    ("allow-get.1-joe=example.net", ANN, "public archived subgetonly", "", 100, [], None),
    ("get.1-ann=example.net", JOE, "public archived subgetonly", "", "get", [ANN], None),
    ("get.1", ANN, "public archived modgetonly remote", "", 100, [], None),
    ("get.1", MOD, "public archived modgetonly remote", "", "get", [MOD], None),
]


def test_the_rows(sos):
    sos.host.sh(f"rm -f {sos.dir}/public {sos.dir}/archived; mkdir -p {sos.dir}/archive/0 {sos.dir}/text; cp /etc/ezmlm/en/text/sub-ok {sos.dir}/text")
    sos.host.sh(f"cd {sos.dir}/archive/0; echo 'Subject: one' > 01; echo two > 02; chmod 744 01; chmod 644 02; chown -R alias: ../../text .")
    wrong = []
    for row in ROWS:
        default, sender, setting, options, name, to, reply = row
        flags(sos, setting)
        sos.host.sh(f"rm -f {sos.dir}/deny/Log")
        sos.subscribe(ANN)
        got = ask(sos, default, sender, ("-a", *([options] if options else [])))
        code = name if isinstance(name, int) else 0
        names = [name] if isinstance(name, str) else []
        said = got.message and got.message["Reply-To"]
        right = got.code == code and got.names == names and sorted(got.to) == sorted(to)
        right = right and (got.sender is None) == (not to) and (said or "").startswith(f"sos-{reply}" if reply else "")
        wrong += [] if right and (reply or not said) else [(row, got)]
        sos.host.sh(f"cd {sos.dir} && rm -f confirms from {setting}")
        sos.run("ezmlm-unsub", sos.dir, JOE)
        sos.run("ezmlm-unsub", sos.dir, "allow", JOE)
    assert wrong == []


def test_a_moderated_subscription(sos):
    flags(sos, "modsub")
    user = ask(sos, ask(sos, "subscribe").reply())
    assert user.names == ["mod-sub-confirm"] and sorted(user.to) == [MOD, "two@example.org"] and user.reply().startswith("tc.")
    assert user.message["Subject"] == "CONFIRM subscribe to sos@mail.example.org" and user.message["To"] == JOE
    when = user.reply().split(".")[1]
    assert sos.read("from") == f"{when} {JOE}\0Joe <joe@example.net>\n"
    assert sos.subscribers() == []
    assert ask(sos, user.reply()[:-20] + "ann=example.net").code == 100
    done = ask(sos, user.reply(), sender=MOD, request="From: mod\nReceived: secret way\nDelivered-To: x\n\n")
    assert done.names == ["sub-ok"] and done.to == [JOE] and sos.subscribers() == [JOE]
    assert sos.read("Log").endswith(" + joe@example.net Joe <joe@example.net>\n")
    assert "mod" not in done.text.replace("A moderator", "") and b"secret" not in done.raw and done.message["Delivered-To"]
    assert "[the request is left out]" in done.text
    second = ask(sos, user.reply(), sender="two@example.org")
    assert second.code == 0 and second.to == [] and "already" in second.err


def test_remote_administration(sos):
    flags(sos, "remote")
    asked = ask(sos, "subscribe-joe=example.net", sender=MOD)
    assert asked.to == [MOD] and asked.message["To"] == JOE and sos.subscribers() == []
    done = ask(sos, asked.reply(), sender=MOD)
    assert done.to == [JOE] and sos.subscribers() == [JOE] and sos.read("Log").endswith(" +mod joe@example.net\n")
    assert ask(sos, asked.reply(), sender=MOD).to == []
    left = ask(sos, ask(sos, "unsubscribe-joe=example.net", sender=MOD).reply(), sender=MOD)
    assert left.names == ["unsub-ok"] and left.to == [JOE] and sos.subscribers() == []
    wc = ask(sos, "unsubscribe-joe=example.net", sender=MOD)
    assert wc.names == ["unsub-nop"] and wc.to == [JOE]
    denied = ask(sos, ask(sos, "deny-subscribe-joe=example.net", sender=MOD).reply(), sender=MOD)
    assert denied.code == 0 and denied.to == [] and sos.subscribers("deny") == [JOE]
    for word, there in (("subscribe", ["@example.net"]), ("unsubscribe", [])):
        ask(sos, ask(sos, f"allow-{word}-=example.net", sender=MOD).reply(), sender=MOD)
        assert sos.subscribers("allow") == there


@pytest.mark.parametrize("spoil", ["cookie", "old", "future", "table", "address", "letter", "short"])
def test_a_bad_cookie_changes_nothing(sos, spoil):
    good = ask(sos, "subscribe").reply()
    when = int(good.split(".")[1])
    bad = {"cookie": good[:14] + ("b" if good[14] == "a" else "a") + good[15:], "old": good.replace(str(when), str(when - 1000001)),
           "future": good.replace(str(when), str(when + 1000)), "table": "digest-" + good, "address": good.replace("joe", "Joe"),
           "letter": "u" + good[1:], "short": "sc.1-joe=example.net"}[spoil]
    forget(sos)
    again = ask(sos, bad)
    assert again.names == ["unsub-bad" if spoil == "letter" else "sub-bad"] and len(again.to) == 1 and again.reply() != bad
    assert sos.subscribers() == [] == sos.subscribers("digest")
    for letter in "trvw":
        assert ask(sos, letter + bad.replace("digest-", "")[1:]).code == 100


def test_a_cookie_of_another_hand(sos):
    """The vector of formats that exist: a list moved here takes the confirmations that are on their way."""
    sos.put("key", "0123456789abcdef")
    assert ask(sos, "sc.1000000000.icgbkodbnmekcbbmhbje-user=example.com").names == ["sub-bad"]


def test_with_a_key_that_is_empty_nothing_is_done(sos):
    """Anybody could compute what it makes of an address. What has come waits, and the owner is told by ezmlm-check."""
    reply = ask(sos, "subscribe").reply()
    key = sos.host.read(f"{sos.dir}/key")
    sos.put("key", "")
    for what in (reply, "subscribe", "help"):
        got = ask(sos, what)
        assert got.code == 111 and got.to == [] and "unable to read key: it is too short" in got.err
    sos.host.write(f"{sos.dir}/key", key, owner=sos.owner, mode=0o600)
    assert ask(sos, reply).names == ["sub-ok"]


def test_nobody_is_asked_twice_within_an_hour(sos):
    assert mailed(sos, "subscribe").names == ["sub-confirm"]
    again = mailed(sos, "subscribe")
    assert again.code == 0 and again.to == [] and "within the last hour" in again.err
    assert mailed(sos, "digest-subscribe").names == ["sub-confirm"]
    old = sos.read("confirms")
    sos.put("confirms", re.sub(r"^\d+", lambda m: str(int(m[0]) - 3601), old, flags=re.M))
    asked = mailed(sos, "subscribe")
    assert asked.names == ["sub-confirm"] and sos.read("confirms").count("\n") == 1
    mailed(sos, asked.reply())
    assert mailed(sos, mailed(sos, "unsubscribe").reply()).names == ["unsub-ok"]
    assert mailed(sos, "subscribe").names == ["sub-confirm"]


def test_an_address_in_another_case_is_the_same_one(sos):
    """Else whoever forges senders has as many questions sent to one mailbox as its name has spellings."""
    for word in ("subscribe", "digest-subscribe"):
        assert mailed(sos, word, sender="joe@example.net").names == ["sub-confirm"]
        for sender in ("Joe@example.net", "jOE@EXAMPLE.NET"):
            assert mailed(sos, word, sender=sender).to == []
    reply = mailed(sos, "subscribe", sender="Ann@Example.net").reply()
    assert mailed(sos, reply, sender="ann@example.net").names == ["sub-ok"]
    assert mailed(sos, mailed(sos, "unsubscribe", sender="ANN@example.net").reply(), sender="ann@example.net").names == ["unsub-ok"]
    assert mailed(sos, "subscribe", sender="ann@example.net").names == ["sub-confirm"], "who has consented may be asked again"


def test_no_more_than_ten_are_asked_in_a_minute(sos):
    for i in range(10):
        assert mailed(sos, f"subscribe-u{i}=example.net").names == ["sub-confirm"]
    busy = mailed(sos, "subscribe")
    assert busy.code == 111 and busy.to == []
    sos.put("confirms", re.sub(r"^\d+", lambda m: str(int(m[0]) - 60), sos.read("confirms"), flags=re.M))
    assert mailed(sos, "subscribe").names == ["sub-confirm"]


def test_who_asks_by_hand_is_not_limited(sos):
    """Scripts, and who tries whether all is well."""
    assert all(ask(sos, "subscribe").names == ["sub-confirm"] for _ in range(12)) and not sos.has("confirms")


def test_a_name_without_end(sos):
    flags(sos, "modsub")
    asked = ask(sos, "subscribe", options=("-aS",), request=f"From: {'x' * 1000000}\n\n")
    assert asked.names == ["mod-sub-confirm"] and len(sos.read("from")) < 1100
    assert ask(sos, asked.reply(), MOD).code == 0 and 1000 < len(sos.read("Log").splitlines()[-1]) < 1100


# ---- the reply ----

def test_a_reply_to_the_letter(sos):
    sos.put("listid", "<sos.example.org>\n")
    request = "Received: by a\n\twith b\nReceived: by c\nDelivered-To: joe\nX-Mine: 1\n\nline 1\nline 2\nline 3\n"
    sos.put("copylines", "2\n")
    sos.host.sh(f"mkdir -p {sos.dir}/text; chown alias: {sos.dir}/text")
    for name, text in {"top": "top of <#l#>", "bottom": "bottom", "info": "!A\n<#L#> <#H#> <#d#>\n"}.items():
        sos.put(f"text/{name}", text)
    sos.put("charset", "us-ascii")
    assert ask(sos, "digest-info").message["Auto-Submitted"] is None, "nobody has written"
    got = mailed(sos, "digest-info", request=request).raw.decode()
    got = re.sub(r"\d+ \w+ \d{4} \d\d:\d\d:\d\d -0000", "DATE", re.sub(r"<\d+\.\d+\.ezmlm@", "<ID@", got))
    assert got == f"""Mailing-List: contact sos-help@mail.example.org; run by ezmlm
List-ID: <sos.example.org>
List-Help: <mailto:sos-digest-help@mail.example.org>
List-Post: <mailto:sos-digest@mail.example.org>
List-Subscribe: <mailto:sos-digest-subscribe@mail.example.org>
Date: DATE
Message-ID: <ID@mail.example.org>
Auto-Submitted: auto-replied
From: sos-digest-help@mail.example.org
To: joe@example.net
Delivered-To: responder for sos@mail.example.org
Received: by a
\twith b
Received: by c
Delivered-To: joe
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii
Subject: Information about sos@mail.example.org

top of sos-digest
   joe@example.net
sos mail.example.org {sos.dir}
bottom
Return-Path: <joe@example.net>
Received: by a
\twith b
Received: by c
Delivered-To: joe
X-Mine: 1

line 1
line 2
"""
    assert ask(sos, "digest-info", options=("-B",), request=request).raw.decode().endswith(f"{sos.dir}\n")
    help = ask(sos, "help", request=request).message
    assert help["From"] == "sos-return-@mail.example.org"


@pytest.mark.parametrize("letter, name", [("Q", "Quoted-Printable"), ("B", "base64")])
def test_an_encoded_reply(sos, letter, name):
    sos.put("charset", f"utf-8:{letter}\n")
    sos.host.sh(f"mkdir -p {sos.dir}/text; chown alias: {sos.dir}/text")
    sos.put("text/info", "Grüße = \n" + "x" * 100 + "\n")
    sos.put("text/messages", "SUB_INFO:Über <#L#>\n")
    got = ask(sos, "info").message
    assert got["Subject"] == "=?UTF-8?Q?=C3=9Cber_sos?=" or "=C3=9Cber" in got["Subject"]
    text, request = got.get_payload()
    assert text["Content-Transfer-Encoding"] == name and text.get_content_charset() == "utf-8"
    assert "Grüße = \n" + "x" * 100 + "\n" in text.get_payload(decode=True).decode().replace("\r\n", "\n")
    assert request.get_content_type() == "message/rfc822" and request["Content-Disposition"] == "inline; filename=request.msg"
    assert request.get_payload(0)["Subject"] == "please"


def test_what_is_told_to_moderators(sos):
    flags(sos, "remote modcanlist")
    sos.subscribe("a@example.net", "b@example.net")
    assert ask(sos, "list", MOD).text.count("@example.net\n") == 2 and "\n2 subscribers in all\n" in ask(sos, "listn", MOD).text
    assert "a@example.net\n" not in ask(sos, "listn", MOD).text
    log = ask(sos, "log", MOD).text
    assert re.search(r"^\d+ \w+ \d{4} \d\d:\d\d:\d\d -0000: \d+ \+manual a@example.net$", log, re.M)
    some = ask(sos, "log.B_ex", MOD)
    assert "b@example.net" in some.text and "a@example.net" not in some.text
    assert some.message["Subject"].startswith("Found")
    assert "+manual mod@example.org" not in log and "\n0 subscribers" in ask(sos, "deny-listn", MOD).text


def test_texts_are_edited(sos):
    flags(sos, "remote modcanedit")
    sos.host.sh(f"mkdir -p {sos.dir}/text; chown alias: {sos.dir}/text")
    sos.put("text/sub-ok", "old <#L#>\n\nend")
    sent = ask(sos, "edit.sub_ok", MOD)
    assert re.fullmatch(r"ed\.\d+\.sub_ok\.[a-p]{20}", sent.reply()) and sent.message["Subject"] == "EDIT sub-ok for sos@mail.example.org"
    assert "%%% START OF TEXT FILE\nold <#L#>\n\nend\n%%% END OF TEXT FILE\n" in sent.text
    reply = "From: mod\n\nMy thoughts\n> %%% START OF TEXT FILE\r\n> new\r\n>\r\nunquoted\r\n> %%% END OF TEXT FILE\r\n> more\n"
    assert ask(sos, sent.reply(), MOD, request=reply.replace("END OF", "")).code == 100
    assert ask(sos, sent.reply().replace("sub_ok", "top"), MOD, request=reply).code == 100
    assert sos.read("text/sub-ok") == "old <#L#>\n\nend"
    done = ask(sos, sent.reply(), MOD, request=reply)
    assert done.names == ["edit-done"] and done.to == [MOD] and sos.read("text/sub-ok") == "new\n\nunquoted\n"
    assert done.message["Subject"] == "Success editing sub-ok for sos@mail.example.org"
    assert sos.host.sh(f"stat -c %a {sos.dir}/text/sub-ok; ls {sos.dir}/text").stdout == "600\nsub-ok\n"
    assert ask(sos, sent.reply(), MOD, request=reply).code == 100
    sent = ask(sos, "edit.sub_ok", MOD)
    encoded = "Content-Transfer-Encoding: base64\n\nJSUlIFNUQVJUIE9GIFRFWFQgRklMRQp6CiUlJSBFTkQgT0YgVEVY\nVCBGSUxFCg==\n"
    assert ask(sos, sent.reply(), MOD, request=encoded).code == 0 and sos.read("text/sub-ok") == "z\n"
    sent = ask(sos, "edit.sub_ok", MOD)
    long = "\n%%% START OF TEXT FILE\n" + "x" * 10240 + "\n%%% END OF TEXT FILE\n"
    assert ask(sos, sent.reply(), MOD, request=long).code == 100
    assert ask(sos, sent.reply(), MOD, request=long.replace("xx", "x", 1)).code == 0


def test_a_post_is_quoted(sos):
    sos.host.sh(f"mkdir -p {sos.dir}/archive/12; cd {sos.dir}/archive/12; printf 'Subject: x\\n\\nend' > 34; chmod 744 34; chown -R alias: .")
    assert "> Subject: x\n> \n> end" in ask(sos, "get.1234").text


# ---- who gets no answer ----

@pytest.mark.parametrize("sender, request_, code", [
    ("", REQUEST, 100), ("#@[]", REQUEST, 100), ("joe", REQUEST, 100),
    (JOE, "Mailing-List: x\n\n", 100), (JOE, "Delivered-To: responder for sos@mail.example.org\n\n", 100),
    (JOE, "Delivered-To: responder for other@mail.example.org\n\n", 0),
    (JOE, "Auto-Submitted: auto-replied\n\n", 0), (JOE, "X: " + "x" * (1 << 20) + "\n\n", 100),
])
def test_no_answer(sos, sender, request_, code):
    got = ask(sos, "help", sender, request=request_)
    assert got.code == code and bool(got.to) == (code == 0 and "other" in request_)


def test_an_automatic_answer_is_no_consent(sos):
    asked = ask(sos, "subscribe")
    assert ask(sos, asked.reply(), request="Auto-Submitted: auto-replied (vacation)\n\n").code == 0 and sos.subscribers() == []
    assert ask(sos, asked.reply(), request="Auto-Submitted: no\n\n").code == 0 and sos.subscribers() == [JOE]


def test_a_queue_that_does_not_take_it(sos):
    sos.host.sh("mkdir -p /tmp/catch; chmod 777 /tmp/catch; echo 31 > /tmp/catch/exit")
    got = mailed(sos, "subscribe")
    assert got.code == 111 and "#5." in got.err and not sos.has("confirms")
    sos.host.sh("rm /tmp/catch/exit")
    assert mailed(sos, "subscribe").to == [JOE]


def test_a_list_has_servers_of_its_own(sos):
    sos.host.write("/var/qmail/bin/qmail-qmqpc", '#!/bin/sh\necho "$@" > /tmp/servers\ncat > /tmp/qmqp\ncat <&1 >/dev/null\n', mode=0o755)
    sos.put("qmqpservers", "10.0.0.1\n# x\n10.0.0.2\n")
    assert ask(sos, "help").code == 0
    assert sos.host.read("/tmp/servers") == b"10.0.0.1 10.0.0.2\n" and b"Subject: Help" in sos.host.read("/tmp/qmqp")


def test_by_mail(host):
    """By .qmail files and the queue."""
    host.user("joe")
    sos = the_list(host, "sos")
    sos.put("manager", f"|/var/qmail/bin/ezmlm-manage '{sos.dir}'\n")
    host.start()
    sos.write("joe@mail.example.org", to=sos.address("subscribe"))
    mail = eventually(lambda: host.maildir("joe"))
    assert mail, "no question came"
    address = re.search(rb"^Reply-To: (.*)$", mail[0], re.M)[1].decode()
    sos.write("joe@mail.example.org", to=address)
    assert eventually(lambda: sos.subscribers() == ["joe@mail.example.org"])
