"""Users of a virtual domain change and go, one or all of them, and nobody's change is lost."""

import pathlib

import pytest

from tests.vdomains.conftest import VIRTUAL, crypt, in_cdb, records
from tests.vdomains.test_domains import run

PLACE = f"{VIRTUAL}/example.net"


@pytest.fixture
def domain(virtual):
    """example.net with postmaster, joe and jane, and alias.example."""
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vaddaliasdomain", "example.net", "alias.example")
    for name in ("joe", "jane"):
        run(virtual, "vadduser", "-e", "$1$x$y", f"{name}@example.net")
    return virtual


def fields(host, name):
    """hash, flags, comment, home and quota, the same in both tables."""
    found = records(host, PLACE)[name]
    assert in_cdb(host, PLACE, name) == found
    return [found[0], *found[2:]]


def exists(host, path):
    return pathlib.Path(host.path(f"{PLACE}/{path}")).exists()


def old_code(host, *command):
    return host.run(list(command), check=False, env={"VPOPMAIL_EXIT": "old"}).returncode


# ---- vdeluser ----

def test_a_user_goes_with_his_mail(domain):
    domain.sh(f"echo mail > {PLACE}/joe/Maildir/new/1.a.b && chown vpopmail: {PLACE}/joe/Maildir/new/1.a.b")
    assert run(domain, "vdeluser", "Joe%alias.example") == ""
    assert set(records(domain, PLACE)) == {"postmaster", "jane"} and in_cdb(domain, PLACE, "joe") is None
    assert sorted(domain.sh(f"ls -A {PLACE}").stdout.split()) == [
        ".dir-control", ".dir-control.lock", ".qmail-default", ".removing.lock", ".vpasswd.lock", "jane", "postmaster", "vpasswd", "vpasswd.cdb"]
    assert domain.read(f"{PLACE}/.dir-control").decode().splitlines()[0] == "2"
    assert run(domain, "vdeluser", "joe@example.net", code=1) == "Error: User does not exist\n"
    assert run(domain, "vdeluser", "joe@else.where", code=1) == "Error: Domain does not exist\n"
    assert old_code(domain, "vdeluser", "joe@example.net") == 246
    run(domain, "vdeluser", "postmaster@example.net")


def test_who_gets_what_is_nobodys_stays(domain):
    for last in (f"{PLACE}/joe", "Joe@example.net", "joe@alias.example"):
        domain.write(f"{PLACE}/.qmail-default", f"# ours\n| /home/vpopmail/bin/vdelivermail '' {last}\n", owner="vpopmail")
        address = "joe@" + (last.split("@")[1] if "@" in last else "example.net")
        assert run(domain, "vdeluser", address, code=1) == "Error: can't delete catchall account\n"
        run(domain, "vdeluser", "postmaster@example.net", code=0 if last.startswith("/") else 1)
    assert old_code(domain, "vdeluser", "joe@alias.example") == 201
    assert exists(domain, "joe/Maildir/new")


def test_a_home_elsewhere_stays(domain):
    domain.sh(f"mv {PLACE}/joe /srv/joe")
    run(domain, "vmoduser", "-D", "/srv/joe", "joe@example.net")
    done = domain.run(["vdeluser", "joe@example.net"])
    assert b"the home stays" in done.stderr and domain.sh("ls /srv/joe").stdout == "Maildir\nlastauth\n"
    run(domain, "vmoduser", "-D", f"{PLACE}/../../jane", "jane@example.net")
    assert b"the home stays" in domain.run(["vdeluser", "jane@example.net"]).stderr
    assert exists(domain, "jane/Maildir")


def test_a_freed_place_is_given_to_the_next(domain):
    domain.write(f"{PLACE}/.dir-control", "99\n0\n3\n0 0 0\n61 61 61\n0 2 4\n0 0 0\n\n", owner="vpopmail")
    run(domain, "vadduser", "-e", "x", "u1@example.net")
    assert fields(domain, "u1")[3] == f"{PLACE}/0/u1"
    run(domain, "vdeluser", "u1@example.net")
    assert domain.read(f"{PLACE}/.dir_control_free") == b"0\n" and domain.sh(f"ls {PLACE}/0").stdout == ""
    run(domain, "vadduser", "-e", "x", "u2@example.net")
    assert fields(domain, "u2")[3] == f"{PLACE}/0/u2"


