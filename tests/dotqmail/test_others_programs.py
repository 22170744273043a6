"""Programs that others wrote, in lines of .qmail files as their guides have them: Debian's procmail, maildrop, Dovecot's
dovecot-lda and uux, and a wrapper in the manner of Mailman's. What each files, what becomes of its exit codes, what it needs."""

import re

import pytest

from tests.host import eventually
from tests.host.machine import TOP

ME = "mail.example.org"


@pytest.fixture
def joe(host):
    host.user("joe")
    host.start("qmail-send")
    return host


def needs(host, program):
    if host.sh(f"command -v {program}", check=False).returncode:
        pytest.skip(f"no {program} is installed here")


def submit(host, *recipients, sender="ann@example.net", subject="hello", options=()):
    host.run(["sendmail", *options, "-f", sender, "--", *recipients], input=f"Subject: {subject}\n\nFrom me\n".encode())


def end_of(host, recipient="joe", sender="ann@example.net", **more):
    """What the log says of a new delivery to the recipient; bounces of earlier ones may come between."""
    before = host.log("qmail-send")
    submit(host, recipient if "@" in recipient else f"{recipient}@{ME}", sender=sender, **more)
    told = eventually(lambda: result(host.log("qmail-send")[len(before):], re.sub("[ %]", "_", sender)), 30)
    assert told, host.log("qmail-send")
    return told.groups()


def result(log, sender):
    message = re.search(rf"^info msg (\d+): bytes \d+ from <{re.escape(sender)}>", log, re.M)
    start = message and re.search(rf"^starting delivery (\d+): msg {message[1]} ", log[message.start():], re.M)
    return start and re.search(rf"^delivery {start[1]}: (\w+): (.*)$", log, re.M)


def dotqmail(host, text, name=".qmail"):
    host.write(f"/home/joe/{name}", text, owner="joe")


def home_file(host, name):
    return host.sh(f"cat /home/joe/{name}", check=False).stdout


# ---- procmail ----

PROCMAIL_LINES = ["|preline procmail", "|preline /usr/bin/procmail || exit 111", '|preline procmail -a "$EXT"']


@pytest.fixture
def procmail(joe):
    needs(joe, "procmail")
    return joe


@pytest.mark.parametrize("line", PROCMAIL_LINES)
def test_procmail_files_as_its_file_says(procmail, line):
    """Into a Maildir, and into an mbox with one From_ line, that of the envelope."""
    dotqmail(procmail, line + "\n")
    procmail.write("/home/joe/.procmailrc", ":0\n* ^Subject: to the box\nbox\n\n:0\nMaildir/\n", owner="joe")
    assert end_of(procmail) == ("success", "did_0+0+1/")
    message, = procmail.maildir("joe")
    assert message.startswith(b"Return-Path: <ann@example.net>\nDelivered-To: joe@mail.example.org\nReceived: ")
    assert end_of(procmail, subject="to the box")[0] == "success"
    assert home_file(procmail, "box").startswith("From ann@example.net ")
    assert "\n\n>From me\n" in home_file(procmail, "box")


@pytest.mark.parametrize("code, becomes", [(0, "success"), (99, "success"), (75, "deferral"), (77, "failure"), (67, "deferral"),
                                           (100, "failure")])
def test_exitcode_of_a_procmailrc(procmail, code, becomes):
    """EXITCODE and HOST, as recipes end when they want mail returned, or tried later."""
    dotqmail(procmail, "|preline procmail\n./Maildir/\n")
    procmail.write("/home/joe/.procmailrc", f"EXITCODE={code}\nHOST=ends.here\n", owner="joe")
    assert end_of(procmail)[0] == becomes
    assert len(procmail.maildir("joe")) == (code == 0)


def test_procmail_for_all(procmail):
    """In control/defaultdelivery; a user's .qmail says otherwise."""
    procmail.sh("rm ~joe/.qmail; svc -d /service/qmail-send")
    procmail.control("defaultdelivery", "|preline procmail\n")
    procmail.write("/home/joe/.procmailrc", ":0\nin-a-box\n", owner="joe")
    procmail.sh("qmailctl restart qmail-send")
    assert end_of(procmail)[0] == "success" and home_file(procmail, "in-a-box").startswith("From ann@example.net ")
    dotqmail(procmail, "./Maildir/\n")
    assert end_of(procmail)[0] == "success" and len(procmail.maildir("joe")) == 1


