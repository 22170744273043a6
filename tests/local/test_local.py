"""qmail-local: every instruction of a .qmail file, every refusal, as a real user on a real machine."""

import fcntl
import os
import re
import signal
import time

import pytest

from tests.host import eventually
from tests.local.machine import CATCH, MESSAGE, dotqmail, local, queued

HEAD = b"Return-Path: <sender@example.net>\nDelivered-To: joe@mail.example.org\n"
QUOTED = b"Received: by test\nSubject: hello\n\n>From the start\n>>From here\nend\n\n"


@pytest.fixture
def joe(host):
    """A host with the user joe, who has a Maildir but no .qmail."""
    host.user("joe")
    host.sh("rm ~joe/.qmail")
    return host


def names(host, place):
    return host.sh(f"ls -A {place}").stdout.split()


# ---- kinds of lines ----

def test_maildir(joe):
    dotqmail(joe, "./Maildir/\n")
    said = local(joe)
    assert (said.code, said.out, said.err) == (0, b"did 1+0+0\n", b"")
    assert joe.maildir("joe") == [HEAD + MESSAGE]
    name, = names(joe, "~joe/Maildir/new")
    assert re.fullmatch(r"\d+\.M\d+P\d+Q1\.mail\.example\.org,S=%d,W=%d" %
                        (len(HEAD + MESSAGE), len((HEAD + MESSAGE).replace(b"\n", b"\r\n"))), name)
    assert joe.sh(f"stat -c '%a %U' ~joe/Maildir/new/{name}").stdout == "600 joe\n"
    assert names(joe, "~joe/Maildir/tmp") == []


def test_several_maildirs_at_once(joe):
    dotqmail(joe, "./Maildir/\n./Maildir/\n/home/joe/Maildir/  \n")
    assert local(joe).out == b"did 3+0+0\n"
    assert joe.maildir("joe") == [HEAD + MESSAGE] * 3


def test_mbox(joe):
    dotqmail(joe, "./Mailbox\n")
    assert local(joe).out == b"did 1+0+0\n"
    from_line, rest = joe.read("/home/joe/Mailbox").split(b"\n", 1)
    assert re.fullmatch(rb"From sender@example\.net \w{3} \w{3} \d\d \d\d:\d\d:\d\d \d{4}", from_line)
    assert rest == HEAD + QUOTED
    assert joe.sh("stat -c %a ~joe/Mailbox").stdout == "600\n"
    local(joe, sender="")
    assert b"\n\nFrom MAILER-DAEMON " in joe.read("/home/joe/Mailbox")


def test_mbox_to_a_device(joe):
    dotqmail(joe, "/dev/null\n")
    assert local(joe).out == b"did 1+0+0\n"


def test_program_sees_the_message_alone_and_rewound(joe):
    dotqmail(joe, "|cat > one\n|cat > two\n|pwd\n")
    said = local(joe)
    assert (said.code, said.out) == (0, b"/home/joe\ndid 0+0+3\n")
    assert joe.read("/home/joe/one") == joe.read("/home/joe/two") == MESSAGE


def test_forwards_leave_in_one_injection(joe):
    dotqmail(joe, "&a@example.net\nb@example.net\n|true\n&c\n")
    said = local(joe)
    assert said.code == 0
    assert re.fullmatch(rb"did 0\+3\+1\nqp \d+\n", said.out)
    message, envelope = queued(joe)
    assert message == b"Delivered-To: joe@mail.example.org\n" + MESSAGE
    assert envelope == b"Fsender@example.net\0Ta@example.net\0Tb@example.net\0Tc\0\0"


WISHING = {**CATCH, "QMAILQUEUE_EXTRAS": "1"}
EXTRAS = "eid rHDRS i\nnSUCCESS,DELAY orfc822;joe@x"


@pytest.mark.parametrize("lines, his, code", [
    ("&a@example.net\n", [b"nSUCCESS,DELAY", b"orfc822;joe@x"], 21),      # the same recipient, elsewhere
    ("&a@example.net\n&b@example.net\n", [b"nDELAY", b"orfc822;joe@x"], 22),
    ("./Maildir/\n&a@example.net\n", [b"nDELAY", b"orfc822;joe@x"], 0),   # delivered here
])
def test_wishes_go_along_with_forwards(joe, lines, his, code):
    """RFC 3461 5.2.7: how the delivery ends tells who answers for success."""
    dotqmail(joe, lines)
    said = local(joe, env={"QMAILEXTRAS": EXTRAS, **WISHING})
    assert said.code == code
    first, *records = queued(joe)[1].split(b"\0")[:-2]
    his = [bytes(text) for text in his]
    assert records[:3] == [b"eid", b"rHDRS", b"i"]
    assert records[3:6] == [b"Ta@example.net", *his]
    assert records[6:] in ([], [b"Tb@example.net", *his])


