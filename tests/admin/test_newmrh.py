"""qmail-newmrh: control/morercpthosts becomes control/morercpthosts.cdb."""

import struct

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
    host.write(SOURCE, b"Example.ORG\n#comment\n\n.Sub.Example \t\n \t\n #odd\nlast.example")
    done = host.run(["qmail-newmrh"])
    assert done.stdout == done.stderr == b""
    assert keys(host.read(DATABASE)) == [b"example.org", b".sub.example", b" #odd", b"last.example"]
    assert host.sh(f"stat -c '%a %U' {DATABASE}").stdout == "644 root\n"
    assert host.sh(f"ls {SOURCE}.tmp", check=False).returncode


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


def test_two_at_once_leave_one_whole_database(host):
    host.write(SOURCE, "".join(f"d{i}.example\n" for i in range(20000)))
    running = [host.popen(["qmail-newmrh"]) for _ in range(4)]
    assert [p.wait(60) for p in running] == [0] * 4
    assert len(keys(host.read(DATABASE))) == 20000