def test_what_a_killed_removal_left_is_finished(domain):
    run(domain, "vdeluser", "joe@example.net")
    domain.sh(f"cp -a {PLACE}/jane {PLACE}/joe && cp -a {PLACE}/jane {PLACE}/.removed.max")
    domain.write(f"{PLACE}/.removing", f"joe::0:0::{PLACE}/joe:\n", owner="vpopmail", mode=0o600)
    run(domain, "vadduser", "-e", "x", "joe@example.net")
    assert exists(domain, "joe/Maildir/new") and not exists(domain, ".removing") and not exists(domain, ".removed.max")
    domain.write(f"{PLACE}/.removing", f"joe::0:0::{PLACE}/joe:\n", owner="vpopmail", mode=0o600)
    run(domain, "vadduser", "-e", "x", "max@example.net")
    assert exists(domain, "joe/Maildir/new") and not exists(domain, ".removing")


# ---- vrenameuser ----

def test_a_user_is_renamed_with_all_that_is_his(domain):
    domain.sh(f"echo mail > {PLACE}/joe/Maildir/new/1.a.b && chown vpopmail: {PLACE}/joe/Maildir/new/1.a.b")
    run(domain, "vmoduser", "-c", "Joe Doe", "-p", "-C", "clear", "joe@example.net")
    before = records(domain, PLACE)["joe"]
    assert run(domain, "vrenameuser", "joe@alias.example", "Max.M") == ""
    assert records(domain, PLACE)["max.m"] == [*before[:4], f"{PLACE}/max.m", *before[5:]] == in_cdb(domain, PLACE, "max.m")
    assert set(records(domain, PLACE)) == {"postmaster", "jane", "max.m"} and in_cdb(domain, PLACE, "joe") is None
    assert domain.read(f"{PLACE}/max.m/Maildir/new/1.a.b") == b"mail\n"
    assert not any(exists(domain, name) for name in ("joe", ".renaming")) and domain.sh(f"find {PLACE} -type l").stdout == ""
    run(domain, "vadduser", "-e", "x", "joe@example.net")
    run(domain, "vdeluser", "max.m@example.net")
    assert not exists(domain, "max.m")


# ---- vmoduser -e - ----

def test_a_hash_from_standard_input(domain):
    run(domain, "vmoduser", "-e", "-", "-c", "Joe", "joe@example.net", input=b"$6$a$b\n$6$c$d\n")
    assert records(domain, PLACE)["joe"][0] == "$6$a$b" and records(domain, PLACE)["joe"][3] == "Joe"
    for nothing in (b"", b"a\0b\n", b"a:b\n", 129 * b"y" + b"\n", 9999 * b"y"):
        run(domain, "vmoduser", "-e", "-", "joe@example.net", code=100, input=nothing)
    assert records(domain, PLACE)["joe"][0] == "$6$a$b"


@pytest.mark.parametrize("new, code, said", [
    ("jane", 1, "Username exists"), ("max@example.net", 1, "User's directory already exists"), ("a", 100, "Illegal username"), ("a b", 100, "invalid email character"),
    ("max@b.example", 100, "that is another domain"), ("max@else.where", 1, "Domain does not exist"), (".x", 100, "Illegal username")])
def test_a_name_that_cannot_be_is_refused(domain, new, code, said):
    run(domain, "vadddomain", "b.example", "x")
    domain.sh(f"mkdir {PLACE}/max")
    before = domain.sh(f"cd {PLACE} && find . | sort && cat vpasswd").stdout
    assert run(domain, "vrenameuser", "joe@example.net", new, code=code) == f"Error: {said}\n"
    assert run(domain, "vrenameuser", "max@example.net", "maxi", code=1) == "Error: User does not exist\n"
    assert domain.sh(f"cd {PLACE} && find . ! -name .removing.lock | sort && cat vpasswd").stdout == before


def test_the_catchall_keeps_its_name_and_a_home_elsewhere_its_place(domain):
    domain.write(f"{PLACE}/.qmail-default", f"| /home/vpopmail/bin/vdelivermail '' {PLACE}/joe\n", owner="vpopmail")
    assert run(domain, "vrenameuser", "joe@example.net", "max", code=1) == "Error: can't rename catchall account\n"
    run(domain, "vmoduser", "-D", "/srv/jane", "jane@example.net")
    run(domain, "vrenameuser", "jane@example.net", "eve")
    assert fields(domain, "eve")[3] == "/srv/jane" and exists(domain, "jane/Maildir")


@pytest.mark.parametrize("there", ["joe", "max"])
def test_what_a_killed_renaming_left_is_finished(domain, there):
    domain.sh(f"ln -s joe {PLACE}/max && chown -h vpopmail: {PLACE}/max")
    domain.write(f"{PLACE}/.renaming", f"joe::0:0:max:{PLACE}/joe:\n", owner="vpopmail", mode=0o600)
    domain.sh(f"sed -i 's/^joe:/{there}:/;s,/joe:,/{there}:,' {PLACE}/vpasswd")
    run(domain, "vmkpasswd", "example.net")
    run(domain, "vadduser", "-e", "x", "new@example.net")
    assert exists(domain, f"{there}/Maildir/new") and not exists(domain, {"joe": "max", "max": "joe"}[there])
    assert domain.sh(f"find {PLACE} -type l -o -name .renaming").stdout == ""


