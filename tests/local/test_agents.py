"""Agents: a qmail-local that stays for its user's next delivery, and the programs that do not."""

import re
import signal
import struct
import time

import pytest

from tests.host import eventually
from tests.local.machine import CATCH, MESSAGE, Spawner, dotqmail, queue_message, queued, users_cdb

JOE = b"joe@mail.example.org"
CRASHED = ("Z", b"qmail-local crashed.\n")
DELIVERED = ("K", b"did 1+0+0\n")


@pytest.fixture
def joe(host):
    host.user("joe")
    queue_message(host)
    return host


def start(host, seconds=60, limit=100):
    host.control("agentseconds", f"{seconds}\n")
    host.control("agentlimit", f"{limit}\n")
    return Spawner(host)


@pytest.fixture
def spawner(joe):
    running = start(joe)
    yield running
    assert running.end() == 0
    assert eventually(lambda: not agents(joe)), "an agent survived its spawner"


def agents(host, user="joe"):
    return host.sh(f"pgrep -x qmail-local -u {user}", check=False).stdout.split()


def the_agent(host, user="joe"):
    assert eventually(lambda: len(agents(host, user)) == 1)
    return agents(host, user)[0]


# ---- warm is as cold ----

SCENES = [
    "./Maildir/\n", "./mbox\n", "# comment\n./Maildir/\n./mbox\n", "\n./Maildir/\n", "&ann@example.net\n./Maildir/\n",
    "|cat; echo; id; pwd; umask; ulimit -a; cat /proc/self/status | grep -E '^Sig[BCI]|^Groups|^NoNew|^Seccomp'\n",
    "|env | grep -v '^UFLINE' | sort\n", "|exit 99\n./Maildir/\n", "|exit 100\n", "|exit 111\n", "|exit 64\n",
    "|kill -9 $$\n", "|ls -l /proc/self/fd | wc -l; for f in /proc/$$/fd/*; do echo ${f##*/}; done\n", "./nowhere/\n",
    "|echo out; echo err >&2; (sleep 0.3; echo late) &\n", "|head -c 5000 /dev/zero | tr '\\0' x\n",
    "|tail -c 3; cat /dev/stdin | wc -c\n", "|wc -c\n|wc -c\n", "/etc/passwd\n", "|cat /proc/$PPID/cmdline | tr '\\0' ' '\n",
]


def play(host, spawner, scene):
    host.sh("cd ~joe && rm -rf mbox Maildir/new/* && mkdir -p Maildir/new && chown -R joe: Maildir")
    dotqmail(host, scene)
    letter, text = spawner.deliver(JOE)
    mbox = host.sh("sed 's/^From .*/From/' ~joe/mbox 2>/dev/null", check=False).stdout
    return letter, text.split(b"qp ")[0], host.maildir("joe"), mbox, queued(host)


def test_warm_and_cold_do_the_same(joe):
    cold, warm = start(joe, seconds=0), start(joe, seconds=60)
    for scene in SCENES:
        dotqmail(joe, "./Maildir/\n")
        assert warm.deliver(JOE) == DELIVERED
        assert agents(joe), "there is an agent for the scene"
        assert play(joe, warm, scene) == play(joe, cold, scene), scene
    warm.end()
    cold.end()


def test_arguments_that_look_like_options_and_extensions(joe, spawner):
    dotqmail(joe, '|printf "<%s>" "$SENDER" "$LOCAL" "$EXT" "$HOST" "$DEFAULT"\n', name=".qmail-default")
    for box in (b"joe-a", b"joe-a", b"JOE-A.b", b"JOE-A.b"):
        ext = box[4:]
        assert spawner.deliver(box + b"@Some.Host", sender=b"-n") == (
            "K", b"<-n><%s><%s><Some.Host><%s>did 0+0+1\n" % (box, ext, ext))


