"""qmailctl: every verb, on a tree that is up, half up and down. The services are small scripts that log what
happens to them, so that nothing but qmailctl and supervise is under test."""

import json
import shutil
import time

import pytest

from tests.host import eventually

SERVICE = """#!/bin/sh
[ $# = 1 ] || exec sh "$PWD/run" running
exec 2>&1
for s in HUP ALRM CONT; do trap "echo got $s" $s; done
trap 'echo leaving; exit 0' TERM
echo 'status: local 0/10 remote 0/20'
echo 'tcpserver: status: 0/20'
while :; do sleep 0.1; done
"""
STUBBORN = SERVICE.replace("'echo leaving; exit 0'", "'echo not yet'")
SERVICES = ["qmail-auth", "qmail-limits", "qmail-pop3d", "qmail-pop3s", "qmail-primary", "qmail-queue", "qmail-send", "qmail-smtpd", "qmail-sts", "qmail-tls", "qmail-users"]
IN_ORDER = ("qmail-send", "qmail-users", "qmail-auth", "qmail-limits", "qmail-tls", "qmail-sts", "qmail-primary", "qmail-pop3d", "qmail-pop3s", "qmail-queue", "qmail-smtpd")


@pytest.fixture
def tree(host):
    """A host whose three services are scripts, being scanned, with none started yet by qmailctl."""
    host.sh("cd /var/qmail/supervise && rm -r qmail-submission qmail-submissions qmail-odmr qmail-serial qmail-qmtpd qmail-qmqpd")
    for name in SERVICES:
        host.write(f"/var/qmail/supervise/{name}/run", SERVICE, mode=0o755)
    for tool, output in (("qmail-qstat", "messages in queue: 3\\nmessages in queue but not yet preprocessed: 1\\n"),
                         ("qmail-qread", "the queue\\n"), ("qmail-tcpok", "")):
        host.write(f"/var/qmail/bin/{tool}", f"#!/bin/sh\nprintf '{output}'\n", mode=0o755)
    host.sh("mkdir -p /service")
    return host


SCANS = {
    "daemontools": "svscan /service 2>&1 | readproctitle service errors: " + "." * 200,
    "s6": "exec s6-svscan /service",
    "runit": "exec runsvdir /service",
}


def scan_by(host, tool):
    if not shutil.which(SCANS[tool].removeprefix("exec ").split()[0]):
        pytest.skip(f"no {tool} here")
    host.scan = host.popen(["sh", "-c", SCANS[tool]])
    # Until the shell has become the scanning program, nobody scans.
    assert eventually(lambda: host.sh("pgrep -x 'svscan|runsvdir|s6-svscan'", check=False).returncode == 0)


def scan(host):
    scan_by(host, "daemontools")


def up(host):
    """Linked before the scan begins, so that nobody waits for its next round."""
    host.sh("ln -s /var/qmail/supervise/* /service/")
    scan(host)
    assert eventually(lambda: host.sh("svok /service/qmail-send", check=False).returncode == 0)
    assert ctl(host, "start").returncode == 0
    return host


def ctl(host, words, **more):
    return host.sh(f"qmailctl {words}", check=False, **more)


def states(host):
    lines = host.sh("svstat /service/* /service/*/log").stdout.splitlines()
    return {line.split(":")[0].removeprefix("/service/"): line.split(": ", 1)[1].split(" ")[0] for line in lines}


def pid(host, service):
    return host.sh(f"svstat /service/{service}").stdout.split("(pid ")[1].split(")")[0]


# ---- start ----

def test_start_links_and_waits_until_all_are_up(tree):
    scan(tree)
    done = ctl(tree, "start")
    assert (done.returncode, done.stderr) == (0, ""), done
    assert done.stdout.splitlines()[0] == "Starting qmail"
    assert set(states(tree)) == {s + log for s in SERVICES for log in ("", "/log")}
    assert set(states(tree).values()) == {"up"}


def test_start_without_a_scan_says_so_at_once(tree):
    done = ctl(tree, "start", timeout=8)
    assert done.returncode == 111
    assert done.stdout.splitlines() == ["Starting qmail", "qmail-send supervise not running",
                                        "qmail-users supervise not running", "qmail-auth supervise not running",
                                        "qmail-limits supervise not running",
                                        "qmail-tls supervise not running", "qmail-sts supervise not running",
                                        "qmail-primary supervise not running",
                                        "qmail-pop3d supervise not running", "qmail-pop3s supervise not running",
                                        "qmail-queue supervise not running", "qmail-smtpd supervise not running"]
    assert "qmail-setup start" in done.stderr


def test_start_again_changes_nothing(tree):
    up(tree)
    before = [pid(tree, s) for s in SERVICES]
    assert ctl(tree, "start").returncode == 0
    assert [pid(tree, s) for s in SERVICES] == before


