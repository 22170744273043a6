"""A virtual domain is there or not, whichever call fails and wherever a command is killed; the next command finishes it."""

import pathlib
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.host import eventually
from tests.sqlstore.servers import Sqlite, helper_listens, install
from tests.vdomains.conftest import VIRTUAL, by_hand, in_cdb, records, state, virtual

pytestmark = ours_alone
assert virtual
# What stands in a domain with these two users.
OF_DOMAIN = {".dir-control", ".dir-control.lock", ".qmail-default", ".vpasswd.lock", "jane", "postmaster", "vpasswd", "vpasswd.cdb"}


def call(host, under, *command):
    return host.popen([*under, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


def looks(host):
    host.run(["vdeldomain", "there.is.none"], check=False)
    found = state(host)
    found["directory"] = pathlib.Path(host.path(f"{VIRTUAL}/a.example")).exists()
    found["cdb"] = host.run(["cdb", "-d", "/var/qmail/users/cdb"]).stdout
    found["left"] = sorted(path.name for folder in ("users", "control") for path in pathlib.Path(host.path(f"/var/qmail/{folder}")).iterdir()
                           if path.name.endswith((".new", ".plan", ".tmp")))
    return found


@pytest.mark.parametrize("command", [["vaddaliasdomain", "a.example", "b.example"], ["vdeldomain", "-f", "a.example"]])
def test_domain_command(virtual, record_property, command):
    def before():
        virtual.sh(f"rm -rf {VIRTUAL}")
        by_hand(virtual, "a.example")

    before()
    old = looks(virtual)
    assert call(virtual, [], *command) == 0
    new = looks(virtual)
    assert old != new and old["left"] == new["left"] == []
    before()

    def run(under):
        return call(virtual, under, *command)

    def judge(code, fault):
        found = looks(virtual)
        before()
        if code == 111 and {**found, "directory": False} == new:
            return []                           # what could not be removed was told
        if found not in (old, new):
            return [f"neither before nor after: {found}"]
        if code == 0 and found != new:
            return ["said to be done"]
        return []

    sweep(virtual, command[0], run, judge).end(record_property)


def test_vadddomain(virtual, record_property):
    """There with its postmaster, or not there; and then it can be made."""
    by_hand(virtual)
    before = looks(virtual)

    def is_there():
        return "b.example" in state(virtual)["control/rcpthosts"]

    def whole():
        found = state(virtual)
        place = found["users/assign"][-2].split(":")[4]
        return found["users/assign"][-2].startswith("+b.example-:") and "b.example:b.example" in found["control/virtualdomains"] \
            and in_cdb(virtual, place, "postmaster") is not None and "postmaster" in records(virtual, place) \
            and pathlib.Path(virtual.path(f"{place}/postmaster/Maildir/new")).is_dir()

    def run(under):
        return call(virtual, under, "vadddomain", "b.example", "x")

    def judge(code, fault):
        found, wrong = looks(virtual), []
        if code == 0 and not is_there():
            wrong.append("said to be done")
        if not is_there():
            wrong += [f"half of it is there: {found}"] if found != before else []
            wrong += ["it cannot be made now"] if run([]) != 0 else []
        wrong += [] if whole() else [f"something is missing: {looks(virtual)}"]
        virtual.run(["vdeldomain", "b.example"], check=False)
        return wrong

    sweep(virtual, "vadddomain", run, judge).end(record_property)


def test_vadduser(virtual, record_property):
    """In both tables or in neither; and then he can be made."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.sh(f"cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vadduser", "-e", "$1$x$y", "joe@b.example")

    def judge(code, fault):
        wrong = []
        virtual.run(["vadduser", "-e", "$1$x$y", "jane@b.example"])
        there = in_cdb(virtual, place, "joe")
        if (there is None) != ("joe" not in records(virtual, place)):
            wrong.append("the two tables differ")
        if code == 0 and not there:
            wrong.append("said to be done")
        if not there and run([]) != 0:
            wrong.append("he cannot be made now")
        if not pathlib.Path(virtual.path(f"{place}/joe/Maildir/new")).is_dir():
            wrong.append("he has no Maildir")
        if set(records(virtual, place)) != {"postmaster", "joe", "jane"}:
            wrong.append(f"there are {sorted(records(virtual, place))}")
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vadduser", run, judge).end(record_property)


def test_vadduser_of_a_list(virtual, record_property):
    """All of a list in both tables, or nobody; and then they can be made."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.write("/run/list", "ann@b.example:$1$x$y\njoe@b.example:$1$x$y\n")
    virtual.sh(f"cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vadduser", "-f", "/run/list")

    def judge(code, fault):
        wrong = []
        virtual.run(["vadduser", "-e", "$1$x$y", "jane@b.example"])
        there = [name for name in ("ann", "joe") if in_cdb(virtual, place, name)]
        if set(records(virtual, place)) != {"postmaster", "jane", *there}:
            wrong.append("the two tables differ")
        if len(there) == 1 or (code == 0 and not there):
            wrong.append(f"{code}, and there are {there}")
        if not there and run([]) != 0:
            wrong.append("they cannot be made now")
        if not all(pathlib.Path(virtual.path(f"{place}/{name}/Maildir/new")).is_dir() for name in ("ann", "joe")):
            wrong.append("they have no Maildir")
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vadduser -f", run, judge).end(record_property)


def test_vdeluser(virtual, record_property):
    """With his record he has all his mail; without it, all that was his goes with the next command."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.run(["vadduser", "-e", "$1$x$y", "joe@b.example"])
    virtual.sh(f"echo mail > {place}/joe/Maildir/new/1.a.b && chown vpopmail: {place}/joe/Maildir/new/1.a.b && cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vdeluser", "joe@b.example")

    def judge(code, fault):
        wrong = []
        kept = pathlib.Path(virtual.path(f"{place}/joe/Maildir/new/1.a.b")).exists()
        there = "joe" in records(virtual, place)
        if there and not kept:
            wrong.append("his mail has gone before him")
        if there and code == 0:
            wrong.append("said to be done")
        virtual.run(["vadduser", "-e", "$1$x$y", "jane@b.example"])
        if (in_cdb(virtual, place, "joe") is not None) != there:
            wrong.append("the two tables differ")
        left = set(virtual.sh(f"ls -A {place}").stdout.split()) - {".removing.lock", ".removing.new"}
        if left != OF_DOMAIN | ({"joe"} if there else set()):
            wrong.append(f"left: {sorted(left)}")
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vdeluser", run, judge).end(record_property)


def test_vrenameuser(virtual, record_property):
    """Under one of his names he is there, with all his mail under that name; the next command finishes it."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.run(["vadduser", "-e", "$1$x$y", "joe@b.example"])
    virtual.sh(f"echo mail > {place}/joe/Maildir/new/1.a.b && chown vpopmail: {place}/joe/Maildir/new/1.a.b && cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vrenameuser", "joe@b.example", "max")

    def judge(code, fault):
        wrong = []
        virtual.run(["vadduser", "-e", "$1$x$y", "jane@b.example"])
        names = set(records(virtual, place)) - {"postmaster", "jane"}
        if names not in ({"joe"}, {"max"}) or (code == 0 and names != {"max"}):
            wrong.append(f"{code}, and there are {names}")
        for name in names:
            if in_cdb(virtual, place, name) != records(virtual, place)[name] or records(virtual, place)[name][4] != f"{place}/{name}":
                wrong.append("the two tables differ")
            if not pathlib.Path(virtual.path(f"{place}/{name}/Maildir/new/1.a.b")).is_file():
                wrong.append("his mail is not there")
        left = set(virtual.sh(f"ls -A {place}").stdout.split()) - {".removing.lock", ".renaming.new"}
        if left != names | OF_DOMAIN:
            wrong.append(f"left: {sorted(left)}")
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vrenameuser", run, judge).end(record_property)


def test_vmoduser(virtual, record_property):
    """All users of the domain are changed, in both tables, or none is."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.run(["vadduser", "-e", "$1$x$y", "joe@b.example"])
    virtual.sh(f"cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vmoduser", "-p", "-q", "1000", "b.example")

    def judge(code, fault):
        wrong = []
        virtual.run(["vadduser", "-e", "$1$x$y", "jane@b.example"])
        found = records(virtual, place)
        if found["joe"] != in_cdb(virtual, place, "joe") or found["postmaster"] != in_cdb(virtual, place, "postmaster"):
            wrong.append("the two tables differ")
        changed = {(found[name][2], found[name][5]) for name in ("joe", "postmaster")}
        if changed not in ({("2", "1000S")}, {("0", "NOQUOTA")}):
            wrong.append(f"some are changed: {changed}")
        if code == 0 and ("2", "1000S") not in changed:
            wrong.append("said to be done")
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vmoduser", run, judge).end(record_property)


def test_the_host_of_a_mailbox(virtual, record_property):
    """It is the old one or the new one, and of who shares the home it stays."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.run(["vadduser", "-e", "$1$x$y", "joe@b.example"])
    virtual.write(f"{place}/joe/mailhost", "joe:old.example\nmax:his.example\n", owner="vpopmail", mode=0o600)
    virtual.sh(f"cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vmoduser", "-H", "new.example", "joe@b.example")

    def judge(code, fault):
        lines = virtual.read(f"{place}/joe/mailhost").decode().splitlines()
        wrong = [] if "max:his.example" in lines else ["somebody else's is lost"]
        if sorted(lines)[:-1] not in (["joe:old.example"], ["joe:new.example"]):
            wrong.append(f"there is {lines}")
        if code == 0 and "joe:new.example" not in lines:
            wrong.append("said to be done")
        if call(virtual, [], "vmoduser", "-H", "last.example", "joe@b.example") != 0:
            wrong.append("it cannot be changed now")
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vmoduser -H", run, judge).end(record_property)


BULLETIN = b"Subject: news\n\n" + b"The machine will be off.\n" * 200


@pytest.mark.parametrize("way", ["-c", "-h"])
def test_vpopbull(virtual, record_property, way):
    """Each mailbox has it once and whole or not at all, as was said; a ledger that is there says what is there."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.run(["vadduser", "-e", "$1$x$y", "-q", "1M", "joe@b.example"])
    virtual.write("/run/news", BULLETIN)
    virtual.sh(f"cp -a {place} /tmp/kept")
    maildirs = [pathlib.Path(virtual.path(f"{place}/{name}/Maildir")) for name in ("joe", "postmaster")]

    def run(under):
        return call(virtual, under, "vpopbull", way, "-f", "/run/news", "b.example")

    def of_ledger(maildir, fault):
        ledger = maildir / "maildirsize"
        if not ledger.exists() or (fault and fault.kill):
            return []
        numbers = [int(word) for word in ledger.read_bytes().split()[1:]]
        true = [path.stat().st_size for path in (maildir / "new").iterdir()]
        return [] if [sum(numbers[::2]), sum(numbers[1::2])] == [sum(true), len(true)] else [f"the ledger is wrong: {numbers}"]

    def judge(code, fault):
        wrong, got = [], 0
        for maildir in maildirs:
            found, complaints = must.in_maildir(maildir, BULLETIN)
            got += found
            wrong += complaints + of_ledger(maildir, fault)
            wrong += ["something is left in tmp"] if list((maildir / "tmp").iterdir()) and not (fault and fault.kill) else []
        wrong += ["said to be done"] if code == 0 and got < 2 else []
        wrong += [f"exit {code} refuses for good"] if code in (1, 100) else []
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, f"vpopbull {way}", run, judge).end(record_property)


def test_vdeloldusers(virtual, record_property):
    """Who is not old stays with all his mail, whatever fails; who is old has his mail as long as he has his record."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    for name, days in (("old", 400), ("new", 1)):
        virtual.run(["vadduser", "-e", "$1$x$y", f"{name}@b.example"])
        virtual.sh(f"echo mail > {place}/{name}/Maildir/new/1.a.b; echo 10.0.0.1 > {place}/{name}/lastauth; "
                   f"chown -R vpopmail: {place}/{name}; touch -d '{days} days ago' {place}/{name}/lastauth")
    virtual.sh(f"cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vdeloldusers", "-D", "-d", "b.example")

    def judge(code, fault):
        wrong = []
        kept = pathlib.Path(virtual.path(f"{place}/old/Maildir/new/1.a.b")).exists()
        there = "old" in records(virtual, place)
        if there and not kept:
            wrong.append("his mail has gone before him")
        if there and code == 0:
            wrong.append("said to be done")
        virtual.run(["vadduser", "-e", "$1$x$y", "jane@b.example"])
        if not {"new", "postmaster", "jane"} <= set(records(virtual, place)) or \
                not pathlib.Path(virtual.path(f"{place}/new/Maildir/new/1.a.b")).exists():
            wrong.append("somebody went who is not old")
        left = set(virtual.sh(f"ls -A {place}").stdout.split()) - {".removing.lock", ".removing.new"}
        if left != OF_DOMAIN | {"new"} | ({"old"} if there else set()):
            wrong.append(f"left: {sorted(left)}")
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vdeloldusers", run, judge).end(record_property)


def test_vconvert_into_a_domain(virtual, record_property):
    """All of a file in both tables, or nobody; and then they can be made."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.write("/run/pairs", "ann:$1$x$y\njoe:$1$x$z\n")
    virtual.sh(f"cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vconvert", "-p", "/run/pairs", "-c", "b.example")

    def judge(code, fault):
        wrong = []
        virtual.run(["vadduser", "-e", "$1$x$y", "jane@b.example"])
        there = {name for name in ("ann", "joe") if in_cdb(virtual, place, name)}
        if set(records(virtual, place)) != {"postmaster", "jane"} | there:
            wrong.append("the two tables differ")
        if len(there) == 1 or (code == 0 and not there):
            wrong.append(f"{code}, and there are {there}")
        if not there and run([]) != 0:
            wrong.append("they cannot be made now")
        if not all(pathlib.Path(virtual.path(f"{place}/{name}/Maildir/new")).is_dir() for name in ("ann", "joe")):
            wrong.append("they have no Maildir")
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vconvert into a domain", run, judge).end(record_property)


def test_vconvert_into_a_file(virtual, record_property):
    """The file is the old one or has all the users."""
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.run(["vadduser", "-e", "$1$x$y", "joe@b.example"])
    path, old = pathlib.Path(virtual.path("/run/made/pairs")), b"old:$1$x$y\n"
    virtual.write("/run/made/pairs", old)
    before = virtual.sh(f"cd {VIRTUAL}/b.example && ls -lR --time-style=full-iso && cat vpasswd").stdout

    def run(under):
        return call(virtual, under, "vconvert", "-c", "-p", "/run/made/pairs", "b.example")

    path.unlink()
    assert run([]) == 0
    new = path.read_bytes()
    path.write_bytes(old)

    def judge(code, fault):
        wrong = must.replaced(path, old, new, code == 0, fault and fault.kill)
        wrong += [f"{name.name} is left" for name in path.parent.glob("*.new") if not (fault and fault.kill)]
        if virtual.sh(f"cd {VIRTUAL}/b.example && ls -lR --time-style=full-iso && cat vpasswd").stdout != before:
            wrong.append("the source has changed")
        for left in path.parent.iterdir():
            left.unlink()
        path.write_bytes(old)
        return wrong

    sweep(virtual, "vconvert into a file", run, judge).end(record_property)


def test_vreorg(virtual, record_property):
    """Each user's record leads to all his mail, whatever fails; and the next command finishes it."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    for slot, name in (("0", "joe"), ("0/z", "max")):
        virtual.run(["vadduser", "-e", "$1$x$y", f"{name}@b.example"])
        virtual.sh(f"cd {place} && echo {name} > {name}/Maildir/new/1.a.b && mkdir -p {slot} && mv {name} {slot}/ && "
                   f"sed -i 's,{place}/{name},{place}/{slot}/{name},' vpasswd && chown -R vpopmail: .")
    virtual.run(["vmkpasswd", "b.example"])
    virtual.sh(f"cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vreorg", "b.example")

    def judge(code, fault):
        wrong = []
        virtual.run(["vadduser", "-e", "$1$x$y", "jane@b.example"])
        found = records(virtual, place)
        for name in ("joe", "max"):
            if in_cdb(virtual, place, name) != found[name]:
                wrong.append("the two tables differ")
            if virtual.sh(f"cat {found[name][4]}/Maildir/new/1.a.b", check=False).stdout != f"{name}\n":
                wrong.append(f"the mail of {name} is not there")
        if len({found[name][4].count("/") for name in ("joe", "max")} - {place.count("/") + 1}) == 1:
            wrong.append("one has moved, and one has not")
        if code == 0 and any(found[name][4] != f"{place}/{name}" for name in ("joe", "max")):
            wrong.append("said to be done")
        left = virtual.sh(f"cd {place}; find . -type l; find . -name 'joe' -o -name 'max' -o -name '.moving'").stdout.split()
        if len(left) != 2:
            wrong.append(f"left: {left}")
        if run([]) != 0 or virtual.sh(f"cat {place}/joe/Maildir/new/1.a.b {place}/max/Maildir/new/1.a.b", check=False).stdout != "joe\nmax\n":
            wrong.append("it cannot be done now")
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vreorg", run, judge).end(record_property)


def test_vexport(virtual, record_property):
    """The file is the old one or has all of the domain."""
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.run(["valias", "-i", "&a@b.example", "sales@b.example"])
    path, old = pathlib.Path(virtual.path("/run/made/domain")), b"old\n"
    virtual.write("/run/made/domain", old)

    def run(under):
        return call(virtual, under, "vexport", "b.example", "/run/made/domain")

    path.unlink()
    assert run([]) == 0
    new = path.read_bytes()
    path.write_bytes(old)

    def judge(code, fault):
        wrong = must.replaced(path, old, new, code == 0, fault and fault.kill)
        wrong += [f"{name.name} is left" for name in path.parent.glob("*.new") if not (fault and fault.kill)]
        for left in path.parent.iterdir():
            left.unlink()
        path.write_bytes(old)
        return wrong

    sweep(virtual, "vexport", run, judge).end(record_property)


def test_vimport(virtual, record_property):
    """Those who are new are all there or none, those who are changed all or none; and a second call does the rest."""
    place = f"{VIRTUAL}/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.run(["vadduser", "-e", "$1$x$old", "old@b.example"])
    users = "".join(f'{{"user":"{name}","password":"$1$x$new"}}\n' for name in ("ann", "joe", "old", "postmaster"))
    virtual.write("/run/domain", '{"domain":"b.example","format":1}\n{"alias_domain":"c.example"}\n' + users +
                  '{"alias":"sales","text":"&a@b.example\\n"}\n{"end":7}\n')
    virtual.sh(f"cp -a {place} /tmp/kept")

    def run(under):
        return call(virtual, under, "vimport", "/run/domain")

    def whole():
        found = records(virtual, place)
        return {name: fields[0] for name, fields in found.items()} == {name: "$1$x$new" for name in ("ann", "joe", "old", "postmaster")} \
            and pathlib.Path(virtual.path(f"{place}/.qmail-sales")).read_text() == "&a@b.example\n" \
            and "c.example:c.example" in state(virtual)["control/virtualdomains"] \
            and all(in_cdb(virtual, place, name) == fields for name, fields in found.items()) \
            and pathlib.Path(virtual.path(f"{place}/joe/Maildir/new")).is_dir()

    def judge(code, fault):
        found = records(virtual, place)
        wrong = ["some are new"] if len({"ann", "joe"} & set(found)) == 1 else []
        wrong += ["some are changed"] if len({found[name][0] == "$1$x$new" for name in ("old", "postmaster")}) > 1 else []
        wrong += ["said to be done"] if code == 0 and not whole() else []
        wrong += ["it cannot be done now"] if run([]) != 0 or not whole() else []
        virtual.run(["vdeldomain", "c.example"], check=False)
        virtual.sh(f"rm -rf {place} && cp -a /tmp/kept {place}")
        return wrong

    sweep(virtual, "vimport", run, judge).end(record_property)


@pytest.mark.parametrize("part", range(3))
def test_vmovedomain(virtual, record_property, part):
    """It is here or there, with all that is in it and whose it is; the next command finishes it."""
    virtual.user("max")
    old, new = f"{VIRTUAL}/b.example", "/home/max/domains/b.example"
    virtual.run(["vadddomain", "b.example", "x"])
    virtual.run(["vaddaliasdomain", "b.example", "c.example"])
    virtual.run(["vadduser", "-e", "$1$x$y", "joe@b.example"])
    virtual.sh(f"echo mail > {old}/joe/Maildir/new/1.a.b && chown vpopmail: {old}/joe/Maildir/new/1.a.b && "
               f"cp -a {VIRTUAL} /tmp/kept && cp -a /var/qmail/users /tmp/users")

    def run(under):
        return call(virtual, under, "vmovedomain", "-u", "max", "b.example")

    def judge(code, fault):
        virtual.run(["vdeldomain", "there.is.none"], check=False)
        place = next((where for where in (old, new) if pathlib.Path(virtual.path(where)).exists()), None)
        wrong = [] if place else ["it is nowhere"]
        if place:
            owner = {old: "vpopmail:vchkpw", new: "max:max"}[place]
            if set(virtual.sh(f"find {place} -printf '%u:%g\\n'").stdout.split()) != {owner}:
                wrong.append("not all is its owner's")
            if {fields[4] for fields in records(virtual, place).values()} != {f"{place}/joe", f"{place}/postmaster"}:
                wrong.append("homes are not where they are")
            if virtual.sh(f"cat {place}/joe/Maildir/new/1.a.b", check=False).stdout != "mail\n":
                wrong.append("his mail is not there")
            if [line.split(":")[4] for line in state(virtual)["users/assign"] if line.startswith("+")] != [place] * 2:
                wrong.append("the lines lead elsewhere")
        wrong += ["said to be done"] if code == 0 and place != new else []
        wrong += ["both are there"] if place == old and pathlib.Path(virtual.path(new)).exists() else []
        wrong += ["something is left"] if virtual.sh(f"ls -A {VIRTUAL} | grep moving; ls /var/qmail/users/*.plan*", check=False).stdout else []
        virtual.sh(f"rm -rf {VIRTUAL} /home/max/domains /var/qmail/users && cp -a /tmp/kept {VIRTUAL} && cp -a /tmp/users /var/qmail/users")
        return wrong

    sweep(virtual, "vmovedomain", run, judge, part=part, parts=3).end(record_property)


def test_vmovedomain_with_users_in_a_database(host, record_property):
    """Likewise; the rows lead to where the homes are."""
    host.user("max")
    old, new = f"{VIRTUAL}/b.example", "/home/max/domains/b.example"
    install(host, Sqlite(host))
    host.run(["vadddomain", "b.example", "x"])
    host.run(["vadduser", "-e", "$1$x$y", "joe@b.example"])
    host.sh(f"cp -a {VIRTUAL} /tmp/kept && cp -a /var/qmail/users /tmp/users")

    def run(under):
        return call(host, under, "vmovedomain", "-u", "max", "b.example")

    def judge(code, fault):
        host.run(["vdeldomain", "there.is.none"], check=False)
        place = next((where for where in (old, new) if pathlib.Path(host.path(where)).exists()), None)
        rows = set(Sqlite(host).sql("SELECT pw_dir FROM vpopmail").split())
        lines = [line.split(":")[4] for line in state(host)["users/assign"] if line.startswith("+")]
        wrong = [] if rows == {f"{place}/joe", f"{place}/postmaster"} else [f"homes are not where they are: {rows}, {place}"]
        wrong += [] if lines == [place] and pathlib.Path(host.path(f"{place}/joe/Maildir/new")).exists() else ["the lines lead elsewhere"]
        wrong += ["said to be done"] if code == 0 and place != new else []
        host.sh(f"rm -rf {VIRTUAL} /home/max/domains /var/qmail/users && cp -a /tmp/kept {VIRTUAL} && cp -a /tmp/users /var/qmail/users")
        Sqlite(host).sql(f"UPDATE vpopmail SET pw_dir = '{old}/' || pw_name")
        return wrong

    sweep(host, "vmovedomain of users in a database", run, judge, some=40).end(record_property)


def test_vconvert(host, record_property):
    """All users are where the line says, wherever it is broken off; the next one ends it, and has what was changed meanwhile follow."""
    place = f"{VIRTUAL}/b.example"
    host.control("usersbackend", "sqlite\ncdb\n")
    host.start("qmail-users")
    assert eventually(lambda: helper_listens(host, Sqlite(host))), host.log("qmail-users")
    host.run(["vadddomain", "b.example", "x"])
    host.run(["vadduser", "-e", "$1$x$y", "joe@b.example"])
    host.sh(f"cp -a {place} /tmp/kept && cp -a /var/qmail/control /tmp/control")
    host.run(["vmoduser", "-c", "changed", "joe@b.example"])
    host.sh(f"cp -a {place} /tmp/changed && rm -rf {place} && cp -a /tmp/kept {place}")

    def run(under):
        return call(host, under, "vconvert", "-b", "sqlite", "b.example")

    def users():
        return host.run(["vuserinfo", "-D", "b.example", "--json"]).stdout.decode().replace('"clear":"",', "")

    def is_there():
        return "b.example:sqlite" in host.read("/var/qmail/control/usersbackend").decode()

    before = users()
    begun = pathlib.Path(host.path("/var/qmail/users/vconvert.begun"))

    def judge(code, fault):
        wrong = [] if users() == before else ["users are not as they were"]
        wrong += ["said to be done"] if code == 0 and not is_there() else []
        late = is_there() and begun.exists()
        if late:
            host.sh(f"rm -rf {place} && cp -a /tmp/changed {place}")
        wrong += ["the next one cannot end it"] if run([]) != 0 or not is_there() else []
        wrong += ["a change is lost"] if ("changed" in users()) != late else []
        wrong += ["something is left"] if begun.exists() else []
        host.sh(f"rm -rf {place} /var/qmail/control && cp -a /tmp/kept {place} && cp -a /tmp/control /var/qmail/control")
        return wrong

    sweep(host, "vconvert", run, judge, some=60).end(record_property)