@pytest.mark.parametrize("seconds", [0, 60])
def test_what_belongs_to_a_message_goes_along_with_a_forward_and_with_no_other(joe, seconds):
    """Cold and warm; the report tells who answers for success (delivery_wire.h)."""
    joe.control("agentseconds", f"{seconds}\n")
    spawner = Spawner(joe, env={**CATCH, "QMAILQUEUE_EXTRAS": "1"})
    assert spawner.deliver(JOE) == DELIVERED
    assert spawner.outcome == "-"
    dotqmail(joe, "&ann@example.net\n")
    wishes = [b"Tann@example.net", b"nSUCCESS"]
    for extras, records, outcome in (((b"eid", b"nSUCCESS"), [b"eid", *wishes], "p"), (None, wishes[:1], "-"),
                                     ((b"", b""), wishes[:1], "-"), ((b"", b"nSUCCESS"), wishes, "p")):
        letter, text = spawner.deliver(JOE, extras=extras)
        assert letter == "K" and text.startswith(b"did 0+1+0\nqp ")
        assert (queued(joe)[1].split(b"\0")[1:-2], spawner.outcome) == (records, outcome)
    dotqmail(joe, "&ann@example.net\n&bob@example.net\n")
    assert spawner.deliver(JOE, extras=(b"", b"nSUCCESS"))[0] == "K"
    assert spawner.outcome == "x"
    spawner.end()


def test_nothing_of_one_delivery_is_left_for_the_next(joe, spawner):
    dotqmail(joe, "|echo secret > /dev/shm/$$; kill -STOP $PPID; kill -CONT $PPID; trap '' TERM; echo $PPID\n./Maildir/\n")
    first, second = spawner.deliver(JOE)[1], spawner.deliver(JOE)[1]
    assert first != second        # each has a process of its own
    queue_message(joe, b"a\n\nlonger than the other" * 100, number=480)
    queue_message(joe, b"short\n", number=503)
    dotqmail(joe, "|cat\n")
    for messid, text in (("20/480", b"a\n\nlonger than the other" * 100), ("20/503", b"short\n")):
        assert spawner.deliver(JOE, messid=messid) == ("K", text + b"did 0+0+1\n")


def test_a_large_message_goes_the_cold_way(joe, spawner):
    spawner.deliver(JOE)
    pid = the_agent(joe)
    queue_message(joe, b"x" * (1 << 20), number=480)
    queue_message(joe, b"x" * ((1 << 20) + 1), number=503)
    dotqmail(joe, "|echo $(wc -c) $(sed -n 's/^PPid:.//p' /proc/$PPID/status)\n")
    assert spawner.deliver(JOE, messid="20/480")[1].split()[:2] == [b"%d" % (1 << 20), pid.encode()]
    other = spawner.deliver(JOE, messid="20/503")[1].split()[:2]
    assert other[0] == b"%d" % ((1 << 20) + 1) and other[1] != pid.encode()


# ---- who shares ----

def test_users_never_share(joe, spawner):
    joe.user("ann")
    for user in ("joe", "ann"):
        dotqmail(joe, "|id -un; echo $HOME\n", user=user)
    for user in ("joe", "ann") * 3:
        assert spawner.deliver(f"{user}@h".encode())[1] == f"{user}\n/home/{user}\ndid 0+0+1\n".encode()
    assert the_agent(joe, "joe") != the_agent(joe, "ann")


def test_neither_do_homes_or_groups_or_names(joe, spawner):
    uid, gid = joe.sh("id -u joe; id -g joe").stdout.encode().split()
    joe.sh("mkdir -p /home/other && chown joe /home/other")
    rows = [(b"joe", gid, b"/home/joe"), (b"jim", gid, b"/home/joe"), (b"joe", b"12345", b"/home/joe"),
            (b"joe", gid, b"/home/other")]
    for home in ("joe", "other"):
        joe.write(f"/home/{home}/.qmail", '|echo $USER $(id -g) $HOME\n')
    users_cdb(joe, [(b"!b%d\0" % n, b"\0".join([name, uid, group, home, b"", b"", b""]))
                    for n, (name, group, home) in enumerate(rows)])
    for n, row in list(enumerate(rows)) * 2:
        assert spawner.deliver(b"b%d@h" % n) == ("K", b" ".join(row) + b"\ndid 0+0+1\n")
    assert eventually(lambda: len(agents(joe)) == len(rows))


