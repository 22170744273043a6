"""The throwaway machines themselves."""

import os
import subprocess

import pytest


def test_a_host_is_its_own_machine(host):
    assert host.sh("hostname").stdout == "mail.example.org\n"
    assert host.read("/var/qmail/control/me") == b"mail.example.org\n"
    assert host.sh("id -u qmailq qmails 2>&1", check=False).returncode in (0, 1)
    assert len(host.sh("ps -e -o pid=").stdout.split()) < 5


def test_changes_are_forgotten(host):
    assert host.sh("test -e /var/qmail/left-by-a-test", check=False).returncode == 1
    host.write("/var/qmail/left-by-a-test", "x")


def test_changes_were_forgotten(host):
    assert host.sh("test -e /var/qmail/left-by-a-test", check=False).returncode == 1


def test_users_have_homes_and_programs_run_as_them(host):
    host.user("joe")
    assert host.run(["id", "-un"], user="joe").stdout == b"joe\n"
    assert host.sh("stat -c %U ~joe/Maildir/new").stdout == "joe\n"


REACH = """python3 -c '
import socket, sys
server = socket.create_server(("", 2525), family=socket.AF_INET6, dualstack_ipv6=True)
print("listening", flush=True)
while True: server.accept()[0].sendall(b"hello")'"""


def test_hosts_reach_each_other_by_name_and_nobody_else(hosts):
    a, b = hosts("a.example", "b.example")
    listener = b.popen(["sh", "-c", REACH], stdout=-1)
    assert listener.stdout.readline() == b"listening\n"
    for address in ("10.77.0.2", "fd77::2", "b.example"):
        assert a.sh(f"curl -s --max-time 5 telnet://[{address}]:2525 </dev/null" if ":" in address else
                    f"curl -s --max-time 5 telnet://{address}:2525 </dev/null", check=False).stdout == "hello"
    assert a.sh("ip route get 192.0.2.1", check=False).returncode != 0
    listener.kill()
    listener.wait()
    listener.stdout.close()


def test_a_zone_answers_what_it_holds(host):
    host.dns({"example.net": ["MX 10 mx.example.net", "TXT hello"], "mx.example.net": ["A 192.0.2.7"]})
    assert "192.0.2.7" in host.sh("getent ahostsv4 mx.example.net").stdout
    assert host.sh("getent ahostsv4 nowhere.example.net", check=False).returncode == 2


@pytest.mark.skipif("SANITIZE" not in os.environ, reason="only sanitized programs make reports")
def test_what_a_sanitizer_says_of_a_program_without_stderr_is_found(host):
    faulty = host.popen(["env", "-i", "/var/qmail/bin/qmail-popup", "mail.example.org", "true"],
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert faulty.stdout.readline().startswith(b"+OK")
    host.sh("pkill -SEGV -x qmail-popup")
    faulty.communicate(timeout=10)
    assert "AddressSanitizer: SEGV" in host.accusations()
    assert host.accusations() == ""
