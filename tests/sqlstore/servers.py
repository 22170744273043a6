"""What keeps the users of virtual domains, as the tests handle it: one class for each server, all alike."""

import glob
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
        self.locker = Locker(self.host, ["sqlite3", "-cmd", ".timeout 20000", FILE], "BEGIN EXCLUSIVE", user="vpopmail")

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


class Server:
    """A program of its own, on a socket alone; its first tables are made once for all tests of a process."""

    PASSWORD = "it's"

    def __init__(self, host):
        self.host = host

    def begin(self):
        self.begin_bare()
        self.prepare()
        self.credentials(self.line())

    def begin_bare(self):
        """As it is when it has been installed."""
        cls = type(self)
        self.host.sh(f"mkdir -p {self.DATA} {self.RUN} && chmod 700 {self.DATA} && chmod 755 {self.RUN} && "
                     f"chown {self.USER}: {self.DATA} {self.RUN}")
        if cls.made:
            self.host.run(["tar", "xf", "-", "-C", self.DATA], input=cls.made)
        else:
            self.make()
            cls.made = self.host.run(["tar", "cf", "-", "-C", self.DATA, "."]).stdout
        self.start()

    @classmethod
    def line(cls, user="vpopmail", password=PASSWORD):
        return f"localhost|{cls.SOCKET}|{user}|{password}|vpopmail\n"

    def credentials(self, text, mode=0o640, group="vchkpw"):
        file = f"{HOME}/etc/vpopmail.{self.name}"
        self.host.write(file, text, mode=mode)
        self.host.sh(f"chown root:{group} {file}")

    def end(self):
        """nsenter stops with its child, and does not go on with it."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def start(self):
        self.process = self.host.popen(["sh", "-c", f"exec {self.command()} >>/tmp/{self.PROCESS}.log 2>&1"], stdin=-3)
        assert eventually(lambda: self.host.sh(self.PING, check=False).returncode == 0, 30), \
            self.host.sh(f"cat /tmp/{self.PROCESS}.log").stdout

    def kill(self):
        self.host.sh(f"pkill -KILL -x {self.PROCESS}", check=False)
        self.end()
        assert eventually(lambda: self.host.sh(f"pgrep -x {self.PROCESS}", check=False).returncode)

    def freeze(self):
        self.host.sh(f"pkill -STOP -x {self.PROCESS}")

    def thaw(self):
        self.host.sh(f"pkill -CONT -x {self.PROCESS}")

    def unlock(self):
        self.locker.end()

    troubles = {"killed": ("kill", "start"), "stopped": ("freeze", "thaw"), "locked": ("lock", "unlock"), "closed": ("refuse", "accept")}


class Mysql(Server):
    """Debian's mariadb-server."""

    name, USER, PROCESS = "mysql", "mysql", "mariadbd"
    DATA, RUN = "/var/lib/mysql-test", "/run/mysqld"
    SOCKET = f"{RUN}/mysqld.sock"
    DENIED = "Access denied"
    PING = "mariadb-admin --no-defaults ping"
    CLIENT = "mariadb --no-defaults"
    OPTIONS = (f"--no-defaults --user=mysql --datadir={DATA} --socket={SOCKET} --skip-networking --skip-name-resolve "
               "--innodb-buffer-pool-size=8M --innodb-log-file-size=4M --innodb-file-per-table=0 "
               "--innodb-data-file-path=ibdata1:20M --innodb-temp-data-file-path=ibtmp1:12M --aria-log-file-size=8M")
    TABLE = ("CREATE TABLE IF NOT EXISTS vpopmail (pw_name VARCHAR(64) NOT NULL, pw_domain VARCHAR(96) NOT NULL, pw_passwd VARCHAR(128), "
             "pw_uid INT, pw_gid INT, pw_gecos VARCHAR(64), pw_dir VARCHAR(160), pw_shell VARCHAR(20), pw_clear_passwd VARCHAR(128), "
             "PRIMARY KEY (pw_name, pw_domain)) ENGINE = InnoDB;\n")
    made = process = None

    def make(self):
        self.host.sh(f"mariadb-install-db {self.OPTIONS} --auth-root-authentication-method=socket --skip-test-db")

    def command(self):
        return f"mariadbd {self.OPTIONS}"

    def prepare(self):
        self.sql("CREATE DATABASE vpopmail", database="")
        self.add_user("vpopmail", self.PASSWORD, "SELECT, INSERT, UPDATE, DELETE, CREATE")

    def add_user(self, name, password, rights):
        password = password.replace("'", "''")
        self.sql(f"CREATE USER {name}@localhost IDENTIFIED BY '{password}'; GRANT {rights} ON vpopmail.* TO {name}@localhost")

    def sql(self, text, check=True, database="vpopmail"):
        done = self.host.run(["mariadb", "--no-defaults", "-N", "-B", "-e", text, *([database] if database else [])], check=check)
        return done.stdout.decode().replace("\t", "|")

    def add_users(self, domain, users):
        """Many at once, as a site of old has them: (name, hash, home)."""
        rows = [f"('{name}', '{domain}', '{stored}', 1, 0, '{name}', '{home}', 'NOQUOTA')" for name, stored, home in users]
        parts = [", ".join(rows[at:at + 1000]) for at in range(0, len(rows), 1000)]
        columns = "pw_name, pw_domain, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell"
        text = self.TABLE + "".join(f"INSERT INTO vpopmail ({columns}) VALUES {part};\n" for part in parts)
        self.host.run(["mariadb", "--no-defaults", "vpopmail"], input=text.encode())

    # Somebody else has the row, and the table.
    def lock(self):
        self.locker = Locker(self.host, ["mariadb", "--no-defaults", "-N", "-B", "--unbuffered", "vpopmail"], "LOCK TABLES vpopmail WRITE")

    def refuse(self):
        self.sql("ALTER USER vpopmail@localhost ACCOUNT LOCK; KILL USER vpopmail", database="", check=False)

    def accept(self):
        self.sql("ALTER USER vpopmail@localhost ACCOUNT UNLOCK", database="")

    def forbid_writing(self):
        self.sql("SET GLOBAL read_only = 1")

    def allow_writing(self):
        self.sql("SET GLOBAL read_only = 0")

    def narrow(self):
        self.sql("ALTER TABLE vpopmail MODIFY pw_gecos CHAR(10), DROP pw_clear_passwd")

    # What vsetup-sql --check shall find: how it comes, and what is said.
    faults = {
        "column": ("ALTER TABLE vpopmail DROP pw_gid", "table vpopmail has no column pw_gid: ALTER TABLE vpopmail ADD pw_gid INT"),
        "table": ("DROP TABLE vpopmail", "there is no table vpopmail that the user may see"),
        "key": ("ALTER TABLE vpopmail DROP PRIMARY KEY", "table vpopmail has no key"),
        "narrow": ("ALTER TABLE vpopmail MODIFY pw_passwd CHAR(126)", "column pw_passwd of table vpopmail is too narrow"),
        "less": ("REVOKE UPDATE ON vpopmail.vpopmail FROM vpopmail@localhost", "the user may not UPDATE"),
        "more": ("GRANT FILE ON *.* TO vpopmail@localhost", "the user may more than he needs: FILE"),
        "elsewhere": ("GRANT SELECT ON mysql.* TO vpopmail@localhost", "the user may more than he needs: SELECT on mysql"),
    }

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


