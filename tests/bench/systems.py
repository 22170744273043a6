"""The two mail systems that are compared, each in a host of its own, with queue, homes and logs on the same disk."""

import contextlib
import os
import pathlib
import shlex
import shutil
import subprocess
import threading
import time

from tests.host import Host, eventually, machine
from tests.host.machine import TOP

SPARE_MOST = 960            # files that qmail-clean keeps for the next messages
from tests.sqlstore.servers import Mysql

from .meters import Group, Tracer, _namespace

TOOLS = TOP / "build/tools"
LIBRARIES = {"LD_LIBRARY_PATH": str(TOOLS / "usr/lib/postfix")}
CLIENTS = pathlib.Path(__file__).with_name("clients.py")
PEER = TOP / "build/tests/tools/tls_peer"
PEAK = TOP / "build/tests/tools/peak"
USERS = [f"joe{i}" for i in range(10)]
DOMAIN = "mail.example.org"
FAR = "far.example"
VIRTUAL = "virtual.example"
PASSWORD = "correct horse"      # of each of its users
CERTIFICATE = ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=mail.example.org "
               "-keyout /run/key.pem -out /run/chain.pem 2>/dev/null")
SENDERS, EACH = 10, 100         # users of that domain: 1v0 to 100v9, so that each client has a hundred of its own


def listens(host):
    return host.sh("ss -Hltn sport = :25").stdout


def is_spare(file):
    with contextlib.suppress(OSError), open(file, "rb") as f:
        f.seek(-64, os.SEEK_END)
        return f.read(8) == b"mailfree"
    return False


class BenchHost(Host):
    """A host whose directories can lie on the disk, and whose programs can be put into a group."""

    tracer = None

    def __init__(self, base, name, load):
        super().__init__(base, name)
        self.group = self.load = load

    def popen(self, command, **more):
        return super().popen(command, preexec_fn=self.group.enter, **more)

    def _enter(self, user):
        return (self.tracer.prefix() if self.tracer else []) + super()._enter(user)

    def put_on_disk(self, disk, inside):
        """Moves a directory of this host out of the overlay, whose upper side is memory."""
        place, here = pathlib.Path(disk) / inside.strip("/"), f"{self.PLACE}/root{inside}"
        place.mkdir(parents=True)
        subprocess.run(["nsenter", "-t", str(self.pid), "-m", "sh", "-euc",
                        f"mkdir -p {here}; cp -a {here}/. {shlex.quote(str(place))}; chmod --reference={here} "
                        f"{shlex.quote(str(place))}; chown --reference={here} {shlex.quote(str(place))}; "
                        f"mount --bind {shlex.quote(str(place))} {here}"], check=True)

    def take_off_disk(self, disk, inside):
        place = pathlib.Path(disk) / inside.strip("/")
        subprocess.run(["nsenter", "-t", str(self.pid), "-m", "umount", f"{self.PLACE}/root{inside}"], check=True)
        shutil.rmtree(place)


