"""qmail-clean, qmail-qread, qmail-qstat, qmail-queuecheck, qmail-start: what they say and change."""

import json
import os
import re
import subprocess
import time

import pytest

from tests.host import eventually
from tests.queue.queue_files import NEVER, QUEUE, mess_files, messages, only

INJECT = ("import os, sys; a, b = os.pipe(); os.write(b, os.fsencode(sys.argv[1]).replace(b'|', b'\\0')); os.close(b); "
          "os.dup2(a, 1); os.execv('/var/qmail/bin/qmail-queue', ['qmail-queue'])")


def inject(host, envelope, message=b"hello\n"):
    """Queues a message, | standing for NUL; returns its number."""
    before = {m.id for m in messages(host)}
    host.run(["/usr/bin/python3", "-c", INJECT, envelope], input=message)
    return next(m for m in messages(host) if m.id not in before).id


def message(host, number):
    return next(m for m in messages(host) if m.id == number)


# ---- qmail-clean ----


def clean(host, requests):
    done = host.run(["/var/qmail/bin/qmail-clean"], user="qmailq", input=requests)
    return done.stdout, done.stderr.decode()


def test_clean_does_what_it_is_asked(host):
    a, b, c = (inject(host, f"Fs@x|Tone@x|Ttwo@x||") for _ in range(3))
    offset = sum(len(text) + 2 for k, text in message(host, a).records[:4])
    requests = f"done/{a}/{offset}|due/{a}/l/77/1|due/{a}/r/88/2|foop/{b}|foop/{b}|lame/{c}|lame/{c}|"
    assert clean(host, requests.replace("|", "\0").encode()) == (b"+++++++", "")
    m = only(host)
    assert m.recipients() == [("T", "one@x"), ("D", "two@x")]
    assert (m.id, m.due_local, m.due_remote) == (a, 77, 88)
    assert os.listdir(host.path(QUEUE + "/corrupt")) == [str(c)]


def test_clean_keeps_every_damaged_message(host):
    for text in ("one", "two", "three"):
        host.write(f"{QUEUE}/mess/3/26", text, owner="qmailq")
        assert clean(host, b"lame/26\0") == (b"+", "")
    kept = {name: host.read(f"{QUEUE}/corrupt/{name}") for name in os.listdir(host.path(QUEUE + "/corrupt"))}
    assert kept == {"26": b"one", "26.1": b"two", "26.2": b"three"}


@pytest.mark.parametrize("request_", ["", "x", "foop/", "foop/0", "foop/01", "foop/../x", "todo/1", "done/1", "due/1/x/1/1", "due/1/l/1",
                                      "foop/1/", "foop/" + "1" * 20, "y" * 99, "y" * 100, "y" * 101, "y" * 5000, "y" * 20000])
def test_clean_refuses_what_it_does_not_know(host, request_):
    number = inject(host, "Fs|Tr||")
    answers, _ = clean(host, request_.encode() + b"\0" + f"foop/{number}\0".encode())
    assert answers == b"x+"
    assert messages(host) == []


def test_clean_says_why_it_failed(host):
    number = inject(host, "Fs|Tr||")
    answers, said = clean(host, f"done/{number}/1\0done/12345/3\0".encode())
    assert answers == b"!!"
    assert said.splitlines() == [
        f"qmail-clean: warning: unable to mark done in mess/{number % 23}/{number}: Invalid argument",
        "qmail-clean: warning: unable to mark done in mess/17/12345: No such file or directory"]


def test_clean_answers_thousands_in_order(host):
    number = inject(host, "Fs|Tr||")
    requests = b"".join(b"x\0" if i % 3 else b"due/%d/l/%d/0\0" % (number, i) for i in range(6000))
    answers, _ = clean(host, requests)
    assert answers == b"+xx" * 2000
    assert only(host).due_local == 5997


def test_clean_removes_old_litter_at_start(host):
    old = time.time() - 129600 - 60
    for name, when in ((".77", old), (".78", time.time()), ("keep", old)):
        host.write(f"{QUEUE}/mess/{name}", "x", owner="qmailq")
        os.utime(host.path(f"{QUEUE}/mess/{name}"), (time.time(), when))
    clean(host, b"")
    left = host.sh(f"cd {QUEUE}/mess && ls -A | grep -v '^[0-9]'").stdout.split()
    assert left == [".78", "keep"]