def test_start_names_the_service_that_dies_and_shows_its_log(tree):
    tree.write("/var/qmail/supervise/qmail-smtpd/run", "#!/bin/sh\necho no port for me\nexit 1\n", mode=0o755)
    scan(tree)
    done = ctl(tree, "start")
    assert done.returncode == 111
    assert "qmailctl: qmail-smtpd does not stay up" in done.stderr and "no port for me" in done.stderr
    assert "qmail-send does not" not in done.stderr


def test_start_shows_what_the_scan_says_of_a_run_file_that_cannot_run(tree):
    tree.write("/var/qmail/supervise/qmail-smtpd/run", "#!/bin/sh\n", mode=0o644)
    scan(tree)
    done = ctl(tree, "start")
    assert done.returncode == 111
    assert "the scan of /service says:" in done.stderr and "unable to start qmail-smtpd/run" in done.stderr


def test_a_service_marked_down_starts_only_when_named(tree):
    tree.sh("touch /var/qmail/supervise/qmail-pop3d/down")
    scan(tree)
    done = ctl(tree, "start")
    assert done.returncode == 0 and "qmail-pop3d is marked down" in done.stdout
    assert states(tree)["qmail-pop3d"] == "down"
    assert ctl(tree, "stat").returncode == 0
    assert ctl(tree, "start qmail-pop3d").returncode == 0
    assert states(tree)["qmail-pop3d"] == "up"


def test_a_new_directory_is_a_service(tree):
    tree.write("/var/qmail/supervise/qmail-extra/run", SERVICE, mode=0o755)
    up(tree)
    assert states(tree)["qmail-extra"] == "up"
    assert "/service/qmail-extra: up" in ctl(tree, "stat").stdout


def test_nothing_is_made_below_directories_of_others(tree):
    """Anybody may make a directory in /var/lock."""
    tree.sh("mkdir -m 777 -p /run/lock; chmod 1777 /run/lock")
    tree.sh("mkdir /var/lock/subsys && ln -s /etc/nologin /var/lock/subsys/qmail", user="qmaild")
    up(tree)
    tree.sh("test ! -e /etc/nologin && test -L /var/lock/subsys/qmail")
    ctl(tree, "stop")
    tree.sh("test -L /var/lock/subsys/qmail")


def test_what_logs_and_the_scan_say_cannot_move_the_terminal(tree):
    tree.write("/var/qmail/supervise/qmail-smtpd/run",
               "#!/bin/sh\nprintf 'look: \\033]0;owned\\007 \\302\\233 %s\\n' '\\0337'\nexit 1\n", mode=0o755)
    tree.sh("mkdir \"$(printf '/service/\\033[2J')\"")
    scan(tree)
    done = tree.run(["qmailctl", "start"], check=False)
    assert b"look: ?]0;owned? ?? \\0337" in done.stderr and b"unable to start ?[2J/run" in done.stderr
    assert all(32 <= byte < 127 or byte == 10 for byte in done.stdout + done.stderr)


def test_only_roots_processes_scan(tree):
    """A process of anybody's, even a setuid program that he started under such a name."""
    tree.sh("cp /usr/bin/sleep /usr/local/bin/svscan; cp /usr/bin/sleep /usr/local/bin/readproctitle; "
            "chmod 4755 /usr/local/bin/readproctitle")
    for name in ("svscan", "readproctitle"):
        tree.popen([f"/usr/local/bin/{name}", "100"], user="qmaild")
    assert eventually(lambda: tree.sh("pgrep -c 'svscan|readproctitle'", check=False).stdout == "2\n")
    done = ctl(tree, "start", timeout=8)
    assert done.returncode == 111 and "says:" not in done.stderr


@pytest.mark.parametrize("planted", ["ln -s /etc/shadow current", "mkfifo current"])
def test_the_end_of_a_log_is_read_as_its_owner(tree, planted):
    tree.write("/var/qmail/supervise/qmail-smtpd/run", "#!/bin/sh\nexit 1\n", mode=0o755)
    tree.sh("rm -rf /var/qmail/supervise/qmail-smtpd/log; echo secret:1 >> /etc/shadow")
    tree.sh(f"cd /var/log/qmail/qmail-smtpd && {planted}", user="qmaill")
    scan(tree)
    done = ctl(tree, "start", timeout=30)
    assert done.returncode == 111 and "qmail-smtpd does not stay up" in done.stderr and "secret" not in done.stderr


