"""A list made by hand, whose mail goes to a catcher instead of the queue; subscribers are put into their files as they stand there."""

import os
import pathlib
import subprocess
import sys
import time

from tests.inject.conftest import Caught
from tests.lists.directory import Directory

CATCH = pathlib.Path(__file__).parents[1] / "host" / "catch.py"
SCRIPTS = pathlib.Path(__file__).parents[2] / "programs" / "lists"
REMOVE = "return-path\nreturn-receipt-to\ncontent-length\nprecedence\nlist-post\nsender\n"
ADD = "Precedence: bulk\nList-Post: <mailto:<#L#>@<#H#>>\n"
TEXTS = {"top": "top of <#l#>@<#h#>\n", "mod-request": "accept: <#A#>\nreject: <#R#>\n", "post-confirm": "confirm: <#A#>\n",
         "mod-reject": "rejected, <#A#>\n", "mod-timeout": "too old\n", "trailer": "number <#n#> of <#L#>\n"}
POST = "Received: one; 20 Nov 2025 20:00:00 -0000\nReceived: two\n\tfolded; 19 Nov 2025 20:00:00 -0000\nFrom: Joe <joe@example.net>\n" \
    "To: sos@example.org\nSubject: Hello\n\nbody\n"


class Posting(Directory):
    def __init__(self, place, **files):
        super().__init__(place)
        self.place = place
        for folder in ("archive", "mod/pending", "mod/accepted", "mod/rejected", "mod/unconfirmed"):
            (self.path / folder).mkdir()
        for name, text in {"headerremove": REMOVE, "headeradd": ADD, "archived": "", "indexed": "", "ezmlmrc": "", **files}.items():
            self.put(name, text)
        for name, text in TEXTS.items():
            self.put("text/" + name, text)
        # nobody here is asked for what domains say of their mail
        self.put("dmarc", "".join(f"{int(time.time())} 0 {domain}\n" for domain in ("example.net", "example.com", "b", "x")))
        self.subscribe("ann@example.net", "bob@example.com")
        self.queue = place / "queue-program"
        self.queue.write_text(f"#!/bin/sh\nexec {sys.executable} {CATCH}\n")
        self.queue.chmod(0o755)

    def subscribe(self, *addresses, table="."):
        """What ezmlm-sub would do, where a file does not matter."""
        for address in addresses:
            self.run("ezmlm-sub", self.path, table, address)

    def mail(self, program, *words, text=POST, code=0, sender="joe@example.net", **env):
        """What the program queues, a Caught; what it says in .said."""
        place = self.place / "caught"
        place.mkdir(exist_ok=True)
        for left in place.iterdir():
            if left.name in ("message", "envelope"):
                left.unlink()
        env = {"QMAILQUEUE": str(self.queue), "CATCH_DIR": str(place), "EZMLM_BIN": self.bin(), **({"SENDER": sender} if sender is not None else {}), **env}
        post = self.place / "post"
        post.write_bytes(text if isinstance(text, bytes) else text.encode())
        with open(post, "rb") as stdin:
            done = subprocess.run(self.command(program, *words), stdin=stdin, capture_output=True, timeout=60,
                                  env={"PATH": os.environ["PATH"], "EZMLM_ETC": str(self.etc), **env})
        assert done.returncode == code, (program, words, done)
        caught = Caught(place)
        caught.said = done.stderr.decode(errors="surrogateescape")
        return caught

    def command(self, program, *words):
        """A script is not built, and runs where it lies."""
        path, *words = super().command(program, *words)
        return [path if os.path.exists(path) else str(SCRIPTS / program), *words]

    def bin(self):
        return os.path.dirname(self.command("ezmlm-send")[0])

    def refuse(self, code=None):
        """The queue program says no from now on; None: it does not."""
        (self.place / "caught").mkdir(exist_ok=True)
        path = self.place / "caught" / "exit"
        path.unlink(missing_ok=True) if code is None else path.write_text(str(code))
