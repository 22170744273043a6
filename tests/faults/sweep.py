"""The fault sweep: which calls a program makes, and each of them failing in turn.

strace counts calls by name and process. So a first run tells how often each call comes outside the dynamic loader, and
then for every name and number there is a run in which just this one fails. FAULTS=full takes all faults at all calls, those
before main too; otherwise the calls that commit meet all and every other call the fault whose turn it is, and of these some are tried."""

import os
import platform
import random
import re

import pytest

from tests.host.machine import BUILD

ours_alone = pytest.mark.skipif("SANITIZE" in os.environ, reason="the sanitizer makes calls too, and does not survive their faults")
FULL = os.environ.get("FAULTS") == "full"
EVERYDAY = 120              # faults of a sweep, over all its parts, where not all are wanted
ERRORS = ("ENOSPC", "EIO", "EMFILE", "ENOMEM")
INTERRUPTIBLE = {"read", "write", "pread64", "pwrite64", "openat", "open", "flock", "fsync", "fdatasync", "wait4",
                 "fcntl", "ftruncate", "poll", "ppoll", "select", "pselect6", "dup2", "dup3", "connect", "accept4",
                 "sendto", "recvfrom", "writev", "readv"}
# Errors the kernel does not give. A failing close closes all the same, which strace cannot do; brk answers with the old
# end, and a static program's start, before main, needs it; waiting for a child that is there can only be interrupted.
NO_ERRORS = {"close", "brk"}
ONLY_INTERRUPTED = {"wait4"}
COMMITTING = {"write", "writev", "pwrite64", "fsync", "fdatasync", "linkat", "link", "rename", "renameat", "renameat2",
              "ftruncate", "unlink", "unlinkat", "flock"}
# These cannot fail, whoever calls; an exit that fails is none.
CERTAIN = {"getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "gettid", "umask", "alarm", "exit", "exit_group",
           "rt_sigreturn", "rt_sigprocmask", "restart_syscall", "execve"}
WRITING = {"write", "writev", "pwrite64"}
SHORT = WRITING if platform.machine() == "x86_64" else set()
LOG = "/run/strace.log"
STRACE = ["strace", "-f", "-qq", "-o", LOG]
SHORT_WRITE = BUILD / "tests" / "tools" / "short_write"


class Fault:
    def __init__(self, call, number, kind):
        self.call, self.number, self.kind = call, number, kind
        self.kill = kind == "KILL"
        # The dynamic loader crashes without the first memory it asks for.
        self.silent = self.kill or (call, number) == ("mmap", 1)

    def __repr__(self):
        return f"{self.kind} at {self.call} {self.number}"

    def inject(self):
        """Words for strace."""
        what = "signal=KILL" if self.kill else "error=" + self.kind.rstrip("+")
        when = f"{self.number}{'+' if self.kind.endswith('+') else ''}"
        return ["-e", f"trace={self.call}", "-e", f"inject={self.call}:{what}:when={when}"]

    def under(self, user=None):
        """What to put before a command; strace runs as root so that setuid bits count."""
        if self.kind == "short":
            return [SHORT_WRITE, self.call, str(self.number), LOG, *as_user(user)]
        return [*STRACE, *(["-u", user] if user else []), *self.inject()]


def detached(under):
    """The same, but the program keeps its process id and its parent, and strace is the stranger."""
    return [under[0], "-D", *under[1:]]


GROUPS = {"vpopmail": "vchkpw"}         # of those that have none of their own name


def as_user(user):
    return ["setpriv", "--reuid", user, "--regid", GROUPS.get(user, user), "--init-groups"] if user else []


def trace(user=None):
    """What to put before the command of the first run."""
    return [*STRACE, *(["-u", user] if user else [])]


def _of_itself(lines):
    """Without the calls of other programs that it starts: of each process but the first those before its execve, if there is one."""
    first, executes = lines[0].split()[0], {line.split()[0] for line in lines if " execve(" in line}
    over = set()
    for line in lines:
        pid = line.split()[0]
        if pid == first or pid in executes - over:
            yield line
        if " execve(" in line:
            over.add(pid)