@pytest.mark.parametrize("tool", SCANS)
def test_every_verb_under_each_supervisor(tree, tool):
    scan_by(tree, tool)
    assert ctl(tree, "start").returncode == 0
    told = json.loads(ctl(tree, "stat --json").stdout)["services"]
    assert [(s["name"], s["state"], s["log_up"]) for s in told] == [(s, "up", True) for s in IN_ORDER]
    before = {s["name"]: s["pid"] for s in told}
    assert ctl(tree, "reload").returncode == 0
    assert eventually(lambda: "got HUP" in tree.log("qmail-send"))
    assert ctl(tree, "pause qmail-smtpd").returncode == 0
    assert eventually(lambda: ", paused" in ctl(tree, "stat qmail-smtpd").stdout)
    assert ctl(tree, "cont").returncode == 0
    assert ctl(tree, "restart").returncode == 0
    after = {s["name"]: s["pid"] for s in json.loads(ctl(tree, "stat --json").stdout)["services"]}
    assert all(after[s] and after[s] != before[s] for s in SERVICES)
    assert ctl(tree, "stat").returncode == 0
    assert (ctl(tree, "stop").returncode, ctl(tree, "stat").returncode) == (0, 111)
    assert all(s["state"] == "down" and not s["log_up"] for s in json.loads(ctl(tree, "stat --json").stdout)["services"])


def test_a_service_that_waits_before_it_fails_is_not_up(tree):
    tree.write("/var/qmail/supervise/qmail-smtpd/run", "#!/bin/sh\nsleep 2.5\nexit 1\n", mode=0o755)
    scan(tree)
    done = ctl(tree, "start")
    assert done.returncode == 111 and "qmailctl: qmail-smtpd does not stay up" in done.stderr
    assert "waiting for qmail-smtpd to stay up, 6 seconds at most" in done.stdout


def test_a_scan_of_another_place_is_waited_for_once_and_aloud(tree):
    tree.sh("mkdir /run/elsewhere")
    tree.popen(["svscan", "/run/elsewhere"])
    assert eventually(lambda: tree.sh("pgrep -x svscan", check=False).returncode == 0)
    start = time.monotonic()
    done = ctl(tree, "start", timeout=60)
    assert done.returncode == 111 and time.monotonic() - start < 30
    assert done.stdout.splitlines()[1] == "  waiting for the scan of /service to see what is new, 10 seconds at most"


def test_debian_has_its_own_directory(tree):
    tree.sh("rmdir /service; mkdir -p /etc/service")
    assert ctl(tree, "scandir").stdout == "/etc/service\n"
    tree.sh("mkdir /service")
    assert ctl(tree, "scandir").stdout == "/service\n"


# ---- logs ----

def test_a_log_is_where_its_multilog_writes(tree):
    assert ctl(tree, "logs").stdout == "".join(f"/var/log/qmail/{s}\n" for s in IN_ORDER)
    tree.sh("mkdir /var/log/qmail/smtpd; chown qmaill /var/log/qmail/smtpd")
    tree.write("/var/qmail/supervise/qmail-send/log/run", "#!/bin/sh\nexec /usr/bin/setuidgid qmaill /usr/bin/multilog t /var/log/qmail\n", mode=0o755)
    tree.write("/var/qmail/supervise/qmail-smtpd/log/run",
               "#!/bin/sh\n# multilog t /nowhere\nDIR=/var/log/qmail/smtpd\nexec setuidgid qmaill \\\n  multilog t '-* /no' '+*' \"$DIR\"\n", mode=0o755)
    tree.write("/var/qmail/supervise/qmail-pop3d/log/run", "#!/bin/sh\nexec multilog t ./main\n", mode=0o755)
    assert ctl(tree, "logs qmail-send").stdout == "/var/log/qmail\n"
    up(tree)
    assert ctl(tree, "logs qmail-send qmail-smtpd qmail-pop3d").stdout.split() == [
        "/var/log/qmail", "/var/log/qmail/smtpd", "/var/qmail/supervise/qmail-pop3d/log/./main"]


def test_last_words_come_from_wherever_the_log_is(tree):
    tree.write("/var/qmail/supervise/qmail-smtpd/log/run",
               "#!/bin/sh\nexec setuidgid qmaill multilog t /var/log/qmail/smtpd\n", mode=0o755)
    tree.write("/var/qmail/supervise/qmail-smtpd/run", "#!/bin/sh\necho no port for me\nexit 1\n", mode=0o755)
    tree.sh("mkdir /var/log/qmail/smtpd; chown qmaill /var/log/qmail/smtpd")
    scan(tree)
    done = ctl(tree, "start")
    assert done.returncode == 111
    assert "the end of its log in /var/log/qmail/smtpd:" in done.stderr and "no port for me" in done.stderr


# ---- stop ----

def test_stop_takes_the_door_first_and_waits(tree):
    up(tree)
    done = ctl(tree, "stop")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.splitlines() == ["Stopping qmail...", *(f"  {s}" for s in reversed(IN_ORDER))]
    assert set(states(tree).values()) == {"down"}
    assert "leaving" in tree.log("qmail-send")


def test_stop_of_a_stopped_tree_is_no_trouble(tree):
    up(tree)
    ctl(tree, "stop")
    assert ctl(tree, "stop").returncode == 0


