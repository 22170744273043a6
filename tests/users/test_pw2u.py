"""qmail-pw2u: a passwd file becomes lines for users/assign."""

import pytest

PASSWD = """\
root:x:0:0:root:/root:/bin/sh
alias:x:{alias}:7:mail:/var/qmail/alias:/usr/sbin/nologin
joe:x:{joe}:1000:Joe,,,:/home/joe:/bin/sh
Ann:x:{joe}:1000::/home/joe:/bin/sh
away:x:1003:1003::/home/away:/bin/sh
stranger:x:1004:1004::/home/joe:/bin/sh
short:x:1005:1005
none:x:nil:1:: /:
"""
ALIAS = "+:alias:{alias}:7:/var/qmail/alias:-::\n=alias:alias:{alias}:7:/var/qmail/alias:::\n" \
        "+alias-:alias:{alias}:7:/var/qmail/alias:-::\n"
JOE = "=joe:joe:{joe}:1000:/home/joe:::\n+joe-:joe:{joe}:1000:/home/joe:-::\n"


class People:
    def __init__(self, host):
        self.host = host
        host.user("joe")
        host.sh("mkdir -p /var/qmail/users; chown alias /var/qmail/alias")
        self.ids = {name: host.sh(f"id -u {name}").stdout.strip() for name in ("joe", "alias")}

    def fill(self, text):
        return text.format(**self.ids)

    def pw2u(self, *options, passwd=PASSWD, check=True):
        return self.host.run(["qmail-pw2u", *options], input=self.fill(passwd).encode(), check=check)

    def lines(self, *options, **more):
        return self.pw2u(*options, **more).stdout.decode()

    def users(self, name, text):
        self.host.write(f"/var/qmail/users/{name}", text)


@pytest.fixture
def people(host):
    return People(host)


def test_accounts_that_own_their_homes(people):
    assert people.lines() == people.fill(ALIAS + JOE + ".\n")
    assert people.lines("-o") == people.lines("-U") == people.lines()


def test_newu_takes_what_pw2u_makes(people):
    people.users("assign", people.lines())
    people.host.run(["qmail-newu"])
    assert people.host.run(["cdb", "-q", "/var/qmail/users/cdb", "!joe-"]).stdout.startswith(b"joe\0")


def test_homes(people):
    unseen = people.lines("-H")
    assert "=away:" in unseen and "=stranger:" in unseen and "root" not in unseen and "short" not in unseen
    assert "none" not in unseen
    done = people.pw2u("-h", check=False)
    assert (done.returncode, done.stderr) == (
        111, b"qmail-pw2u: fatal: unable to stat /home/away: No such file or directory\n")
    without = PASSWD.replace("away", "joe")
    assert "stranger" not in people.lines("-h", passwd=without)


def test_upper_case_names(people):
    assert people.fill("=Ann:Ann:{joe}:") in people.lines("-u")
    assert "Ann" not in people.lines("-uU")


def test_extensions(people):
    assert people.lines("-C") == people.fill(
        ALIAS.split("+alias-")[0] + JOE.split("+joe-")[0] + ".\n")
    assert people.fill("+joe=:joe:{joe}:1000:/home/joe:-::\n") in people.lines("-c=")
    assert people.lines("-c", "=") == people.lines("-c=") == people.lines("-C", "-c=") == people.lines("-c-", "-C", "-c=")
    assert people.lines("-c-", "-C") == people.lines("-C")
    slash = people.lines("-/")
    assert people.fill("+joe-:joe:{joe}:1000:/home/joe:-/::\n") in slash
    assert people.fill("+:alias:{alias}:7:/var/qmail/alias:-/::\n") in slash
    assert people.fill("=joe:joe:{joe}:1000:/home/joe:::\n") in slash
    assert people.lines("-/uc+") == people.lines("-/", "-u", "-c", "+")


def test_break_characters(people):
    people.host.control("breakchars", "-+\n")
    lines = people.lines()
    assert people.fill("=joe:joe:{joe}:1000:/home/joe:::\n+joe-:joe:{joe}:1000:/home/joe:-::\n"
                       "+joe+:joe:{joe}:1000:/home/joe:-::\n") in lines
    assert "+joe+" not in people.lines("-c-") and "+joe-" not in people.lines("-C")
    people.users("subusers", "sales:joe:shop:\n")
    assert people.fill("+sales-:joe:{joe}:1000:/home/joe:-:shop-:\n+sales+:joe:{joe}:1000:/home/joe:-:shop-:\n") in people.lines()
    people.host.control("breakchars", "\n")
    assert people.lines().count("+") == 1, "the empty prefix of alias"


