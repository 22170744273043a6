"""Lists whose subscribers are in a database, by mail: people come and leave, moderators look at the log, mail that comes back takes
somebody off; and a server that stops in the middle of any of it."""

import re

import pytest

from tests.host import eventually
from tests.lists.elsewhere import MysqlOfLists, PgsqlOfLists, Sqlite, list_there
from tests.lists.listhost import the_list
from tests.lists.manage import ask
from tests.lists.test_elsewhere import count, fails, place  # noqa: F401

JOE, MOD, ANN = "joe@example.net", "mod@example.org", "ann@example.net"


@pytest.fixture
def sos(host, place):
    host.sh("chmod 755 /usr/local/lib/mailtree-test")
    return list_there(host, place, "-d -r -l")


def test_a_user_subscribes_and_leaves(sos, place):
    asked = ask(sos, "subscribe")
    assert asked.names == ["sub-confirm"] and count(place) == 0
    assert ask(sos, asked.reply(), request=f"From: Joe <{JOE}>\n\n").names == ["sub-ok"] and sos.subscribers() == [JOE]
    assert ask(sos, asked.reply()).names == ["sub-nop"] == ask(sos, "subscribe").names
    asked = ask(sos, "unsubscribe-Joe=example.net", sender=ANN)
    assert ask(sos, asked.reply()).names == ["unsub-ok"] and count(place) == 0
    assert ask(sos, ask(sos, "digest-subscribe").reply()).names == ["sub-ok"] and sos.subscribers("digest") == [JOE]
    assert [line.split("|")[0] for line in place.sql("SELECT edir, address FROM sos_slog ORDER BY tai, edir").split()] == ["+", "-"]


def test_moderators_see_who_is_there_and_what_was(sos):
    sos.subscribe(MOD, table="mod")
    sos.subscribe(JOE, ANN)
    sos.run("ezmlm-unsub", sos.dir, ANN)
    assert JOE in ask(sos, "list", sender=MOD).text and "1 " in ask(sos, "listn", sender=MOD).text
    log = ask(sos, "log", sender=MOD).text
    assert len(re.findall(r"^\d+ \w{3} \d{4} [\d:]+ -0000: \d{10} [+-]m a?[jn]", log, re.M)) == 3, log
    assert ANN not in ask(sos, "log.joe", sender=MOD).text
    assert ask(sos, "list", sender=JOE).code == 100


def test_mail_that_comes_back_takes_him_off(host, sos):
    sos.subscribe(JOE, ANN)
    bounce = f"Subject: failure notice\n\nHi. This is the qmail-send program at x.\n\n<{JOE}>:\nno (#5.1.1)\n\n--- Below\n\nrest\n"

    def returned(rest):
        return host.sh(f"SENDER= DEFAULT={rest} ezmlm-return {sos.dir}", user=sos.owner, input=bounce, check=False)

    assert returned("1-joe=example.net").returncode == 99 and returned("1-nobody=example.net").returncode == 99
    assert len(host.sh(f"find {sos.dir}/bounce/d -type f").stdout.split()) == 1
    for what in ("warn", "probe"):
        host.sh(f"rm -f {sos.dir}/bounce/lastd", user=sos.owner)
        sos.host.write("/tmp/queue", "#!/bin/sh\ncat >/tmp/mail\ncat <&1 >/tmp/to\n", mode=0o755)
        host.sh(f"QMAILQUEUE=/tmp/queue ezmlm-warn -t 0 {sos.dir}; chmod 666 /tmp/mail /tmp/to", user=sos.owner)
        sender = re.search(rb"-return-(%s-\d+\.[a-p]{20}-joe=example\.net)@" % what.encode(), host.read("/tmp/to"))[1].decode()
        assert returned(sender).returncode == 99
    assert sos.subscribers() == [ANN]


def test_only_subscribers_write(host, sos):
    sos.edit("-u")
    sos.subscribe(ANN)
    sos.subscribe("friend@example.net", table="allow")
    sos.subscribe("foe@example.net", table="deny")
    gate = host.sh(f"grep -h checksub {sos.dir}/editor || cat {sos.dir}/editor").stdout
    assert gate
    for who, code in ((ANN, 0), ("friend@example.net", 0), (JOE, 99)):
        fails(sos, "ezmlm-issubn", ".", "digest", "allow", "mod", code=code, env=f"SENDER={who}")


def test_a_digest_goes_to_those_in_the_table(host, sos):
    host.user("ann")
    sos.subscribe(f"ann@{host.name}", table="digest")
    host.start()
    sos.write(JOE, "Hello")
    assert eventually(lambda: sos.has("archive/0/01"))
    host.sh(f"ezmlm-get {sos.dir}", user=sos.owner)
    assert eventually(lambda: host.maildir("ann")), host.log("qmail-send")
    assert "Hello" in host.maildir("ann")[0].decode()