def calls(log, loader=False, itself=False):
    """{(name, number)} of all calls, but for those before main of any process: the dynamic loader ends with the munmap of its cache,
    the start of a static program with an mprotect."""
    found, before_main, counts, loading = set(), set(), {}, {}
    for line in _of_itself(log.splitlines()) if itself else log.splitlines():
        m = re.match(r"(\d+) +(\w+)\((.*)", line)
        if not m:
            continue
        pid, name, rest = m.groups()
        counts[pid, name] = counts.get((pid, name), 0) + 1
        if name == "execve" and " = 0" in rest:
            loading[pid] = "mprotect"
        elif pid not in loading or loader:
            found.add((name, counts[pid, name]))
        else:
            before_main.add((name, counts[pid, name]))
        if "/etc/ld.so.cache" in rest and pid in loading:
            loading[pid] = "munmap"
        if loading.get(pid) == name:
            del loading[pid]
    return found - before_main


def _kinds(name, turn, short):
    interrupted = ["EINTR"] if name in INTERRUPTIBLE else []
    if name in CERTAIN or name in NO_ERRORS:
        errors = []
    elif name in ONLY_INTERRUPTED:
        errors = interrupted
    else:
        errors = [*ERRORS, *interrupted]
    if name in WRITING:
        errors = [*errors, "ENOSPC+", *(["short"] if name in SHORT and short else [])]
    kinds = ["KILL", *errors]
    # A death between two commits is the same as one just before the second, so one fault of each call will do.
    return kinds if FULL or name in COMMITTING else [kinds[turn % len(kinds)]]


def faults(found, short=True):
    """All faults to try at these calls."""
    return [Fault(name, number, kind)
            for turn, (name, number) in enumerate(sorted(found))
            for kind in _kinds(name, turn, short)]


class Tally:
    """Counts what was tried and gathers what was wrong."""

    def __init__(self, name):
        self.name, self.calls, self.injected, self.missed, self.wrong = name, 0, 0, [], []

    def note(self, host, fault, complaints):
        struck = self._struck(host)
        self.injected += struck
        self.missed += [] if struck else [fault]
        self.wrong += [f"{fault}: {complaint}" for complaint in complaints]

    @staticmethod
    def _struck(host):
        text = host.read(LOG).decode(errors="replace")
        return "INJECTED" in text or "+++ killed by SIGKILL" in text

    def end(self, record_property):
        record_property("faults", [self.name, self.calls, self.injected, len(self.wrong)])
        assert not self.wrong, f"{len(self.wrong)} violations\n" + "\n".join(self.wrong[:60])
        assert self.injected, "no fault struck"
        all_tried = self.injected + len(self.missed)
        assert len(self.missed) * 5 < all_tried + 10, f"of {all_tried} faults these {len(self.missed)} did not strike: {self.missed}"


def strikes_again(host):
    """Each process that is started meets the fault anew, or dies of it."""
    text = host.sh(f"cat {LOG}", check=False).stdout
    return text.count("INJECTED") + text.count("+++ killed by SIGKILL") > 1


def chosen(all_of_them, some):
    """That many of them, since not every run can afford all; the same each time. All with FAULTS=full."""
    if FULL or some >= len(all_of_them):
        return all_of_them
    numbers = random.Random("mailtree").sample(range(len(all_of_them)), some)
    return [all_of_them[i] for i in sorted(numbers)]


def sweep(host, name, run, judge, user=None, short=True, part=0, parts=1, some=EVERYDAY, itself=False):
    """run(under) runs the case once and returns what it showed; judge(that, fault) says what is wrong about it.
    A long sweep may be cut into parts, each a test of its own; some: of how many faults all of them are. Itself: at the calls of the program
    alone, not at those of others that it starts."""
    tally = Tally(name)
    complaints = judge(run(trace(user)), None)
    assert not complaints, f"{name} fails without a fault: {complaints}"
    found = calls(host.read(LOG).decode(errors="replace"), loader=FULL, itself=itself)
    tally.calls = len(found) if part == 0 else 0
    for fault in chosen(faults(found, short)[part::parts], some // parts):
        tally.note(host, fault, judge(run(fault.under(user)), fault))
    host.write(LOG, "")
    complaints = judge(run([]), None)
    tally.wrong += [f"afterwards: {complaint}" for complaint in complaints]
    return tally
