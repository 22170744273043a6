"""qmail-takeover: queues of older qmails become new ones; no message is lost, none is doubled, whatever happens."""

import os
import time

import pytest

from tests.queue.queue_files import QUEUE, mess_files, messages

PROGRAM = "/var/qmail/bin/qmail-takeover"
RECEIVED = b"Received: (qmail 4711 invoked by uid 1234); 1 Feb 2003 04:05:06 -0000\n"
NOW = int(time.time())
BORN = NOW - 5000
DAYS = 86400


class OldQueue:
    """Makes files as an old qmail does; split 0 is none."""

    def __init__(self, host, split=23, state_split=None):
        self.host = host
        self.split, self.state_split = split, split if state_split is None else state_split
        host.sh(f"cd {QUEUE} && mkdir -p pid intd todo info local remote && chown qmailq pid intd todo && "
                "chown qmails info local remote && chmod 700 pid intd info local remote && chmod 750 todo")

    def put(self, kind, number, content, mtime=BORN):
        split = {"mess": self.split, "info": self.state_split, "local": self.state_split,
                 "remote": self.state_split}.get(kind, 0)
        place = f"{QUEUE}/{kind}/" + (f"{number % split}/" if split else "") + str(number)
        owner = "qmailq" if kind in ("mess", "todo", "intd") else "qmails"
        path = self.host.path(place)
        if os.path.isdir(path):
            raise ValueError(path)
        self.host.write(place, content, mode=0o644 if kind == "mess" else 0o600)
        self.host.sh(f"chown {owner}:qmail {place}")
        os.utime(path, (mtime, mtime))
        return place

    def todo(self, number, envelope, message=b"hello\n", **leftovers):
        self.put("mess", number, RECEIVED + message)
        for kind in ("intd", "todo"):
            self.put(kind, number, b"u1234\0p4711\0" + envelope)
        for kind, content in leftovers.items():
            self.put(kind, number, content)

    def info(self, number, sender=b"s@example.net", message=b"hello\n", local=None, remote=None, bounce=None):
        self.put("mess", number, RECEIVED + message)
        self.put("info", number, b"F" + sender + b"\0")
        if local is not None:
            self.put("local", number, local, mtime=NOW + 111)
        if remote is not None:
            self.put("remote", number, remote, mtime=NOW + 222)
        if bounce is not None:
            self.put("bounce", number, bounce)


def take_over(host, check=True):
    done = host.run([PROGRAM], check=False)
    if check:
        assert done.returncode == 0, done
    return done


def said(done):
    return done.stderr.decode().splitlines()


def assert_no_old_files(host):
    names = os.listdir(host.path(QUEUE))
    assert sorted(names) == ["bounce", "copies", "corrupt", "deferred", "lock", "mess", "success"]


@pytest.fixture
def old(host):
    host.control("locals", "mail.example.org\n")
    host.control("virtualdomains", "virtual.example:alias-v\nbox@half.example:joe\n.sub.example:wild\nexcept.sub.example:\n")
    return OldQueue(host)


def the(host, number):
    found = [m for m in messages(host) if m.id == number]
    assert len(found) == 1, f"{number}: {mess_files(host)}"
    return found[0]


def test_nothing_old(host):
    assert said(take_over(host)) == ["qmail-takeover: info: took over 0 messages"]


def test_a_queued_message(old, host):
    old.todo(1001, b"Fs@example.net\0Ta@mail.example.org\0Tb@example.com\0Tlist-x@virtual.example\0",
             info=b"Fs@", local=b"Ta@mail.example.org\0", remote=b"Tb@exam")
    assert said(take_over(host)) == ["qmail-takeover: info: took over 1 message"]
    m = the(host, 1001)
    assert m.text == RECEIVED + b"hello\n"
    assert m.records == [("u", b"1234"), ("p", b"4711"), ("F", b"s@example.net"), ("T", b"a@mail.example.org"),
                         ("T", b"b@example.com"), ("T", b"list-x@virtual.example")]
    assert (m.birth, m.due_local, m.due_remote) == (BORN, 0, 0)
    assert_no_old_files(host)
    assert host.sh(f"stat -c '%U:%G %a %h' {QUEUE}/mess/{1001 % 23}/1001").stdout == "qmailq:qmail 640 1\n"


def test_a_message_in_delivery(old, host):
    old.info(1002, local=b"Ta@mail.example.org\0Db@mail.example.org\0", remote=b"Dx@example.com\0Ty@example.com\0",
             bounce=b"<x@example.com>:\nno\n\n")
    take_over(host)
    m = the(host, 1002)
    assert m.records == [("u", b"1234"), ("p", b"4711"), ("F", b"s@example.net"), ("T", b"a@mail.example.org"),
                         ("D", b"b@mail.example.org"), ("D", b"x@example.com"), ("T", b"y@example.com")]
    assert (m.birth, m.due_local, m.due_remote) == (BORN, NOW + 111, NOW + 222)
    assert host.read(f"{QUEUE}/bounce/1002") == b"<x@example.com>:\nno\n\n"
    assert_no_old_files(host)


