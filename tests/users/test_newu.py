"""qmail-newu: users/assign becomes users/cdb, wholly or not at all."""

from tests.host import eventually

ASSIGN = """\
=Joe:joe:1000:1000:/home/joe:::
+joe-:joe:1000:1000:/home/joe:-::
+shop-X:shop:1001:1001:/home/shop:-:x-: text behind the seventh colon
=joe:second:1:1:/:::
+example.com-:ex1:510:51:/home/popmail/e/ex1/DOMAINS/example.com:-::
+:alias:7790:2108:/var/qmail/alias:-::
.
what follows the dot is not read
"""


def newu(host, text, *options, check=True):
    host.write("/var/qmail/users/assign", text)
    return host.run(["qmail-newu", *options], check=check)


def ask(host, key):
    """What the tool of another house finds under a key: the data, or None."""
    host.write("/tmp/key", key)
    done = host.run(["/usr/bin/python3", "-c",
                     "import subprocess\nk = open('/tmp/key', 'rb').read()\n"
                     "print(subprocess.run([b'cdb', b'-d', b'/var/qmail/users/cdb'], capture_output=True).stdout.hex())"])
    records = bytes.fromhex(done.stdout.decode().strip())
    wanted, found = key.encode() if isinstance(key, str) else key, None
    while records.startswith(b"+"):
        sizes, rest = records[1:].split(b":", 1)
        key_len, data_len = map(int, sizes.split(b","))
        if rest[:key_len] == wanted and found is None:
            found = rest[key_len + 2:key_len + 2 + data_len]
        records = rest[key_len + 2 + data_len + 1:]
    return found


def test_lookups_by_another_cdb_reader(host):
    newu(host, ASSIGN)
    assert ask(host, b"!joe\0") == b"joe\0001000\0001000\0/home/joe\0\0"
    assert ask(host, b"!joe-") == b"joe\0001000\0001000\0/home/joe\0-\0"
    assert ask(host, b"!shop-x") == b"shop\0001001\0001001\0/home/shop\0-\0x-"
    assert ask(host, b"!example.com-") == b"ex1\000510\00051\0/home/popmail/e/ex1/DOMAINS/example.com\0-\0"
    assert ask(host, b"!") == b"alias\0007790\0002108\0/var/qmail/alias\0-\0"
    assert ask(host, b"!what") is None
    found = host.run(["cdb", "-q", "/var/qmail/users/cdb", "!joe-"]).stdout
    assert found.rstrip(b"\n") == b"joe\0001000\0001000\0/home/joe\0-\0"


def test_wildcards_are_listed_in_lower_case_as_they_come(host):
    newu(host, ASSIGN)
    assert ask(host, b"") == b"-x"
    newu(host, "".join(f"+a{c}:a:1:1:/:::\n" for c in "Z-za+Z") + ".\n")
    assert ask(host, b"") == b"z-a+"
    newu(host, ".\n")
    assert ask(host, b"") == b""


def test_the_file_is_replaced_as_a_whole_and_readable(host):
    newu(host, ASSIGN)
    old = host.sh("stat -c '%i' /var/qmail/users/cdb").stdout
    assert host.sh("stat -c '%a %U' /var/qmail/users/cdb").stdout == "644 root\n"
    newu(host, ASSIGN)
    assert host.sh("stat -c '%i' /var/qmail/users/cdb").stdout != old
    assert host.sh("ls /var/qmail/users").stdout.split() == ["assign", "cdb"]


def test_it_is_on_disk_before_it_has_its_name(host):
    host.write("/var/qmail/users/assign", ASSIGN)
    host.sh("strace -o /tmp/trace -e trace=openat,fsync,/^rename,/^unlink qmail-newu")
    calls = [line.split("(")[0].replace("renameat", "rename") + ("/" + "users/cdb.tmp" if "cdb.tmp" in line else "")
             for line in host.read("/tmp/trace").decode().splitlines()]
    tail = calls[calls.index("openat/users/cdb.tmp"):]
    # Newer releases of libcdb make a table durable themselves: twice is once.
    steps = [c for c, before in zip(tail, ["", *tail]) if c != before and not c.startswith("+++")]
    assert steps == ["openat/users/cdb.tmp", "fsync", "rename/users/cdb.tmp", "fsync"]


def test_a_bad_line_is_named_and_the_old_file_stays(host):
    newu(host, ASSIGN)
    old = host.read("/var/qmail/users/cdb")
    cases = [
        ("=joe:joe:1000:1000:/home/joe::\n.\n", b"line 1: it has fewer than seven colons"),
        (ASSIGN.replace("510", "staff"), b"line 5: the uid is not a number"),
        ("=a:a:1:1:/:::\n\n.\n", b"line 2: it does not begin with = or +"),
        ("=a:a:1:1:/:::\n:a:1:1:/:::\n.\n", b"line 2: it does not begin with = or +"),
        ("=a\0b:a:1:1:/:::\n.\n", b"line 1: it holds a NUL"),
        ("joe:joe:1:1:/home/joe:::\n.\n", b"line 1: it does not begin with = or +"),
        ("# joe:joe:1:1:/home/joe:::\n.\n", b"line 1: it does not begin with = or +"),
        ("=a:a:1:1:/:::\n =joe:joe:1:1:/home/joe:::\n.\n", b"line 2: a blank stands in front of it"),
        ("=a:a:1:1:/:::\n\t.\n", b"line 2: a blank stands in front of it"),
        ("\ufeff=joe:joe:1:1:/home/joe:::\n.\n", b"line 1: it begins with a byte order mark"),
        ("=joe :joe:1:1:/home/joe:::\n.\n", b"line 1: a blank stands beside the address"),
        ("+ joe-:joe:1:1:/home/joe:::\n.\n", b"line 1: a blank stands beside the address"),
        ("=:joe:1:1:/home/joe:::\n.\n", b"line 1: there is no address behind the ="),
        ("=a:a:1:1:/:::\n=joe::1000:1000:/home/joe:::\n.\n", b"line 2: there is no user"),
        ("+joe-:joe:1000:1000:home/joe:-::\n.\n", b"line 1: the home is no absolute path"),
        ("+joe-:joe:1000:1000::-::\n.\n", b"line 1: the home is no absolute path"),
        ("=a:a:1:1:/:::\n", b"line 2: the file ends without a line that is a single dot"),
        ("=a:a:1:1:/:::\n=b:b:1:1:/:::", b"line 2: the file ends without a line that is a single dot"),
        ("", b"line 1: the file ends without a line that is a single dot"),
        ("=" + "x" * 65536 + ":a:1:1:/:::\n.\n", b"line 1: it is longer than 65535 bytes"),
    ]
    for text, reason in cases:
        for options in [], ["--check"]:
            done = newu(host, text, *options, check=False)
            assert (done.returncode, done.stderr) == (
                111, b"qmail-newu: fatal: bad format in users/assign " + reason + b"\n")
    assert host.read("/var/qmail/users/cdb") == old
    assert host.sh("ls /var/qmail/users").stdout.split() == ["assign", "cdb"]