def test_a_changed_account_is_seen_at_once(joe, spawner):
    dotqmail(joe, "|echo $HOME\n")
    assert spawner.deliver(JOE)[1] == b"/home/joe\ndid 0+0+1\n"
    joe.sh("mkdir /home/new && chown joe /home/new && echo '|echo $HOME' > /home/new/.qmail")
    joe.sh("sed -i 's|:/home/joe:|:/home/new:|' /etc/passwd")
    assert spawner.deliver(JOE)[1] == b"/home/new\ndid 0+0+1\n"


# ---- ends ----

def test_idle_agents_go(joe):
    spawner = start(joe, seconds=1)
    spawner.deliver(JOE)
    the_agent(joe)
    time.sleep(0.5)
    assert agents(joe)
    assert eventually(lambda: not agents(joe), 3)
    assert spawner.deliver(JOE) == DELIVERED
    spawner.end()


def test_they_are_bounded(joe):
    spawner = start(joe, limit=2)
    dotqmail(joe, "|sleep 0.5\n")
    for slot in range(6):
        spawner.command((slot, JOE))
    for slot in range(6):
        assert spawner.report()[1:] == ("K", b"did 0+0+1\n")
    assert eventually(lambda: len(agents(joe)) == 2)
    spawner.end()


def test_there_are_none_if_none_are_wanted(joe):
    for more in ({"seconds": 0}, {"limit": 0}):
        spawner = start(joe, **more)
        assert spawner.deliver(JOE) == DELIVERED
        assert eventually(lambda: not agents(joe))
        spawner.end()


def test_killed_while_idle_costs_nothing(joe, spawner):
    for _ in range(3):
        assert spawner.deliver(JOE) == DELIVERED
        joe.sh(f"kill -9 {the_agent(joe)}")
        assert eventually(lambda: not agents(joe))


def test_killed_at_work_defers_and_the_delivery_does_not_happen_all_the_same(joe, spawner):
    assert spawner.deliver(JOE) == DELIVERED
    pid = the_agent(joe)
    dotqmail(joe, "|kill -9 $(sed -n 's/^PPid:.//p' /proc/$PPID/status); sleep 0.2\n./mbox\n")
    assert spawner.deliver(JOE) == CRASHED
    assert pid not in agents(joe)
    assert joe.sh("cat ~joe/mbox", check=False).stdout == ""
    dotqmail(joe, "./Maildir/\n")
    assert spawner.deliver(JOE) == DELIVERED


def test_killed_in_its_first_delivery_too(joe, spawner):
    dotqmail(joe, "|kill -9 $(sed -n 's/^PPid:.//p' /proc/$PPID/status); sleep 0.2\n./mbox\n")
    assert spawner.deliver(JOE) == CRASHED
    assert joe.sh("cat ~joe/mbox", check=False).stdout == ""


def test_the_child_killed_is_a_crash_and_the_agent_stays(joe, spawner):
    assert spawner.deliver(JOE) == DELIVERED
    pid = the_agent(joe)
    dotqmail(joe, "|kill -9 $PPID; sleep 0.2\n")
    assert spawner.deliver(JOE) == CRASHED
    assert agents(joe) == [pid]


def test_kills_at_any_moment_never_report_what_did_not_happen(joe, spawner):
    """Each K is a message in the Maildir. More may be there: a kill after the commit is a Z, and a second delivery."""
    done = 0
    for n in range(60):
        killer = joe.popen(["sh", "-c", f"sleep 0.0{n % 30:02}; pkill -9 -x qmail-local"])
        for _ in range(4):
            letter, text = spawner.deliver(JOE)
            done += letter == "K"
            assert letter == "K" or (letter, text) == CRASHED
        killer.wait()
    assert done <= len(joe.maildir("joe")) and done > 60


# ---- an end by force ----

TOO_LONG = ("Z", b"The delivery took too long, so it was ended (control/timeoutlocal). (#4.3.0)\n")
STUBBORN = "|trap '' TERM; touch ~/at-work; exec 3>&1; while :; do sleep 0.1; done; echo never\n"
FORCED = 12         # seconds that are enough for the end of one second's limit and all that follows


