"""Many messages, many sessions: none lost, none doubled."""

import collections
import os
import re

import pytest

from tests.host import eventually
from tests.host.machine import TOP

POSTFIX = TOP / "build" / "tools"
SOURCE, SINK = POSTFIX / "usr/sbin/smtp-source", POSTFIX / "usr/sbin/smtp-sink"
LIBRARIES = {"LD_LIBRARY_PATH": str(POSTFIX / "usr/lib/postfix"), "MAIL_CONFIG": "/tmp/no-postfix"}
MANY = int(os.environ.get("VOLUME", "10000"))

pytestmark = pytest.mark.skipif(not SOURCE.exists(), reason="smtp-source is not in build/tools")


def smtp_source(host, count, sessions, *more, to="joe@mail.example.org"):
    host.sh("mkdir -p /tmp/no-postfix && touch /tmp/no-postfix/main.cf")
    return host.run([SOURCE, "-s", sessions, "-m", count, "-l", "4096", "-f", "anna@client.example", "-t", to,
                     *more, "127.0.0.1:25"], env=LIBRARIES, timeout=600)


def queue_is_empty(host):
    return host.sh("qmail-qstat").stdout.startswith("messages in queue: 0\n")


def qp_numbers(log, pattern):
    return collections.Counter(re.findall(pattern, log))


def delivered_count(host, box):
    return int(host.sh(f"ls -U ~{box}/Maildir/new ~{box}/Maildir/cur | grep -c '^[0-9]'", check=False).stdout)


def sink_transactions(there):
    return int(there.sh("find /tmp/sunk -type f | wc -l").stdout)


def sink(there):
    there.sh("mkdir -p /tmp/no-postfix /tmp/sunk && touch /tmp/no-postfix/main.cf")
    return there.popen([SINK, "-u", "root", "-R", "/tmp/sunk", "-d", "%M.", "0.0.0.0:25", "1000"], env=LIBRARIES)


def test_ten_thousand_messages_at_twenty_sessions_arrive_once(host):
    host.user("joe")
    host.control("concurrencyincoming", "30\n")
    host.start("qmail-send", "qmail-smtpd", "qmail-queue")
    smtp_source(host, MANY, 20, "-d")
    assert eventually(lambda: queue_is_empty(host), 300, every=1)
    assert delivered_count(host, "joe") == MANY
    seen = host.sh("cd ~joe/Maildir/new && grep -h -m1 '^Received: (qmail ' * | sort | uniq -d | wc -l").stdout
    ids = host.sh("cd ~joe/Maildir/new && grep -h -m1 '^Message-[Ii][Dd]:' * | sort | uniq -d | wc -l").stdout
    assert (int(seen), int(ids)) == (0, 0)


def test_the_same_outward(hosts):
    here, there = hosts("here.example", "there.example")
    server = sink(there)
    here.control("concurrencyremote", "50\n")
    here.control("concurrencyincoming", "30\n")
    here.start("qmail-send", "qmail-smtpd", "qmail-queue")
    count = MANY // 2
    smtp_source(here, count, 20, "-d", to="box@there.example")
    assert eventually(lambda: queue_is_empty(here), 300, every=1), here.log("qmail-send")[-3000:]
    server.kill()
    server.wait()
    texts = there.sh("find /tmp/sunk -type f | wc -l; cat $(find /tmp/sunk -type f) /dev/null | "
                     "grep '^Received: (qmail ' | sort | uniq -d | wc -l", timeout=300).stdout.split()
    assert [int(t) for t in texts] == [count, 0]


def test_one_message_to_a_thousand_recipients_at_one_host_takes_ten_transactions(hosts):
    here, there = hosts("here.example", "there.example")
    sink(there)
    here.start("qmail-send")
    recipients = [f"u{i}@there.example" for i in range(1000)]
    here.run(["/var/qmail/bin/sendmail", "-f", "anna@here.example", *recipients], input=b"Subject: to all\n\nhello\n")
    assert eventually(lambda: queue_is_empty(here), 60, every=0.2), here.log("qmail-send")[-3000:]
    seen = there.sh("cat /tmp/sunk/* | grep -o 'u[0-9]*@there.example' | sort -u | wc -l").stdout
    assert (int(seen), sink_transactions(there)) == (1000, 10)
    assert here.log("qmail-send").count("success: ") == 1000


def test_mail_for_a_dead_host_does_not_hold_up_mail_for_a_living_one(hosts):
    here, there = hosts("here.example", "there.example")
    sink(there)
    here.dns({"dead.example": ["MX 10 mx.dead.example"], "mx.dead.example": ["A 10.77.0.99"]})
    here.control("concurrencyincoming", "30\n")
    here.start("qmail-send", "qmail-smtpd")
    smtp_source(here, 2000, 20, "-d", to="box@dead.example")
    smtp_source(here, 1, 1, to="box@there.example")
    assert eventually(lambda: sink_transactions(there) == 1, 3, every=0.1), here.log("qmail-send")[-3000:]
    assert eventually(lambda: "unable to reach dead.example" in here.log("qmail-send"), 30)
    assert here.log("qmail-send").count("starting delivery") < 20