def test_a_list_with_a_sender_of_its_own_wishes_for_itself(joe):
    """What was wished of the old message ends here; how the message is made does not."""
    dotqmail(joe, "&a@example.net\n", name=".qmail-list")
    dotqmail(joe, "&owner@example.net\n", name=".qmail-list-owner")
    assert local(joe, "-", "list", env={"QMAILEXTRAS": EXTRAS, **WISHING}).code == 0
    assert queued(joe)[1].split(b"\0")[1:-2] == [b"i", b"Ta@example.net"]


def test_wishes_that_are_not_of_success(joe):
    dotqmail(joe, "&a@example.net\n&b@example.net\n")
    for notify, told in (("NEVER", b"nNEVER"), ("SUCCESS", b"nNEVER"), ("FAILURE,DELAY", b"nFAILURE,DELAY")):
        local(joe, env={"QMAILEXTRAS": f"\nn{notify}", **WISHING})
        assert queued(joe)[1].split(b"\0")[1:-2] == [b"Ta@example.net", told, b"Tb@example.net", told]


def test_wishes_are_for_no_program(joe):
    dotqmail(joe, "|env > seen\n")
    assert local(joe, env={"QMAILEXTRAS": EXTRAS, **WISHING}).code == 0
    assert b"QMAILEXTRAS" not in joe.read("/home/joe/seen")


def test_comments_only_discard(joe):
    dotqmail(joe, "# gone\n#\n")
    assert local(joe).out == b"did 0+0+0\n"
    assert joe.maildir("joe") == []


def test_default_delivery_for_absent_and_empty_files(joe):
    assert local(joe, default="./Maildir/\n|echo hi").out == b"hi\ndid 1+0+1\n"
    dotqmail(joe, "", mode=0o744)
    assert local(joe).out == b"did 1+0+0\n"
    assert len(joe.maildir("joe")) == 2


# ---- what .qmail files are looked for ----

@pytest.mark.parametrize("ext,present,used,default", [
    ("a-b-c", "-a-b-c -a-b-default -default", "-a-b-c", None),
    ("a-b-c", "-a-b-default -a-default -default", "-a-b-default", b"c"),
    ("a-b-c", "-a-default -default", "-a-default", b"b-c"),
    ("A-B-c", "-default", "-default", b"A-B-c"),
    ("list-Default", "-list-default -default", "-list-default", b"Default"),
    ("mydefault", "-mydefault", "-mydefault", b"default"),
    ("a-b-", "-a-b-default", "-a-b-default", b""),
    ("", "-default", "-default", b""),
    ("First.Last", "-first:last -default", "-first:last", None),
    ("x", "-default/ -default-", None, None),
])
def test_search_order(joe, ext, present, used, default):
    for name in present.split():
        if name.endswith("/"):
            joe.sh(f"mkdir ~joe/.qmail{name}")
        else:
            dotqmail(joe, f'|echo "file {name} ${{DEFAULT-unset}}"\n', name=".qmail" + name)
    said = local(joe, "-", ext)
    if used is None:
        assert (said.code, said.err) == (100, b"Sorry, no mailbox here by that name. (#5.1.1)\n")
    else:
        shown = b"unset" if default is None else default
        assert said.out == f"file {used} ".encode() + shown + b"\ndid 0+0+1\n"


def test_base_address_falls_back_to_qmaildefault(joe):
    dotqmail(joe, "|echo fallback\n", name=".qmaildefault")
    assert local(joe).out == b"fallback\ndid 0+0+1\n"


def test_an_unreadable_file_defers(joe):
    joe.write("/home/joe/.qmail-x", "|true", mode=0o600)
    dotqmail(joe, "|true", name=".qmail-default")
    said = local(joe, "-", "x")
    assert (said.code, said.err) == (111, b"Unable to open .qmail-x: access denied. (#4.3.0)\n")