def test_procmail_forwards_through_our_sendmail(procmail):
    procmail.user("bob")
    dotqmail(procmail, "|preline procmail\n")
    procmail.write("/home/joe/.procmailrc", ":0\n! bob\n", owner="joe")
    assert end_of(procmail)[0] == "success"
    assert eventually(lambda: procmail.maildir("bob")), procmail.log("qmail-send")


# ---- maildrop ----

@pytest.fixture
def maildrop(joe):
    needs(joe, "maildrop")
    return joe


def mailfilter(host, text):
    host.write("/home/joe/.mailfilter", text, owner="joe", mode=0o600)


@pytest.mark.parametrize("line", ["|maildrop", "|preline maildrop", "|preline /usr/bin/maildrop -A 'X-Filter: joe'"])
def test_maildrop_files_as_its_file_says(maildrop, line):
    dotqmail(maildrop, line + "\n")
    mailfilter(maildrop, 'if (/^Subject: to the box/)\n{\n  to "box"\n}\nto "Maildir"\n')
    assert end_of(maildrop) == ("success", "did_0+0+1/")
    message, = maildrop.maildir("joe")
    assert b"\nSubject: hello\n" in message
    assert end_of(maildrop, subject="to the box")[0] == "success"
    assert re.match(r"From \S+ ", home_file(maildrop, "box"))


@pytest.mark.parametrize("text, becomes", [
    ("EXITCODE=0\nexit\n", "success"), ("EXITCODE=77\nexit\n", "failure"), ("EXITCODE=75\nexit\n", "deferral"),
    ('to "no/such/place/box"\n', "deferral"), ("if (\n", "deferral")], ids=["0", "77", "75", "no place", "bad syntax"])
def test_exit_codes_of_maildrop(maildrop, text, becomes):
    dotqmail(maildrop, "|preline maildrop\n")
    mailfilter(maildrop, text)
    assert end_of(maildrop)[0] == becomes


def test_maildrop_copies_through_our_sendmail(maildrop):
    maildrop.user("bob")
    dotqmail(maildrop, "|preline maildrop\n")
    mailfilter(maildrop, 'cc "!bob"\nto "Maildir"\n')
    assert end_of(maildrop)[0] == "success"
    assert eventually(lambda: maildrop.maildir("bob")) and len(maildrop.maildir("joe")) == 1


# ---- Dovecot's delivery agent ----

LDA = "/usr/lib/dovecot/dovecot-lda"
DOVECOT = {
    "2.3": "mail_location = maildir:~/Maildir\n",
    "2.4": "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\nmail_driver = maildir\nmail_path = ~/Maildir\n"
           "mail_inbox_path = ~/Maildir\n",
}


@pytest.fixture
def dovecot(joe):
    needs(joe, LDA)
    joe.sh("rm -rf /etc/dovecot/conf.d")
    joe.write("/etc/dovecot/dovecot.conf", DOVECOT[joe.sh("dovecot --version").stdout[:3]] + "ssl = no\nlog_path = /dev/stderr\n")
    return joe


def test_dovecot_lda_files_into_the_inbox_and_into_folders(dovecot):
    dotqmail(dovecot, f'|{LDA} -f "$SENDER" -a "$RECIPIENT"\n')
    dotqmail(dovecot, f'|{LDA} -f "$SENDER" -a "$RECIPIENT" -o lda_mailbox_autocreate=yes -m "$DEFAULT"\n', ".qmail-default")
    assert end_of(dovecot)[0] == "success", dovecot.log("qmail-send")
    message, = dovecot.maildir("joe")
    assert b"\nSubject: hello\n" in message and b"\nFrom me\n" in message
    assert end_of(dovecot, "joe-lists")[0] == "success", dovecot.log("qmail-send")
    assert len(dovecot.maildir("joe", "Maildir/.lists")) == 1


