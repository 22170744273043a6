"""A name service that can be down, as LDAP and its kin: passwd and shadow are asked of the files, then of it."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from tests.host.machine import BUILD

SOURCE = pathlib.Path(__file__).with_suffix(".c")


def _library():
    library = BUILD / "tests" / "libnss_directory.so.2"
    if not library.exists() or library.stat().st_mtime < SOURCE.stat().st_mtime:
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=library.parent) as place:
            made = f"{place}/made"
            subprocess.run(["cc", "-shared", "-fPIC", "-O", "-D_GNU_SOURCE", "-o", made, SOURCE], check=True)
            os.rename(made, library)
    return library


class Directory:
    def __init__(self, host, order="files directory"):
        self.host = host
        self.accounts, self.shadow = "", ""
        place = host.sh("dirname $(ls /lib/*/libnss_files.so.2 | head -n 1)").stdout.strip()
        shutil.copy(_library(), host.path(f"{place}/libnss_directory.so.2"))
        host.write("/etc/nsswitch.conf", f"passwd: {order}\ngroup: files\nshadow: {order}\n")
        self.start()

    def add(self, name, uid, home, gecos="", password="x", owns=True):
        """An account that only the directory knows; its home is made."""
        self.accounts += f"{name}:{password}:{uid}:{uid}:{gecos}:{home}:/bin/sh\n"
        self.host.sh(f"mkdir -p {home}/Maildir/new {home}/Maildir/cur {home}/Maildir/tmp" +
                     (f"; chown -R {uid}:{uid} {home}" if owns else ""))
        self.start()

    def start(self):
        self.host.write("/run/directory", self.accounts)
        self.host.write("/run/directory.shadow", self.shadow)

    def stop(self):
        self.host.sh("rm -f /run/directory /run/directory.shadow")
