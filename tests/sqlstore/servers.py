"""What keeps the users of virtual domains, as the tests handle it: one class for each server, all alike."""

import shlex

from tests.host import eventually

HOME = "/home/vpopmail"
FILE = f"{HOME}/etc/vpopmail.sqlite"


class Sqlite:
    name = "sqlite"

    def __init__(self, host):
        self.host = host

    def begin(self):
        """What is there before the first domain: nothing."""

    def sql(self, text, check=True):
        return self.host.sh(f"sqlite3 -bail {FILE} {shlex.quote(text)}", user="vpopmail", check=check).stdout

    # Each kind of trouble is a pair: it begins, it ends.

    def lock(self):
        self.locker = self.host.popen(["sqlite3", FILE], user="vpopmail", stdin=-1, stdout=-1)
        self.locker.stdin.write(b"BEGIN EXCLUSIVE; SELECT 'locked';\n")
        self.locker.stdin.flush()
        assert self.locker.stdout.readline() == b"locked\n"

    def unlock(self):
        self.locker.stdin.close()
        self.locker.wait()
        self.locker.stdout.close()

    def lose(self):
        self.host.sh(f"mv {FILE} {FILE}.away")

    def restore(self):
        self.host.sh(f"mv {FILE}.away {FILE}")

    troubles = {"locked": ("lock", "unlock"), "gone": ("lose", "restore")}

    def forbid_writing(self):
        self.host.sh(f"cp -p {FILE} {FILE}.new && chmod 444 {FILE}.new && mv {FILE}.new {FILE}")

    def allow_writing(self):
        self.host.sh(f"cp -p {FILE} {FILE}.new && chmod 600 {FILE}.new && mv {FILE}.new {FILE}")


SERVERS = [Sqlite]


def helper(host, server):
    """The first process of the helper."""
    return host.sh(f"pgrep -o -f '^/var/qmail/bin/qmail-store-{server.name}'", check=False).stdout.strip()


def helper_listens(host, server):
    return f"qmail-store-{server.name}: info: workers listen" in host.log("qmail-users")


def install(host, server):
    """Everything runs, and all domains are kept there."""
    host.control("usersbackend", f"# where users are\n{server.name}\nfiles.example:cdb\n")
    server.begin()
    host.start("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users", "qmail-pop3d")
    assert eventually(lambda: helper_listens(host, server)), host.log("qmail-users")
