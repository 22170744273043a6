import contextlib
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import time

from . import people

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
BUILD = TOP / ("build-sanitize" if os.environ.get("SANITIZE") else "build")
STAGE = BUILD / "stage"
DNS_SERVER = HERE / "dns_server.py"
CATCHER = HERE / "catch.py"
POSSIBLE = HERE / "possible"
NAMESPACES = ["--mount", "--pid", "--fork", "--kill-child", "--net", "--uts", "--ipc"]
PATH = "/var/qmail/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What a service says when it is ready; the others are tcpserver's.
UP = {"qmail-send": "status: local", "qmail-queue": "workers listen", "qmail-users": "workers listen", "qmail-auth": "workers listen",
      "qmail-limits": "listens on", "qmail-tls": "places listen", "qmail-sts": "workers listen", "qmail-primary": "workers listen",
      "qmail-serial": "status: serial"}
ENVIRONMENT = {
    "PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "TZ": "UTC",
}

ACCUSATION = re.compile(r"ERROR: (Address|Leak)Sanitizer|runtime error:|Sanitizer: CHECK failed")


def missing_power():
    """Why hosts cannot be made here, or None."""
    tried = subprocess.run(["sh", str(POSSIBLE)], capture_output=True, text=True)
    return tried.stderr.strip() if tried.returncode else None


def full_pipe():
    """Both ends of a pipe that holds no more, as in front of a reader that stands still."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writer, True)
    return reader, writer


def eventually(condition, seconds=10, every=0.03):
    """Waits until condition() is true and returns what it said; after the time, whatever it says then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = condition()
        if said:
            return said
        time.sleep(every)
    return condition()


