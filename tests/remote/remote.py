"""What the tests of this folder share: scripted servers, and qmail-remote's records."""

import json
import pathlib
import subprocess

from tests.host import eventually

SCRIPT = pathlib.Path(__file__).with_name("smtp_server.py")
MESSAGE = b"Subject: hello\n\nbody\n"


class Server:
    def __init__(self, host, address="127.0.0.1", port=2525, **behaviour):
        self.host = host
        self.log = f"/tmp/heard-{address}-{port}"
        host.write(self.log, "")
        self.process = host.popen(["/usr/bin/python3", SCRIPT, address, port, self.log],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(json.dumps(behaviour).encode())
        self.process.stdin.close()
        assert self.process.stdout.readline() == b"ready\n"

    def connections(self):
        """Those that have ended, and are told of to the end of the line."""
        return [json.loads(line) for line in self.host.read(self.log).splitlines(True) if line.endswith(b"\n")]

    def heard(self, connection=0):
        """What the server was told on its nth connection, after that has ended."""
        eventually(lambda: len(self.connections()) > connection, 5)
        return self.connections()[connection]["heard"].encode("latin-1")

    def lines(self, connection=0):
        return self.heard(connection).decode("latin-1").split("\r\n")[:-1]

    def reads(self, connection=0):
        self.heard(connection)
        return self.connections()[connection]["reads"]


def records(output):
    """Of recipients and message; and what was learnt of the server: "a" it was reached, "u" not, "n3" has transactions of
    three recipients, "" nothing."""
    assert output.endswith(b"\0")
    said = output[:-1].decode("latin-1").split("\0")
    message = next(i for i, record in enumerate(said) if record[0] in "KZDW")
    return said[:message + 1], "".join(said[message + 1:])


def remote_and_contact(host, name="example.net", sender="s@example.org", recipients=("r@example.net",), message=MESSAGE,
                       **more):
    """What one qmail-remote says."""
    done = host.run(["qmail-remote", name, sender, *recipients], user="qmailr", input=message, **more)
    assert done.stderr == b""
    return records(done.stdout)


def remote(host, *words, **more):
    """Its records of recipients and message."""
    return remote_and_contact(host, *words, **more)[0]


def through(host, relay="127.0.0.1:2525"):
    host.control("smtproutes", f":{relay}\n")
