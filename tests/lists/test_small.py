"""The small programs of lists: their exit codes and files. Each runs on a directory of its own, without a host where it can."""

import json
import os
import pathlib
import subprocess
import tempfile
import time

import pytest

from tests.host import eventually
from tests.host.machine import BUILD, TOP
from tests.lists.listhost import the_list

LISTS = BUILD / "lists"
LANG = TOP / "programs/lists/lang"


@pytest.fixture
def sos(tmp_path):
    """A list's directory, as ezmlm-make makes it."""
    etc = tmp_path / "etc/default"
    (etc / "text").mkdir(parents=True)
    (etc / "ezmlmrc").write_text((LANG / "ezmlmrc").read_text())
    for text in (LANG / "en/text").iterdir():
        (etc / "text" / text.name).write_text(text.read_text())
    (tmp_path / "programs").mkdir()
    (tmp_path / "dots").mkdir()
    call(tmp_path, "ezmlm-make", tmp_path / "sos", tmp_path / "dots/.qmail-sos", "sos", "example.org")
    return tmp_path / "sos"


def call(top, program, *words, input="", **env):
    return subprocess.run([str(LISTS / program), *map(str, words)], input=input, capture_output=True, text=True, cwd=top, env={
        "PATH": "/usr/bin:/bin", "EZMLM_ETC": str(top / "etc"), "EZMLM_BIN": str(top / "programs"), **env})


# ---- weed ----

@pytest.mark.parametrize("message, code", [
    ("", 0), ("Subject: subscribe\n\n", 0), ("Precedence: junk\n\n", 99), ("Mailing-List: x", 99), ("Subject: x\n\n" + "x" * 100000, 0),
    ("X: " + "x" * 3000000 + "\n\n", 0)])
def test_weed_drops_what_needs_no_answer(tmp_path, message, code):
    assert call(tmp_path, "ezmlm-weed", input=message).returncode == code


# ---- tstdig ----

def digest_due(sos, *options, **env):
    return call(sos.parent, "ezmlm-tstdig", *options, sos, **env).returncode


def test_no_digest_is_due_of_a_list_without_posts(sos):
    assert digest_due(sos) == 99


@pytest.mark.parametrize("num, dignum, options, code", [
    ("30:0", "", (), 0), ("29:0", "1:0:{now}", (), 99), ("31:0", "1:0:{now}", (), 0), ("2:256", "1:0:{now}", (), 0), ("2:255", "1:0:{now}", (), 99),
    ("2:0", "1:0:{old}", (), 0), ("2:0", "1:0:{old}", ("-t0",), 99), ("2:0", "1:0:{now}", ("-m", "1"), 0), ("2:4", "1:0:{now}", ("-k1",), 0),
    ("5:0", "1:0:{now}", ("-k0", "-m0", "-t0"), 99)])
def test_a_digest_is_due_by_size_number_or_time(sos, num, dignum, options, code):
    (sos / "num").write_text(num + "\n")
    (sos / "dignum").write_text(dignum.format(now=int(time.time()), old=int(time.time()) - 49 * 3600))
    assert digest_due(sos, *options) == code


def test_limits_stand_in_files_and_options_count_more(sos):
    (sos / "num").write_text("5:0\n")
    (sos / "dignum").write_text(f"1:0:{int(time.time())}\n")
    (sos / "digcount").write_text("4\n")
    assert (digest_due(sos), digest_due(sos, "-m", "5")) == (0, 99)


def test_a_post_asks_for_one_digest_an_hour(sos):
    (sos / "num").write_text("40:0\n")
    assert [digest_due(sos, LOCAL="sos"), digest_due(sos, LOCAL="sos"), digest_due(sos)] == [0, 99, 0]
    (sos / "tstdig").write_text(f"{int(time.time()) - 3700}\n")
    assert digest_due(sos, LOCAL="sos") == 0
    (sos / "dignum").write_text(f"1:0:{int(time.time()) + 5}\n")
    assert digest_due(sos, "-t0", LOCAL="sos") == 0


def test_mail_for_digests_is_left_to_ezmlm_get(sos):
    assert [digest_due(sos, LOCAL="sos-x", DEFAULT=word) for word in ("subscribe", "digest-subscribe", "dig.code", "DIG-code")] == [0, 0, 99, 99]