class Pgsql(Server):
    """Debian's postgresql."""

    name, USER, PROCESS = "pgsql", "postgres", "postgres"
    BIN = max(glob.glob("/usr/lib/postgresql/*/bin"), default="", key=lambda path: int(path.split("/")[4]))
    DATA, RUN = "/var/lib/pgsql-test", "/run/postgresql"
    SOCKET = f"{RUN}/.s.PGSQL.5432"
    DENIED = "password authentication failed"
    PING = f"{BIN}/pg_isready -q -h {RUN}"
    PSQL = [f"{BIN}/psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", RUN, "-U", "postgres", "-d"]
    CLIENT = f"{BIN}/psql -qX -v ON_ERROR_STOP=1 -h {RUN} -U postgres"
    SMALL = "/run/small"
    made = process = None

    def make(self):
        self.host.sh(f"{self.BIN}/initdb -N -D {self.DATA} -E UTF8 --locale=C.UTF-8", user=self.USER)
        self.host.write(f"{self.DATA}/pg_hba.conf", "local all postgres trust\nlocal all all scram-sha-256\n")

    def command(self):
        return (f"setpriv --reuid postgres --regid postgres --init-groups {self.BIN}/postgres -D {self.DATA} -k {self.RUN} "
                "-c listen_addresses= -c shared_buffers=16MB -c max_connections=30 -c autovacuum=off")

    def prepare(self):
        self.sql("CREATE DATABASE vpopmail", database="postgres")
        self.add_user("vpopmail", self.PASSWORD, "SELECT, INSERT, UPDATE, DELETE")
        self.sql("GRANT USAGE, CREATE ON SCHEMA public TO vpopmail")

    def add_user(self, name, password, rights):
        password = password.replace("'", "''")
        self.sql(f"CREATE USER {name} PASSWORD '{password}'; GRANT {rights} ON ALL TABLES IN SCHEMA public TO {name}; "
                 f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON TABLES TO {name}")

    def sql(self, *texts, check=True, database="vpopmail"):
        words = [word for text in texts for word in ("-c", text)]
        return self.host.run([*self.PSQL, database, *words], check=check).stdout.decode()

    def lock(self):
        self.locker = Locker(self.host, [*self.PSQL, "vpopmail"], "BEGIN; LOCK TABLE vpopmail IN ACCESS EXCLUSIVE MODE")

    def refuse(self):
        self.sql("ALTER ROLE vpopmail NOLOGIN")
        self.reconnect()

    def accept(self):
        self.sql("ALTER ROLE vpopmail LOGIN")

    def set(self, name, value):
        self.sql(f"ALTER SYSTEM SET {name} = {value}", "SELECT pg_reload_conf()")
        assert eventually(lambda: self.sql(f"SHOW {name}").strip() == value)

    def forbid_writing(self):
        self.set("default_transaction_read_only", "on")

    def allow_writing(self):
        self.set("default_transaction_read_only", "off")

    def narrow(self):
        self.sql("ALTER TABLE vpopmail ALTER pw_gecos TYPE CHAR(10), DROP pw_clear_passwd")

    faults = {
        "column": ("ALTER TABLE vpopmail DROP pw_gid", "table vpopmail has no column pw_gid: ALTER TABLE vpopmail ADD pw_gid INT"),
        "table": ("DROP TABLE vpopmail", "there is no table vpopmail that the user may see"),
        "key": ("ALTER TABLE vpopmail DROP CONSTRAINT vpopmail_pkey", "table vpopmail has no key"),
        "narrow": ("ALTER TABLE vpopmail ALTER pw_passwd TYPE CHAR(126)", "column pw_passwd of table vpopmail is too narrow"),
        "less": ("REVOKE UPDATE ON vpopmail FROM vpopmail", "the user may not UPDATE"),
        "more": ("ALTER ROLE vpopmail CREATEROLE", "the user may more than he needs: CREATEROLE"),
        "elsewhere": ("GRANT pg_read_server_files TO vpopmail", "the user may more than he needs: pg_read_server_files"),
    }

    def fill(self):
        """The table is on a disk of its own, so that the server has room for its diary."""
        self.host.sh(f"mkdir {self.SMALL} && mount -t tmpfs -o size=2M tmpfs {self.SMALL} && chown postgres: {self.SMALL}")
        self.sql(f"CREATE TABLESPACE small LOCATION '{self.SMALL}'", "ALTER TABLE vpopmail SET TABLESPACE small")
        self.host.sh(f"cat /dev/zero > {self.SMALL}/junk", check=False)

    def give_room(self):
        self.host.sh(f"rm {self.SMALL}/junk")

    def reconnect(self):
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'vpop%'")


SERVERS = [Sqlite, Mysql, Pgsql]


def helper(host, server):
    """The first process of the helper."""
    return host.sh(f"pgrep -o -f '^/var/qmail/bin/qmail-store-{server.name}'", check=False).stdout.strip()


def helper_listens(host, server):
    return f"workers listen on /var/qmail/run/users/{server.name}\n" in host.log("qmail-users")


def install(host, server, snapshotage="0"):
    """Everything runs, and all domains are kept there."""
    host.control("snapshotage", f"{snapshotage}\n")
    host.control("usersbackend", f"# where users are\n{server.name}\nfiles.example:cdb\n")
    server.begin()
    host.start("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users", "qmail-pop3d")
    assert eventually(lambda: helper_listens(host, server)), host.log("qmail-users")
