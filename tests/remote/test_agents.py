"""Agents: a qmail-remote that goes on with its connection, and when it must not."""

import re
import struct
import subprocess
import time

import pytest

from tests.host import eventually
from tests.local.machine import Spawner

from .remote import Server, through
from .test_rspawn import OK, queued

CRASHED = ("Z", b"qmail-remote crashed.\n")
SENT = ("K", OK.encode())
PIPELINING = "250-mx.example.net\r\n250 PIPELINING"


class RemoteSpawner(Spawner):
    def __init__(self, host, seconds=60, env=None, relay="127.0.0.1:2525"):
        if relay:
            through(host, relay)
        self.messid = queued(host)
        host.control("agentseconds", f"{seconds}\n")
        host.sh("chgrp qmail /var/qmail/queue/mess /var/qmail/queue/mess/*")
        self.start(host, ["qmail-rspawn"], user="qmailr", env=env)

    def where(self, domain):
        """The answer to a question."""
        self.command((1000, b"@" + domain), messid="", sender=b"")
        slot, letter, text = self.report()
        assert (slot, letter) == (1000, "W")
        return text

    def send(self, *boxes, **more):
        """One transaction: its reports, letter and text."""
        self.command(*enumerate(boxes or (b"r@example.net",)), messid=self.messid, sender=b"s@example.org", **more)
        reports = sorted(self.report() for _ in boxes or (0,))
        return [r[1:] for r in reports] if boxes else reports[0][1:]


@pytest.fixture
def spawner(host):
    running = RemoteSpawner(host)
    yield running
    assert running.end() == 0
    assert eventually(lambda: not agents(host)), "an agent survived its spawner"


def agents(host):
    return host.sh("pgrep -x qmail-remote", check=False).stdout.split()


def ended(spawner, server, connections):
    """What the server heard on each connection, after the agents have gone."""
    spawner.process.stdin.close()
    spawner.process.wait(10)
    assert eventually(lambda: len(server.connections()) == connections), server.connections()
    heard = sorted((c["number"], c["heard"]) for c in server.connections())
    return [text.split("\r\n")[:-1] for _, text in heard]


TRANSACTION = ["MAIL FROM:<s@example.org>", "RCPT TO:<r@example.net>", "DATA", "Subject: hello", "", "body", "."]


@pytest.mark.parametrize("ehlo", ["250 mx.example.net", PIPELINING])
def test_the_connection_serves_one_message_after_another(host, ehlo):
    server, spawner = Server(host, EHLO=ehlo, RSET="250 flushed"), RemoteSpawner(host)
    for _ in range(4):
        assert spawner.send() == SENT
    heard, = ended(spawner, server, 1)
    assert heard == ["EHLO mail.example.org"] + 4 * (TRANSACTION + ["RSET"]) + ["QUIT"]


@pytest.mark.parametrize("seconds", [0, 60])
def test_wishes_are_of_their_own_message_alone(host, seconds):
    """RFC 3461; and each report tells whether somebody else answers for them."""
    server = Server(host, EHLO="250-mx\r\n250-PIPELINING\r\n250 DSN", RSET="250 flushed")
    spawner = RemoteSpawner(host, seconds=seconds)
    for extras, outcome in (((b"eid", b"nSUCCESS"), "p"), (None, "r"), ((b"", b""), "p")):
        assert spawner.send(extras=extras) == SENT
        assert spawner.outcome == outcome
    heard = [line for connection in ended(spawner, server, 1 if seconds else 3) for line in connection]
    assert [line for line in heard if line[:4] in ("MAIL", "RCPT")] == [
        "MAIL FROM:<s@example.org> ENVID=id", "RCPT TO:<r@example.net> NOTIFY=SUCCESS"] + 2 * TRANSACTION[:2]


def test_without_agents_each_has_its_own(host):
    server, spawner = Server(host), RemoteSpawner(host, seconds=0)
    assert [spawner.send() for _ in range(3)] == [SENT] * 3
    assert ended(spawner, server, 3) == [["EHLO mail.example.org"] + TRANSACTION + ["QUIT"]] * 3


def test_pipelining_keeps_the_next_message_to_three_reads(host):
    """The envelope, the message, and RSET, which does not wait for the message after it."""
    server, spawner = Server(host, EHLO=PIPELINING, RSET="250 flushed"), RemoteSpawner(host)
    assert [spawner.send() for _ in range(3)] == [SENT] * 3
    spawner.end()
    assert server.reads() <= 1 + 3 * 3 + 1