def limited(host, seconds=1, agents=60):
    host.control("timeoutlocal", f"{seconds}\n")
    return start(host, seconds=agents)


def left_over(host, user="joe"):
    return host.sh(f"pgrep -u {user} -x 'sleep|sh|python3|qmail-local'", check=False).stdout.split()


@pytest.mark.parametrize("agents_stay", [60, 0])
@pytest.mark.parametrize("deeds", ["|sleep 1000; true\n", STUBBORN, "|sleep 1000 & sleep 2000; true\n"])
def test_a_delivery_has_an_end_and_so_has_its_group(joe, agents_stay, deeds):
    spawner = limited(joe, agents=agents_stay)
    dotqmail(joe, deeds)
    spawner.command((7, JOE))
    assert spawner.report(FORCED) == (7, *TOO_LONG)
    assert eventually(lambda: not left_over(joe))
    dotqmail(joe, "./Maildir/\n")
    assert spawner.deliver(JOE) == DELIVERED
    spawner.end()


def test_a_program_may_tidy_up_at_its_end(joe):
    spawner = limited(joe)
    dotqmail(joe, "|trap 'sleep 0.5; touch tidy; exit 0' TERM; while :; do sleep 0.1; done\n")
    spawner.command((7, JOE))
    assert spawner.report(FORCED) == (7, *TOO_LONG)
    joe.sh("test -e ~joe/tidy")
    spawner.end()


SANITIZERS = sum(1 << (number - 1) for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE))     # catch these in each program


@pytest.mark.parametrize("shell", ["", "; true"], ids=["within", "started"])
def test_a_program_of_ours_is_told_to_end_as_others_are(joe, shell):
    spawner = start(joe)
    dotqmail(joe, f"|except sh -c 'grep SigCgt /proc/$PPID/status; exit 1'{shell}\n")
    letter, text = spawner.deliver(JOE)
    spawner.end()
    caught = re.match(rb"SigCgt:\t([0-9a-f]+)\n", text)
    assert letter == "K" and int(caught[1], 16) & ~SANITIZERS == 0, text


def test_an_agent_that_is_stopped_has_an_end(joe):
    spawner = limited(joe)
    assert spawner.deliver(JOE) == DELIVERED
    joe.sh(f"kill -STOP {the_agent(joe)}")
    spawner.command((7, JOE))
    assert spawner.report(FORCED) == (7, *TOO_LONG)
    assert spawner.deliver(JOE) == DELIVERED
    spawner.end()


def test_who_keeps_the_output_of_a_delivery_that_has_ended_does_not_keep_its_verdict(joe):
    spawner = limited(joe)
    for code, letter in ((0, "K"), (100, "D")):
        dotqmail(joe, f"|echo said; setsid sleep 1000 & exit {code}\n")
        spawner.command((7, JOE))
        got, what, text = spawner.report(FORCED)
        assert (got, what) == (7, letter) and text.startswith(b"said\n")
    assert left_over(joe), "what the user sent into the background is his"
    spawner.end()


def test_without_a_limit_there_is_no_end(joe):
    spawner = limited(joe, seconds=0)
    dotqmail(joe, "|sleep 2\n")
    assert spawner.deliver(JOE) == ("K", b"did 0+0+1\n")
    spawner.end()


def test_all_can_be_ended_at_once(joe, spawner):
    end = struct.pack("<I", 4) + b"-" + bytes(3)
    joe.user("ann")
    dotqmail(joe, STUBBORN)
    dotqmail(joe, "|sleep 1000 & sleep 1000\n", user="ann")
    for slot in range(6):
        spawner.command((slot, (b"joe@h", b"ann@h")[slot % 2]))
    assert eventually(lambda: len(left_over(joe, "ann")) >= 6)
    spawner.process.stdin.write(end + end)
    reports = sorted(spawner.report(FORCED) for _ in range(6))
    assert reports == [(n, "E", b"The delivery had not ended when mail delivery was stopped. (#4.3.0)\n") for n in range(6)]
    assert eventually(lambda: not left_over(joe) and not left_over(joe, "ann"))
    dotqmail(joe, "./Maildir/\n")
    assert spawner.deliver(JOE) == DELIVERED


