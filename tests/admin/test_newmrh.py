"""qmail-newmrh: control/morercpthosts becomes control/morercpthosts.cdb."""

import struct

import pytest

from tests.host import eventually

SOURCE = "/var/qmail/control/morercpthosts"
DATABASE = SOURCE + ".cdb"


def keys(database):
    """The records of a cdb in their order, read by the published format."""
    at, end, found = 2048, min(struct.unpack("<512I", database[:2048])[::2]), []
    while at < end:
        key_len, data_len = struct.unpack("<II", database[at:at + 8])
        found.append(database[at + 8:at + 8 + key_len])
        assert data_len == 0
        at += 8 + key_len
    return found


def test_lines_become_keys(host):
    host.write(SOURCE, b"Example.ORG\n#comment\n\n.Sub.Example \t\n \t\nunder_score.example\nlast.example")
    done = host.run(["qmail-newmrh"])
    assert done.stdout == done.stderr == b""
    assert keys(host.read(DATABASE)) == [b"example.org", b".sub.example", b"under_score.example", b"last.example"]
    assert host.sh(f"stat -c '%a %U' {DATABASE}").stdout == "644 root\n"
    assert host.sh(f"ls {SOURCE}.tmp", check=False).returncode


@pytest.mark.parametrize("line, why", [
    (b" b.example", b"a blank stands in front of it"),
    (b" #odd", b"a blank stands in front of it"),
    (b"\tb.example", b"a blank stands in front of it"),
    (b"\xef\xbb\xbfb.example", b"it begins with a byte order mark"),
    (b"b.example\r", b"it ends with a carriage return; lines end with LF alone"),
    (b"\r", b"it ends with a carriage return; lines end with LF alone"),
    (b"b.example # mine", b"one domain to a line, and no comment behind it"),
    (b"b\0.example", b"it holds a NUL"),
    (b"joe@b.example", b"domains only: an address matches nothing here"),
    (b"*.b.example", b"there are no stars: .example.org stands for all names below it"),
])
def test_a_line_that_can_match_nothing_is_refused(host, line, why):
    host.write(SOURCE, b"a.example\n#\n" + line + b"\n")
    host.write(DATABASE, b"old")
    done = host.run(["qmail-newmrh"], check=False)
    assert (done.returncode, done.stderr) == (111, b"qmail-newmrh: fatal: bad format in control/morercpthosts line 3: " + why + b"\n")
    assert host.read(DATABASE) == b"old"
    assert host.sh(f"ls {SOURCE}.tmp", check=False).returncode


def test_nobody_else_can_keep_it_waiting(host):
    host.user("joe")
    host.write(SOURCE, b"a.example\n")
    host.run(["qmail-newmrh"])
    held = host.popen(["flock", "/var/qmail/control", "flock", DATABASE, "flock", SOURCE, "sh", "-c", "echo held; sleep 60"],
                      user="joe", stdout=-1)
    assert held.stdout.readline() == b"held\n"
    assert host.run(["qmail-newmrh"], timeout=20).returncode == 0
    assert host.sh("flock /var/qmail/control/.lock true", user="joe", check=False).returncode != 0
    held.kill()


def test_works_under_any_umask(host):
    host.write(SOURCE, "a.example\n")
    host.sh("umask 077; qmail-newmrh")
    assert host.sh(f"stat -c %a {DATABASE}").stdout == "644\n"


def test_empty_file_makes_an_empty_database(host):
    host.write(SOURCE, "")
    host.run(["qmail-newmrh"])
    assert len(host.read(DATABASE)) == 2048


def test_without_the_file_the_old_database_stays(host):
    host.write(DATABASE, b"old")
    done = host.run(["qmail-newmrh"], check=False)
    assert done.returncode == 111
    assert done.stderr == b"qmail-newmrh: fatal: unable to open control/morercpthosts: No such file or directory\n"
    assert host.read(DATABASE) == b"old"


def test_a_failed_write_leaves_the_old_database(host):
    host.write(SOURCE, "".join(f"d{i}.example\n" for i in range(5000)))
    host.write(DATABASE, b"old")
    done = host.run(["softlimit", "-f", "4096", "env", "--ignore-signal=XFSZ", "qmail-newmrh"], check=False)
    assert done.returncode == 111
    assert done.stderr == b"qmail-newmrh: fatal: unable to write control/morercpthosts.tmp: File too large\n"
    assert host.read(DATABASE) == b"old"


def test_arguments_are_a_mistake(host):
    done = host.run(["qmail-newmrh", "x"], check=False)
    assert (done.returncode, done.stderr) == (100, b"qmail-newmrh: usage: qmail-newmrh\n")


def test_many_domains(host):
    """50000 domains, each found again by another reader."""
    domains = [f"d{i}.example" for i in range(50000)]
    host.write(SOURCE, "\n".join(domains))
    host.run(["qmail-newmrh"])
    assert keys(host.read(DATABASE)) == [d.encode() for d in domains]


def test_a_change_while_it_waits_for_another_counts(host):
    host.write(SOURCE, b"old.example\n")
    held = host.popen(["flock", "/var/qmail/control/.lock", "sh", "-c", "echo held; exec cat"], stdin=-1, stdout=-1)
    assert held.stdout.readline() == b"held\n"
    waiting = host.popen(["qmail-newmrh"])
    assert eventually(lambda: "control/.lock" in host.sh("ls -l /proc/$(pgrep -x qmail-newmrh)/fd", check=False).stdout)
    host.sh(f"echo new.example > {SOURCE}.new; mv {SOURCE}.new {SOURCE}")
    held.stdin.close()
    assert waiting.wait(60) == 0
    assert keys(host.read(DATABASE)) == [b"new.example"]


def test_two_at_once_leave_one_whole_database(host):
    host.write(SOURCE, "".join(f"d{i}.example\n" for i in range(20000)))
    running = [host.popen(["qmail-newmrh"]) for _ in range(4)]
    assert [p.wait(60) for p in running] == [0] * 4
    assert len(keys(host.read(DATABASE))) == 20000