# ---- refusals ----

REFUSALS = [
    # .qmail, mode, exit, text
    (" \t\n./Maildir/\n", 0o644, 111, b"Uh-oh: first line of .qmail file is blank. (#4.2.1)\n"),
    ("./Maildir/\n", 0o646, 111, b"Uh-oh: .qmail file is writable. (#4.7.0)\n"),
    ("./Maildir/\n", 0o744, 111, b"Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)\n"),
    ("./Mailbox\n", 0o744, 111, b"Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)\n"),
    ("|true\n", 0o744, 111, b"Uh-oh: .qmail has prog delivery but has x bit set. (#4.7.0)\n"),
    ("+list\n|true\n", 0o644, 111, b"Uh-oh: .qmail has prog delivery but has x bit set. (#4.7.0)\n"),
    ("./Missing/\n", 0o644, 111, b"Unable to chdir to maildir. (#4.2.1)\n"),
    ("./Maildir/new/\n", 0o644, 111, b"Temporary error on maildir delivery. (#4.3.0)\n"),
    ("./no/such/box\n", 0o644, 111, b"Unable to open ./no/such/box: file does not exist. (#4.2.1)\n"),
    ("./Maildir\n", 0o644, 111, b"Unable to open ./Maildir: it is a directory; for a Maildir the line in .qmail "
                                b"needs a slash at its end. (#4.2.1)\n"),
    ("./Maildir/\r\n", 0o644, 111, b"Uh-oh: .qmail line 1: it ends with a carriage return; lines end with LF alone. (#4.2.1)\n"),
    ("./Maildir/ # mine\n", 0o644, 111, b"Uh-oh: .qmail line 1: a comment needs a line of its own. (#4.2.1)\n"),
    ("&\n", 0o644, 111, b"Uh-oh: .qmail line 1: there is no address behind the &. (#4.2.1)\n"),
    ("#\n|touch never\n\n&<a@b>\n", 0o644, 111,
     b"Uh-oh: .qmail line 4: an address stands without name and angle brackets. (#4.2.1)\n"),
    *((f"./Maildir/{name}\n", 0o644, 111, b"Uh-oh: .qmail line 1: in a Maildir nobody would read this file; the line of a "
                                          b"Maildir ends with its slash. (#4.2.1)\n") for name in ("x", "new/x", ".Sent", "a/b", "/;")),
    ("|kill -9 $$\n", 0o644, 111, b"Aack, child crashed. (#4.3.0)\n"),
]


@pytest.mark.parametrize("text,mode,code,report", REFUSALS)
def test_refusals(joe, text, mode, code, report):
    dotqmail(joe, text + "&never@example.net\n|touch never\n", mode=mode)
    said = local(joe)
    assert (said.code, said.out, said.err) == (code, b"", report)
    assert queued(joe) == (None, None)
    assert "never" not in names(joe, "~joe")


def test_a_slip_is_told_by_the_file_it_is_in(joe):
    """Also by -n, and before anything is delivered."""
    dotqmail(joe, "./Maildir/\n~/Maildir/\n", name=".qmail-a-default")
    told = b"Uh-oh: .qmail-a-default line 2: a path begins with ./ or /. (#4.2.1)\n"
    for options in ([], ["-n"]):
        said = local(joe, "-", "a-b", options=options)
        assert (said.code, said.out, said.err) == (111, b"", told)
    said = local(joe, default="# x\n./Maildir/x\n")
    assert (said.code, said.err) == (111, b"Uh-oh: the default delivery line 2: in a Maildir nobody would read this file; "
                                          b"the line of a Maildir ends with its slash. (#4.2.1)\n")
    assert joe.maildir("joe") == []


def test_a_home_that_is_a_maildir_may_hold_an_mbox(joe):
    joe.sh("mkdir ~joe/new ~joe/cur ~joe/tmp; chown joe: ~joe/*")
    for place in ("./box", "/home/joe/box", "./Maildir/../box"):
        dotqmail(joe, f"{place}\n")
        assert local(joe).code == (111 if "Maildir" in place else 0), place
    assert joe.read("/home/joe/box").count(b"\nReturn-Path:") == 2


def test_forwards_are_welcome_in_a_list(joe):
    dotqmail(joe, "+list\n+unknown\n&a@b\n")
    assert b"did 0+1+0\n" in local(joe).out
    dotqmail(joe, "&a@b\n", mode=0o744)
    assert b"did 0+1+0\n" in local(joe).out


