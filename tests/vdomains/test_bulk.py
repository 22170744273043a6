"""Many users are added at once, out of a list."""

import os
import time

import pytest

from tests.vdomains.conftest import VIRTUAL, crypt, in_cdb, records
from tests.vdomains.test_domains import run
from tests.vdomains.test_users import PLACE, domain

assert domain


def test_a_list_of_users_is_added(domain):
    run(domain, "vadddomain", "b.example", "x")
    run(domain, "vmoddomlimits", "-q", "5", "b.example")
    domain.write("/root/list", "# who comes\n\nann@example.net:$1$a$b:Ann A.:10M\nBob%alias.example:secret\r\n"
                 "cid@b.example:{SSHA}abc::7C\ndan@b.example:$1$:\neve@b.example:pass word::", mode=0o600)
    assert run(domain, "vadduser", "-f", "/root/list") == ""
    one, other = records(domain, PLACE), records(domain, f"{VIRTUAL}/b.example")
    assert set(one) == {"postmaster", "joe", "jane", "ann", "bob"} and set(other) == {"postmaster", "cid", "dan", "eve"}
    assert one["ann"] == ["$1$a$b", "1", "0", "Ann A.", f"{PLACE}/ann", "10485760S"] == in_cdb(domain, PLACE, "ann")
    assert one["bob"][1:] == ["1", "0", "bob", f"{PLACE}/bob", "NOQUOTA"] and crypt("secret", one["bob"][0]) == one["bob"][0]
    assert [other[name][-1] for name in ("cid", "dan", "eve")] == ["7C", "5S", "5S"] and other["cid"][0] == "{SSHA}abc"
    assert crypt("pass word", other["eve"][0]) == other["eve"][0]
    assert domain.sh(f"find {PLACE}/bob -printf '%m %u %P\\n' | sort -k3").stdout == \
        "750 vpopmail \n700 vpopmail Maildir\n700 vpopmail Maildir/cur\n700 vpopmail Maildir/new\n700 vpopmail Maildir/tmp\n600 vpopmail lastauth\n"


def test_it_may_come_from_a_pipe(domain):
    run(domain, "vadduser", "-q", "3M", "-f", "-", input=b"ann@example.net:$1$a$b\n", user="vpopmail")
    assert records(domain, PLACE)["ann"][-1] == "3145728S"


@pytest.mark.parametrize("line, code, said", [
    ("ann@example.net", 100, "that is not address:password:comment:quota"), ("ann@example.net:", 100, "that is not address:password:comment:quota"),
    ("ann@example.net:a:b:1:c", 100, "that is not address:password:comment:quota"), ("joe@example.net:a", 1, "Username exists"),
    ("ok@example.net:a", 1, "Username exists"), ("ann@else.where:a", 1, "Domain does not exist"), ("a@example.net:a", 100, "Illegal username"),
    ("a b@example.net:a", 100, "invalid email character"), ("ann@example.net:a::x", 100, "that is no quota"),
    (f"ann@example.net:a:{65 * 'x'}", 100, "gecos too long (max=64)"), (f"ann@example.net:{129 * 'x'}", 100, "password too long (max=128)"),
    (f"ann@example.net:{5000 * 'x'}", 100, "that is not address:password:comment:quota")])
def test_a_wrong_line_is_named_and_nobody_is_added(domain, line, code, said):
    before = domain.read(f"{PLACE}/vpasswd")
    assert run(domain, "vadduser", "-f", "-", input=f"ok@example.net:$1$a$b\n\n{line}\n".encode(), code=code) == f"Error: line 3: {said}\n"
    assert domain.read(f"{PLACE}/vpasswd") == before and domain.read(f"{PLACE}/.dir-control").startswith(b"3\n")


def test_what_would_be_added_is_said(domain):
    assert run(domain, "vadduser", "--dry-run", "-f", "-", input=b"ann@example.net:x\nbob@example.net:x\n") == "add 2 users to example.net\n"
    assert set(records(domain, PLACE)) == {"postmaster", "joe", "jane"}
    for words in (["-c", "x"], ["-r"], ["-e", "x"]):
        run(domain, "vadduser", *words, "-f", "-", code=100)
    run(domain, "vadduser", "-f", "-", "ann@example.net", code=100)
    assert domain.run(["vadduser", "-f", "/none"], check=False).returncode == 111


def test_freed_places_are_used_and_homes_are_spread(domain):
    domain.write(f"{PLACE}/.dir_control_free", "9\n", owner="vpopmail")
    run(domain, "vadduser", "-f", "-", input="".join(f"u{i}@example.net:$1$a$b\n" for i in range(100)).encode())
    homes = {name: fields[-2].removeprefix(PLACE) for name, fields in records(domain, PLACE).items()}
    assert homes["u0"] == "/9/u0" and homes["u95"] == "/u95" and homes["u96"] == "/0/u96"
    assert domain.read(f"{PLACE}/.dir_control_free") == b""


def test_two_lists_at_once(domain):
    for name in ("a", "b"):
        domain.write(f"/root/{name}", "".join(f"{name}{i}@example.net:$1$a$b\n" for i in range(200)))
    domain.sh("vadduser -f /root/a & vadduser -f /root/b & wait")
    assert len(records(domain, PLACE)) == 403 and in_cdb(domain, PLACE, "a199") and in_cdb(domain, PLACE, "b0")


def test_many_cost_little(domain):
    """BULK_USERS=100000 tells what a list of so many costs."""
    count = int(os.environ.get("BULK_USERS", "3000"))
    domain.write("/root/list", "".join(f"user{i}@example.net:$1$a$b:Comment {i}\n" for i in range(count)))
    start = time.monotonic()
    domain.run(["vadduser", "-f", "/root/list"], timeout=600)
    each = (time.monotonic() - start) / count * 1e6
    print(f"{each:.0f} us a user")
    assert len(records(domain, PLACE)) == count + 3 and each < 20000
