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
    assert people.lines("-c", "=") == people.lines("-c=")
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


def test_include_and_exclude(people):
    people.users("include", "# comment\nalias\njoe  \n")
    assert people.lines("-uH") == people.fill(ALIAS + JOE + ".\n")
    people.users("exclude", "joe\n")
    assert people.lines("-uH") == people.fill(ALIAS + ".\n")
    people.users("include", "joe\n")
    done = people.pw2u(check=False)
    assert (done.returncode, done.stderr) == (111, b"qmail-pw2u: fatal: unable to find alias user\n")


def test_mailnames_replace_the_name(people):
    people.users("mailnames", "joe:joe.smith:j:\nstranger:nobody\n")
    assert people.lines() == people.fill(
        ALIAS + "=joe.smith:joe:{joe}:1000:/home/joe:::\n+joe.smith-:joe:{joe}:1000:/home/joe:-::\n"
        "=j:joe:{joe}:1000:/home/joe:::\n+j-:joe:{joe}:1000:/home/joe:-::\n.\n")


def test_subusers(people):
    people.users("subusers", "sales:joe:shop:\nignored:joe:no-last-colon\n#x:joe:y:\nempty:joe::\n")
    assert people.lines() == people.fill(
        ALIAS + JOE + "=sales:joe:{joe}:1000:/home/joe:-:shop:\n+sales-:joe:{joe}:1000:/home/joe:-:shop-:\n"
        "=empty:joe:{joe}:1000:/home/joe:-::\n+empty-:joe:{joe}:1000:/home/joe:-:-:\n.\n")
    assert "+sales" not in people.lines("-C")
    people.users("subusers", "sales:gone:shop:\n")
    done = people.pw2u(check=False)
    assert (done.returncode, done.stderr) == (111, b"qmail-pw2u: fatal: unable to find gone user for subuser\n")


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