def test_stop_without_a_tree_says_that_nothing_was_stopped(tree):
    tree.sh("touch /var/qmail/supervise/qmail-pop3d/down")
    done = ctl(tree, "stop")
    assert done.returncode == 111
    assert done.stderr.splitlines() == [f"qmailctl: nobody looks after {s}, so that nothing was stopped"
                                        for s in ("qmail-smtpd", "qmail-queue", "qmail-pop3s", "qmail-primary", "qmail-sts", "qmail-tls", "qmail-limits", "qmail-auth", "qmail-users", "qmail-send")]


def test_stop_says_what_it_waits_for_and_gives_up(tree):
    tree.write("/var/qmail/supervise/qmail-send/run",
               STUBBORN.replace("local 0/10", "local 2/10"), mode=0o755)
    up(tree)
    done = ctl(tree, "stop", env={"QMAILCTL_WAIT": "2"}, timeout=20)
    assert done.returncode == 111
    assert "waiting for qmail-send (pid" in done.stdout and "local 2/10 remote 0/20" in done.stdout
    assert "still busy" in done.stderr
    assert states(tree)["qmail-smtpd"] == "down"
    assert states(tree)["qmail-send/log"] == "up", "the log hears the end"


def test_stop_and_start_of_one(tree):
    up(tree)
    assert ctl(tree, "stop qmail-smtpd").stdout == "Stopping qmail...\n  qmail-smtpd\n"
    assert states(tree)["qmail-smtpd"] == "down" and states(tree)["qmail-send"] == "up"
    assert ctl(tree, "stat").returncode == 111
    assert ctl(tree, "start qmail-smtpd").returncode == 0


# ---- restart ----

def test_restart_replaces_every_process(tree):
    up(tree)
    before = {s: pid(tree, s) for s in SERVICES}
    done = ctl(tree, "restart")
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == [
        "Restarting qmail:", "* Stopping qmail-smtpd.", "* Sending qmail-send SIGTERM and restarting.",
        "* Restarting qmail-smtpd.", "* Restarting qmail-users.", "* Restarting qmail-auth.", "* Restarting qmail-limits.", "* Restarting qmail-tls.",
        "* Restarting qmail-sts.", "* Restarting qmail-primary.",
        "* Restarting qmail-pop3d.", "* Restarting qmail-pop3s.", "* Restarting qmail-queue."]
    assert all(pid(tree, s) != before[s] for s in SERVICES)


def test_restart_of_all_starts_nothing_that_is_not_wanted(tree):
    tree.sh("touch /var/qmail/supervise/qmail-pop3d/down")
    up(tree)
    done = ctl(tree, "restart")
    assert done.returncode == 0 and "qmail-pop3d" not in done.stdout
    assert states(tree)["qmail-pop3d"] == "down"


def test_restart_of_one_leaves_the_others(tree):
    up(tree)
    before = {s: pid(tree, s) for s in SERVICES}
    assert ctl(tree, "restart qmail-send").stdout == "Restarting qmail:\n* Restarting qmail-send.\n"
    assert [s for s in SERVICES if pid(tree, s) != before[s]] == ["qmail-send"]


@pytest.mark.parametrize("verb", ["restart", "reload"])
def test_a_control_file_that_nobody_can_read_is_told(tree, verb):
    up(tree)
    tree.sh("chmod 600 /var/qmail/control/rcpthosts; rm -f /var/qmail/control/smtproutes; mkdir /var/qmail/control/smtproutes")
    done = ctl(tree, verb)
    assert done.returncode == 111
    assert done.stderr.splitlines() == [
        "qmailctl: control/rcpthosts: not readable for all: the programs that need it run as several users; chmod 644",
        "qmailctl: control/smtproutes: unable to read: Is a directory"]


def test_restart_without_a_tree(tree):
    done = ctl(tree, "restart")
    assert done.returncode == 111 and "supervise not running" in done.stdout


# ---- signals ----

@pytest.mark.parametrize("verbs, line, signal", [
    (["doqueue", "alrm", "flush"], "Flushing timeout table and sending ALRM signal to qmail-send.", "got ALRM"),
    (["reload", "hup"], "Sending HUP signal to qmail-send.", "got HUP"),
])
def test_a_signal_and_its_names(tree, verbs, line, signal):
    up(tree)
    for n, verb in enumerate(verbs, 1):
        done = ctl(tree, verb)
        assert (done.returncode, done.stdout) == (0, line + "\n")
        assert eventually(lambda: tree.log("qmail-send").count(signal) == n)


