"""lister.py SEED LIST FIRST: posts to a list, keeps posts for a moderator and answers for him, changes a table, sends digests, takes bounces
of posts from FIRST on and warns of them, until somebody ends it. Prints "KIND NAME MOMENT" for each thing that a program of the list has
said to be done: post, kept, accepted, change, digest, bounce."""

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
BOUNCING = ("bo-1", "bo-2")
BOUNCE = "Subject: failure notice\n\nHi. This is the qmail-send program at x.\n\n<{0}>:\nno (#5.1.1)\n\n--- Below\n\nrest\n"


def post(name):
    """A post: anybody who knows its name can check it."""
    text = "".join(f"{name} {i}\n" for i in range(LINES))
    return f"Received: x; 20 Nov 2025 20:00:00 -0000\nFrom: {OWNER}\nSubject: {name}\n\n{text}end {name}\n"


class Lister:
    def __init__(self, seed, place, first):
        self.seed, self.place, self.first, self.saying = seed, place, int(first), threading.Lock()
        self.owner = pwd.getpwnam(OWNER)

    def run(self, program, *words, text="", done=0, **env):
        ids = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        env = {"PATH": "/usr/bin:/bin", "SENDER": f"{OWNER}@mail.example.org", "EZMLM_BIN": BIN, **env}
        return subprocess.run([BIN + program, *words], input=text.encode(), env=env, check=False, stderr=subprocess.DEVNULL, **ids).returncode == done

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


    def digest(self):
        """Most find something new, and some nothing."""
        for n in range(100000):
            if self.run("ezmlm-get", self.place):
                self.say("digest", n)
            time.sleep(0.02)

    def bounce(self):
        """Each number once; who has had a few is warned."""
        for number in range(self.first, self.first + 100000):
            who = f"{BOUNCING[number % 2]}@mail.example.org"
            text = BOUNCE.format(who)
            if self.run("ezmlm-return", self.place, text=text, done=99, SENDER="", DEFAULT=f"{number}-{who.replace('@', '=')}"):
                self.say("bounce", f"{who}/{number}")
            if number % 8 == 0:
                self.run("ezmlm-warn", "-l0", "-t0", self.place)


def until_the_power_goes(what, *words):
    """The disk says so by whatever fails."""
    try:
        what(*words)
    except (OSError, TypeError):
        pass


def main():
    lister = Lister(*sys.argv[1:])
    jobs = [(lister.write, "a"), (lister.write, "b"), (lister.moderate,), (lister.change,), (lister.digest,), (lister.bounce,)]
    threads = [threading.Thread(target=until_the_power_goes, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
