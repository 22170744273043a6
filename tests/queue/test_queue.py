"""qmail-queue: the contract of its descriptors and exit codes, as anybody on the machine meets it."""

import os
import re
import signal
import subprocess
import time

import pytest

from tests.host import eventually, full_pipe
from tests.queue.queue_files import QUEUE, mess_files, messages, only

PROGRAM = "/var/qmail/bin/qmail-queue"
ENVELOPE = b"Fs@example.net\0Tr@example.org\0\0"


def start(host, user="joe", wrapper=(), env=None, message=True, envelope=True):
    """qmail-queue with a pipe on fd 0 and one on fd 1; we get their writing ends."""
    message_read, message_write = os.pipe()
    envelope_read, envelope_write = os.pipe()
    process = host.popen([*wrapper, PROGRAM], user=user, env=env, stdin=message_read, stdout=envelope_read,
                         stderr=subprocess.PIPE)
    os.close(message_read)
    os.close(envelope_read)
    return process, message_write, envelope_write


def feed(fd, data):
    try:
        while data:
            data = data[os.write(fd, data):]
    except BrokenPipeError:
        pass
    os.close(fd)


def queue(host, message=b"Subject: x\n\nbody\n", envelope=ENVELOPE, **how):
    """Exit code of one injection."""
    process, to_message, to_envelope = start(host, **how)
    feed(to_message, message)
    feed(to_envelope, envelope)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.fixture
def joe(host):
    host.user("joe")
    host.sh("rm -f /var/qmail/control/queueextra")
    return host