def test_a_finished_message_that_waits_for_its_bounce(old, host):
    old.info(1003, bounce=b"<x@example.com>:\nno\n\n")
    take_over(host)
    assert the(host, 1003).records[2:] == [("F", b"s@example.net")]


@pytest.mark.parametrize("stored, becomes", [
    ("a@mail.example.org", "a@mail.example.org"),
    ("alias-v-list-x@virtual.example", "list-x@virtual.example"),
    ("alias-v-@virtual.example", "@virtual.example"),
    ("joe-box@half.example", "box@half.example"),
    ("wild-a-b@x.sub.example", "a-b@x.sub.example"),
    ("ALIAS-V-x@virtual.example", "ALIAS-V-x@mail.example.org"),
    ("wild-a@except.sub.example", "wild-a@mail.example.org"),
    ("gone-x@formerly.example", "gone-x@mail.example.org"),
    ("other-x@virtual.example", "other-x@mail.example.org"),
])
def test_local_recipients_stay_local(old, host, stored, becomes):
    old.info(1004, local=b"T" + stored.encode() + b"\0")
    take_over(host)
    assert the(host, 1004).recipients() == [("T", becomes)]


@pytest.mark.parametrize("mess, state", [(0, 0), (7, 7), (151, 151), (23, 0)])
def test_any_split(host, mess, state):
    old = OldQueue(host, mess, state)
    for number in range(2000, 2012):
        old.info(number, message=b"m%d\n" % number, remote=b"Tr%d@example.com\0" % number)
    old.todo(3000, b"Fs\0Tr\0")
    take_over(host)
    assert sorted(m.id for m in messages(host)) == [*range(2000, 2012), 3000]
    for number in range(2000, 2012):
        m = the(host, number)
        assert m.path.parent.name == str(number % 23)
        assert m.text == RECEIVED + b"m%d\n" % number
        assert m.recipients() == [("T", f"r{number}@example.com")]
    assert_no_old_files(host)
    assert host.sh(f"ls {QUEUE}/mess | wc -l").stdout.strip() == "23"


def test_a_split_todo(host):
    old = OldQueue(host)
    old.put("mess", 50, RECEIVED)
    host.sh(f"mkdir {QUEUE}/todo/4 {QUEUE}/intd/4")
    host.write(f"{QUEUE}/todo/4/50", b"u1\0p2\0Fs\0Tr\0")
    take_over(host)
    assert the(host, 50).recipients() == [("T", "r")]
    assert_no_old_files(host)


def test_what_was_never_committed(old, host):
    old.put("mess", 60, b"young", NOW)
    old.put("mess", 61, b"young, with envelope", NOW)
    old.put("intd", 61, b"u1\0p1\0Fs\0", NOW)
    old.put("mess", 62, b"old", NOW - 2 * DAYS)
    old.put("intd", 62, b"u1\0", NOW - 2 * DAYS)
    done = take_over(host)
    assert messages(host) == []
    corrupt = {p: host.read(f"{QUEUE}/corrupt/{p}") for p in os.listdir(host.path(f"{QUEUE}/corrupt"))}
    assert corrupt == {"60": b"young", "61": b"young, with envelope", "61.intd": b"u1\0p1\0Fs\0"}
    assert said(done)[-1] == "qmail-takeover: info: took over 0 messages"
    assert_no_old_files(host)


@pytest.mark.parametrize("kind, content", [("todo", b"u1\0p1\0Fs\0Tr"), ("todo", b"u1\0p1\0Tr\0"), ("todo", b""),
                                           ("info", b""), ("info", b"Fs"), ("info", b"Ts\0"), ("local", b"Xr\0"),
                                           ("local", b"Tr"), ("remote", b"Fs\0")])
def test_damaged_files_are_kept_aside(old, host, kind, content):
    if kind == "todo":
        old.todo(70, b"")
    else:
        old.info(70)
    old.put(kind, 70, content)
    take_over(host)
    assert messages(host) == []
    assert host.read(f"{QUEUE}/corrupt/70") == RECEIVED + b"hello\n"
    assert host.read(f"{QUEUE}/corrupt/70.{kind}") == content
    assert_no_old_files(host)


def test_states_without_a_message_are_kept_aside(old, host):
    old.put("todo", 80, b"u1\0p1\0Fs\0Tr\0")
    old.put("info", 81, b"Fs\0")
    take_over(host)
    assert sorted(os.listdir(host.path(f"{QUEUE}/corrupt"))) == ["80.todo", "81.info"]


def test_new_messages_are_left_alone(old, host):
    queue_one(host)
    before = messages(host)[0]
    old.todo(90, b"Fs\0Tr\0")
    take_over(host)
    assert the(host, before.id).text == before.text
    assert len(messages(host)) == 2


def test_a_number_that_a_new_message_has(host):
    """A queue from another disk, split otherwise, meets a message queued meanwhile: both live, the bounce text goes along."""
    queue_one(host)
    new = messages(host)[0]
    old = OldQueue(host, split=7)
    old.info(new.id, remote=b"Told@example.com\0", bounce=b"<x>:\nno\n\n")
    take_over(host)
    found = messages(host)
    assert len(found) == 2
    other = next(m for m in found if m.id != new.id)
    assert other.recipients() == [("T", "old@example.com")]
    assert the(host, new.id).text == new.text
    assert os.listdir(host.path(f"{QUEUE}/bounce")) == [str(other.id)]
    assert_no_old_files(host)


