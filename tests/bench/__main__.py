"""make bench: mailtree beside Postfix, in one run. All loads take about a quarter of an hour on a quiet machine.

    LOADS=kept10,outward    these only            BENCH_ROUNDS=3      in place of each load's own number
    BENCH_DISK=DIRECTORY    where queues and homes are, in place of an ext4 in build/bench/ext4.img
    BENCH_FS=xfs            an xfs in place of that ext4
    BENCH_FLUSH_US=1000     each flush of its disk takes so many microseconds longer
    BENCH_LASTING=200000    messages of the load that lasts
    BENCH_STAGE=DIRECTORY   another build of ours, as installed with DESTDIR
"""

import os
import pathlib
import signal
import sys
import time

from tests.host import Base, Wire, machine

from . import report
from .disk import MAKE, Disk
from .loads import LOADS
from .meters import Group
from .systems import Mailtree, Postfix, Sink


class Bench:
    """The hosts, the far one, and the group of everything that makes load."""

    def __init__(self, disk):
        self.disk = disk.place
        self.ending = [disk.end]
        self.group = self._keep(Group("load"))

    def set_up(self):
        base = self._keep(Base())
        wire = self._keep(Wire())
        self.sink = self._keep(Sink(base, wire, self.group))
        self.systems = [self._keep(system(base, wire, self.disk, self.group)) for system in (Mailtree, Postfix)]
        for system in self.systems:
            system.route(self.sink.host.address)
            system.start()
        self.sink.start()

    def _keep(self, thing):
        self.ending.append(thing.end)
        return thing

    def end(self):
        for end in reversed(self.ending):
            end()

    def measure(self, load, rounds):
        seen = {system.name: {} for system in self.systems}
        for i in range(rounds):
            for system in self.systems:
                self.once(load, system, seen[system.name])
        if load.traced:
            for system in self.systems:
                self.trace(load, system, seen[system.name])
        return seen

    def once(self, load, system, seen):
        """A load that fails is told, and leaves a hole in the table and nothing in the queue."""
        begun = time.time()
        try:
            found = load.run(self, system, **load.arguments)
        except Exception as trouble:    # whatever it is, the other loads are still worth having
            print(f"{load.name}, {system.name}: {trouble!r}", file=sys.stderr)
            system.clear()
            return
        for measure, value in found.items():
            seen.setdefault(measure, []).append(value)
        print(f"{load.name}, {system.name}: {time.time() - begun:.1f} s: " +
              ", ".join(f"{measure} {report.number(value)}" for measure, value in found.items()), file=sys.stderr)

    def trace(self, load, system, seen, messages=100):
        tracer = system.trace()
        try:
            load.run(self, system, **{**load.arguments, "messages": messages})
            seen.update({f"{call}/msg": [count / messages] for call, count in tracer.counts().items()})
        except Exception as trouble:
            print(f"{load.name}, {system.name}, traced: {trouble!r}", file=sys.stderr)
            tracer.counts()
            system.clear()
        finally:
            system.tracer = None


def chosen():
    names = [name for name in os.environ.get("LOADS", "").split(",") if name]
    known = {load.name: load for load in LOADS}
    for name in names:
        if name not in known:
            sys.exit(f"bench: no load {name}; there are: {' '.join(known)}")
    return [known[name] for name in names] or LOADS


def disk_wanted():
    given, kind, flush_us = map(os.environ.get, ("BENCH_DISK", "BENCH_FS", "BENCH_FLUSH_US"))
    if given and (kind or flush_us):
        sys.exit("bench: BENCH_DISK is what it is; leave out BENCH_FS and BENCH_FLUSH_US")
    if kind and kind not in MAKE:
        sys.exit(f"bench: BENCH_FS={kind} is none of {' '.join(MAKE)}")
    if flush_us and not flush_us.isdecimal():
        sys.exit(f"bench: BENCH_FLUSH_US={flush_us} is no number of microseconds")
    return given, machine.BUILD / "bench", flush_us, kind or "ext4"


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(111))
    wanted = chosen()
    disk = Disk(*disk_wanted())
    machine.STAGE = pathlib.Path(os.environ.get("BENCH_STAGE") or machine.STAGE)
    tables = {}
    bench = Bench(disk)
    try:
        bench.set_up()
        versions = {system.name: system.version() for system in bench.systems}
        for load in wanted:
            rounds = int(os.environ.get("BENCH_ROUNDS") or load.rounds)
            tables[load.name] = list(report.rows(load, bench.measure(load, rounds)))
            report.write(tables, versions, disk)
        report.show([row for table in tables.values() for row in table])
    finally:
        bench.end()


if __name__ == "__main__":
    main()
