"""/var/qmail/boot: each start file starts the system, and mail of a user without .qmail goes where its name says."""

import subprocess

import pytest

from tests.host import eventually
from tests.host.syslog import Syslog

# In place of what no Debian has, each leaves what it got, and how it was called.
STAND_INS = {
    "/usr/libexec/mail.local": '(echo "mail.local $*"; cat) > got\n',
    "/bin/mail": '(echo "mail $*"; cat) > got\n',
}
KINDS = {
    "home": ("Mailbox", "From s@x.example "),
    "proc": ("/var/mail/joe", "From s@x.example "),
    "binm1": ("got", "mail.local -r s@x.example -d joe\n"),
    "binm2": ("got", "mail -r s@x.example -d joe\n"),
    "binm3": ("got", "mail -f s@x.example -d joe\n"),
}


@pytest.fixture
def joe(host):
    host.user("joe")
    host.user("bob")
    host.sh("rm ~joe/.qmail")
    return host


def equip(host):
    for path in STAND_INS:
        host.sh(f"rm -f {path}")
        host.write(path, "#!/bin/sh\n" + STAND_INS[path], mode=0o755)


def boot(host, name):
    host.sh(f"cp /var/qmail/boot/{name} /var/qmail/rc")
    host.popen(["/var/qmail/rc"], stdin=subprocess.DEVNULL)


def submit(host):
    host.run(["sendmail", "-f", "s@x.example", "joe"], input=b"Subject: hello\n\n")


def file_of_joe(host, name):
    return host.sh(f"cd ~joe && cat {name}", check=False).stdout


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forward", ["", "+df"])
def test_each_starts_the_system(joe, kind, forward):
    equip(joe)
    syslog = Syslog(joe)
    boot(joe, kind + forward)
    submit(joe)
    assert "success: did" in syslog.until("^delivery 1: ")[-1]
    place, head = KINDS[kind]
    assert file_of_joe(joe, place).startswith(head) and "Subject: hello" in file_of_joe(joe, place)
    if forward:
        joe.write("/home/joe/.forward", "bob, nobody\n", owner="joe")
        submit(joe)
        assert "success: dot-forward:_info:_qp_" in syslog.until("^delivery 2: ")[-1]
        assert eventually(lambda: joe.maildir("bob"))


@pytest.mark.parametrize("name, lacks", [
    ("home+df", "dot-forward"), ("proc", "procmail"), ("binm1", "/usr/libexec/mail.local"), ("binm2+df", "/bin/mail"),
])
def test_what_is_not_installed_is_named(joe, name, lacks):
    equip(joe)
    joe.sh(f"rm -f $(command -v {lacks}) $(command -v {lacks})")
    done = joe.run([f"/var/qmail/boot/{name}"], check=False)
    assert (done.returncode, done.stderr.decode()) == (111, f"/var/qmail/boot/{name}: {lacks} is not installed\n")


def test_the_file_of_a_new_installation(joe):
    assert joe.read("/var/qmail/rc") == joe.read("/var/qmail/boot/defaultdelivery")
    assert joe.sh("stat -c '%a %U' /var/qmail/rc").stdout == "755 root\n"
    joe.control("defaultdelivery", "./Mailbox\n|echo two lines\n")
    joe.start("qmail-send")
    submit(joe)
    assert eventually(lambda: "success: two_lines/did_1+0+1/" in joe.log("qmail-send"))


def test_without_a_file_the_service_says_so(joe):
    joe.sh("rm /var/qmail/rc")
    joe.start("qmail-send", wait=False)
    assert eventually(lambda: "/var/qmail/rc" in joe.log("qmail-send"))
    assert "/var/qmail/rc does not exist" in joe.sh("qmail-setup verify", check=False).stdout
    joe.sh("qmail-setup host")
    assert eventually(lambda: "status: local 0/10" in joe.log("qmail-send"))
