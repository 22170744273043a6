"""lister.py SEED LIST: posts to a list, keeps posts for a moderator and answers for him, and changes a table, until somebody ends it.
Prints "KIND NAME MOMENT" for each thing that a program of the list has said to be done: post, kept, accepted, change."""

import pathlib
import pwd
import re
import subprocess
import sys
import threading
import time

from tests.crash.changer import changes

BIN = "/var/qmail/bin/"
OWNER = "joe"
TABLE = "allow"
LINES = 300


def post(name):
    """A post: anybody who knows its name can check it."""
    text = "".join(f"{name} {i}\n" for i in range(LINES))
    return f"Received: x; 20 Nov 2025 20:00:00 -0000\nFrom: {OWNER}\nSubject: {name}\n\n{text}end {name}\n"


class Lister:
    def __init__(self, seed, place):
        self.seed, self.place, self.saying = seed, place, threading.Lock()
        self.owner = pwd.getpwnam(OWNER)

    def run(self, program, *words, text="", **env):
        ids = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        env = {"PATH": "/usr/bin:/bin", "SENDER": f"{OWNER}@mail.example.org", "EZMLM_BIN": BIN, **env}
        return subprocess.run([BIN + program, *words], input=text.encode(), env=env, check=False, stderr=subprocess.DEVNULL, **ids).returncode == 0

    def say(self, *words):
        moment = time.monotonic()
        with self.saying:
            print(*words, moment, flush=True)

    def write(self, writer):
        """Posts, one after the other; a number that failed is not tried again."""
        for n in range(100000):
            name = f"{self.seed}/{writer}/{n}"
            if self.run("ezmlm-send", self.place, text=post(name)):
                self.say("post", name)

    def question(self, name):
        """What moderators were asked about this post: the address that accepts it."""
        for path in sorted(pathlib.Path("/var/qmail/queue/mess").glob("*/*"), key=lambda path: -path.stat().st_mtime):
            text = path.read_bytes()
            if f"Subject: {name}\n".encode() in text and b"Subject: MODERATE" in text:
                return re.search(rb"^Reply-To: (.*)@", text, re.M)[1].decode()
        raise FileNotFoundError(name)

    def moderate(self):
        for n in range(100000):
            name = f"{self.seed}/m/{n}"
            if not self.run("ezmlm-store", self.place, text=post(name)):
                continue
            self.say("kept", name)
            local = self.question(name)
            if n % 3 and self.run("ezmlm-moderate", self.place, LOCAL=local, DEFAULT=local.split("-", 2)[2]):
                self.say("accepted", name)

    def change(self):
        for count, (verb, name) in enumerate(changes(), 1):
            address = f"{name}@example.com"
            done = self.run("ezmlm-manage", "-S", self.place, SENDER=address, DEFAULT=f"{TABLE}-subscribe", text="From: x\n\n") \
                if verb == "add" else self.run("ezmlm-unsub", self.place, TABLE, address)
            if not done:
                return
            self.say("change", count)


def until_the_power_goes(what, *words):
    """The disk says so by whatever fails."""
    try:
        what(*words)
    except (OSError, TypeError):
        pass


def main():
    lister = Lister(*sys.argv[1:])
    jobs = [(lister.write, "a"), (lister.write, "b"), (lister.moderate,), (lister.change,)]
    threads = [threading.Thread(target=until_the_power_goes, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