def queue_one(host):
    script = ("import os; a, b = os.pipe(); os.write(b, b'Fs\\0Tr\\0\\0'); os.close(b); os.dup2(a, 1); "
              "os.execv('/var/qmail/bin/qmail-queue', ['qmail-queue'])")
    host.run(["/usr/bin/python3", "-c", script], input=b"new one\n")


def test_a_message_that_looks_like_a_queue_file_stays_a_message(old, host):
    """Its last bytes, chosen by its sender, are an envelope and a footer: they are text."""
    queue_one(host)
    forged_path = mess_files(host)[0]
    forged = forged_path.read_bytes()
    forged_path.unlink()
    old.put("mess", 95, forged)
    old.put("todo", 95, b"u1\0p1\0Freal@example.net\0Treal@example.com\0")
    take_over(host)
    m = the(host, 95)
    assert m.text == forged
    assert m.recipients() == [("T", "real@example.com")]


def test_a_running_qmail_send_is_left_in_peace(old, host):
    old.todo(96, b"Fs\0Tr\0")
    holder = host.popen(["flock", f"{QUEUE}/lock/sendmutex", "sleep", "100"])
    time.sleep(0.3)
    done = take_over(host, check=False)
    holder.kill()
    assert done.returncode == 111
    assert said(done) == ["qmail-takeover: fatal: a qmail-send is running, stop it first"]
    assert host.read(f"{QUEUE}/todo/96")


def test_only_root(old, host):
    host.user("joe")
    host.sh(f"chmod 755 {PROGRAM}")
    assert host.run([PROGRAM], user="joe", check=False).returncode == 100


@pytest.mark.parametrize("link", ["mess/1/1", "todo/1", "info/1/1"])
def test_symbolic_links_are_not_followed(old, host, link):
    old.todo(1, b"Fs\0Tr\0")
    if link.startswith("info"):
        host.sh(f"rm {QUEUE}/todo/1 {QUEUE}/intd/1; mkdir -p {QUEUE}/info/1")
    host.sh(f"ln -sf /etc/shadow {QUEUE}/{link}")
    done = take_over(host, check=False)
    assert done.returncode == 111
    assert b"root:" not in b"".join(p.read_bytes() for p in mess_files(host) if not p.is_symlink())
    assert host.sh("stat -c %U /etc/shadow").stdout == "root\n"


CALLS = ["rename", "renameat2", "mkdir", "linkat", "link", "fsync", "unlink", "unlinkat", "rmdir", "write", "fchown"]


def furnish(host):
    old = OldQueue(host, split=7, state_split=7)
    old.todo(501, b"Fs\0Ta@example.com\0Tb@example.com\0")
    old.info(502, local=b"Tc@mail.example.org\0Dd@mail.example.org\0", remote=b"Te@example.com\0", bounce=b"<x>:\nno\n\n")
    old.put("mess", 503, b"garbage", NOW - 2 * DAYS)
    old.put("pid", 12345, b"")
    old = OldQueue(host, split=23)
    old.info(504, message=b"fourth\n", remote=b"Tf@example.com\0")


def outcome(host):
    assert_no_old_files(host)
    assert not [p for p in mess_files(host) if p.name.startswith(".")]
    assert os.listdir(host.path(f"{QUEUE}/bounce")) == ["502"]
    return sorted((m.id, m.text, tuple(m.records), m.birth, m.due_local, m.due_remote) for m in messages(host))


def count_calls(host):
    """How often an uninterrupted run makes each call, and what it leads to."""
    furnish(host)
    host.sh(f"tar cf /tmp/queue.tar -C {QUEUE} .")
    host.run(["strace", "-o", "/tmp/count", "-e", "trace=" + ",".join(CALLS), PROGRAM])
    lines = host.read("/tmp/count").decode().splitlines()
    return {c: sum(line.startswith(c + "(") for line in lines) for c in CALLS}, outcome(host)


@pytest.mark.parametrize("way", ["signal=KILL", "error=EIO"])
def test_stopped_at_any_step_it_goes_on(host, way):
    counts, wanted = count_calls(host)
    assert len(wanted) == 3 and counts["fsync"] >= 6 and counts["unlink"] >= 8
    for call, count in counts.items():
        # A call that fails ends the program as a kill does: the first and the last of a kind are enough.
        for n in range(1, count + 1) if way == "signal=KILL" else {1, count} - {0}:
            host.sh(f"rm -rf {QUEUE}/mess/*/* {QUEUE}/bounce/* {QUEUE}/corrupt/*; tar xpf /tmp/queue.tar -C {QUEUE}; "
                    f"strace -o /dev/null -e inject={call}:{way}:when={n} {PROGRAM}; {PROGRAM}")
            assert outcome(host) == wanted, f"{call} {n}"