def test_dovecot_lda_that_cannot_means_later(dovecot):
    dotqmail(dovecot, f'|{LDA} -f "$SENDER" -a "$RECIPIENT"\n')
    dovecot.sh("rm -r ~joe/Maildir && touch ~joe/Maildir")
    assert end_of(dovecot)[0] == "deferral"
    dovecot.write("/etc/dovecot/dovecot.conf", "no such setting\n")
    assert end_of(dovecot)[0] in ("deferral", "failure")


# ---- UUCP ----

UUX_PROGRAM = TOP / "build/tools/usr/bin/uux"
ONE_WORD, UUX = re.findall(r"^\|.*\n", (TOP / "programs/man/doc/FROM-SENDMAIL").read_text(), re.M)


@pytest.fixture
def uucp(host):
    """All that is for other hosts goes to the site lm, when it is called."""
    if not UUX_PROGRAM.exists():
        pytest.skip("uux is not in build/tools")
    host.sh(f"install -o uucp -m 4755 {UUX_PROGRAM} /usr/bin/uux && install -d -o uucp -g uucp /var/spool/uucp /var/log/uucp && mkdir -p /etc/uucp")
    host.write("/etc/uucp/config", "nodename me\n")
    host.write("/etc/uucp/sys", "system lm\ntime any\n")
    host.control("virtualdomains", ":alias-uucp\n")
    host.write("/var/qmail/alias/.qmail-uucp-default", UUX, owner="alias")
    host.start("qmail-send")
    return host


def waiting(host):
    """For each job that waits for the site: who asked for it, what is to be run there, and what that reads."""
    for line in host.sh("cat /var/spool/uucp/lm/C./*", check=False).stdout.splitlines():
        fields = line.split(" ", 9)
        yield fields[7], fields[9], host.sh(f"cat '/var/spool/uucp/lm/D./{fields[1]}'").stdout


def test_the_line_of_the_guide(uucp):
    assert end_of(uucp, "bob@far.example") == ("success", "did_0+0+1/")
    (sender, command, data), = waiting(uucp)
    assert (sender, command) == ("ann@example.net", "rmail bob@far.example")
    assert re.match(r"From ann@example\.net \w{3} \w{3} .*\nReceived: ", data) and data.endswith("\n\nFrom me\n")
    assert "Delivered-To" not in data and "Return-Path" not in data


def test_a_bounce_has_a_sender_there(uucp):
    assert end_of(uucp, "bob@far.example", sender="")[0] == "success"
    (sender, _, data), = waiting(uucp)
    assert sender == "MAILER-DAEMON" and data.startswith("From MAILER-DAEMON ")


def test_what_strangers_write_runs_nothing_here(uucp):
    """It is no option and no command of this host's shell. But uux has signs of its own, and at the other host a blank parts
    words: a line before it keeps them out."""
    evil = ['"x y $(id >/tmp/ran)"@far.example', '"x`id`;id"@far.example', '"x|id >/tmp/ran"@far.example', "-oQ/tmp@far.example"]
    for address in evil:
        end_of(uucp, address, sender="-x`id`@example.net")
    assert uucp.sh("ls /tmp/ran", check=False).returncode
    assert "rmail -oQ/tmp@far.example" in {command for _, command, _ in waiting(uucp)}
    uucp.sh("rm -r /var/spool/uucp/lm")
    uucp.write("/var/qmail/alias/.qmail-uucp-default", ONE_WORD + UUX, owner="alias")
    for address in (*evil, "x-y+z@far.example"):
        submit(uucp, address)
    refused = "failure: no_such_address_by_UUCP_(#5.1.3)/"
    assert eventually(lambda: uucp.log("qmail-send").count(refused) == len(evil)), uucp.log("qmail-send")
    assert eventually(lambda: [command for _, command, _ in waiting(uucp) if "far.example" in command] == ["rmail x-y+z@far.example"])


def test_a_site_that_nobody_knows_is_trouble_of_this_host(uucp):
    uucp.write("/etc/uucp/sys", "system other\ntime any\n")
    assert end_of(uucp, "bob@far.example")[0] == "deferral"


# ---- wrappers of list managers ----

