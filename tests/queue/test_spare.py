"""Files of messages that are done are used again, and nobody sees of it but the disk."""

import re

from tests.host import eventually
from tests.queue.queue_files import QUEUE, mess_files, spare_files


def send(host, text, to="joe@mail.example.org"):
    host.run(["/var/qmail/bin/qmail-inject", "-a", "-f", "s@example.net", to], user="joe", input=b"Subject: x\n\n" + text)


def bodies(host):
    return [message.split(b"\n\n", 1)[1] for message in host.maildir("joe")]


def numbers(host):
    return re.findall(r"new msg (\d+)", host.log("qmail-send"))


def arrive(host, texts):
    for i, text in enumerate(texts, 1):
        send(host, text)
        assert eventually(lambda: len(host.maildir("joe")) == i and not host.in_queue())


def test_the_next_message_gets_the_file_of_the_last(host):
    host.user("joe")
    host.start("qmail-send", "qmail-queue")
    texts = [b"long\n" * 1000, b"s\n", b"", b"medium\n" * 300, b"t\n"]
    arrive(host, texts)
    assert sorted(bodies(host)) == sorted(texts)
    assert len(numbers(host)) == 5 and len(set(numbers(host))) == 1
    assert len(spare_files(host)) == 1 and not mess_files(host)
    assert "messages in queue: 0" in host.sh("qmail-qstat").stdout
    assert host.sh("qmail-qread").stdout == "" and host.sh("qmail-queuecheck").stdout == ""
    host.stop()
    assert not spare_files(host)


def test_numbers_whose_files_are_gone_hide_no_message(host):
    """A scan drops spare files whose numbers stay offered: after a power cut, while it goes on beside deliveries."""
    host.user("joe")
    host.control("concurrencylocal", "0\n")
    host.start("qmail-send")
    host.sh("for i in 1 2 3 4 5 6 7 8; do printf '\\377\\377\\0\\0\\0\\0\\0\\0'; done > /var/qmail/queue/lock/spare8")
    for text in (b"one\n", b"two\n"):
        send(host, text)
    assert "messages in queue: 2\n" in host.sh("qmail-qstat").stdout


def test_what_a_qmail_clean_that_was_killed_leaves_goes_at_the_next_start(host):
    host.user("joe")
    host.start("qmail-send", "qmail-queue")
    arrive(host, [b"one\n"])
    assert len(spare_files(host)) == 1
    host.sh("pkill -KILL -x qmail-clean; pkill -KILL -x qmail-send; pkill -KILL -x qmail-queued")
    assert eventually(lambda: not spare_files(host)), host.log("qmail-send")
    assert not mess_files(host) and len(host.maildir("joe")) == 1


def test_who_waits_keeps_his_file(host):
    host.user("joe")
    host.start("qmail-send", "qmail-queue")
    arrive(host, [b"one\n"])
    host.control("holdremote", "far.example\n")
    host.sh("svc -h /service/qmail-send")
    send(host, b"waits\n", "x@far.example")
    assert eventually(lambda: "new msg" in host.log("qmail-send") and len(mess_files(host)) == 1)
    send(host, b"two\n")
    assert eventually(lambda: len(host.maildir("joe")) == 2)
    assert len(mess_files(host)) == 1 and b"waits\n" in mess_files(host)[0].read_bytes()


def test_a_copy_of_the_queue_has_no_spare_files_that_count(host):
    """Copied while files were spare: the start there removes them, and what waits is delivered."""
    host.user("joe")
    host.start("qmail-send", "qmail-queue")
    arrive(host, [b"one\n"])
    file, = spare_files(host)
    copy = file.read_bytes()
    host.stop()
    host.write(f"{QUEUE}/mess/{int(file.name) % 23}/{file.name}", copy, owner="qmailq")
    host.start("qmail-send", "qmail-queue")
    assert eventually(lambda: not spare_files(host))
    assert len(host.maildir("joe")) == 1
