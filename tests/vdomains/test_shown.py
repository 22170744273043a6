"""What is known of users and domains is shown, to people and to programs."""

import json

import pytest

from tests.vdomains.conftest import VIRTUAL, crypt, records
from tests.vdomains.test_domains import run
from tests.vdomains.test_users import PLACE, domain, old_code

assert domain
WHEN = 1700000000


def login(host, name, ip):
    host.write(f"{PLACE}/{name}/lastauth", f"{ip}\n", owner="vpopmail")
    host.sh(f"touch -d @{WHEN} {PLACE}/{name}/lastauth")


# ---- vuserinfo ----

def test_all_of_a_user_is_shown_in_order(domain):
    domain.write(f"{PLACE}/joe/Maildir/cur/1.a.b:2,S", 345 * "x", owner="vpopmail")
    run(domain, "vmoduser", "-c", "Joe Doe", "-q", "1000", "-p", "-r", "joe@example.net")
    domain.write(f"{PLACE}/.qmailadmin-limits", "disable_imap\n", owner="vpopmail")
    login(domain, "joe", "192.0.2.7")
    assert run(domain, "vuserinfo", "joe@alias.example", env={"TZ": "UTC"}) == f"""name:   joe
passwd: $1$x$y
clear passwd: 
comment/gecos: Joe Doe
uid:    1
gid:    34
flags:  42
gecos: Joe Doe
limits:
  pop access closed
  imap access closed (*)
  user not allowed to relay mail
  (*) domain limit in effect
dir:       {PLACE}/joe
quota:     1000S
usage:     34%
last auth: Tue Nov 14 22:13:20 2023
last auth ip: 192.0.2.7
"""


def test_who_never_logged_in_is_shown(domain):
    said = run(domain, "vuserinfo", "jane@example.net")
    assert "limits: No user limits set.\n" in said and "quota:     NOQUOTA\nusage:     NOQUOTA\naccount created: " in said
    assert said.endswith("\nlast auth: Never logged in\n")
    assert domain.read(f"{PLACE}/jane/lastauth") == b"0.0.0.0\n"
    assert domain.sh(f"stat -c '%U %a' {PLACE}/jane/lastauth {PLACE}/postmaster/lastauth").stdout == "vpopmail 600\n" * 2
    domain.sh(f"rm {PLACE}/jane/lastauth")
    assert run(domain, "vuserinfo", "jane@example.net").endswith("usage:     NOQUOTA\nlast auth: Never logged in\n")
    login(domain, "jane", "0.0.0.0")
    assert run(domain, "vuserinfo", "jane@example.net", env={"TZ": "UTC"}).endswith(
        "account created: Tue Nov 14 22:13:20 2023\nlast auth: Never logged in\n")
    assert run(domain, "vuserinfo", "max@example.net", code=1) == "no such user max@example.net\n"
    assert old_code(domain, "vuserinfo", "max@example.net") == 255


@pytest.mark.parametrize("options, said", [
    (["-n"], "joe"), (["-p"], "$1$x$y"), (["-C"], "clear"), (["-u"], "1"), (["-g"], "2"), (["-c"], "Joe"), (["-d"], f"{PLACE}/joe"),
    (["-q"], "1000S"), (["-Q"], "0%"), (["-l"], "Never logged in"), (["-lQ", "-dn"], f"joe\n{PLACE}/joe\n0%\nNever logged in")])
def test_single_words_come_bare(domain, options, said):
    run(domain, "vmoduser", "-c", "Joe", "-C", "clear", "-q", "1000", "-p", "joe@example.net")
    assert run(domain, "vuserinfo", *options, "joe@example.net") == said + "\n"


def test_all_users_are_shown(domain):
    said = run(domain, "vuserinfo", "-D", "Alias.Example")
    assert [line for line in said.splitlines() if line.startswith("name:")] == ["name:   jane", "name:   joe", "name:   postmaster"]
    assert said.count("\n" + 42 * "-" + "\n") == 3 and said.endswith("-\n")
    assert run(domain, "vuserinfo", "-n", "-D", "example.net").splitlines()[::2] == ["jane", "joe", "postmaster"]
    assert run(domain, "vuserinfo", "-D", "else.where", code=1) == "Error: Domain does not exist\n"
    run(domain, "vuserinfo", code=100)
    run(domain, "vuserinfo", "-D", "example.net", "joe@example.net", code=100)


def test_users_are_shown_to_programs(domain):
    run(domain, "vmoduser", "-c", 'a "b" \xfc', "-q", "1000", "-p", "joe@example.net")
    domain.write(f"{PLACE}/.qmailadmin-limits", "disable_imap\n", owner="vpopmail")
    login(domain, "joe", "192.0.2.7")
    shown = [json.loads(line) for line in run(domain, "vuserinfo", "--json", "-D", "example.net").splitlines()]
    assert [one["name"] for one in shown] == ["jane", "joe", "postmaster"]
    assert shown[1] == {"name": "joe", "domain": "example.net", "passwd": "$1$x$y", "comment": 'a "b" \xfc', "uid": 1, "gid": 2, "limits": ["NO_POP"],
                        "domain_limits": ["NO_IMAP"], "dir": f"{PLACE}/joe", "quota": "1000S", "usage_bytes": 0, "usage_messages": 0,
                        "usage_percent": 0, "last_auth": WHEN, "last_auth_ip": "192.0.2.7"}


