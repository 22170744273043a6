"""File systems that can lose power, in a test's host. Each is on a loop device above a file in /run."""

import pathlib
import subprocess
import time

import pytest

from tests.host import eventually
from tests.host.machine import BUILD

TOOLS = BUILD / "tests" / "tools"
MAKE = {
    "ext4": ("64M", "mkfs.ext4 -q -F"),
    "xfs": ("320M", "mkfs.xfs -q -f"),
    "btrfs": ("256M", "mkfs.btrfs -q -f"),
}


class NotAFileSystemAnyMore(Exception):
    """It cannot be mounted after the cut."""


class ShutDown:
    """The cut is the file system's own shutdown without a flush of its journal: what it gave to the disk stays, flushed
    or not."""

    kinds = ["ext4", "xfs"]

    def __init__(self, host, name, kind, place, options="defaults", size=None):
        self.host, self.kind, self.place, self.options = host, kind, place, options
        self.size = size or MAKE[kind][0]
        self.image = f"/run/{name}.img"
        self._make()
        self._plug_in()
        self._move_in()

    def _make(self):
        mkfs = MAKE[self.kind][1]
        made = self.host.sh(f"truncate -s {self.size} {self.image} && {mkfs} {self.image}", check=False)
        if made.returncode:
            pytest.skip(f"no {self.kind} here: {made.stderr.strip()}")

    def _plug_in(self):
        self.device = self.image

    def _move_in(self):
        mounted = self.host.sh(f"mkdir -p /mnt/new && mount -o loop {self.device} /mnt/new", check=False)
        if mounted.returncode:
            pytest.skip(f"no loop-mounted {self.kind} here: {mounted.stderr.strip()}")
        self.host.sh(f"cp -a {self.place}/. /mnt/new/ && chown --reference={self.place} /mnt/new && "
                     f"chmod --reference={self.place} /mnt/new && sync && umount /mnt/new")
        self.mount()

    def mount(self):
        """The superblock of ext4 is two sectors that are written in place: a torn one is mended as a boot does it."""
        mount = f"mount -o loop,{self.options} {self.device} {self.place}"
        mend = f"e2fsck -fy {self.device} >&2; {mount}" if self.kind == "ext4" else "false"
        mounted = self.host.sh(f"{mount} || {{ {mend}; }}", check=False)
        if mounted.returncode:
            raise NotAFileSystemAnyMore(mounted.stderr)

    def cut(self, seed):
        """Returns the moment just before. Processes live on for an instant, unlike at a real power cut, and the file system may even
        tell them that an fsync went well: of new files that a program of ten lines had written and synced within some 30 ms after
        the call, 22 of 115 were gone on xfs and 18 of 60 on ext4, and none of the 52,505 from before. So what is said after the moment
        does not count."""
        return float(self.host.sh(f"{TOOLS}/cut_power {self.place}", check=False).stdout)

    def unplug(self):
        """A loop device outlives its umount for an instant, and mount would take the dying one again, with what it remembers."""
        assert eventually(lambda: self.host.sh(f"umount {self.place}", check=False).returncode == 0, 20)
        assert eventually(lambda: not self.host.sh(f"losetup -j {self.device}").stdout, 20)

    def power_up(self):
        self.unplug()
        self.mount()


class Forgets(ShutDown):
    """The disk has a cache: of what was written since the last flush a random part is gone after the cut, in any order
    (tests/tools/odd_disk.c)."""

    kinds = ["ext4", "xfs", "btrfs"]

    def _plug_in(self):
        shown = self.image + ".disk"
        self.host.sh(f"mkdir {shown}")
        # Below the host, not in it: what ends all its processes at the cut must not end the disk.
        with open("/proc/self/ns/mnt") as here:
            subprocess.run(["nsenter", "-t", str(self.host.pid), "-m", "-r", TOOLS / "odd_disk", "-f", "-w", str(here.fileno()),
                            self.image, shown], check=True, timeout=20, pass_fds=[here.fileno()])
        self.device = shown + "/disk"
        self.switch = pathlib.Path(self.host.path(shown + "/power"))

    def cut(self, seed):
        moment = time.monotonic()
        self.switch.write_text(f"off {seed}")
        return moment

    def power_up(self):
        self.unplug()
        self.switch.write_text("on")
        self.mount()
