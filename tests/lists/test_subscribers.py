"""ezmlm-sub, ezmlm-unsub, ezmlm-list, ezmlm-issubn, ezmlm-checksub, ezmlm-rmtab."""

import os
import re
import resource

import pytest

from tests.lists.directory import TABLES, Directory


@pytest.fixture
def sos(tmp_path):
    return Directory(tmp_path)


def test_addresses_come_and_go(sos):
    assert sos.run("ezmlm-sub", sos.path, "Joe@Example.NET", "ann@example.org", "joe@example.net") == ("", "")
    assert sorted(sos.members()) == ["Joe@example.net", "ann@example.org"]
    assert sos.run("ezmlm-list", "-n", sos.path) == ("2\n", "")
    assert sos.run("ezmlm-list", "-nN", sos.path, ".")[0].count("\n") == 2
    assert sos.run("ezmlm-unsub", sos.path, "JOE@example.net", "nobody@example.net") == ("", "")
    assert sos.members() == ["ann@example.org"]
    log = sos.get("Log").decode()
    assert re.fullmatch(r"\d+ \+manual Joe@example.net\n\d+ \+manual ann@example.org\n\d+ -manual JOE@example.net\n", log)
    assert (sos.path / "Log").stat().st_mode & 0o777 == 0o600 and (sos.path / "lock").stat().st_mode & 0o777 == 0o600


def test_tables(sos):
    for table in TABLES:
        sos.run("ezmlm-sub", sos.path, table, f"{table}@example.org")
        assert sos.members(table) == [f"{table}@example.org"] == sos.members(sos.path / table)
        assert f"+manual {table}@example.org" in sos.get(f"{table}/Log").decode()
    assert sos.members() == [] and sos.members("none") == [] and sos.members(sos.path) == []
    sos.run("ezmlm-sub", sos.path, sos.path / "mod", "two@example.org")
    assert len(sos.members("mod")) == 2
    assert "none/lock" in sos.run("ezmlm-sub", sos.path, "none", "a@b", code=111)[1]
    for elsewhere in ("mod/x", "/tmp", "..", str(sos.path) + "x", sos.path / "mod" / "x"):
        sos.run("ezmlm-list", sos.path, elsewhere, code=111)


def test_addresses_on_standard_input(sos):
    sos.run("ezmlm-sub", sos.path, "mod", input=b"# who\n\na@example.org\nb@example.org \r\nlast@example.org")
    assert sorted(sos.members("mod")) == ["a@example.org", "b@example.org"]
    sos.run("ezmlm-sub", "-n", sos.path, input=b"a@example.org Joe, the\tfirst\nb\\ c@example.org,Ann\nd@example.org\n")
    assert sorted(sos.members()) == ["a@example.org", "b\\ c@example.org", "d@example.org"]
    assert re.sub(r"\d+ ", "", sos.get("Log").decode()) == \
        "+manual a@example.org Joe, the first\n+manual b\\?c@example.org Ann\n+manual d@example.org\n"
    sos.run("ezmlm-unsub", "-t", "gone", "-n", sos.path, "a@example.org", "Joe")
    assert sos.get("Log").decode().endswith(" -gone a@example.org Joe\n")
    sos.run("ezmlm-sub", sos.path, input=b"x" * 9000 + b"@b\n", code=100)


