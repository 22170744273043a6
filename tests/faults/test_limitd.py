"""Questions to qmail-limitd, whichever call of it fails and wherever it is killed: it answers or not, and the next one answers; and
the same in who asks: mail is limited by nothing but a limit."""

import socket
import subprocess

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_queued import connect
from tests.faults.test_smtp import case
from tests.faults.test_usersd import net
from tests.host import eventually

pytestmark = ours_alone

PLACE = "/var/qmail/run/limits/socket"
QUESTIONS = [["connect", "", "192.0.2.7", "", "", "0", "0", "0"], ["send", "", "192.0.2.7", "", "", "1", "1", "1"],
             ["send", "", "192.0.2.7", "", "", "1", "1", "1"]]
# All are granted where the limit cannot be read.
WORDS = [["granted", "granted", "must wait"], ["granted", "granted", "granted"], ["granted", "granted"], ["granted"], []]


def word(s):
    """The first word of an answer; none when there comes none."""
    answer = s.recv(4096)
    return answer.split(b":", 2)[2].split(b",")[0].decode() if answer else None


def ask(host, server):
    """What is said in one session."""
    s = eventually(lambda: connect(host.path(PLACE)) or server.poll() is not None, 10)
    if not isinstance(s, socket.socket):
        return []
    said = []
    with s:
        try:
            for question in QUESTIONS:
                s.sendall(net([part.encode() for part in question]))
                said.append(word(s))
            s.sendall(net([part.encode() for part in ["done", *QUESTIONS[0][1:]]]))
        except OSError:
            pass
    return [w for w in said if w]


def serve(host, under):
    return host.popen([*under, "/var/qmail/bin/qmail-limitd"], user="root" if under else "qmaild", stderr=subprocess.DEVNULL)


def test_qmail_limitd(host, record_property):
    host.control("limits", "address messages 2/day\n")

    def run(under):
        server = serve(host, under)
        said = ask(host, server), must.service_ends(host, server, "qmail-limitd")
        next_one = serve(host, [])
        again = ask(host, next_one)
        wrong = said[1] + must.service_ends(host, next_one, "qmail-limitd")
        host.sh("rm -f /var/qmail/run/limits/*")
        return said[0], again, wrong

    def judge(seen, fault):
        said, again, wrong = seen
        if fault is None and (said, again) != (WORDS[0], ["granted", "must wait", "must wait"]):
            return [f"said {said}, and then {again}"]
        # Whose answer to a connection was lost may have been counted or not.
        if said not in WORDS:
            wrong = [*wrong, f"said {said}"]
        if len(again) != len(QUESTIONS):
            wrong = [*wrong, f"the next one said {again}"]
        return wrong

    sweep(host, "qmail-limitd", run, judge, user="qmaild").end(record_property)


def test_qmail_smtpd_that_asks(host, record_property):
    host.control("limits", "address messages 1000000/day\n")
    host.start("qmail-limits")
    run, judge = case(host, but=["qmail-limitd"])
    sweep(host, "qmail-smtpd with qmail-limitd", run, judge, user="qmaild").end(record_property)
