"""Aliases of a virtual domain, its limits, and the domains of addresses of the host."""

import json

import pytest

from tests.vdomains.conftest import records
from tests.vdomains.test_domains import run
from tests.vdomains.test_users import PLACE, domain, old_code

assert domain


# ---- valias ----

def test_an_alias_is_made_shown_and_removed(domain):
    assert run(domain, "valias", "-i", "&joe@example.net", "Sales.EU@alias.example") == ""
    run(domain, "valias", "-i", "./joe/Maildir/", "sales.eu%example.net")
    assert domain.read(f"{PLACE}/.qmail-sales:eu") == b"&joe@example.net\n./joe/Maildir/\n"
    assert domain.sh(f"stat -c '%a %U:%G' {PLACE}/.qmail-sales:eu").stdout == "600 vpopmail:vchkpw\n"
    shown = "sales.eu@example.net -> &joe@example.net\nsales.eu@example.net -> ./joe/Maildir/\n"
    assert run(domain, "valias", "sales.eu@example.net") == run(domain, "valias", "-s", "example.net") == shown
    assert run(domain, "valias", "-d", "sales.eu/example.net") == ""
    assert run(domain, "valias", "-d", "sales.eu@example.net", code=1) == "no alias sales.eu@example.net\n"
    assert run(domain, "valias", "sales.eu@example.net", code=1) == "no alias sales.eu@example.net\n"
    assert run(domain, "valias", "example.net", code=1) == "no aliases\n" and old_code(domain, "valias", "example.net") == 255


def test_the_same_line_comes_once(domain):
    run(domain, "valias", "-i", "&joe", "sales@example.net")
    assert run(domain, "valias", "-i", "&joe", "sales@example.net", code=1) == "Error: alias sales@example.net -> &joe already exists.\n"
    assert domain.read(f"{PLACE}/.qmail-sales") == b"&joe\n"


def test_names_are_sorted_and_default_is_not_among_them(domain):
    domain.write(f"{PLACE}/.qmail-Zoe", "&a@b.example", owner="vpopmail")
    domain.write(f"{PLACE}/.qmail-ann", "# nothing\n\n&a@b.example\n", owner="vpopmail")
    domain.write(f"{PLACE}/.qmail-max.new", "half", owner="vpopmail")
    assert run(domain, "valias", "-n", "example.net") == "ann\nZoe\n"
    assert run(domain, "valias", "example.net").splitlines() == ["ann@example.net -> # nothing", "ann@example.net -> &a@b.example", "Zoe@example.net -> &a@b.example"]
    assert "vdelivermail" in run(domain, "valias", "-s", "default@example.net")
    assert run(domain, "valias", "-d", "default@example.net", code=1) == "Error: can't delete catchall account\n"
    assert json.loads(run(domain, "valias", "--json", "ann@example.net")) == \
        {"alias": "ann", "domain": "example.net", "lines": ["# nothing", "", "&a@b.example"]}


@pytest.mark.parametrize("line", ["", "a\nb", "& joe@example.net", '"/joe/Maildir/"', 161 * "x"])
def test_what_is_no_line_is_refused(domain, line):
    run(domain, "valias", "-i", line, "sales@example.net", code=100)
    assert run(domain, "valias", "-n", "example.net", code=1) == "no aliases\n"


@pytest.mark.parametrize("words", [["-i", "&a"], ["-d"], ["-n", "-d"], ["-s", "-i", "&a"]])
def test_a_domain_is_no_alias(domain, words):
    run(domain, "valias", *words, "example.net", code=100)


def test_a_link_is_not_followed(domain):
    domain.write("/root/secret", "secret\n", mode=0o600)
    domain.sh(f"ln -s /root/secret {PLACE}/.qmail-ann")
    done = domain.run(["valias", "ann@example.net"], check=False)
    assert done.returncode == 111 and b"secret" not in done.stdout


def test_twenty_at_once_lose_no_line(domain):
    domain.sh("for i in $(seq 1 20); do valias -i \"&u$i@b.example\" all@example.net & done; wait", timeout=300)
    assert len(run(domain, "valias", "all@example.net").splitlines()) == 20