def test_home_directory(joe):
    joe.sh("chmod o+w ~joe")
    said = local(joe)
    assert (said.code, said.err) == (111, b"Uh-oh: home directory is writable. (#4.7.0)\n")
    joe.sh("chmod o-w,+t ~joe")
    said = local(joe)
    assert (said.code, said.err) == (111, b"Home directory is sticky: user is editing his .qmail file. (#4.2.1)\n")
    said = local(joe, options=["-n"])
    assert (said.code, said.out) == (0, b"maildir ./Maildir/\ndid 1+0+0\n")
    assert said.err.startswith(b"Warning: home directory is sticky.\n")
    said = local(joe, home="/home/nobody")
    assert (said.code, said.err) == (111, b"Unable to switch to /home/nobody: file does not exist. (#4.3.0)\n")


def test_the_sites_own_mode_bits(joe):
    """control/patrn is what other qmails have compiled in."""
    writable = b"Uh-oh: home directory is writable. (#4.7.0)\n", b"Uh-oh: .qmail file is writable. (#4.7.0)\n"
    dotqmail(joe, "./Maildir/\n", mode=0o664)
    joe.sh("chmod 775 ~joe")
    for text, home, file in [(None, 0o775, 0o664), ("022\n", 0o755, 0o644), ("000\n", 0o777, 0o666), ("none\n", 0o775, 0o664)]:
        joe.control("patrn", text) if text else joe.sh("rm -f /var/qmail/control/patrn")
        joe.sh(f"chmod {home:o} ~joe; chmod {file:o} ~joe/.qmail")
        assert local(joe).code == 0, text
    for text, bit in [("022\n", 0o020), ("0022 \n", 0o020), ("002\n", 0o002), ("x\n", 0o002)]:
        joe.control("patrn", text)
        joe.sh(f"chmod {0o755 | bit:o} ~joe; chmod 644 ~joe/.qmail")
        assert (local(joe).code, local(joe).err) == (111, writable[0]), text
        joe.sh(f"chmod 755 ~joe; chmod {0o644 | bit:o} ~joe/.qmail")
        assert (local(joe).code, local(joe).err) == (111, writable[1]), text
    joe.sh("rm /var/qmail/control/patrn; mkdir /var/qmail/control/patrn")
    said = local(joe)
    assert (said.code, said.err) == (111, b"Unable to read control/patrn: is a directory. (#4.3.0)\n")


def test_usage(joe):
    usage = b"qmail-local: usage: qmail-local [ -nN ] user homedir local dash ext domain sender aliasempty\n"
    for arguments in ([], ["a"] * 7, ["a", "/h"] + ["a"] * 7, ["joe", "home", "a", "", "", "h", "s", "d"]):
        done = joe.run(["/var/qmail/bin/qmail-local", *arguments], user="joe", check=False)
        assert (done.returncode, done.stderr) == (100, usage)
    done = joe.run(["/var/qmail/bin/qmail-local", "-x"], user="joe", check=False)
    assert (done.returncode, done.stderr) == (100, b"qmail-local: illegal option -- x\n" + usage)


def test_loop(joe):
    looping = b"Delivered-To: joe@mail.example.org\n"
    said = local(joe, message=b"A: b\n" + looping + b"\nx")
    assert (said.code, said.err) == (100, b"This message is looping: it already has my Delivered-To line. (#5.4.6)\n")
    assert local(joe, message=b"A: b\n\n" + looping).code == 0
    assert local(joe, message=looping.upper() + b"\n").code == 0
    assert local(joe, message=looping.rstrip()).code == 0
    assert local(joe, message=looping, options=["-n"]).code == 0


@pytest.mark.parametrize("code,expected", [(0, 0), (99, 0), (1, 111), (2, 111), (75, 111), (111, 111), (126, 111),
                                           (127, 111), (255, 111), (100, 100), (64, 100), (65, 100), (70, 100),
                                           (76, 100), (77, 100), (78, 100), (112, 100)])
