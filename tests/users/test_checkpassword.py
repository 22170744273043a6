"""checkpassword: the contract every caller of the family relies on."""

import os
import resource
import statistics

import pytest

from tests.host.directory import Directory


@pytest.fixture
def joe(host):
    host.user("joe", "se cret: %")
    return host


def check(host, credentials, *program, user="root", env=None):
    host.write("/tmp/credentials", credentials, mode=0o644)
    return host.run(["sh", "-c", 'exec checkpassword "$@" 3</tmp/credentials', "sh", *(program or ("id",))],
                    user=user, env=env, check=False)


def test_the_program_runs_as_the_user_at_home(joe):
    done = check(joe, b"joe\0se cret: %\0Y123456\0", "sh", "-c",
                 "id -u; id -G; pwd; echo $USER $HOME $SHELL $KEPT; "
                 "for f in 0 1 2 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$f ] || printf '%s ' $f; done; cat",
                 env={"KEPT": "kept"})
    uid = joe.sh("id -u joe").stdout.strip()
    gid = joe.sh("id -g joe").stdout.strip()
    assert done.stdout.decode().split("\n") == [uid, gid, "/home/joe", "joe /home/joe /bin/sh kept", "0 1 2 "]
    assert (done.returncode, done.stderr) == (0, b"")


def test_exit_code_is_the_programs(joe):
    assert check(joe, b"joe\0se cret: %\0", "sh", "-c", "exit 37").returncode == 37


@pytest.mark.parametrize("credentials, code", [
    (b"joe\0wrong\0stamp\0", 1),
    (b"joe\0\0stamp\0", 1),
    (b"\0\0\0", 1),
    (b"JOE\0se cret: %\0", 1),
    (b"joe\0se cret: % \0", 1),
    (b"", 2),
    (b"joe", 2),
    (b"joe\0se cret: %", 2),
    (b"joe\0se cret: %\0", 0),
    (b"joe\0se cret: %\0" + b"x" * 497, 0),
    (b"joe\0se cret: %\0" + b"x" * 498, 1),
    (b"joe\0" + b"x" * 5000, 1),
])
def test_exit_codes(joe, credentials, code):
    done = check(joe, credentials)
    assert done.returncode == code
    assert bool(done.stdout) == (code == 0)


def test_misuse(joe):
    assert joe.sh("checkpassword 3</dev/null", check=False).returncode == 2
    done = joe.sh("checkpassword id 3<&-", check=False)
    assert (done.returncode, done.stderr) == (
        111, "checkpassword: fatal: unable to read descriptor 3: Bad file descriptor\n")
    assert check(joe, b"joe\0se cret: %\0", "/nonexistent").returncode == 111


def test_every_hash_the_system_knows(joe):
    for method in "YESCRYPT", "SHA512", "SHA256", "MD5", "DES":
        joe.sh(f"echo 'joe:pass{method[0]}w' | chpasswd -c {method}")
        assert check(joe, f"joe\0pass{method[0]}w\0\0".encode()).returncode == 0, method
        assert check(joe, f"joe\0pass{method[0]}x\0\0".encode()).returncode == 1, method


def test_accounts_no_password_opens(joe):
    for field in "", "*", "!", "!!", "x", "*0", "!" + "$y$j9T$abc$def", "notahash":
        joe.sh(f"sed -i 's|^joe:[^:]*:|joe:{field}:|' /etc/shadow".replace("$", "\\$"))
        for password in field, "", "se cret: %":
            assert check(joe, f"joe\0{password}\0\0".encode()).returncode == 1, field
    joe.sh("sed -i '/^joe:/d' /etc/shadow")
    assert check(joe, b"joe\0\0\0").returncode == 1


def test_root_never(joe):
    joe.sh("echo root:toor | chpasswd; useradd -o -u 0 -m toor; echo toor:toor | chpasswd")
    for name in b"root", b"toor":
        done = check(joe, name + b"\0toor\0\0")
        assert done.returncode == 1
        assert b"root may not log in" in done.stderr


def test_not_root_cannot_tell(joe):
    joe.sh("install -m 755 /var/qmail/bin/checkpassword /tmp/checkpassword")
    done = check(joe, b"joe\0se cret: %\0\0", user="qmaild", env={"PATH": "/tmp:/usr/bin:/bin"})
    assert (done.returncode, done.stderr) == (111, b"checkpassword: fatal: only root can check passwords\n")


@pytest.mark.parametrize("trouble, told", [
    ("mv /etc/shadow /etc/shadow.away", "unable to read the shadow passwords: No such file or directory"),
    (": > /etc/shadow", "unable to read the shadow passwords: No data available"),
    ("mv /etc/passwd /etc/passwd.away", "unable to look up the user: No such file or directory"),
    (": > /etc/passwd", "unable to look up the user: No data available"),
])
def test_files_that_are_away_are_temporary(joe, trouble, told):
    done = joe.sh(f"printf 'joe\\0se cret: %%\\0' > /tmp/credentials; {trouble}; checkpassword id 3</tmp/credentials", check=False)
    assert (done.returncode, done.stderr) == (111, f"checkpassword: fatal: {told}\n")


def test_a_name_service_that_is_down_is_temporary(joe):
    directory = Directory(joe)
    directory.add("ldap", 2001, "/home/ldap")
    directory.shadow = joe.sh("grep ^joe: /etc/shadow").stdout.replace("joe", "ldap", 1)
    directory.start()
    assert check(joe, b"ldap\0se cret: %\0\0").returncode == 0
    joe.sh("rm /run/directory.shadow")
    assert check(joe, b"ldap\0se cret: %\0\0").returncode == 111
    directory.stop()
    assert [check(joe, name + b"\0se cret: %\0\0").returncode for name in (b"ldap", b"joe")] == [111, 0]


def test_a_home_that_is_away_is_temporary(joe):
    joe.sh("mv /home/joe /home/away")
    done = check(joe, b"joe\0se cret: %\0\0")
    assert (done.returncode, done.stderr) == (
        111, b"checkpassword: fatal: unable to chdir to /home/joe: No such file or directory\n")


@pytest.mark.skipif("SANITIZE" in os.environ, reason="the sanitizer itself needs more memory")
def test_no_memory_for_crypt_is_no_wrong_password(joe):
    done = check(joe, b"joe\0se cret: %\0\0", "true")
    assert done.returncode == 0
    done = joe.sh("printf 'joe\\0se cret: %%\\0' > /tmp/credentials; prlimit --as=12000000 "
                  "checkpassword true 3</tmp/credentials", check=False)
    assert done.returncode == 111
    assert done.stderr == "checkpassword: fatal: unable to crypt the password, which needs 16 MB of memory\n"


def test_time_does_not_tell_who_has_an_account(joe):
    joe.user("locked", "x")
    joe.sh("usermod -L locked")
    start, known = cost(joe, b"joe"), cost(joe, b"joe\0wrong\0\0")
    hashing = known - start
    assert hashing > 0.005
    for name in b"nobody-here", b"locked":
        assert cost(joe, name + b"\0wrong\0\0") > known - hashing / 2


def cost(host, credentials):
    """Processor seconds of one check, which other work on this machine disturbs less than the clock."""
    def spent():
        use = resource.getrusage(resource.RUSAGE_CHILDREN)
        return use.ru_utime + use.ru_stime
    times = []
    for _ in range(9):
        before = spent()
        check(host, credentials)
        times.append(spent() - before)
    return statistics.median(times)