def test_other_hosts_get_other_connections(host, spawner):
    server = Server(host, RSET="250 flushed")
    for _ in range(2):
        assert spawner.send(b"a@one.example") == [SENT]
        assert spawner.send(b"a@two.example") == [SENT]
    assert len(agents(host)) == 2
    assert [sorted(line for line in heard if line.startswith("RCPT"))
            for heard in sorted(ended(spawner, server, 2))] in (
        [["RCPT TO:<a@one.example>"] * 2, ["RCPT TO:<a@two.example>"] * 2],
        [["RCPT TO:<a@two.example>"] * 2, ["RCPT TO:<a@one.example>"] * 2])


def test_an_idle_one_stands_in_no_file_system_of_the_site(host, spawner):
    Server(host, RSET="250 flushed")
    for _ in range(2):
        assert spawner.send() == SENT
        agent, = agents(host)
        assert eventually(lambda: host.sh(f"readlink /proc/{agent}/cwd").stdout == "/\n")


def test_a_further_delivery_knows_who_did_not_answer_lately(host, spawner):
    """An agent stands in another directory by then."""
    Server(host, RSET="CLOSE")
    assert spawner.send() == SENT
    host.write("/tmp/record", bytes(10) + b"\xff\xff\x7f\0\0\1\2" + bytes(7) + struct.pack("<Q", int(time.time())))
    host.sh("cat /tmp/record > /var/qmail/queue/lock/tcpto")
    letter, text = spawner.send()
    assert letter == "Z" and text.endswith(b"\nSkipped 127.0.0.1: it did not answer lately.\n"), text


@pytest.mark.parametrize("seconds", [60, 0])
def test_a_host_that_says_nothing_does_not_keep_what_is_told_to_end(host, seconds):
    silent = host.popen(["/usr/bin/python3", "-c", "import socket, time\n"
                         "s = socket.create_server(('127.0.0.1', 2525)); print('ready', flush=True); time.sleep(600)"],
                        stdout=subprocess.PIPE)
    assert silent.stdout.readline() == b"ready\n"
    spawner = RemoteSpawner(host, seconds=seconds)
    spawner.command((3, b"a@x.example"), (4, b"b@x.example"), messid=spawner.messid)
    assert eventually(lambda: agents(host))
    spawner.process.stdin.write(struct.pack("<I", 4) + b"-" + bytes(3))
    text = b"The delivery had not ended when mail delivery was stopped. (#4.3.0)\n"
    assert sorted(spawner.report() for _ in range(2)) == [(3, "E", text), (4, "E", text)]
    assert eventually(lambda: not agents(host))
    assert spawner.end() == 0
    silent.kill()
    silent.wait()


# ---- one destination, several hosts ----

def test_hosts_with_the_same_relay_share_a_connection(host):
    server, spawner = Server(host, RSET="250 flushed"), RemoteSpawner(host)
    boxes = [b"a@one.example", b"a@two.example", b"a@one.example", b"a@three.example"]
    assert {spawner.where(box[2:]) for box in boxes} == {b"127.0.0.1:2525"}
    for box in boxes:
        assert spawner.send(box, destination=b"127.0.0.1:2525") == [SENT]
    heard, = ended(spawner, server, 1)
    assert [line for line in heard if line.startswith("RCPT")] == [f"RCPT TO:<{box.decode()}>" for box in boxes]


@pytest.fixture
def world(hosts):
    """Two servers on 10.77.0.2 and 10.77.0.3, and what spawns deliveries to them."""
    here, there = hosts("a.example", "b.example")
    there.sh("ip addr add 10.77.0.3/24 dev $(ip -o -4 route get 10.77.0.1 | sed 's/.* dev \\([^ ]*\\).*/\\1/')")
    here.control("timeoutconnect", "1\n")
    here.dns({"mx.p.example": ["A 10.77.0.2"], "mx2.p.example": ["A 10.77.0.3"], "dead.p.example": ["A 10.77.0.66"],
              "one.example": ["MX 10 mx.p.example"], "two.example": ["MX 5 mx.p.example", "MX 10 mx2.p.example"],
              "three.example": ["MX 5 mx2.p.example", "MX 10 mx.p.example"], "own.example": ["A 10.77.0.2"],
              "four.example": ["MX 5 dead.p.example", "MX 10 mx.p.example"]})
    servers = [Server(there, f"10.77.0.{n}", 25, RSET="250 flushed") for n in (2, 3)]
    return here, servers, RemoteSpawner(here, relay=None)


def told(server):
    """The domains each connection had mail for."""
    return [re.findall("RCPT TO:<r@(.*?).example>", c["heard"]) for c in server.connections()]


