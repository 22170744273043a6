"""fastforward and dot-forward, and what makes their tables: /etc/aliases, lists, .forward files."""

import os
import re
import subprocess

import pytest

from tests.host.machine import eventually
from tests.local.machine import CATCH, MESSAGE, cdb, dotqmail, local, queued

BIN = "/var/qmail/bin"
DTLINE = "Delivered-To: joe@mail.example.org\n"
LINES = {"UFLINE": "From s@example.net Mon Jan 01 00:00:00 2024\n", "RPLINE": "Return-Path: <s@example.net>\n", "DTLINE": DTLINE}
VARIABLES = {**CATCH, **LINES, "SENDER": "s@example.net", "NEWSENDER": "new@example.net", "RECIPIENT": "x@mail.example.org",
             "EXT": "ext", "HOST": "mail.example.org", "USER": "joe"}


@pytest.fixture
def joe(host):
    host.user("joe")
    return host


def run(host, *words, code=0, env=VARIABLES, user="joe", message=MESSAGE, place="/home/joe"):
    """What it says on both outputs."""
    host.write("/tmp/message", message)
    with open(host.path("/tmp/message"), "rb") as stdin:
        running = host.popen(["sh", "-c", f'cd {place} && exec "$@"', "-", f"{BIN}/{words[0]}", *words[1:]], user=user, env=env,
                             stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = running.communicate(timeout=60)
    assert running.returncode == code, (words, running.returncode, out, err)
    return re.sub(r"qp \d+", "qp N", (out + err).decode(errors="surrogateescape"))


def table(host, text, name="/home/joe/t.cdb"):
    return run(host, "setforward", name, f"{name}.tmp", message=text.encode())


def sent(host):
    """Envelope sender and recipients of what was queued last."""
    message, envelope = queued(host)
    if envelope is None:
        return None
    sender, *recipients = [part[1:].decode() for part in envelope.split(b"\0") if part]
    assert message == DTLINE.encode() + MESSAGE
    return sender, recipients


# ---- tables ----

def test_a_table_is_made_and_shown(joe):
    assert table(joe, "A@b.c: ?O@p, d@E, |x\\ y, ./l;\n# comment\n@b.c: a@b.c;\nnone@x:;") == ""
    assert joe.read("/home/joe/t.cdb") == cdb([(b"?a@b.c", b"O@p"), (b":a@b.c", b"&d@E\0|x y\0./l\0"), (b":@b.c", b"&a@b.c\0")])
    text = "a@b.c: ?O@p;\na@b.c:\n, &d@E\n, |x\\ y\n, ./l\n;\n@b.c:\n, &a@b.c\n;\n"
    assert run(joe, "printforward", message=joe.read("/home/joe/t.cdb")) == text
    assert table(joe, text, "/home/joe/again.cdb") == "" and joe.read("/home/joe/again.cdb") == joe.read("/home/joe/t.cdb")
    assert joe.sh("stat -c '%a %U' ~joe/t.cdb; ls ~joe/*.tmp", check=False).stdout == "644 joe\n"


def test_a_wrong_text_changes_nothing(joe):
    table(joe, "a@b: c;")
    before = joe.read("/home/joe/t.cdb")
    assert run(joe, "setforward", "t.cdb", "t.tmp", message=b"x@y: z;\na, b;", code=100) == \
        "setforward: fatal: input line 2: a comma or a semicolon stands before the colon\n"
    assert joe.read("/home/joe/t.cdb") == before and "t.tmp" not in os.listdir(joe.path("/home/joe"))
    run(joe, "setforward", "/no/t.cdb", "/no/t.tmp", message=b"x@y: z;", code=111)
    run(joe, "setforward", "t.cdb", code=100)
    for bad in (b"x", b"\0" * 2048 + b"x", cdb([(b"x", b"y")]), cdb([(b":x", b"y")])):
        assert run(joe, "printforward", message=bad, code=100) == "printforward: fatal: bad database format\n"


def test_lists_are_made_and_shown(joe):
    assert run(joe, "setmaillist", "l.bin", "l.tmp", message=b"a@b \n# c\n\n&d@e\n./m\n/n") == ""
    assert joe.read("/home/joe/l.bin") == b"&a@b\0&d@e\0./m\0/n\0"
    assert run(joe, "printmaillist", message=joe.read("/home/joe/l.bin")) == "&a@b\n&d@e\n./m\n/n\n"
    assert run(joe, "setmaillist", "l.bin", "l.tmp", message=b"a@b\n" + b"x" * 801, code=100) == \
        "setmaillist: fatal: input line 2: an address has more than 800 bytes\n"
    assert run(joe, "setmaillist", "l.bin", "l.tmp", message=b"a\0b", code=111) == "setmaillist: fatal: input line 1: there is a NUL\n"
    for bad in (b"&a", b"a\0", b"&a \0", b"&a\nb\0", b"\0", b"&" + b"x" * 900 + b"\0"):
        assert run(joe, "printmaillist", message=bad, code=100).startswith("printmaillist: fatal: bad mailing list format: ")


# ---- fastforward ----

TABLE = """
x@mail.example.org: a@far, b@mail.example.org;
b@mail.example.org: c@far, a@far;
owned@mail.example.org: ?o@far, sub@mail.example.org, plain@far;
sub@mail.example.org: ?sub-owner@far, never@far;
wild@: by-name@far;
@all.example: by-host@far, other@all.example;
list@mail.example.org: ./l.bin;
run@mail.example.org: |echo\\ one;cat, !cat\\ >\\ lined;
loop@mail.example.org: loop@mail.example.org, ./l.bin, ./l.bin;
ext@mail.example.org: by-default@far;
""".replace(";cat", "\\;cat")

FOUND = [
    ("x@mail.example.org", "s@example.net", ["a@far", "c@far"]),
    ("X@Mail.Example.ORG", "s@example.net", ["a@far", "c@far"]),
    ("owned@mail.example.org", "o@far", ["plain@far", "sub@mail.example.org"]),
    ("wild@anywhere.example", "s@example.net", ["by-name@far"]),
    ("any@all.example", "s@example.net", ["other@all.example", "by-host@far"]),
    ("list@mail.example.org", "s@example.net", ["l@far", "m@far"]),
    ("loop@mail.example.org", "s@example.net", ["l@far", "m@far"]),
]


@pytest.fixture
def tables(joe):
    table(joe, TABLE)
    run(joe, "setmaillist", "l.bin", "l.tmp", message=b"l@far\n./m.bin\n./l.bin\n")
    run(joe, "setmaillist", "m.bin", "m.tmp", message=b"m@far\nl@far\n")
    return joe


def test_what_a_table_leads_to(tables):
    for address, sender, recipients in FOUND:
        said = run(tables, "fastforward", "t.cdb", env={**VARIABLES, "RECIPIENT": address})
        assert (said, sent(tables)) == ("fastforward: qp N\n", (sender, recipients)), address
        shown = run(tables, "fastforward", "-n", "t.cdb", env={**VARIABLES, "RECIPIENT": address})
        assert shown == f"from <{sender}>\n" + "".join(f"to <{r}>\n" for r in recipients) and sent(tables) is None


def test_who_is_not_there(tables):
    env = {**VARIABLES, "RECIPIENT": "nosuch@mail.example.org"}
    assert run(tables, "fastforward", "t.cdb", env=env, code=100) == "Sorry, no mailbox here by that name. (#5.1.1)\n"
    assert run(tables, "fastforward", "-p", "t.cdb", env=env) == ""
    assert run(tables, "fastforward", "-p", "t.cdb", code=99) == "fastforward: qp N\n" and sent(tables)
    assert run(tables, "fastforward", "-pP", "t.cdb") == "fastforward: qp N\n"


def test_which_address_is_looked_up(tables):
    assert run(tables, "fastforward", "-d", "t.cdb") and sent(tables)[1] == ["by-default@far"]
    assert run(tables, "fastforward", "-d", "t.cdb", env={**VARIABLES, "DEFAULT": "list"}) and sent(tables)[1] == ["l@far", "m@far"]
    assert run(tables, "fastforward", "-dD", "t.cdb") and sent(tables)[1] == ["a@far", "c@far"]
    without = {key: value for key, value in VARIABLES.items() if key != "RECIPIENT"}
    assert run(tables, "fastforward", "t.cdb", env=without, code=100) == "fastforward: fatal: RECIPIENT not set\n"


def test_bounces_keep_their_sender(tables):
    for sender in ("", "#@[]"):
        run(tables, "fastforward", "t.cdb", env={**VARIABLES, "RECIPIENT": "owned@mail.example.org", "SENDER": sender})
        assert sent(tables)[0] == sender


def test_programs_run(tables):
    env = {**VARIABLES, "RECIPIENT": "run@mail.example.org"}
    assert run(tables, "fastforward", "t.cdb", env=env) == "one\n" + MESSAGE.decode()
    assert tables.read("/home/joe/lined").decode() == "".join(LINES.values()) + MESSAGE.decode() and sent(tables) is None
    assert run(tables, "fastforward", "-n", "t.cdb", env=env) == "run |echo one;cat\nrun !cat > lined\nno forwarding\n"
    for says, code in ((100, 100), (64, 100), (112, 100), (99, 111), (1, 111), (111, 111)):
        table(tables, f"r@x: after@far, |exit\\ {says}, |echo\\ never;")
        assert run(tables, "fastforward", "t.cdb", env={**VARIABLES, "RECIPIENT": "r@x"}, code=code) == "" and sent(tables) is None
    table(tables, "r@x: |kill\\ -9\\ $$;")
    assert run(tables, "fastforward", "t.cdb", env={**VARIABLES, "RECIPIENT": "r@x"}, code=111) == "fastforward: fatal: child crashed\n"


def test_trouble_is_temporary(tables):
    env = {**VARIABLES, "RECIPIENT": "list@mail.example.org"}
    tables.sh("chmod 600 ~joe/m.bin")
    assert run(tables, "fastforward", "t.cdb", env=env, code=111) == "fastforward: fatal: ./m.bin is not world-readable\n"
    tables.sh("rm ~joe/m.bin")
    assert run(tables, "fastforward", "t.cdb", env=env, code=111).startswith("fastforward: fatal: unable to read ./m.bin: ")
    tables.write("/home/joe/m.bin", "x\0")
    assert "./m.bin is no mailing list" in run(tables, "fastforward", "t.cdb", env=env, code=111)
    tables.write("/home/joe/bad.cdb", "x")
    run(tables, "fastforward", "bad.cdb", code=111)
    run(tables, "fastforward", "none.cdb", code=111)
    tables.write("/home/joe/bad.cdb", "")
    run(tables, "fastforward", "bad.cdb", code=111)
    assert run(tables, "fastforward", code=100) == "fastforward: usage: fastforward [ -nNpPdD ] data.cdb\n"
    assert sent(tables) is None


# ---- /etc/aliases ----

ALIASES = """# who reads what
postmaster: joe
Joe: joe@far, ann
\t\\bob

  , car@far (Car)
staff : :include:/etc/staff, owner@far
owner-staff: ann
robot: "|/bin/robot -v", |"/bin/b c"
# a comment
\tthat goes on
@old.example: joe
ann@x.example ann+
"""


def aliases(host, text, code=0):
    host.write("/etc/aliases", text)
    return run(host, "newaliases", user="root", place="/", code=code)


def test_aliases(joe):
    assert aliases(joe, ALIASES + "last: line") == ""
    where = b"mail.example.org"
    assert joe.read("/etc/aliases.cdb") == cdb([
        (b":postmaster@", b"&joe@%s\0" % where),
        (b":joe@", b"&car@far.example.org\0&bob@%s\0&ann@%s\0&joe@far.example.org\0" % (where, where)),
        (b":staff@", b"&owner@far.example.org\0/etc/staff.bin\0"),
        (b"?staff@", b"owner-staff@" + where),
        (b":owner-staff@", b"&ann@" + where + b"\0"),
        (b":robot@", b"!/bin/b c\0!/bin/robot -v\0"),
        (b":@old.example", b"&joe@" + where + b"\0"),
        (b":ann@x.example", b"&ann+@" + where + b"\0"),
        (b":last@", b"&line@" + where + b"\0"),
    ])
    assert joe.sh("stat -c '%a %U' /etc/aliases.cdb; ls /etc/aliases.tmp", check=False).stdout == "644 root\n"


def test_bad_lines_of_aliases_are_told_all_and_change_nothing(joe):
    aliases(joe, "a: b\n")
    before = joe.read("/etc/aliases.cdb")
    said = aliases(joe, 'a: b\nx: "open\n\nempty:\nfile: /var/mail/x\n"|p": q\ngood: y\n  z\nnone: @far\n', code=111)
    assert said == ("newaliases: warning: /etc/aliases line 2: unable to parse this line\n"
                    "newaliases: warning: /etc/aliases line 4: unable to parse this line: nothing stands behind the name\n"
                    "newaliases: warning: /etc/aliases line 5: delivery to a file is not supported: /var/mail/x\n"
                    "newaliases: warning: /etc/aliases line 6: it does not begin with a name\n"
                    "newaliases: warning: /etc/aliases line 9: this is no address: @far\n"
                    "newaliases: fatal: /etc/aliases.cdb stays as it was\n")
    assert "line 2: an address or a command has more than 800 bytes" in aliases(joe, "a: b\nlong: " + "x" * 801 + "\n", code=100)
    joe.sh("rm /etc/aliases")
    assert run(joe, "newaliases", user="root", code=111) == "newaliases: fatal: unable to read /etc/aliases: No such file or directory\n"
    assert joe.read("/etc/aliases.cdb") == before
    run(joe, "newaliases", "x", user="root", code=100)
    run(joe, "newaliases", code=111)


def test_a_name_that_stands_there_twice(joe):
    assert aliases(joe, "a: b\nA: c\n") == "newaliases: warning: /etc/aliases line 2: this name has a line already, and the first counts: a@\n"


def test_sendmail_bi_is_newaliases(joe):
    joe.write("/etc/aliases", "a: b\n")
    joe.sh("/var/qmail/bin/sendmail -bi && test -s /etc/aliases.cdb && test ! -L /var/qmail/bin/newaliases")


def test_included_lists(joe):
    joe.write("/home/joe/l", "# comment\nann, Bob <bob@far>\n (nobody)\n:include:more, :include:/x\nlast", owner="joe")
    assert run(joe, "newinclude", "l") == ""
    assert joe.read("/home/joe/l.bin") == b"&bob@far.example.org\0&ann@mail.example.org\0/x.bin\0./more.bin\0&last@mail.example.org\0"
    run(joe, "newinclude", "l", env={"QMAILDEFAULTHOST": "else.example"})
    assert b"&ann@else.example\0" in joe.read("/home/joe/l.bin")
    before = joe.read("/home/joe/l.bin")
    for line, said in (('"|x"', "a program is not supported in a list"), ("/x", "delivery to a file is not supported"), ('"x', "unable to parse this line")):
        joe.write("/home/joe/l", f"a@b\n{line}\n", owner="joe")
        assert run(joe, "newinclude", "l", code=111) == f"newinclude: fatal: l line 2: {said}\n"
    assert joe.read("/home/joe/l.bin") == before
    run(joe, "newinclude", "none", code=111)
    run(joe, "newinclude", code=100)


def test_root_shows_nobody_what_his_link_names(joe):
    """What becomes of a list everybody may read."""
    joe.write("/srv/secret", "ann@example.net\n", mode=0o600)
    joe.sh("ln -s /srv/secret ~joe/l; ln /srv/secret ~joe/m")
    for name in "l", "m":
        assert "unable to read" in run(joe, "newinclude", f"/home/joe/{name}", user="root", code=111)
        assert not os.path.exists(joe.path(f"/home/joe/{name}.bin"))


# ---- .forward ----

def forward_file(host, text, name=".forward"):
    host.write(f"/home/joe/{name}", text, owner="joe")


@pytest.mark.parametrize("text, code, recipients", [
    ("ann@far.example\n", 99, ["ann@far.example"]),
    ("ann, Bob <bob@far.example>\n# c\ncar", 99, ["bob@far.example", "ann@mail.example.org", "car@mail.example.org"]),
    ("\\joe, ann\n", 0, ["ann@mail.example.org"]),
    ("JOE@Mail.Example.Org\n", 0, None),
    ("# nothing\n\n", 0, None),
    (None, 0, None),
])
def test_dot_forward(joe, text, code, recipients):
    if text is not None:
        forward_file(joe, text)
    said = run(joe, "dot-forward", ".forward", code=code)
    assert said == ("dot-forward: info: qp N\n" if recipients else "")
    assert sent(joe) == (("new@example.net", recipients) if recipients else None)


def test_dot_forward_takes_the_first_file_that_says_something(joe):
    forward_file(joe, "# nothing\n", "empty")
    forward_file(joe, "ann\n\\joe\n\"|cat > x\"\n", "second")
    assert run(joe, "dot-forward", "none", "empty", "second", "none", code=0) == "dot-forward: info: qp N\n" and sent(joe)
    forward_file(joe, '"|echo \x1b[2J\u009b2J"\n', "screen")
    assert run(joe, "dot-forward", "-n", "screen", code=99) == "pipe through echo _[2J_2J\n"
    assert run(joe, "dot-forward", "-n", "none", "empty", "second") == (
        "skipping empty file empty\nforward ann@mail.example.org\ndirect delivery\npipe through cat > x\n")
    assert sent(joe) is None


def test_dot_forward_runs_programs(joe):
    forward_file(joe, '"|cat > seen"\n')
    assert run(joe, "dot-forward", ".forward", code=99) == ""
    assert joe.read("/home/joe/seen").decode() == "".join(LINES.values()) + MESSAGE.decode()
    run(joe, "dot-forward", ".forward", code=99, env=CATCH)
    assert joe.read("/home/joe/seen") == MESSAGE
    for says, code in ((100, 100), (77, 100), (99, 111), (1, 111)):
        forward_file(joe, f'"|exit {says}", ann\n')
        run(joe, "dot-forward", ".forward", code=code)


def test_dot_forward_obeys_no_line_where_one_is_wrong(joe):
    for line, said in (("/var/mail/joe", "file delivery is not supported"), (":include:/x", ":include: is not supported"),
                       ('"x', "unable to parse this line"), ("@far", "this is no address")):
        forward_file(joe, f'"|touch never"\nann\n{line}\n')
        assert run(joe, "dot-forward", ".forward", code=111) == f"dot-forward: fatal: .forward line 3: {said}\n"
        assert sent(joe) is None and "never" not in os.listdir(joe.path("/home/joe"))
    joe.sh("rm ~joe/.forward; mkdir ~joe/.forward")
    run(joe, "dot-forward", ".forward", code=111)
    assert run(joe, "dot-forward", code=100) == "dot-forward: usage: dot-forward [ -nN ] file ...\n"


def test_dot_forward_in_the_default_delivery(joe):
    joe.sh("rm -f ~joe/.qmail")
    both = "|dot-forward .forward\n./Maildir/"
    assert local(joe, default=both).out == b"did 1+0+1\n"
    forward_file(joe, "ann\n")
    assert local(joe, default=both).code == 0 and sent(joe) == ("sender@example.net", ["ann@mail.example.org"])
    forward_file(joe, "\\joe, ann\n")
    assert local(joe, default=both).code == 0 and sent(joe)
    assert len(joe.maildir("joe")) == 2


# ---- the whole way ----

def talk(host, recipient):
    return host.sh(f"swaks --silent 3 --quit-after RCPT --server 127.0.0.1 --from s@example.net --to {recipient}; echo $?", check=False).stdout


def test_the_door_knows_the_aliases(host):
    """Mail for an alias arrives; who is none is refused before it is taken."""
    host.user("joe")
    aliases(host, "sales: joe\nlist: :include:/etc/list\n@old.example: joe\n")
    host.write("/etc/list", "joe\n")
    run(host, "newinclude", "/etc/list", user="root")
    host.write("/var/qmail/alias/.qmail-default", "# by the table\n| fastforward -d /etc/aliases.cdb\n", owner="alias")
    host.sh("echo old.example:alias-old >> /var/qmail/control/virtualdomains; echo old.example >> /var/qmail/control/rcpthosts")
    host.sh("echo '| fastforward -d /etc/aliases.cdb' > /var/qmail/alias/.qmail-old-default; chown alias: /var/qmail/alias/.qmail-old-default")
    host.start()
    for box in ("sales", "SALES", "list", "joe"):
        assert talk(host, f"{box}@mail.example.org") == "0\n", box
    assert talk(host, "any@old.example") == "0\n"
    said = host.sh("swaks --quit-after RCPT --server 127.0.0.1 --from s@example.net --to nosuch@mail.example.org", check=False).stdout
    assert "550 5.1.1" in said
    host.sh("swaks --silent 3 --server 127.0.0.1 --from s@example.net --to list@mail.example.org,any@old.example")
    assert eventually(lambda: len(host.maildir("joe")) == 2, 60)
    for change in ("echo '&joe' >> .qmail-default", "echo '| fastforward -p -d /etc/aliases.cdb' > .qmail-default",
                   "echo '| fastforward -d /etc/none.cdb' > .qmail-default", "echo '| fastforward -d /etc/aliases.cdb' > .qmail-default; "
                   "echo mine > /var/qmail/bin/fastforward"):
        assert "550" in host.sh("swaks --quit-after RCPT --server 127.0.0.1 --from s@example.net --to nosuch@mail.example.org", check=False).stdout
        host.sh(f"cp -p /var/qmail/bin/fastforward /tmp/kept; cd /var/qmail/alias && cp .qmail-default /tmp/was && {change}")
        assert talk(host, "nosuch@mail.example.org") == "0\n", change
        host.sh("cp /tmp/was /var/qmail/alias/.qmail-default; cp -p /tmp/kept /var/qmail/bin/fastforward")