# ---- programs that are not ours ----

OPEN = """
import os, sys
def is_open(fd):
    try: return bool(os.fstat(fd))
    except OSError: return False
print(len(sys.argv) - 1, *[fd for fd in range(1000) if is_open(fd)], len(os.read(0, 9999)))
"""


def wrap(host, in_place, line='echo wrapped$QMAILAGENT; exec "$0.real" "$@"'):
    host.sh("cd /var/qmail/bin && cp -p qmail-local qmail-local.real" + ("" if in_place else " && rm qmail-local"))
    if in_place:     # the system does not let a running program be written to
        host.sh("pkill -9 -x qmail-local", check=False)
        assert eventually(lambda: not agents(host))
    host.write("/var/qmail/bin/qmail-local", f"#!/bin/sh\n{line}\n", mode=0o755)


@pytest.mark.parametrize("in_place", [True, False])
def test_a_wrapper_is_asked_each_time(joe, spawner, in_place):
    assert spawner.deliver(JOE) == DELIVERED       # an agent of the program that was there before
    wrap(joe, in_place)
    for _ in range(3):
        assert spawner.deliver(JOE) == ("K", b"wrapped\ndid 1+0+0\n")
    assert eventually(lambda: not agents(joe))


def test_another_program_has_three_descriptors_and_its_arguments(joe, spawner):
    spawner.deliver(JOE)
    joe.write("/tmp/open.py", OPEN)
    wrap(joe, True, 'exec /usr/bin/python3 /tmp/open.py "$@"')
    for _ in range(2):
        assert spawner.deliver(JOE) == ("K", b"9 0 1 2 %d\n" % len(MESSAGE))


def test_ours_put_back_is_warm_again(joe, spawner):
    wrap(joe, False)
    spawner.deliver(JOE)
    joe.sh("cd /var/qmail/bin && mv qmail-local.real qmail-local")
    assert spawner.deliver(JOE) == DELIVERED
    the_agent(joe)


# ---- whom an agent obeys ----

def abstract_names(host):
    return {line.split()[7] for line in host.sh("cat /proc/net/unix").stdout.splitlines() if " @" in line}


def test_there_is_no_name_that_anybody_could_own(joe):
    before = abstract_names(joe)
    spawner = start(joe)
    assert spawner.deliver(JOE) == DELIVERED
    the_agent(joe)
    assert abstract_names(joe) == before
    spawner.end()


def test_without_its_spawner_an_agent_does_what_it_was_started_for_and_goes(joe):
    joe.user("ann")
    spawner = start(joe)
    dotqmail(joe, "|touch at-work; while ! test -e go; do sleep 0.05; done; touch done\n")
    assert spawner.deliver(b"ann@h") == DELIVERED
    spawner.command((1, JOE))
    assert eventually(lambda: joe.sh("test -e ~joe/at-work", check=False).returncode == 0)
    joe.sh("pkill -9 -x qmail-lspawn")
    assert eventually(lambda: not agents(joe, "ann")), "an idle one goes at once"
    assert agents(joe)
    joe.sh("touch ~joe/go")
    assert eventually(lambda: not agents(joe))
    joe.sh("test -e ~joe/done")
    spawner.process.wait(10)


def test_another_process_with_its_socket_speaks_for_nobody(joe, spawner):
    """What a user does to his own agent costs him his own delivery."""
    joe.write("/tmp/speak.py", "import os, socket, sys\n"
              "pid = int(sys.argv[1])\n"
              "fd = os.pidfd_open(pid)\n"
              "import ctypes\n"
              "got = ctypes.CDLL(None).syscall(438, fd, 3, 0)\n"
              "socket.socket(fileno=got).send(b'\\0\\0\\0\\0-')\n")
    assert spawner.deliver(JOE) == DELIVERED
    agent = the_agent(joe)
    assert joe.sh(f"readlink /proc/{agent}/fd/3").stdout.startswith("socket:")
    dotqmail(joe, f"|/usr/bin/python3 /tmp/speak.py {agent} && sleep 0.3; exit 100\n")
    letter, text = spawner.deliver(JOE)
    assert letter == "Z" or (letter, text) == ("D", b""), "it is no success that nobody had"
    dotqmail(joe, "./Maildir/\n")
    assert eventually(lambda: spawner.deliver(JOE) == DELIVERED)