def test_names_change_while_others_change_the_user(domain):
    domain.sh("for i in 0 1 2 3 4 5 6 7 8 9; do for u in joe max; do vmoduser -$(echo dpwibru01f | cut -c$((i + 1))) $u@example.net & done; done; "
              "vrenameuser joe@example.net max & vsetuserquota example.net 7S & wait", timeout=300)
    found = records(domain, PLACE)
    assert set(found) == {"postmaster", "jane", "max"} and found["max"][-1] == "7S" and exists(domain, "max/Maildir/new")


# ---- vpasswd ----

def test_a_password_is_changed(domain):
    run(domain, "vpasswd", "joe@example.net", "new one")
    assert crypt("new one", fields(domain, "joe")[0]) == fields(domain, "joe")[0]
    run(domain, "vpasswd", "joe/example.net", input=b"piped\n")
    assert crypt("piped", fields(domain, "joe")[0]) == fields(domain, "joe")[0]
    said = run(domain, "vpasswd", "-r", "joe@example.net").removeprefix("Random password: ").rstrip("\n")
    assert len(said) == 12 and crypt(said, fields(domain, "joe")[0]) == fields(domain, "joe")[0]
    assert fields(domain, "jane")[0] == "$1$x$y"


def test_whose_password_is_not_changed_is_told_why(domain):
    assert run(domain, "vpasswd", "max@example.net", "x", code=1) == "Error: User does not exist\n"
    run(domain, "vmoduser", "-d", "joe@example.net")
    assert run(domain, "vpasswd", "joe@example.net", "x", code=1) == "Error: password can not be changed by user\n"
    assert old_code(domain, "vpasswd", "joe@example.net", "x") == old_code(domain, "vpasswd", "max@example.net", "x") == 255
    domain.write(f"{PLACE}/.qmailadmin-limits", "disable_password_changing\n", owner="vpopmail")
    run(domain, "vpasswd", "jane@example.net", "x", code=1)
    run(domain, "vmoduser", "-o", "jane@example.net")
    run(domain, "vpasswd", "jane@example.net", "x")


def test_a_clear_password_does_not_stay_behind(domain):
    run(domain, "vmoduser", "-C", "old:one", "joe@example.net")
    assert records(domain, PLACE)["joe"][6:] == ["old", "one"]
    run(domain, "vpasswd", "joe@example.net", "x")
    assert records(domain, PLACE)["joe"][6:] == [""]


# ---- vmoduser, vsetuserquota, vmkpasswd ----

def test_fields_of_a_user_are_changed(domain):
    run(domain, "vmoduser", "-c", "Joe Doe", "-q", "10M", "-e", "$1$a$b", "-p", "-w", "JOE@alias.example")
    assert fields(domain, "joe") == ["$1$a$b", "6", "Joe Doe", f"{PLACE}/joe", "10485760S"]
    run(domain, "vmoduser", "-i", "joe@example.net")
    run(domain, "vmoduser", "-X", "pw", "joe@example.net")
    assert fields(domain, "joe")[1] == "8"
    run(domain, "vmoduser", "-x", "-S", "joe@example.net")
    assert fields(domain, "joe")[1] == "65536"
    assert fields(domain, "jane") == ["$1$x$y", "0", "jane", f"{PLACE}/jane", "NOQUOTA"]
    assert run(domain, "vmoduser", "-S", "jane@example.net", user="vpopmail", code=100) == "Error: only root can give -S and -E\n"
    assert run(domain, "vmoduser", "-p", "max@example.net", code=1) == "no such user max@example.net\n"
    assert old_code(domain, "vmoduser", "-p", "max@example.net") == 255


@pytest.mark.parametrize("options, said", [
    (["-c", "a:b"], "bad character"), (["-c", 65 * "x"], "gecos too long (max=64)"), (["-e", 129 * "x"], "password too long (max=128)"),
    (["-q", "10X"], "that is no quota"), (["-q", "9000000000000G,99999999C"], "that is no quota"),
    (["-q", "99999999999999,99999C"], "quota too long (max=20)"), (["-D", "a/b"], "the directory is no absolute path"),
    (["-C", 129 * "x"], "clear password too long (max=128)"), (["-D", "/" + 160 * "x"], "dir too long (max=160)")])
def test_what_fits_no_field_is_refused(domain, options, said):
    before = domain.read(f"{PLACE}/vpasswd")
    assert run(domain, "vmoduser", *options, "joe@example.net", code=100) == f"Error: {said}\n"
    assert domain.read(f"{PLACE}/vpasswd") == before


