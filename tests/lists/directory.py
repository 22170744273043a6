"""A list's directory made by hand, and programs of lists run as whoever runs the tests. What needs a mail system has a host."""

import os
import subprocess

from tests.host.machine import BUILD, TOP

TABLES = ("allow", "deny", "digest", "mod")


class Directory:
    def __init__(self, place, name="sos"):
        self.path = place / name
        for table in (".", *TABLES):
            (self.path / table / "subscribers").mkdir(parents=True)
        (self.path / "text").mkdir()
        self.etc = place / "etc"
        self.put("key", "0123456789abcdef")
        self.put("outlocal", name + "\n")
        self.put("outhost", "example.org\n")

    def put(self, name, text):
        (self.path / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def get(self, name):
        return (self.path / name).read_bytes()

    def files(self, table="."):
        return {path.name: path.read_bytes() for path in (self.path / table / "subscribers").iterdir()}

    def command(self, program, *words):
        """A script lies in the tree, not among what is built."""
        built = BUILD / "lists" / program
        return [str(built if built.exists() else TOP / "programs/lists" / program), *(str(word) for word in words)]

    def run(self, program, *words, code=0, input=b"", **env):
        """(stdout, stderr) of a program."""
        done = subprocess.run(self.command(program, *words), input=input, capture_output=True, timeout=60,
                              env={"PATH": os.environ["PATH"], "EZMLM_ETC": str(self.etc), **env})
        assert done.returncode == code, (program, words, done)
        return done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="surrogateescape")

    def members(self, table="."):
        return self.run("ezmlm-list", self.path, table)[0].splitlines()