def test_pause_and_cont(tree):
    up(tree)
    lines = ctl(tree, "pause").stdout.splitlines()
    assert lines[1].startswith("qmail-users goes on: it cannot be paused")
    assert lines[2].startswith("qmail-auth goes on: it cannot be paused")
    assert lines[3].startswith("qmail-limits goes on: it cannot be paused")
    assert lines[4].startswith("qmail-tls goes on: it cannot be paused")
    assert lines[5].startswith("qmail-sts goes on: it cannot be paused")
    assert lines[6].startswith("qmail-primary goes on: it cannot be paused")
    assert lines[9].startswith("qmail-queue goes on: it cannot be paused")
    assert [line for line in lines if "goes on" not in line] == [
        "Pausing qmail-send", "Pausing qmail-pop3d", "Pausing qmail-pop3s", "Pausing qmail-smtpd"]
    assert ", paused" in tree.sh("svstat /service/qmail-send").stdout
    stat = ctl(tree, "stat")
    assert stat.returncode == 111 and ", paused" in stat.stdout
    assert ctl(tree, "cont").stdout.splitlines()[0] == "Continuing qmail-send"
    assert eventually(lambda: "got CONT" in tree.log("qmail-send"))
    assert ctl(tree, "stat").returncode == 0


def test_what_cannot_be_paused_is_not(tree):
    up(tree)
    done = ctl(tree, "pause qmail-send qmail-queue")
    assert (done.returncode, done.stdout) == (100, "")
    assert done.stderr.startswith("qmailctl: fatal: qmail-queue goes on: it cannot be paused") and done.stderr.count("\n") == 1
    assert ", paused" not in tree.sh("svstat /service/*").stdout
    assert ctl(tree, "cont qmail-queue").stdout == "Continuing qmail-queue\n"


def test_a_signal_to_what_is_down_is_no_success(tree):
    up(tree)
    tree.sh("touch /var/qmail/supervise/qmail-pop3d/down")
    ctl(tree, "stop")
    for verb in ("flush", "reload", "hup", "pause", "cont"):
        done = ctl(tree, verb)
        assert done.returncode == 111 and "qmailctl: qmail-send is down: nothing was sent to it" in done.stderr, verb
        assert "Sending" not in done.stdout and "sending" not in done.stdout and "qmail-pop3d" not in done.stderr
    assert "qmail-pop3d is down" in ctl(tree, "cont qmail-pop3d").stderr


def test_signals_need_a_tree(tree):
    for verb in ("doqueue", "reload", "pause", "cont"):
        done = ctl(tree, verb)
        assert done.returncode == 111 and "qmail-send supervise not running" in done.stdout, verb


# ---- looking ----

def test_stat(tree):
    up(tree)
    done = ctl(tree, "stat")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert [line.split(": up (pid ")[0] for line in lines[:2 * len(SERVICES)]] == [
        "/service/" + s + log for s in IN_ORDER for log in ("", "/log")]
    assert lines[2 * len(SERVICES):] == ["messages in queue: 3", "messages in queue but not yet preprocessed: 1"]


def test_stat_of_a_tree_that_is_down(tree):
    done = ctl(tree, "stat")
    assert done.returncode == 111
    assert "/service/qmail-send: unable to chdir" in done.stdout + done.stderr


def test_others_than_root_are_told_that_nothing_is_known(tree):
    up(tree)
    for verb in ("stat", "stat qmail-send"):
        done = ctl(tree, verb, user="qmaild")
        assert (done.returncode, done.stdout) == (111, "")
        assert done.stderr == "qmailctl: whether the services run is unknown: only root sees that\n"
    done = ctl(tree, "check", user="qmaild")
    assert "unknown: only root sees that" in done.stderr and "is not up" not in done.stderr
    done = ctl(tree, "stat --json", user="qmaild")
    told = json.loads(done.stdout)
    assert done.returncode == 111 and "unknown" in done.stderr
    assert told["queue"] == {"messages": None, "unprocessed": None}
    assert all(s == {"name": s["name"], "state": None, "pid": None, "seconds": None, "log_up": None, "as_wanted": None}
               for s in told["services"]) and len(told["services"]) == len(SERVICES)


def test_stat_for_programs(tree):
    up(tree)
    ctl(tree, "stop qmail-pop3d")
    done = ctl(tree, "stat --json")
    told = json.loads(done.stdout)
    by_name = {s["name"]: s for s in told["services"]}
    assert by_name["qmail-send"]["state"] == "up" and by_name["qmail-send"]["pid"] == int(pid(tree, "qmail-send"))
    assert by_name["qmail-send"]["log_up"] is True and by_name["qmail-send"]["as_wanted"] is True
    assert by_name["qmail-pop3d"]["state"] == "down" and by_name["qmail-pop3d"]["pid"] is None
    assert told["queue"] == {"messages": 3, "unprocessed": 1}
    assert done.returncode == 111