# ---- where it stands ----

def test_an_idle_agent_does_not_keep_a_file_system_from_being_unmounted(joe, spawner):
    joe.sh("mount -t tmpfs tmpfs /home/joe && chown joe: /home/joe && chmod 755 /home/joe && maildirmake ~joe/Maildir && "
           "chown -R joe: /home/joe")
    for deeds in ("./Maildir/\n", "|true\n", "./Maildir/\n|true\n./Maildir/\n"):
        dotqmail(joe, deeds)
        assert [spawner.deliver(JOE)[0] for _ in range(3)] == ["K"] * 3
        assert joe.sh(f"readlink /proc/{the_agent(joe)}/cwd").stdout == "/\n"
    joe.sh("umount /home/joe")
    assert agents(joe)


# ---- nothing leaks ----

def test_the_spawner_keeps_no_descriptors(joe):
    spawner = start(joe, seconds=1)
    pid = joe.sh("pgrep -x qmail-lspawn").stdout.strip()

    def descriptors():
        return joe.sh(f"ls /proc/{pid}/fd | wc -l").stdout
    before = descriptors()
    for _ in range(50):
        spawner.deliver(JOE)
    assert eventually(lambda: not agents(joe), 4)
    assert eventually(lambda: descriptors() == before)
    spawner.end()


def test_an_agent_holds_its_socket_and_what_serves_again(joe, spawner):
    nothing = ["/dev/null"] * 3 + ["socket", "/dev/null"]
    kept = ["/memfd", "pipe", "pipe", "socket", "/dev/null"]

    def held():
        return [place.split(":")[0] for place in joe.sh(f"readlink /proc/{the_agent(joe)}/fd/*").stdout.splitlines()]

    for deeds in ("./Maildir/\n", "|true\n", "./Maildir/\n"):
        dotqmail(joe, deeds)
        for _ in range(3):
            spawner.deliver(JOE)
        assert eventually(lambda: held() == (kept if "Maildir" in deeds else nothing))
    assert joe.sh(f"cat /proc/{the_agent(joe)}/fd/0").stdout == "", "no message is kept"


def test_a_delivery_that_fails_ends_its_agent_and_says_what_a_cold_one_says(joe, spawner):
    spawner.deliver(JOE)
    before = the_agent(joe)
    joe.sh("rm -r ~joe/Maildir")
    assert spawner.deliver(JOE) == ("Z", b"Unable to chdir to maildir. (#4.2.1)\n")
    assert eventually(lambda: before not in agents(joe))
    joe.sh("maildirmake ~joe/Maildir && chown -R joe: ~joe/Maildir")
    assert spawner.deliver(JOE) == DELIVERED


def test_a_delivery_that_only_fills_a_maildir_is_made_by_the_agent_itself(joe, spawner):
    spawner.deliver(JOE)
    agent = the_agent(joe)
    assert [spawner.deliver(JOE) for _ in range(3)] == [DELIVERED] * 3
    assert len(joe.maildir("joe")) == 4
    assert all(f"P{agent}Q" in name for name in joe.sh("ls ~joe/Maildir/new").stdout.split())


def test_long_and_short_messages_follow_each_other(joe, spawner):
    texts = [b"a\n\nlonger than the others\n" * 9000, b"b\n\n", b"c\n\nshort\n", b"", b"d\n\n" + b"x" * 70000]
    for n, text in enumerate(texts * 2):
        queue_message(joe, text, number=480)
        assert spawner.deliver(JOE, messid="20/480") == DELIVERED
        taken, = joe.maildir("joe")
        assert taken.split(b"\n", 2)[2] == text, n
        joe.sh("rm ~joe/Maildir/new/*")