def test_a_home_that_is_gone_or_a_link_shows_nothing(domain):
    domain.write("/root/lastauth", "secret\n", mode=0o600)
    run(domain, "vmoduser", "-q", "1000", "joe@example.net")
    domain.sh(f"rm -r {PLACE}/joe/* && ln -s /root/lastauth {PLACE}/joe/lastauth && ln -s /root {PLACE}/joe/Maildir")
    said = run(domain, "vuserinfo", "joe@example.net")
    assert "usage:     unknown\n" in said and "secret" not in said


# ---- vdominfo ----

def block(name, users):
    return f"domain: {name}\nuid:    89\ngid:    89\ndir:    {PLACE}\nusers:  {users}\n"


def test_a_domain_is_shown_with_its_aliases(domain):
    run(domain, "vaddaliasdomain", "example.net", "b.example")
    whole = block("example.net", 3) + "alias: alias.example\nalias: b.example\n"
    assert run(domain, "vdominfo", "Example.NET") == run(domain, "vdominfo", "alias.example") == whole
    domain.sh(f"printf '9\\n' > {PLACE}/.dir-control")
    assert run(domain, "vdominfo", "-t", "example.net") == "3\n"
    assert run(domain, "vdominfo", "-rdn", "example.net") == f"example.net\n{PLACE}\nexample.net\n"
    assert run(domain, "vdominfo", "else.where", code=1) == "Invalid domain name\n"
    assert old_code(domain, "vdominfo", "else.where") == 245


def test_all_domains_are_shown(domain):
    said = run(domain, "vdominfo")
    assert said == block("example.net", 3) + "\n" + block("alias.example (alias of example.net)", 3) + "\n"
    assert run(domain, "vdominfo", "-r") == "example.net\n\nexample.net\n\n"
    shown = [json.loads(line) for line in run(domain, "vdominfo", "--json").splitlines()]
    both = {"uid": 89, "gid": 89, "dir": PLACE, "users": 3}
    assert shown == [{"domain": "example.net", **both}, {"domain": "alias.example", "alias_of": "example.net", **both}]
    assert json.loads(run(domain, "vdominfo", "--json", "alias.example")) == {"domain": "example.net", **both, "aliases": ["alias.example"]}


def test_others_see_their_own_domains(domain):
    domain.user("max")
    run(domain, "vadddomain", "-u", "max", "max.example", "x")
    assert run(domain, "vdominfo", "-n", user="max") == "max.example\n\n"
    assert run(domain, "vdominfo", "example.net", user="max", code=100) == "Error: running as invalid uid\n"
    run(domain, "vuserinfo", "joe@example.net", user="max", code=100)


def test_a_domain_that_cannot_be_counted_is_told(domain):
    domain.sh(f"mv {PLACE} /srv/gone")
    done = domain.run(["vdominfo", "example.net"], check=False)
    assert done.returncode == 111 and b"users:  unknown\n" in done.stdout and b"count the users of example.net" in done.stderr


# ---- vverifypw, vchangepw ----

def test_a_password_is_verified(domain):
    run(domain, "vpasswd", "joe@example.net", "right")
    assert run(domain, "vverifypw", "joe@example.net", "right") == "User authenticated.\n"
    assert run(domain, "vverifypw", "joe@example.net", input=b"right\n") == "User authenticated.\n"
    assert run(domain, "vverifypw", input=b"joe%alias.example\nright\n") == "User authenticated.\n"
    for wrong in (["joe@example.net", "wrong"], ["max@example.net", "right"], ["joe@example.net", ""]):
        assert run(domain, "vverifypw", *wrong, code=1) == "Error: authentication failed!\n"
    assert old_code(domain, "vverifypw", "joe@example.net", "wrong") == 255
    assert run(domain, "vverifypw", "-e", "jane@example.net", "$1$x$y") == "User authenticated.\n"
    run(domain, "vverifypw", "-e", "joe@example.net", "right", code=1)
    assert domain.run(["vverifypw", "jane@example.net", "x"], check=False).returncode in (1, 111)


def test_a_user_changes_his_password(domain):
    run(domain, "vpasswd", "joe@example.net", "old")
    assert run(domain, "vchangepw", user="vpopmail", input=b"joe@example.net\nold\nnew\n") == "Password successfully changed.\n"
    hash_ = records(domain, f"{VIRTUAL}/example.net")["joe"][0]
    assert crypt("new", hash_) == hash_
    assert run(domain, "vchangepw", input=b"joe@example.net\nold\nnewer\n", code=3) == "Error: authentication failed!\n"
    assert run(domain, "vchangepw", input=b"max@example.net\nold\nnewer\n", code=3) == "Error: authentication failed!\n"
    run(domain, "vmoduser", "-d", "joe@example.net")
    assert run(domain, "vchangepw", input=b"joe@example.net\nnew\nnewer\n", code=1) == "Error: password can not be changed by user\n"
    run(domain, "vchangepw", input=b"", code=100)
    assert records(domain, f"{VIRTUAL}/example.net")["joe"][0] == hash_