def test_a_line_without_use_is_left_out_and_told(people):
    """One of them in the table, and qmail-newu would take none of it."""
    passwd = PASSWD + (":x:{joe}:1000::/home/joe:/bin/sh\n" " ann:x:{joe}:1000::/home/joe:/bin/sh\n"
                       "b:x:{joe}:1000::home/joe:/bin/sh\n" "+::::::\n" "\0:x:1:1:::\n" "\n" "last:x:{joe}:1000::/home/joe:/bin/sh")
    done = people.pw2u("-H", passwd=passwd)
    assert done.stderr.decode().splitlines() == [f"qmail-pw2u: warning: input line {n} is left out: {why}" for n, why in [
        (7, "it has fewer than seven fields"), (8, "its uid or gid is no number"), (9, "it has no name"),
        (10, "a blank stands beside the address"), (11, "the home is no absolute path"), (13, "it holds a NUL")]]
    people.users("assign", done.stdout)
    assert people.host.run(["qmail-newu"]).stderr == b""
    assert b"=last:" in done.stdout
    assert people.pw2u("-h", passwd=PASSWD.replace("away", "joe")).returncode == 0


def test_a_home_that_is_away_is_told(people):
    said = people.pw2u().stderr.decode().splitlines()
    assert said[:1] == ["qmail-pw2u: warning: input line 5 is left out: its home is not there; is it mounted?"]
    people.host.sh("mkdir /home/away")
    assert people.pw2u().stderr.decode().splitlines()[:1] == said[:1]
    quiet = PASSWD.replace("/home/away", "/nonexistent").replace("short:x:1005:1005\nnone:x:nil:1:: /:\n", "")
    assert people.pw2u(passwd=quiet).stderr == b""


def test_include_and_exclude(people):
    people.users("include", "# comment\nalias\njoe  \n")
    assert people.lines("-uH") == people.fill(ALIAS + JOE + ".\n")
    people.users("exclude", "joe\n")
    assert people.lines("-uH") == people.fill(ALIAS + ".\n")
    people.users("include", "joe\n")
    done = people.pw2u(check=False)
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (111, [b"qmail-pw2u: fatal: unable to find alias user"])


def test_mailnames_replace_the_name(people):
    people.users("mailnames", "joe:joe.smith: x::j:\nstranger:nobody\n")
    assert b"warning: a name of joe in users/mailnames is left out: a blank stands beside the address\n" in people.pw2u().stderr
    assert people.lines() == people.fill(
        ALIAS + "=joe.smith:joe:{joe}:1000:/home/joe:::\n+joe.smith-:joe:{joe}:1000:/home/joe:-::\n"
        "=j:joe:{joe}:1000:/home/joe:::\n+j-:joe:{joe}:1000:/home/joe:-::\n.\n")


def test_subusers(people):
    people.users("subusers", "sales:joe:shop:\nignored:joe:no-last-colon\n#x:joe:y:\nempty:joe::\n")
    assert people.lines() == people.fill(
        ALIAS + JOE + "=sales:joe:{joe}:1000:/home/joe:-:shop:\n+sales-:joe:{joe}:1000:/home/joe:-:shop-:\n"
        "=#x:joe:{joe}:1000:/home/joe:-:y:\n+#x-:joe:{joe}:1000:/home/joe:-:y-:\n=empty:joe:{joe}:1000:/home/joe:-::\n+empty-:joe:{joe}:1000:/home/joe:-:-:\n.\n")
    done = people.pw2u()
    assert done.stderr.endswith(b"qmail-pw2u: warning: users/subusers line 2 is left out: it has fewer than three colons\n")
    assert "+sales" not in people.lines("-C")
    people.users("subusers", "# sales\n\n:joe:x:\n")
    done = people.pw2u()
    assert done.stdout.decode() == people.fill(ALIAS + JOE + ".\n")
    assert done.stderr.endswith(b"users/subusers line 3 is left out: it has no name\n") and done.stderr.count(b"subusers") == 1
    people.users("subusers", "sales:gone:shop:\n")
    done = people.pw2u(check=False)
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (111, [b"qmail-pw2u: fatal: unable to find gone user for subuser"])


def test_append_comes_before_the_dot(people):
    people.users("append", "+x-:joe:1:1:/:-::\n")
    assert people.lines().endswith(":-::\n+x-:joe:1:1:/:-::\n.\n")
    people.users("append", "+x-:joe:1:1:/:-::")
    assert people.lines().endswith("\n+x-:joe:1:1:/:-::\n.\n")


def test_wrong_usage(people):
    for options in ["-x"], ["-c"], ["-c", "ab"], ["-c", ":"], ["-c", ""]:
        assert people.pw2u(*options, check=False).returncode == 100


def test_trouble(people):
    done = people.host.sh("qmail-pw2u < /etc/passwd > /dev/full", check=False)
    assert (done.returncode, done.stderr) == (
        111, "qmail-pw2u: fatal: unable to write output: No space left on device\n")
    people.host.sh("mkdir /var/qmail/users/include")
    done = people.pw2u(check=False)
    assert (done.returncode, done.stderr) == (
        111, b"qmail-pw2u: fatal: unable to read controls: users/include: Is a directory\n")