@pytest.mark.parametrize("place", [Sqlite], indirect=True, ids=["sqlite"])
def test_who_asks_about_several_lists_hears_of_each(host, sos, place):
    """Each has tables of its own."""
    other = the_list(host, "other", f"-6 {place.LINE.rpartition(':')[0]}:other")
    sos.subscribe(ANN)
    other.subscribe(ANN, JOE)
    host.write("/tmp/known", "".join(f"{each.address()}:{each.dir}:\n" for each in (sos, other)))
    for who, names in ((ANN, ["other@", "sos@"]), (JOE, ["other@"]), (MOD, [])):
        answer = ask(sos, f"which-{who.replace('@', '=')}", options=("-f", "/tmp/known"), program="ezmlm-request").text
        assert sorted(re.findall(r"^(\w+@).*$", answer, re.M)) == names


@pytest.mark.parametrize("place", [Sqlite], indirect=True, ids=["sqlite"])
def test_a_list_of_a_virtual_domain(host, place):
    """vlist hands on what is for ezmlm-make; the owner of the domain has the file."""
    host.start()
    host.sh("vadddomain vd.example secret")
    news = "/home/vpopmail/domains/vd.example/news"
    host.sh("vlist create news@vd.example -u -6 sqlite3:::::news.sqlite:news")
    host.sh(f"vlist subscriber news@vd.example add {ANN} && vlist moderator news@vd.example add {MOD}")
    assert host.sh("vlist subscriber news@vd.example list").stdout == f"{ANN}\n" == host.sh(f"ezmlm-list {news}", user="vpopmail").stdout
    assert host.sh("vlist subscriber news@vd.example count && vlist moderator news@vd.example count").stdout == "1\n1\n"
    assert host.sh(f"stat -c '%U %a' {news}/news.sqlite {news}/subdb").stdout.split() == ["vpopmail", "600"] * 2
    host.sh(f"vlist subscriber news@vd.example delete {ANN} && vlist delete news@vd.example && test ! -e {news}")


def test_posts_are_logged(host, sos, place):
    sos.subscribe(JOE, ANN)
    host.write("/tmp/queue", "#!/bin/sh\ncat >/dev/null\ncat <&1 >/dev/null\n", mode=0o755)

    def send(*options):
        return host.sh(f"printf 'From: {JOE}\\nSubject: s\\n\\nHello\\n' | SENDER={JOE} QMAILQUEUE=/tmp/queue ezmlm-send {' '.join(options)} {sos.dir}",
                       user=sos.owner, check=False)

    assert send().returncode == 0 and count(place, "sos_mlog") == 0
    assert send("-l").returncode == 0
    assert sorted(place.sql("SELECT msgnum, listno, subs, done FROM sos_mlog").split()) == ["2|0|0|1", "2|0|2|4"]
    assert re.fullmatch(r"2\|[a-p]{20}\n", place.sql("SELECT msgnum, cookie FROM sos_cookie"))
    place.sql("DROP TABLE sos_mlog")
    assert send("-l").returncode == 111 and sos.read("num").startswith("2:")


# ---- while it is away ----

POST = f"From: {JOE}\nSubject: s\nTo: sos@mail.example.org\n\nHello\n"
BOUNCE = f"Subject: failure notice\n\nHi. This is the qmail-send program at x.\n\n<{ANN}>:\nno (#5.1.1)\n\n--- Below\n\nrest\n"


def calls(sos, accept):
    """{what: (who does it by the list, its exit code when all is well, what then is in the mail that goes out)}"""
    local = accept.partition("@")[0]

    def call(program, default="", sender=JOE, text=POST, options=(), **env):
        return lambda: ask(sos, default, sender, options, text, program, **env)

    return {
        "a post": (call("ezmlm-send"), 0, "Hello"),
        "a post that waits": (call("ezmlm-store"), 0, "MODERATE"),
        "a moderator's answer": (call("ezmlm-moderate", local.removeprefix("sos-accept-"), MOD, LOCAL=local), 0, "Hello"),
        "an answer of the archive": (call("ezmlm-get", "get.1", ANN, LOCAL="sos-get.1"), 99, "Hello"),
        "a bounce": (call("ezmlm-return", "2-ann=example.net", "", BOUNCE), 99, None),
        "a warning": (call("ezmlm-warn", options=("-D", "-t0")), 0, " 1\n   2\n"),
        "a digest": (call("ezmlm-get", LOCAL=""), 0, "Hello"),
    }


