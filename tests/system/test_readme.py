"""Each command of the README's "Day to day" works when it is pasted."""

from tests.host import eventually
from tests.host.machine import TOP


def commands(section):
    """The indented lines of a section, in order."""
    text = (TOP / "README.md").read_text().split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


def test_the_commands_of_a_day(host):
    host.start()
    pasted = commands("Day to day")
    assert len(pasted) > 20
    for command in pasted:
        done = host.sh(command, check=False, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        if "sendmail joe" in command:
            assert eventually(lambda: host.maildir("joe")), host.log("qmail-send")
        if command.startswith("curl"):
            assert done.stdout.startswith("1 ")
    assert b"10.1.:allow" in host.read("/etc/tcp.smtp")

    # What they were for: the new domains deliver.
    host.sh("rm /var/qmail/control/smtproutes; swaks --silent 3 --server 127.0.0.1 --to joe@example.net,x@shop.example")
    assert eventually(lambda: len(host.maildir("joe")) == 3), host.log("qmail-send")