def test_wrong_use_of_tstdig(sos):
    assert call(sos.parent, "ezmlm-tstdig", sos, "more").returncode == 100
    assert call(sos.parent, "ezmlm-tstdig", "-m", "x", sos).returncode == 100
    assert call(sos.parent, "ezmlm-tstdig", sos.parent / "none").returncode in (100, 111)


# ---- limit ----

def limited(sos, *options):
    return call(sos.parent, "ezmlm-limit", *options, sos)


def test_a_list_without_num_has_no_limit(sos):
    assert limited(sos).returncode == 100


def test_too_many_posts_make_a_list_moderated(sos):
    (sos / "num").write_text("10:0\n")
    assert limited(sos, "-n3").returncode == 0
    assert (sos / "loopnum").read_text().startswith("10:")
    (sos / "num").write_text("12:0\n")
    assert limited(sos, "-n3").returncode == 0 and not (sos / "modpost").exists()
    (sos / "num").write_text("13:0\n")
    assert limited(sos, "-n3").returncode == 0
    assert (sos / "modpost").exists() and not (sos / "loopnum").exists()
    assert limited(sos, "-n3").returncode == 0


def test_or_they_wait(sos):
    (sos / "num").write_text("13:0\n")
    (sos / "count").write_text(f"10:{int(time.time())}\n")
    assert limited(sos, "-d", "-n3", "-f", "count").returncode == 111
    assert not (sos / "modpost").exists() and (sos / "count").exists()
    assert limited(sos, "-d", "-n4", "-f", "count").returncode == 0


def test_counting_begins_anew_after_the_time(sos):
    (sos / "num").write_text("13:0\n")
    (sos / "loopnum").write_text(f"1:{int(time.time()) - 100}\n")
    assert limited(sos, "-n3", "-t", "50").returncode == 0
    assert (sos / "loopnum").read_text().startswith("13:") and not (sos / "modpost").exists()


# ---- dispatch ----

def dispatch(sos, *words, message="Subject: x\n\nbody\n", **env):
    (sos.parent / "message").write_text(message)
    with open(sos.parent / "message") as file:
        return subprocess.run([str(LISTS / "ezmlm-dispatch"), *map(str, words)], stdin=file, capture_output=True, text=True, env={
            "PATH": "/usr/bin:/bin", "SENDER": "joe@example.net", "DTLINE": "Delivered-To: sos@example.org\n", **env})


def tell(sos, file, *lines):
    (sos / file).write_text("".join(line + "\n" for line in lines))


@pytest.mark.parametrize("rest, file, left", [
    ("", "editor", None), ("owner", "owner", None), ("return-5-a=b", "bouncer", "5-a=b"), ("digest-return-5-a=b", "digest/bouncer", "5-a=b"),
    ("accept-1.2.x", "moderator", "1.2.x"), ("confirm-1.2.x", "confirmer", "1.2.x"), ("subscribe-a=b", "manager", "subscribe-a=b")])
def test_an_address_runs_its_file(sos, rest, file, left):
    for name in ("editor", "owner", "bouncer", "digest/bouncer", "moderator", "confirmer", "manager"):
        tell(sos, name, "# comment", f"|echo {name} ${{DEFAULT-unset}}; cat", "|cat")
    said = f"{file} {left or 'unset'}\n" + 2 * "Subject: x\n\nbody\n"
    for words, env in (((sos.parent,), {"DEFAULT": f"sos{rest and '-' + rest}"}), ((sos.parent, "sos"), {"DEFAULT": rest} if rest else {})):
        done = dispatch(sos, *words, **env)
        assert (done.returncode, done.stdout) == (0, said) and done.stderr.endswith("did 0+0+2\n")


def test_a_file_that_is_missing_is_the_manager_s(sos):
    (sos / "bouncer").unlink()
    tell(sos, "manager", "|echo $DEFAULT")
    assert dispatch(sos, sos.parent, DEFAULT="sos-return-5-a=b").stdout == "return-5-a=b\n"


def test_the_longest_name_of_a_list_wins(sos):
    (sos.parent / "sos-return").mkdir()
    tell(sos.parent / "sos-return", "manager", "|echo $DEFAULT")
    assert dispatch(sos, sos.parent, DEFAULT="SOS-return-help").stdout == "help\n"


