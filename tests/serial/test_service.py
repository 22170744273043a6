"""The service qmail-serial: a directory for each host that is not always there."""

import os
import re

import pytest

from tests.host import eventually
from tests.host.machine import TOP
from tests.system.test_two_hosts import send

HERE, THERE = "here.example", "dial.example"


def example(page):
    """The commands of the page's example."""
    text = (TOP / "programs/serial" / page).read_text()
    return re.search(r"^\.Sh EXAMPLES$.*?^\.Bd .*?\n(.*?)^\.Ed", text, re.M | re.S)[1].replace("\\&", "")


def furnish(host, name="customer.example", relay="10.77.0.2"):
    """As qmail-seriald(8) has it, before the services start."""
    commands = example("qmail-seriald.8").replace("dial.customer.example", relay).replace("customer.example", name)
    if "serialmail:" in host.read("/etc/passwd").decode():
        commands = re.sub("^useradd.*\n", "", commands)
    host.sh("set -e\n" + commands.replace("qmailctl start qmail-serial", ":").replace("qmailctl reload", ":"))


@pytest.fixture
def two(hosts):
    here, there = hosts(HERE, THERE)
    there.user("joe")
    there.control("locals", "customer.example\n")
    there.control("rcpthosts", "customer.example\n")
    furnish(here)
    return here, there


def waiting(host, name="customer.example"):
    return os.listdir(host.path(f"/var/qmail/serialmail/{name}/Maildir/new"))


def came(host):
    return re.findall(rb"^Subject: (letter \d+)$", b"".join(host.maildir("joe")), re.M)


def letters(host, count):
    for i in range(count):
        send(host, "root@here.example", "joe@customer.example", f"letter {i}")


def test_a_customer_who_is_offline_comes_up_and_gets_his_mail_once(two):
    here, there = two
    here.start("qmail-send", "qmail-serial")
    letters(here, 5)
    assert eventually(lambda: len(waiting(here)) == 5), here.log("qmail-send")
    assert re.fullmatch(r"customer\.example 5 messages, the oldest for \d+ s\n", here.sh("qmailctl serial").stdout)
    eventually(lambda: all(os.stat(here.path(f"/var/qmail/serialmail/customer.example/Maildir/new/{f}")).st_mtime + 1 < here_time(here) for f in waiting(here)))
    assert here.sh("qmailctl serial now").stdout == "Sending ALRM signal to qmail-serial.\n"
    assert eventually(lambda: "end customer.example exit 111" in here.log("qmail-serial"), 60), here.log("qmail-serial")
    assert len(waiting(here)) == 5
    there.start("qmail-send", "qmail-smtpd")
    here.sh("qmailctl serial now")
    assert eventually(lambda: "end customer.example exit 0" in here.log("qmail-serial"), 60), here.log("qmail-serial")
    assert waiting(here) == []
    assert eventually(lambda: len(there.maildir("joe")) == 5)
    assert sorted(came(there)) == [b"letter %d" % i for i in range(5)]
    text = there.maildir("joe")[0]
    assert b"\nDelivered-To: joe@customer.example\n" in text and b"customer.example-joe" not in text.split(b"Received:")[0]
    log = here.log("qmail-serial")
    assert "status: serial 0/10\nstarting customer.example pid " in log and "status: serial 1/10\n" in log
    assert "\ncustomer.example: maildirserial: info: new/" in log


def here_time(host):
    return float(host.sh("date +%s.%N").stdout)


MANY = r"""
import os
for i in range(300):
    with open(f"{i}", "w") as f:
        f.write(f"Return-Path: <a@b.example>\nDelivered-To: customer.example-joe@customer.example\nSubject: letter {i}\n\n")
    os.utime(f.name, (1700000000 + i,) * 2)
"""


def kill(here):
    """All of it has to be gone: who is still dying has the lock."""
    ours = "qmail-seriald|maildirserial|serialsmtp|tcpclient"
    here.sh("pkill -9 -x qmail-seriald; pkill -9 -x maildirserial; pkill -x serialsmtp", check=False)
    assert eventually(lambda: here.sh(f"pgrep -x '{ours}'", check=False).returncode, 20)