def test_a_replaced_program_is_outdated_until_it_is_restarted(tree):
    tree.sh("cp /usr/bin/sleep /var/qmail/bin/qmail-sleep")
    tree.write("/var/qmail/supervise/qmail-send/run", "#!/bin/sh\nexec /var/qmail/bin/qmail-sleep 999\n", mode=0o755)
    up(tree)
    assert ctl(tree, "outdated").stdout == ""
    tree.sh("install -m 755 /usr/bin/sleep /var/qmail/bin/qmail-sleep")
    assert ctl(tree, "outdated").stdout == "qmail-send\n"
    assert "qmail-send runs a program that has been replaced: qmailctl restart qmail-send" in ctl(tree, "check").stderr
    ctl(tree, "restart qmail-send")
    assert ctl(tree, "outdated").stdout == ""


def test_check_tells_of_a_database_that_cannot_be_used(tree):
    tree.control("usersbackend", "# who\nexample.net:pgsql\ncdb\n")
    assert "qmailctl: pgsql: etc/vpopmail.pgsql: No such file or directory: write it as qmail-store-pgsql(8) says\n" in ctl(tree, "check").stderr
    tree.sh("rm /var/qmail/bin/qmail-store-pgsql")
    assert "control/usersbackend names pgsql, and there is no qmail-store-pgsql" in ctl(tree, "check").stderr
    tree.control("usersbackend", "cdb\n")
    assert "usersbackend" not in ctl(tree, "check").stderr


def test_queue(tree):
    assert ctl(tree, "queue").stdout == "messages in queue: 3\nmessages in queue but not yet preprocessed: 1\nthe queue\n"
    tree.write("/var/qmail/bin/qmail-qctl", "#!/bin/sh\nprintf '<%s>' \"$@\"\nexit 77\n", mode=0o755)
    done = ctl(tree, "queue hold -s '*@a b' 5")
    assert (done.returncode, done.stdout) == (77, "<hold><-s><*@a b><5>")


# ---- calls ----

def test_help_names_every_verb(tree):
    text = ctl(tree, "help").stdout
    for verb in "start stop restart stat check reload hup doqueue alrm flush queue pause cont cdb help".split():
        assert verb in text


@pytest.mark.parametrize("words", ["", "bogus", "cdb now"])
def test_a_wrong_call_gets_the_usage(tree, words):
    done = ctl(tree, words)
    assert done.returncode == 1
    assert done.stdout.startswith("Usage: ") and "{start|stop|restart|doqueue|flush|reload|stat|pause|cont|cdb|queue|" in done.stdout


def test_an_unknown_service_is_named_with_the_known_ones(tree):
    done = ctl(tree, "start qmail-smpd")
    assert done.returncode == 100
    assert "no service qmail-smpd" in done.stderr and "qmail-smtpd" in done.stderr


def test_others_than_root_are_told(tree):
    done = ctl(tree, "start", user="qmaild")
    assert done.returncode == 100 and "root" in done.stderr


# ---- cdb ----

def rules_answer(host, ip, cdb="/etc/tcp.smtp.cdb"):
    return host.sh(f"TCPREMOTEIP={ip} tcprulescheck {cdb}").stdout


def test_cdb_makes_every_table(tree):
    tree.write("/etc/tcp.smtp", '127.:allow,RELAYCLIENT=""\n10.1.2.3:deny\n:allow\n')
    tree.write("/etc/tcp.other", ":deny\n")
    tree.write("/etc/tcp.smtp~", "nonsense\n")
    done = ctl(tree, "cdb")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"Reloaded /etc/tcp.{name}." for name in ("odmr", "other", "pop3", "qmqp", "qmtp", "smtp", "submission")]
    assert "RELAYCLIENT" in rules_answer(tree, "127.0.0.1")
    assert "deny connection" in rules_answer(tree, "10.1.2.3")
    assert tree.sh("stat -c %a /etc/tcp.smtp.cdb").stdout == "644\n"


@pytest.mark.parametrize("line, complaint", [
    ("1.2.3.4", "neither :allow nor :deny"),
    ("1.2.3.4:foo", "neither :allow nor :deny"),
    (":allow,", "after the comma comes VARIABLE"),
    (":allow,X", "after the comma comes VARIABLE"),
    (":allow,X=", "the value has no end"),
    (':allow,X="a', "the value has no end"),
    (':allow,X="a"b', "after allow or deny comes a comma or nothing"),
    (":denyall", "after allow or deny comes a comma or nothing"),
    (":allow\r", "the line ends with CR"),
])
def test_cdb_names_the_wrong_line_and_keeps_the_old_table(tree, line, complaint):
    ctl(tree, "cdb")
    before = tree.read("/etc/tcp.smtp.cdb")
    tree.write("/etc/tcp.smtp", f"# rules\n{line}\n:allow\n")
    done = ctl(tree, "cdb", timeout=10)
    assert done.returncode == 100
    assert f"qmail-rules: /etc/tcp.smtp:2: error: {complaint}" in done.stderr
    assert tree.read("/etc/tcp.smtp.cdb") == before
    assert "Reloaded /etc/tcp.pop3." in done.stdout, "one bad file does not stop the others"