class System:
    """What the loads need to know of a mail system."""

    tracer = None
    virtual_boxes = ()
    speaks_tls = False

    def __init__(self, base, wire, disk, load):
        self.host = BenchHost(base, DOMAIN, load)
        self.group = Group(self.name)
        self.group.namespace = _namespace(self.host.pid)
        self.disk = pathlib.Path(disk) / self.name
        wire.join(self.host)
        self.install()
        for directory in (*self.on_disk, "/home", "/var/log"):
            self.host.put_on_disk(self.disk, directory)
        for user in USERS:
            self.host.user(user)

    # ---- running ----

    def start(self):
        self.host.group = self.group
        try:
            self.begin()
        finally:
            self.host.group = self.host.load
        assert eventually(lambda: listens(self.host), every=0.01)

    def at_rest(self):
        """Waits until nothing is under way."""
        if not eventually(self.is_at_rest, 600, every=0.05):
            raise TimeoutError(f"{self.name} does not come to rest")

    def source(self, recipient, messages, sessions=1, kept=True, size=4096, recipients=1, numbered=False):
        """Starts smtp-source inside the host, sending over the loopback; numbered: a number in front of the recipient grows
        with each message."""
        return self.host.popen(
            [TOOLS / "usr/sbin/smtp-source", "-s", sessions, "-m", messages, "-l", size, "-r", recipients,
             *(["-d"] if kept else []), *(["-N"] if numbered else []), "-f", "sender@example.net", "-t", recipient, "127.0.0.1:25"],
            env=LIBRARIES, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def client(self, *words, **more):
        return self.host.popen(["/usr/bin/python3", CLIENTS, *words], stdout=subprocess.PIPE, text=True, **more)

    def have_tls(self):
        """From the first load that needs it on."""
        if self.speaks_tls:
            return
        self.host.sh(CERTIFICATE)
        self.stop()
        self.make_tls()
        self.start()
        self.speaks_tls = True

    def tls_source(self, port, how, sessions, messages, sender, recipient, *login):
        return self.host.popen([PEER, "source", port, how, sessions, messages, sender, recipient, *login],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def tls_idle(self, connections):
        return self.host.popen([PEER, "idle", 25, connections], stdin=-1, stdout=subprocess.PIPE, text=True)

    def submit(self, user, messages):
        """A user who calls sendmail again and again; it counts as a part of the system."""
        self.host.group, self.host.tracer = self.group, self.tracer
        try:
            return self.host.popen(
                ["sh", "-c", f"i=0; while [ $i -lt {messages} ]; do /usr/sbin/sendmail {user} < /run/message || exit 1;"
                             " i=$((i+1)); done"], user=user, stderr=subprocess.PIPE)
        finally:
            self.host.group, self.host.tracer = self.host.load, None

    def peak_of_post(self):
        return {}

    def begin_post(self, command):
        """Whoever sends a post to a list; it counts as a part of the system."""
        self.host.write("/run/post", "From: sender@example.net\nTo: bench@" + DOMAIN + "\nSubject: a post\n\n" + ("x" * 71 + "\n") * 56)
        self.host.group = self.group
        try:
            return self.host.popen(["sh", "-c", command], user=USERS[0], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        finally:
            self.host.group = self.host.load

    def trace(self):
        self.tracer = Tracer(self.disk / "trace")
        self.tracer.attach(self.group.pids())
        return self.tracer

    # ---- looking ----

    def arrived(self, users=USERS):
        """The files in the users' Maildirs."""
        found = []
        for user in users:
            new = self.disk / "home" / user / "Maildir/new"
            found += [new / name for name in os.listdir(new)] if new.exists() else []
        return found

    def virtual_names(self):
        return [f"{number}v{sender}" for sender in range(SENDERS) for number in range(1, EACH + 1)]

    def arrived_virtual(self):
        """The files in the Maildirs of the virtual users."""
        return [new / name for new in self.virtual_boxes for name in os.listdir(new)]

    def have_virtual(self):
        """They are there, and files keep them."""
        if not self.virtual_boxes:
            self.make_virtual()

    @contextlib.contextmanager
    def database(self):
        """A MariaDB of its own keeps them, whose work is the system's."""
        running = Mysql(self.host)
        self.host.put_on_disk(self.disk, Mysql.DATA)
        self.host.group = self.group
        running.begin()
        self.host.group = self.host.load
        try:
            self.keep_virtual(running)
            yield
        finally:
            self.keep_virtual(None)
            running.kill()
            assert eventually(lambda: self.host.sh(f"pgrep -x {Mysql.PROCESS}", check=False).returncode)
            self.host.take_off_disk(self.disk, Mysql.DATA)

    def make_boxes(self, place, user):
        """Homes with Maildirs for all of them."""
        self.virtual_boxes = [self.disk / place.strip("/") / name / "Maildir/new" for name in self.virtual_names()]
        for new in self.virtual_boxes:
            for part in (new, new.with_name("cur"), new.with_name("tmp")):
                part.mkdir(parents=True)
        self.host.sh(f"chown -R {user}: {place}")

    def forget_arrived(self):
        for file in self.arrived():
            file.unlink()

    def end(self):
        self.host.end()
        self.group.end()


LIST = f"/home/{USERS[0]}/bench"


class Mailtree(System):
    name = "mailtree"
    on_disk = ("/var/qmail/queue",)
    list_programs = ("ezmlm-send", "qmail-send")

    def have_list(self, subscribers):
        """Made by its owner. Who is where does not matter to who sends to all."""
        place = self.disk / LIST.strip("/")
        if not place.exists():
            self.host.sh(f"ezmlm-make {LIST} {LIST.replace('bench', '.qmail-bench')} bench {DOMAIN}", user=USERS[0])
        for file in range(53):
            (place / "subscribers" / chr(64 + file)).write_text("".join(f"T{address}\0" for address in subscribers[file::53]))
        # no name server is asked what the author's domain says
        (place / "dmarc").write_text(f"{int(time.time())} 0 example.net\n")

    def post(self):
        return self.begin_post(f"SENDER=sender@example.net {PEAK} /tmp/peak ezmlm-send {LIST} < /run/post")

    def peak_of_post(self):
        """In MiB, of a program that may have ended before anybody could look at it."""
        return {"ezmlm-send": int(self.host.read("/tmp/peak").split()[0]) / 1024}

    def install(self):
        pass

    def begin(self):
        self.host.start()

    def stop(self):
        self.host.stop()

    def route(self, address):
        self.host.control("smtproutes", f":[{address}]\n")

    def allow_connections(self, count):
        self.host.control("concurrencyincoming", f"{count}\n")
        self.host.control("concurrencytls", f"{count}\n")

    def make_tls(self):
        self.host.sh(f"qmail-certificate install /run/chain.pem /run/key.pem && echo '{USERS[0]}:{PASSWORD}' | chpasswd && "
                     "rm -f /var/qmail/supervise/qmail-submission/down /var/qmail/supervise/qmail-tls/down")

    def have_netmail(self):
        """The services of QMTP and QMQP, from the first load that needs one on."""
        if self.host.sh("ls /service/qmail-qmtpd", check=False).returncode == 0:
            return
        self.stop()
        self.host.sh("cd /var/qmail/supervise && rm -f qmail-qmtpd/down qmail-qmqpd/down")
        self.start()

    def flush(self):
        self.host.sh("svc -a /service/qmail-send")

    def make_virtual(self):
        """As vadduser makes them, in one go."""
        place = f"/home/vpopmail/domains/{VIRTUAL}"
        self.host.sh(f"vadddomain {VIRTUAL} '{PASSWORD}'")
        stored = self.stored_hash()
        self.make_boxes(place, "vpopmail")
        with open(self.host.path(f"{place}/vpasswd"), "a") as table:
            table.writelines(f"{name}:{stored}:1:0:{name}:{place}/{name}:NOQUOTA\n" for name in self.virtual_names())
        self.host.sh(f"vmkpasswd {VIRTUAL}")

    def stored_hash(self):
        return self.host.read(f"/home/vpopmail/domains/{VIRTUAL}/vpasswd").decode().split(":")[1]

    def keep_virtual(self, database):
        if database:
            place = f"/home/vpopmail/domains/{VIRTUAL}"
            database.add_users(VIRTUAL, [(name, self.stored_hash(), f"{place}/{name}") for name in self.virtual_names()])
        self.stop()
        self.host.control("usersbackend", "mysql\n" if database else "cdb\n")
        self.start()

    def clear(self):
        self.stop()
        self.host.sh("find /var/qmail/queue/mess /var/qmail/queue/bounce -type f -delete")
        self.start()

    def is_empty(self):
        """But for files that are spare."""
        files = [entry.path for part in os.scandir(self.disk / "var/qmail/queue/mess") for entry in os.scandir(part)]
        return len(files) <= SPARE_MOST and all(is_spare(file) for file in files)

    def is_at_rest(self):
        if self.is_empty():
            return True
        with open(self.disk / "var/log/qmail/qmail-send/current", "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 4000))
            lines = [line for line in log.read().splitlines() if b"status: " in line]
        quiet = time.time() - os.stat(log.name).st_mtime
        return quiet > 2 and (not lines or b"local 0/" in lines[-1] and b"remote 0/" in lines[-1])

    def version(self):
        if machine.STAGE != machine.BUILD / "stage":
            return f"as installed in {machine.STAGE}"
        return subprocess.run(["git", "describe", "--always", "--dirty"], cwd=TOP,
                              capture_output=True, text=True).stdout.strip()


POSTFIX = """
rm -rf /var/qmail /usr/sbin/sendmail /usr/lib/sendmail
cp -a {tools}/. /
groupadd -r postdrop
useradd -r -U -M -d /var/spool/postfix -s /usr/sbin/nologin postfix
mkdir -p /var/lib/postfix /var/spool/postfix
chown postfix: /var/lib/postfix
chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue
chmod 2755 /usr/sbin/postdrop /usr/sbin/postqueue
cp /usr/share/postfix/main.cf.debian /etc/postfix/main.cf
cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
: > /etc/aliases
printf 'mysql\tpostfix-mysql.so\tdict_mysql_open\n' >> /etc/postfix/dynamicmaps.cf
postconf -e {settings}
newaliases
"""
# What Debian's installation writes for an "Internet Site", mail to Maildirs, and a log of its own in place of syslog.
SETTINGS = {
    "myhostname": DOMAIN, "myorigin": DOMAIN, "mydestination": f"{DOMAIN}, localhost",
    "mynetworks": "127.0.0.0/8 [::1]/128", "alias_maps": "hash:/etc/aliases", "alias_database": "hash:/etc/aliases",
    "mailbox_size_limit": "0", "recipient_delimiter": "+", "inet_interfaces": "all", "inet_protocols": "all",
    "smtpd_relay_restrictions": "permit_mynetworks permit_sasl_authenticated defer_unauth_destination",
    "home_mailbox": "Maildir/", "maillog_file": "/var/log/mail.log",
}


class Postfix(System):
    name = "Postfix"
    on_disk = ("/var/spool/postfix",)
    list_programs = ("qmgr",)

    def have_list(self, subscribers):
        """A file that a program of lists would read: batches of a thousand, as list managers hand them over."""
        self.host.write("/run/subscribers", "".join(f"{address}\n" for address in subscribers))

    def post(self):
        return self.begin_post(f"xargs -n 1000 sh -c '/usr/sbin/sendmail -XV -f bench-return-1@{DOMAIN} \"$@\" < /run/post' sh < /run/subscribers")

    def install(self):
        settings = " ".join(shlex.quote(f"{name} = {value}") for name, value in SETTINGS.items())
        self.host.sh(POSTFIX.format(tools=TOOLS, settings=settings))

    def begin(self):
        self.host.sh("/usr/lib/postfix/configure-instance.sh")
        done = self.host.popen(["postfix", "start"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = done.communicate()[0]
        if done.returncode:
            raise RuntimeError(said.decode())

    def make_virtual(self):
        """A map of their Maildirs, as VIRTUAL_README has it."""
        self.host.sh("useradd -r -U -u 5000 -M -d /home/virtual virtual")
        self.make_boxes("/home/virtual", "virtual")
        self.host.write("/etc/postfix/virtual", "".join(f"{name}@{VIRTUAL} {name}/Maildir/\n" for name in self.virtual_names()))
        self.host.sh("postmap hash:/etc/postfix/virtual")
        self.host.write("/etc/postfix/virtual.cf", f"hosts = unix:{Mysql.SOCKET}\nuser = vpopmail\npassword = it's\ndbname = vpopmail\n"
                        "query = SELECT place FROM postfix WHERE address = '%s'\n")
        for line in (f"virtual_mailbox_domains = {VIRTUAL}", "virtual_mailbox_base = /home/virtual",
                     "virtual_mailbox_maps = hash:/etc/postfix/virtual", "virtual_minimum_uid = 100",
                     "virtual_uid_maps = static:5000", "virtual_gid_maps = static:5000", "virtual_mailbox_limit = 0"):
            self._set(line)
        self.host.sh("postfix reload")

    def keep_virtual(self, database):
        """As MYSQL_README has it."""
        if database:
            database.sql("CREATE TABLE postfix (address VARCHAR(200) PRIMARY KEY, place VARCHAR(200)); INSERT INTO postfix VALUES "
                         + ", ".join(f"('{name}@{VIRTUAL}', '{name}/Maildir/')" for name in self.virtual_names()))
        self._set("virtual_mailbox_maps = " + ("proxy:mysql:/etc/postfix/virtual.cf" if database else "hash:/etc/postfix/virtual"))
        self.host.sh("postfix reload")

    def make_tls(self):
        """As TLS_README and SASL_README have it, by Cyrus SASL. What asks whether a password is right costs it nothing."""
        for line in ("smtpd_tls_chain_files = /run/key.pem /run/chain.pem", "smtpd_tls_security_level = may",
                     "smtp_tls_security_level = may", "smtpd_sasl_auth_enable = yes",
                     "smtpd_tls_session_cache_database = btree:$data_directory/smtpd_scache",
                     "smtp_tls_session_cache_database = btree:$data_directory/smtp_scache"):
            self._set(line)
        self.host.sh("mkdir -p /etc/postfix/sasl && postconf -M 'submission/inet=submission inet n - n - - smtpd'")
        self.host.write("/etc/postfix/sasl/smtpd.conf", "pwcheck_method: saslauthd\nsaslauthd_path: /run/mux\nmech_list: PLAIN\n")
        self.client("saslauthd", "/run/mux")

    def stop(self):
        self.host.sh("postfix stop")
        assert eventually(lambda: not self.group.pids(), 20)

    def route(self, address):
        self._set(f"relayhost = [{address}]")

    def allow_connections(self, count):
        self._set(f"default_process_limit = {count}")

    def _set(self, line):
        self.host.sh("postconf -e " + shlex.quote(line))

    def flush(self):
        self.host.sh("postqueue -f")

    def clear(self):
        self.host.sh("postsuper -d ALL")

    def _any(self, *queues):
        return any(files for queue in queues for _, _, files in os.walk(self.disk / "var/spool/postfix" / queue))

    def is_empty(self):
        return not self._any("maildrop", "incoming", "active", "deferred")

    def is_at_rest(self):
        return not self._any("maildrop", "incoming", "active")

    def version(self):
        return self.host.sh("postconf -h mail_version").stdout.strip()


class Sink:
    """A far host with smtp-sink on port 25."""

    def __init__(self, base, wire, load):
        self.host = BenchHost(base, FAR, load)
        wire.join(self.host)
        self.process = None

    def start(self, tls=False):
        self.sessions = self.transactions = 0
        self.changed = time.time()
        command = [TOOLS / "usr/sbin/smtp-sink", "-c", "-u", "nobody", "0.0.0.0:25", "1000"]
        if tls:
            self.host.sh(CERTIFICATE)
            command = [PEER, "sink", 25, "/run/chain.pem", "/run/key.pem"]
        self.process = self.host.popen(command, env=LIBRARIES, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True).start()
        assert eventually(lambda: listens(self.host))

    def _listen(self, counters):
        """Each line: sess=N quit=N mesg=N, ended by CR."""
        rest = b""
        while True:
            got = os.read(counters.fileno(), 65536)
            if not got:
                return
            *lines, rest = (rest + got).split(b"\r")
            if lines and b"=" in lines[-1]:
                values = dict(pair.split(b"=") for pair in lines[-1].split())
                self.sessions, transactions = int(values[b"sess"]), int(values[b"mesg"])
                if transactions != self.transactions:
                    self.transactions, self.changed = transactions, time.time()

    def at_rest(self):
        """Waits until the connections that systems keep open are closed: only then are they counted."""
        assert eventually(lambda: not self.host.sh("ss -Htn state established sport = :25").stdout, 30, every=0.2)

    def stop(self):
        if self.process:
            self.process.kill()
            self.host.sh("pkill -x 'smtp-sink|tls_peer'", check=False)
            self.process.wait()
            self.process = None

    def end(self):
        self.stop()
        self.host.end()
