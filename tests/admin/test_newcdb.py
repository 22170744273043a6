"""qmail-newcdb: large control files as tables, which never say anything else than the text."""

import random

import pytest

from tests.host import eventually

CONTROL = "/var/qmail/control"
TEXT = f"{CONTROL}/virtualdomains"
NAMES = ("virtualdomains", "rcpthosts")


def many(count, more=""):
    return "".join(f"d{n}.example:d{n}.example\n" for n in range(count)) + more


def make(host):
    done = host.run(["qmail-newcdb", "-v"])
    assert done.stderr == b""
    return done.stdout.decode().split()


def there(host):
    return [name for name in NAMES if host.sh(f"test -e {CONTROL}/{name}.cdb", check=False).returncode == 0]


def test_small_texts_have_none(host):
    assert make(host) == [] and there(host) == []
    host.control("virtualdomains", many(5000))
    assert make(host) == ["control/virtualdomains.cdb"] and there(host) == ["virtualdomains"]
    assert host.sh(f"stat -c '%a %U' {TEXT}.cdb").stdout == "644 root\n"
    assert make(host) == [], "it is good"
    host.control("virtualdomains", many(3))
    assert make(host) == [] and there(host) == []


def test_arguments_and_trouble(host):
    assert host.run(["qmail-newcdb", "x"], check=False).returncode == 100
    host.control("virtualdomains", many(5000))
    host.sh(f"mkdir {TEXT}.cdb")
    done = host.run(["qmail-newcdb"], check=False)
    assert done.returncode == 111 and b"warning: unable to" in done.stderr and b"control/virtualdomains.cdb" in done.stderr
    host.user("joe")
    assert host.run(["qmail-newcdb"], user="joe", check=False).returncode != 0


def test_a_name_that_is_too_long_leaves_all_to_the_text(host):
    host.control("virtualdomains", many(5000, "n" * 1001 + ":x\n"))
    done = host.run(["qmail-newcdb"])
    assert b"control/virtualdomains has a name that is too long" in done.stderr and there(host) == []


def test_check_tells_of_one_that_does_not_count(host):
    def told():
        return [line for line in host.sh("qmail-showctl -c", check=False).stdout.splitlines() if ".cdb" in line]
    host.control("virtualdomains", many(5000))
    assert "virtualdomains.cdb: missing" in told()[0]
    make(host)
    assert told() == []
    assert "virtualdomains.cdb: In force." in host.sh("qmail-showctl").stdout.replace("\n", " ").replace(":  ", ": ")
    host.control("virtualdomains", many(5001))
    assert "control/virtualdomains.cdb: not of the text as it stands" in told()[0]
    assert host.sh("qmailctl cdb").stdout.splitlines()[-1] == "Reloaded /var/qmail/control/virtualdomains."
    assert told() == []


# ---- text and table say the same ----

def generated(seed):
    """A table and questions; names of few letters, so that they meet."""
    r = random.Random(seed)

    def name():
        return "".join(r.choice("aAbB.-@") for _ in range(r.randint(0, 6)))
    lines = [r.choice(["", "#", ""]) + name() + r.choice([":", ":", ":", "", " :"]) + r.choice(["v", "W-x", "", "a.b", "v \t"])
             for _ in range(300)]
    questions = [f"u@{name()}" for _ in range(500)] + [name() for _ in range(200)]
    return "#" + "x" * 65536 + "\n" + "\n".join(lines) + "\n", questions


def routes(host, questions):
    """What qmail-qread says of the recipients, by the code that qmail-send routes with."""
    found = []
    for at in range(0, len(questions), 100):
        envelope = b"Fs@x\0" + b"".join(b"T" + q.encode() + b"\0" for q in questions[at:at + 100]) + b"\0"
        host.write("/tmp/envelope", envelope)
        host.sh("printf 'Subject: x\\n\\n' | qmail-queue 1</tmp/envelope", user="root")
        found += host.run(["qmail-qread"]).stdout.decode(errors="replace").splitlines()[1:]
        host.sh("rm -f /var/qmail/queue/mess/*/*")
    return found


@pytest.mark.parametrize("seed", range(3))
def test_whoever_routes_by_a_table_routes_as_by_the_text(host, seed):
    text, questions = generated(seed)
    questions = [q for q in questions if "\0" not in q and q]
    host.control("locals", "local.example\n")
    host.control("virtualdomains", text)
    by_text = routes(host, questions)
    assert len(by_text) == len(questions) and make(host) == ["control/virtualdomains.cdb"]
    assert routes(host, questions) == by_text


# ---- in use ----

def answer(host, to):
    """Of a client that may not relay."""
    talk = f"HELO x\\r\\nMAIL FROM:<>\\r\\nRCPT TO:<{to}>\\r\\nQUIT\\r\\n"
    said = host.sh(f"printf '{talk}' | env TCPREMOTEIP=192.0.2.1 qmail-smtpd", user="qmaild", check=False).stdout
    return said.splitlines()[3][:3]


def test_the_door_and_the_queue_use_it_and_obey_a_changed_text_at_once(host):
    host.user("joe")
    host.sh("su joe -c 'echo ./Maildir/ > ~/.qmail-default'")
    host.control("virtualdomains", many(5000, "last.example:joe\n"))
    host.control("rcpthosts", "".join(f"d{n}.example\n" for n in range(8000)) + ".last.example\nlast.example\n")
    assert make(host) == ["control/virtualdomains.cdb", "control/rcpthosts.cdb"]
    host.start("qmail-send", "qmail-smtpd", "qmail-queue")
    assert answer(host, "x@LAST.example") == "250" and answer(host, "x@other.example") == "553"
    text = host.read(f"{CONTROL}/rcpthosts").decode()
    host.write(f"{CONTROL}/rcpthosts", text.replace("last.example\n", "lost.example\n"))
    assert answer(host, "x@last.example") == "553" and answer(host, "x@lost.example") == "250"


DAMAGE = """python3 - <<'END'
import struct
path = '%s'
b = bytearray(open(path, 'rb').read())
end = struct.unpack('<I', bytes(b[:4]))[0]
source = b.index(b'names 1')
for at in range(end, len(b), 8):
    record = struct.unpack('<I', bytes(b[at + 4:at + 8]))[0]
    if record and record + 8 != source:
        b[at + 4:at + 8] = b'\\xff' * 4
open(path, 'r+b').write(b)
END"""


def damage(host, name):
    """No record but the first, which says of which text it is, can be found any more."""
    host.sh(DAMAGE % f"{CONTROL}/{name}.cdb", user="root")


def test_a_damaged_one_is_trouble_and_no_answer(host):
    host.control("rcpthosts", "".join(f"d{n}.example\n" for n in range(8000)))
    assert make(host) == ["control/rcpthosts.cdb"]
    damage(host, "rcpthosts")
    assert {answer(host, f"x@d{n}.example") for n in range(5)} == {"421"}
    assert make(host) == ["control/rcpthosts.cdb"]


def test_by_a_damaged_one_nobody_routes(host):
    host.user("joe")
    host.sh("su joe -c 'echo ./Maildir/ > ~/.qmail-default'")
    host.control("virtualdomains", many(5000, "last.example:joe\n"))
    host.control("rcpthosts", "last.example\n")
    assert make(host) == ["control/virtualdomains.cdb"]
    damage(host, "virtualdomains")
    host.start("qmail-send", "qmail-queue", "qmail-smtpd")
    assert answer(host, "x@last.example") == "250" and answer(host, "x@other.example") == "553"
    host.sh("echo hello | sendmail x@last.example")
    assert eventually(lambda: host.maildir("joe")), host.log("qmail-send")
