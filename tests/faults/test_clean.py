"""Requests to qmail-clean: + if and only if the deed is done, and the message stays whole."""

import pathlib
import subprocess

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.queue.queue_files import QUEUE, Message, is_spare
from tests.queue.send_rig import file_of

pytestmark = ours_alone

CONTENT = file_of("s@else.example", ["joe@mail.example.org", "far@else.example"])
OFFSET = CONTENT.index(b"Tfar@") - CONTENT.index(b"u1000\0p77")
NEXT = 1 << 40
CHANGED, REMOVED, LAME, KEPT, LEFT = 461, 462, 463, 464, 465
SIZE = 8192
DONE = file_of("s@else.example", ["joe@mail.example.org"], message=b"Subject: past\n\n".ljust(SIZE - len(file_of("s@else.example", ["joe@mail.example.org"], message=b"")), b"x"))
SPARE = DONE[:-64] + b"mailfree" + DONE[-56:]


class Queue:
    def __init__(self, host):
        self.host = host
        self.corrupt = pathlib.Path(host.path(QUEUE + "/corrupt"))

    def place(self, id):
        return pathlib.Path(self.host.path(f"{QUEUE}/mess/{id % 23}/{id}"))

    def fill(self):
        for left in self.corrupt.iterdir():
            left.unlink()
        for id, content in ((CHANGED, CONTENT), (REMOVED, CONTENT), (LAME, CONTENT), (KEPT, DONE), (LEFT, SPARE)):
            self.place(id).write_bytes(content)
            self.host.sh(f"chown qmailq {QUEUE}/mess/{id % 23}/{id}")

    def deeds(self):
        """What is done of the requests."""
        m = Message(self.place(CHANGED))
        moved = (self.corrupt / str(LAME)).exists()
        assert moved != self.place(LAME).exists(), "a message moved aside is nowhere or twice"
        assert m.due_local in (0, NEXT), "the next attempt is torn"
        return [m.records[-1][0] == "D", m.due_local == NEXT, not self.place(REMOVED).exists(), moved, self.is_no_message(KEPT),
                not self.place(LEFT).exists()]

    def is_no_message(self, id):
        return not self.place(id).exists() or is_spare(self.place(id))


REQUESTS = f"done/{CHANGED}/{OFFSET}\0due/{CHANGED}/l/{NEXT}/1\0foop/{REMOVED}\0lame/{LAME}\0foop/{KEPT}\0drop/{LEFT}\0".encode()


def test_qmail_clean(host, record_property):
    queue = Queue(host)

    def run(under):
        queue.fill()
        cleaner = host.popen([*under, "/var/qmail/bin/qmail-clean"], user="root" if under else "qmailq",
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        answers, _ = cleaner.communicate(REQUESTS, timeout=60)
        return answers

    def judge(answers, fault):
        try:
            deeds = queue.deeds()
        except (AssertionError, ValueError) as torn:
            return [f"the queue is harmed: {torn}"]
        wrong = must.processes(host)
        for i, deed in enumerate(deeds[:len(answers)]):
            if (answers[i:i + 1] == b"+") != deed:
                wrong.append(f"answer {answers[i:i + 1]} to request {i}, done is {deed}")
        if not fault and answers != b"++++++":
            wrong.append(f"answers {answers}")
        return wrong

    sweep(host, "qmail-clean", run, judge, user="qmailq").end(record_property)
