"""make run on a machine that has never seen mailtree. (The packages it asks for are on the machine already.)"""

import pytest

from tests.host import eventually
from tests.host.machine import TOP

# A place where nobody has unpacked the tree that is tested.
SOURCES = "/usr/src/mailtree-of-a-test"


def copy_sources(host, *without):
    leave = " ".join(f"--exclude='./{name}'" for name in (".git", "build-*", "build/stage", "build/tests", "build/tools", *without))
    host.sh(f"mkdir {SOURCES} && cd {TOP} && tar -c {leave} . | tar -x -C {SOURCES}", timeout=60)
    return host


@pytest.fixture
def machine(bare_host):
    """A bare host with a copy of the sources, built already."""
    return copy_sources(bare_host)


@pytest.fixture
def unbuilt(bare_host):
    return copy_sources(bare_host, "build")


def make_run(host, *words, check=True):
    return host.sh(f"cd {SOURCES} && make run " + " ".join(words) + " 2>&1", timeout=600, check=check,
                   env={"LANG": "C"})


def test_make_run_sets_up_the_host_and_shows_a_message_arrive(unbuilt):
    machine = unbuilt
    shown = make_run(machine, "HOST=mx.test.example").stdout
    assert machine.read("/var/qmail/control/me") == b"mx.test.example\n"
    assert "Delivered-To: " in shown and "postmaster@mx.test.example" in shown
    assert shown.count("\n") < 32, shown
    assert "cc programs/" in machine.read("/var/log/mailtree-setup.log").decode()
    for step in ("new msg", "info msg", "starting delivery", "success", "end msg"):
        assert step in shown, shown
    assert eventually(lambda: ": up (" in machine.sh("svstat /service/qmail-smtpd /etc/service/qmail-smtpd",
                                                       check=False).stdout)

    # Two commands more, and a mailbox receives.
    machine.sh("echo secret | vadddomain virtual.example && echo secret | vadduser joe@virtual.example")
    machine.sh("swaks --silent 3 --server 127.0.0.1 --from postmaster@mx.test.example --to joe@virtual.example")
    assert eventually(lambda: machine.sh("ls /home/vpopmail/domains/virtual.example/joe/Maildir/new").stdout, 20), machine.log("qmail-send")

    # What the admin changes stays; a second run breaks nothing.
    machine.control("rcpthosts", "mx.test.example\nvirtual.example\nmore.example\n")
    machine.sh("echo '10.:allow,RELAYCLIENT=\"\"' >> /etc/tcp.smtp")
    again = make_run(machine).stdout
    assert "Delivered-To: " in again
    assert machine.read("/var/qmail/control/rcpthosts") == b"mx.test.example\nvirtual.example\nmore.example\n"
    assert b"10.:allow" in machine.read("/etc/tcp.smtp")
    assert machine.sh("qmailctl stat").returncode == 0


def test_a_busy_port_stops_it_before_anything_changes(machine):
    squatter = machine.popen(["/usr/bin/python3", "-c",
                              "import socket,time; s=socket.create_server(('0.0.0.0',25)); time.sleep(600)"])
    assert eventually(lambda: ":25 " in machine.sh("ss -ltn").stdout)
    done = make_run(machine, "HOST=mx.test.example", check=False)
    assert done.returncode != 0
    assert "python3" in done.stdout and "25" in done.stdout
    assert machine.sh("test -e /var/qmail || id qmailq 2>/dev/null", check=False).returncode != 0
    squatter.kill()
    squatter.wait()


def test_beside_a_program_that_has_the_port(machine):
    """Dovecot keeps its port 110, and we do without that service."""
    squatter = machine.popen(["/usr/bin/python3", "-c",
                              "import socket,time; s=socket.create_server(('0.0.0.0',110)); time.sleep(600)"])
    assert eventually(lambda: ":110 " in machine.sh("ss -ltn").stdout)
    done = make_run(machine, "HOST=mx.test.example", check=False)
    assert done.returncode != 0 and "make run WITHOUT=qmail-pop3d" in done.stdout
    shown = make_run(machine, "HOST=mx.test.example", "WITHOUT=qmail-pop3d").stdout
    assert "qmail-pop3d is not wanted here" in shown and "Delivered-To: " in shown
    assert "Delivered-To: " in make_run(machine).stdout, "it is known from now on"
    done = machine.sh("qmailctl check", check=False)
    assert done.returncode == 0, done
    squatter.kill()
    squatter.wait()


def test_a_wrong_name_is_refused_first(machine):
    done = make_run(machine, "HOST=localhost", check=False)
    assert done.returncode != 0 and "not a full host name" in done.stdout and "nothing was changed" in done.stdout
    assert machine.sh("test -e /var/qmail || id qmailq 2>/dev/null", check=False).returncode != 0


def test_removed_and_installed_again(machine):
    make_run(machine, "HOST=mx.test.example")
    done = make_run(machine, "HOST=mx.other.example", check=False)
    assert done.returncode != 0 and "qmail-setup rename mx.other.example" in done.stdout
    machine.sh(f"cd {SOURCES} && make uninstall")
    assert machine.sh("ls /var/qmail").stdout.split() == ["alias", "control", "frozen", "primary", "queue", "rc", "sts", "users"]
    assert "Delivered-To: postmaster@mx.test.example" in make_run(machine).stdout


def test_make_says_what_it_can(machine):
    said = machine.sh(f"cd {SOURCES} && make help").stdout
    assert "make run" in said and "make uninstall" in said
    assert "qmail-setup packages" in machine.sh(f"cd {SOURCES} && make -n check-one").stdout, "as the first command, too"
