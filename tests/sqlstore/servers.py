"""What keeps the users of virtual domains, as the tests handle it: one class for each server, all alike."""

import shlex

from tests.host import eventually

HOME = "/home/vpopmail"
FILE = f"{HOME}/etc/vpopmail.sqlite"


class Locker:
    """Somebody who has begun something, and does not go on."""

    def __init__(self, host, client, statement, user="root"):
        self.client = host.popen(client, user=user, stdin=-1, stdout=-1)
        self.client.stdin.write(f"{statement}; SELECT 'locked';\n".encode())
        self.client.stdin.flush()
        assert self.client.stdout.readline() == b"locked\n"

    def end(self):
        self.client.stdin.close()
        self.client.wait()
        self.client.stdout.close()


class Sqlite:
    name = "sqlite"

    def __init__(self, host):
        self.host = host

    def begin(self):
        """What is there before the first domain: nothing."""

    def end(self):
        pass

    def sql(self, text, check=True):
        return self.host.sh(f"sqlite3 -bail {FILE} {shlex.quote(text)}", user="vpopmail", check=check).stdout

    # Each kind of trouble is a pair: it begins, it ends.

    def lock(self):
        self.locker = Locker(self.host, ["sqlite3", FILE], "BEGIN EXCLUSIVE", user="vpopmail")

    def unlock(self):
        self.locker.end()

    def lose(self):
        self.host.sh(f"mv {FILE} {FILE}.away")

    def restore(self):
        self.host.sh(f"mv {FILE}.away {FILE}")

    troubles = {"locked": ("lock", "unlock"), "gone": ("lose", "restore")}

    def forbid_writing(self):
        self.host.sh(f"cp -p {FILE} {FILE}.new && chmod 444 {FILE}.new && mv {FILE}.new {FILE}")

    def allow_writing(self):
        self.host.sh(f"cp -p {FILE} {FILE}.new && chmod 600 {FILE}.new && mv {FILE}.new {FILE}")


class Mysql:
    """Debian's mariadb-server, on a socket alone; its first tables are made once for all tests of a process."""

    name = "mysql"
    DATA = "/var/lib/mysql-test"
    SOCKET = "/run/mysqld/mysqld.sock"
    CREDENTIALS = f"{HOME}/etc/vpopmail.mysql"
    OPTIONS = (f"--no-defaults --user=mysql --datadir={DATA} --socket={SOCKET} --skip-networking --skip-name-resolve "
               "--innodb-buffer-pool-size=8M --innodb-log-file-size=4M --innodb-file-per-table=0 "
               "--innodb-data-file-path=ibdata1:20M --innodb-temp-data-file-path=ibtmp1:12M --aria-log-file-size=8M")
    _made = process = None

    def __init__(self, host):
        self.host = host

    def begin(self):
        self.host.sh(f"mkdir -p {self.DATA} /run/mysqld && chown mysql: {self.DATA} /run/mysqld && chmod 755 /run/mysqld")
        if Mysql._made:
            self.host.run(["tar", "xf", "-", "-C", self.DATA], input=Mysql._made)
        else:
            self.host.sh(f"mariadb-install-db {self.OPTIONS} --auth-root-authentication-method=socket --skip-test-db")
            Mysql._made = self.host.run(["tar", "cf", "-", "-C", self.DATA, "."]).stdout
        self.start()
        self.sql("CREATE DATABASE vpopmail; CREATE USER vpopmail@localhost IDENTIFIED BY 'it''s'; "
                 "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON vpopmail.* TO vpopmail@localhost", database="")
        self.credentials(f"localhost|{self.SOCKET}|vpopmail|it's|vpopmail\n")

    def credentials(self, text, mode=0o640, group="vchkpw"):
        self.host.write(self.CREDENTIALS, text, mode=mode)
        self.host.sh(f"chown root:{group} {self.CREDENTIALS}")

    def end(self):
        """nsenter stops with its child, and does not go on with it."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def start(self):
        self.process = self.host.popen(["sh", "-c", f"exec mariadbd {self.OPTIONS} >>/tmp/mariadbd.log 2>&1"], stdin=-3)
        assert eventually(lambda: self.host.sh("mariadb-admin --no-defaults ping", check=False).returncode == 0, 30), \
            self.host.sh("cat /tmp/mariadbd.log").stdout

    def sql(self, text, check=True, database="vpopmail"):
        done = self.host.run(["mariadb", "--no-defaults", "-N", "-B", "-e", text, *([database] if database else [])], check=check)
        return done.stdout.decode().replace("\t", "|")

    def kill(self):
        self.host.sh("pkill -KILL -x mariadbd", check=False)
        self.end()

    def freeze(self):
        self.host.sh("pkill -STOP -x mariadbd")

    def thaw(self):
        self.host.sh("pkill -CONT -x mariadbd")

    # Somebody else has the row, and the table.
    def lock(self):
        self.locker = Locker(self.host, ["mariadb", "--no-defaults", "-N", "-B", "--unbuffered", "vpopmail"], "LOCK TABLES vpopmail WRITE")

    def unlock(self):
        self.locker.end()

    def refuse(self):
        self.sql("ALTER USER vpopmail@localhost ACCOUNT LOCK; KILL USER vpopmail", database="", check=False)

    def accept(self):
        self.sql("ALTER USER vpopmail@localhost ACCOUNT UNLOCK", database="")

    troubles = {"killed": ("kill", "start"), "stopped": ("freeze", "thaw"), "locked": ("lock", "unlock"), "closed": ("refuse", "accept")}

    def forbid_writing(self):
        self.sql("SET GLOBAL read_only = 1")

    def allow_writing(self):
        self.sql("SET GLOBAL read_only = 0")

    def fill(self):
        self.sql("CREATE TABLE junk (id INT AUTO_INCREMENT PRIMARY KEY, blob_ LONGBLOB) ENGINE = InnoDB")
        for size in (1 << 20, 1 << 17):
            for _ in range(100):
                if "full" in self.host.run(["mariadb", "--no-defaults", "-e", f"INSERT INTO junk (blob_) VALUES (REPEAT('x', {size}))", "vpopmail"],
                                           check=False).stderr.decode():
                    break

    def give_room(self):
        self.kill()
        self.OPTIONS = self.OPTIONS.replace("ibdata1:20M", "ibdata1:20M:autoextend")
        self.start()

    def reconnect(self):
        """What is in the file of credentials counts from the next connection on."""
        for connection in self.sql("SELECT id FROM information_schema.processlist WHERE user LIKE 'vpop%'", database="").split():
            self.sql(f"KILL {connection}", database="", check=False)


SERVERS = [Sqlite, Mysql]


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
