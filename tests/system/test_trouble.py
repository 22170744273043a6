"""Killed processes, full disks: nothing is lost, and work goes on by itself."""

import random
import subprocess
import time

import pytest

from tests.crash.sender import body
from tests.host import eventually
from tests.host.machine import HERE

SENDER = HERE.parent / "crash" / "sender.py"
PROGRAMS = ["qmail-send", "qmail-lspawn", "qmail-rspawn", "qmail-clean", "qmail-queue", "qmail-local", "qmail-smtpd",
            "tcpserver", "supervise", "multilog"]
ROUNDS = 3


def queue_is_empty(host):
    return host.sh("qmail-qstat").stdout.startswith("messages in queue: 0\n")


def arrived(host, seed):
    """Numbers of the messages of this seed in joe's Maildir; each must be whole."""
    numbers = []
    for message in host.maildir("joe"):
        text = message.decode()
        if f"Subject: {seed}/" in text:
            number = int(text.split(f"Subject: {seed}/")[1].split("\n")[0])
            assert text.endswith("\n\n" + body(seed, number))
            numbers.append(number)
    return numbers


def flushed(host):
    """Whether the queue is empty; what was deferred is tried again at once."""
    host.sh("svc -a /service/qmail-send")
    return queue_is_empty(host)


@pytest.mark.parametrize("victim", PROGRAMS)
def test_kill_9_loses_nothing(host, victim):
    host.user("joe")
    host.start("qmail-send", "qmail-smtpd")
    chance = random.Random(victim)
    accepted = set()
    for i in range(ROUNDS):
        sender = host.popen(["/usr/bin/python3", SENDER, f"s{i}", "joe@mail.example.org", "3"], stdout=subprocess.PIPE)
        for _ in range(4):
            time.sleep(chance.uniform(0.02, 0.3))
            host.sh(f"pkill -9 -x {victim[:15]}", check=False)
        time.sleep(0.1)
        host.sh("pkill -f sender.py", check=False)
        accepted |= {(f"s{i}", int(line.split()[1])) for line in sender.communicate()[0].decode().splitlines()}
    # A report that could not be sent is tried again after two minutes.
    assert eventually(lambda: host.is_up("qmail-send") and flushed(host), 160, every=0.5), \
        host.sh("qmail-qread").stdout + host.tree_state(["qmail-send", "qmail-smtpd"])
    found = {(f"s{i}", n) for i in range(ROUNDS) for n in arrived(host, f"s{i}")}
    assert accepted <= found
    assert len(accepted) > 10


SEND_ONE = """
import smtplib, sys
with smtplib.SMTP("127.0.0.1", timeout=20) as smtp:
    smtp.helo("client.example"); smtp.mail("a@client.example"); smtp.rcpt("joe@mail.example.org")
    print(smtp.data("Subject: s/0\\n\\n" + "x" * 70 + "\\n" + ("y" * 70 + "\\n") * int(sys.argv[1])))
"""


def send_one(host, lines):
    host.write("/tmp/send_one.py", SEND_ONE)
    return host.sh(f"/usr/bin/python3 /tmp/send_one.py {lines}").stdout


@pytest.mark.parametrize("image, filler", [
    ("truncate -s 4M /run/q.img && mkfs.ext4 -q -F -N 2000 /run/q.img",
     "cat /dev/zero > /var/qmail/queue/filler 2>/dev/null || :"),
    ("truncate -s 16M /run/q.img && mkfs.ext4 -q -F -N 80 /run/q.img",
     "mkdir /var/qmail/queue/filler; i=0; while (: > /var/qmail/queue/filler/$i); do i=$((i+1)); done 2>/dev/null; :"),
], ids=["blocks", "inodes"])
def test_a_full_disk_defers_and_recovers(host, image, filler):
    host.user("joe")
    made = host.sh(image, check=False)
    if made.returncode:
        pytest.skip("no loop file systems here")
    host.sh("mkdir -p /mnt/new && mount -o loop /run/q.img /mnt/new && cp -a /var/qmail/queue/. /mnt/new/ && "
            "chown qmailq:qmail /mnt/new && chmod 750 /mnt/new && umount /mnt/new && "
            "mount -o loop /run/q.img /var/qmail/queue")
    host.start("qmail-send", "qmail-smtpd")
    assert "250" in send_one(host, 1)
    assert eventually(lambda: len(host.maildir("joe")) == 1)
    host.sh(filler)
    refused = send_one(host, 200)
    assert refused.startswith("(451,"), refused
    assert not host.in_queue()
    host.sh("rm -rf /var/qmail/queue/filler")
    assert "250" in send_one(host, 200)
    assert eventually(lambda: len(host.maildir("joe")) == 2)
    assert eventually(lambda: queue_is_empty(host))


def test_a_full_maildir_disk_defers_until_there_is_room(host):
    host.user("joe")
    made = host.sh("truncate -s 4M /run/h.img && mkfs.ext4 -q -F /run/h.img && mkdir -p /mnt/new && "
                   "mount -o loop /run/h.img /mnt/new && cp -a /home/. /mnt/new/ && umount /mnt/new && "
                   "mount -o loop /run/h.img /home", check=False)
    if made.returncode:
        pytest.skip("no loop file systems here")
    host.sh("cat /dev/zero > /home/filler 2>/dev/null || :")
    host.start("qmail-send", "qmail-smtpd")
    assert "250" in send_one(host, 200)
    assert eventually(lambda: "deferral" in host.log("qmail-send"))
    assert "bounce msg" not in host.log("qmail-send")
    assert host.maildir("joe") == []
    host.sh("rm /home/filler; svc -a /service/qmail-send")
    assert eventually(lambda: len(host.maildir("joe")) == 1), host.log("qmail-send")
