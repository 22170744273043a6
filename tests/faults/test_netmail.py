"""One message into qmail-qmtpd, and one out of qmail-qmqpc: K, or exit 0, if and only if it is queued."""

import socket
import subprocess

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_smtp import ENVIRONMENT
from tests.host import eventually
from tests.queue.queue_files import mess_files

pytestmark = ours_alone

BODY = b"Subject: fault\n\n" + b"one line of many\n" * 8000
TO = b"joe-list@mail.example.org"


def netstring(data):
    return b"%d:%b," % (len(data), data)


PACKAGE = netstring(b"\n" + BODY) + netstring(b"sender@client.example") + netstring(netstring(TO))


def emptied(host, but=()):
    eventually(lambda: not must.processes(host, but), 3)
    found = must.in_queue(host, BODY, [TO.decode()])
    for path in mess_files(host):
        path.unlink()
    return found


def refused_for_good(answer):
    return [f"trouble of this machine refuses for good: {answer}"] if answer.partition(b":")[2][:1] == b"D" else []


def session(host, program, said):
    """What the sweep runs: the answer, or as much as came."""
    def run(under):
        ours, theirs = socket.socketpair()
        ours.settimeout(30)
        server = host.popen([*under, f"/var/qmail/bin/{program}"], user="root" if under else "qmaild", env=ENVIRONMENT, stdin=theirs.fileno(),
                            stdout=theirs.fileno(), stderr=subprocess.DEVNULL)
        theirs.close()
        answer = b""
        try:
            ours.sendall(said)
            ours.shutdown(socket.SHUT_WR)
            while more := ours.recv(4096):
                answer += more
        except OSError:
            pass
        ours.close()
        server.wait(60)
        return answer
    return run


def case(host, program, said):
    host.user("joe")
    host.write("/home/joe/.qmail-list", "./Maildir/\n", owner="joe")

    def judge(answer, fault):
        found, wrong = emptied(host)
        silent = b"," not in answer or bool(fault and fault.kill)
        return wrong + must.verdict(b":K" in answer, found, silent) + refused_for_good(answer) + must.processes(host)

    return session(host, program, said), judge


def test_qmail_qmtpd(host, record_property):
    sweep(host, "qmail-qmtpd with qmail-queue", *case(host, "qmail-qmtpd", PACKAGE), user="qmaild").end(record_property)


def test_qmail_qmqpd(host, record_property):
    mail = netstring(netstring(BODY) + netstring(b"sender@client.example") + netstring(TO))
    sweep(host, "qmail-qmqpd with qmail-queue", *case(host, "qmail-qmqpd", mail), user="qmaild").end(record_property)


SERVER = """
import socket
s = socket.create_server(('127.0.0.1', 628))
print('ready', flush=True)
while True:
    c, _ = s.accept()
    f = c.makefile('rb')
    n = b''
    while (x := f.read(1)) not in (b':', b''): n += x
    data = f.read(int(n)) if n else b''
    if f.read(1) == b',' and len(data) == int(n):
        open('/tmp/taken', 'ab').write(b'x')
        try: c.sendall(b'2:Kx,')
        except OSError: pass
    f.close(); c.close()
"""


def test_qmail_qmqpc(host, record_property):
    """Never for ever, and 0 only when the server has it."""
    host.control("qmqpservers", "127.0.0.1\n")
    host.write("/tmp/m", BODY)
    host.write("/tmp/e", b"Fs\0T" + TO + b"\0\0")
    hub = host.popen(["/usr/bin/python3", "-c", SERVER], stdout=subprocess.PIPE)
    assert hub.stdout.readline() == b"ready\n"

    def run(under):
        host.write("/tmp/taken", "")
        return host.run(["sh", "-c", 'exec "$@" < /tmp/m 1< /tmp/e', "sh", *under, "/var/qmail/bin/qmail-qmqpc"], check=False).returncode

    def judge(code, fault):
        taken = eventually(lambda: host.read("/tmp/taken"), 1) if code == 0 else host.read("/tmp/taken")
        wrong = [] if code != 0 or taken else ["told that it is done, and the server has nothing"]
        wrong += ["it is there more than once"] if len(taken) > 1 else []
        return wrong + (["for ever"] if 11 <= code <= 40 and not (fault and fault.kill) else [])

    sweep(host, "qmail-qmqpc", run, judge).end(record_property)
    hub.kill()
    hub.wait()