def test_cdb_takes_whatever_tcprules_takes(tree):
    tree.write("/etc/tcp.smtp", "\n# text\n1.2.3.37-53:allow  \n10.:allow,DATABYTES=|5|,NORCPTCHECK=/d,e/\n"
               '2001:db8::1:allow,RELAYCLIENT=""\n::1:allow\n:deny')
    done = ctl(tree, "cdb")
    assert (done.returncode, done.stderr) == (0, "")
    assert "allow" in rules_answer(tree, "1.2.3.40") and "deny" in rules_answer(tree, "1.2.3.60")


def test_cdb_renews_the_other_tables_when_their_sources_are_newer(tree):
    for tool, table in (("qmail-newmrh", "control/morercpthosts.cdb"), ("qmail-newu", "users/cdb")):
        tree.write(f"/var/qmail/bin/{tool}", f"#!/bin/sh\necho | cdb -c /var/qmail/{table}\n", mode=0o755)
    assert "morercpthosts" not in ctl(tree, "cdb").stdout
    tree.control("morercpthosts", "x.example\n")
    tree.write("/var/qmail/users/assign", ".\n")
    assert ctl(tree, "cdb").stdout.splitlines()[6:] == [
        "Reloaded /var/qmail/control/morercpthosts.", "Reloaded /var/qmail/users/assign."]
    assert len(ctl(tree, "cdb").stdout.splitlines()) == 6
    tree.sh(": > /var/qmail/users/cdb")
    assert ctl(tree, "cdb").stdout.splitlines()[6:] == ["Reloaded /var/qmail/users/assign."], "it was damaged"
    tree.sh("touch -d '1 minute ago' /var/qmail/users/cdb")
    assert ctl(tree, "cdb").stdout.splitlines()[6:] == ["Reloaded /var/qmail/users/assign."]
    tree.write("/var/qmail/bin/qmail-newu", "#!/bin/sh\nexit 111\n", mode=0o755)
    tree.sh("touch -d '1 minute ago' /var/qmail/users/cdb")
    done = ctl(tree, "cdb")
    assert done.returncode == 111 and "qmail-newu failed" in done.stderr


# ---- check ----

def check(host):
    return ctl(host, "check")


def test_check_finds_owners_modes_names_and_dead_services(tree):
    tree.sh("chmod 777 /var/qmail/alias; chown qmaild /var/qmail/control/locals")
    tree.control("morecpthosts", "example.org\n")
    tree.sh("chmod 644 /var/qmail/supervise/qmail-send/run")
    tree.write("/etc/tcp.smtp", ':allow,RELAYCLEINT=""\n')
    done = check(tree)
    assert done.returncode == 111
    said = done.stdout + done.stderr
    assert "instcheck: warning: /var/qmail/alias has wrong permissions" in said
    assert "instcheck: warning: /var/qmail/control/locals has wrong owner" in said
    assert "instcheck: warning: /var/qmail/supervise/qmail-send/run has wrong permissions" in said
    assert "control/morecpthosts: nobody reads this file: is morercpthosts meant?" in said
    assert "no program knows the variable RELAYCLEINT: is RELAYCLIENT meant?" in said
    assert "/etc/tcp.smtp.cdb is missing, damaged or older than /etc/tcp.smtp: qmailctl cdb" in said
    assert "qmail-send is not up" in said


def test_check_is_content_with_a_healthy_tree(tree):
    if tree.sh("cd /var/qmail/bin && ls qmail-start qmail-lspawn qmail-queue qmail-newmrh", check=False).returncode:
        pytest.skip("not all programs are there yet")
    up(tree)
    done = check(tree)
    assert (done.returncode, done.stdout, done.stderr) == (0, "No complaints.\n", "")


def test_check_wants_the_trigger_to_be_a_fifo(tree):
    tree.sh("mkdir -p /var/qmail/queue/lock; rm -f /var/qmail/queue/lock/trigger; touch /var/qmail/queue/lock/trigger")
    assert "/var/qmail/queue/lock/trigger has wrong type: it must be a FIFO" in check(tree).stdout
    tree.sh("rm /var/qmail/queue/lock/trigger")
    assert "/var/qmail/queue/lock/trigger does not exist" in check(tree).stdout