def test_a_connection_serves_whoever_has_the_server_among_his_best(world):
    here, (first, second), spawner = world
    for name in (b"one", b"two", b"own", b"one"):
        assert spawner.send(b"r@%s.example" % name, destination=b"the same")[0][0] == "K"
    spawner.end()
    assert eventually(lambda: told(first) == [["one", "two", "own", "one"]])
    assert told(second) == []


def test_no_mail_goes_where_the_name_servers_do_not_send_it(world):
    """Whatever qmail-send believes to be one destination."""
    here, (first, second), spawner = world
    for name in (b"one", b"three", b"one", b"four", b"two"):
        assert spawner.send(b"r@%s.example" % name, destination=b"the same")[0][0] == "K"
    spawner.end()
    assert eventually(lambda: told(first) == [["one"], ["one"], ["four", "two"]])
    assert told(second) == [["three"]]
    assert all(c["heard"].endswith("QUIT\r\n") for server in (first, second) for c in server.connections())


def test_a_host_that_does_not_exist_leaves_the_connection_to_others(world):
    here, (first, second), spawner = world
    letters = [spawner.send(b"r@%s.example" % name, destination=b"the same")[0][0] for name in (b"one", b"none", b"two")]
    spawner.end()
    assert letters == ["K", "D", "K"]
    assert eventually(lambda: told(first) == [["one", "two"]])


def test_where_mail_goes(world):
    here, servers, spawner = world
    for domain, name in [(b"one.example", b"mx.p.example"), (b"TWO.example", b"mx.p.example>mx2.p.example"),
                         (b"three.example", b"mx2.p.example>mx.p.example"), (b"own.example", b"10.77.0.2"),
                         (b"mx.p.example", b"10.77.0.2"), (b"[10.77.0.2]", b"10.77.0.2"), (b"none.example", b"")]:
        assert spawner.where(domain) == name
    assert len(agents(here)) == 1
    spawner.end()
    assert not servers[0].connections()


def test_silent_name_servers_are_not_waited_for_long(host):
    host.dns({"silent.example": ["SILENT"]})
    spawner = RemoteSpawner(host, relay=None)
    started = time.monotonic()
    assert spawner.where(b"silent.example") == b""
    assert time.monotonic() - started < 8
    assert spawner.end() == 0


WRAPPER = "#!/bin/sh\necho $* >> /tmp/asked\nexec /var/qmail/bin/qmail-remote.real \"$@\"\n"


@pytest.mark.parametrize("place", ["/tmp/other", "/var/qmail/bin/qmail-remote"])
def test_another_program_is_not_asked(host, place):
    """It would take the option for a host, and what follows for a sender."""
    host.sh("cp /var/qmail/bin/qmail-remote /var/qmail/bin/qmail-remote.real; touch /tmp/asked; chmod 666 /tmp/asked")
    host.sh(f"rm -f {place}")
    host.write(place, WRAPPER, mode=0o755)
    Server(host)
    spawner = RemoteSpawner(host, env={"QMAILREMOTE": place})
    assert spawner.where(b"example.net") == b""
    assert host.read("/tmp/asked") == b""
    assert spawner.send() == SENT
    assert host.read("/tmp/asked") == b"example.net s@example.org r@example.net\n"
    assert spawner.end() == 0


def test_ours_is_asked_by_whatever_name(host):
    host.sh("ln -s /var/qmail/bin/qmail-remote /usr/local/bin/other-name")
    spawner = RemoteSpawner(host, env={"QMAILREMOTE": "other-name"})
    assert spawner.where(b"example.net") == b"127.0.0.1:2525"
    assert spawner.end() == 0


# ---- a server that is tired of the connection gets a fresh one ----

TIRED = [
    {"RSET": "500 what?"}, {"RSET": "421 bye CLOSE"}, {"RSET": "CLOSE"}, {"RSET": "RESET"}, {"RSET": "garbage"},
    {"RSET": "250 ok", "MAIL": ["250 ok", "421 too many CLOSE", "250 ok"]}, {"RSET": "250 ok", "MAIL": ["250 ok", "452 too many", "250 ok"]},
    {"RSET": "250 ok", "MAIL": ["250 ok", "550 too many", "250 ok"]}, {"RSET": "250 ok", "MAIL": ["250 ok", "CLOSE", "250 ok"]},
    {"RSET": "250 ok", "MAIL": ["250 ok", "nonsense", "250 ok"]},
    {"RSET": "250 ok", "RCPT": ["250 ok", "CLOSE", "250 ok"]}, {"RSET": "250 ok", "DATA": ["354 go", "CLOSE", "354 go"]},
    {"RSET": "250 ok", "DATA": ["354 go", "250 what", "354 go"]}, {"RSET": "220 ok"}, {"RSET": "250 ok\r\n250 ok"},
]


