"""The running tree: strace joins one of its daemons, a message comes, and it must arrive whatever fails there."""

import pathlib
import subprocess
import time

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import FULL, LOG, ours_alone, sweep
from tests.host import eventually
from tests.queue.queue_files import mess_files
from tests.queue.test_queue import queue

pytestmark = [ours_alone, pytest.mark.skipif(not FULL, reason="the sweep over the tree runs in make test-faults")]

BODY = b"Subject: fault\n\n" + b"one line of many\n" * 8000
ENVELOPE = b"Fs@example.net\0Tjoe@mail.example.org\0\0"
PATIENCE = 1.5      # seconds for what goes on without help; a report that could not be written goes after one


class Tree:
    def __init__(self, host, daemon):
        self.host, self.daemon = host, daemon
        host.user("joe")
        host.start("qmail-send")
        self.new = pathlib.Path(host.path("/home/joe/Maildir/new"))

    def pid(self, name):
        """The oldest process of this name, as numbered in the host."""
        found = []
        for comm in pathlib.Path(self.host.path("/proc")).glob("[0-9]*/comm"):
            try:
                if comm.read_text().strip() == name:
                    found.append(int(comm.parent.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
        return min(found, default=None)

    def tracer(self, pid):
        try:
            status = pathlib.Path(self.host.path(f"/proc/{pid}/status")).read_text()
        except (FileNotFoundError, ProcessLookupError):
            return 0
        return int(status.split("TracerPid:")[1].split()[0])

    def end_agents(self):
        """So that the next message meets a fresh qmail-local, whose calls are counted from the first: one that recovered
        the last message would take it."""
        agent = self.pid("qmail-local")
        while agent:
            self.host.sh(f"kill {agent}", check=False)
            eventually(lambda: self.pid("qmail-local") != agent, 3)
            agent = self.pid("qmail-local")

    def arrived(self):
        return any(self.new.iterdir()) and not mess_files(self.host)

    def deliver(self, under):
        if not under:
            return self.send(PATIENCE)
        pid, strace = self.join(under)
        self.send(PATIENCE)
        tracer = self.tracer(pid)
        if tracer:
            self.host.sh(f"kill {tracer}", check=False)
        strace.wait(30)

    def join(self, under):
        """A daemon of a tree that was told to end may be gone at any moment: its successor does as well. A fault may
        strike as soon as strace is there."""
        for _ in range(5):
            pid = eventually(lambda: self.pid(self.daemon), 10)
            self.host.write(LOG, "")
            strace = self.host.popen([*under, "-p", str(pid)], stderr=subprocess.DEVNULL)
            joined = eventually(lambda: self.tracer(pid) or self.host.read(LOG) or strace.poll() is not None)
            if self.tracer(pid) or self.host.read(LOG):
                return pid, strace
            assert joined, "strace neither joins nor ends"
            time.sleep(0.5)
        raise AssertionError(f"strace cannot join {self.daemon}")

    def send(self, patience):
        code, _ = queue(self.host, BODY, ENVELOPE, user="joe")
        assert code == 0
        eventually(self.arrived, patience)

    def recover(self):
        """All daemons are up; what was put off is due now, what waits for a chore for the next start."""
        for attempt in range(3):
            assert eventually(lambda: all(self.pid(d) for d in ("qmail-send", "qmail-lspawn", "qmail-clean")), 15)
            if eventually(self.arrived, PATIENCE):
                return
            self.host.sh("svc -a /service/qmail-send" if not attempt else "svc -t /service/qmail-send")
            eventually(self.arrived, 2)


@pytest.mark.parametrize("daemon", ["qmail-lspawn", "qmail-clean", "qmail-send"])
def test_tree(host, daemon, record_property):
    tree = Tree(host, daemon)

    def judge(_, fault):
        tree.recover()
        tree.end_agents()
        wrong = must.nothing_aside(host)
        if not tree.arrived():
            wrong.append("it did not arrive; " + host.log("qmail-send")[-600:])
        for message in tree.new.iterdir():
            if not message.read_bytes().endswith(BODY):
                wrong.append("torn in the Maildir")
            message.unlink()
        for path in mess_files(host):
            wrong.append(f"{path.name} is in the queue")
            path.unlink()
        return wrong

    sweep(host, f"the tree by {daemon}", tree.deliver, judge, short=False).end(record_property)
    assert " failure: " not in host.log("qmail-send")
