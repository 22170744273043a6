"""The table, on the terminal and in RESULTS.md; in RESULTS-xfs.md what was measured with BENCH_FS=xfs, in RESULTS-slow-flush.md
with BENCH_FLUSH_US, in RESULTS-xfs-slow-flush.md with both."""

import datetime
import pathlib
import platform
import re
import statistics
import subprocess

from .loads import LOADS, OURS
from .meters import Group

FOLDER = pathlib.Path(__file__).parent
HEADING = ["load", "measure", "mailtree", "Postfix", "ratio", "target", "", "rounds"]
METHOD = """\
# Benchmark results

`make bench{option}` writes this file; with `LOADS=kept10,outward` it renews the rows of those loads only.
Each figure is the median of the rounds, in brackets the smallest and the largest.

## Machine

{machine}

## Method

- mailtree and Postfix each run in a throwaway host (`tests/host`) on this machine, both all the time, and take
  turns: A B A B. Postfix is Debian's package, unpacked into its host: `main.cf` and `master.cf` as Debian writes
  them for an Internet site, mail to Maildirs; `maillog_file` so that it writes a log as ours does.
- TLS is in the loads that say so alone: P-256, no certificate is verified; mail comes and goes by `tests/tools/tls_peer.c`.
  With tickets a server may resume or not: this Postfix, with the cache its documentation names, does not.
  Who logs in is looked up by ours as ever (one hash for each connection), and by Postfix at no cost.
- Queue, homes and logs of both lie on {filesystem}: made with the defaults of mkfs.{kind}, on a loop
  device {disk}; nothing of that is on tmpfs. Durability as shipped:
  nobody's fsync is turned off.
- Mail comes in by up to ten `smtp-source` over the loopback of the host, each for a user of its own, on the same
  cores; outward it goes by a fixed route (no DNS) over a veth pair to `smtp-sink` in another host.
- accepted: until the last client has its last answer; delivered: until the last file has its name in
  `Maildir/new` (its ctime), or the sink has counted the last transaction.
- lasting: as kept10, with so many messages (`BENCH_LASTING`) without a pause, to both. Nobody looks into the Maildirs meanwhile;
  when a message was delivered is the ctime of its file. The first and the last minute are of the time in which mail comes in, and
  where that is less than three minutes its first and last third. What is delivered after the last answer counts in "delivered/s" alone.
- CPU: {cpu}, of all processes of the system, descendants included; for `submit` the calling
  shell too. "Rest of machine" is what /proc/stat shows beyond that and the load generators: kernel threads,
  interrupts, and whoever else was busy.
- disk flushes: the disk's own counter (field 16 of its `stat`), for the whole machine. fsyncs, forks, execs:
  `strace -f -c` in a run of its own with 100 messages; processes that are started once and serve many messages
  count there if they start in it.
- virtual10, virtualfresh10, virtualsql10: each client writes to a hundred users of its own, 1,000 in all, of one domain; ours by
  vpasswd.cdb, Postfix's by a hash map of virtual mailboxes; in virtualsql10 by a MariaDB of its own in each host, whose CPU
  counts, ours by qmail-store-mysql, Postfix's by proxy:mysql. "of the rate to accounts" is to the same load to ten accounts
  just before, which is not counted otherwise.
- logins10: ours alone; "of it a hash" is what one verification of the same password takes with the C library.
- idle: sum of Private_Clean and Private_Dirty of all processes, with 1,000 connections minus without; both
  systems' limits of connections are raised for it.
- backlog: messages to a far host whose port is closed; when all are deferred, 2,000 new local ones (10 kept
  connections), a restart, then the port opens, the queue is flushed, and 50 messages a second come in for local
  users while it drains. New mail without a backlog is measured before it and after it, each time as the median of
  three; "of the rate without" is to the mean of both. start-up: from the start of the first process to the
  delivery of a message, scripts included.

## Figures

"""


def median(values):
    return statistics.median(values)


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}" if value >= 1 else f"{value:.3f}"


def cell(values):
    if not values:
        return ""
    if len(values) == 1:
        return number(values[0])
    return f"{number(median(values))} ({number(min(values))} to {number(max(values))})"


def rows(load, seen):
    """seen: {system: {measure: [values]}} of one load."""
    ours, theirs = seen["mailtree"], seen["Postfix"]
    for measure in dict.fromkeys([*ours, *theirs]):
        a, b = ours.get(measure, []), theirs.get(measure, [])
        ratio = median(a) / median(b) if a and b and median(b) else None
        target, verdict = judge(load.targets.get(measure), ratio, a)
        yield [load.name, measure, cell(a), cell(b), "" if ratio is None else f"{ratio:.2f}", target, verdict,
               str(max(len(a), len(b)))]


def judge(target, ratio, ours):
    if not target:
        return "", ""
    of, sign, bound = target
    value = (median(ours) if ours else None) if of == OURS else ratio
    text = f"{'' if of == OURS else 'ratio '}{sign} {bound:g}"
    if value is None:
        return text, "not measured"
    return text, "reached" if (value >= bound if sign == ">=" else value <= bound) else "missed"


def show(table):
    """For a terminal: columns in line."""
    widths = [max(len(row[i]) for row in [HEADING, *table]) for i in range(len(HEADING))]
    for row in [HEADING, *table]:
        print("  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip())


def machine():
    cpu = re.search(r"^model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    cores = len(re.findall(r"^processor", pathlib.Path("/proc/cpuinfo").read_text(), re.M))
    memory = int(re.search(r"MemTotal: +(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) / 2**20
    system = re.search(r'^PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text(), re.M)
    kind = cpu[1] if cpu else platform.machine()
    return f"{cores} cores ({kind}), {memory:.0f} GiB, {system[1]}, Linux {platform.release()}"


def of_disk(disk):
    option = f" BENCH_FS={disk.kind}" if disk.kind != "ext4" else ""
    if not disk.flush_us:
        return {"option": option, "kind": disk.kind, "disk": "with direct I/O when `BENCH_DISK` does not say otherwise"}
    return {"option": f"{option} BENCH_FLUSH_US={disk.flush_us}", "kind": disk.kind,
            "disk": f"whose every flush takes {disk.flush_us} microseconds longer (odd_disk.c; its CPU is rest of machine)"}


def results_of(disk):
    return FOLDER / f"RESULTS{'' if disk.kind == 'ext4' else '-' + disk.kind}{'-slow-flush' if disk.flush_us else ''}.md"


def write(tables, versions, disk):
    """Puts the rows of each load in the place of its older ones."""
    when = datetime.date.today().isoformat()
    measured = f"{when}, mailtree {versions['mailtree']}, Postfix {versions['Postfix']}"
    results = results_of(disk)
    older = results.read_text() if results.exists() else ""
    sections = dict(re.findall(r"^### (\w+): .*?\n(.*?)(?=^### |\Z)", older, re.M | re.S))
    for name, table in tables.items():
        lines = ["| " + " | ".join(row[1:]) + " |" for row in [HEADING, ["---"] * len(HEADING), *table]]
        sections[name] = f"\n{measured}\n\n" + "\n".join(lines) + "\n\n"
    filesystem = subprocess.run(["findmnt", "-no", "FSTYPE,SOURCE,OPTIONS", "-T", disk.place],
                                capture_output=True, text=True).stdout
    head = METHOD.format(machine=machine(), filesystem=" ".join(filesystem.split()), cpu=Group.how, **of_disk(disk))
    results.write_text(head + "".join(f"### {load.name}: {load.title}\n{sections[load.name]}"
                                      for load in LOADS if load.name in sections).rstrip() + "\n")
