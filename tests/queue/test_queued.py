"""qmail-queued: the contract of qmail-queue over its socket, and what local clients and kills can do to it."""

import os
import re
import signal
import socket
import struct
import subprocess
import time

import pytest

from tests.host import eventually
from tests.queue.queue_files import QUEUE, mess_files, messages, only

PLACE = "/var/qmail/run/queue/socket"
ENVELOPE = b"Fs@example.net\0Tr@example.org\0\0"
MAX = 131072
MAGIC = b"mtqueue\2"

# A client in the host, as any user: says what it heard. argv: what to send in hexadecimal, or a plan.
CLIENT = r"""
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(30)
s.connect("/var/qmail/run/queue/socket")
hello = b""
while len(hello) < 16:
    piece = s.recv(16 - len(hello))
    if not piece: break
    hello += piece
request = sys.stdin.buffer.read()
try:
    s.sendall(request)
    if "shut" in sys.argv: s.shutdown(socket.SHUT_WR)
    answer = s.recv(10)
except ConnectionError:
    answer = b""
sys.stdout.buffer.write(hello + answer)
"""


def request(message=b"Subject: x\n\nbody\n", envelope=ENVELOPE):
    return MAGIC + struct.pack("<II", len(message), len(envelope)) + message + envelope


def talk(host, data, *how, user="joe"):
    """(qp, exit code or None)"""
    said = host.run(["/usr/bin/python3", "-c", CLIENT, *how], user=user, input=data).stdout
    assert said[:8] == MAGIC
    return struct.unpack("<Q", said[8:16])[0], said[16] if said[16:] else None


def inject(host, user="joe", text="Subject: x\n\nbody\n", env=None, check=True):
    return host.run(["/var/qmail/bin/qmail-inject", "-a", "-f", "s@example.net", "r@example.org"], user=user,
                    input=text.encode(), env=env, check=check)


def workers(host):
    """Pids of the workers: children of the oldest qmail-queued."""
    return host.sh("pgrep -x qmail-queued -P $(pgrep -o -x qmail-queued)", check=False).stdout.split()


@pytest.fixture
def joe(host):
    host.user("joe")
    host.user("ann")
    host.start("qmail-queue")
    return host


