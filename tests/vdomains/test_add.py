"""A domain and its mailboxes are made by two commands."""

import pytest

from tests.vdomains.conftest import VIRTUAL, crypt, in_cdb, records, state
from tests.vdomains.test_domains import owner_of, plan_is_there, run

DEFAULT = "| /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox\n"


def tree(host, place=VIRTUAL):
    """mode, owner and path of all that is there."""
    return host.sh(f"cd {place} && find . -mindepth 1 -printf '%m %u:%g %P\\n' | sort -k3").stdout.splitlines()


def test_a_domain_has_a_postmaster_and_its_lines(virtual):
    before = state(virtual)
    assert run(virtual, "vadddomain", "Example.NET", "secret") == ""
    place = f"{VIRTUAL}/example.net"
    after = state(virtual)
    assert after["users/assign"] == [f"+example.net-:example.net:89:89:{place}:-::", "."]
    assert after["control/virtualdomains"] == [*(before["control/virtualdomains"] or []), "example.net:example.net"]
    assert after["control/rcpthosts"] == [*before["control/rcpthosts"], "example.net"]
    assert owner_of(virtual, "example.net") == ["example.net", place]
    assert virtual.read(f"{place}/.qmail-default").decode() == DEFAULT
    hash_, uid, flags, comment, home, quota = records(virtual, place)["postmaster"]
    assert hash_.startswith("$y$") and crypt("secret", hash_) == hash_
    assert [uid, flags, comment, home, quota] == ["1", "0", "Postmaster", f"{place}/postmaster", "NOQUOTA"]
    assert in_cdb(virtual, place, "postmaster") == records(virtual, place)["postmaster"]
    assert tree(virtual) == [
        "600 vpopmail:vchkpw .dir-control", "600 vpopmail:vchkpw .dir-control.lock",
        "750 vpopmail:vchkpw example.net", "600 vpopmail:vchkpw example.net/.dir-control",
        "600 vpopmail:vchkpw example.net/.dir-control.lock", "600 vpopmail:vchkpw example.net/.qmail-default",
        "600 vpopmail:vchkpw example.net/.vpasswd.lock", "750 vpopmail:vchkpw example.net/postmaster",
        "700 vpopmail:vchkpw example.net/postmaster/Maildir", "700 vpopmail:vchkpw example.net/postmaster/Maildir/cur",
        "700 vpopmail:vchkpw example.net/postmaster/Maildir/new", "700 vpopmail:vchkpw example.net/postmaster/Maildir/tmp",
        "600 vpopmail:vchkpw example.net/postmaster/lastauth",
        "600 vpopmail:vchkpw example.net/vpasswd", "600 vpopmail:vchkpw example.net/vpasswd.cdb"]
    assert not plan_is_there(virtual)


