"""Where queues and homes lie: an ext4 with all its defaults, whatever the machine's own disk is formatted with."""

import pathlib
import shutil
import subprocess
import sys

SIZE = "12G"          # of a sparse file; inodes for the longest backlog


class Disk:
    """BENCH_DISK, when it is given, as it is; otherwise a file system of its own below the directory."""

    def __init__(self, given, directory):
        self.loop = None
        self.top = pathlib.Path(given or directory)
        shutil.rmtree(self.top, ignore_errors=True)
        self.top.mkdir(parents=True)
        self.place = self.top
        if not given:
            self._make()

    def _make(self):
        image, place = self.top / "ext4.img", self.top / "ext4"
        place.mkdir()
        try:
            self._run("truncate", "-s", SIZE, image)
            self._run("mkfs.ext4", "-q", "-F", image)
            self.loop = self._run("losetup", "--direct-io=on", "--show", "-f", image).stdout.strip()
            self._run("mount", self.loop, place)
            self.place = place
        except subprocess.CalledProcessError as trouble:
            print(f"bench: no ext4 of its own, so {self.top} as it is: {trouble.stderr.strip()}", file=sys.stderr)

    @staticmethod
    def _run(*words):
        return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)

    def end(self):
        if self.place != self.top:
            subprocess.run(["umount", self.place], check=False)
        if self.loop:
            subprocess.run(["losetup", "-d", self.loop], check=False)
        shutil.rmtree(self.top, ignore_errors=True)
