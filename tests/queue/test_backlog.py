"""Who accepts mail does not outrun those who deliver it."""

import time

from tests.host import eventually

HOW_MANY = ("import fcntl, os, struct, termios; f = os.open('/var/qmail/queue/lock/backlog', os.O_RDONLY | os.O_NONBLOCK); "
            "print(*struct.unpack('i', fcntl.ioctl(f, termios.FIONREAD, bytes(4))))")


def told(host):
    """Sixteenths of the messages that wait."""
    return int(host.sh(f'/usr/bin/python3 -c "{HOW_MANY}"').stdout)


def send(host, count, user="root"):
    host.sh(f"for i in $(seq {count}); do echo hello | /var/qmail/bin/sendmail joe; done", user=user)


def have_forty_wait(host):
    host.user("joe")
    host.control("concurrencylocal", "0\n")
    host.start("qmail-send", "qmail-queue")
    send(host, 40)
    assert eventually(lambda: told(host) == 2)


def test_qmail_send_says_how_much_waits(host):
    have_forty_wait(host)
    host.control("concurrencylocal", "10\n")
    host.sh("svc -h /service/qmail-send")
    assert eventually(lambda: len(host.maildir("joe")) == 40)
    assert eventually(lambda: told(host) == 0)


def test_mail_that_is_to_go_elsewhere_or_waits_for_another_time_delays_nobody(host):
    host.user("joe")
    host.write("/home/joe/.qmail", "|exit 111\n", "joe")
    host.control("concurrencyremote", "0\n")
    host.start("qmail-send", "qmail-queue")
    host.sh("for i in $(seq 20); do echo hello | /var/qmail/bin/sendmail joe; echo hello | /var/qmail/bin/sendmail you@far.example; done")
    assert eventually(lambda: host.log("qmail-send").count("deferral: ") == 20)
    assert told(host) == 0


def test_the_more_waits_the_longer_waits_who_brings_more_from_the_network(host):
    """As if it were said by qmail-send, which looks again when it has another number to say. Nobody on this machine waits."""
    host.user("joe")
    host.start("qmail-send", "qmail-queue")
    send(host, 1)
    host.sh("head -c 300 /dev/zero > /var/qmail/queue/lock/backlog")
    tracer = host.popen(["sh", "-c", "exec strace -f -qq -e trace=clock_nanosleep -o /run/waits $(pgrep -x qmail-queued | sed 's/^/-p /')"])
    time.sleep(1)
    send(host, 3)
    send(host, 1, user="qmaild")
    assert eventually(lambda: host.read("/run/waits").decode().count("tv_nsec=20000000") == 1)
    assert eventually(lambda: len(host.maildir("joe")) == 5)
    tracer.terminate()
    tracer.wait()


def test_nobody_waits_for_a_qmail_send_that_is_gone(host):
    have_forty_wait(host)
    host.sh("svc -dk /service/qmail-send")
    assert eventually(lambda: told(host) == 0)