# ---- vmoddomlimits ----

def limits(host):
    return host.read(f"{PLACE}/.qmailadmin-limits").decode()


def test_limits_are_set_and_shown(domain):
    run(domain, "vmoddomlimits", "-P", "50", "-A", "-1", "-F", "3", "-R", "0", "-L", "5", "-Q", "100", "-q", "10M", "-M", "1000", "-m", "7",
        "-g", "pi", "-p", "cd", "-l", "a", "-o", "m", "-x", "", "Alias.Example")
    assert sorted(limits(domain).split("\n")) == sorted([
        "maxpopaccounts 50", "maxaliases -1", "maxforwards 3", "maxautoresponders 0", "maxmailinglists 5", "quota 100", "maxmsgcount 1000",
        "default_quota 10485760", "default_maxmsgcount 7", "perm_account 5", f"perm_maillist {7 + (2 << 6)}", "perm_quota 0", "disable_pop", "disable_imap", ""])
    assert domain.sh(f"stat -c '%a %U' {PLACE}/.qmailadmin-limits").stdout == "600 vpopmail\n"
    assert run(domain, "vmoddomlimits", "-S", "example.net") == """Domain: example.net
--
Max Pop Accounts: 50
Max Aliases: -1
Max Forwards: 3
Max Autoresponders: 0
Max Mailinglists: 5
GID Flags:
  NO_POP
  NO_IMAP
Flags (for commandline): pi
Flags for non postmaster accounts:
  Accounts:         DENY_CREATE ALLOW_MODIFY DENY_DELETE
  Aliases:          ALLOW_CREATE ALLOW_MODIFY ALLOW_DELETE
  Forwards:         ALLOW_CREATE ALLOW_MODIFY ALLOW_DELETE
  Autoresponders:   ALLOW_CREATE ALLOW_MODIFY ALLOW_DELETE
  Mailing lists:    DENY_CREATE DENY_MODIFY DENY_DELETE
  List users:       ALLOW_CREATE ALLOW_MODIFY ALLOW_DELETE
  List moderators:  ALLOW_CREATE DENY_MODIFY ALLOW_DELETE
  Quota:            ALLOW_CREATE ALLOW_MODIFY ALLOW_DELETE
  Default quota:    ALLOW_CREATE ALLOW_MODIFY ALLOW_DELETE
Domain Quota: 100 MB
Default User Quota: 10485760 bytes
Max Domain Messages: 1000
Default Max Messages per User: 7
"""
    run(domain, "vadduser", "-e", "x", "max@example.net")
    assert records(domain, PLACE)["max"][-1] == "10485760S,7C"


def test_what_is_not_named_stays(domain):
    domain.write(f"{PLACE}/.qmailadmin-limits", "# ours\nmaxaliases: 3\ndisable_pop\nperm_maillist 73\nunknown 1\n", owner="vpopmail")
    run(domain, "vmoddomlimits", "-u", "", "-F", "9", "example.net")
    assert limits(domain) == "# ours\nmaxaliases: 3\ndisable_pop\nperm_maillist 65\nunknown 1\nmaxforwards 9\n"
    run(domain, "vmoddomlimits", "-g", "", "example.net")
    assert "disable_pop" not in limits(domain) and "maxaliases: 3" in limits(domain)
    run(domain, "vmoddomlimits", "-D", "example.net")
    assert domain.sh(f"ls {PLACE}/.qmailadmin-limits", check=False).stdout == ""


@pytest.mark.parametrize("options", [["-P", "x"], ["-P", "-2"], ["-g", "z"], ["-p", "x"], ["-q", "1X"], ["-q", "5C"], ["-Q", "99999999999999999999"], []])
def test_no_limit_is_refused(domain, options):
    run(domain, "vmoddomlimits", *options, "example.net", code=100)
    assert domain.sh(f"ls {PLACE}/.qmailadmin-limits", check=False).stdout == ""


