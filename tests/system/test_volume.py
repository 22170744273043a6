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
    there.sh("mkdir -p /tmp/no-postfix /tmp/sunk && touch /tmp/no-postfix/main.cf")
    sink = there.popen([SINK, "-u", "root", "-R", "/tmp/sunk", "-d", "%M.", "0.0.0.0:25", "1000"],
                       env=LIBRARIES)
    here.control("concurrencyremote", "50\n")
    here.control("concurrencyincoming", "30\n")
    here.start("qmail-send", "qmail-smtpd", "qmail-queue")
    count = MANY // 2
    smtp_source(here, count, 20, "-d", to="box@there.example")
    assert eventually(lambda: queue_is_empty(here), 300, every=1), here.log("qmail-send")[-3000:]
    sink.kill()
    sink.wait()
    texts = there.sh("find /tmp/sunk -type f | wc -l; cat $(find /tmp/sunk -type f) /dev/null | "
                     "grep '^Received: (qmail ' | sort | uniq -d | wc -l", timeout=300).stdout.split()
    assert [int(t) for t in texts] == [count, 0]