# As Mailman's: it runs for one group alone, wants to know what to do for which list, and reads a message with a From_ line.
WRAPPER = """#!/usr/bin/python3
import grp, os, sys
def end(code, text):
    print(text)
    sys.exit(code)
group = grp.getgrgid(os.getgid()).gr_name
if group != "nofiles":
    end(2, "Group mismatch error. The wrapper expected nofiles, and was run as group " + group + ".")
if len(sys.argv) != 3:
    end(6, "Usage: wrapper command list")
command, name = sys.argv[1:]
if command not in ("post", "bounces", "request"):
    end(7, "Illegal command: " + command)
if name == "away":
    end(75, "the lock of the list is held")
message = sys.stdin.read()
if not message.startswith("From " + (os.environ["SENDER"] or "MAILER-DAEMON") + " "):
    end(64, "no From_ line")
with open("/tmp/" + name, "a") as out:
    out.write(" ".join((command, os.environ["SENDER"], os.environ["LOCAL"], os.environ["EXT"], os.environ["HOST"])) + "\\n")
"""
# And the script in front of it, for a whole domain of lists: which list and what for is said by the address.
DOMAIN = """#!/usr/bin/python3
import os, sys
local = os.environ["EXT2"].lower()
name, _, command = local.rpartition("-")
if command not in ("bounces", "request"):
    name, command = local, "post"
if name not in ("sailors", "away"):
    print("there is no such list (#5.1.1)")
    sys.exit(100)
os.execv("/usr/local/bin/wrapper", ["wrapper", command, name])
"""


@pytest.fixture
def lists(host):
    host.write("/usr/local/bin/wrapper", WRAPPER, mode=0o755)
    host.write("/usr/local/bin/domain-of-lists", DOMAIN, mode=0o755)
    for ext, command in (("sailors", "post"), ("sailors-bounces", "bounces"), ("sailors-request", "request")):
        host.write(f"/var/qmail/alias/.qmail-{ext}", f"|preline /usr/local/bin/wrapper {command} sailors\n", owner="alias")
    host.control("virtualdomains", "lists.example:alias-lists\n")
    host.write("/var/qmail/alias/.qmail-lists-default", "|preline /usr/local/bin/domain-of-lists\n", owner="alias")
    host.user("joe")
    host.start("qmail-send")
    return host


def test_lists_by_their_files(lists):
    for ext in ("sailors", "sailors-bounces", "sailors-request"):
        assert end_of(lists, ext)[0] == "success"
    assert end_of(lists, "sailors", sender="")[0] == "success"
    assert lists.read("/tmp/sailors").decode().splitlines() == [
        f"{command} {sender} {ext} {ext} {ME}" for command, sender, ext in (
            ("post", "ann@example.net", "sailors"), ("bounces", "ann@example.net", "sailors-bounces"),
            ("request", "ann@example.net", "sailors-request"), ("post", "", "sailors"))]


def test_lists_by_their_domain(lists):
    assert end_of(lists, "Sailors@lists.example")[0] == "success"
    assert end_of(lists, "sailors-bounces@lists.example")[0] == "success"
    assert end_of(lists, "rowers@lists.example") == ("failure", "there_is_no_such_list_(#5.1.1)/")
    assert end_of(lists, "away@lists.example") == ("deferral", "the_lock_of_the_list_is_held/")
    assert [line.split()[0] for line in lists.read("/tmp/sailors").decode().splitlines()] == ["post", "bounces"]


@pytest.mark.parametrize("line, becomes, said", [
    ("|preline /usr/local/bin/wrapper post", "deferral", "Usage:"), ("|preline /usr/local/bin/wrapper eat sailors", "deferral", "Illegal"),
    ("|/usr/local/bin/wrapper post sailors", "failure", "no_From__line"), ("|preline /usr/local/bin/wraper post sailors", "deferral", "")])
def test_a_wrapper_that_is_called_wrongly(lists, line, becomes, said):
    lists.write("/var/qmail/alias/.qmail-sailors", line + "\n", owner="alias")
    end, text = end_of(lists, "sailors")
    assert end == becomes and said in text


def test_a_wrapper_for_another_group_is_trouble_of_this_host(lists):
    lists.write("/home/joe/.qmail-sailors", "|preline /usr/local/bin/wrapper post sailors\n", owner="joe")
    end, text = end_of(lists, "joe-sailors")
    assert end == "deferral" and text.startswith("Group_mismatch_error.") and text.endswith("joe./")
