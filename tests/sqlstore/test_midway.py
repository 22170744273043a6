"""The database gets into trouble while mail comes in, is delivered, and people log in: nothing is lost, nothing comes back,
nobody is taken who is not there, no right password is wrong and no wrong one right; and then work goes on by itself."""

import random
import re
import subprocess
import time

import pytest

from tests.host import eventually
from tests.host.machine import HERE
from tests.sqlstore.servers import SERVERS, Mysql, install
from tests.sqlstore.test_users import JOE, NO_MESSAGE, PLACE
from tests.smtp.test_mailboxes import OK, UNKNOWN, rcpt
from tests.vdomains.test_domains import run
from tests.vdomains.test_vchkpw import pop3

ASKER = HERE.parent / "sqlstore" / "asker.py"
SENDERS = 3
# Whatever is said at any time, by what.
MAY_SAY = {"rcpt joe": {"250", "451"}, "rcpt nobody": {"550", "451"},
           "login right": {"+OK", "-ERR temporary"}, "login wrong": {"-ERR authorization", "-ERR temporary"}}


@pytest.fixture
def server(request, host):
    server, age = request.param[0](host), request.param[1]
    host.user("max")
    host.control("penaltyfree", "127.0.0.0/8\n")
    host.control("concurrencylocal", "10\n")
    try:
        install(host, server, snapshotage=age)
        run(host, "vadddomain", "example.net", "secret")
        run(host, "vadduser", "-q", "1000M", "joe@example.net", "pass word")
        yield server
    finally:
        server.end()


def slow_down(server):
    """Now it runs, now it does not."""
    for _ in range(10):
        server.freeze()
        time.sleep(0.4)
        server.thaw()
        time.sleep(0.05)


def for_a_while(begin, end):
    def trouble(server):
        getattr(server, begin)()
        time.sleep(1.5)
        getattr(server, end)()
    return trouble


SNAPSHOT, NONE = "3600", "0"
SERVED = [server for server in SERVERS if "stopped" in server.troubles]
FAULTS = [(server, SNAPSHOT, kind, for_a_while(*pair)) for server in SERVERS for kind, pair in server.troubles.items()]
FAULTS += [(server, NONE, kind, for_a_while(*pair)) for server in SERVERS for kind, pair in server.troubles.items() if kind in ("gone", "killed")]
FAULTS += [(server, SNAPSHOT, "readonly", for_a_while("forbid_writing", "allow_writing")) for server in SERVERS]
FAULTS += [(server, SNAPSHOT, kind, trouble) for server in SERVED
           for kind, trouble in (("full", for_a_while("fill", "give_room")), ("slow", slow_down))]


def told(text):
    """{what: {answers}} and the numbers that were sent."""
    said, sent = {}, []
    for line in text.splitlines():
        words = line.split()
        if words[0] == "sent":
            sent.append(words[1])
        elif words[0] in ("rcpt", "login"):
            answer = " ".join(words[2:]) if words[2] == "-ERR" else words[2]
            said.setdefault(" ".join(words[:2]), set()).add(answer)
    return said, sent


def is_well(host):
    return rcpt(host, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN] and pop3(host, *JOE)[0] in NO_MESSAGE


@pytest.mark.parametrize("server, kind, trouble", [((server, age), kind, trouble) for server, age, kind, trouble in FAULTS], indirect=["server"],
                         ids=[f"{server.name}-{kind}" + "-unknown" * (age == NONE) for server, age, kind, _ in FAULTS])
def test_in_the_middle_of_everything(host, server, kind, trouble):
    chance = random.Random(f"{server.name}")
    asker = host.popen(["/usr/bin/python3", ASKER, str(SENDERS)], stdout=subprocess.PIPE)
    for _ in range(1 if kind == "full" else 2):
        time.sleep(chance.uniform(0.5, 1.2))
        trouble(server)
    assert eventually(lambda: is_well(host), 5), host.log("qmail-users")
    host.write("/tmp/enough", "")
    said, sent = told(asker.communicate(timeout=120)[0].decode())
    assert all(answers <= MAY_SAY[what] for what, answers in said.items()), said
    assert set(said) == set(MAY_SAY) and len(sent) > 3, said
    assert eventually(lambda: is_delivered(host), 60, every=0.5), host.log("qmail-send")[-3000:]
    arrived = re.findall(r"^Subject: number (\d+)$", host.sh(f"cat {PLACE}/joe/Maildir/new/* {PLACE}/joe/Maildir/cur/*", check=False).stdout, re.M)
    assert sorted(arrived) == sorted(sent)
    assert not host.maildir("max"), "nothing came back"


def is_delivered(host):
    host.sh("svc -a /service/qmail-send")
    return host.sh("qmail-qstat").stdout.startswith("messages in queue: 0\n")


@pytest.mark.parametrize("server", [(Mysql, SNAPSHOT), (Mysql, NONE)], indirect=True, ids=["known", "unknown"])
@pytest.mark.parametrize("end", ["kill", "freeze"])
def test_a_question_that_is_under_way(host, server, end):
    """It waits for a lock when the server dies, or stops: who is asked about is put off, or known from the snapshot."""
    known = server.host.read("/var/qmail/control/snapshotage") != b"0\n"
    assert not known or eventually(lambda: "joe@" in host.sh("cdb -l /var/qmail/run/users/mysql.snapshot", check=False).stdout)
    server.lock()
    asked = host.popen(["/usr/bin/python3", "-c", RCPT], stdout=subprocess.PIPE)
    assert eventually(lambda: "pw_name" in server.sql("SELECT info FROM information_schema.processlist WHERE state LIKE 'Waiting%'"))
    getattr(server, end)()
    answer = asked.communicate(timeout=30)[0].decode()
    assert answer.split() in (["250"], ["451"]) if known else answer.split() == ["451"], answer
    if end == "kill":
        server.unlock()
        server.start()
    else:
        server.thaw()
        server.unlock()
    assert eventually(lambda: is_well(host), 5), host.log("qmail-users")
    assert not host.maildir("max")


RCPT = ("import smtplib; s = smtplib.SMTP('127.0.0.1', 25); s.ehlo(); s.mail('max@mail.example.org'); "
        "print(s.rcpt('joe@example.net')[0])")