def test_killed_in_the_middle_nothing_is_lost(two):
    """Again and again, at any moment; what comes twice each time is what the client had sent ahead, a few messages."""
    here, there = two
    there.start("qmail-send", "qmail-smtpd")
    here.run(["setuidgid", "serialmail", "sh", "-c", 'cd /var/qmail/serialmail/customer.example/Maildir/new && exec "$@"', "sh",
              "/usr/bin/python3", "-c", MANY])
    left = []
    while waiting(here) and len(left) < 10:
        service = here.popen(["qmail-seriald"], stderr=open(here.path("/tmp/log"), "ab"))
        before = len(waiting(here))
        assert eventually(lambda: len(waiting(here)) < before, 30, every=0.001), here.read("/tmp/log").decode()
        kill(here)
        service.wait()
        left.append(len(waiting(here)))
    assert 0 < left[0] < 300
    service = here.popen(["qmail-seriald"], stderr=open(here.path("/tmp/log"), "ab"))
    assert eventually(lambda: not waiting(here), 60), here.read("/tmp/log").decode()
    here.sh("pkill -x qmail-seriald")
    service.wait(20)
    wanted = {b"letter %d" % i for i in range(300)}
    assert eventually(lambda: set(came(there)) == wanted, 60)
    assert len(came(there)) <= 300 + 5 * len(left)


def test_one_that_hangs_does_not_hold_the_others(two):
    here, there = two
    furnish(here, "hangs.example", "10.77.0.1:2525")
    here.control("concurrencyserial", "2\n")
    there.start("qmail-send", "qmail-smtpd")
    sink = here.popen(["/usr/bin/python3", "-c", "import socket, time\ns = socket.create_server(('', 2525))\nprint('ready', flush=True)\nk = []\nwhile 1: k.append(s.accept())"], stdout=-1)
    try:
        assert sink.stdout.readline() == b"ready\n"
        for name in ("hangs.example", "customer.example"):
            place = f"/var/qmail/serialmail/{name}/Maildir/new/1"
            here.write(place, f"Return-Path: <a@b.example>\nDelivered-To: {name}-joe@customer.example\nSubject: x\n\n", owner="serialmail")
            here.sh(f"touch -d '1 minute ago' {place}")
        here.start("qmail-serial")
        assert eventually(lambda: "end customer.example exit 0" in here.log("qmail-serial"), 30), here.log("qmail-serial")
        for _ in range(2):    # the one that hangs is not started again
            here.sh("qmailctl serial now")
        here.write("/var/qmail/serialmail/customer.example/Maildir/new/2", "Return-Path: <>\nDelivered-To: customer.example-joe@customer.example\n\n", owner="serialmail")
        here.sh("touch -d '1 minute ago' /var/qmail/serialmail/customer.example/Maildir/new/2; qmailctl serial now")
        assert eventually(lambda: here.log("qmail-serial").count("end customer.example exit 0") == 2, 30)
        assert here.log("qmail-serial").count("starting hangs.example") == 1
        here.sh("svc -d /service/qmail-serial")
        assert eventually(lambda: ": down" in here.sh("svstat /service/qmail-serial").stdout, 20)
        assert here.sh("pgrep -x 'qmail-seriald|maildirserial|serialsmtp|tcpclient'", check=False).stdout == ""
        assert waiting(here, "hangs.example") == ["1"]
    finally:
        sink.kill()
        sink.wait()


def test_a_script_of_cron_and_the_service_do_not_meet(two):
    here, there = two
    here.start("qmail-send")
    there.start("qmail-send", "qmail-smtpd")
    letters(here, 1)
    assert eventually(lambda: waiting(here)), here.log("qmail-send")
    here.sh("touch -d '1 minute ago' /var/qmail/serialmail/customer.example/Maildir/new/*")
    script = here.popen(["setlock", "/var/qmail/serialmail/customer.example/RELAYHOST", "sh", "-c", "echo locked; exec sleep 600"], stdout=-1)
    assert script.stdout.readline() == b"locked\n"
    here.sh("ln -s /var/qmail/supervise/qmail-serial /service/")
    assert eventually(lambda: "end customer.example exit 0" in here.log("qmail-serial"), 20)
    assert len(waiting(here)) == 1 and "maildirserial" not in here.log("qmail-serial")
    here.sh("pkill -x sleep")
    script.wait()
    here.sh("qmailctl serial now")
    assert eventually(lambda: not waiting(here), 30)


@pytest.mark.parametrize("spoil, fault", [
    ("chown -R root: Maildir", "Maildir belongs to root, who sends no mail: give it to an account"),
    ("chown alias .", "Maildir belongs to somebody else than the directory it is in"),
    ("chown root . && chmod 775 .", "others may write in it"),
    ("mv Maildir m && ln -s m Maildir", "there is no directory Maildir in it")])
def test_what_could_lead_elsewhere_is_left_alone(host, spoil, fault):
    furnish(host)
    host.sh(f"cd /var/qmail/serialmail/customer.example && {spoil}")
    assert host.sh("qmailctl serial").stdout == f"customer.example {fault}\n"
    found = host.sh("qmail-showctl -c", check=False).stdout
    assert f"serialmail/customer.example: {fault}\n" in found
    host.start("qmail-serial")
    assert eventually(lambda: f"qmail-seriald: warning: serialmail/customer.example: {fault}\n" in host.log("qmail-serial"))
    assert "starting" not in host.log("qmail-serial")