def test_exit_codes_of_programs(joe, code, expected):
    dotqmail(joe, f"&first@example.net\n|echo said; exit {code}\n&second@example.net\n|echo after\n")
    said = local(joe)
    _, envelope = queued(joe)
    assert said.code == expected
    assert said.out.startswith(b"said\n")
    assert (b"after" in said.out) == (code == 0)
    if code == 99:
        assert b"did 0+1+1\n" in said.out
    assert envelope == {0: b"Fsender@example.net\0Tfirst@example.net\0Tsecond@example.net\0\0",
                        99: b"Fsender@example.net\0Tfirst@example.net\0\0"}.get(code)


def timeless(out):
    return [line for line in out.splitlines() if not line.startswith(b"UFLINE")]


@pytest.mark.parametrize("script", [
    "#!/bin/sh\necho $0 $1; env | sort; exit 75\n", "echo no first line; exit 64\n", "#!/no/such/shell\n", None])
def test_plain_commands_run_as_if_by_a_shell(joe, script):
    if script:
        joe.write("/home/joe/run", script, owner="joe", mode=0o755)
    dotqmail(joe, "|./run a-b\n")
    without = local(joe)
    dotqmail(joe, "|./run 'a-b'\n")
    through = local(joe)
    assert (without.code, without.err) == (through.code, through.err)
    assert timeless(without.out) == timeless(through.out)


def test_a_plain_command_that_crashes(joe):
    """Only here a shell would be noticed: it says in its own words what happened."""
    joe.write("/home/joe/run", "#!/bin/sh\nkill -9 $$\n", owner="joe", mode=0o755)
    dotqmail(joe, "|./run\n")
    said = local(joe)
    assert (said.code, said.err) == (111, b"Aack, child crashed. (#4.3.0)\n")
    dotqmail(joe, "|./run ''\n")
    assert local(joe).code == 111


def test_a_program_that_does_not_read_does_no_harm(joe):
    dotqmail(joe, "|true\n|head -c 1 >/dev/null\n./Maildir/\n")
    big = MESSAGE + b"\n" + b"x" * 300000
    assert local(joe, message=big).out == b"did 1+0+2\n"
    assert joe.maildir("joe") == [HEAD + big]


@pytest.mark.parametrize("code,exit_code,text", [
    (11, 100, b"envelope address too long for qq (#5.1.3)"),
    (31, 100, b"mail server permanently rejected message (#5.3.0)"),
    (53, 111, b"qq write error or disk full (#4.3.0)"),
    (71, 111, b"mail server temporarily rejected message (#4.3.0)"),
    (82, 100, b"no, thanks (#5.7.1)"),
])
def test_refused_forwards(joe, code, exit_code, text):
    joe.sh(f"mkdir /tmp/catch; echo {code} > /tmp/catch/exit; printf 'Dno, thanks (#5.7.1)' > /tmp/catch/text")
    dotqmail(joe, "&a@b\n")
    said = local(joe)
    assert (said.code, said.out, said.err) == (exit_code, b"", b"Unable to forward message: " + text + b".\n")


# ---- who a forward comes from ----

@pytest.mark.parametrize("files,sender,expected", [
    ("", "s@t", b"s@t"),
    ("-owner", "s@t", b"joe-list-owner@mail.example.org"),
    ("-owner -owner-default", "s@t", b"joe-list-owner-@mail.example.org-@[]"),
    ("-owner-default", "s@t", b"s@t"),
    ("-owner -owner-default", "", b""),
    ("-owner -owner-default", "#@[]", b"#@[]"),
])
def test_owner(joe, files, sender, expected):
    dotqmail(joe, "&a@b\n|echo $NEWSENDER\n", name=".qmail-default")
    for name in files.split():
        dotqmail(joe, "", name=".qmail-list" + name)
    said = local(joe, "-", "list", sender=sender)
    assert said.out.startswith(expected + b"\n")
    assert queued(joe)[1] == b"F" + expected + b"\0Ta@b\0\0"


# ---- the environment of programs ----

