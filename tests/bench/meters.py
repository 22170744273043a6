"""What a load cost: CPU of a group of processes, flushes of a disk, system calls, private memory."""

import os
import pathlib
import re
import signal
import subprocess
import time

CALLS = {
    "fsyncs": ("fsync", "fdatasync", "sync", "syncfs"),
    "forks": ("fork", "vfork", "clone", "clone3"),
    "execs": ("execve", "execveat"),
}
TICK = os.sysconf("SC_CLK_TCK")


def _cgroups():
    """Where a group for CPU accounting can be made: (directory, file to read, its unit in seconds)."""
    mounts = [line.split() for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
    for _, place, kind, options, *_ in mounts:
        if kind == "cgroup2" and os.access(place, os.W_OK):
            return pathlib.Path(place), "cpu.stat", 1e-6
    for _, place, kind, options, *_ in mounts:
        if kind == "cgroup" and "cpuacct" in options.split(",") and os.access(place, os.W_OK):
            return pathlib.Path(place), "cpuacct.usage", 1e-9
    return None, None, None


class Group:
    """A set of processes and all their descendants, living or dead, as a control group."""

    top, meter, unit = _cgroups()
    how = {"cpu.stat": "cgroup v2 cpu.stat", "cpuacct.usage": "cgroup v1 cpuacct.usage",
           None: "sums of /proc/PID/stat with waited-for children"}[meter]

    def __init__(self, name):
        self.place = None
        self.namespace = None
        if self.top:
            self.place = self.top / f"mailtree-bench-{os.getpid()}-{name}"
            self.place.mkdir()

    def enter(self):
        if self.place:
            (self.place / "cgroup.procs").write_text(str(os.getpid()))

    def pids(self):
        if self.place:
            return [int(pid) for pid in (self.place / "cgroup.procs").read_text().split()]
        return [int(p.name) for p in pathlib.Path("/proc").glob("[0-9]*") if _namespace(p.name) == self.namespace]

    def seconds(self):
        """CPU used so far."""
        if self.place:
            words = (self.place / self.meter).read_text().split()
            return int(words[words.index("usage_usec") + 1] if "usage_usec" in words else words[0]) * self.unit
        return sum(_stat_seconds(pid) for pid in self.pids())

    def private_bytes(self):
        return sum(_private_bytes(pid) for pid in self.pids())

    def end(self):
        if not self.place:
            return
        for _ in range(100):
            try:
                self.place.rmdir()
                return
            except OSError:
                time.sleep(0.05)


def _namespace(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def _stat_seconds(pid):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return sum(int(n) for n in fields[11:15]) / TICK


def _private_bytes(pid):
    try:
        rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(kib) * 1024 for kib in re.findall(r"^Private_(?:Clean|Dirty): +(\d+) kB", rollup, re.M))


def peaks(group, is_over, patience, every=0.02):
    """The most memory, in MiB, of the programs of a group by their names, looked at until it is over."""
    found, end = {}, time.time() + patience
    while not is_over() and time.time() < end:
        for pid in group.pids():
            try:
                status = pathlib.Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            peak = re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)
            name = status.split("\n", 1)[0].split("\t")[1]
            found[name] = max(found.get(name, 0), int(peak[1]) / 1024 if peak else 0)
        time.sleep(every)
    return found


def machine_seconds():
    """CPU that everybody used, kernel threads and interrupts too."""
    user, nice, system, _, _, irq, softirq, *_ = map(
        int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / TICK


def flushes(directory):
    """Cache flushes that the disk of this directory has done; None where the kernel does not tell."""
    device = os.stat(directory).st_dev
    try:
        fields = pathlib.Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat").read_text().split()
        return int(fields[15])
    except (OSError, IndexError):
        return None


class Tracer:
    """Counts system calls of running processes and all they start."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        for old in self.directory.iterdir():
            old.unlink()
        self.n = 0

    def prefix(self):
        self.n += 1
        names = ",".join(name for names in CALLS.values() for name in names)
        return ["strace", "-f", "-c", "-qq", "-o", str(self.directory / str(self.n)), "-e", "trace=" + names]

    def attach(self, pids):
        self.process = subprocess.Popen(self.prefix() + [f"--attach={pid}" for pid in pids],
                                        stderr=subprocess.DEVNULL)
        time.sleep(1)

    def counts(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        seen = {}
        for file in self.directory.iterdir():
            for line in file.read_text().splitlines():
                words = line.split()
                if len(words) >= 5 and words[3].isdigit():
                    seen[words[-1]] = seen.get(words[-1], 0) + int(words[3])
        return {what: sum(seen.get(name, 0) for name in names) for what, names in CALLS.items()}
