"""The pages for who knows another system: what they send people to is there, and each command that they name works."""

import re

import pytest

from tests.admin.test_showctl import ROOT

PAGES = ["from-other-systems", "life-with-qmail"]
# What a command wants besides, where the page leaves it out.
WORDS = {"qmailctl queue hold": "-n -A", "qmailctl queue release": "-n -A", "qmailctl queue requeue": "-n -A",
         "qmailctl queue delete": "-n -A", "qmailctl queue delete -b": "'no thanks (#5.7.1)' -n -A"}
NOT_HERE = ["make run"]
# Names of what each service, or another system, has.
OF_EACH = ["run", "env", "log/run", "/etc/service", "/var/log/qmail/SERVICE", "/var/qmail/alias/.qmail-NAME", "/etc/aliases"]


def page(name):
    return (ROOT / f"programs/man/{name}.7").read_text().replace("\\-", "-").replace("\\&", "")


@pytest.fixture
def lived_in(host):
    host.write("/etc/aliases", "postmaster: root\n")
    host.user("joe")
    host.start()
    host.run(["sendmail", "joe"], input=b"Subject: x\n\nx\n")
    host.sh("printf 'Subject: x\\n\\n' | sendmail bob@waits.example")
    return host


@pytest.mark.parametrize("name", PAGES)
def test_each_command_works(lived_in, name):
    commands = [line.rstrip(" ,;:.") for line in re.findall(r"^\.Ic (.*)$", page(name), re.M)]
    assert len(commands) > 20
    for command in dict.fromkeys(commands):
        if command not in NOT_HERE:
            done = lived_in.sh(f"{command} {WORDS.get(command, '')}", check=False)
            assert done.returncode == 0, f"{command}: {done}"


@pytest.mark.parametrize("name", PAGES)
def test_each_file_is_known_or_there(host, name):
    known = set(re.findall(r"^file +(\S+)$", (ROOT / "programs/admin/settings").read_text(), re.M))
    host.start("qmail-smtpd", "qmail-send")
    missing = []
    for path in re.findall(r"^\.Pa (\S+)", page(name), re.M):
        path = re.sub(r"^control/", "", path)
        if path not in (*known, *OF_EACH) and host.sh(f"cd /var/qmail && ls -d {path}", check=False).returncode:
            missing.append(path)
    assert missing == []


def test_each_page_is_known_to_man():
    pages = {path.name for path in ROOT.glob("programs/*/*.[1-8]")} | {
        f"{link.split(':')[0]}.1" for makefile in ROOT.glob("programs/*/role.mk") for link in re.findall(r"\S+:\S+\.[1-8]", makefile.read_text())}
    assert [f"{name}: {n}({s})" for name in PAGES for n, s in re.findall(r"\.Xr (\S+) (\d)", page(name)) if f"{n}.{s}" not in pages] == []