def test_environment(joe):
    dotqmail(joe, "|env -0\n", name=".qmail-one-default")
    said = local(joe, "-", "one-Two-three-four-five", sender="s@t", domain="a.b.c.example.org",
                 env={"SECRET": "x", "LD_PRELOAD": "", "MAIL": "x", "LOGNAME": "x", "TZ": "Europe/Berlin"})
    found = dict(line.split(b"=", 1) for line in said.out.rsplit(b"\0", 1)[0].split(b"\0"))
    assert re.fullmatch(rb"From s@t .* \d{4}\n", found.pop(b"UFLINE"))
    assert found.pop(b"PATH").startswith(b"/var/qmail/bin:")
    assert found == {
        b"TZ": b"Europe/Berlin", b"PWD": b"/home/joe", b"HOME": b"/home/joe", b"USER": b"joe",
        b"SENDER": b"s@t", b"NEWSENDER": b"s@t", b"LOCAL": b"joe-one-Two-three-four-five",
        b"RECIPIENT": b"joe-one-Two-three-four-five@a.b.c.example.org",
        b"HOST": b"a.b.c.example.org", b"HOST2": b"a.b.c.example", b"HOST3": b"a.b.c", b"HOST4": b"a.b",
        b"EXT": b"one-Two-three-four-five", b"EXT2": b"Two-three-four-five", b"EXT3": b"three-four-five",
        b"EXT4": b"four-five", b"DEFAULT": b"Two-three-four-five",
        b"DTLINE": b"Delivered-To: joe-one-Two-three-four-five@a.b.c.example.org\n",
        b"RPLINE": b"Return-Path: <s@t>\n",
    }


HOSTILE = ["$(touch /tmp/hit)", "`touch /tmp/hit`", "'; touch /tmp/hit; '", '"; touch /tmp/hit; "', "-rf", "--", "a\nb",
           "\\", "*", "a b", "%s%n", "$IFS", "&touch /tmp/hit&", "|touch /tmp/hit", "x" * 900,
           "".join(chr(i) for i in range(1, 128) if chr(i) not in "./")]


def test_hostile_addresses_stay_data(joe):
    dotqmail(joe, '|printf "%s<%s>" "$EXT" "$SENDER" > out\n./Maildir/\n./Mailbox\n&a@b\n', name=".qmail-default")
    for text in [*HOSTILE, b"".join(bytes([i]) for i in range(128, 256))]:
        raw = text if isinstance(text, bytes) else text.encode()
        said = local(joe, "-", raw.decode("utf-8", "surrogateescape"), box="joe-x",
                     sender=(raw + b"@t").decode("utf-8", "surrogateescape"))
        assert said.code == 0, (text, said)
        assert joe.read("/home/joe/out") == raw + b"<" + raw + b"@t>"
        message, envelope = queued(joe)
        assert envelope == b"F" + raw + b"@t\0Ta@b\0\0"
    assert not joe.sh("ls /tmp/hit", check=False).stdout
    for stored in joe.maildir("joe"):
        header = stored.split(b"\n\n")[0].split(b"\n")
        assert [line.split(b":")[0] for line in header] == [b"Return-Path", b"Delivered-To", b"Received", b"Subject"]


def test_a_shell_function_in_an_address_is_emptied(joe):
    dotqmail(joe, '|printf "[%s][%s]" "$SENDER" "$EXT"\n', name=".qmail-default")
    said = local(joe, "-", "() { :;}; touch /tmp/hit", sender="() { :;}; touch /tmp/hit")
    assert (said.code, said.out) == (0, b"[][]did 0+0+1\n")


def test_newlines_in_the_recipient_are_folded(joe):
    local(joe, box="joe\nX-Injected: yes", sender="a\nb@c")
    assert b"\nDelivered-To: joe_X-Injected: yes@mail.example.org\n" in joe.maildir("joe")[0]
    assert joe.maildir("joe")[0].startswith(b'Return-Path: <"a\\_b"@c>\n')


def test_nothing_leaks_into_programs(joe):
    dotqmail(joe, "|for i in $(seq 0 99); do [ ! -e /proc/$$/fd/$i ] || echo $i; done; ulimit -d\n"
                  "|grep SigIgn /proc/self/status\n")
    with open("/etc/passwd", "rb") as secret:
        said = local(joe, pass_fds=[secret.fileno()])
    *lines, ignored, _, _ = said.out.split(b"\n")
    assert lines == [b"0", b"1", b"2", b"unlimited"]
    assert int(ignored.split()[1], 16) >> (signal.SIGPIPE - 1) & 1 == 0


# ---- -n ----