def test_many_come_at_once(sos):
    """Each file is written once, not for each of them."""
    many = [f"user{i}@example.org" for i in range(20000)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    sos.run("ezmlm-sub", sos.path, input=b"".join(f"{address}\n".encode() for address in [*many, "USER7@example.org"]))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_nvcsw - before.ru_nvcsw < 5000
    assert sorted(sos.members()) == sorted(many) and sos.get("Log").count(b"\n") == 20000
    sos.run("ezmlm-unsub", sos.path, input=b"".join(f"{address}\n".encode() for address in many[1:]))
    assert sos.members() == [many[0]]


def test_what_comes_before_one_that_is_none_is_done(sos):
    sos.run("ezmlm-sub", sos.path, input=b"a@b\nc@d\nnobody\ne@f\n", code=100)
    assert sorted(sos.members()) == ["a@b", "c@d"] and sos.get("Log").count(b"\n") == 2


def test_what_is_no_address_is_refused(sos):
    for bad in ("a@b\nc@d", "x" * 400 + "@b"):
        assert "#5.1.1" in sos.run("ezmlm-sub", sos.path, "good@example.org", bad, "later@example.org", code=100)[1]
    assert sos.run("ezmlm-sub", sos.path, ".", "none", code=100)[1] == \
        "ezmlm-sub: fatal: sorry, this is no address that can be subscribed (#5.1.1)\n"
    assert sos.members() == ["good@example.org"]
    sos.run("ezmlm-sub", sos.path, "x" * 398 + "@b")
    assert len(sos.members()) == 2


def test_which_file(sos):
    sos.run("ezmlm-sub", "-h", "3", sos.path, "user@example.com")
    assert sos.files() == {"C": b"Tuser@example.com\0"}
    sos.run("ezmlm-sub", sos.path, "user@example.com")
    assert sos.files() == {"C": b"Tuser@example.com\0", "Y": b"Tuser@example.com\0"}
    sos.run("ezmlm-unsub", "-h3", sos.path, "user@example.com")
    assert sos.files()["C"] == b""
    sos.run("ezmlm-sub", "-h", "53", sos.path, "user@example.com", code=100)
    sos.run("ezmlm-sub", "-h", "x", sos.path, "user@example.com", code=100)


def test_where_subscribers_are_kept(sos):
    sos.put("subdb", "std\n")
    sos.run("ezmlm-sub", sos.path, "a@example.org")
    sos.put("subdb", "nosuch:host::joe:secret:lists:sos\n")
    assert sos.run("ezmlm-list", sos.path, code=111)[1].startswith("ezmlm-list: fatal: ")
    assert sos.run("ezmlm-list", "-M", sos.path)[0] == "a@example.org\n" == sos.run("ezmlm-list", "-S", "std", sos.path)[0]
    sos.run("ezmlm-list", "-Mm", sos.path, code=111)


def test_wrong_use(sos):
    for program in ("sub", "unsub", "list", "issubn", "checksub", "rmtab"):
        name = f"ezmlm-{program}"
        assert re.fullmatch(f"{name}: usage: {name} .*\n", sos.run(name, code=100)[1])
        sos.run(name, "-x", sos.path, code=100)
        assert re.fullmatch("ezmlm version: ezmlm-idx-[0-9.]+\n", sos.run(name, "-V", sos.path)[1])
        assert "/none" in sos.run(name, "-v", sos.path / "none", code=111)[1]
    (sos.path / "key").unlink()
    assert sos.run("ezmlm-list", sos.path, code=100)[1] == f"ezmlm-list: fatal: {sos.path}/key does not exist\n"


@pytest.mark.parametrize("sender, tables, found", [
    ("joe@example.org", [], True), ("JOE@EXAMPLE.ORG", ["."], True), ("ann@example.org", [], False),
    ("ann@example.org", [".", "mod"], True), ("joe@example.org", ["mod", "digest"], False),
    ("x@bad.example", ["deny"], True), ("x@y.bad.example", ["deny"], False), ("", ["deny"], False), ("#@[]", ["."], False),
    ("SRS0=Hx=Tt=example.org=joe@relay.example", [], True), ("prvs=123456789a=joe@example.org", [], True),
    ("joe@example.org", ["/mod"], True), ("ann@example.org", ["/mod"], True), ("joe@example.org", ["/mod", "digest"], False),
])
def test_who_is_in_a_table(sos, sender, tables, found):
    sos.run("ezmlm-sub", sos.path, "joe@example.org")
    sos.run("ezmlm-sub", sos.path, "mod", "ann@example.org")
    sos.run("ezmlm-sub", sos.path, "deny", "@bad.example")
    words = [sos.path, *(str(sos.path) + table if table[0] == "/" else table for table in tables)]
    sos.run("ezmlm-issubn", *words, code=0 if found else 99, SENDER=sender)
    sos.run("ezmlm-issubn", "-n", *words, code=99 if found else 0, SENDER=sender)
    assert sos.run("ezmlm-checksub", *words, code=0 if found else 100, SENDER=sender)[0] == \
        ("" if found else "Sorry, only subscribers may write to this list. For help, write to sos-help@example.org (#5.7.2)\n")
    assert sos.run("ezmlm-checksub", "-n", *words, code=100 if found else 0, SENDER=sender)[0] == \
        ("Sorry, this list takes no messages from your address. For help, write to sos-help@example.org (#5.7.2)\n" if found else "")


def test_the_text_of_a_refusal(sos):
    sos.put("text/messages", "TXT_ONLY_SUBSCRIBERS:not in <#l#>\n")
    assert sos.run("ezmlm-checksub", sos.path, code=100, SENDER="a@b")[0] == "not in sos\n"
    assert sos.run("ezmlm-checksub", "-m", "no", sos.path, code=100, SENDER="a@b")[0] == "no\n"
    for program in ("ezmlm-issubn", "ezmlm-checksub"):
        assert sos.run(program, sos.path, code=100)[1] == f"{program}: fatal: SENDER not set\n"


def test_tables_are_removed(sos):
    for table in (".", *TABLES):
        sos.run("ezmlm-sub", sos.path, table, "a@example.org")
    (sos.path / "mod/subscribers/Yn").write_bytes(b"Ta")
    assert sos.run("ezmlm-rmtab", sos.path) == ("", "")
    assert not list(sos.path.glob("**/subscribers")) and (sos.path / "mod/Log").exists()
    assert sos.run("ezmlm-rmtab", sos.path) == ("", "")
    (sos.path / "mod/subscribers").mkdir()
    (sos.path / "mod/subscribers/mine").touch()
    assert "mod/subscribers" in sos.run("ezmlm-rmtab", sos.path, code=100)[1]


@pytest.mark.skipif("SANITIZE" in os.environ, reason="sanitized programs take another time")
def test_a_hundred_thousand_subscribers(sos):
    """The best of some runs, and not counting waits: others use the machine, too."""
    for hash in range(53):
        (sos.path / "subscribers" / chr(64 + hash)).write_bytes(b"".join(b"Tsubscriber-%d-%d@mail.example.org\0" % (hash, i) for i in range(1887)))

    def spent():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def best(program, *words, **env):
        times = []
        for i in range(25):
            began = spent()
            sos.run(program, sos.path, *(word.format(i) for word in words), **env)
            times.append(spent() - began)
        return min(times)

    assert sos.run("ezmlm-list", "-n", sos.path)[0] == "100011\n"
    assert best("ezmlm-sub", "new-{}@example.org") < 0.01
    assert best("ezmlm-unsub", "new-{}@example.org") < 0.01
    assert best("ezmlm-issubn", code=99, SENDER="who@example.org") < 0.01


@pytest.mark.parametrize("file", ["key", "outlocal", "outhost"])
def test_what_is_there_and_cannot_be_read_is_trouble(sos, file):
    """Only what does not exist is said to be missing, which the sender is told."""
    path = sos.path / file
    path.unlink()
    assert f"/{file} does not exist" in sos.run("ezmlm-list", sos.path, code=100)[1]
    path.symlink_to("/nowhere/else")
    assert file in sos.run("ezmlm-list", sos.path, code=111)[1]
    path.unlink()
    path.mkdir()
    assert "Is a directory" in sos.run("ezmlm-list", sos.path, code=111)[1]
    path.rmdir()
    path.write_text("")
    assert file in sos.run("ezmlm-list", sos.path, code=111)[1]


def test_where_all_texts_are_away_none_is_missing(sos):
    request = {"SENDER": "joe@example.net", "DEFAULT": "help", "input": b"Subject: help\n\n", "QMAILQUEUE": "/bin/true"}
    sos.put("public", "")
    assert "/etc/default/" in sos.run("ezmlm-manage", sos.path, code=111, **request)[1]
    (sos.etc / "default").mkdir(parents=True)
    assert "/text/" in sos.run("ezmlm-manage", sos.path, code=100, **request)[1]