@pytest.mark.parametrize("ehlo", ["250 mx.example.net", PIPELINING])
@pytest.mark.parametrize("behaviour", TIRED)
def test_before_the_message_is_asked_for_it_is_tried_afresh_at_once(host, behaviour, ehlo):
    server, spawner = Server(host, EHLO=ehlo, by_transaction=True, **behaviour), RemoteSpawner(host)
    assert spawner.send() == SENT
    assert spawner.send() == SENT
    first, second = ended(spawner, server, 2)
    assert [line for line in second if line != "QUIT"] == ["EHLO mail.example.org"] + TRANSACTION + ["RSET"]


def test_a_fresh_connection_that_refuses_counts(host):
    server = Server(host, greeting=["220 hello", "554 no more"], RSET="421 bye CLOSE")
    spawner = RemoteSpawner(host)
    assert spawner.send() == SENT
    assert spawner.send() == ("Z", b"Connected to 127.0.0.1 but greeting failed.\nRemote host said: 554 no more\n")
    ended(spawner, server, 2)


@pytest.mark.parametrize("behaviour, report", [
    ({"BODY": ["250 ok 1234 qp 5678", "25"]}, "Connected to 127.0.0.1 but its reply makes no sense. Possible duplicate! (#4.5.0)\n"
                                              "Remote host said: 25\n"),
    ({"BODY": ["250 ok 1234 qp 5678", "CLOSE"]},
     "Connected to 127.0.0.1 but connection died. Possible duplicate! (#4.4.2)\n"),
])
def test_later_it_is_never_tried_again(host, behaviour, report):
    server, spawner = Server(host, RSET="250 ok", by_transaction=True, **behaviour), RemoteSpawner(host)
    assert spawner.send() == SENT
    assert spawner.send() == ("Z", report.encode())
    ended(spawner, server, 1)


def test_a_message_that_was_put_off_leaves_the_connection_usable(host):
    server = Server(host, RSET="250 ok", by_transaction=True, BODY=["452 full", "250 ok 1234 qp 5678"])
    spawner = RemoteSpawner(host)
    assert spawner.send() == ("Z", b"127.0.0.1 failed after I sent the message.\nRemote host said: 452 full\n")
    assert spawner.send() == SENT
    ended(spawner, server, 1)


@pytest.mark.parametrize("behaviour", [
    {"RCPT": "550 no"}, {"DATA": "451 no"}, {"BODY": "421 enough"}, {"BODY": "554 spam"}, {"BODY": "250 ok\r\n250 what is this"}, {"MAIL": "550 no"},
])
def test_any_doubt_ends_the_connection(host, behaviour):
    server, spawner = Server(host, EHLO=PIPELINING, RSET="250 ok", **behaviour), RemoteSpawner(host)
    first = spawner.send()
    assert spawner.send() == first
    assert len(ended(spawner, server, 2)) == 2


def test_a_server_that_hangs_up_in_between_is_noticed(host, spawner):
    server = Server(host, BODY="250 ok 1234 qp 5678 CLOSE")
    assert spawner.send() == SENT
    time.sleep(0.3)
    assert spawner.send() == SENT
    assert len(ended(spawner, server, 2)) == 2


def test_idle_connections_are_closed_politely(host):
    server, spawner = Server(host), RemoteSpawner(host, seconds=1)
    assert spawner.send() == SENT
    assert server.lines()[-2:] == ["RSET", "QUIT"]
    assert eventually(lambda: not agents(host))
    assert spawner.end() == 0


def test_a_connection_does_not_serve_for_ever(host):
    server, spawner = Server(host, EHLO=PIPELINING, RSET="250 ok"), RemoteSpawner(host)
    for _ in range(101):
        assert spawner.send() == SENT
    first, second = ended(spawner, server, 2)
    assert (first.count("DATA"), first[-1], second.count("DATA")) == (100, "QUIT", 1)


# ---- the agent ----

def test_a_changed_control_file_is_obeyed_at_once(host, spawner):
    Server(host, RSET="250 ok")
    other = Server(host, port=2526, BODY="250 other")
    assert spawner.send() == SENT
    through(host, "127.0.0.1:2526")
    assert spawner.send() == ("K", b"127.0.0.1 accepted message.\nRemote host said: 250 other\n")
    host.control("helohost", "new.example\n")
    assert spawner.send()[0] == "K"
    assert ended(spawner, other, 2)[1][0] == "EHLO new.example"


