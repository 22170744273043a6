"""Virtual domains come and go as a whole, and nothing else moves."""

import pytest

from tests.vdomains.conftest import VIRTUAL, by_hand, state


def run(host, *command, code=0, **more):
    done = host.run(list(command), check=False, **more)
    assert done.returncode == code, done
    return done.stdout.decode()


def owner_of(host, address):
    """user and home that qmail-newu's table has for a domain's prefix."""
    done = host.run(["cdb", "-q", "/var/qmail/users/cdb", f"!{address}-"], check=False)
    return done.stdout.decode().split("\0")[0:4:3] if done.returncode == 0 else None


def test_an_alias_gets_four_lines_and_nothing_else_moves(virtual):
    by_hand(virtual, "a.example")
    before = state(virtual)
    assert run(virtual, "vaddaliasdomain", "a.example", "B.example") == ""
    after = state(virtual)
    assert owner_of(virtual, "b.example") == ["a.example", f"{VIRTUAL}/a.example"]
    assert after["users/assign"] == [*before["users/assign"][:-1], f"+b.example-:a.example:89:89:{VIRTUAL}/a.example:-::", "."]
    assert after["control/virtualdomains"] == [*before["control/virtualdomains"], "b.example:b.example"]
    assert after["control/rcpthosts"] == [*before["control/rcpthosts"], "b.example"]
    assert after["control/locals"] == before["control/locals"]
    run(virtual, "vdeldomain", "b.example")
    assert state(virtual) == before and owner_of(virtual, "b.example") is None
    assert virtual.read(f"{VIRTUAL}/a.example/joe/Maildir/new/1.a.b") == b"mail\n"


def test_the_names_may_come_in_either_order(virtual):
    by_hand(virtual, "a.example", "b.example")
    run(virtual, "vaddaliasdomain", "c.example", "a.example")
    assert owner_of(virtual, "c.example")[0] == "a.example"
    assert run(virtual, "vaddaliasdomain", "a.example", "b.example", code=1) == \
        "Error: Both domains already exist, unable to create alias.\n"
    assert run(virtual, "vaddaliasdomain", "x.example", "y.example", code=1) == \
        "Error: Neither domain exists, unable to create alias.\n"
    assert run(virtual, "vaddaliasdomain", "a.example", "A.EXAMPLE", code=100) == "Error: The two domains are the same.\n"
    assert run(virtual, "vaddaliasdomain", "a.example", "no..example", code=100) == "Error: Invalid domain name\n"


def test_a_name_that_is_somebody_elses_stays_his(virtual):
    by_hand(virtual, "a.example")
    before = state(virtual)
    assert run(virtual, "vaddaliasdomain", "a.example", "shop.example", code=1) == \
        "Error: control/virtualdomains has shop.example:joe-shop\n"
    assert state(virtual) == before


def test_an_alias_that_was_local_is_no_longer(virtual):
    by_hand(virtual, "a.example")
    virtual.control("locals", "mail.example.org\nOld.example \n")
    run(virtual, "vaddaliasdomain", "a.example", "old.example")
    assert state(virtual)["control/locals"] == ["mail.example.org"]


def test_a_missing_locals_is_not_made(virtual):
    by_hand(virtual, "a.example")
    virtual.sh("rm -f /var/qmail/control/locals")
    run(virtual, "vaddaliasdomain", "a.example", "b.example")
    assert state(virtual)["control/locals"] is None


def test_the_fifty_first_host_goes_to_morercpthosts(virtual):
    by_hand(virtual, "a.example")
    virtual.control("rcpthosts", "".join(f"{i}.example\n" for i in range(50)))
    run(virtual, "vaddaliasdomain", "a.example", "b.example")
    assert state(virtual)["control/morercpthosts"] == ["b.example"]
    assert virtual.run(["cdb", "-q", "/var/qmail/control/morercpthosts.cdb", "b.example"], check=False).returncode == 0
    run(virtual, "vdeldomain", "b.example")
    assert state(virtual)["control/morercpthosts"] is None
    assert virtual.sh("ls /var/qmail/control").stdout.split().count("morercpthosts.cdb") == 0


def test_a_domain_goes_with_its_mail(virtual):
    by_hand(virtual, "a.example", "b.example")
    assert run(virtual, "vdeldomain", "A.example") == ""
    assert virtual.sh(f"ls -A {VIRTUAL}").stdout == "b.example\n"
    assert owner_of(virtual, "a.example") is None and owner_of(virtual, "b.example")
    assert state(virtual)["control/virtualdomains"] == ["# kept", "b.example:b.example", "shop.example:joe-shop"]
    assert run(virtual, "vdeldomain", "a.example", code=1) == "Error: Domain does not exist\n"
    assert run(virtual, "vdeldomain", "a.example", code=245, env={"VPOPMAIL_EXIT": "old"}) == "Error: Domain does not exist\n"


def test_a_domain_with_aliases_goes_only_with_force(virtual):
    by_hand(virtual, "a.example", aliases=[("b.example", "a.example"), ("c.example", "a.example")])
    before = state(virtual)
    assert run(virtual, "vdeldomain", "a.example", code=1) == \
        "Warning: Alias domains exist:\n   b.example\n   c.example\n   use -f to force delete of domain and all aliases\n"
    assert state(virtual) == before
    assert run(virtual, "vdeldomain", "-f", "a.example") == "Warning: Alias domains deleted:\n   b.example\n   c.example\n"
    assert state(virtual)["users/assign"] == ["=joe:joe:1000:1000:/home/joe:::", "."]
    assert state(virtual)["control/rcpthosts"] == ["mail.example.org"]
    assert virtual.sh(f"ls -A {VIRTUAL}").stdout == ""