def test_check_finds_tables_no_program_can_read(tree):
    tree.sh(": > /etc/tcp.smtp.cdb; rm /etc/tcp.pop3*; : > /var/qmail/users/cdb")
    tree.write("/var/qmail/supervise/qmail-pop3d/run", "#!/bin/sh\nexec tcpserver -x /etc/tcp.pop3.cdb 0 110 x\n", mode=0o755)
    said = check(tree).stderr
    assert "/etc/tcp.smtp.cdb is missing, damaged or older than /etc/tcp.smtp: qmailctl cdb" in said
    assert "/etc/tcp.pop3.cdb is missing: its service turns everybody away; write /etc/tcp.pop3" in said
    assert "/var/qmail/users/cdb is damaged, and there is no /var/qmail/users/assign to make it from" in said
    tree.write("/var/qmail/users/cdb", "=joe:joe:1000:1000:/home/joe:::\n" * 100)
    assert "/var/qmail/users/cdb is damaged" in check(tree).stderr, "a text is no table"
    tree.write("/var/qmail/users/assign", "+:alias:0:0:/:::\n.\n")
    assert "/var/qmail/users/cdb is missing, damaged or older than" in check(tree).stderr
    tree.sh("qmail-newu && truncate -s -8 /var/qmail/users/cdb")
    assert "/var/qmail/users/cdb is missing, damaged or older than" in check(tree).stderr, "it was cut"
    tree.sh("qmailctl cdb")
    assert "users/cdb" not in check(tree).stderr


def test_check_finds_a_log_that_does_not_stay_up(tree):
    up(tree)
    tree.sh("mv /var/qmail/supervise/qmail-send/log/run /tmp; svc -t /service/qmail-send/log")
    done = check(tree)
    assert done.returncode == 111
    assert "/var/qmail/supervise/qmail-send/log/run does not exist" in done.stdout
    assert "qmailctl: qmail-send/log does not stay up" in done.stderr
    assert "unable to start log/run" in done.stderr


def test_check_finds_full_disks(tree):
    tree.sh("mount -t tmpfs -o size=64k tmpfs /var/log/qmail; cat /dev/zero > /var/log/qmail/x", check=False)
    assert "qmailctl: the disk of /var/log/qmail is full" in check(tree).stderr


def test_check_finds_missing_accounts_and_foreign_logs(tree):
    tree.sh("userdel qmailp; chown root /var/log/qmail/qmail-send")
    said = check(tree).stdout
    assert "instcheck: warning: user qmailp does not exist\n" in said
    assert "instcheck: warning: /var/log/qmail/qmail-send has wrong owner: it must be qmaill\n" in said


def test_check_looks_at_the_frame_of_the_queue(tree):
    tree.sh("cd /var/qmail/queue; chown root:root mess; chmod 755 lock; rm -r bounce")
    said = check(tree).stdout
    for wrong in ("mess has wrong owner: it must be qmailq", "mess has wrong group: it must be qmail",
                  "lock has wrong permissions: they must be 750", "bounce does not exist"):
        assert f"instcheck: warning: /var/qmail/queue/{wrong}\n" in said
    assert "mess/3" not in said and "mess has wrong type" not in said
    assert tree.sh("stat -c %U /var/qmail/queue/mess").stdout == "root\n", "it only looks"


def test_check_finds_virtual_domains_without_their_service(tree):
    said = "/var/qmail/users/assign has virtual domains, and qmail-users is not wanted"
    tree.sh("touch /var/qmail/supervise/qmail-users/down")
    tree.write("/var/qmail/users/assign", "+joe-:joe:1000:1000:/home/joe:-::\n+a.example-:joe:1000:1000:/home/joe:-::\n.\n")
    assert said not in ctl(tree, "check").stdout
    tree.write("/var/qmail/users/assign", "+a.example-:a.example:89:89:/home/vpopmail/domains/a.example:-::\n.\n")
    done = ctl(tree, "check")
    assert done.returncode == 111 and said in done.stdout + done.stderr
    tree.sh("rm /var/qmail/supervise/qmail-users/down")
    done = ctl(tree, "check")
    assert said not in done.stdout + done.stderr


def test_check_finds_domains_of_an_account_that_nobody_answers_for(tree):
    said = "has virtual domains, and nobody answers for their users"
    tree.write("/var/qmail/users/assign", "+a.example-:a.example:1000:1000:/srv/a:-::\n+b.example-:b.example:89:89:/srv/b:-::\n.\n")
    up(tree)
    done = ctl(tree, "check")
    assert done.returncode == 111 and f"uid 1000 {said}" in done.stdout + done.stderr and f"uid 89 {said}" not in done.stdout + done.stderr
    tree.run(["/usr/bin/python3", "-c", "import socket; socket.socket(socket.AF_UNIX).bind('/var/qmail/run/owners/1000')"])
    done = ctl(tree, "check")
    assert said not in done.stdout + done.stderr


def test_programs_of_a_replaced_qmail_usersd_are_outdated(tree):
    tree.sh("cp /usr/bin/sleep /var/qmail/bin/qmail-sleep")
    tree.write("/var/qmail/supervise/qmail-users/run", "#!/bin/sh\n/var/qmail/bin/qmail-sleep 999 & wait\n", mode=0o755)
    up(tree)
    assert ctl(tree, "outdated").stdout == ""
    tree.sh("install -m 755 /usr/bin/sleep /var/qmail/bin/qmail-sleep")
    assert ctl(tree, "outdated").stdout == "qmail-users\n"
