"""sendmail takes its arguments as Postfix's sendmail takes the same ones."""

import os
import re

import pytest

from tests.host.machine import TOP

POSTFIX = TOP / "build" / "tools"
SENDMAIL = POSTFIX / "usr/sbin/sendmail"
pytestmark = pytest.mark.skipif(not SENDMAIL.exists(), reason="Postfix is not in build/tools")

CONFIGURATION = f"""
command_directory = /tmp/postfix/bin
daemon_directory = {POSTFIX}/usr/lib/postfix/sbin
queue_directory = /tmp/postfix/spool
mail_owner = mail
setgid_group = games
myhostname = mail.example.org
"""
ENVIRONMENT = {"LD_LIBRARY_PATH": str(POSTFIX / "usr/lib/postfix"), "MAIL_CONFIG": "/tmp/postfix"}
POSTDROP = f"""#!/bin/sh
export LD_LIBRARY_PATH={POSTFIX}/usr/lib/postfix MAIL_CONFIG=/tmp/postfix
exec {POSTFIX}/usr/sbin/postdrop "$@"
"""

# The same sender and recipients from both.
SAME = [
    ["joe"],
    ["a@x.y", "b@x.y"],
    ["a@x.y,b@x.y"],
    ["a@x.y, b@x.y"],
    ["a@x.y b@x.y"],
    ["a@x.y\nb@x.y\t,c@x.y,"],
    [",a@x.y"],
    ["joe,ann"],
    ["Name <a@x.y>"],
    ['"Na, me" <a@x.y>'],
    ["J\u00f6e O'Brien <a@x.y>"],
    ["=?UTF-8?Q?J=C3=B6e?= <a@x.y>"],
    ["Name <a@x.y>, Other <b@x.y>"],
    ["Name <a@x.y> (c)"],
    ["a@x.y (c)"],
    ["(c) a@x.y"],
    ["a@x.y <b@x.y>"],
    ["<a@x.y> <b@x.y>"],
    ["<a@x.y>"],
    ["group: a@x.y, b@x.y;"],
    ['"a b"@x.y'],
    ["a\\ b@x.y"],
    ["a @ x . y"],
    ["a@x.y@z.y"],
    ["a@[192.0.2.1]"],
    ["list-return-1-joe=x.y@z.y"],
    ["|program"],
    ["/file"],
    ["a!b"],
    ["a%b@x.y"],
    ["--", "-a@x.y"],
    ["-f", "a@x.y", "joe"],
    ["-fa@x.y", "joe"],
    ["-r", "a@x.y", "joe"],
    ["-f", "Name <a@x.y>", "joe"],
    ["-fName <a@x.y>", "joe"],
    ["-r", '"Na, me" <a@x.y>', "joe"],
    ["-f", "a@x.y (c)", "joe"],
    ["-f", "<a@x.y> (c)", "joe"],
    ["-f", " a@x.y ", "joe"],
    ["-f", "a@x.y,", "joe"],
    ["-f", "<a@x.y>", "joe"],
    ["-f", '"a b"@x.y', "joe"],
    ["-f", '<"a b"@x.y>', "joe"],
    ["-f", "group: a@x.y;", "joe"],
    ["-f", "a@x.y, b@x.y", "joe"],
    ["-f", "a b", "joe"],
    ["-f", "ann", "joe"],
    ["-f", "<>", "joe"],
    ["-f", "", "joe"],
    ["-f", " ", "joe"],
    ["-F", "Name", "-f", "a@x.y", "joe"],
    ["-C", "/tmp/postfix/main.cf", "joe"],
    ["-C/tmp/postfix/main.cf", "joe"],
    ["-c", "joe"],
    ["-i", "-oi", "-oem", "-ep", "-om", "-B8BITMIME", "-h", "9", "-m", "-N", "never", "-Rhdrs", "-Vx", "-U",
     "-L", "tag", "-Am", "-G", "-x", "joe"],
    ["a@x.y", "-f", "b@x.y"],
]

# What ours does with what Postfix reads as something else, or accepts though it is broken: recipients, or the refusal.
OTHERWISE = [
    (["<@x.y,@z.y:a@x.y>"],    ["a@x.y"]),          # source routes go
    (["@x.y,@z.y:a@x.y"],      "unable to parse address: "),
    (["a@x.y."],               ["a@x.y"]),          # dots at the end go
    ([""],                     "no address in the argument: "),
    ([","],                    "no address in the argument: "),
    (["(c)"],                  "no address in the argument: "),
    (["-f", "(c)", "joe"],     "unable to parse address: "),
    (["<a@x.y"],               "unable to parse address: "),
    (["a@x.y>"],               "unable to parse address: "),
    (['"a'],                   "unable to parse address: "),
    (["(a"],                   "unable to parse address: "),
    ([":include:/x"],          "unable to parse address: "),
]


@pytest.fixture
def postfix(host):
    """Takes the arguments of a sendmail; (sender, recipients) as Postfix's writes them into its queue."""
    host.write("/tmp/postfix/main.cf", CONFIGURATION)
    host.write("/tmp/postfix/bin/postdrop", POSTDROP, mode=0o755)
    host.sh("mkdir -p /tmp/postfix/spool/maildrop && chown mail: /tmp/postfix/spool /tmp/postfix/spool/maildrop")

    def send(arguments):
        host.sh("rm -f /tmp/postfix/spool/maildrop/*")
        host.run([SENDMAIL, *arguments], input=b"Subject: s\n\nbody\n", env=ENVIRONMENT)
        name, = os.listdir(host.path("/tmp/postfix/spool/maildrop"))
        shown = host.run([POSTFIX / "usr/sbin/postcat", "-e", f"/tmp/postfix/spool/maildrop/{name}"], env=ENVIRONMENT)
        lines = dict.fromkeys(("sender", "recipient"), ())
        for name, value in re.findall(r"^(sender|recipient): (.*)$", shown.stdout.decode(), re.M):
            lines[name] += (value,)
        return lines["sender"][0], list(lines["recipient"])

    return send


def completed(address):
    return address if "@" in address or not address else address + "@h.d.org"


def test_both_take_the_same_arguments(mail, postfix):
    for arguments in SAME:
        sender, recipients = postfix(arguments)
        caught = mail.run(["sendmail", *arguments], "Subject: s\n\nbody\n", user="root", env={"USER": "root"}).caught
        assert caught.recipients == [completed(r) for r in recipients], arguments
        assert caught.sender == completed(sender), arguments


def test_where_ours_differs(mail):
    for arguments, wanted in OTHERWISE:
        done = mail.run(["sendmail", *arguments], "Subject: s\n\nbody\n", check=False)
        if isinstance(wanted, str):
            assert done.returncode == 100 and done.said.startswith("sendmail: fatal: " + wanted), (arguments, done)
            assert done.caught.message is None
        else:
            assert done.caught.recipients == wanted, (arguments, done)
