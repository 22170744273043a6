"""A machine whose mail goes to the catcher instead of the queue."""

import pathlib
import shutil

import pytest

CATCHER = "/usr/local/lib/mailtree-test/catch"


class Caught:
    """What the last message looked like when it was handed to the queue program; None when nothing came."""

    def __init__(self, place):
        place = pathlib.Path(place)
        self.message = self.sender = self.recipients = None
        if (place / "message").exists():
            self.message = (place / "message").read_bytes().decode()
            records = (place / "envelope").read_bytes().decode().split("\0")
            assert records[0][0] == "F" and records[-2:] == ["", ""]
            self.sender, self.recipients = records[0][1:], [r[1:] for r in records[1:-2] if r[0] == "T"]
            self.extras = [r for r in records[1:-2] if r[0] != "T"]

    def fields(self, name):
        """Bodies of the fields of this name, unfolded."""
        head = self.message.split("\n\n")[0].replace("\n ", " ").replace("\n\t", " ")
        lines = [line.split(":", 1) for line in head.split("\n") if line]
        return [body.strip() for found, body in lines if found.lower() == name.lower()]

    def names(self):
        return [line.split(":")[0] for line in self.message.split("\n\n")[0].split("\n") if line[:1] not in ("", " ", "\t")]


class Sender:
    def __init__(self, host):
        self.host = host
        host.user("joe")
        host.control("defaulthost", "h\n")
        host.control("defaultdomain", "d.org\n")
        host.control("plusdomain", "org\n")

    def run(self, command, text="", check=True, env=None, user="joe", **more):
        """Runs a program that sends; the CompletedProcess gets .caught."""
        place = self.host.path("/tmp/catch")
        shutil.rmtree(place, ignore_errors=True)
        if isinstance(text, str):
            text = text.encode()
        base = {"QMAILQUEUE": CATCHER, "USER": "joe", "HOME": "/home/joe"}
        env = {name: value for name, value in {**base, **(env or {})}.items() if value is not None}
        done = self.host.run(command, user=user, input=text, env=env, check=check, **more)
        done.caught = Caught(place)
        done.said = done.stderr.decode()
        return done

    def inject(self, text, *args, **more):
        return self.run(["qmail-inject", *args], text, **more)

    def refuse_with(self, code, text=""):
        """The queue program will say no."""
        self.host.sh(f"mkdir -p /tmp/no && echo {code} > /tmp/no/exit")
        self.host.write("/tmp/no/text", text)
        return {"CATCH_DIR": "/tmp/no"}


@pytest.fixture
def mail(host):
    return Sender(host)
