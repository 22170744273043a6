"""Users go from one place to another with their passwords; where they came from nothing changes."""

import pytest

from tests.vdomains.conftest import VIRTUAL, crypt, in_cdb, records
from tests.vdomains.test_domains import run

PLACE = f"{VIRTUAL}/example.net"


@pytest.fixture
def domain(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    return virtual


def source(host):
    return host.sh("cat /etc/passwd /etc/shadow | md5sum; stat -c '%a %U %Y' /etc/passwd /etc/shadow").stdout


def test_accounts_become_users_with_their_passwords(domain):
    domain.user("joe", password="of joe")
    domain.user("max", password="of max")
    domain.user("nopass")
    domain.sh("usermod -c 'Joe Doe,room 3' joe && echo 'root:secret' | chpasswd")
    before = source(domain)
    said = run(domain, "vconvert", "-e", "-c", "example.net").splitlines()
    assert said[-1] == "converting example.net...    done"
    assert {"skipping root", "skipping nopass", "skipping vpopmail"} <= set(said)
    assert set(records(domain, PLACE)) == {"postmaster", "joe", "max"}
    hash_, uid, flags, comment, home, quota = in_cdb(domain, PLACE, "joe")
    assert crypt("of joe", hash_) == hash_ and [uid, flags, comment, home, quota] == ["1", "0", "Joe Doe", f"{PLACE}/joe", "NOQUOTA"]
    assert domain.sh(f"ls {PLACE}/joe/Maildir").stdout.split() == ["cur", "new", "tmp"]
    assert run(domain, "vverifypw", "max@example.net", "of max") == "User authenticated.\n"
    assert source(domain) == before
    again = run(domain, "vconvert", "-e", "-c", "example.net")
    assert "skipping joe: there is such a user\n" in again and len(records(domain, PLACE)) == 3


def test_a_file_of_names_and_hashes(domain):
    run(domain, "vadddomain", "b.example", "secret")
    domain.write("/var/qmail/users/poppasswd", "# ours\njoe $1$abcdefgh$irWbblnpmw.5z7wgBnprh0\nJane:ab01FAX.bQRSU:x:y\n"
                 "max@b.example:$1$x$y\na:$1$x$y\njoe:$1$other$z\nempty:\nno,name:$1$x$y\nshort:*\n")
    done = domain.run(["vconvert", "-p", "/var/qmail/users/poppasswd", "-c", "example.net"], check=False)
    said = done.stdout.decode().splitlines()
    assert done.returncode == 1 and b"a line has no name and hash: empty" in done.stderr
    assert said[-1] == "converting example.net...    done" and "skipping joe: he is there twice" in said
    assert "skipping a: Illegal username" in said and "skipping short" in said
    found = records(domain, PLACE)
    assert set(found) == {"postmaster", "joe", "jane"}
    assert found["joe"][0] == "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0" and found["jane"][0] == "ab01FAX.bQRSU"
    assert set(records(domain, f"{VIRTUAL}/b.example")) == {"postmaster"}
    domain.write("/root/pairs", "eve@B.example:$1$x$y\nalone:$1$x$y\n")
    run(domain, "vconvert", "-p", "/root/pairs", "-c")
    assert set(records(domain, f"{VIRTUAL}/b.example")) == {"postmaster", "eve"} and set(records(domain, PLACE)) == set(found)


def test_a_domain_becomes_a_file_and_comes_back(domain):
    run(domain, "vadddomain", "b.example", "secret")
    for name in ("joe", "jane"):
        run(domain, "vadduser", "-e", f"$1$x${name}", f"{name}@example.net")
    before = domain.sh(f"cd {PLACE} && ls -lR --time-style=full-iso && cat vpasswd").stdout
    domain.sh("cd /root && vconvert -c -p pairs example.net")
    assert domain.sh(f"cd {PLACE} && ls -lR --time-style=full-iso && cat vpasswd").stdout == before
    pairs = domain.read("/root/pairs").decode().splitlines()
    assert "joe:$1$x$joe" in pairs and "jane:$1$x$jane" in pairs and len(pairs) == 3
    assert domain.sh("stat -c '%a %U' /root/pairs").stdout == "600 root\n"
    run(domain, "vconvert", "-p", "/root/pairs", "-c", "b.example")
    assert {name: user[0] for name, user in records(domain, f"{VIRTUAL}/b.example").items() if name != "postmaster"} == {
        "joe": "$1$x$joe", "jane": "$1$x$jane"}
    run(domain, "vconvert", "-c", "-p", "/root/all")
    assert "joe@b.example:$1$x$joe" in domain.read("/root/all").decode().splitlines()


def test_accounts_become_a_file(domain):
    domain.user("joe", password="of joe")
    run(domain, "vconvert", "-e", "-p", "/root/pairs")
    name, hash_ = domain.read("/root/pairs").decode().strip().split(":")
    assert name == "joe" and crypt("of joe", hash_) == hash_


def test_dry_run_changes_nothing(domain):
    domain.write("/root/pairs", "joe:$1$x$y\n")
    assert run(domain, "vconvert", "--dry-run", "-p", "/root/pairs", "-c", "example.net") == "add joe@example.net\n"
    assert set(records(domain, PLACE)) == {"postmaster"}
    assert run(domain, "vconvert", "--dry-run", "-c", "-p", "/root/other").endswith("write /root/other\n")
    assert domain.sh("test -e /root/other", check=False).returncode == 1


def test_what_is_not_there_yet_and_what_is_wrong(domain):
    for words, why in ((["-c", "-m"], b"usage"), (["-c", "-s"], b"not there"), (["-S"], b"not there yet"),
                       (["-c", "-e", "example.net"], b"accounts of the system are no target"), (["-e"], b"usage"), ([], b"usage"),
                       (["-e", "-c"], b"usage"), (["-e", "-c", "-p", "x"], b"usage"), (["-p", "/root/none", "-c"], b"no file")):
        done = domain.run(["vconvert", *words], check=False)
        assert done.returncode == 100 and why in done.stderr, words
    domain.write("/root/pairs", "joe:$1$x$y\n")
    assert domain.run(["vconvert", "-p", "/root/pairs", "-c", "else.where"], check=False).returncode == 1
    assert domain.run(["vconvert", "-p", "/root/pairs", "-c", "example.net"], user="vpopmail", check=False).returncode == 100
    domain.sh(f"touch {PLACE}/joe && chown vpopmail: {PLACE}/joe")
    assert run(domain, "vconvert", "-p", "/root/pairs", "-c", "example.net", code=1).splitlines()[0] == \
        "converting example.net... domain conversion failed"
    assert set(records(domain, PLACE)) == {"postmaster"}