def test_a_message_is_queued_as_it_is(joe):
    body = b"Subject: x\n\n" + bytes(range(256)) * 300
    before = int(time.time())
    assert queue(joe, body) == (0, b"")
    message = only(joe)
    line, rest = message.text.split(b"\n", 1)
    assert rest == body
    qp = message.of("p")[0].decode()
    uid = joe.sh("id -u joe").stdout.strip()
    assert re.fullmatch(rf"Received: \(qmail {qp} invoked by uid {uid}\); "
                        r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0000", line.decode())
    assert message.records == [("u", uid.encode()), ("p", qp.encode()), ("F", b"s@example.net"),
                               ("T", b"r@example.org")]
    assert before <= message.birth <= time.time()
    assert message.due_local == message.due_remote == 0


def test_the_file_belongs_to_the_queue(joe):
    queue(joe)
    inside = joe.sh(f"stat -c '%U:%G %a %h' {QUEUE}/mess/*/*").stdout
    assert inside == "qmailq:qmail 640 1\n"


@pytest.mark.parametrize("user, words", [("qmaild", "from network"), ("qmails", "for bounce"), ("alias", "by alias"),
                                         ("root", "by uid 0")])
def test_the_received_line_names_the_caller(joe, user, words):
    assert queue(joe, user=user)[0] == 0
    assert f"invoked {words});".encode() in only(joe).text.split(b"\n")[0]


@pytest.mark.parametrize("envelope, code", [
    (b"", 54),
    (b"F", 54),
    (b"Fs\0", 54),
    (b"Fs\0Tr\0", 54),
    (b"Fs\0Tr", 54),
    (b"\0", 91),
    (b"Ts\0\0", 91),
    (b"Fs\0Fs\0\0", 91),
    (b"Fs\0D\0\0", 91),
    (b"fs\0\0", 91),
    (b"Fs\0rSOME\0\0", 91),
    (b"Fs\0ea+0Ab\0\0", 91),
    (b"Fs\0nNEVER\0\0", 91),
    (b"Fs\0Tr\0eid\0\0", 91),
    (b"Fs\0Tr\0nNEVER\0nNEVER\0\0", 91),
    (b"Fs\0u0\0\0", 91),
    (b"Fs\0v1\0\0", 91),
    (b"F" + b"s" * 1003 + b"\0\0", 11),
    (b"Fs\0T" + b"r" * 1003 + b"\0\0", 11),
    (b"F" + b"s" * 5000000, 11),
])
def test_refusals_leave_nothing(joe, envelope, code):
    assert queue(joe, envelope=envelope) == (code, b"")
    assert mess_files(joe) == []


@pytest.mark.parametrize("envelope, records", [
    (b"F\0\0", [("F", b"")]),
    (b"F\0T\0\0", [("F", b""), ("T", b"")]),
    (b"F" + b"s" * 1002 + b"\0T" + b"r" * 1002 + b"\0\0", [("F", b"s" * 1002), ("T", b"r" * 1002)]),
    (b"F\xff\n\0\0and anything behind\0", [("F", b"\xff\n")]),
    (b"Fs\0" + b"".join(b"Tr%d\0" % i for i in range(30000)) + b"\0",
     [("F", b"s")] + [("T", b"r%d" % i) for i in range(30000)]),
    (b"Fs\0eid\0rHDRS\0b8BITMIME\0i\0Tr\0nSUCCESS,DELAY\0orfc822;r@x\0Tq\0\0",
     [("F", b"s"), ("e", b"id"), ("r", b"HDRS"), ("b", b"8BITMIME"), ("i", b""), ("T", b"r"), ("n", b"SUCCESS,DELAY"),
      ("o", b"rfc822;r@x"), ("T", b"q")]),
])
def test_unusual_envelopes_are_kept(joe, envelope, records):
    assert queue(joe, b"", envelope) == (0, b"")
    assert only(joe).records[2:] == records


def test_an_envelope_has_a_bound(joe):
    recipients = b"T" + b"r" * 1000 + b"\0"
    assert queue(joe, b"", b"Fs\0" + recipients * (64 * 1024 * 1024 // 1002 + 1) + b"\0") == (11, b"")
    assert mess_files(joe) == []


def test_large_messages(joe):
    body = os.urandom(20_000_001)
    assert queue(joe, body)[0] == 0
    assert only(joe).text.endswith(body)


def test_extra_recipients(joe):
    joe.control("queueextra", "log\n# no\n\narchive@example.com \n")
    assert queue(joe)[0] == 0
    assert only(joe).of("T") == [b"log", b"archive@example.com", b"r@example.org"]


def test_extra_recipients_take_nothing_from_the_others(joe):
    """What belongs to the message stands before any recipient, what belongs to a recipient behind him."""
    joe.control("queueextra", "log\n")
    assert queue(joe, b"", b"Fs\0eid\0Tr\0nNEVER\0\0") == (0, b"")
    assert only(joe).records[2:] == [("F", b"s"), ("e", b"id"), ("T", b"log"), ("T", b"r"), ("n", b"NEVER")]


@pytest.mark.parametrize("sender, recipients, copies", [
    ("joe@a.example", ["r@x.example"], (["log", "from-a"], [])),
    ("joe@A.Example", ["r@x.example", "q@b.example"], (["log", "from-a"], ["to-b"])),
    ("", ["q@sub.b.example"], (["log", "bounces"], ["to-below-b"])),
    ("s@z.example", ["r@x.example", "q@b.example", "p@b.example"], (["log"], ["to-b"])),
    ("s@z.example", ["Ann@c.example"], (["log"], ["to-ann"])),
    ("s@z.example", ["joe@c.example"], (["log"], [])),
    ("joe@a.example", [], (["log", "from-a"], [])),
])
def test_copies_by_sender_and_recipient(joe, sender, recipients, copies):
    joe.control("queueextra", "log\nto:b.example:to-b\nfrom:a.example:from-a\nto:.b.example:to-below-b\nfrom:<>:bounces\n"
                "to:ann@c.example:to-ann\n")
    envelope = b"F" + sender.encode() + b"\0" + b"".join(b"T" + r.encode() + b"\0nNEVER\0" for r in recipients) + b"\0"
    assert queue(joe, b"", envelope)[0] == 0
    before, behind = copies
    assert only(joe).of("T") == [a.encode() for a in before + recipients + behind]
    assert len(only(joe).of("n")) == len(recipients)


OTHERS_QUEUE = "use /var/qmail/queue: it belongs to somebody else; /var/qmail/bin/qmail-queue must be setuid qmailq"


@pytest.mark.parametrize("spoil, code, said", [
    ("mkdir /var/qmail/control/queueextra", 55, "use /var/qmail/control/queueextra: Is a directory"),
    ("mv /var/qmail/queue /var/qmail/elsewhere", 62, "chdir to /var/qmail/queue: No such file or directory"),
    ("chmod 0 /var/qmail/queue/mess", 63, "make a file in /var/qmail/queue/mess: Permission denied"),
    ("chown root /var/qmail/queue/mess/*; chmod 700 /var/qmail/queue/mess/*", 64,
     "give a message its name in /var/qmail/queue/mess: Permission denied"),
    ("chown joe /var/qmail/queue/mess", 62, OTHERS_QUEUE),
    ("chown root /var/qmail/queue/mess", 62, OTHERS_QUEUE),
])
def test_a_spoilt_system(joe, spoil, code, said):
    joe.sh(spoil)
    assert queue(joe) == (code, f"qmail-queue: fatal: unable to {said}\n".encode())
    assert mess_files(joe) == []


@pytest.mark.parametrize("spoil, code", [
    ("python3 -c 'print(\"x\" * 1003)' > /var/qmail/control/queueextra", 55),
    ("python3 -c 'print(\"to::\" + \"x\" * 1003)' > /var/qmail/control/queueextra", 55),
    ("userdel qmails", 111),
])
def test_a_system_spoilt_otherwise(joe, spoil, code):
    joe.sh(spoil)
    assert queue(joe)[0] == code
    assert mess_files(joe) == []


@pytest.mark.parametrize("user", ["root", "qmaild", "joe"])
@pytest.mark.parametrize("spoil", ["chmod u-s /var/qmail/bin/qmail-queue", "chown root /var/qmail/bin/qmail-queue; chmod 4711 /var/qmail/bin/qmail-queue"])
def test_a_queue_program_without_its_rights_accepts_nothing(joe, user, spoil):
    """As in the midst of an installation, or after a restore: what it wrote nobody could deliver."""
    joe.sh(spoil)
    code, said = queue(joe, user=user)
    assert code == 62
    assert said in (f"qmail-queue: fatal: unable to {OTHERS_QUEUE}\n".encode(),
                    b"qmail-queue: fatal: unable to chdir to /var/qmail/queue: Permission denied\n")
    assert mess_files(joe) == []


def test_a_reader_of_the_log_that_stands_still_holds_up_no_verdict(joe):
    joe.sh("chmod 0 /var/qmail/queue")
    to_read, log = full_pipe()
    process = joe.popen([PROGRAM], user="joe", stdin=subprocess.DEVNULL, stderr=log)
    assert process.wait(10) == 62
    os.close(to_read)
    os.close(log)


def test_home_is_missing(joe):
    joe.sh("cp -p /var/qmail/bin/qmail-queue /usr/local/bin/qq && mv /var/qmail /var/elsewhere")
    process = joe.popen(["/usr/local/bin/qq"], user="joe", stdin=subprocess.DEVNULL)
    assert process.wait(10) == 61


@pytest.mark.parametrize("close, code", [("<&-", 54), (">&-", 54), ("<&- >&-", 54), ("<&- >&- 2>&-", 54)])
def test_closed_descriptors(joe, close, code):
    assert joe.sh(f"{PROGRAM} {close}", user="joe", check=False).returncode == code
    assert mess_files(joe) == []


def test_closed_stderr(joe):
    assert queue(joe, wrapper=["sh", "-c", 'exec "$0" 2>&-'])[0] == 0
    only(joe)


@pytest.mark.parametrize("limit, code", [("--fsize=1", 53), ("--nofile=3", None), ("--nproc=1", 0), ("--cpu=5", 0),
                                         ("--core=0", 0), ("--as=200000", None)])
def test_limits_of_the_caller(joe, limit, code):
    """Whatever the limit: a clean refusal and nothing left, or a whole message."""
    got, _ = queue(joe, b"x" * 100000, wrapper=["prlimit", limit])
    if code is not None:
        assert got == code
    assert only(joe) if got == 0 else mess_files(joe) == []


def test_a_large_environment_counts_for_nothing(joe):
    env = {f"V{i}": "x" * 100000 for i in range(10)}
    env |= {"LD_PRELOAD": "/nowhere.so", "TZ": ":/etc/shadow", "PATH": "", "HOME": "/tmp", "MALLOC_CHECK_": "3"}
    # `env` is looked up by nsenter before the environment is ours.
    process, to_message, to_envelope = start(joe, wrapper=["/usr/bin/env"], env=env | {"PATH": "/usr/bin:/bin:/usr/sbin"})
    feed(to_message, b"x")
    feed(to_envelope, ENVELOPE)
    assert process.wait(20) == 0
    only(joe)


@pytest.mark.parametrize("number", ["TERM", "KILL", "USR1", "SEGV"])
@pytest.mark.parametrize("moment", ["nothing", "message", "envelope"])
def test_killed_in_the_middle_leaves_nothing(joe, number, moment):
    process, to_message, to_envelope = start(joe)
    os.write(to_message, b"x" * 60000)
    if moment != "nothing":
        os.close(to_message)
        os.write(to_envelope, b"Fs\0Tr\0" if moment == "envelope" else b"")
    assert eventually(lambda: joe.sh("pgrep -x qmail-queue", check=False).returncode == 0)
    time.sleep(0.05)
    joe.sh(f"pkill -{number} -x qmail-queue", user="root")
    code = process.wait(10)
    expected = 81 if number == "SEGV" else -getattr(signal, "SIG" + number)
    assert code in (expected, 128 - expected)
    assert mess_files(joe) == []


def test_the_alarm_ends_it_cleanly_even_if_it_came_blocked(joe):
    blocked = ("import signal, os, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]); "
               "signal.signal(signal.SIGALRM, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])")
    process, to_message, _ = start(joe, wrapper=["/usr/bin/python3", "-c", blocked])
    os.write(to_message, b"x")
    assert eventually(lambda: joe.sh("pgrep -x qmail-queue", check=False).returncode == 0)
    time.sleep(0.1)
    joe.sh("pkill -ALRM -x qmail-queue")
    assert process.wait(10) == 52
    assert mess_files(joe) == []


@pytest.mark.parametrize("ignored", ["INT", "HUP", "QUIT", "PIPE", "XFSZ", "XCPU", "VTALRM", "PROF"])
def test_signals_it_does_not_mind(joe, ignored):
    process, to_message, to_envelope = start(joe)
    assert eventually(lambda: joe.sh("pgrep -x qmail-queue", check=False).returncode == 0)
    time.sleep(0.1)
    joe.sh(f"pkill -{ignored} -x qmail-queue")
    feed(to_message, b"x")
    feed(to_envelope, ENVELOPE)
    assert process.wait(10) == 0
    only(joe)


def test_the_trigger_hears_the_number_when_the_message_is_durable(joe):
    fifo = os.open(joe.path(QUEUE + "/lock/trigger"), os.O_RDONLY | os.O_NONBLOCK)
    assert queue(joe)[0] == 0
    message = only(joe)
    assert os.read(fifo, 100) == b"%d\n" % message.id
    os.close(fifo)


@pytest.mark.parametrize("spoil", ["rm lock/trigger", "rm lock/trigger; mkdir lock/trigger", "chmod 0 lock/trigger"])
def test_nobody_needs_to_hear_the_trigger(joe, spoil):
    joe.sh(f"cd {QUEUE} && {spoil}")
    assert queue(joe)[0] == 0
    only(joe)


def test_a_full_trigger_does_not_hold_up(joe):
    fifo = os.open(joe.path(QUEUE + "/lock/trigger"), os.O_RDWR | os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(fifo, b"x" * 4096)
    assert queue(joe)[0] == 0
    os.close(fifo)


def test_many_at_once(joe):
    started = [start(joe) for _ in range(12)]
    for _, to_message, to_envelope in started:
        feed(to_message, b"x")
        feed(to_envelope, ENVELOPE)
    assert [p.wait(20) for p, _, _ in started] == [0] * 12
    assert len(messages(joe)) == 12


def trace(joe, *inject):
    """Under strace, which must be root for the setuid bit to work."""
    expressions = [word for i in inject for word in ("-e", i)]
    return queue(joe, user="root", wrapper=["strace", "-f", "-o", "/tmp/trace", *expressions])


@pytest.mark.parametrize("inject, code", [
    ("inject=write:error=ENOSPC", 53),
    ("inject=fsync:error=EIO", 53),
    ("inject=linkat:error=EDQUOT", 64),
    ("inject=linkat:error=EMLINK", 64),
    ("inject=flock:error=ENOLCK", 63),
    ("inject=read:error=EIO:when=5+", None),
])
def test_a_failing_disk_leaves_nothing(joe, inject, code):
    got, _ = trace(joe, inject)
    assert got == code or (code is None and got != 0)
    assert mess_files(joe) == []


@pytest.mark.parametrize("call", ["write", "linkat", "fsync"])
def test_killed_at_each_step_is_whole_or_nothing(joe, call):
    trace(joe, f"inject={call}:signal=KILL:when=1")
    found = messages(joe)
    assert len(found) == (0 if call == "write" else 0 if call == "linkat" and not found else 1)


def without_unnamed_files(joe, more=()):
    """The one open of the directory mess fails, as where O_TMPFILE is unknown."""
    return queue(joe, user="root", wrapper=["strace", "-f", "-o", "/tmp/trace", "-P", "mess", *more,
                                            "-e", "inject=openat:error=EOPNOTSUPP"])


def test_a_file_system_without_unnamed_files(joe):
    assert without_unnamed_files(joe)[0] == 0
    assert "EOPNOTSUPP" in joe.read("/tmp/trace").decode()
    only(joe)


def test_the_order_of_a_commit(joe):
    """Name, then fsync, then the trigger: nobody hears of a message that a power cut could take."""
    reader = os.open(joe.path(QUEUE + "/lock/trigger"), os.O_RDONLY | os.O_NONBLOCK)
    assert trace(joe)[0] == 0
    os.close(reader)
    calls = joe.read("/tmp/trace").decode()
    places = [calls.index(word) for word in ("linkat(", "fsync(", "lock/trigger")]
    assert places == sorted(places)
    assert calls.count("fsync(") == 1