def test_clean_exit_codes(host):
    assert host.sh("/var/qmail/bin/qmail-clean </dev/null", user="qmailq").returncode == 0
    full = host.sh("printf 'foop/1\\0' | /var/qmail/bin/qmail-clean >/dev/full", user="qmailq", check=False)
    assert full.returncode == 100
    host.sh(f"mv {QUEUE} /var/qmail/elsewhere")
    assert host.run(["/var/qmail/bin/qmail-clean"], check=False).returncode == 111


# ---- qmail-qread, qmail-qstat ----


@pytest.fixture
def three(host):
    host.control("locals", "mail.example.org\n")
    host.control("virtualdomains", "virtual.example:joe-v\n")
    a = inject(host, "Fs@example.net|Tx@example.com|Tlist@virtual.example|Tjoe@mail.example.org||")
    b = inject(host, "F||", b"a longer message\n")
    c = inject(host, "Fb\x01\u00e4 d@e|Tq\"\n@example.com||")
    offset = message(host, a).records[:4]
    clean(host, b"done/%d/%d\0" % (a, sum(len(t) + 2 for _, t in offset)))
    host.write(f"{QUEUE}/bounce/{a}", "x", owner="qmails")
    return host, a, b, c


def test_qread(three):
    host, a, b, c = three
    out = host.run(["qmail-qread"], user="qmails").stdout.decode()
    date = r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    sizes = {n: len(message(host, n).text) for n in (a, b, c)}
    paragraphs = {int(re.search(r"#(\d+)", p).group(1)): p for p in re.findall(r"^\d.*\n(?:[\t ].*\n)*", out, re.M)}
    assert "".join(paragraphs[n] for n in paragraphs) == out
    assert re.fullmatch(date + rf"  #{a}  {sizes[a]}  <s@example.net>  bouncing\n"
                        "  done\tlocal\tjoe-v-list@virtual.example\n"
                        "\tlocal\tjoe@mail.example.org\n"
                        "\tremote\tx@example.com\n", paragraphs[a])
    assert re.fullmatch(date + rf"  #{b}  {sizes[b]}  <> \n", paragraphs[b])
    assert re.fullmatch(date + rf"  #{c}  {sizes[c]}  <b___ d@e> \n\tremote\tq\"_@example.com\n", paragraphs[c])


def test_qread_json(three):
    host, a, b, c = three
    lines = host.run(["qmail-qread", "--json"]).stdout.decode().splitlines()
    found = {o["id"]: o for o in map(json.loads, lines)}
    assert sorted(found) == sorted((a, b, c))
    assert found[a]["bouncing"] and not found[b]["bouncing"]
    assert found[a]["recipients"] == [
        {"channel": "local", "address": "joe-v-list@virtual.example", "done": True},
        {"channel": "local", "address": "joe@mail.example.org", "done": False},
        {"channel": "remote", "address": "x@example.com", "done": False}]
    assert found[b]["sender"] == "" and found[b]["recipients"] == []
    assert found[c]["sender"] == "b\x01\u00e4 d@e" and found[c]["recipients"][0]["address"] == "q\"\n@example.com"
    assert abs(found[a]["birth"] - time.time()) < 60
    assert found[a]["due"] == {"local": 0, "remote": 0}
    assert clean(host, f"due/{a}/l/77/1\0due/{a}/r/{NEVER}/1\0".encode()) == (b"++", "")
    lines = host.run(["qmail-qread", "--json"]).stdout.decode().splitlines()
    assert [o["due"] for o in map(json.loads, lines) if o["id"] == a] == [{"local": 77, "remote": None}]


def test_qread_and_trouble(host):
    host.write(f"{QUEUE}/mess/3/26", "no message at all" * 10, owner="qmailq")
    done = host.run(["qmail-qread"])
    assert done.stdout == b"warning: trouble with #26: damaged\n"
    host.user("joe")
    done = host.run(["qmail-qread"], user="joe", check=False)
    assert (done.returncode, done.stdout) == (111, b"fatal: unable to chdir: Permission denied\n")
    assert host.run(["qmail-qread", "-x"], check=False).returncode == 100


def test_qread_leaves_out_what_is_still_being_written(host):
    number = inject(host, "Fs|Tr||")
    holder = host.popen(["flock", f"{QUEUE}/mess/{number % 23}/{number}", "sleep", "100"])
    try:
        assert eventually(lambda: host.run(["qmail-qread"]).stdout == b"")
    finally:
        holder.kill()