def test_lines_that_are_never_used_are_told(host):
    done = newu(host, "=a:a:1:1:/:::\n+a:a:1:1:/:::\n=A:b:1:1:/:::\n=b@c:b:1:1:/:::\n=a:c:1:1:/:::\n.\n")
    assert done.stderr.decode().splitlines() == [f"qmail-newu: warning: users/assign line {said}" for said in [
        "4 matches hardly anything: of an address only what is before the @ is looked up",
        "3 is never used: line 1 has the same address", "5 is never used: line 1 has the same address"]]
    assert ask(host, b"!a\0") == b"a\0001\0001\0/\0\0"


def test_nobody_else_can_keep_it_waiting(host):
    """A lock on anything that others may open, held for ever."""
    host.user("joe")
    newu(host, ASSIGN)
    held = host.popen(["flock", "/var/qmail/users", "flock", "/var/qmail/users/cdb", "flock", "/var/qmail/users/assign",
                       "sh", "-c", "echo held; sleep 60"], user="joe", stdout=-1)
    assert held.stdout.readline() == b"held\n"
    assert host.run(["qmail-newu"], timeout=20).returncode == 0
    assert host.sh("flock /var/qmail/users/.lock true", user="joe", check=False).returncode != 0
    held.kill()


def test_a_lock_that_is_kept_is_told(host):
    newu(host, ASSIGN)
    held = host.popen(["flock", "/var/qmail/users/.lock", "sh", "-c", "echo held; sleep 600"], stdout=-1)
    assert held.stdout.readline() == b"held\n"
    host.sh("strace -o /dev/null -e inject=clock_nanosleep:retval=0 qmail-newu 2> /tmp/said", check=False)
    assert host.read("/tmp/said") == (
        b"qmail-newu: fatal: users/.lock is held by another program: fuser -v /var/qmail/users/.lock\n")
    held.kill()


def test_a_change_while_it_waits_for_another_counts(host):
    host.write("/var/qmail/users/assign", ".\n")
    held = host.popen(["flock", "/var/qmail/users/.lock", "sh", "-c", "echo held; exec cat"], stdin=-1, stdout=-1)
    assert held.stdout.readline() == b"held\n"
    waiting = host.popen(["qmail-newu"])
    assert eventually(lambda: "users/.lock" in host.sh("ls -l /proc/$(pgrep -x qmail-newu)/fd", check=False).stdout)
    host.sh("cd /var/qmail/users; printf '=a:a:1:1:/:::\\n.\\n' > new; mv new assign")
    held.stdin.close()
    assert waiting.wait(60) == 0
    assert ask(host, b"!a\0") == b"a\0001\0001\0/\0\0"


def test_a_dot_without_newline_ends_the_file(host):
    newu(host, "=a:a:1:1:/:::\n.")
    assert ask(host, b"!a\0") == b"a\0001\0001\0/\0\0"


def test_check_changes_nothing(host):
    newu(host, ASSIGN, "--check")
    assert host.sh("ls /var/qmail/users").stdout.split() == ["assign"]
    assert newu(host, ASSIGN, "--chekc", check=False).returncode == 100


def test_a_missing_file_is_told(host):
    done = host.run(["qmail-newu"], check=False)
    assert (done.returncode, done.stderr) == (
        111, b"qmail-newu: fatal: unable to open users/assign: No such file or directory\n")


def test_a_full_disk_leaves_the_old_file(host):
    newu(host, ASSIGN)
    old = host.read("/var/qmail/users/cdb")
    lines = "".join(f"=user{i}:u:1000:1000:/home/user{i}:::\n" for i in range(3000))
    host.write("/var/qmail/users/assign", lines + ".\n")
    done = host.sh("trap '' XFSZ; ulimit -f 100; qmail-newu", check=False)
    assert (done.returncode, done.stderr) == (111, "qmail-newu: fatal: unable to write users/cdb.tmp: File too large\n")
    assert host.read("/var/qmail/users/cdb") == old
    assert host.sh("ls /var/qmail/users").stdout.split() == ["assign", "cdb"]


def test_a_hundred_thousand_users(host):
    lines = "".join(f"=user{i}:u:1000:1000:/home/user{i}:::\n+user{i}-:u:1000:1000:/home/user{i}:-::\n"
                    for i in range(50000))
    newu(host, lines + ".\n")
    assert host.run(["cdb", "-q", "/var/qmail/users/cdb", "!user49999-"]).stdout.startswith(b"u\0001000")
