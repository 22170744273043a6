"""qmail-config nullclient: a host that queues nothing."""

import pytest


def null_client(host, *words):
    return host.sh(f"qmail-config nullclient {' '.join(words)}", check=False)


@pytest.fixture
def fresh(host):
    host.sh("cd /var/qmail/control && rm -f me defaultdomain plusdomain locals rcpthosts")
    return host


def test_a_fresh_one_has_what_it_needs_and_no_more(fresh):
    done = null_client(fresh, "192.0.2.1", "web.example.net")
    assert done.returncode == 0, done
    control = {name: fresh.read(f"/var/qmail/control/{name}").decode() for name in ("me", "defaultdomain", "plusdomain", "qmqpservers")}
    assert control == {"me": "web.example.net\n", "defaultdomain": "example.net\n", "plusdomain": "example.net\n", "qmqpservers": "192.0.2.1\n"}
    assert fresh.sh("ls /var/qmail/control/locals", check=False).returncode
    assert fresh.sh("readlink /var/qmail/bin/qmail-queue").stdout == "qmail-qmqpc\n"
    assert fresh.sh("ls -d /var/qmail/supervise/*/down | wc -l; ls -d /var/qmail/supervise/* | wc -l").stdout.split()[0] == \
        fresh.sh("ls -d /var/qmail/supervise/* | wc -l").stdout.strip()
    assert "handed over to 192.0.2.1" in done.stdout


def test_again_it_changes_nothing(host):
    host.control("qmqpservers", "# ours\n192.0.2.9\n")
    for _ in range(2):
        assert null_client(host, "192.0.2.1").returncode == 0
    assert host.read("/var/qmail/control/qmqpservers") == b"# ours\n192.0.2.9\n"
    assert host.sh("stat -c %a /var/qmail/bin/qmail-qmqpc").stdout == "755\n"


def test_an_installation_leaves_it_so(host):
    null_client(host, "192.0.2.1")
    host.sh("cp -r /var/qmail/bin /tmp/new; rm /tmp/new/qmail-queue; cp /var/qmail/bin/qmail-inject /tmp/new/qmail-queue; "
            "qmail-setup programs /var/qmail/bin /tmp/new/*; qmail-setup accounts")
    assert host.sh("readlink /var/qmail/bin/qmail-queue; stat -c '%U %a' /var/qmail/bin/qmail-qmqpc").stdout == "qmail-qmqpc\nroot 755\n"


def test_mail_that_waits_is_not_left_behind(host):
    host.sh("echo hello | sendmail joe@example.net")
    done = null_client(host, "192.0.2.1")
    assert done.returncode == 111 and "messages in the queue of this host: 1; say this again" in done.stderr
    assert not host.sh("readlink /var/qmail/bin/qmail-queue", check=False).stdout


def test_what_is_wrong_is_told(host):
    null_client(host, "127.0.0.1")
    assert "waits in no queue: unable to connect to 127.0.0.1: Connection refused\n" in host.sh("qmailctl check", check=False).stdout
    host.write("/etc/tcp.qmqp", "127.:allow\n:deny\n")
    host.sh("qmailctl cdb")
    host.sh("rm /var/qmail/supervise/qmail-qmqpd/down")
    host.start("qmail-qmqpd")
    assert "qmqp" not in host.sh("qmailctl check", check=False).stdout
    host.control("qmqpservers", "127.0.0.1\n192.0.2.77\n")
    assert "192.0.2.77" not in host.sh("qmailctl check", check=False).stdout, "one is enough"
    host.control("qmqpservers", "127.0.0.1\n")
    host.write("/etc/tcp.qmqp", ":deny\n")
    host.sh("qmailctl cdb")
    assert "127.0.0.1 closes the connection: its rules for QMQP do not let this host in\n" in host.sh("qmailctl check", check=False).stdout
    host.control("qmqpservers", "mail.example.org\n")
    host.sh("rm /var/qmail/supervise/qmail-queue/down")
    said = host.sh("qmailctl check", check=False).stdout
    assert "control/qmqpservers has no address of a host that takes it" in said
    assert "the service qmail-queue, which is wanted, keeps it here" in said


@pytest.mark.parametrize("words", [(), ("192.0.2.1", "a.example.net", "more"), ("-x",), ("192.0.2.1", "name")])
def test_wrong_calls(host, words):
    host.sh("rm /var/qmail/control/me")
    assert null_client(host, *words).returncode == 100


def test_a_host_that_nobody_knows(host):
    done = null_client(host, "nowhere.example")
    assert done.returncode == 111 and "the network knows no address of nowhere.example" in done.stderr
    assert not host.sh("readlink /var/qmail/bin/qmail-queue", check=False).stdout
