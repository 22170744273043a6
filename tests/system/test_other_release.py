"""make run on the other release of Debian that is supported, on a minimal system, with what apt has there.

The root comes from the package source of this machine and is made anew each time; that takes most of the time."""

import contextlib
import platform
import re
import shlex
import shutil
import subprocess
import tempfile

import pytest

from tests.host import Host, eventually
from tests.host.machine import ENVIRONMENT, TOP

RELEASES = ("bookworm", "trixie")
OURS = platform.freedesktop_os_release().get("VERSION_CODENAME")
SOURCES = "/usr/src/mailtree"
MINIMAL = "--quiet --mode=root --variant=minbase --include=make,ca-certificates"
ENTER = f"""
mount --make-rprivate /
mount -t proc proc $0/proc
mount --rbind /dev $0/dev
exec chroot $0 sh -euc "cd {SOURCES}; $1"
"""


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def package_source():
    lines = run("apt-get", "indextargets", "--format", "$(SITE) $(CODENAME) $(COMPONENT) $(CREATED_BY)").splitlines()
    for line in lines:
        site, *rest = line.split()
        if rest == [OURS, "main", "Packages"]:
            return site
    pytest.skip(f"apt knows no package source of {OURS}")


def proxies():
    """What apt has been told about proxies here, as options for another apt."""
    return [f"--aptopt={line}" for line in run("apt-config", "dump").splitlines() if re.match(r"Acquire::https?::Proxy", line)]


def skip_unless_there(site, release):
    with tempfile.TemporaryDirectory() as place:
        asked = subprocess.run(["/usr/lib/apt/apt-helper", "download-file", f"{site}/dists/{release}/Release", f"{place}/Release"],
                               capture_output=True, text=True, timeout=120)
    if asked.returncode:
        pytest.skip(f"the package source does not answer: {asked.stderr.strip()}")


@contextlib.contextmanager
def minimal_root(release):
    place = TOP / f"build-{release}"
    shutil.rmtree(place, ignore_errors=True)
    site = package_source()
    skip_unless_there(site, release)
    try:
        # What it mounts there goes with it, also when it is killed.
        run("unshare", "--mount", "mmdebstrap", *MINIMAL.split(), *proxies(), release, str(place), site)
        (place / SOURCES[1:]).mkdir()
        run("sh", "-c", f"cd {shlex.quote(str(TOP))} && tar -c --exclude=./.git --exclude='./build*' . | "
                        f"tar -x -C {shlex.quote(str(place))}{SOURCES}")
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def with_network(root, command):
    """Runs a command in a root, in the network of this machine."""
    return run("unshare", "--mount", "--pid", "--fork", "--kill-child", "env", "-i", f"PATH={ENVIRONMENT['PATH']}",
               "sh", "-euc", ENTER, str(root), command)


def names_without_a_package(root):
    """Of all that the Makefile ever asks for."""
    asked = with_network(root, "make -n run-packages test-packages lint fuzz 2>/dev/null")
    names = {name for words in re.findall(r"qmail-setup packages (.*)", asked) for name in words.split()}
    assert len(names) > 20
    policy = with_network(root, "apt-cache policy " + " ".join(sorted(names)))
    return names - set(re.findall(r"^(\S+):\n  Installed: .*\n  Candidate: [^(]", policy, re.M))


def bounce_is_from_nobody(machine):
    machine.sh("echo hello | /var/qmail/bin/sendmail -f root nowhere-at-all")
    assert eventually(lambda: "bounce msg" in machine.log("qmail-send")), machine.log("qmail-send")
    return eventually(lambda: " from <> " in machine.log("qmail-send"))


@pytest.mark.slow
@pytest.mark.parametrize("release", [release for release in RELEASES if release != OURS])
def test_make_run_on_another_release(host, release):
    with minimal_root(release) as root:
        with_network(root, "make run-packages; sh programs/admin/qmail-setup packages libcmocka-dev")
        assert names_without_a_package(root) == set()
        machine = Host(host.base, "bare.example.org", lower=root)
        try:
            shown = machine.sh(f"cd {SOURCES} && make run HOST=mx.test.example 2>&1", timeout=600).stdout
            assert "Delivered-To: " in shown and "postmaster@mx.test.example" in shown and "end msg" in shown
            assert "warning:" not in shown
            assert bounce_is_from_nobody(machine), machine.log("qmail-send")
            said = machine.sh("apt-get install -s --no-install-recommends bsd-mailx").stdout
            assert "Inst bsd-mailx" in said and "exim" not in said and "Remv" not in said, said
            assert machine.sh("qmailctl check", check=False).returncode == 0
            machine.sh(f"cd {SOURCES} && make build/tests/lib/foundation_test && build/tests/lib/foundation_test")
        finally:
            machine.end()