def test_qstat(three):
    host = three[0]
    assert host.run(["qmail-qstat"]).stdout == (b"messages in queue: 3\n"
                                                b"messages in queue but not yet preprocessed: 0\n")
    host.user("joe")
    assert host.run(["qmail-qstat"], user="joe", check=False).returncode == 111


# ---- qmail-queuecheck ----

FRAME = f"cd {QUEUE} && stat -c '%A %U %G %n' . mess mess/[0-9]* bounce corrupt lock lock/*"


def check(host):
    return host.run(["qmail-queuecheck"]).stdout.decode().splitlines()


def test_the_frame_is_made_and_then_left_alone(host):
    host.sh(f"rm -rf {QUEUE}")
    said = check(host)
    assert said == ["qmail-queuecheck: queue: created, with all that belongs in it"]
    frame = host.sh(FRAME).stdout.splitlines()
    assert "drwxr-x--- qmailq qmail ." in frame
    assert "drwxr-s--- qmailq qmail mess" in frame and "drwxr-s--- qmailq qmail mess/22" in frame
    assert "drwx------ qmails qmail bounce" in frame and "drwx------ qmailq qmail corrupt" in frame
    assert "drwx------ qmails qmail lock/control" in frame
    assert "prw--w--w- qmails qmail lock/trigger" in frame
    assert "-rw------- qmails qmail lock/sendmutex" in frame
    assert "-rw-r--r-- qmailr qmail lock/tcpto" in frame
    assert "-rw-r--r-- qmailr qmail lock/tlsfailed" in frame and "-rw-r--r-- qmailr qmail lock/tlsproven" in frame
    assert check(host) == []
    inject(host, "Fs|Tr||")


@pytest.mark.parametrize("spoil, said", [
    ("chmod 777 lock", ["queue/lock: corrected the mode"]),
    ("chown root:root mess/4", ["queue/mess/4: corrected the owner"]),
    ("chgrp root mess; chmod 700 mess", ["queue/mess: corrected the owner", "queue/mess: corrected the mode"]),
    ("rm lock/trigger; : > lock/trigger",
     ["queue/lock/trigger: removed what was no file of the right type", "queue/lock/trigger: created"]),
    ("ln -f lock/sendmutex lock/other; chown root lock/sendmutex",
     ["queue/lock/sendmutex: removed what was no file of the right type", "queue/lock/sendmutex: created"]),
])
def test_what_is_wrong_is_corrected(host, spoil, said):
    check(host)
    before = host.sh(FRAME.replace("lock/*", "lock/trigger lock/sendmutex lock/tcpto")).stdout
    host.sh(f"cd {QUEUE} && {spoil}")
    assert check(host) == ["qmail-queuecheck: " + line for line in said]
    assert host.sh(FRAME.replace("lock/*", "lock/trigger lock/sendmutex lock/tcpto")).stdout == before


