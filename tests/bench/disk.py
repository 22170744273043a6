"""Where queues and homes lie: an ext4 or xfs with all its defaults, whatever the machine's own disk is formatted with."""

import pathlib
import shutil
import subprocess
import sys

from tests.host.machine import BUILD

SIZE = "12G"          # of a sparse file; inodes for the longest backlog
MAKE = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"]}


class Disk:
    """BENCH_DISK, when it is given, as it is; otherwise a file system of its own, of that kind, below the directory, with
    flush_us on a disk whose every flush takes so many microseconds longer."""

    def __init__(self, given, directory, flush_us=None, kind="ext4"):
        self.loop = self.slow = None
        self.kind, self.flush_us = kind, flush_us
        self.top = pathlib.Path(given or directory)
        shutil.rmtree(self.top, ignore_errors=True)
        self.top.mkdir(parents=True)
        self.place = self.top
        if not given:
            self._make()

    def _make(self):
        image, place = self.top / f"{self.kind}.img", self.top / self.kind
        place.mkdir()
        try:
            self._run("truncate", "-s", SIZE, image)
            self._run(*MAKE[self.kind], image)
            direct = "--direct-io=on"
            if self.flush_us:
                image, direct = self._slowed(image), "--direct-io=off"
            self.loop = self._run("losetup", direct, "--show", "-f", image).stdout.strip()
            self._run("mount", self.loop, place)
            self.place = place
        except (OSError, subprocess.CalledProcessError) as trouble:
            why = (getattr(trouble, "stderr", "") or str(trouble)).strip()
            if self.flush_us or self.kind != "ext4":
                self.end()
                sys.exit(f"bench: no {self.kind}{' with slow flushes' if self.flush_us else ''}: {why}")
            print(f"bench: no ext4 of its own, so {self.top} as it is: {why}", file=sys.stderr)

    def _slowed(self, image):
        slow = self.top / "slow"
        slow.mkdir()
        self._run(BUILD / "tests/tools/odd_disk", "-s", self.flush_us, image, slow)
        self.slow = slow
        return slow / "disk"

    @staticmethod
    def _run(*words):
        return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)

    def end(self):
        if self.place != self.top:
            subprocess.run(["umount", self.place], check=False)
        if self.loop:
            subprocess.run(["losetup", "-d", self.loop], check=False)
        if self.slow:
            subprocess.run(["umount", self.slow], check=False)
        shutil.rmtree(self.top, ignore_errors=True)