def test_a_message_is_queued_as_it_is(joe):
    body = b"Subject: x\n\n" + bytes(range(256)) * 300
    before = int(time.time())
    qp, code = talk(joe, request(body))
    assert code == 0 and qp >= 1 << 22
    message = only(joe)
    line, rest = message.text.split(b"\n", 1)
    uid = joe.sh("id -u joe").stdout.strip()
    assert rest == body
    assert re.fullmatch(rf"Received: \(qmail {qp} invoked by uid {uid}\); "
                        r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0000", line.decode())
    assert message.records == [("u", uid.encode()), ("p", b"%d" % qp), ("F", b"s@example.net"), ("T", b"r@example.org")]
    assert before <= message.birth <= time.time()
    assert joe.sh(f"stat -c '%U:%G %a %h' {QUEUE}/mess/*/*").stdout == "qmailq:qmail 640 1\n"


@pytest.mark.parametrize("user, words", [("qmaild", "from network"), ("qmails", "for bounce"), ("alias", "by alias"),
                                         ("root", "by uid 0")])
def test_the_received_line_names_the_caller(joe, user, words):
    assert talk(joe, request(), user=user)[1] == 0
    assert f"invoked {words});".encode() in only(joe).text.split(b"\n")[0]


def test_each_message_has_a_number_of_its_own(joe):
    assert len({talk(joe, request())[0] for _ in range(5)}) == 5
    assert len(messages(joe)) == 5


@pytest.mark.parametrize("envelope, code", [
    (b"", 54),
    (b"F", 54),
    (b"Fs\0", 54),
    (b"Fs\0Tr\0", 54),
    (b"\0", 91),
    (b"Ts\0\0", 91),
    (b"Fs\0D\0\0", 91),
    (b"F" + b"s" * 1003 + b"\0\0", 11),
    (b"Fs\0T" + b"r" * 1003 + b"\0\0", 11),
])
def test_refusals_leave_nothing_and_the_worker_lives(joe, envelope, code):
    before = workers(joe)
    assert talk(joe, request(envelope=envelope))[1] == code
    assert mess_files(joe) == []
    assert workers(joe) == before


@pytest.mark.parametrize("spoil, mend, code", [
    ("mkdir /var/qmail/control/queueextra", "rmdir /var/qmail/control/queueextra", 55),
    ("python3 -c 'print(\"x\" * 1003)' > /var/qmail/control/queueextra", "rm /var/qmail/control/queueextra", 55),
    ("mv /var/qmail/queue /var/qmail/elsewhere", "mv /var/qmail/elsewhere /var/qmail/queue", 62),
    ("chmod 0 /var/qmail/queue/mess", "chmod 2750 /var/qmail/queue/mess", 63),
    ("chown root /var/qmail/queue/mess/*; chmod 700 /var/qmail/queue/mess/*",
     "chown qmailq /var/qmail/queue/mess/*; chmod 2750 /var/qmail/queue/mess/*", 64),
])
def test_a_spoilt_system_that_is_mended(joe, spoil, mend, code):
    joe.sh(spoil)
    assert talk(joe, request())[1] == code
    joe.sh(mend)
    assert mess_files(joe) == []
    assert talk(joe, request())[1] == 0
    only(joe)


def test_a_full_disk(joe):
    joe.sh(f"mkdir /mnt/small && mount -t tmpfs -o size=64k,nr_inodes=100 tmpfs /mnt/small && cp -a {QUEUE}/. /mnt/small/ && "
           f"chown --reference={QUEUE} /mnt/small && chmod --reference={QUEUE} /mnt/small && mount --move /mnt/small {QUEUE}")
    assert talk(joe, request(b"x" * 100000))[1] == 53
    assert mess_files(joe) == []
    assert talk(joe, request())[1] == 0


def test_extra_recipients_count_from_the_next_message(joe):
    assert talk(joe, request())[1] == 0
    joe.control("queueextra", "log\n")
    assert talk(joe, request())[1] == 0
    assert sorted(m.of("T") for m in messages(joe)) == [[b"log", b"r@example.org"], [b"r@example.org"]]


def test_copies_of_one_message_are_none_of_the_next(joe):
    joe.control("queueextra", "to:x.example:copy\nfrom:y.example:log\n")
    for envelope in (b"Fs@y.example\0Tr@x.example\0\0", b"Fs@z.example\0Tr@z.example\0\0", b"Fs@z.example\0Tr@x.example\0\0"):
        assert talk(joe, request(envelope=envelope))[1] == 0
    assert sorted(m.of("T") for m in messages(joe)) == [[b"log", b"r@x.example", b"copy"], [b"r@x.example", b"copy"], [b"r@z.example"]]


def test_the_largest_request(joe):
    assert talk(joe, request(b"x" * (MAX - len(ENVELOPE))))[1] == 0
    only(joe)
    assert talk(joe, request(b"x" * (MAX - len(ENVELOPE) + 1)))[1] in (91, None)
    only(joe)


def test_the_trigger_hears_the_number(joe):
    fifo = os.open(joe.path(QUEUE + "/lock/trigger"), os.O_RDONLY | os.O_NONBLOCK)
    assert talk(joe, request())[1] == 0
    assert os.read(fifo, 100) == b"%d\n" % only(joe).id
    os.close(fifo)


# ---- injectors ----

def by_service(message):
    return int(message.of("p")[0]) >= 1 << 22


def test_injectors_use_it(joe):
    inject(joe)
    message = only(joe)
    assert by_service(message)
    assert message.text.count(b"(qmail %s invoked by uid " % message.of("p")[0]) == 1


def test_a_large_message_goes_to_qmail_queue(joe):
    inject(joe, text="Subject: x\n\n" + "y" * MAX + "\n")
    assert not by_service(only(joe))
    assert only(joe).text.endswith(b"y\n")


@pytest.mark.parametrize("spoil", ["chmod u-s /var/qmail/bin/qmail-queue", "rm /var/qmail/bin/qmail-queue"])
def test_a_site_may_want_no_setuid_program(joe, spoil):
    """Whoever injects, and however much, the service has it; while it is down all waits."""
    joe.sh(spoil)
    for size in (10, 10 * MAX):
        joe.run(["/var/qmail/bin/sendmail", "-f", "s@example.net", "r@example.org"], user="joe", input=b"Subject: x\n\n" + b"y" * size + b"\n")
        message = only(joe)
        message.path.unlink()
        assert message.text.endswith(b"\n\n" + b"y" * size + b"\n") and message.of("T") == [b"r@example.org"]
    joe.sh("svc -d /service/qmail-queue")
    assert eventually(lambda: ": down" in joe.sh("svstat /service/qmail-queue").stdout)
    for size in (10, 10 * MAX):
        assert inject(joe, text="Subject: x\n\n" + "y" * size + "\n", check=False).returncode == 111
    assert mess_files(joe) == []


@pytest.mark.parametrize("size", [10, 10 * MAX])
def test_without_a_setuid_program_the_service_is_waited_for(joe, size):
    """No room for a moment is no reason to fail."""
    joe.sh("chmod u-s /var/qmail/bin/qmail-queue")
    service = joe.sh("svstat /service/qmail-queue").stdout.split("pid ")[1].split(")")[0]
    joe.sh(f"all='{service} '$(pgrep -d ' ' -P {service}); kill -STOP $all; (sleep 4; kill -CONT $all) > /dev/null 2>&1 &")
    inject(joe, text="Subject: x\n\n" + "y" * size + "\n")
    assert only(joe).text.endswith(b"y\n")


def sized(joe, size):
    """Injects a body of that size, checks it, and says whether the service had it."""
    inject(joe, text="Subject: x\n\n" + "y" * size + "\n")
    message = only(joe)
    message.path.unlink()
    assert message.text.endswith(b"\n\n" + b"y" * size + b"\n")
    assert (message.of("F"), message.of("T")) == ([b"s@example.net"], [b"r@example.org"])
    return by_service(message)


def test_nothing_is_torn_at_the_bound(joe):
    """The room ends in the message, in each record of the envelope, at its last NUL."""
    small, large = MAX - 1000, MAX
    while large - small > 1:
        middle = (small + large) // 2
        small, large = (middle, large) if sized(joe, middle) else (small, middle)
    ways = [sized(joe, small + i) for i in range(-3, 40)]
    assert ways == sorted(ways, reverse=True) and {True, False} == set(ways)


def test_many_recipients_go_to_qmail_queue(joe):
    recipients = [f"recipient{i}@example.org" for i in range(8000)]
    joe.run(["/var/qmail/bin/qmail-inject", "-a", "-f", "s@example.net", *recipients], user="joe", input=b"Subject: x\n\nbody\n")
    message = only(joe)
    assert not by_service(message)
    assert [t.decode() for t in message.of("T")] == recipients
    assert message.text.endswith(b"\n\nbody\n")


def test_qmailqueue_overrides(joe):
    joe.write("/tmp/qq", "#!/bin/sh\ncat >/tmp/caught; cat <&1 >/dev/null\n", mode=0o755)
    inject(joe, user="root", env={"QMAILQUEUE": "/tmp/qq"})
    assert b"body" in joe.read("/tmp/caught")
    assert mess_files(joe) == []


def test_without_the_service_qmail_queue_does_it(joe):
    joe.sh("svc -d /service/qmail-queue")
    assert eventually(lambda: joe.sh("pgrep -x qmail-queued", check=False).returncode == 1)
    inject(joe)
    assert not by_service(only(joe))


def test_a_name_without_a_listener(joe):
    joe.sh("svc -ok /service/qmail-queue")
    assert eventually(lambda: not joe.is_up("qmail-queue"))
    joe.sh("pkill -9 -x qmail-queued", check=False)
    assert eventually(lambda: joe.sh("pgrep -x qmail-queued", check=False).returncode == 1)
    assert joe.sh(f"test -S {PLACE}").returncode == 0
    inject(joe)
    assert not by_service(only(joe))


def test_a_service_that_accepts_nobody(joe):
    """It has the request before it accepts; the injector is tired of waiting, and nobody queues it twice."""
    joe.sh("pkill -STOP -x qmail-queued")
    inject(joe)
    assert not by_service(only(joe))
    joe.sh("pkill -CONT -x qmail-queued")
    time.sleep(0.3)
    only(joe)


@pytest.mark.parametrize("hello", [b"", b"\0" * 16, b"mtqueue\1" + b"\1" * 8, MAGIC + b"\0" * 8, b"220 hello there\r\n"])
def test_somebody_else_on_the_socket(joe, hello):
    joe.sh("svc -d /service/qmail-queue")
    assert eventually(lambda: joe.sh("pgrep -x qmail-queued", check=False).returncode == 1)
    server = joe.popen(["/usr/bin/python3", "-c", f"import socket, os; s = socket.socket(socket.AF_UNIX); s.bind({PLACE!r}); "
                        f"os.chmod({PLACE!r}, 0o666); s.listen(); print(flush=True); c = s.accept()[0]; c.send({hello!r}); "
                        "c.close(); s.accept()"], stdout=subprocess.PIPE)
    server.stdout.readline()
    inject(joe)
    assert not by_service(only(joe))
    server.kill()
    server.wait()


def test_it_went_with_the_whole_request_and_no_answer(joe):
    """Perhaps it queued the message: a second way would double it."""
    joe.sh("svc -d /service/qmail-queue")
    assert eventually(lambda: joe.sh("pgrep -x qmail-queued", check=False).returncode == 1)
    hello = MAGIC + b"\1" * 8
    server = joe.popen(["/usr/bin/python3", "-c", f"import socket, os; s = socket.socket(socket.AF_UNIX); s.bind({PLACE!r}); "
                        f"os.chmod({PLACE!r}, 0o666); s.listen(); print(flush=True); c = s.accept()[0]; c.send({hello!r}); "
                        "c.recv(100000)"], stdout=subprocess.PIPE)
    server.stdout.readline()
    done = inject(joe, check=False)
    assert done.returncode == 111 and b"qq crashed (#4.3.0)" in done.stderr
    assert mess_files(joe) == []
    server.wait()


def test_smtp_says_the_number_of_the_received_line(joe):
    joe.start("qmail-smtpd")
    with socket_of(joe) as s:
        assert eventually(lambda: s.recv(1000).startswith(b"220 "))
        s.sendall(b"HELO c\r\nMAIL FROM:<s@example.net>\r\nRCPT TO:<joe@mail.example.org>\r\nDATA\r\n")
        assert eventually(lambda: b"354" in s.recv(1000))
        s.sendall(b"Subject: x\r\n\r\nbody\r\n.\r\n")
        said = s.recv(1000).decode()
    message = only(joe)
    assert said.startswith("250 ") and said.split()[-1] == message.of("p")[0].decode()
    assert by_service(message)
    assert message.text.startswith(b"Received: (qmail %s invoked from network); " % message.of("p")[0])


class socket_of:
    """A connection to port 25 of the host, from inside."""

    def __init__(self, host):
        self.process = host.popen(["/usr/bin/python3", "-c", (
            "import socket, sys, threading, os\n"
            "s = socket.create_connection(('127.0.0.1', 25))\n"
            "def out():\n    while True:\n        d = s.recv(65536)\n        if not d: os._exit(0)\n"
            "        os.write(1, d)\n"
            "threading.Thread(target=out, daemon=True).start()\n"
            "while True:\n    d = os.read(0, 65536)\n    if not d: break\n    s.sendall(d)\n")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def sendall(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def recv(self, n):
        return os.read(self.process.stdout.fileno(), n)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


# ---- hostile clients ----

def connection(host, user="joe", answer=False):
    """A client that says hello, sends what we write to it, and at the end vanishes, or waits for the answer."""
    script = (f"import socket, os\ns = socket.socket(socket.AF_UNIX)\ns.connect({PLACE!r})\n"
              "h = s.recv(16)\nos.write(1, h if h else b'-')\n"
              "while True:\n    d = os.read(0, 65536)\n    if not d: break\n    s.sendall(d)\n"
              + ("os.write(1, s.recv(10) or b'-')\n" if answer else ""))
    process = host.popen(["/usr/bin/python3", "-c", script], user=user, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    return process, os.read(process.stdout.fileno(), 16)


def end(*processes):
    for p in processes:
        p.kill()
        p.wait()
        p.stdin.close()
        p.stdout.close()


@pytest.mark.parametrize("garbage", [b"\xff" * 16, MAGIC + b"\xff\xff\xff\xff\0\0\0\0", b"EHLO me\r\nMAIL FROM:<>\r\n" * 3000,
                                     MAGIC + struct.pack("<II", 0, MAX + 1), MAGIC + bytes(8),
                                     request().replace(b"\2", b"\1", 1), b"x", b""])
def test_garbage_ends_that_connection_only(joe, garbage):
    before = workers(joe)
    for _ in range(25):
        assert talk(joe, garbage, "shut")[1] in (91, 54, None)
    assert workers(joe) == before and len(before) == 20
    assert talk(joe, request())[1] == 0
    only(joe)


def test_a_client_that_vanishes_leaves_nothing(joe):
    whole = request(b"x" * 50000)
    for cut in (0, 4, 8, 9, 30000, len(whole) - 1):
        client, hello = connection(joe)
        assert hello.startswith(MAGIC)
        client.stdin.write(whole[:cut])
        client.stdin.flush()
        end(client)
    assert talk(joe, request())[1] == 0
    only(joe)
    assert joe.sh("for p in $(pgrep -x qmail-queued); do ls -l /proc/$p/fd; done | grep -c mess", check=False).stdout == "0\n"


def test_a_slow_client_is_sent_away(joe):
    client, _ = connection(joe)
    began = time.monotonic()
    for byte in request():
        if time.monotonic() - began > 15 or client.poll() is not None:
            break
        try:
            client.stdin.write(bytes([byte]))
            client.stdin.flush()
        except BrokenPipeError:
            break
        time.sleep(0.5)
    assert 5 < time.monotonic() - began < 13
    end(client)


# Asks for a stream as often as is said, with one descriptor where two belong: says how often it was refused.
ONE_DESCRIPTOR = r"""
import array, socket, sys
refused = 0
for i in range(int(sys.argv[1])):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(30)
    s.connect("/var/qmail/run/queue/socket")
    assert len(s.recv(16, socket.MSG_WAITALL)) == 16
    s.sendall(b"mtqueue\2" + b"\xff" * 8)
    s.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))])
    refused += len(s.recv(10)) == 1
print(refused)
"""


def test_a_descriptor_that_comes_alone_is_not_kept(joe):
    joe.control("concurrencyqueue", "1\n")
    joe.sh("svc -t /service/qmail-queue")
    assert eventually(lambda: len(workers(joe)) == 1)
    count = f"ls /proc/{workers(joe)[0]}/fd | wc -l"
    before = joe.sh(count).stdout
    assert joe.run(["/usr/bin/python3", "-c", ONE_DESCRIPTOR, "20"], user="joe").stdout == b"20\n"
    assert eventually(lambda: joe.sh(count).stdout == before)
    assert inject(joe).returncode == 0


def test_one_user_has_a_share(joe):
    """Of twenty workers joe holds five; ann and the network are served."""
    clients = [connection(joe) for _ in range(7)]
    numbers = [struct.unpack("<Q", hello[8:])[0] for _, hello in clients]
    assert [n != 0 for n in numbers] == [True] * 5 + [False] * 2
    inject(joe)
    assert not by_service(only(joe)), "joe gets qmail-queue"
    assert talk(joe, request(), user="ann")[1] == 0
    assert talk(joe, request(), user="qmaild")[1] == 0
    end(*[c for c, _ in clients])
    assert eventually(lambda: talk(joe, request())[1] == 0)


def test_a_thousand_connections_of_one_user(joe):
    script = (f"import socket, time, os\nl = []\n"
              "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 2000))\n"
              f"for i in range(1000):\n    s = socket.socket(socket.AF_UNIX)\n    s.connect({PLACE!r})\n    l.append(s)\n"
              "os.write(1, b'!')\ntime.sleep(60)\n")
    flood = joe.popen(["/usr/bin/python3", "-c", script], user="joe", stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    assert os.read(flood.stdout.fileno(), 1) == b"!"
    began = time.monotonic()
    assert talk(joe, request(), user="qmaild")[1] == 0
    inject(joe, user="ann")
    assert time.monotonic() - began < 3
    assert all(by_service(m) for m in messages(joe))
    memory = joe.sh("for p in $(pgrep -x qmail-queued); do awk '/^Private_/ { n += $2 } END { print n }' /proc/$p/smaps_rollup; done")
    assert max(int(n) for n in memory.stdout.split()) < 1000, "KiB"
    end(flood)


# ---- kills ----

def test_a_dead_worker_is_replaced(joe):
    before = workers(joe)
    joe.sh("kill -9 " + " ".join(before[:7]))
    assert eventually(lambda: len(workers(joe)) == 20 and not set(before[:7]) & set(workers(joe)))
    assert "killed by signal 9" in joe.log("qmail-queue")
    assert talk(joe, request())[1] == 0


def test_all_workers_dead_is_no_loss(joe):
    joe.sh("pkill -9 -x qmail-queued -P $(pgrep -o -x qmail-queued)")
    inject(joe)
    only(joe)
    assert eventually(lambda: len(workers(joe)) == 20)


def test_a_seat_of_a_dead_worker_is_free(joe):
    clients = [connection(joe)[0] for _ in range(5)]
    joe.sh("pkill -9 -x qmail-queued -P $(pgrep -o -x qmail-queued)")
    assert eventually(lambda: len(workers(joe)) == 20)
    assert talk(joe, request())[1] == 0
    end(*clients)


@pytest.mark.parametrize("who", ["workers", "everybody"])
def test_killed_in_mid_message(joe, who):
    client, _ = connection(joe, answer=True)
    client.stdin.write(request(b"x" * 50000)[:-1])
    client.stdin.flush()
    time.sleep(0.1)
    joe.sh("pkill -9 -x qmail-queued" + (" -P $(pgrep -o -x qmail-queued)" if who == "workers" else ""))
    out, _ = client.communicate(timeout=20)
    assert out in (b"-", b"")
    assert mess_files(joe) == []
    assert eventually(lambda: len(workers(joe)) == 20)
    inject(joe)
    assert by_service(only(joe))


def test_a_master_that_dies_takes_its_workers_along(joe):
    before = workers(joe)
    joe.sh("kill -9 $(pgrep -o -x qmail-queued)")
    assert eventually(lambda: len(workers(joe)) == 20 and not set(before) & set(joe.sh("pgrep -x qmail-queued").stdout.split()))
    assert talk(joe, request())[1] == 0


def test_stopping_finishes_what_is_begun(joe):
    client, _ = connection(joe, answer=True)
    data = request()
    client.stdin.write(data[:20])
    client.stdin.flush()
    joe.sh("svc -d /service/qmail-queue")
    time.sleep(0.3)
    out, _ = client.communicate(data[20:], timeout=20)
    assert out == b"\0"
    only(joe)
    assert eventually(lambda: joe.sh("pgrep -x qmail-queued", check=False).returncode == 1)
    assert joe.sh(f"test -e {PLACE}", check=False).returncode == 1


@pytest.mark.parametrize("moment", ["linkat", "fsync"])
def test_killed_at_the_commit_is_uncertain_but_never_double(joe, moment):
    """The injector hears of a temporary trouble, and the queue holds one whole message or none."""
    pids = workers(joe)
    trace = joe.popen(["sh", "-c", "exec strace -f -o /dev/null " + " ".join(f"-p {p}" for p in pids) +
                       f" -e inject={moment}:signal=KILL:when=1"], stderr=subprocess.PIPE)
    for _ in pids:
        assert b"attached" in trace.stderr.readline()
    done = inject(joe, check=False)
    assert done.returncode == 111 and b"qq crashed (#4.3.0)" in done.stderr
    assert len(messages(joe)) <= 1
    trace.kill()
    trace.wait()
    trace.stderr.close()


def test_a_killing_spree_loses_and_doubles_nothing(joe):
    """Injected under steady kills of workers and master: each answered 0 is there once, each refused at most once."""
    script = (r"""
import subprocess, sys
for i in range(150):
    r = subprocess.run(["/var/qmail/bin/qmail-inject", "-a", "-f", "s", "r"], input=b"Subject: n%d\n\nbody\n" % i, stderr=subprocess.DEVNULL)
    print(i, r.returncode, flush=True)
""")
    sender = joe.popen(["/usr/bin/python3", "-c", script], user="joe", stdout=subprocess.PIPE)
    n = 0
    while sender.poll() is None:
        which = "$(pgrep -o -x qmail-queued)" if n % 5 == 4 else "$(pgrep -x qmail-queued -P $(pgrep -o -x qmail-queued))"
        joe.sh(f"kill -9 {which}", check=False)
        time.sleep(0.05)
        n += 1
    codes = dict(map(int, line.split()) for line in sender.stdout.read().decode().splitlines())
    sender.stdout.close()
    found = [int(re.search(rb"^Subject: n(\d+)$", m.text, re.M)[1]) for m in messages(joe)]
    assert len(found) == len(set(found)) and len(codes) == 150
    assert set(codes.values()) <= {0, 111}
    assert {i for i, c in codes.items() if c == 0} <= set(found)


# ---- the service ----

def test_the_number_of_workers(joe):
    joe.control("concurrencyqueue", "3\n")
    joe.sh("svc -t /service/qmail-queue")
    assert eventually(lambda: len(workers(joe)) == 3)
    assert eventually(lambda: "3 workers listen" in joe.log("qmail-queue"))


def test_only_one_runs(joe):
    done = joe.run(["qmail-queued"], user="qmailq", check=False)
    assert done.returncode == 111 and b"another qmail-queued is running" in done.stderr
    assert talk(joe, request())[1] == 0


@pytest.mark.parametrize("command, user, code", [(["qmail-queued", "x"], "qmailq", 100), (["qmail-queued"], "root", 100),
                                                 (["qmail-queued"], "ann", 111)])
def test_wrong_use(joe, command, user, code):
    joe.sh("svc -d /service/qmail-queue")
    assert eventually(lambda: joe.sh("pgrep -x qmail-queued", check=False).returncode == 1)
    assert joe.run(command, user=user, check=False).returncode == code
