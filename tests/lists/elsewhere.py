"""Where subscribers of lists are that are in no files, as the tests handle it: one class for each server, all alike."""

import shlex

from tests.lists.listhost import the_list
from tests.sqlstore.servers import Locker, Mysql, Pgsql


class Sqlite:
    name, plugin = "sqlite", "sqlite3"
    FILE = "/var/qmail/alias/subscribers.sqlite"
    LINE = f"sqlite3:::::{FILE}:sos"
    DENIED = "no such table"
    MANY = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
            "SELECT i % 53, 'reader-' || i || '@mail.example.net' FROM n")

    def __init__(self, host):
        self.host = host

    def begin(self):
        pass

    def end(self):
        pass

    def sql(self, text, check=True):
        return self.host.sh(f"sqlite3 -bail -cmd '.timeout 20000' {self.FILE} {shlex.quote(text)}", user="alias", check=check).stdout

    def lock(self):
        self.locker = Locker(self.host, ["sqlite3", "-cmd", ".timeout 20000", self.FILE], "BEGIN EXCLUSIVE", user="alias")

    def unlock(self):
        self.locker.end()

    def lose(self):
        self.host.sh(f"mv {self.FILE} {self.FILE}.away")

    def restore(self):
        self.host.sh(f"mv {self.FILE}.away {self.FILE}")

    def narrow_addresses(self):
        """There columns have no width."""
        self.sql("CREATE TABLE narrow (hash INT NOT NULL, address VARCHAR(255) COLLATE NOCASE PRIMARY KEY CHECK (LENGTH(address) <= 30)); "
                 "DROP TABLE sos; ALTER TABLE narrow RENAME TO sos")

    def forbid_writing(self):
        self.host.sh(f"chmod 444 {self.FILE}")

    def allow_writing(self):
        self.host.sh(f"chmod 600 {self.FILE}")

    troubles = {"locked": ("lock", "unlock"), "gone": ("lose", "restore")}


class ServerOfLists:
    def begin(self):
        self.begin_bare()
        self.prepare()


class MysqlOfLists(ServerOfLists, Mysql):
    plugin = "mysql"
    OPTIONS = Mysql.OPTIONS.replace("ibdata1:20M", "ibdata1:20M:autoextend")
    LINE = f"mysql:localhost:{Mysql.SOCKET}:vpopmail:{Mysql.PASSWORD}:vpopmail:sos"

    SHELL = ["mariadb", "--no-defaults", "-N", "-B", "--unbuffered", "vpopmail"]
    MANY = "SELECT seq % 53, CONCAT('reader-', seq, '@mail.example.net') FROM seq_1_to_100000"

    def prepare(self):
        super().prepare()
        self.sql("GRANT DROP, INDEX ON vpopmail.* TO vpopmail@localhost")

    def narrow_addresses(self):
        self.sql("ALTER TABLE sos MODIFY address VARCHAR(30) NOT NULL")

    def lock(self):
        self.locker = Locker(self.host, self.SHELL, "LOCK TABLES sos WRITE, sos_slog WRITE")


class PgsqlOfLists(ServerOfLists, Pgsql):
    plugin = "pgsql"
    LINE = f"pgsql::{Pgsql.SOCKET}:vpopmail:{Pgsql.PASSWORD}:vpopmail:sos"

    SHELL = [*Pgsql.PSQL, "vpopmail"]
    MANY = "SELECT i % 53, 'reader-' || i || '@mail.example.net' FROM generate_series(1, 100000) i"

    def narrow_addresses(self):
        self.sql("ALTER TABLE sos ALTER address TYPE VARCHAR(30)")

    def lock(self):
        self.locker = Locker(self.host, self.SHELL, "BEGIN; LOCK TABLE sos IN ACCESS EXCLUSIVE MODE")


PLACES = [Sqlite, MysqlOfLists, PgsqlOfLists]


def list_there(host, place, letters=""):
    """A list whose subscribers are there."""
    made = the_list(host, "sos", f"{letters} -6 {place.LINE}")
    made.place_of_subscribers = place
    return made