def test_dry_run(joe):
    dotqmail(joe, "# x\n./Maildir/\n./Mailbox\n| touch hit \n&a@b\nc\n+list\n/etc/x\n")
    said = local(joe, options=["-n"])
    assert (said.code, said.err) == (111, b"Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)\n")
    assert said.out == b"maildir ./Maildir/\nmbox ./Mailbox\nprogram  touch hit\nforward a@b\nforward c\n"
    dotqmail(joe, "./Maildir/\n|x\n&a@b")
    said = local(joe, options=["-n"])
    assert (said.code, said.out) == (0, b"maildir ./Maildir/\nprogram x\nforward a@b\ndid 1+1+1\n")
    assert joe.maildir("joe") == [] and queued(joe) == (None, None)
    assert local(joe, options=["-nN"], default="x").code == 111
    dotqmail(joe, b"./Mail\0dir\n|a\0b \t\n&a\0@b\n")
    assert local(joe, options=["-n"]).out == b"mbox ./Mail\0dir\nprogram a\0b\nforward a\0@b\ndid 1+1+1\n"


def test_dry_run_tells_which_files_it_looked_for(joe):
    said = local(joe, "-", "A.b-c", options=["-n"])
    assert said.code == 100
    assert said.err.splitlines() == [
        b"looked for /home/joe/.qmail-a:b-c, which is not there",
        b"looked for /home/joe/.qmail-a:b-default, which is not there",
        b"looked for /home/joe/.qmail-default, which is not there",
        b"Sorry, no mailbox here by that name. (#5.1.1)"]


# ---- when the disk is full, the mailbox locked ----

def small_disk(host, place, kib):
    host.sh(f"mkdir -p {place} && mount -t tmpfs -o size={kib}k,mode=700,uid=$(id -u joe) tmpfs {place}")


def test_a_full_disk_leaves_no_maildir_file(joe):
    small_disk(joe, "/home/joe/Full", 64)
    joe.sh("cd ~joe/Full; mkdir new tmp cur; chown joe: *")
    said = local(joe, default="./Full/", message=MESSAGE + b"x" * 200000)
    assert (said.code, said.err) == (111, b"Temporary error on maildir delivery. (#4.3.0)\n")
    assert joe.sh("find ~joe/Full -type f").stdout == ""
    assert local(joe, default="./Full/").code == 0


def test_a_full_disk_leaves_an_mbox_as_it_was(joe):
    small_disk(joe, "/home/joe/full", 64)
    assert local(joe, default="./full/box").code == 0
    before = joe.read("/home/joe/full/box")
    said = local(joe, default="./full/box", message=MESSAGE + b"x" * 200000)
    assert (said.code, said.err) == (111, b"Unable to write ./full/box: out of disk space. (#4.3.0)\n")
    assert joe.read("/home/joe/full/box") == before


def test_a_locked_mbox_is_waited_for(joe):
    assert local(joe, default="./box").code == 0
    with open(joe.path("/home/joe/box"), "rb") as box, open(joe.path("/tmp/message"), "rb") as message:
        def start():
            return joe.popen(["/var/qmail/bin/qmail-local", "joe", "/home/joe", "joe", "", "", "mail.example.org", "s@t",
                              "./box"], user="joe", stdin=message, stdout=-1, stderr=-1)

        fcntl.flock(box, fcntl.LOCK_EX)
        waiting = start()
        time.sleep(0.5)
        assert waiting.poll() is None
        fcntl.flock(box, fcntl.LOCK_UN)
        assert waiting.wait(10) == 0 and waiting.stdout.read() == b"did 1+0+0\n"
        fcntl.flock(box, fcntl.LOCK_EX)
        before = joe.read("/home/joe/box")
        late = start()
        time.sleep(0.7)
        joe.sh("pkill -ALRM -x qmail-local")        # what comes after 30 seconds
        assert late.wait(10) == 111
        assert late.stderr.read() == b"File has been locked for 30 seconds straight. (#4.3.0)\n"
        assert joe.read("/home/joe/box") == before


def waits_for_lock(parent, inode):
    """Files of other tests may have the number, and their file systems the same device: the process counts too, a child of this one."""
    with open(f"/proc/{parent}/task/{parent}/children") as children:
        pids = "|".join(children.read().split()) or "none"
    with open("/proc/locks") as locks:
        return re.search(rf"-> FLOCK +\w+ +\w+ ({pids}) \S+:{inode} ", locks.read())