def test_a_directory_that_may_be_somebodys_home_stays(virtual):
    virtual.user("joe")
    by_hand(virtual)
    virtual.write("/var/qmail/users/assign", "+hand.example-:hand.example:1000:1000:/home/joe:-::\n.\n")
    virtual.run(["qmail-newu"])
    done = virtual.run(["vdeldomain", "hand.example"])
    assert b"the directory stays, for it has not the domain's name: /home/joe" in done.stderr
    assert virtual.sh("test -d /home/joe && echo there").stdout == "there\n"


def test_no_link_is_followed_by_root(virtual):
    by_hand(virtual, "a.example", "b.example")
    virtual.sh(f"mkdir /srv/precious && touch /srv/precious/file && rm -r {VIRTUAL}/a.example && "
               f"ln -s /srv/precious {VIRTUAL}/a.example && ln -s /srv/precious {VIRTUAL}/b.example/joe/link")
    run(virtual, "vdeldomain", "a.example")
    run(virtual, "vdeldomain", "b.example")
    assert virtual.sh(f"ls -A {VIRTUAL} /srv/precious").stdout == f"{VIRTUAL}:\n\n/srv/precious:\nfile\n"


def test_what_would_be_done_is_said_and_not_done(virtual):
    by_hand(virtual, "a.example")
    before = state(virtual)
    assert run(virtual, "vdeldomain", "--dry-run", "a.example").splitlines() == [
        "drop from control/rcpthosts: a.example", "drop from control/morercpthosts: a.example",
        "drop from control/virtualdomains: a.example:a.example",
        f"drop from users/assign: +a.example-:a.example:89:89:{VIRTUAL}/a.example:-::", f"remove {VIRTUAL}/a.example"]
    assert state(virtual) == before


def test_only_root_changes_domains(virtual):
    by_hand(virtual, "a.example")
    for command in (["vdeldomain", "a.example"], ["vaddaliasdomain", "a.example", "b.example"]):
        done = virtual.run(command, user="vpopmail", check=False)
        assert done.returncode == 100 and b"only root can do this" in done.stderr


@pytest.mark.parametrize("command", ["vdeldomain", "vdeldomain a b", "vdeldomain -x a", "vaddaliasdomain a"])
def test_wrong_use_is_told(virtual, command):
    done = virtual.run(command.split(), check=False)
    assert done.returncode == 100 and b"usage: " in done.stderr


def test_two_at_once_lose_nothing(virtual):
    by_hand(virtual, "a.example")
    names = [f"x{i}.example" for i in range(20)]
    virtual.sh("for n in " + " ".join(names) + "; do vaddaliasdomain a.example $n & done; wait")
    assert set(state(virtual)["control/rcpthosts"]) == {"mail.example.org", "a.example", *names}
    assert all(owner_of(virtual, name) == ["a.example", f"{VIRTUAL}/a.example"] for name in names)
    virtual.sh("for n in " + " ".join(names) + "; do vdeldomain $n & done; wait")
    assert state(virtual)["control/rcpthosts"] == ["mail.example.org", "a.example"]


def test_where_a_table_cannot_be_compiled_nothing_is_begun(virtual):
    by_hand(virtual, "a.example")
    text = virtual.read("/var/qmail/users/assign")
    virtual.write("/var/qmail/users/assign", b"broken\n" + text)
    before = state(virtual)
    done = virtual.run(["vaddaliasdomain", "a.example", "b.example"], check=False)
    assert done.returncode == 111 and b"bad format in users/assign line 1" in done.stderr
    assert state(virtual) == before and not plan_is_there(virtual)


def test_what_was_begun_is_finished_by_the_next_command(virtual):
    by_hand(virtual, "a.example", "d.example")
    virtual.sh("chattr +i /var/qmail/control/rcpthosts 2>/dev/null || mount --bind /var/qmail/control/rcpthosts /var/qmail/control/rcpthosts")
    done = virtual.run(["vaddaliasdomain", "a.example", "b.example"], check=False)
    assert done.returncode == 111 and b"the next command finishes it" in done.stderr
    assert plan_is_there(virtual) and "b.example" not in state(virtual)["control/rcpthosts"]
    virtual.sh("umount /var/qmail/control/rcpthosts 2>/dev/null || chattr -i /var/qmail/control/rcpthosts")
    run(virtual, "vdeldomain", "d.example")
    assert "b.example" in state(virtual)["control/rcpthosts"] and not plan_is_there(virtual)


def test_what_was_begun_is_finished_without_another_command(virtual):
    by_hand(virtual, "a.example")
    virtual.sh("mount --bind /var/qmail/control/rcpthosts /var/qmail/control/rcpthosts")
    assert virtual.run(["vaddaliasdomain", "a.example", "b.example"], check=False).returncode == 111
    assert virtual.run(["vrepair"], check=False).returncode == 111 and plan_is_there(virtual)
    virtual.sh("umount /var/qmail/control/rcpthosts")
    assert run(virtual, "vrepair") == ""
    assert "b.example" in state(virtual)["control/rcpthosts"] and not plan_is_there(virtual)
    before = state(virtual)
    assert run(virtual, "vrepair") == "" and state(virtual) == before


def plan_is_there(host):
    return host.sh("test -e /var/qmail/users/vdomains.plan", check=False).returncode == 0