def _shell(script, **more):
    done = subprocess.run(["sh", "-euc", script], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


class Namespaces:
    """A process that holds a set of namespaces; ends with its creator."""

    def __init__(self, command, flags, enter=None):
        # Its root too: the root of the mount namespace is another one when the tests stand in a chroot.
        into = ["nsenter", "-t", str(enter.pid), "-m", "-r", "-w"] if enter else []
        self.holder = subprocess.Popen(
            [*into, "unshare", *flags, "sh", "-euc", command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=ENVIRONMENT, start_new_session=True)
        ready = self.holder.stdout.readline()
        if ready != "ready\n":
            self.holder.wait()
            raise RuntimeError("a test host did not come up: " + self.holder.stderr.read())
        self.pid = self._inner() if "--fork" in flags else self.holder.pid
        # Between "ready" and the exec of sleep the process may not yet have entered its root.
        assert eventually(lambda: os.readlink(f"/proc/{self.pid}/exe").endswith("/sleep"))

    def _inner(self):
        children = pathlib.Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children")
        return int(children.read_text().split()[0])

    def end(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
        self.holder.stderr.close()


ROOT = """
mount --make-rprivate /
mkdir -p {place}
mount -t tmpfs tmpfs {place}
mkdir {place}/upper {place}/work {place}/root
mount -t overlay overlay -o lowerdir={lower},upperdir={place}/upper,workdir={place}/work {place}/root
mount -t proc proc {place}/root/proc
mount --rbind /dev {place}/root/dev
mount --rbind /sys {place}/root/sys
mount -t tmpfs -o mode=1777 tmpfs {place}/root/tmp
mount -t tmpfs -o mode=755 tmpfs {place}/root/run
mkdir -m 1777 {place}/root/run/sanitizer
mkdir -p {place}/root{top}
mount --bind -o ro {top} {place}/root{top}
ip link set lo up
ip address add 203.0.113.25/32 dev lo
ip -6 address add 2001:db8::25/128 dev lo
hostname {name}
"""
SLEEP = "\necho ready\nexec env --ignore-signal=CHLD {chroot} sleep infinity\n"


class Base:
    """What all hosts of a test run begin with, as layers over this machine's root: `bare` hides what people and a mail
    system have left on this machine, `base` has mailtree installed from the stage, accounts, configuration.
    Lives in a mount namespace of its own, as a directory on a tmpfs."""

    PLACE = "/run/mailtree-test"
    BARE = f"{PLACE}/bare:/"
    FURNISHED = f"{PLACE}/base:{BARE}"

    def __init__(self):
        self.spaces = Namespaces(
            f"mount --make-rprivate /\nmkdir -p {self.PLACE}\nmount -t tmpfs tmpfs {self.PLACE}\n"
            f"mkdir {self.PLACE}/bare {self.PLACE}/base" + SLEEP.format(chroot=""), ["--mount"])
        self.pid = self.spaces.pid
        try:
            people.hide_places(pathlib.Path(f"/proc/{self.pid}/root{self.PLACE}/bare"))
            self._add_layer("bare", self.BARE, self._strip)
            self._add_layer("base", self.BARE, self._furnish)
        except BaseException:
            self.end()
            raise

    def _add_layer(self, name, lower, change):
        """Keeps what change() does to a host as a layer."""
        host = Host(self, "mail.example.org", lower)
        try:
            change(host)
            said = host.accusations()
            assert not said, said
            subprocess.run(["nsenter", "-t", str(host.spaces.holder.pid), "-m", "-r", "-w", "cp", "-a",
                            f"{Host.PLACE}/upper/.", f"/proc/{self.pid}/root{self.PLACE}/{name}/"], check=True)
        finally:
            host.end()

    @staticmethod
    def _strip(host):
        """Takes away what a mail system installed on this machine, and its people, would show inside."""
        host.sh("rm -rf /var/qmail /service /etc/service /var/log/qmail /etc/tcp.smtp* /etc/tcp.pop3* /var/vpopmail /etc/ezmlm /usr/local/bin/ezmlm")
        people.forget(pathlib.Path(host.path("/etc")))
        host.sh("! dpkg -s mailtree-mta >/dev/null 2>&1 || dpkg --force-depends --purge mailtree-mta")
        host.sh("rm -f /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases /usr/bin/qmailctl; cd /usr/local/bin && "
                "rm -f qmailctl mailq newaliases maildirmake qmail-showctl qmail-qstat qmail-qread")
        host.sh("echo nameserver 127.0.0.1 > /etc/resolv.conf")
        host.sh("printf '127.0.0.1 localhost\\n' > /etc/hosts")

    @staticmethod
    def _furnish(host):
        host.sh(f"cp -a {shlex.quote(str(STAGE))}/. / && mkdir -p /usr/local/lib/mailtree-test && "
                f"install -m 755 {shlex.quote(str(CATCHER))} /usr/local/lib/mailtree-test/catch")
        host.sh("chown -R root:root /var/qmail")
        setup = host.sh("[ ! -x /var/qmail/bin/qmail-setup ] || /var/qmail/bin/qmail-setup host mail.example.org",
                        check=False)
        if setup.returncode or not os.path.exists(host.path("/var/qmail/control/me")):
            host.setup_trouble = setup.stdout + setup.stderr
            host.sh(FALLBACK)

    def end(self):
        self.spaces.end()


FALLBACK = """
groupadd -r nofiles 2>/dev/null || :; groupadd -r qmail 2>/dev/null || :
useradd -r -M -g nofiles -d /var/qmail/alias -s /usr/sbin/nologin alias 2>/dev/null || :
for u in qmaild qmaill qmailp; do useradd -r -M -g nofiles -d /var/qmail -s /usr/sbin/nologin $u 2>/dev/null || :; done
for u in qmailq qmailr qmails; do useradd -r -M -g qmail -d /var/qmail -s /usr/sbin/nologin $u 2>/dev/null || :; done
cd /var/qmail; mkdir -p alias control users queue
chown alias:qmail alias; chmod 2755 alias
for f in me locals rcpthosts; do echo mail.example.org > control/$f; done
mkdir -p queue/mess queue/bounce queue/success queue/corrupt queue/lock/control; i=0
while [ $i -lt 23 ]; do mkdir -p queue/mess/$i; i=$((i+1)); done
chown -R qmailq:qmail queue; chmod 750 queue queue/lock; chmod 2750 queue/mess queue/mess/*; chmod 700 queue/bounce queue/success queue/corrupt queue/lock/control
chown qmails:qmail queue/bounce queue/success queue/lock/control
[ -p queue/lock/trigger ] || mkfifo queue/lock/trigger; chown qmails:qmail queue/lock/trigger; chmod 622 queue/lock/trigger
: > queue/lock/sendmutex; chown qmails:qmail queue/lock/sendmutex; chmod 600 queue/lock/sendmutex
: > queue/lock/tcpto; chown qmailr:qmail queue/lock/tcpto; chmod 644 queue/lock/tcpto
: > queue/lock/tlsfailed; chown qmailr:qmail queue/lock/tlsfailed; chmod 644 queue/lock/tlsfailed
: > queue/lock/tlsproven; chown qmailr:qmail queue/lock/tlsproven; chmod 644 queue/lock/tlsproven
[ ! -f bin/qmail-queue ] || { chown qmailq:qmail bin/qmail-queue; chmod 4711 bin/qmail-queue; }
"""


class Host:
    PLACE = "/run/mailtree-host"

    def __init__(self, base, name, lower=None):
        self.name = name
        self.base = base
        lower = lower or Base.FURNISHED
        script = ROOT.format(place=self.PLACE, lower=lower, name=shlex.quote(name), top=shlex.quote(str(TOP)))
        self.spaces = Namespaces(script + SLEEP.format(chroot=f"chroot {self.PLACE}/root"), NAMESPACES, enter=base)
        self.pid = self.spaces.pid
        self._zone = {}
        self._dns = None
        self._running = []
        self.address = "127.0.0.1"

    # ---- running programs ----

    def _enter(self, user):
        into = ["nsenter", "-t", str(self.pid), "-m", "-p", "-n", "-u", "-i", "-r", "-w"]
        if user != "root":
            into += ["setpriv", "--reuid", user, "--regid", self._gid(user), "--init-groups"]
        return into

    def _gid(self, user):
        for line in pathlib.Path(self.path("/etc/passwd")).read_text().splitlines():
            fields = line.split(":")
            if fields[0] == user:
                return fields[3]
        raise KeyError(user)

    def popen(self, command, user="root", env=None, **more):
        more.setdefault("start_new_session", True)
        return subprocess.Popen(self._enter(user) + [str(word) for word in command],
                                env={**ENVIRONMENT, **(env or {})}, **more)

    def run(self, command, user="root", input=b"", env=None, check=True, timeout=60):
        """Runs a program, waits for it; bytes in, bytes out."""
        done = subprocess.run(self._enter(user) + [str(word) for word in command], input=input, timeout=timeout,
                              env={**ENVIRONMENT, **(env or {})}, capture_output=True, start_new_session=True)
        assert not check or done.returncode == 0, f"{command}: {done}"
        return done

    def sh(self, script, user="root", env=None, check=True, timeout=120, input=None):
        """Runs a line of shell; text in, text out."""
        done = subprocess.run(self._enter(user) + ["sh", "-c", script], text=True, timeout=timeout, input=input,
                              stdin=subprocess.DEVNULL if input is None else None,
                              env={**ENVIRONMENT, **(env or {})}, capture_output=True, start_new_session=True)
        assert not check or done.returncode == 0, f"{script}: {done}"
        return done

    # ---- files ----

    def path(self, inside):
        """Where a file of this host is for the test."""
        return f"/proc/{self.pid}/root{inside}"

    def read(self, path):
        return pathlib.Path(self.path(path)).read_bytes()

    def write(self, path, content, owner="root", mode=0o644):
        if isinstance(content, str):
            content = content.encode()
        place = pathlib.Path(self.path(path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        place.chmod(mode)
        if owner != "root":
            self.sh(f"chown {owner}: {shlex.quote(path)}")

    def control(self, name, text):
        self.write(f"/var/qmail/control/{name}", text)

    # ---- people ----

    def user(self, name, password=None):
        """An account with a home and a Maildir, whose mail goes there."""
        self.sh(f"useradd -m -s /bin/sh {name} && cd ~{name} && "
                f"mkdir -p Maildir/new Maildir/cur Maildir/tmp && chmod -R go-rwx Maildir && "
                f"echo ./Maildir/ > .qmail && chown -R {name}: Maildir .qmail")
        if password is not None:
            self.sh("chpasswd -c YESCRYPT", input=f"{name}:{password}\n")
        return name

    def mailbox(self, *names):
        """Addresses that exist, without an account; default: every address."""
        for name in names:
            self.write(f"/var/qmail/alias/.qmail-{name}", "./Maildir/\n", owner="alias")

    def in_queue(self):
        """How many messages; spare files are none."""
        return int(self.sh("qmail-qstat").stdout.split("\n")[0].split()[-1])

    def maildir(self, user, place="Maildir"):
        """The messages in a user's Maildir, oldest first."""
        home = self.sh(f"echo ~{user}").stdout.strip()
        found = []
        for part in ("new", "cur"):
            directory = pathlib.Path(self.path(f"{home}/{place}/{part}"))
            if directory.is_dir():
                found += [f for f in directory.iterdir() if not f.name.startswith(".")]
        return [f.read_bytes() for f in sorted(found, key=lambda f: f.stat().st_mtime_ns)]

    # ---- names ----

    def dns(self, zone):
        """Adds names: {"example.net": ["MX 10 mx.example.net", "A 10.0.0.2"]}. An empty list is a name without
        records, ["SERVFAIL"] and ["SILENT"] are what they say, ["SLOW"] comes late, ["BIG"] in front forces TCP,
        ["DROPS_EDNS"], ["REFUSED_EDNS"] and the like are what a question with EDNS gets."""
        self._zone.update({name.lower().rstrip("."): records for name, records in zone.items()})
        self.write("/run/zone.json", json.dumps(self._zone))
        if self._dns is None:
            self._dns = self.popen(["/usr/bin/python3", DNS_SERVER, "/run/zone.json"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            assert self._dns.stdout.readline() == b"ready\n"

    # ---- the service tree ----

    def start(self, *services, wait=True, under=()):
        """Starts svscan, if asked under another program, over the named services (all of the tree unless named)."""
        self.sh("mkdir -p /service")
        if services:
            for service in services:
                self.sh(f"[ -e /service/{service} ] || ln -s /var/qmail/supervise/{service} /service/{service}")
        else:
            self.sh("for s in /var/qmail/supervise/*; do [ -e $s/down ] || [ -e /service/${s##*/} ] || ln -s $s /service/${s##*/}; done")
        self.svscan = self.popen([*under, "svscan", "/service"], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=open(self.path("/run/svscan.log"), "ab"))
        self._running.append(self.svscan)
        if wait:
            names = services or [p.name for p in pathlib.Path(self.path("/service")).iterdir()]
            assert eventually(lambda: all(self.is_up(s) for s in names), 20), self.tree_state(names)

    def is_up(self, service):
        state = self.sh(f"svstat /service/{service}", check=False).stdout
        if ": up (" not in state:
            return False
        return UP.get(service, "tcpserver: status") in self.log(service)

    def tree_state(self, services):
        return self.sh("svstat /service/* /service/*/log; cat /run/svscan.log", check=False).stdout + \
            "".join(f"\n== {s}\n" + self.log(s)[-2000:] for s in services)

    def stop(self):
        """Ends the service tree and waits for its programs."""
        self.sh("pkill -9 -x svscan; cd /service && svc -dx * */log 2>/dev/null", check=False)
        programs = "supervise|qmail-send|qmail-queued|qmail-usersd|qmail-authd|qmail-ownersd|qmail-limitd|qmail-tlsd|qmail-stsd|qmail-primaryd|qmail-seriald|tcpserver|multilog"
        assert eventually(lambda: self.sh(f"pgrep -x '{programs}'", check=False).returncode, 20), self.sh("ps -e -f").stdout

    def log(self, service):
        """All that the service's multilog directory holds, without time stamps."""
        directory = pathlib.Path(self.path(f"/var/log/qmail/{service}"))
        if not directory.is_dir():
            return ""
        lines = []
        for file in sorted(f for f in directory.iterdir() if f.name.startswith("@")) + [directory / "current"]:
            with contextlib.suppress(FileNotFoundError):     # multilog gives a file its other name at any moment
                lines += file.read_text(errors="replace").splitlines()
        return "".join((line.split(" ", 1)[1] if line.startswith("@") else line) + "\n" for line in lines)

    def accusations(self):
        """What sanitizers said here since the last call: in files of theirs, or in a log that caught a stderr."""
        reports = [*pathlib.Path(self.path("/run/sanitizer")).glob("*")]
        logs = [pathlib.Path(self.path("/run/svscan.log")), *pathlib.Path(self.path("/var/log/qmail")).glob("*/*")]
        said = [place.read_text(errors="replace") for place in reports + logs if place.is_file()]
        for report in reports:
            report.unlink()
        return "\n".join(text for text in said if ACCUSATION.search(text))

    def end(self):
        self.spaces.end()
        for process in [self._dns, *self._running]:
            if process:
                process.kill()
                process.wait()
                if process.stdout:
                    process.stdout.close()


class Wire:
    """Joins hosts: each gets 10.77.0.N and fd77::N, and knows the others' names, addresses and MX."""

    def __init__(self):
        self.spaces = Namespaces("ip link set lo up\nip link add br0 type bridge\nip link set br0 up" +
                                 SLEEP.format(chroot=""), ["--net"])
        self.hosts = []

    def join(self, host):
        n = len(self.hosts) + 1
        wire = self.spaces.pid
        _shell(f"ip link add eth0 netns {host.pid} type veth peer name port{n} netns {wire}\n"
               f"nsenter -t {wire} -n ip link set port{n} master br0 up\n"
               f"nsenter -t {host.pid} -n ip address add 10.77.0.{n}/24 dev eth0\n"
               f"nsenter -t {host.pid} -n ip -6 address add fd77::{n}/64 dev eth0 nodad\n"
               f"nsenter -t {host.pid} -n ip link set eth0 up")
        host.address = f"10.77.0.{n}"
        self.hosts.append(host)
        zone = {}
        for i, h in enumerate(self.hosts, 1):
            zone[h.name] = [f"MX 10 {h.name}", f"A 10.77.0.{i}", f"AAAA fd77::{i}"]
        for h in self.hosts:
            h.dns(zone)

    def end(self):
        self.spaces.end()