@pytest.mark.parametrize("change,left", [
    ("mv box new-box; cp new-box box; chown joe: box", 2),     # as a mail reader that writes a new file does
    ("rm box", 1),
])
def test_an_mbox_that_is_replaced_while_its_lock_is_waited_for(joe, change, left):
    """What is written into a file without a name is gone."""
    assert local(joe, default="./box").code == 0
    with open(joe.path("/home/joe/box"), "rb") as box, open(joe.path("/tmp/message"), "rb") as message:
        fcntl.flock(box, fcntl.LOCK_EX)
        waiting = joe.popen(["/var/qmail/bin/qmail-local", "joe", "/home/joe", "joe", "", "", "mail.example.org", "s@t",
                             "./box"], user="joe", stdin=message, stdout=-1, stderr=-1)
        assert eventually(lambda: waits_for_lock(waiting.pid, os.stat(box.fileno()).st_ino))
        joe.sh("cd ~joe; " + change)
    assert waiting.wait(20) == 0
    assert joe.read("/home/joe/box").count(b"\nReturn-Path:") == left


def test_an_mbox_that_is_replaced_while_its_dot_lock_is_waited_for(joe):
    joe.control("mboxdotlock", "60\n")
    joe.write("/home/joe/box.lock", "", owner="joe")
    joe.write("/tmp/message", MESSAGE)
    with open(joe.path("/tmp/message"), "rb") as message:
        waiting = joe.popen(["/var/qmail/bin/qmail-local", "joe", "/home/joe", "joe", "", "", "mail.example.org", "s@t",
                             "./box"], user="joe", stdin=message, stdout=-1, stderr=-1)
    assert eventually(lambda: "box" in names(joe, "~joe"))
    joe.sh("cd ~joe; echo x > other; chown joe: other; mv other box; rm box.lock")
    assert waiting.wait(20) == 0
    assert joe.read("/home/joe/box").startswith(b"x\nFrom s@t ")
    assert "box.lock" not in names(joe, "~joe")


def test_a_dot_lock_is_made_and_waited_for(joe):
    joe.control("mboxdotlock", "2\n")
    joe.write("/tmp/message", MESSAGE)
    joe.sh("strace -u joe -o /tmp/calls -e trace=open,openat,unlink,flock,write,writev /var/qmail/bin/qmail-local "
           "joe ~joe joe '' '' h s@t ./box < /tmp/message")
    calls = joe.read("/tmp/calls").decode().splitlines()
    at = lambda text: next(i for i, call in enumerate(calls) if text in call)
    assert at("flock(") < at('"./box.lock", O_WRONLY|O_CREAT|O_EXCL') < at('"From s@t ') < at('unlink("./box.lock"')
    before = joe.read("/home/joe/box")

    joe.write("/home/joe/box.lock", "", owner="joe")
    said = local(joe, default="./box")
    assert (said.code, said.err) == (111, b"./box.lock is still there. (#4.3.0)\n")
    assert joe.read("/home/joe/box") == before
    joe.popen(["sh", "-c", "sleep 1; rm ~joe/box.lock"])
    assert local(joe, default="./box").code == 0
    joe.write("/home/joe/box.lock", "", owner="joe")
    joe.sh("touch -d '6 minutes ago' ~joe/box.lock")
    assert local(joe, default="./box").code == 0, "its maker is gone"
    assert joe.sh("ls ~joe | grep lock", check=False).stdout == ""
    assert local(joe, default="/dev/null").code == 0


def test_a_dot_lock_does_not_outlive_its_delivery(joe):
    joe.control("mboxdotlock", "2\n")
    small_disk(joe, "/home/joe/full", 64)
    assert local(joe, default="./full/box", message=MESSAGE + b"x" * 200000).code == 111
    assert joe.sh("ls ~joe/full").stdout == "box\n"
    joe.sh("chown root ~joe/full; chmod 755 ~joe/full")
    assert local(joe, default="./full/box").err == b"Unable to create ./full/box.lock: access denied. (#4.2.1)\n"


def test_a_header_line_without_end_costs_no_memory(joe):
    bound = [] if os.environ.get("SANITIZE") else ["prlimit", "--as=40000000"]
    joe.sh("truncate -s 300M /tmp/zeros")
    with open(joe.path("/tmp/zeros"), "rb") as zeros:
        running = joe.popen([*bound, "/var/qmail/bin/qmail-local", "joe", "/home/joe", "joe", "", "", "h", "s@t",
                             "# discard"], user="joe", stdin=zeros, stdout=-1)
        out, _ = running.communicate(timeout=60)
    assert out == b"did 0+0+0\n"