def test_while_it_is_away_nothing_is_said_and_nothing_lost(host, sos, place):
    """Each program says so in a line, and when it comes again it does what it would have done."""
    sos.edit("-m -g")
    sos.subscribe(ANN)
    sos.subscribe(MOD, table="mod")
    sos.subscribe("dan@example.net", table="digest")
    assert ask(sos, "", JOE, (), POST, "ezmlm-send").code == 0
    assert ask(sos, "1-ann=example.net", "", (), BOUNCE, "ezmlm-return").code == 99
    accept = ask(sos, "", JOE, (), POST, "ezmlm-store").message["Reply-To"].strip("<>")
    state = (f"cd {sos.dir} && find archive mod -type f -perm -100 | sort && find bounce -type f ! -name 'last*' | sort && "
             "cat num && ls dig*")
    before = host.sh(state).stdout
    begin, end = ("lose", "restore") if place.name == "sqlite" else ("kill", "start")
    getattr(place, begin)()
    try:
        for what, (call, _, _) in calls(sos, accept).items():
            said = call()
            assert said.code == 111 and not said.to and "unable to ask the database of subscribers: " in said.err, (what, said)
    finally:
        getattr(place, end)()
    assert host.sh(state).stdout == before
    for what, (call, code, text) in calls(sos, accept).items():
        said = call()
        assert said.code == code and (text.encode() in said.raw if text else not said.to), (what, said)


# ---- in the middle of it ----

SLOW = """#!/bin/sh
cat >/dev/null
echo begun >/tmp/begun
while [ -e /tmp/hold ]; do sleep 0.1; done
exec cat <&1 >/dev/null
"""


@pytest.mark.parametrize("place", [MysqlOfLists, PgsqlOfLists], indirect=True, ids=["mysql", "pgsql"])
@pytest.mark.parametrize("begin, end", [("kill", "start"), ("freeze", "thaw")])
def test_in_the_middle_of_a_post(host, sos, place, begin, end):
    """Some of the recipients are there, the others do not come: nobody gets it, and its number is not used up."""
    place.sql(f"INSERT INTO sos (hash, address) {place.MANY}")
    host.write("/tmp/queue", SLOW, mode=0o755)
    host.sh("touch /tmp/hold; chmod 777 /tmp; rm -f /tmp/begun")
    sending = host.popen(["sh", "-c", f"printf 'From: {JOE}\\nSubject: s\\n\\nHello\\n' | SENDER={JOE} QMAILQUEUE=/tmp/queue ezmlm-send {sos.dir}"],
                         user=sos.owner, stderr=-1)
    assert eventually(lambda: host.sh("test -e /tmp/begun", check=False).returncode == 0, 30)
    getattr(place, begin)()
    host.sh("rm /tmp/hold")
    said = sending.communicate(timeout=120)[1].decode()
    getattr(place, end)()
    assert sending.returncode in (0, 111), said
    if sending.returncode == 111:
        assert "unable to ask the database of subscribers" in said
        assert not sos.has("num") or sos.read("num").startswith("0:")
    host.write("/tmp/queue", "#!/bin/sh\ncat >/dev/null\nexec 3<&1 >/tmp/count\ntr '\\0' '\\n' <&3 | grep -c '^Treader'\n", mode=0o755)
    host.sh(f"printf 'From: {JOE}\\nSubject: s\\n\\nHello\\n' | SENDER={JOE} QMAILQUEUE=/tmp/queue ezmlm-send {sos.dir}", user=sos.owner)
    assert host.read("/tmp/count") == b"100000\n"
    assert sos.read("num").startswith("1:" if sending.returncode else "2:")


@pytest.mark.parametrize("place", [MysqlOfLists, PgsqlOfLists], indirect=True, ids=["mysql", "pgsql"])
def test_in_the_middle_of_a_subscription(host, sos, place):
    """Who was told that he is on the list is, and a confirmation that had no answer counts again."""
    asked = ask(sos, "subscribe")
    place.freeze()
    late = ask(sos, asked.reply())
    assert late.code == 111 and not late.names and "unable to ask the database" in late.err
    place.thaw()
    assert ask(sos, asked.reply()).names in (["sub-ok"], ["sub-nop"]) and sos.subscribers() == [JOE]
    place.forbid_writing()
    leaving = ask(sos, "unsubscribe").reply()
    assert ask(sos, leaving).code == 111 and sos.subscribers() == [JOE]
    place.allow_writing()
    assert ask(sos, leaving).names == ["unsub-ok"] and sos.subscribers() == []