def test_a_user_gets_a_home_and_a_record(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    place = f"{VIRTUAL}/example.net"
    assert run(virtual, "vadduser", "-c", "Joe Doe", "-q", "10M", "Joe@example.net", "pass word") == ""
    hash_, *rest = records(virtual, place)["joe"]
    assert crypt("pass word", hash_) == hash_
    assert rest == ["1", "0", "Joe Doe", f"{place}/joe", "10485760S"]
    assert in_cdb(virtual, place, "joe") == [hash_, *rest]
    assert "750 vpopmail:vchkpw example.net/joe" in tree(virtual)
    assert run(virtual, "vadduser", "joe@example.net", "x", code=1) == "Error: User already exists\n"
    assert run(virtual, "vadduser", "joe@else.where", "x", code=1) == "Error: Domain does not exist\n"
    assert run(virtual, "vadduser", "a:b@example.net", "x", code=100) == "Error: invalid email character\n"
    assert run(virtual, "vadduser", "b@example.net", "x", code=100) == "Error: Illegal username\n"


@pytest.mark.parametrize("address", ["jane%example.net", "jane/example.net", "JANE@alias.example"])
def test_every_form_of_an_address_is_the_same(virtual, address):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vaddaliasdomain", "example.net", "alias.example")
    run(virtual, "vadduser", address, "x")
    assert set(records(virtual, f"{VIRTUAL}/example.net")) == {"postmaster", "jane"}


def test_a_user_alone_belongs_to_the_default_domain(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    virtual.write("/home/vpopmail/etc/defaultdomain", "example.net\n")
    run(virtual, "vadduser", "jane", "x")
    assert "jane" in records(virtual, f"{VIRTUAL}/example.net")


def test_a_password_comes_from_a_pipe_or_by_chance(virtual):
    run(virtual, "vadddomain", "-r", "example.net")
    run(virtual, "vadduser", "joe@example.net", input=b"from a pipe\n")
    hash_ = records(virtual, f"{VIRTUAL}/example.net")["joe"][0]
    assert crypt("from a pipe", hash_) == hash_
    said = run(virtual, "vadduser", "-r20", "jane@example.net")
    password = said.removeprefix("Random password: ").rstrip("\n")
    hash_ = records(virtual, f"{VIRTUAL}/example.net")["jane"][0]
    assert len(password) == 20 and crypt(password, hash_) == hash_
    assert run(virtual, "vadduser", "max@example.net", input=b"", code=100) == "Error: password is empty\n"
    assert "max" not in records(virtual, f"{VIRTUAL}/example.net")


def test_a_hash_may_be_given(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", "-e", "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0", "joe@example.net")
    assert records(virtual, f"{VIRTUAL}/example.net")["joe"][0] == "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0"


def test_the_domains_quota_is_a_new_users(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    virtual.write("/home/vpopmail/etc/vlimits.default", "default_quota 5000000\n")
    run(virtual, "vadduser", "one1@example.net", "x")
    virtual.write(f"{VIRTUAL}/example.net/.qmailadmin-limits", "default_maxmsgcount: 100\n", owner="vpopmail")
    run(virtual, "vadduser", "two2@example.net", "x")
    found = records(virtual, f"{VIRTUAL}/example.net")
    assert [found[name][-1] for name in ("one1", "two2")] == ["5000000S", "5000000S,100C"]
    virtual.write(f"{VIRTUAL}/example.net/.qmailadmin-limits", "# ours\ndefault_quota many\n", owner="vpopmail")
    done = virtual.run(["vadduser", "three@example.net", "x"], check=False)
    assert done.returncode == 111 and b".qmailadmin-limits line 2: default_quota" in done.stderr


def test_the_owner_of_a_domain_makes_users_and_others_do_not(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", "joe@example.net", "x", user="vpopmail")
    virtual.user("max")
    done = virtual.run(["vadduser", "jane@example.net", "x"], user="max", check=False)
    assert done.returncode == 100 and done.stdout == b"Error: running as invalid uid\n"


def test_a_domain_may_belong_to_an_account(virtual):
    virtual.user("max")
    run(virtual, "vadddomain", "-u", "max", "example.net", "secret")
    assert owner_of(virtual, "example.net") == ["example.net", "/home/max/domains/example.net"]
    assert {line.split()[1] for line in tree(virtual, "/home/max/domains")} == {"max:max"}
    assert run(virtual, "vadddomain", "-u", "nobody.here", "b.example", "x", code=1) == \
        "Error: user nobody.here not found in /etc/passwd\n"
    assert "root can own no domain" in run(virtual, "vadddomain", "-u", "root", "b.example", "x", code=100)


def test_a_domain_may_lie_elsewhere(virtual):
    virtual.sh("mkdir -m 755 /srv/mail")
    run(virtual, "vadddomain", "-d", "/srv/mail", "example.net", "secret")
    assert owner_of(virtual, "example.net") == ["example.net", "/srv/mail/domains/example.net"]
    run(virtual, "vadduser", "joe@example.net", "x")
    assert "joe" in records(virtual, "/srv/mail/domains/example.net")


def test_its_owner_reaches_a_domain_below_a_directory_of_root(virtual):
    virtual.sh("mkdir -m 711 /srv/mail")
    run(virtual, "vadddomain", "-d", "/srv/mail", "example.net", "secret")
    assert virtual.sh("ls /srv/mail/domains/example.net/postmaster", user="vpopmail", check=False).stdout.startswith("Maildir\n")
    assert virtual.sh("stat -c '%a %U' /srv/mail/domains").stdout == "711 root\n"


def test_a_place_that_its_owner_does_not_reach_is_refused(virtual):
    virtual.sh("mkdir -m 700 /srv/mail")
    for words in (["-d", "/srv/mail"], ["-i", "4711", "-g", "4712"]):
        done = virtual.run(["vadddomain", *words, "example.net", "secret"], check=False)
        assert done.returncode == 111 and b"unable to reach, as the owner of the domain, " in done.stderr, words
    assert owner_of(virtual, "example.net") is None and not virtual.sh("find /srv/mail /home/vpopmail -name '*example.net*'").stdout
    run(virtual, "vadddomain", "example.net", "secret")


@pytest.mark.parametrize("options, last", [
    (["-e", "max@else.where"], "max@else.where"), (["-e", "postmaster"], f"{VIRTUAL}/example.net/postmaster"),
    (["-b"], "bounce-no-mailbox")])
def test_what_becomes_of_others_mail_is_chosen(virtual, options, last):
    run(virtual, "vadddomain", *options, "example.net", "secret")
    assert virtual.read(f"{VIRTUAL}/example.net/.qmail-default").decode().split()[-1] == last


@pytest.mark.parametrize("wrong", ["a'b@c.example", "a;b", "../x", "a b"])
def test_a_catchall_cannot_become_a_command(virtual, wrong):
    run(virtual, "vadddomain", "-e", wrong, "example.net", "secret", code=100)
    assert owner_of(virtual, "example.net") is None


def test_what_is_there_is_not_made_again(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    assert run(virtual, "vadddomain", "example.net", "x", code=1) == "Error: Domain already exists\n"
    virtual.sh(f"mkdir {VIRTUAL}/b.example")
    done = virtual.run(["vadddomain", "b.example", "x"], check=False)
    assert done.returncode == 111 and f"this is there already: {VIRTUAL}/b.example".encode() in done.stderr
    assert owner_of(virtual, "b.example") is None
    for name in ("nodot", "a..b", "x.y", "a_b.example", "a." + 64 * "l" + ".example"):
        run(virtual, "vadddomain", name, "x", code=100)


def test_the_hundredth_domain_and_user_go_to_the_next_directory(virtual):
    virtual.sh("for i in $(seq 1 99); do vadddomain d$i.example x || exit 1; done", timeout=300)
    run(virtual, "vadddomain", "next.example", "x")
    assert owner_of(virtual, "d99.example")[1] == f"{VIRTUAL}/d99.example"
    assert owner_of(virtual, "next.example")[1] == f"{VIRTUAL}/0/next.example"
    virtual.sh("for i in $(seq 1 99); do vadduser -e '$1$x$y' u$i@next.example || exit 1; done", timeout=300)
    found = records(virtual, f"{VIRTUAL}/0/next.example")
    assert found["u98"][-2] == f"{VIRTUAL}/0/next.example/u98"
    assert found["u99"][-2] == f"{VIRTUAL}/0/next.example/0/u99"


def test_the_place_of_a_domain_is_given_back(virtual):
    def count():
        return int(virtual.read(f"{VIRTUAL}/.dir-control").split()[0])

    virtual.sh("for i in 1 2 3; do vadddomain d$i.example x || exit 1; done")
    assert count() == 3
    run(virtual, "vdeldomain", "--dry-run", "d2.example")
    assert count() == 3
    run(virtual, "vdeldomain", "d2.example")
    assert count() == 2
    virtual.write(f"{VIRTUAL}/.dir-control", "199\n0\n3\n0 0 0\n61 61 61\n0 2 4\n1 0 0\n0\n", owner="vpopmail")
    run(virtual, "vadddomain", "hashed.example", "x")
    assert owner_of(virtual, "hashed.example")[1] == f"{VIRTUAL}/1/hashed.example"
    run(virtual, "vdeldomain", "hashed.example")
    run(virtual, "vadddomain", "again.example", "x")
    assert owner_of(virtual, "again.example")[1] == f"{VIRTUAL}/1/again.example"


def test_twenty_at_once_lose_nobody(virtual):
    run(virtual, "vadddomain", "example.net", "x")
    virtual.sh("for i in $(seq 1 20); do vadduser -e '$1$x$y' u$i.x@example.net & done; wait", timeout=300)
    place = f"{VIRTUAL}/example.net"
    assert set(records(virtual, place)) == {"postmaster", *(f"u{i}.x" for i in range(1, 21))}
    assert all(in_cdb(virtual, place, f"u{i}.x") for i in range(1, 21))


def test_what_a_killed_command_left_of_a_home_is_used(virtual):
    run(virtual, "vadddomain", "example.net", "x")
    place = f"{VIRTUAL}/example.net"
    virtual.sh(f"mkdir -p {place}/joe/Maildir/tmp && chown -R vpopmail:vchkpw {place}/joe")
    run(virtual, "vadduser", "joe@example.net", "x")
    assert in_cdb(virtual, place, "joe")
    virtual.sh(f"mkdir -p {place}/jane && touch {place}/jane/.qmail && chown -R vpopmail:vchkpw {place}/jane")
    assert run(virtual, "vadduser", "jane@example.net", "x", code=1) == "Error: User's directory already exists\n"


def test_without_the_account_it_says_what_makes_it(host):
    host.sh("userdel vpopmail")
    done = host.run(["vadddomain", "example.net", "x"], check=False)
    assert done.returncode == 111 and b"no account vpopmail: qmail-setup accounts makes it" in done.stderr


def test_what_would_be_made_is_said(virtual):
    said = run(virtual, "vadddomain", "--dry-run", "example.net").splitlines()
    assert said[0] == f"move {VIRTUAL}/.adding.example.net to example.net" and said[-1] == "add to control/rcpthosts: example.net"
    assert owner_of(virtual, "example.net") is None