def test_who_still_has_a_message_does_not_see_the_next(joe, spawner):
    queue_message(joe, b"secret\n", number=480)
    for _ in range(2):
        assert spawner.deliver(JOE) == DELIVERED
    agent = the_agent(joe)
    dotqmail(joe, "|exec 3<&0; (while ! test -e ~/go; do sleep 0.01; done; cat <&3; echo late) &\n")
    spawner.command((1, JOE))
    assert eventually(lambda: joe.sh(f"ls -l /proc/{agent}/fd/1").stdout.endswith("/dev/null\n"))
    dotqmail(joe, "./Maildir/\n")
    for _ in range(3):
        assert spawner.deliver(JOE, messid="20/480") == DELIVERED
    assert the_agent(joe) == agent
    joe.sh("touch ~joe/go")
    assert spawner.report() == (1, "K", b"did 0+0+1\n" + MESSAGE + b"late\n")


# ---- commits are shared ----

def at_once(host, spawner, n):
    """Deliveries of so many messages begin one right after the other."""
    names = [queue_message(host, number=457 + i) for i in range(n)]
    spawner.process.stdin.write(b"".join(spawner.packed((slot, JOE), messid=name) for slot, name in enumerate(names)))
    assert {spawner.report()[1] for _ in range(n)} == {"K"}


def waits(host, deed):
    """How often agents waited before their fsync."""
    tracers = [host.popen(["strace", "-qq", "-o", f"/tmp/calls.{pid}", "-e", "trace=clock_nanosleep,fsync", "-p", pid])
               for pid in agents(host)]
    assert eventually(lambda: not host.sh("pgrep -x qmail-local | xargs -I% grep -l 'TracerPid:.0$' /proc/%/status",
                                          check=False).stdout)
    deed()
    host.sh("pkill -x strace")
    for tracer in tracers:
        tracer.wait()
    calls = host.sh("cat /tmp/calls.*; rm /tmp/calls.*").stdout
    assert "fsync" in calls
    return calls.count("clock_nanosleep")


def deliver_far_from_others(spawner):
    time.sleep(0.1)      # twice COMMIT_DELAY_MAX_US
    spawner.deliver(JOE)


def test_an_agent_waits_for_the_next_message_only_when_it_is_near_and_few_are_under_way(joe, spawner):
    at_once(joe, spawner, 6)
    assert waits(joe, lambda: deliver_far_from_others(spawner)) == 0
    # The first is not near another; behind the second and the third too many are under way.
    assert eventually(lambda: waits(joe, lambda: at_once(joe, spawner, 6)) == 2)


def test_a_delivery_into_several_maildirs_waits_once(joe, spawner):
    dotqmail(joe, "./Maildir/\n./Maildir/\n./Maildir/\n")
    at_once(joe, spawner, 6)
    assert eventually(lambda: waits(joe, lambda: at_once(joe, spawner, 6)) == 2)


def test_what_only_fills_maildirs_is_told_to_be_light_before_its_end(joe):
    joe.control("concurrencylocal", "2\n")
    spawner = start(joe)
    dotqmail(joe, "./Maildir/\n./Maildir/\n")
    for _ in range(2):
        at_once(joe, spawner, 6)
    assert len(spawner.light) >= 10, "but for those that began while no other held a place"
    spawner.light.clear()
    for line in ("|true", "&ann@else.example", "./mbox"):
        dotqmail(joe, f"./Maildir/\n{line}\n")
        at_once(joe, spawner, 4)
        assert not spawner.light, line
    spawner.end()


def test_nobody_is_asked_to_tell_while_half_of_the_places_are_free(joe):
    joe.control("concurrencylocal", "100\n")
    spawner = start(joe)
    for _ in range(2):
        at_once(joe, spawner, 6)
        assert len(spawner.light) == len(agents(joe)), "but for the first of each process"
    spawner.end()


def test_a_delivery_without_agents_is_never_light(joe):
    joe.control("concurrencylocal", "1\n")
    spawner = start(joe, seconds=0)
    at_once(joe, spawner, 3)
    assert not spawner.light
    spawner.end()


def test_no_agent_waits_where_that_would_hold_up_others(joe):
    joe.control("concurrencylocal", "3\n")
    spawner = start(joe)
    at_once(joe, spawner, 6)
    assert [waits(joe, lambda: at_once(joe, spawner, 6)) for _ in range(3)] == [0, 0, 0]
    spawner.end()
