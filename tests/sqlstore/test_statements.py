"""What a client or an administrator writes is data, wherever he writes it: no word of it is one of the database's."""

import json

from tests.smtp.test_mailboxes import OK
from tests.smtp.session import Session
from tests.sqlstore.test_users import JOE, NO_MESSAGE, PLACE
from tests.vdomains.test_domains import run
from tests.vdomains.test_names import path
from tests.vdomains.test_usersd import ask
from tests.vdomains.test_vchkpw import pop3
from tests.vdomains.test_vpopmaild import Talk

WORDS = ["joe'--", "joe'#", "x' OR '1'='1", 'x" OR "1"="1', "joe'; DROP TABLE vpopmail; --", "joe\\' OR 1=1 -- ", "') OR ('1'='1", "`joe`", "jo%", "j_e", "$1", "?"]
NAMES = ["joe'--", "x'or'1'='1", "`joe`", "j_e", "joe'#", "'||pw_name||'"]        # of users who may be


def people(host):
    return {one["name"]: one for one in map(json.loads, run(host, "vuserinfo", "--json", "-D", "example.net").splitlines())}


def test_of_a_client(site, server):
    run(site, "vadduser", "max@example.net", "mine")
    before = people(site)
    for at in range(0, len(WORDS), 4):
        s = Session(site).begin()
        s.ask(b"MAIL FROM:<>\r\n")
        replies = [s.ask(b"RCPT TO:" + path(word.encode(), "example.net") + b"\r\n") for word in WORDS[at:at + 4]]
        assert all(reply.startswith("55") for reply in replies), replies
        assert s.ask(b"RCPT TO:<joe@example.net>\r\n") == OK
        s.end()
    for word in WORDS:
        assert [ask(site, "who", "pop3", f"{word}@example.net").split("|")[0], ask(site, "account", "pop3", f"{word}@example.net").split("|")[0]] == ["nobody"] * 2
        for name, secret in ((f"{word}@example.net", "pass word"), ("joe@example.net", word), (f"joe@example.net{word}", "pass word")):
            assert ask(site, "password", "pop3", name, secret).startswith("wrong|"), (name, secret)
        assert pop3(site, f"{word}@example.net", "pass word")[0] == pop3(site, "joe@example.net", word)[0] == 67
    t = Talk(site, "joe@example.net pass word")
    for word in WORDS:
        assert t.ask(f"user_info {word}@example.net").startswith("-ERR "), word
        assert t.ask("mod_user joe@example.net", f"comment {word.strip()}", ".") == "+OK"
        assert people(site)["joe"]["comment"] == word.strip()
    t.end()
    assert {**people(site), "joe": before["joe"]} == before and pop3(site, *JOE)[0] in NO_MESSAGE


def test_of_an_administrator(site, server):
    run(site, "vadduser", "max@example.net", "mine")
    before = people(site)
    for word in WORDS:
        run(site, "vmoduser", "-c", word, "-e", word, "-C", word, "-D", f"{PLACE}/{word}", "max@example.net")
        now = people(site)
        assert [now["max"][key] for key in ("comment", "passwd", "clear", "dir")] == [word, word, word, f"{PLACE}/{word}"]
        assert {**now, "max": before["max"]} == before
        for command in (["vdeluser"], ["vuserinfo"], ["vmoduser", "-b"], ["vpasswd"], ["vrenameuser"], ["vsetuserquota"]):
            more = {"vpasswd": ["x"], "vrenameuser": ["jim"], "vsetuserquota": ["1M"]}.get(command[0], [])
            done = site.run([*command, "--", f"{word}@example.net", *more], check=False)
            assert done.returncode in (1, 100), (word, command)
    assert {**people(site), "max": before["max"]} == before


def test_of_who_has_such_a_name(site, server):
    before = people(site)
    for name in NAMES:
        run(site, "vadduser", "--", f"{name}@example.net", f"of {name}")
        assert set(people(site)) == {*before, name}
        assert pop3(site, f"{name}@example.net", f"of {name}")[0] in NO_MESSAGE and pop3(site, f"{name}@example.net", "pass word")[0] == 67
        run(site, "vmoduser", "-b", "--", f"{name}@example.net")
        assert {one: fields["limits"] for one, fields in people(site).items()} == {**{one: [] for one in before}, name: ["BOUNCE_MAIL"]}
        run(site, "vrenameuser", f"{name}@example.net", "other")
        run(site, "vdeluser", "other@example.net")
        assert people(site) == before
