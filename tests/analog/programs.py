"""Runs the programs of this role, which read and print and need no machine, and makes logs."""

import os
import random
import subprocess
import tempfile

from tests.host.machine import ENVIRONMENT, STAGE

BIN = STAGE / "var/qmail/bin"
TAI_BEGIN = 4611686018427387914


def run(*words, input=b"", code=0, env=None):
    """What a program prints of these bytes or this text."""
    input = input.encode() if isinstance(input, str) else input
    done = subprocess.run([str(BIN / words[0]), *words[1:]], input=input, capture_output=True, timeout=60, env={**ENVIRONMENT, **(env or {})})
    assert done.returncode == code, done
    return done.stdout.decode() if code == 0 else done.stderr.decode()


def matchup(log, name="matchup", before=None, env=None):
    """(what it prints, what is pending)"""
    with tempfile.TemporaryFile() as old, tempfile.TemporaryFile() as pending:
        old.write((before or "").encode())
        old.seek(0)
        there = f"exec 4<&{old.fileno()} 5>&{pending.fileno()}" if before is not None else f"exec 5>&{pending.fileno()}"
        done = subprocess.run(["bash", "-c", f"{there}; exec {BIN / name}"], input=log.encode(), capture_output=True, timeout=60,
                              pass_fds=[old.fileno(), pending.fileno()], env={**ENVIRONMENT, **(env or {})})
        assert (done.returncode, done.stderr) == (0, b""), done
        pending.seek(0)
        return done.stdout.decode(), pending.read().decode()


def label(seconds, nanoseconds=0):
    return f"@{TAI_BEGIN + seconds:016x}{nanoseconds:08x}"


def deliveries(to, count, begin=1_700_000_000, open_at_once=200):
    """Writes the log of so many messages with one recipient each, as many open at a time."""
    chance, clock, delivery = random.Random(7), begin * 1000, 0
    waiting = []

    def line(text):
        to.write(f"{label(clock // 1000, clock % 1000 * 1000000)} {text}\n")

    for n in range(1, count + 1):
        clock, delivery = clock + 3, delivery + 1
        line(f"new msg {n}")
        line(f"info msg {n}: bytes {1000 + n % 5000} from <user{n % 500}@example.org> qp {n % 30000 + 2} uid {1000 + n % 7}")
        line(f"starting delivery {delivery}: msg {n} to remote someone{n % 3000}@host{n % 700}.example")
        line(f"status: local 0/10 remote {len(waiting) + 1}/200")
        waiting.append((delivery, n))
        if len(waiting) >= open_at_once or n == count:
            chance.shuffle(waiting)
            for one, message in waiting:
                clock += 1
                line(f"delivery {one}: success: 192.0.2.{message % 250}_accepted_message./Remote_host_said:_250_ok_{message}/")
                line(f"status: local 0/10 remote {len(waiting)}/200")
                line(f"end msg {message}")
            waiting = []


def names_of_links():
    return sorted(path.name for path in BIN.iterdir() if path.is_symlink() and os.readlink(path) == "qmailanalog")
