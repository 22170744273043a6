"""One slow delivery does not hold up the mail of others, whatever happens to the processes around it."""

import pytest

from tests.host import eventually

SLOW = "|touch at-work; exec sleep 1000\n"


@pytest.fixture
def slow(host):
    """A tree in which a delivery to joe runs and runs."""
    for user in ("joe", "ann"):
        host.user(user)
    host.write("/home/joe/.qmail", SLOW, owner="joe")
    host.control("timeoutstop", "1\n")
    host.start("qmail-send")
    send(host, "joe")
    assert eventually(lambda: at_work(host))
    return host


def send(host, user):
    host.sh(f"printf 'Subject: x\\n\\nbody\\n' | /var/qmail/bin/qmail-inject {user}@mail.example.org")


def at_work(host):
    return host.sh("pgrep -u joe -x sleep", check=False).stdout.split()


def pid_of(host, program):
    return host.sh(f"pgrep -x {program}", check=False).stdout.split()


def ann_gets_mail(host):
    send(host, "ann")
    return eventually(lambda: host.maildir("ann"), 30)


def test_the_mail_of_others(slow):
    for _ in range(30):
        send(slow, "joe")
    assert eventually(lambda: len(at_work(slow)) == 5), "half of the places"
    slow.user("bob")
    for user in ("ann", "bob"):
        send(slow, user)
        assert eventually(lambda: slow.maildir(user))
    assert len(at_work(slow)) == 5


def test_an_account_that_does_not_end_gets_an_end(host):
    host.control("timeoutlocal", "1\n")
    for user in ("joe", "ann"):
        host.user(user)
    host.write("/home/joe/.qmail", SLOW, owner="joe")
    host.control("concurrencylocal", "1\n")
    host.start("qmail-send")
    send(host, "joe")
    assert ann_gets_mail(host)
    assert "The_delivery_took_too_long,_so_it_was_ended" in host.log("qmail-send")


def test_a_restart_of_qmail_send(slow):
    first, sleeper = pid_of(slow, "qmail-send"), at_work(slow)
    slow.sh("svc -t /service/qmail-send")
    assert eventually(lambda: pid_of(slow, "qmail-send") not in ([], first), 30)
    assert ann_gets_mail(slow)
    assert "deferral: The_delivery_had_not_ended_when_mail_delivery_was_stopped._(#4.3.0)/" in slow.log("qmail-send")
    assert eventually(lambda: at_work(slow) not in ([], sleeper)), "joe's delivery is tried again, and the old one is gone"
    assert len(at_work(slow)) == 1


@pytest.mark.parametrize("victim", ["qmail-lspawn", "qmail-rspawn"])
def test_the_death_of_a_spawner(slow, victim):
    slow.sh(f"pkill -9 -x {victim}")
    assert ann_gets_mail(slow)


def test_qmailctl_tells_of_a_spawner_that_still_finishes(slow):
    def said():
        done = slow.sh("PATH=/var/qmail/bin:$PATH; qmailctl check; qmailctl stat", check=False)
        return [line for line in (done.stderr + done.stdout).splitlines() if "an earlier qmail-send" in line]

    old, = pid_of(slow, "qmail-lspawn")
    assert said() == []
    slow.sh("pkill -9 -x qmail-send")
    assert ann_gets_mail(slow)
    assert eventually(lambda: len(pid_of(slow, "qmail-lspawn")) == 2)
    line = f"qmail-lspawn (pid {old}) of an earlier qmail-send still has deliveries under way"
    assert said() == ["qmailctl: " + line, line]
    slow.sh("pkill -u joe -x sleep")
    assert eventually(lambda: old not in pid_of(slow, "qmail-lspawn"))
    assert said() == []


def test_qmailctl_tells_of_a_delivery_that_runs_very_long(slow):
    log = "/var/log/qmail/qmail-send/current"
    assert "longest" not in slow.sh("qmailctl stat", check=False).stdout
    slow.sh(f"echo '@4000000000000000 status: local 1/10 remote 0/20 longest 7211' >> {log}")
    told = "a delivery has been running for 7211 seconds"
    assert told in slow.sh("qmailctl stat", check=False).stdout
    assert "qmailctl: " + told in slow.sh("qmailctl check", check=False).stderr


def test_qmailctl_tells_of_a_qmail_send_that_waits_for_its_end(slow):
    slow.control("timeoutstop", "600\n")
    slow.sh("svc -h /service/qmail-send; sleep 0.5; svc -t /service/qmail-send")
    send(slow, "ann")
    told = "qmail-send is about to end and starts nothing; deliveries under way get control/timeoutstop seconds"
    assert eventually(lambda: told in slow.sh("qmailctl stat", check=False).stdout)
    assert "qmailctl: " + told in slow.sh("qmailctl check", check=False).stderr
    slow.sh("pkill -u joe -x -9 sleep")
    assert eventually(lambda: slow.maildir("ann"), 30)
    assert told not in slow.sh("qmailctl stat", check=False).stdout