def test_qmailctl_check_tells_what_is_missing(host):
    furnish(host)
    host.sh("cd /var/qmail/serialmail/customer.example && rm RELAYHOST && touch -d '15 days ago' Maildir/new/1")
    found = host.sh("qmail-showctl -c; qmail-showctl -l", check=False).stdout
    for text in ("it has no file RELAYHOST, so that nothing is sent", "mail waits here for more than two weeks: its host was never there, and nobody is told"):
        assert f"serialmail/customer.example: {text}\n" in found


@pytest.mark.parametrize("line", ["customer.example:encrypt", ".example:verify", ":dane", "customer.example:encrpyt"])
def test_what_must_be_encrypted_is_not_sent(two, line):
    """TLS is not spoken here; and what is sent all the same is a word of its own."""
    here, there = two
    there.start("qmail-send", "qmail-smtpd")
    here.write("/var/qmail/serialmail/customer.example/Maildir/new/1", "Return-Path: <>\nDelivered-To: customer.example-joe@customer.example\n\n", owner="serialmail")
    here.sh("touch -d '1 minute ago' /var/qmail/serialmail/customer.example/Maildir/new/1")
    here.control("tlspolicy", line + "\n")
    here.start("qmail-serial")
    told = "control/tlspolicy asks for TLS, which is not spoken to such a host: nothing is sent until a line of its own there says may"
    assert eventually(lambda: f"warning: serialmail/customer.example: {told}\n" in here.log("qmail-serial")), here.log("qmail-serial")
    assert "1 messages" in here.sh("qmailctl serial").stdout and told in here.sh("qmailctl serial").stdout
    assert f"serialmail/customer.example: {told}\n" in here.sh("qmail-showctl -c", check=False).stdout
    assert waiting(here) == ["1"] and "starting" not in here.log("qmail-serial")
    here.control("tlspolicy", f"{line}\ncustomer.example:may\n" if line[0] in ":." else "customer.example:may\n")
    here.sh("qmailctl serial now")
    assert eventually(lambda: not waiting(here), 30), here.log("qmail-serial")


@pytest.mark.parametrize("line, good", [("", True), ("dial.example", True), ("[2001:db8::1]:2525", True), ("192.0.2.1:209", True), ("-v:25", False),
                                        ("dial.example:465", False), ("dial.example:25:tls", False), ("dial.example:smtp", False), ("a b", False)])
def test_qmailctl_check_tells_of_a_relay_that_is_none(host, line, good):
    furnish(host)
    host.write("/var/qmail/serialmail/customer.example/RELAYHOST", line + "\n")
    found = host.sh("qmail-showctl -c", check=False).stdout
    told = "serialmail/customer.example: RELAYHOST is no host, nor host:port, without options and TLS, so that nothing is sent\n"
    assert (told not in found) == good, found


def test_who_calls_gets_what_waits_for_his_address(hosts):
    """AutoTURN, as its page has it: any connection is enough, from this address and no other."""
    here, there = hosts(HERE, THERE)
    there.user("joe")
    there.control("locals", "virt.example\n")
    there.control("rcpthosts", "virt.example\n")
    here.sh("set -e\n" + example("autoturn.8").replace("192.0.2.4", "10.77.0.2").replace("192:0:2:4", "10:77:0:2")
            .replace("qmailctl reload", ":").replace("qmailctl restart qmail-smtpd", ":"))
    here.start("qmail-send", "qmail-smtpd")
    there.start("qmail-send", "qmail-smtpd")
    send(here, "root@here.example", "joe@virt.example", "turned")
    new = here.path("/var/qmail/autoturn/10.77.0.2/new")
    assert eventually(lambda: os.listdir(new)), here.log("qmail-send")
    here.sh("touch -d '1 minute ago' /var/qmail/autoturn/10.77.0.2/new/*")
    call = "exec 3<>/dev/tcp/10.77.0.1/25; read -r l <&3; printf 'QUIT\\r\\n' >&3; cat <&3 >/dev/null"
    here.run(["bash", "-c", call])
    assert os.listdir(new) and not there.maildir("joe")
    there.run(["bash", "-c", call])
    assert eventually(lambda: there.maildir("joe"), 20), here.log("qmail-smtpd")
    assert eventually(lambda: not os.listdir(new)) and b"Subject: turned" in there.maildir("joe")[0]
    assert "maildirserial: info: new/" in here.log("qmail-smtpd")