def test_fields_at_their_limit_fit(domain):
    run(domain, "vmoduser", "-c", 64 * "x", "-e", 128 * "y", "-q", "9999999999999,9999C", "-D", "/" + 159 * "z", "joe@example.net")
    assert fields(domain, "joe") == [128 * "y", "0", 64 * "x", "/" + 159 * "z", "9999999999999S,9999C"]


def test_a_whole_domain_is_changed(domain):
    run(domain, "vmoduser", "-p", "joe@example.net")
    run(domain, "vmoduser", "-i", "Alias.Example")
    assert [fields(domain, name)[1] for name in ("joe", "jane", "postmaster")] == ["10", "8", "8"]
    run(domain, "vsetuserquota", "example.net", "5m,100c")
    assert {fields(domain, name)[4] for name in ("joe", "jane", "postmaster")} == {"5242880S,100C"}
    assert run(domain, "vmoduser", "-D", "/srv/x", "example.net", code=100).startswith("Error: all users")


@pytest.mark.parametrize("command", [["vmoduser", "-p", "{}"], ["vsetuserquota", "{}", "1M"], ["vmkpasswd", "{}"]])
def test_an_unknown_domain_is_no_success(domain, command):
    assert run(domain, *(word.format("else.where") for word in command), code=1) == "Error: Domain does not exist\n"


@pytest.mark.parametrize("address", ["joe%example.net", "joe/example.net", "joe@example.net"])
def test_an_address_is_no_domain(domain, address):
    run(domain, "vsetuserquota", address, "1M")
    run(domain, "vmoduser", "-p", address)
    assert fields(domain, "joe")[1::3] == ["2", "1048576S"] and fields(domain, "jane")[1::3] == ["0", "NOQUOTA"]


def test_a_quota_is_noted_in_the_maildir(domain):
    domain.sh(f"echo 12345 > {PLACE}/joe/Maildir/new/1.a.b && chown vpopmail: {PLACE}/joe/Maildir/new/1.a.b")
    domain.sh(f"rm -r {PLACE}/jane/Maildir")
    run(domain, "vsetuserquota", "example.net", "1000")
    assert domain.read(f"{PLACE}/joe/Maildir/maildirsize") == b"1000S\n6 1\n"
    assert domain.sh(f"stat -c %U {PLACE}/joe/Maildir/maildirsize").stdout == "vpopmail\n"
    run(domain, "vsetuserquota", "joe@example.net", "NOQUOTA")
    assert domain.read(f"{PLACE}/joe/Maildir/maildirsize").startswith(b"NOQUOTA\n")
    assert run(domain, "vsetuserquota", "max@example.net", "1000", code=1) == "no such user max@example.net\n"


def test_an_edited_table_counts_after_vmkpasswd(domain):
    domain.sh(f"sed -i s/NOQUOTA/5S/ {PLACE}/vpasswd")
    assert in_cdb(domain, PLACE, "joe")[-1] == "NOQUOTA"
    run(domain, "vmkpasswd", "alias.example")
    assert in_cdb(domain, PLACE, "joe")[-1] == "5S"


# ---- two at once ----

def test_twenty_at_once_lose_no_change(domain):
    domain.sh("for i in 0 1 2 3 4 5 6 7 8 9; do vmoduser -$(echo dpwibru01f | cut -c$((i + 1))) joe@example.net & "
              "vmoduser -c c$i jane@example.net & done; vsetuserquota example.net 7S & vdeluser postmaster@example.net & "
              "vadduser -e x max@example.net & wait", timeout=300)
    assert fields(domain, "joe")[1] == str(0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80 | 0x100 | 0x4000)
    assert fields(domain, "joe")[4] == "7S" and fields(domain, "jane")[2].startswith("c")
    assert set(records(domain, PLACE)) == {"joe", "jane", "max"}


def test_twenty_at_once_remove_twenty(domain):
    domain.sh("for i in $(seq 1 20); do vadduser -e x u$i.x@example.net & done; wait", timeout=300)
    domain.sh("for i in $(seq 1 20); do vdeluser u$i.x@example.net & done; wait", timeout=300)
    assert set(records(domain, PLACE)) == {"postmaster", "joe", "jane"} and not domain.sh(f"ls -dA {PLACE}/u* {PLACE}/.removed.*", check=False).stdout
    assert domain.read(f"{PLACE}/.dir-control").decode().splitlines()[0] == "3"


def test_strangers_change_nobody(domain):
    domain.user("max")
    for command in (["vdeluser", "joe@example.net"], ["vpasswd", "joe@example.net", "x"], ["vmoduser", "-p", "joe@example.net"],
                    ["vsetuserquota", "joe@example.net", "1"], ["vmkpasswd", "example.net"]):
        assert run(domain, *command, user="max", code=100) == "Error: running as invalid uid\n"
