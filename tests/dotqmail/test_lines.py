"""bouncesaying, condredirect, except, forward and preline: by hand, in a line of a .qmail file, and through a shell there."""

import re
import subprocess

import pytest

from tests.local.machine import CATCH, MESSAGE, dotqmail, local, queued

BIN = "/var/qmail/bin"
DTLINE = "Delivered-To: joe@mail.example.org\n"
LINES = {"UFLINE": "From sender@example.net Mon Jan 01 00:00:00 2024\n", "RPLINE": "Return-Path: <sender@example.net>\n",
         "DTLINE": DTLINE}
VARIABLES = {**CATCH, **LINES, "SENDER": "sender@example.net", "NEWSENDER": "joe-owner@mail.example.org"}


@pytest.fixture
def joe(host):
    host.user("joe")
    host.write("/usr/local/bin/says", "#!/bin/sh\ncat >/dev/null; echo seen; exit $1\n", mode=0o755)
    host.write("/usr/local/bin/crashes", "#!/bin/sh\nkill -9 $$\n", mode=0o755)
    return host


def by_hand(host, *words, env=VARIABLES, message=MESSAGE):
    host.write("/tmp/message", message)
    with open(host.path("/tmp/message"), "rb") as stdin:
        running = host.popen([f"{BIN}/{words[0]}", *words[1:]], user="joe", env=env, stdin=stdin, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        out, err = running.communicate(timeout=60)
    return running.returncode, (out + err).decode()


SAID = [
    # words, exit code, what is said
    (["bouncesaying", "no such luck"],                    100, "no such luck\n"),
    (["bouncesaying", "no", "says", "0"],                 100, "seen\nno\n"),
    (["bouncesaying", "no", "says", "1"],                   0, "seen\n"),
    (["bouncesaying", "no", "says", "100"],                 0, "seen\n"),
    (["bouncesaying", "no", "says", "111"],               111, "seen\nbouncesaying: fatal: temporary child error\n"),
    (["bouncesaying", "no", "crashes"],                   111, "bouncesaying: fatal: child crashed\n"),
    (["bouncesaying", "no", "is-not-there"],                0, ""),
    (["bouncesaying"],                                    100, "bouncesaying: usage: bouncesaying error [ program [ arg ... ] ]\n"),
    (["except", "says", "0"],                             100, "seen\n"),
    (["except", "says", "1"],                               0, "seen\n"),
    (["except", "says", "111"],                           111, "seen\nexcept: fatal: temporary child error\n"),
    (["except", "crashes"],                               111, "except: fatal: child crashed\n"),
    (["except", "is-not-there"],                            0, ""),
    (["except"],                                          100, "except: usage: except program [ arg ... ]\n"),
    (["condredirect", "a@b", "says", "1"],                  0, "seen\n"),
    (["condredirect", "a@b", "says", "111"],              111, "seen\ncondredirect: fatal: temporary child error\n"),
    (["condredirect", "a@b", "crashes"],                  111, "condredirect: fatal: child crashed\n"),
    (["condredirect", "a@b", "is-not-there"],               0, ""),
    (["condredirect", "a@b"],                             100, "condredirect: usage: condredirect newaddress program [ arg ... ]\n"),
    (["forward"],                                         100, "forward: usage: forward address ...\n"),
    (["preline", "says", "3"],                              3, "seen\n"),
    (["preline", "crashes"],                              111, "preline: fatal: child crashed\n"),
    (["preline", "true"],                                   0, ""),
    (["preline", "-x", "true"],                           100, "preline: usage: preline [ -frdFRD ] cmd [ arg ... ]\n"),
    (["preline"],                                         100, "preline: usage: preline [ -frdFRD ] cmd [ arg ... ]\n"),
    (["preline", "is-not-there"],                         111, "preline: fatal: unable to run is-not-there: No such file or directory\n"),
]


@pytest.mark.parametrize("words, code, said", SAID, ids=lambda x: " ".join(x) if isinstance(x, list) else None)
def test_what_each_says(joe, words, code, said):
    assert by_hand(joe, *words) == (code, said)
    assert queued(joe) == (None, None)


def quoted(words):
    return " ".join(word if re.fullmatch(r"[\w@.-]+", word) else f"'{word}'" for word in words)


def in_qmail(host, line, **more):
    dotqmail(host, line + "\n")
    said = local(host, **more)
    text = re.sub(rb"qp \d+", b"qp N", said.out + said.err)
    return said.code, text, queued(host)


def test_in_a_qmail_file_it_is_the_same_as_through_a_shell(joe):
    """Exit code, what is said, in what order, and what is queued. The shell itself speaks only where it starts a program that is not ours."""
    lines = [quoted(words) for words, _, _ in SAID] + [
        "forward a@b 'c d@e'", "condredirect a@b says 0", "preline -r cat", "preline env", "except except says 0",
        "bouncesaying \"No $more\" says 0"]
    for line in lines:
        direct = in_qmail(joe, f"|{line}")
        through = in_qmail(joe, f"|:; {line}")
        dates = re.compile(rb"From sender@example.net .*")
        assert direct[0] == through[0] and direct[2] == through[2], line
        if "env" not in line:
            assert dates.sub(b"", direct[1]) == dates.sub(b"", through[1]), line


def test_programs_find_the_same_environment_and_nothing_open(joe):
    joe.write("/usr/local/bin/look", "#!/bin/sh\nenv | grep -v '^_=\\|^UFLINE\\|^OLDPWD\\|^From\\|^SHLVL' | sort; pwd; umask; ls /proc/self/fd\n", mode=0o755)
    looks = [in_qmail(joe, f"|{before}preline look")[1] for before in ("", ":; ")]
    assert looks[0] == looks[1] and b"SENDER=sender@example.net" in looks[0]


def test_forward(joe):
    code, said = by_hand(joe, "forward", "a@example.net", "b")
    assert code == 0 and re.fullmatch(r"forward: qp \d+\n", said)
    assert queued(joe) == (DTLINE.encode() + MESSAGE, b"Fjoe-owner@mail.example.org\0Ta@example.net\0Tb\0\0")
    joe.sh(f"printf changed | {BIN}/forward c", user="joe", env=VARIABLES)
    assert queued(joe) == (DTLINE.encode() + b"changed", b"Fjoe-owner@mail.example.org\0Tc\0\0")


def test_condredirect_keeps_the_sender_and_skips_the_rest(joe):
    code, said = by_hand(joe, "condredirect", "a@example.net", "says", "0")
    assert code == 99 and re.fullmatch(r"seen\ncondredirect: qp \d+\n", said)
    assert queued(joe) == (DTLINE.encode() + MESSAGE, b"Fsender@example.net\0Ta@example.net\0\0")
    dotqmail(joe, "|condredirect a@example.net says 0\n./Maildir/\n")
    assert local(joe).code == 0 and joe.maildir("joe") == []


@pytest.mark.parametrize("options, variables", [([], "URD"), (["-f"], "RD"), (["-rd"], "U"), (["-frdR"], "R"), (["-frd"], "")])
def test_preline(joe, options, variables):
    head = "".join(LINES[name + suffix] for name, suffix in (("U", "FLINE"), ("R", "PLINE"), ("D", "TLINE")) if name in variables)
    assert by_hand(joe, "preline", *options, "cat") == (0, head + MESSAGE.decode())


def test_preline_lets_a_program_stop_reading(joe):
    """And says nothing: procmail may know at the first line."""
    assert by_hand(joe, "preline", "head", "-n", "1", message=b"x" * 1000000) == (0, LINES["UFLINE"])


@pytest.mark.parametrize("words, variables", [
    (["forward", "a"], ["NEWSENDER", "DTLINE"]), (["condredirect", "a", "true"], ["SENDER", "DTLINE"])])
def test_a_missing_variable(joe, words, variables):
    for name in variables:
        env = {key: value for key, value in VARIABLES.items() if key != name}
        assert by_hand(joe, *words, env=env) == (100, f"{words[0]}: fatal: {name} not set\n")
    for name in LINES:
        assert by_hand(joe, "preline", "cat", env={k: v for k, v in LINES.items() if k != name})[0] == 100


@pytest.mark.parametrize("exit_code, code, said", [(31, 100, "mail server permanently rejected message (#5.3.0)"),
                                                   (53, 111, "qq write error or disk full (#4.3.0)")])
def test_the_queue_refuses(joe, exit_code, code, said):
    joe.write("/usr/local/bin/refuse", f"#!/bin/sh\nexit {exit_code}\n", mode=0o755)
    env = {**VARIABLES, "QMAILQUEUE": "/usr/local/bin/refuse"}
    assert by_hand(joe, "forward", "a", env=env) == (code, f"forward: fatal: {said}\n")
    assert by_hand(joe, "condredirect", "a", "true", env=env) == (code, f"condredirect: fatal: {said}\n")
    assert in_qmail(joe, "|forward a", env={"QMAILQUEUE": "/usr/local/bin/refuse"})[:2] == (code, f"forward: fatal: {said}\n".encode())


def execs(host, line):
    """Programs that one delivery starts, behind qmail-local itself."""
    dotqmail(host, line + "\n")
    host.write("/tmp/message", MESSAGE)
    host.sh("cd /tmp && strace -f -qq -o /run/execs -e trace=execve -u joe /var/qmail/bin/qmail-local -- joe /home/joe joe '' '' "
            "mail.example.org sender@example.net ./Maildir/ < message", check=False, env=CATCH)
    queued(host)
    return re.findall(r'execve\("([^"]*)".* = 0$', host.read("/run/execs").decode(), re.M)[1:]


@pytest.mark.parametrize("line, started", [
    ("|forward a", []),
    ("|bouncesaying 'no mail'", []),
    (f"|{BIN}/bouncesaying no /bin/true", ["/bin/true"]),
    ("|except /bin/true", ["/bin/true"]),
    ("|condredirect a except /bin/false", [f"{BIN}/except", "/bin/false"]),
    ("|preline /bin/cat", ["/bin/cat"]),
    ("|forward $SENDER", ["/bin/sh", f"{BIN}/forward"]),
])
def test_how_many_programs_a_delivery_starts(joe, line, started):
    """Neither a shell nor the program itself; the queue's is the same either way."""
    assert [path for path in execs(joe, line) if path != CATCH["QMAILQUEUE"]] == started


def test_the_program_of_the_site_comes_first(joe):
    mine = "#!/bin/sh\necho mine \"$@\"\nexit 99\n"
    joe.write("/usr/local/sbin/forward", mine, mode=0o755)
    path = {**CATCH, "PATH": f"/no/such:/usr/local/sbin:{BIN}:/bin"}
    assert in_qmail(joe, "|forward 'a b'", env=path)[1] == b"mine a b\ndid 0+0+1\n"
    joe.sh("chmod 644 /usr/local/sbin/forward")
    assert b"forward: qp N" in in_qmail(joe, "|forward a", env=path)[1]
    joe.write(f"{BIN}/forward", mine, mode=0o755)
    assert in_qmail(joe, f"|{BIN}/forward a")[1] == b"mine a\ndid 0+0+1\n"
    assert in_qmail(joe, "|forward a")[1] == b"mine a\ndid 0+0+1\n"