@pytest.mark.parametrize("env", [{"DEFAULT": "none"}, {"DEFAULT": "sos/../sos"}, {}, {"DEFAULT": "..-x"}])
def test_what_is_no_list_is_refused(sos, env):
    assert dispatch(sos, sos.parent, **env).returncode == 100


@pytest.mark.parametrize("code", [99, 100, 111, 5])
def test_the_first_program_that_fails_ends_it(sos, code):
    tell(sos, "editor", "|exit 0", f"|exit {code}", "|echo never")
    done = dispatch(sos, sos.parent, "sos")
    assert (done.returncode, done.stdout) == (code, "") and done.stderr.endswith("did 0+0+2\n")


def test_nothing_is_delivered_to_files(sos):
    for line in ("/tmp/box", "./Maildir/"):
        tell(sos, "owner", line)
        assert dispatch(sos, sos.parent, "sos", DEFAULT="owner").returncode == 100


def test_mail_is_forwarded_with_its_sender(host):
    host.user("joe")
    host.sh("mkdir ~alias/lists; echo '|ezmlm-dispatch lists' > ~alias/.qmail-l-default; chown -R alias ~alias/lists ~alias/.qmail-l-default")
    sos = the_list(host, "sos", "-5 &joe@mail.example.org", place="/var/qmail/alias/lists")
    sos.put("owner", "&joe\njoe@mail.example.org\n")
    host.start()
    host.sh("printf 'Subject: x\\n\\n' | qmail-inject -f who@example.net l-sos-owner@mail.example.org")
    assert eventually(lambda: len(host.maildir("joe")) == 2)
    assert all(b"Return-Path: <who@example.net>" in m and b"Delivered-To: l-sos-owner@mail.example.org" in m for m in host.maildir("joe"))


# ---- cron ----

def test_a_user_has_digests_made_by_cron(host):
    host.user("joe")
    host.user("lists")
    host.write("/usr/bin/crontab", "#!/bin/sh\n[ ! -e refuse ] || exit 1\nid -un > taken; cat $1 >> taken\n", mode=0o755)
    host.write("/home/lists/ezcronrc", "b.example\njoe:joe:example.org:2\n", owner="lists")
    host.write("/home/lists/crontab", "# mine\n1 2 * * * /bin/true\n", owner="lists")
    host.sh("install -o lists -m 4755 /var/qmail/bin/ezmlm-cron /usr/bin/cron-for-lists")

    def cron(words):
        return host.sh(f"cron-for-lists {words}", user="joe", check=False)

    entry = "{} * * {} /var/qmail/bin/qmail-inject {}-dig-code@example.org%Return-path: <joe@b.example>\n"
    mine = "# mine\n1 2 * * * /bin/true\n"
    assert cron("joe@example.org code").returncode == 0
    assert host.read("/home/lists/crontab").decode() == mine + entry.format("12 4", "*", "joe")
    assert host.read("/home/lists/taken").decode() == "lists\n" + mine + entry.format("12 4", "*", "joe")
    assert cron("-t 5:00 -w 1,5 joe@example.org code").returncode == 0
    assert cron("-i 12 joe-poems@example.org code").returncode == 0
    both = entry.format("0 5", "1,5", "joe") + entry.format("12 4,16", "*", "joe-poems")
    assert host.read("/home/lists/crontab").decode() == mine + both
    assert (cron("-l").stdout, cron("-c").stdout) == (both, "joe:joe:example.org:2\n")
    assert [cron(words).returncode for words in ("joe-more@example.org code", "sos@example.org code", "joe@example.net code", "'joe;x@example.org' code",
                                                 "joe@example.org 'a b'", "-i 5 joe@example.org code", "joe@example.org")] == [100] * 7
    host.sh("touch /home/lists/refuse")
    assert cron("-d joe@example.org").returncode == 111
    assert host.read("/home/lists/crontab").decode() == mine + both
    host.sh("rm /home/lists/refuse")
    assert cron("-d joe@example.org").returncode == 0
    assert host.read("/home/lists/crontab").decode() == mine + entry.format("12 4,16", "*", "joe-poems")
    assert host.sh("ezmlm-cron -l", check=False).returncode == 100


