"""Mailing lists on throwaway hosts.

    def test_a_post_reaches_subscribers(host):
        sos = the_list(host, "sos")
        sos.subscribe("joe@mail.example.org")
        host.start()
        sos.write("joe@mail.example.org", "Hello")
"""

import email.message
import shlex

ALIAS = "/var/qmail/alias"


class MailingList:
    """A list of a host: where it lies, who owns it, what is in it."""

    def __init__(self, host, name, place, owner, domain):
        self.host = host
        self.name = name
        self.place = place
        self.owner = owner
        self.domain = domain
        self.dir = f"{place}/{name}"
        self.dot = f"{place}/.qmail-{name}"

    def address(self, command=""):
        """L@H; of a command L-command@H."""
        return f"{self.name}{command and '-' + command}@{self.domain}"

    def run(self, program, *arguments, **more):
        """A program of lists, as who owns the list; text in, text out."""
        words = " ".join(shlex.quote(str(word)) for word in (program, *arguments))
        return self.host.sh(words, user=self.owner, **more)

    def make(self, letters=""):
        return self.run("ezmlm-make", *letters.split(), self.dir, self.dot, self.name, self.domain)

    def edit(self, letters=""):
        """Changes what is said, and nothing else."""
        return self.run("ezmlm-make", "-+", *letters.split(), self.dir)

    def subscribe(self, *addresses, table="."):
        self.run("ezmlm-sub", self.dir, table, *addresses)

    def subscribers(self, table="."):
        return self.run("ezmlm-list", self.dir, table).stdout.split()

    def has(self, name):
        return self.host.sh(f"test -e {shlex.quote(self.dir)}/{name}", check=False).returncode == 0

    def read(self, name):
        return self.host.read(f"{self.dir}/{name}").decode()

    def put(self, name, text):
        self.host.write(f"{self.dir}/{name}", text, owner=self.owner, mode=0o600)

    def write(self, sender, text="text", to=None, subject="subject", **fields):
        """A message to the list, or to another address of it, from this envelope sender, by the queue."""
        message = email.message.EmailMessage()
        message["From"] = sender
        message["To"] = to or self.address()
        message["Subject"] = subject
        for field, value in fields.items():
            message[field.replace("_", "-")] = value
        message.set_content(text)
        envelope = " ".join(map(shlex.quote, ("-f", sender, "--", to or self.address())))
        return self.host.sh(f"qmail-inject -a {envelope}", input=message.as_string())


def the_list(host, name, letters="", place=ALIAS, owner="alias", domain=None):
    """Makes a list of the host itself, of a user (place: his home) or of a virtual domain (place: its directory)."""
    host.dns({})            # ezmlm-send asks what domains say of their mail
    made = MailingList(host, name, place, owner, domain or host.name)
    made.make(letters)
    return made