def test_the_limits_of_the_site_hold_where_the_domain_says_nothing(domain):
    run(domain, "vmoddomlimits", "-d", "-P", "10", "-q", "5M")
    assert domain.sh("stat -c %U /home/vpopmail/etc/vlimits.default").stdout == "vpopmail\n"
    run(domain, "vmoddomlimits", "-P", "20", "example.net")
    shown = json.loads(run(domain, "vmoddomlimits", "--json", "example.net"))
    assert (shown["maxpopaccounts"], shown["default_quota"], shown["flags"]) == (20, 5242880, [])
    assert run(domain, "vmoddomlimits", "-S", "-d").startswith("Domain: default\n--\nMax Pop Accounts: 10\n")
    assert run(domain, "vmoddomlimits", "-S", "else.where", code=1) == "Error: Domain does not exist\n"
    assert domain.run(["vmoddomlimits", "-d", "-P", "1"], user="vpopmail", check=False).returncode == 100


def test_a_domain_of_an_account_has_the_limits_of_the_site(domain):
    domain.user("max")
    run(domain, "vadddomain", "-u", "max", "max.example", "x")
    run(domain, "vmoddomlimits", "-d", "-g", "d", "-q", "5M")
    domain.sh("chmod 700 /home/vpopmail")
    run(domain, "vadduser", "joe@max.example", "x")
    assert records(domain, "/home/max/domains/max.example")["joe"][-1] == "5242880S"
    assert run(domain, "vpasswd", "joe@max.example", "y", code=1) == "Error: password can not be changed by user\n"
    assert "password can not be changed by user (*)" in run(domain, "vuserinfo", "joe@max.example")
    assert "Flags (for commandline): d\n" in run(domain, "vmoddomlimits", "-S", "max.example")
    done = domain.run(["vuserinfo", "-n", "joe@max.example"], user="max")
    assert done.stdout == b"joe\n" and b"warning: unable to open /home/vpopmail/etc" in done.stderr
    run(domain, "vmoduser", "-o", "joe@max.example", user="max")
    run(domain, "vpasswd", "joe@max.example", "y")


def test_a_domain_has_as_many_users_as_it_may(domain):
    run(domain, "vadddomain", "b.example", "secret")
    run(domain, "vexport", "example.net", "/root/domain")
    domain.write("/root/list", "one@example.net:$1$x$y\ntwo@example.net:$1$x$y\n")
    domain.write("/root/pairs", "ann:$1$x$y\n")
    count = len(records(domain, PLACE))
    run(domain, "vmoddomlimits", "-P", str(count + 1), "example.net")
    why = "Error: the domain may not have so many users: vmoddomlimits\n"
    for dry in ["--dry-run"], []:
        assert run(domain, "vadduser", *dry, "-f", "/root/list", code=1) == why and len(records(domain, PLACE)) == count
    run(domain, "vadduser", "-e", "x", "max@example.net")
    for words in (["vadduser", "-e", "x", "ann@example.net"], ["vadduser", "--dry-run", "-e", "x", "ann@example.net"],
                  ["vconvert", "-p", "/root/pairs", "-c", "example.net"]):
        assert run(domain, *words, code=1) == why and len(records(domain, PLACE)) == count + 1
    run(domain, "vmoddomlimits", "-P", "1", "example.net")
    assert run(domain, "vimport", "/root/domain") == "" and len(records(domain, PLACE)) == count + 1, "who is there stays, and nobody is new"
    run(domain, "vdeluser", "max@example.net")
    run(domain, "vmoddomlimits", "-P", "2", "b.example")
    assert run(domain, "vimport", "/root/domain", "b.example", code=1) == why
    run(domain, "vmoddomlimits", "-D", "example.net")
    run(domain, "vmoddomlimits", "-d", "-P", "1")
    run(domain, "vadddomain", "c.example", "secret")
    assert run(domain, "vadduser", "-e", "x", "joe@c.example", code=1) == why
    run(domain, "vmoddomlimits", "-P", "-1", "c.example")
    run(domain, "vadduser", "-e", "x", "joe@c.example")


def test_users_who_are_added_at_once_are_no_more_than_may_be(domain):
    count = len(records(domain, PLACE))
    run(domain, "vmoddomlimits", "-P", str(count + 2), "example.net")
    said = domain.sh("for n in 1 2 3 4 5 6 7 8; do vadduser -e x new$n@example.net & done; wait").stdout
    assert said == 6 * "Error: the domain may not have so many users: vmoddomlimits\n" and len(records(domain, PLACE)) == count + 2


