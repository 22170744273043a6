"""Mail that waits until somebody calls for it (control/holdremote), and calls for what waits anyhow (ETRN)."""

import pytest

from tests.queue.send_rig import NEVER, REACHED, REMOTE, UNREACHED, wall
from tests.queue.test_destinations import DEAD, commands, report

ASK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(30)
s.connect("/var/qmail/run/send/socket")
try:
    s.sendall(sys.argv[1].encode().decode("unicode_escape").encode())
    print(s.recv(100).rstrip(b"\\0").decode(), end="")
except ConnectionError:
    pass
"""
HOURS = 3600


def call(host, domain, user="qmaild", end="\\0"):
    return host.run(["/usr/bin/python3", "-c", ASK, domain + end], user=user).stdout.decode()


def test_mail_is_held_until_it_is_called_for(rig, host):
    host.control("holdremote", "dialup.example\n.far.example\n")
    rig.start()
    for domain in ("dialup.example", "Dialup.example", "a.far.example", "far.example"):
        rig.message(recipients=[f"r@{domain}"])
    command, = commands(rig)
    assert command[0].address == "r@far.example"
    report(command, "K", outcome=REACHED)
    rig.signal("ALRM")
    assert not commands(rig)
    assert call(host, "DIALUP.example") == "K2"
    taken = [rig.command(REMOTE), rig.command(REMOTE)]
    assert sorted(c[0].address for c in taken) == ["r@Dialup.example", "r@dialup.example"]
    for command in taken:
        report(command, "K", outcome=REACHED)
    rig.message(recipients=["new@dialup.example"])
    report(rig.command(REMOTE), "K", outcome=REACHED)
    rig.logged("call: mail for DIALUP.example by uid [0-9]+: messages 2")
    assert call(host, "@far.example") == "K1"
    assert rig.command(REMOTE)[0].address == "r@a.far.example"


def test_one_of_several_domains_is_held(rig, host):
    host.control("holdremote", "dialup.example\n")
    rig.start()
    rig.message(recipients=["r@dialup.example", "r@x.example"])
    command = rig.command(REMOTE)
    assert [d.address for d in command] == ["r@x.example"]
    report(command, "K", outcome=REACHED)
    assert not commands(rig)
    assert call(host, "dialup.example") == "K0"
    assert rig.command(REMOTE)[0].address == "r@dialup.example"


def test_what_is_held_for_too_long_is_tried_and_returned(rig, host):
    host.control("holdremote", "dialup.example\n")
    rig.start()
    rig.message(recipients=["r@dialup.example"], birth=wall() - 8 * 24 * HOURS, due=(NEVER, wall() - 5))
    report(rig.command(REMOTE), "Z", DEAD, UNREACHED)
    rig.logged("delivery [0-9]+: failure: .*too_long.*")


def test_the_list_may_change(rig, host):
    rig.start()
    rig.message(recipients=["r@dialup.example"])
    report(rig.command(REMOTE), "K", outcome=REACHED)
    host.control("holdremote", "dialup.example\n")
    rig.signal("HUP")
    rig.message(recipients=["r@dialup.example"])
    assert not commands(rig)
    host.control("holdremote", "other.example\n")
    rig.signal("HUP")
    rig.message(recipients=["r@dialup.example"])
    assert len(rig.command(REMOTE)) == 1


def test_a_call_makes_due_what_waits_for_its_next_attempt(rig, host):
    rig.start()
    for domain in ("a.example", "b.example"):
        rig.message(recipients=[f"r@{domain}"])
    for command in commands(rig):
        report(command, "Z", DEAD, UNREACHED)
    assert not commands(rig)
    assert call(host, "b.example") == "K1"
    again = rig.command(REMOTE)
    assert again[0].address == "r@b.example"
    assert call(host, "b.example") == "B0"
    assert call(host, "c.example") == "K0"
    rig.logged("call: mail for b.example by uid [0-9]+: not now, 0")


@pytest.mark.parametrize("request_", ["a..example", "a.example\\0b", "a b", "x" * 300])
def test_what_is_no_request_gets_no_answer(rig, host, request_):
    rig.start()
    assert call(host, request_) == ""
    assert call(host, "a.example") == "K0"


def test_who_may_call(rig, host):
    rig.start()
    assert call(host, "a.example", user="nobody") == ""
    assert call(host, "a.example", user="qmailr") == ""
    assert call(host, "a.example", user="root") == "K0"


def test_callers_who_say_nothing_keep_nobody_out(rig, host):
    rig.start()
    hold = ("import socket, time\nall = []\nfor i in range(6):\n s = socket.socket(socket.AF_UNIX); s.connect('/var/qmail/run/send/socket'); "
            "all.append(s)\ntime.sleep(60)")
    silent = host.popen(["/usr/bin/python3", "-c", hold], user="qmaild")
    try:
        assert call(host, "a.example") in ("K0", ""), "they go after five seconds"
        assert call(host, "b.example") == "K0"
    finally:
        silent.kill()
        silent.wait()
