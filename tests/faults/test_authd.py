"""Questions to qmail-authd, whichever call of it fails and wherever it is killed: no right password is wrong, no wrong one right."""

import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_usersd import TROUBLE, ask_all, ask_at

pytestmark = ours_alone

PARTS = 3

QUESTIONS = [
    (("password", "smtp", "joe", "right one"), {"let in"} | TROUBLE),
    (("password", "smtp", "joe", "wrong one"), {"wrong"} | TROUBLE),
    (("password", "smtp", "nobody.there", "wrong one"), {"wrong"} | TROUBLE),
    (("may try", "pop3", "joe", "x"), {"let in"} | TROUBLE),
    (("has failed", "pop3", "joe", "17"), {"let in"} | TROUBLE),
]


def ask(host, server, words):
    return ask_at(host.path("/var/qmail/run/auth/socket"), server, [*words, *["", "192.0.2.7", ""][:7 - len(words)]])


@pytest.mark.parametrize("part", range(PARTS))
def test_qmail_authd(host, record_property, part):
    host.control("concurrencylogins", "1\n")
    host.user("joe", "right one")

    def run(under):
        server = host.popen([*under, "/var/qmail/bin/qmail-authd"], stderr=subprocess.DEVNULL)
        return ask_all(QUESTIONS, lambda words: ask(host, server, words)), must.service_ends(host, server, "qmail-authd")

    def judge(seen, fault):
        said, wrong = seen
        if fault is None and set(said) & TROUBLE:
            return [f"trouble: {said}"]
        return wrong + [f"{' '.join(words)}: {answer}" for (words, may), answer in zip(QUESTIONS, said) if answer not in may]

    sweep(host, "qmail-authd", run, judge, user="root", part=part, parts=PARTS).end(record_property)