def test_limits_at_once_lose_nothing(domain):
    domain.sh("vmoddomlimits -P 1 example.net & vmoddomlimits -A 2 example.net & vmoddomlimits -F 3 example.net & vmoddomlimits -g p example.net & "
              "vmoddomlimits -p a example.net & vmoddomlimits -q 5 example.net & wait")
    assert sorted(limits(domain).splitlines()) == ["default_quota 5", "disable_pop", "maxaliases 2", "maxforwards 3", "maxpopaccounts 1", "perm_account 7"]


# ---- vipmap ----

def test_an_address_of_the_host_has_a_domain(domain):
    run(domain, "vipmap", "-a", "192.0.2.1", "Example.net")
    run(domain, "vipmap", "-a", "2001:db8::1", "alias.example")
    assert run(domain, "vipmap", "-p") == "192.0.2.1 example.net\n2001:db8::1 alias.example\n"
    for ip in ("192.0.2.1", "::ffff:192.0.2.1", "2001:DB8:0::1"):
        assert run(domain, "vuserinfo", "-n", "joe", env={"TCPLOCALIP": ip}) == "joe\n"
    run(domain, "vuserinfo", "-n", "joe", env={"TCPLOCALIP": "192.0.2.2"}, code=100)
    run(domain, "vipmap", "-a", "192.0.2.1", "example.net")
    assert run(domain, "vipmap", "-a", "192.0.2.1", "alias.example", code=1) == "Error: that address has another domain already\n"
    assert run(domain, "vipmap", "-d", "192.0.2.1", "alias.example", code=1) == "Error: that address has not this domain\n"
    run(domain, "vipmap", "-d", "2001:db8:0:0::1", "alias.example")
    assert run(domain, "vipmap", "-p") == "192.0.2.1 example.net\n"
    for words in (["-a", "192.0.2", "example.net"], ["-a", "192.0.2.1"], ["-p", "x", "y"], ["-a", "-d", "192.0.2.1", "example.net"], []):
        run(domain, "vipmap", *words, code=100)
    assert run(domain, "vipmap", "-a", "192.0.2.9", "else.where", code=1) == "Error: Domain does not exist\n"


def test_a_local_domain_is_no_default(domain):
    run(domain, "vipmap", "-a", "192.0.2.1", "example.net")
    domain.control("locals", "mail.example.org\nexample.net\n")
    run(domain, "vuserinfo", "-n", "joe", env={"TCPLOCALIP": "192.0.2.1"}, code=100)
    domain.write("/home/vpopmail/etc/defaultdomain", "alias.example\n")
    assert run(domain, "vuserinfo", "-n", "joe", env={"TCPLOCALIP": "192.0.2.1"}) == "joe\n"


# ---- nothing is done ----

@pytest.mark.parametrize("command, said", [
    (["vdeluser", "joe@alias.example"], "remove joe@example.net"), (["vpasswd", "joe@example.net"], "change the password of joe@example.net"),
    (["vmoduser", "-p", "joe@example.net"], "change joe@example.net"), (["vsetuserquota", "example.net", "1"], "change example.net"),
    (["vadduser", "max@example.net"], "add max@example.net"), (["vmkpasswd", "example.net"], "make vpasswd.cdb of example.net"),
    (["valias", "-i", "&a", "b@example.net"], "add to .qmail-b"), (["vmoddomlimits", "-P", "1", "example.net"], "change .qmailadmin-limits"),
    (["vipmap", "-a", "192.0.2.1", "example.net"], "add 192.0.2.1")])
def test_what_would_be_done_is_said(domain, command, said):
    def there():
        return domain.sh(f"cd {PLACE}; find . -type f ! -name '*.lock' | sort | xargs md5sum; ls /home/vpopmail/etc/ip_alias_map", check=False).stdout

    before = there()
    assert run(domain, command[0], "--dry-run", *command[1:]) == said + "\n"
    assert there() == before
