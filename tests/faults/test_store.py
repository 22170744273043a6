"""One user more in the tables of a virtual domain, every system call failing in turn: readers find the old users or the
new ones, all of them, and the next change goes its way."""

import pathlib
import struct
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.host.machine import BUILD

pytestmark = ours_alone

STORE_EDIT = BUILD / "tests" / "tools" / "store_edit"
USERS = [f"u{n:03}" for n in range(200)]
DIRECTORY = "/tmp/domain"


def line(name):
    return f"{name}:h:0:0:c:/d:q\n"


def in_cdb(path):
    """The names in it, as they were put in; none when it is not there."""
    if not path.exists():
        return []
    data, names, at = path.read_bytes(), [], 2048
    end = struct.unpack_from("<I", data)[0]
    while at < end:
        key, value = struct.unpack_from("<II", data, at)
        names.append(data[at + 8:at + 8 + key].decode())
        at += 8 + key + value
    return names


class Domain:
    """With these users, or without vpasswd."""

    def __init__(self, host, users):
        self.host, self.old, self.new = host, users, sorted([*users, "u100x"])
        host.sh(f"install -d -o joe -g joe -m 750 {DIRECTORY}")
        self.place = pathlib.Path(host.path(DIRECTORY))
        self.text, self.cdb = self.place / "vpasswd", self.place / "vpasswd.cdb"
        self.fresh()

    def fresh(self):
        self.host.sh(f"rm -rf {DIRECTORY}/* {DIRECTORY}/.v*")
        if self.old:
            self.host.write(f"{DIRECTORY}/vpasswd", "".join(map(line, self.old)), owner="joe", mode=0o600)
            assert self.run([], "list") == (0, self.old)

    def run(self, under, *words):
        """Exit code, and what was said."""
        with open(self.host.path("/tmp/said"), "wb") as out:
            code = self.host.popen([*under, STORE_EDIT, DIRECTORY, *words], user="root" if under else "joe", stdout=out,
                                   stderr=subprocess.DEVNULL).wait(60)
        return code, self.host.read("/tmp/said").decode().split()

    def users(self):
        return [name.split(":")[0] for name in self.text.read_text().splitlines()] if self.text.exists() else []

    def wrong_now(self, code):
        """What readers find, and what the text says; a death or a failure may have left it decided."""
        readers = in_cdb(self.cdb)
        wrong = [f"{what} is neither old nor new"
                 for what, names in (("vpasswd", self.users()), ("vpasswd.cdb", readers)) if names not in (self.old, self.new)]
        wrong += ["readers are ahead of the text"] if readers == self.new and self.users() == self.old else []
        return wrong + (["told that it is done, but it is not"] if code == 0 and readers != self.new else [])

    def wrong_afterwards(self):
        """A reader brings it to an end, the next change goes its way, and both files are its."""
        code, names = self.run([], "list")
        found = code == 0 if self.text.exists() else code == 111
        wrong = [] if found and names == self.users() else ["a reader does not find what is decided"]
        again = self.run([], "add", "u100x")[0]
        wrong += [] if again == (1 if names == self.new else 0) else [f"the next change ends with {again}"]
        wrong += [] if self.users() == in_cdb(self.cdb) == self.new else ["the next change does not count"]
        aside = {path.name for path in self.place.iterdir()} - {"vpasswd", "vpasswd.cdb", ".vpasswd.lock"}
        return wrong + ([f"{aside} is left"] if again == 0 and aside else [])


@pytest.mark.parametrize("user, users", [("joe", USERS), (None, USERS), ("joe", [])], ids=["owner", "root", "first"])
def test_a_user_more(host, record_property, user, users):
    host.user("joe")
    domain = Domain(host, users)

    def run(under):
        return domain.run(under, "add", "u100x")[0]

    def judge(code, fault):
        wrong = domain.wrong_now(code) + must.local_exit(code, bool(fault and fault.silent)) + domain.wrong_afterwards()
        domain.fresh()
        return wrong

    sweep(domain.host, f"store_cdb add to {len(users)} as {user or 'root'}", run, judge, user=user).end(record_property)


@pytest.mark.parametrize("left", ["cdb", "decided"])
def test_a_reader(host, record_property, left):
    """Who finds no vpasswd.cdb, or one that a crash left old, makes it; nobody is "no such user" for a fault."""
    host.user("joe")
    domain = Domain(host, USERS)

    def prepare():
        domain.fresh()
        if left == "cdb":
            domain.cdb.unlink()
        else:
            domain.host.write(f"{DIRECTORY}/vpasswd", "".join(map(line, domain.new)), owner="joe", mode=0o600)
            domain.host.write(f"{DIRECTORY}/.vpasswd.cdb.new", "half of", owner="joe", mode=0o600)

    def run(under):
        return domain.run(under, "find", "u007")[0]

    def judge(code, fault):
        wrong = must.local_exit(code, bool(fault and fault.silent))
        if domain.run([], "find", "u100x")[0] != (1 if left == "cdb" else 0):
            wrong.append("the next reader does not find what is decided")
        prepare()
        return wrong

    prepare()
    sweep(domain.host, f"store_cdb find without {left}", run, judge, user="joe").end(record_property)
