"""The throwaway machines themselves."""

import os
import re
import subprocess

import pytest

from tests.host.machine import TOP


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


# ---- on machines that people live on, and where there is no place for hosts ----

MAKE_A_HOST = "python3 -m pytest -c tests/pytest.ini --rootdir=. -p no:cacheprovider -q tests/frame/test_hosts.py -k forgotten"
JAIL = f"""
mkdir /jail
{{root}}
mkdir -p /jail{TOP} /jail/proc
mount -t tmpfs -o mode=755 tmpfs /jail/run
mount -t proc proc /jail/proc
mount --rbind /dev /jail/dev
mount --bind {TOP} /jail{TOP}
chroot /jail sh -c "cd {TOP} && {MAKE_A_HOST}"
"""


WHICH_BUILD = {name: os.environ[name] for name in ("SANITIZE",) if name in os.environ}


@pytest.fixture
def machine(bare_host):
    """A host whose tests make hosts."""
    possible = bare_host.sh(f"sh {TOP}/tests/host/possible", check=False)
    if possible.returncode:
        pytest.skip("not two deep here: " + possible.stderr.strip())
    return bare_host


def test_the_people_of_this_machine_are_not_seen(machine):
    assert machine.sh(f"cd {TOP} && python3 -m tests.frame.lived_in", env=WHICH_BUILD).stdout == ""


def test_in_a_chroot_the_hosts_stand_on_its_root(machine):
    machine.sh(JAIL.format(root="mount --bind / /jail"), env=WHICH_BUILD)
    assert machine.sh("cd /jail/run && echo mailtree*").stdout == "mailtree-host mailtree-possible mailtree-test\n"
    assert machine.sh("cd /run && echo mailtree*", check=False).stdout == "mailtree-possible\n"


def test_where_a_root_of_their_own_cannot_be_made_they_stop_with_one_line(machine):
    plain = "for d in bin lib lib64 sbin; do [ ! -L /$d ] || cp -P /$d /jail; done; mkdir /jail/run /jail/dev /jail/tmp\n" + \
        "for d in etc usr; do mkdir /jail/$d; mount --bind /$d /jail/$d; done"
    done = machine.sh(JAIL.format(root=plain), env=WHICH_BUILD, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert re.fullmatch(r"Exit: tests: no throwaway hosts here, nothing is tried: .*\n", done.stderr)