def test_control_files_of_local_deliveries_are_none_of_ours(host):
    host.sh("cd /var/qmail/control && rm -f timeoutlocal concurrencylocal && mkdir timeoutlocal concurrencylocal")
    server, spawner = Server(host, RSET="250 flushed"), RemoteSpawner(host)
    assert spawner.send() == spawner.send() == SENT
    ended(spawner, server, 1)


def test_what_an_agent_has_read_is_watched(host):
    """It reads its files once; whoever adds one to it has to add it to the list of qmail-rspawn."""
    host.dns({"relay.example.net": ["A 127.0.0.1"]})
    Server(host)
    spawner = RemoteSpawner(host, relay="relay.example.net:2525")
    pid = host.sh("pgrep -x qmail-rspawn").stdout.strip()
    tracer = host.popen(["strace", "-f", "-qq", "-o", "/tmp/calls", "-e", "trace=openat,newfstatat", "-p", pid])
    assert eventually(lambda: "TracerPid:\t0" not in host.read(f"/proc/{pid}/status").decode())
    assert spawner.send() == SENT
    assert spawner.end() == 0
    tracer.wait()
    calls = host.read("/tmp/calls").decode()
    read = set(re.findall(r'openat\(AT_FDCWD, "(control/\w+|/etc/\w+\.conf|/etc/hosts)"', calls[calls.index("control/helohost"):]))
    watched = set(re.findall(r'newfstatat\(AT_FDCWD, "([^"]*)"', calls))
    assert len(read) > 5
    read -= {"/etc/svc.conf", "/etc/netsvc.conf"}   # c-ares looks for them on every system; they are of others
    assert {file if file.startswith("/") else f"/var/qmail/{file}" for file in read} <= watched


def test_killed_while_idle_costs_nothing(host, spawner):
    Server(host)
    for _ in range(3):
        assert spawner.send() == SENT
        host.sh("pkill -9 -x qmail-remote")
        assert eventually(lambda: not agents(host))


@pytest.mark.parametrize("stage", ["RSET", "MAIL", "RCPT", "DATA", "BODY"])
def test_killed_at_work_defers(host, spawner, stage):
    Server(host, **{"RSET": "250 ok", "by_transaction": True, **({stage: ["250 ok" if stage != "DATA" else "354 go", ""]}
                                                                   if stage != "RSET" else {stage: ""})})
    assert spawner.send()[0] == "K"
    agent, = agents(host)
    spawner.command((1, b"r@example.net"), messid=spawner.messid)
    assert spawner.silent(0.3)
    host.sh(f"kill -9 {agent}")
    assert spawner.report() == (1, *CRASHED)
    assert eventually(lambda: not agents(host))


def test_a_wrapper_is_asked_each_time(host):
    host.write("/tmp/wrapper", '#!/bin/sh\necho x >> /tmp/asked\nexec qmail-remote "$@"\n', mode=0o755)
    host.sh("touch /tmp/asked && chmod 666 /tmp/asked")
    server, spawner = Server(host), RemoteSpawner(host, env={"QMAILREMOTE": "/tmp/wrapper"})
    assert [spawner.send() for _ in range(3)] == [SENT] * 3
    assert host.read("/tmp/asked") == b"x\n" * 3
    ended(spawner, server, 3)


def test_ours_under_another_name_is_warm(host):
    host.sh("ln -s /var/qmail/bin/qmail-remote /usr/local/bin/other-name")
    server, spawner = Server(host, RSET="250 ok"), RemoteSpawner(host, env={"QMAILREMOTE": "other-name"})
    assert [spawner.send() for _ in range(3)] == [SENT] * 3
    ended(spawner, server, 1)


def test_an_agent_and_its_spawner_keep_no_descriptors(host, spawner):
    Server(host, RSET="250 ok")
    assert [spawner.send() for _ in range(2)] == [SENT] * 2
    pid = host.sh("pgrep -x qmail-rspawn").stdout.strip()
    agent, = agents(host)
    counts = host.sh(f"ls /proc/{pid}/fd | wc -l; ls /proc/{agent}/fd | wc -l").stdout
    for _ in range(20):
        assert spawner.send(b"a@example.net", b"b@example.net") == [SENT] * 2
    assert eventually(lambda: host.sh(f"ls /proc/{pid}/fd | wc -l; ls /proc/{agent}/fd | wc -l").stdout == counts)