# ---- check ----

def programs_are_there(sos):
    for name in """archive checksub clean confirm gate get manage moderate reject request return split store tstdig warn weed""".split():
        program = sos.parent / f"programs/ezmlm-{name}"
        program.write_text("")
        program.chmod(0o755)


def checked(sos):
    done = call(sos.parent, "ezmlm-check", "--json", sos)
    assert done.returncode == 99, done
    return json.loads(done.stdout)


def test_a_list_that_is_well(sos):
    programs_are_there(sos)
    found = checked(sos)
    assert (found["list"], found["directory"], found["state"], found["subscribers"]) == ("sos@example.org", str(sos), "ok", 0)
    assert [f["weight"] for f in found["findings"]] == ["note"]
    assert call(sos.parent, "ezmlm-check", "--faults", sos).returncode == 0
    text = call(sos.parent, "ezmlm-check", sos)
    assert text.returncode == 99 and text.stdout.startswith(f"list: sos@example.org\ndirectory: {sos}\nsubscribers: 0\n")


@pytest.mark.parametrize("spoil, what", [
    (lambda d: (d / "key").unlink(), "key is missing"),
    (lambda d: (d / "key").chmod(0o644), "others may read key"),
    (lambda d: (d / "key").write_bytes(b""), "key is too short"),
    (lambda d: (d / "key").write_bytes(b"xyz"), "key is too short"),
    (lambda d: (d / "outhost").unlink(), "outhost is missing"),
    (lambda d: (d / "owner").write_text("# nobody\n"), "no owner"),
    (lambda d: (d / "manager").write_text("# nothing\n"), "manager does nothing"),
    (lambda d: (d.parent / "programs/ezmlm-manage").unlink(), "manager names"),
    (lambda d: (d / "modpost").touch(), "there is none"),
    (lambda d: (d / "headerremove").unlink(), "posts are refused"),
    (lambda d: (d / "deny/subscribers").rmdir(), "the table deny is missing"),
    (lambda d: (d.parent / "dots/.qmail-sos-default").unlink(), ".qmail-sos-default is missing"),
    (lambda d: (d.parent / "etc/default/text/sub-confirm").unlink(), "there is no text"),
    (lambda d: d.chmod(0o777), "others may write"),
])
def test_what_is_wrong_is_told_with_how_to_mend_it(sos, spoil, what):
    programs_are_there(sos)
    spoil(sos)
    found = checked(sos)
    faults = [f for f in found["findings"] if f["weight"] == "fault"]
    assert found["state"] == "wrong" and len(faults) == 1, found
    assert what in faults[0]["what"] and faults[0]["mend"]
    done = call(sos.parent, "ezmlm-check", "--faults", sos)
    assert done.returncode == 1 and done.stdout.startswith(f"{sos}: ") and what in done.stdout


def test_a_link_that_would_be_none_is_told(sos):
    programs_are_there(sos)
    for base, wanted in (("https://example.org/o?1", False), ("http://example.org/o?1", True)):
        (sos / "oneclick").write_text(base + "\n")
        assert any("oneclick" in f["what"] for f in checked(sos)["findings"]) == wanted


def test_no_directory_and_no_loop(sos):
    assert call(sos.parent, "ezmlm-check", sos / "none").returncode == 100
    assert call(sos.parent, "ezmlm-check", sos, input="Delivered-To: ezmlm-check\n\n", SENDER="a@b").returncode == 100
    assert call(sos.parent, "ezmlm-check", sos, SENDER="").returncode == 100
    assert "gets none" in call(sos.parent, "ezmlm-check", sos, input="Auto-Submitted: auto-replied\n\n", SENDER="a@b").stderr