def test_looking_only(host):
    assert host.run(["qmail-queuecheck", "-n"]).stdout == b""
    host.sh(f"cd {QUEUE} && chmod 777 lock; chown root mess/4; rm lock/trigger; : > lock/trigger; rm lock/tcpto; "
            "rmdir corrupt; : > corrupt; ln -s mess mess/link; rm -r bounce; ln -s mess bounce")
    before = host.sh(f"ls -lR {QUEUE}").stdout
    done = host.run(["qmail-queuecheck", "-n"], check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    said = [line.removeprefix("qmail-queuecheck: queue/") for line in done.stdout.decode().splitlines()]
    for line in ("mess/4: has wrong owner: it must be qmailq", "bounce: has wrong type: it must be a directory",
                 "corrupt: has wrong type: it must be a directory", "lock: has wrong permissions: they must be 750",
                 "lock/trigger: has wrong type: it must be a FIFO", "lock/tcpto: does not exist"):
        assert line in said
    assert host.sh(f"ls -lR {QUEUE}").stdout == before
    host.sh(f"rm -r {QUEUE}")
    assert host.run(["qmail-queuecheck", "-n"], check=False).stdout == b"qmail-queuecheck: queue: does not exist\n"


# ---- what lies in the queue ----

def look(host):
    done = host.run(["qmail-queuecheck", "-n"], check=False)
    assert not done.stderr
    return done.returncode, done.stdout.decode().splitlines()


def test_messages_restored_as_somebody_elses_are_given_back(host):
    numbers = [inject(host, "Fs@x|Tr@x||") for _ in range(3)]
    first, second = (f"{QUEUE}/mess/{n % 23}/{n}" for n in numbers[:2])
    host.write(f"{QUEUE}/bounce/457", "<r@x>:\nno\n\n")
    host.sh(f"chown root:root {first} {QUEUE}/bounce/457; chmod 600 {second}")
    code, said = look(host)
    assert code == 1
    assert re.fullmatch("qmail-queuecheck: queue/mess: wrong owner, group or mode: 2 files, [0-9]+ the first: "
                        "qmail-queuecheck mends that", said[0])
    assert said[1:] == ["qmail-queuecheck: queue/bounce: wrong owner, group or mode: 1 file, 457 the first: "
                        "qmail-queuecheck mends that"]
    assert len(check(host)) == 2
    assert host.sh(f"stat -c '%U:%G %a' {QUEUE}/mess/*/* | sort -u").stdout == "qmailq:qmail 640\n"
    assert host.sh(f"stat -c '%U:%G %a' {QUEUE}/bounce/457").stdout == "qmails:qmail 600\n"
    assert look(host) == (0, [])


def test_messages_in_a_wrong_directory_are_moved(host):
    one, two, three = (inject(host, "Fs@x|Tr@x||") for _ in range(3))
    host.sh(f"cd {QUEUE}/mess && mkdir 31 && mv {one % 23}/{one} {(one + 1) % 23}/ && mv {two % 23}/{two} 31/ && "
            f"mv {three % 23}/{three} 4570")
    code, said = look(host)
    assert code == 1 and len(said) == 1 and ": in the wrong directory: 3 files, " in said[0]
    assert re.fullmatch("qmail-queuecheck: queue/mess: moved to the right directory: 3 files, [0-9]+ the first", *check(host))
    assert sorted(m.id for m in messages(host)) == sorted([one, two, 4570])
    assert all(p.parent.name == str(int(p.name) % 23) for p in mess_files(host))


def test_what_is_no_message_is_named(host):
    number = inject(host, "Fs@x|Tr@x||")
    host.sh(f"cd {QUEUE}/mess && : > 5/letter && mkdir 5/28 && ln -s /etc/passwd 6/29 && : > 7/.30 && "
            f"cp -p {number % 23}/{number} {(number + 1) % 23}/")
    said = [line.removeprefix("qmail-queuecheck: queue/mess/") for line in check(host)]
    assert sorted(said) == sorted([
        "5/letter: nobody looks at this name", "5/28: nobody looks at this name", "6/29: nobody looks at this name",
        f"{(number + 1) % 23}/{number}: in the wrong directory, and its own has this name already"])
    host.sh(f"cd {QUEUE}/mess && for i in $(seq 1000); do : > 5/letter$i; done")
    assert len(check(host)) == 11


def test_a_file_with_a_second_name_keeps_its_owner(host):
    host.write("/root/secret", "secret")
    host.sh(f"ln /root/secret {QUEUE}/mess/5/28; ln -s /root/secret {QUEUE}/mess/6/29")
    assert sorted(check(host)) == [
        "qmail-queuecheck: queue/mess/5/28: the owner, group or mode is wrong, but the file has a second name",
        "qmail-queuecheck: queue/mess/6/29: nobody looks at this name"]
    assert host.sh("stat -c %U /root/secret").stdout == "root\n"


def test_a_read_only_queue_is_told(host):
    inject(host, "Fs@x|Tr@x||")
    host.sh(f"chown root {QUEUE}/mess/*/*; mount --bind {QUEUE} {QUEUE} && mount -o remount,bind,ro {QUEUE}")
    code, said = look(host)
    assert code == 1
    assert said[0] == "qmail-queuecheck: queue/mess: the file system is read-only"
    assert "qmail-queuecheck mends that" in said[1]


@pytest.mark.parametrize("spoil, said", [
    ("chmod u-s /var/qmail/bin/qmail-queue", "not setuid qmailq: it accepts no mail"),
    ("mount --bind /var/qmail/bin /var/qmail/bin && mount -o remount,bind,nosuid /var/qmail/bin",
     "the file system is mounted nosuid: it accepts no mail")])
def test_a_queue_program_without_rights_is_told(host, spoil, said):
    host.sh(spoil)
    assert look(host) == (1, [f"qmail-queuecheck: bin/qmail-queue: {said}"])


def test_an_old_queue_is_left_to_its_takeover(host):
    host.sh(f"mkdir {QUEUE}/todo && : > {QUEUE}/mess/5/457")
    assert check(host) == []


def test_links_to_other_files_are_not_followed(host):
    check(host)
    host.sh(f"echo secret > /root/secret; chmod 600 /root/secret; ln -sf /root/secret {QUEUE}/lock/tcpto")
    check(host)
    assert host.sh("stat -c '%U %a' /root/secret").stdout == "root 600\n"
    host.sh(f"rm -rf {QUEUE}/bounce; mkdir /root/dir; ln -s /root/dir {QUEUE}/bounce")
    done = host.run(["qmail-queuecheck"], check=False)
    assert (done.returncode, done.stderr) == (
        111, b"qmail-queuecheck: fatal: unable to repair queue/bounce: Not a directory\n")
    assert host.sh("stat -c %U /root/dir").stdout == "root\n"


def test_the_queue_may_lie_elsewhere(host):
    host.sh(f"mv {QUEUE} /srv/queue && ln -s /srv/queue {QUEUE} && chmod 777 /srv/queue")
    check(host)
    assert host.sh("stat -c %a /srv/queue").stdout == "750\n"


# ---- qmail-start ----

STAND_IN = """#!/usr/bin/python3
import grp, json, os, pwd, sys, time
fds = {}
for fd in range(64):
    try:
        fds[fd] = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        pass
name = os.path.basename(sys.argv[0])
umask = os.umask(0)
facts = dict(pid=os.getpid(), user=pwd.getpwuid(os.getuid())[0], group=grp.getgrgid(os.getgid())[0],
             ids=[*os.getresuid(), *os.getresgid()], groups=[grp.getgrgid(g)[0] for g in os.getgroups()],
             arguments=sys.argv[1:], fds=fds, place=os.getcwd(), umask=umask)
with open(f"/tmp/is.{name}.tmp", "w") as f:
    json.dump(facts, f)
os.rename(f"/tmp/is.{name}.tmp", f"/tmp/is.{name}")
time.sleep(100)
"""


@pytest.fixture
def stage(host):
    """The daemons are stand-ins that write down how they were started."""
    for name in (*DAEMONS, "mylogger"):
        host.write(f"/var/qmail/bin/{name}", STAND_IN, mode=0o755)
    host.sh("chmod 1777 /tmp")
    return host


DAEMONS = ("qmail-send", "qmail-lspawn", "qmail-rspawn", "qmail-clean")


class Started:
    """A tree of stand-ins, and the facts they noted."""

    def __init__(self, host, *arguments):
        self.process = host.popen(["/var/qmail/bin/qmail-start", *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        names = [*DAEMONS, *arguments[1:2]]
        assert eventually(lambda: all(os.path.exists(host.path(f"/tmp/is.{n}")) for n in names), 20)
        self.facts = {n: json.loads(host.read(f"/tmp/is.{n}")) for n in names}
        host.sh("kill " + " ".join(str(f["pid"]) for f in self.facts.values()))
        _, self.said = self.process.communicate(timeout=10)

    def who(self, name):
        f = self.facts[name]
        return [f["user"], f["group"], *f["groups"], *f["arguments"]]

    def fds(self, name):
        return {int(fd): to for fd, to in self.facts[name]["fds"].items() if "/bin/" not in to}


def test_start_builds_the_tree(stage):
    tree = Started(stage, "./Maildir/\n|x", "mylogger", "a", "b")
    assert tree.who("qmail-send") == ["qmails", "qmail", "qmail"]
    assert tree.who("qmail-lspawn") == ["root", "qmail", "qmail", "./Maildir/\n|x"]
    assert tree.who("qmail-rspawn") == ["qmailr", "qmail", "qmail"]
    assert tree.who("qmail-clean") == ["qmailq", "qmail", "qmail"]
    assert tree.who("mylogger") == ["qmaill", "nofiles", "nofiles", "a", "b"]
    for facts in tree.facts.values():
        assert len(set(facts["ids"][:3])) == len(set(facts["ids"][3:])) == 1
    assert (tree.facts["qmail-send"]["place"], tree.facts["qmail-send"]["umask"]) == ("/", 0o77)


def test_start_gives_qmailr_its_other_groups(stage):
    stage.sh("groupadd extra && usermod -a -G extra qmailr")
    assert sorted(Started(stage).who("qmail-rspawn")) == ["extra", "qmail", "qmail", "qmailr"]


def test_start_connects_the_descriptors(stage):
    tree = Started(stage)
    send = tree.fds("qmail-send")
    assert sorted(send) == list(range(7)) and len(set(send.values())) == 7
    assert tree.fds("qmail-lspawn") == {0: send[1], 1: send[2], 2: send[0]}
    assert tree.fds("qmail-rspawn") == {0: send[3], 1: send[4], 2: send[0]}
    assert tree.fds("qmail-clean") == {0: send[5], 1: send[6], 2: send[0]}
    assert tree.who("qmail-lspawn")[3:] == ["./Mailbox"]


def test_start_connects_the_logger(stage):
    tree = Started(stage, "./Mailbox", "mylogger")
    assert tree.fds("mylogger")[0] == tree.fds("qmail-send")[0] == tree.fds("qmail-clean")[2]


def test_start_survives_missing_descriptors(stage):
    stage.sh("mv /var/qmail/bin/qmail-start /var/qmail/bin/real; "
             "printf '#!/bin/sh\nexec /var/qmail/bin/real <&- >&- 2>&-\n' >/var/qmail/bin/qmail-start; "
             "chmod 755 /var/qmail/bin/qmail-start")
    tree = Started(stage)
    send = tree.fds("qmail-send")
    assert sorted(send) == list(range(7)) and send[0] == "/dev/null"
    assert tree.fds("qmail-clean") == {0: send[5], 1: send[6], 2: "/dev/null"}


def test_start_becomes_qmail_send(stage):
    stage.write("/tmp/go", "#!/bin/sh\necho $$ >/tmp/pid\nexec /var/qmail/bin/qmail-start ./Mailbox\n", mode=0o755)
    stage.sh("cp /var/qmail/bin/qmail-start /tmp/real && cp /tmp/go /var/qmail/bin/qmail-start && "
             "sed -i s:/var/qmail/bin/qmail-start:/tmp/real: /var/qmail/bin/qmail-start")
    assert Started(stage).facts["qmail-send"]["pid"] == int(stage.read("/tmp/pid"))


def test_start_repairs_the_queue(stage):
    stage.sh(f"rm {QUEUE}/lock/trigger; : > {QUEUE}/lock/trigger")
    tree = Started(stage)
    assert stage.sh(f"stat -c '%A %U' {QUEUE}/lock/trigger").stdout == "prw--w--w- qmails\n"
    assert b"qmail-start: warning: queue/lock/trigger: created" in tree.said


def test_start_takes_over_an_old_queue_first(stage):
    stage.sh(f"cd {QUEUE} && mkdir todo && echo hello > mess/7/30 && printf 'u1\\0p2\\0Fs\\0Tr\\0' > todo/30")
    Started(stage)
    assert only(stage).recipients() == [("T", "r")]


def test_start_starts_nothing_when_that_fails(stage):
    stage.sh(f"mkdir {QUEUE}/todo; echo '#!/bin/sh\nexit 111' > /var/qmail/bin/qmail-takeover; "
             "chmod 755 /var/qmail/bin/qmail-takeover")
    done = stage.run(["/var/qmail/bin/qmail-start"], check=False)
    assert (done.returncode, done.stderr) == (
        111, b"qmail-start: fatal: the old queue could not be taken over, nothing was started\n")
    assert not os.path.exists(stage.path("/tmp/is.qmail-lspawn"))


@pytest.mark.parametrize("spoil, reason", [
    ("userdel qmailr", "unable to find user qmailr"),
    ("groupdel nofiles -f", "unable to find group nofiles"),
])
def test_start_names_what_is_missing(stage, spoil, reason):
    stage.sh(spoil)
    done = stage.run(["/var/qmail/bin/qmail-start"], check=False)
    assert (done.returncode, done.stderr.decode()) == (111, f"qmail-start: fatal: {reason}\n")


def test_start_must_be_root(stage):
    stage.sh("chmod 755 /var/qmail/bin/qmail-start")
    assert stage.run(["/var/qmail/bin/qmail-start"], user="qmails", check=False).returncode == 111