def test_who_writes_gets_the_report(host):
    host.user("joe")
    sos = the_list(host, "sos")
    host.sh(f"echo '|ezmlm-check -S {sos.dir}' > ~alias/.qmail-check; chown alias ~alias/.qmail-check")
    host.start()
    host.sh("printf 'Subject: x\\n\\n' | qmail-inject -f joe@mail.example.org check@mail.example.org")
    assert eventually(lambda: host.maildir("joe"))
    report = host.maildir("joe")[0]
    assert b"Delivered-To: ezmlm-check\n" in report and b"list: sos@mail.example.org" in report and b"Auto-Submitted:" in report
    for _ in range(5):
        host.sh("printf 'Subject: x\\n\\n' | qmail-inject -f joe@mail.example.org check@mail.example.org")
    assert eventually(lambda: "and_gets_no_more" in host.log("qmail-send")) and eventually(lambda: len(host.maildir("joe")) == 5)


# ---- glconf ----

def glconf(*words):
    return subprocess.run(["sh", str(TOP / "programs/lists/ezmlm-glconf"), *map(str, words)], capture_output=True, text=True)


def test_lists_are_told_with_their_first_line(sos):
    (sos / "text/info").write_text("# comment\n\n<#L#>: all about ships \nmore\n")
    top = sos.parent
    call(top, "ezmlm-make", top / "aid", top / "dots/.qmail-aid", "aid", "example.org")
    assert glconf(top / "dots").stdout == (
        f"aid@example.org:{top}/aid:\naid-digest@example.org:{top}/aid:Digests of aid@example.org\n"
        f"sos@example.org:{sos}:sos; all about ships\nsos-digest@example.org:{sos}:Digests of sos@example.org\n")
    assert glconf().returncode == 100 and "usage" in glconf().stderr


def test_what_a_list_is_called_is_no_command(sos):
    made = sos.parent / "made"
    (sos / "text/info").write_text("of <#l#> at <#h#>\n")
    (sos / "outhost").write_text("h\\&\n")
    (sos / "outlocal").write_text(f"x/;1e touch {made};\n")
    assert f":of x/;1e touch {made}; at h\\&\n" in glconf(sos.parent / "dots").stdout
    assert not made.exists()


@pytest.mark.parametrize("program", ["sed", "sort", "readlink", "ezmlm-list"])
def test_a_table_that_lacks_a_list_is_not_said_to_be_whole(host, program):
    """Whichever program fails; what it needs is there."""
    sos = the_list(host, "sos")
    wanted = f"sos@mail.example.org:{sos.dir}: (0 subscribers)\n"
    assert wanted in host.sh("ezmlm-glconf -n ~alias").stdout
    path = host.sh(f"command -v {program}").stdout.strip()
    host.sh(f"rm {path}; printf '#!/bin/sh\nexit 1\n' > {path}; chmod 755 {path}")
    done = host.sh("ezmlm-glconf -n ~alias", check=False)
    assert done.returncode == 111 or wanted in done.stdout, done


def test_qmailctl_check_tells_of_lists(host):
    host.start()
    host.sh("vadddomain vd.example secret")
    sos = the_list(host, "sos")
    news = the_list(host, "news", place="/home/vpopmail/domains/vd.example", owner="vpopmail", domain="vd.example")
    host.sh(f"chmod 644 {sos.dir}/key; echo '# nobody' > {news.dir}/owner; rm {sos.dir}/headerremove")
    done = host.sh("qmailctl check", check=False, env={"SENDER": "joe@mail.example.org"})
    assert done.returncode == 111
    for complaint in (f"{sos.dir}: others may read key", f"{sos.dir}: headerremove", f"{news.dir}: the list has no owner"):
        assert complaint in done.stderr, done.stderr


@pytest.mark.skipif(os.getuid(), reason="only root can read what its owner cannot")
def test_root_reads_of_others_lists_what_their_owner_may():
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        os.chmod(top, 0o755)
        secret, dots = pathlib.Path(top, "secret"), pathlib.Path(top, "dots")
        secret.write_text("a secret of root\n")
        secret.chmod(0o600)
        (dots / "sos/text").mkdir(parents=True)
        for name, text in {"outlocal": "sos\n", "outhost": "x.example\n", "bouncer": ""}.items():
            (dots / "sos" / name).write_text(text)
        (dots / "sos/text/info").symlink_to(secret)
        (dots / ".qmail-sos-return-default").symlink_to(dots / "sos/bouncer")
        assert "a secret of root" in glconf(dots).stdout
        os.chown(dots, 65534, 65534)
        said = glconf(dots).stdout
        assert said.startswith("sos@x.example:") and "a secret of root" not in said
