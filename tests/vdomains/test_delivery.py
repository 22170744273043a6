"""Mail for a virtual user, or for nobody, by the program vdelivermail and by qmail-local without it: the same comes of it."""

import pathlib
import subprocess
import time

import pytest

from tests.local.machine import CATCH, local, queued
from tests.vdomains.conftest import VIRTUAL, records
from tests.vdomains.test_domains import run

PLACE = f"{VIRTUAL}/example.net"
PROGRAM = "/home/vpopmail/bin/vdelivermail"
MESSAGE = b"Received: (qmail 1 invoked by uid 0); 28 Nov 2000 10:00:00 -0000\nSubject: hello\n\ntext\n"
HEAD = b"Return-Path: <sender@example.net>\nDelivered-To: "
NOBODY = "Sorry, no mailbox here by that name. (#5.1.1)"


class Said:
    def __init__(self, code, text):
        self.code, self.text = code, text

    def __repr__(self):
        return f"exit {self.code}: {self.text}"

    def __eq__(self, other):
        return (self.code, self.text) == other


class Domain:
    """example.net with joe, and mail for it the one way or the other."""

    def __init__(self, host, way):
        self.host, self.way = host, way
        run(host, "vadddomain", "example.net", "x")
        run(host, "vadduser", "joe@example.net", "x")
        self.action("bounce-no-mailbox")

    def action(self, words, before=""):
        self.words = words
        self.write(".qmail-default", f"{before}| {PROGRAM} '' {words}\n")

    def write(self, name, text, mode=0o600, place=PLACE):
        self.host.write(f"{place}/{name}", text, owner="vpopmail", mode=mode)

    def mail(self, ext, message=MESSAGE, domain="example.net", sender="sender@example.net"):
        how = self.by_qmail_local if self.way == "qmail-local" else self.by_program
        return how(ext, message, domain, sender)

    def by_qmail_local(self, ext, message, domain, sender):
        said = local(self.host, dash="-", ext=ext, box=f"{domain}-{ext}", sender=sender, message=message, user="vpopmail",
                     home=PLACE, domain=domain)
        return Said(said.code, (said.out + said.err).decode().replace("did 0+0+1\n", "").rstrip("\n"))

    def by_program(self, ext, message, domain, sender):
        self.host.write("/tmp/message", message)
        env = {**CATCH, "EXT": ext, "HOST": domain, "SENDER": sender, "RPLINE": f"Return-Path: <{sender}>\n",
               "DTLINE": f"Delivered-To: {domain}-{ext}@{domain}\n", "LOCAL": f"{domain}-{ext}"}
        words = self.words.replace("$EXT", ext)
        with open(self.host.path("/tmp/message"), "rb") as stdin:
            running = self.host.popen(["sh", "-c", f"cd {PLACE} && exec {PROGRAM} '' '{words}'"], user="vpopmail", env=env, stdin=stdin,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            out = running.communicate(timeout=60)[0]
        return Said(running.returncode, out.decode().rstrip("\n"))

    def messages(self, user="joe", folder="Maildir", place=None):
        new = pathlib.Path(self.host.path(f"{place or PLACE}/{user}/{folder}/new"))
        return [path.read_bytes() for path in sorted(new.iterdir())] if new.is_dir() else []


@pytest.fixture(params=["vdelivermail", "qmail-local"])
def domain(virtual, request):
    return Domain(virtual, request.param)


def test_a_user_gets_his_mail(domain):
    assert domain.mail("joe") == (0, "")
    assert domain.messages() == [HEAD + b"joe@example.net\n" + MESSAGE]
    assert domain.mail("JOE", domain="Example.NET") == (0, "")
    assert len(domain.messages()) == 2
    assert domain.host.sh(f"stat -c '%a %U:%G' {PLACE}/joe/Maildir/new/*").stdout.splitlines() == ["600 vpopmail:vchkpw"] * 2


def test_nobody_gets_none(domain):
    assert domain.mail("nobody") == (100, NOBODY)
    domain.host.write("/home/vpopmail/domains/.no-user.msg", "nobody of that name on this host\n", owner="vpopmail")
    assert domain.mail("nobody") == (100, "nobody of that name on this host")
    domain.write(".no-user.msg", "we have no such person\nreally\n\n")
    assert domain.mail("nobody") == (100, "we have no such person\nreally")
    domain.write(".no-user.msg", "x" * 5000)
    assert domain.mail("nobody") == (100, "x" * 2000)


@pytest.mark.parametrize("ext", ["a b", "j\xe4", "a:b", "a\"b", "a,b", ""])
def test_what_can_be_no_user_is_refused(domain, ext):
    domain.action("delete")
    said = domain.mail(ext)
    assert said.code == 100 and "#5.1.3" in said.text


def test_a_name_that_is_too_long_is_nobodys(domain):
    domain.action("delete")
    assert domain.mail("u" * 65) == (0, "")


def test_mail_for_nobody_may_be_dropped(domain):
    domain.action("delete")
    assert domain.mail("nobody") == (0, "")
    assert queued(domain.host) == (None, None)


def test_mail_for_nobody_may_go_to_somebody(domain):
    domain.action(f"{PLACE}/postmaster/")
    assert domain.mail("nobody") == (0, f"user does not exist, but will deliver to {PLACE}/postmaster/")
    assert domain.messages("postmaster") == [HEAD + b"nobody@example.net\n" + MESSAGE]
    domain.write("postmaster/.qmail", "./Maildir/.Lost/\n")
    domain.host.sh(f"mkdir -p {PLACE}/postmaster/Maildir/.Lost/tmp {PLACE}/postmaster/Maildir/.Lost/new && chown -R vpopmail: {PLACE}/postmaster")
    assert domain.mail("nobody").code == 0
    assert len(domain.messages("postmaster", "Maildir/.Lost")) == 1
    domain.action("/nowhere/at/all")
    assert domain.mail("nobody") == (111, "Unable to chdir to maildir. (#4.2.1)")


@pytest.mark.parametrize("action, to", [("max@else.where", b"max@else.where"), ("$EXT@else.where", b"nobody@else.where")])
def test_mail_for_nobody_may_go_on(domain, action, to):
    domain.action(action)
    assert domain.mail("nobody") == (0, "")
    message, envelope = queued(domain.host)
    assert message == b"Delivered-To: nobody@example.net\n" + MESSAGE
    assert envelope == b"Fsender@example.net\0T" + to + b"\0\0"


@pytest.mark.parametrize("line, code", [("Delivered-To: joe@example.net", 100), ("delivered-to: JOE@Example.net", 100),
                                        ("Delivered-To: joe@example.net.org", 0), ("X: y\n\nDelivered-To: joe@example.net", 0)])
def test_loops_end(domain, line, code):
    said = domain.mail("joe", line.encode() + b"\n" + MESSAGE)
    assert said.code == code and (not code or "mail is looping" in said.text)


def test_a_forward_that_would_loop_is_refused(domain):
    domain.write("joe/.qmail", "./Maildir/\n&jane@else.where\n")
    said = domain.mail("joe", b"Delivered-To: Jane@Else.Where\n" + MESSAGE)
    assert said == (100, "mail is looping: it has been to jane@else.where already. (#5.4.6)")
    domain.action("Jane@else.where")
    assert domain.mail("nobody", b"Delivered-To: jane@else.where\n" + MESSAGE).code == 100


def test_an_empty_message_is_dropped(domain):
    assert domain.mail("joe", b"") == (0, "")
    assert domain.messages() == []


def test_a_locked_account_bounces(domain):
    run(domain.host, "vmoduser", "-b", "joe@example.net")
    assert domain.mail("joe") == (100, "vdelivermail: account is locked email bounced joe@example.net")


# ---- extensions ----

def test_extensions_are_the_domains_choice(domain):
    run(domain.host, "vadduser", "joe-list@example.net", "x")
    assert domain.mail("joe-list") == (0, "") and domain.mail("joe-a") == (100, NOBODY)
    domain.host.write("/home/vpopmail/etc/delivery", "extensions yes\n")
    assert domain.mail("joe-A") == (0, "") and domain.mail("joe-list-b-c") == (0, "")
    assert domain.messages() == [HEAD + b"joe-a@example.net\n" + MESSAGE]
    assert sorted(domain.messages("joe-list")) == sorted(HEAD + name + b"@example.net\n" + MESSAGE for name in (b"joe-list", b"joe-list-b-c"))
    domain.write(".delivery", "# not here\nextensions no\n")
    assert domain.mail("joe-a") == (100, NOBODY)
    domain.write(".delivery", "extensions yes\nover-quota 3\n")
    assert domain.mail("joe-a") == (111, "Uh-oh: .delivery of joe-a@example.net line 2: it says nothing that is known. (#4.2.1)")
    assert domain.mail("joe") == (0, "")


def test_an_extension_has_a_file_of_its_own(domain):
    domain.write(".delivery", "extensions yes\n")
    for name in ("a:b", "list-default", "default"):
        domain.write(f"joe/.qmail-{name}", f"&{name.replace(':', '.')}@else.where\n")
    for ext, to in (("joe-a.b", b"a.b"), ("joe-list-x", b"list-default"), ("joe-other", b"default")):
        assert domain.mail(ext) == (0, "")
        assert queued(domain.host)[1] == b"Fsender@example.net\0T" + to + b"@else.where\0\0"
    domain.host.sh(f"rm {PLACE}/joe/.qmail-default")
    domain.write("joe/.qmail", "./Maildir/\n")
    assert domain.mail("joe-other") == (0, "") and len(domain.messages()) == 1


# ---- .qmail of a user ----

def test_every_line_is_obeyed(domain):
    domain.write("joe/.qmail", "# all of it\n| cat > told; pwd >> told\n./Maildir/\n\n/tmp/box/\n&max@else.where\nann@else.where\n")
    domain.host.sh("mkdir -p /tmp/box/tmp /tmp/box/new && chown -R vpopmail /tmp/box")
    assert domain.mail("joe") == (0, "")
    assert domain.host.read(f"{PLACE}/joe/told") == MESSAGE + f"{PLACE}/joe\n".encode()
    assert domain.messages() == [HEAD + b"joe@example.net\n" + MESSAGE] == domain.messages("box", ".", "/tmp")
    assert queued(domain.host) == (b"Delivered-To: joe@example.net\n" + MESSAGE, b"Fsender@example.net\0Tmax@else.where\0Tann@else.where\0\0")


@pytest.mark.parametrize("code, end", [(0, 0), (100, 100), (64, 100), (65, 100), (70, 100), (76, 100), (77, 100), (78, 100), (112, 100),
                                       (111, 111), (1, 111), (75, 111), (126, 111)])
def test_the_exit_code_of_a_program_counts(domain, code, end):
    domain.write("joe/.qmail", f"| echo said; exit {code}\n./Maildir/\n")
    assert domain.mail("joe") == (end, "said")
    assert len(domain.messages()) == (end == 0)


def test_a_program_may_say_that_it_is_enough(domain):
    domain.action("bounce-no-mailbox")
    with open(domain.host.path(f"{PLACE}/.qmail-default"), "a") as file:
        file.write("| echo more\n")
    domain.write("joe/.qmail", "&max@else.where\n| exit 99\n./Maildir/\n")
    assert domain.mail("joe") == (0 if domain.way == "qmail-local" else 99, "")
    assert domain.messages() == [] and queued(domain.host)[1] == b"Fsender@example.net\0Tmax@else.where\0\0"


def test_a_program_that_is_killed_is_tried_again(domain):
    domain.write("joe/.qmail", "| kill -9 $$\n")
    assert domain.mail("joe") == (111, "Aack, child crashed. (#4.3.0)")


def test_programs_find_the_environment(domain):
    domain.write("joe/.qmail", "| echo $EXT $HOST $SENDER $DTLINE\n")
    assert domain.mail("joe") == (0, "joe example.net sender@example.net Delivered-To: example.net-joe@example.net")


@pytest.mark.parametrize("text", ["./mbox\n", "| \n", "&\n", "a b\n", "|x\r\n"])
def test_nothing_is_done_while_a_line_is_wrong(domain, text):
    domain.write("joe/.qmail", "./Maildir/\n" + text)
    said = domain.mail("joe")
    assert said.code == 111 and said.text.startswith("Uh-oh: .qmail of joe@example.net line 2: ")
    assert domain.messages() == []


def test_a_file_others_may_write_is_not_obeyed(domain):
    domain.write("joe/.qmail", "./Maildir/\n", mode=0o666)
    assert domain.mail("joe") == (111, f"Uh-oh: {PLACE}/joe/.qmail is writable. (#4.7.0)")


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_a_file_that_says_nothing_is_none(domain, text):
    domain.write("joe/.qmail", text)
    assert domain.mail("joe") == (0, "") and len(domain.messages()) == 1


@pytest.mark.parametrize("text, kept", [("# delete\n", 0), ("# ours\n# delete", 0), ("# delete\n./Maildir/\n", 1), ("# deleted\n", 1),
                                        ("#delete\n", 1)])
def test_a_file_may_delete_all(domain, text, kept):
    domain.write("joe/.qmail", text)
    assert domain.mail("joe") == (0, "") and len(domain.messages()) == kept


# ---- homes ----

def test_a_home_that_is_missing_is_made(domain):
    for what in ("joe", "joe/Maildir"):
        domain.host.sh(f"rm -r {PLACE}/{what}")
        assert domain.mail("joe") == (0, "") and len(domain.messages()) == 1
    assert domain.host.sh(f"cd {PLACE} && stat -c '%a %U %n' joe joe/Maildir joe/Maildir/cur").stdout.splitlines() == [
        "750 vpopmail joe", "700 vpopmail joe/Maildir", "700 vpopmail joe/Maildir/cur"]


def set_home(domain, home):
    for name, fields in records(domain.host, PLACE).items():
        if name == "joe":
            domain.host.sh(f"sed -i 's|^joe:.*|joe:{':'.join([fields[0].replace('$', chr(92) + '$'), *fields[1:4], home, *fields[5:]])}|' {PLACE}/vpasswd")
    run(domain.host, "vmkpasswd", "example.net")


def test_a_record_without_a_home_gets_one(domain):
    domain.host.sh(f"rm -r {PLACE}/joe")
    set_home(domain, "")
    assert domain.mail("joe") == (0, "") and len(domain.messages()) == 1
    assert records(domain.host, PLACE)["joe"][4] == f"{PLACE}/joe"
    assert domain.mail("joe") == (0, "") and len(domain.messages()) == 2


def test_a_home_elsewhere_waits_for_its_file_system(domain):
    set_home(domain, "/mnt/joe/box")
    said = domain.mail("joe")
    assert said.code == 111 and said.text.startswith("Unable to make /mnt/joe/box: ")
    set_home(domain, "box")
    assert domain.mail("joe").code == 111


# ---- quota ----

def fill(domain, quota, used):
    domain.host.sh(f"rm -f {PLACE}/joe/Maildir/cur/*")
    domain.host.write(f"{PLACE}/joe/Maildir/cur/1.a.b,S={used}:2,S", b"x" * used, owner="vpopmail")
    run(domain.host, "vsetuserquota", "joe@example.net", quota)


def dated(days):
    when = time.strftime("%d %b %Y %H:%M:%S -0000", time.gmtime(time.time() - days * 86400)).lstrip("0")
    return f"Received: (qmail 7 invoked by uid 0); {when}\nSubject: x\n\ntext\n".encode()


def test_a_full_mailbox_defers_for_three_days(domain):
    fill(domain, "1000S", 990)
    assert domain.mail("joe", dated(2.9)) == (111, "user is over quota (#4.2.2)")
    assert domain.mail("joe", dated(3.1)) == (100, "user is over quota (#5.2.2)")
    assert domain.mail("joe", b"Received: from elsewhere; 1 Jan 2000 00:00:00 -0000\n\nx\n") == (111, "user is over quota (#4.2.2)")
    domain.write(".delivery", "overquota 0\n")
    assert domain.mail("joe", dated(0)) == (100, "user is over quota (#5.2.2)")
    domain.host.write("/home/vpopmail/domains/.over-quota.msg", "too much\n", owner="vpopmail")
    domain.write(".delivery", "overquota 5\n")
    assert domain.mail("joe", dated(4.9)) == (111, "too much") and domain.mail("joe", dated(5.1)) == (100, "too much")
    assert domain.messages() == []


def test_a_mailbox_may_be_full_to_the_last_byte(domain):
    size = len(HEAD + b"joe@example.net\n" + MESSAGE)
    fill(domain, f"{500 + size}S", 501)
    assert domain.mail("joe").code == 100
    domain.host.sh(f"rm {PLACE}/joe/Maildir/cur/* {PLACE}/joe/Maildir/maildirsize")
    fill(domain, f"{500 + size}S", 500)
    assert domain.mail("joe") == (0, "")
    fill(domain, "1C", 0)
    assert domain.mail("joe").code == 100


def test_a_users_file_knows_his_quota(domain):
    fill(domain, "1000S", 990)
    domain.write("joe/.qmail", "./Maildir/\n")
    assert domain.mail("joe", dated(0)).code == 111
    domain.write("joe/.qmail", f"{PLACE}/joe/Maildir/\n")
    assert domain.mail("joe", dated(0)).code == 111
    domain.host.sh(f"mkdir -p {PLACE}/joe/other/tmp {PLACE}/joe/other/new {PLACE}/joe/other/cur && echo 10S > {PLACE}/joe/other/maildirsize && "
                   f"chown -R vpopmail: {PLACE}/joe/other")
    domain.write("joe/.qmail", "./other/\n")
    assert domain.mail("joe", dated(0)).code == 111
    domain.host.sh(f"rm {PLACE}/joe/other/maildirsize")
    assert domain.mail("joe") == (0, "") and len(domain.messages(folder="other")) == 1


def test_who_is_nearly_full_is_warned_once_a_day(domain):
    domain.write(".quotawarn.msg", "Subject: your mailbox\n\nis nearly full\n")
    fill(domain, "10000S", 8999)
    assert domain.mail("joe") == (0, "") and len(domain.messages()) == 1
    fill(domain, "10000S", 9000)
    for _ in range(2):
        assert domain.mail("joe") == (0, "")
    warning, = [text for text in domain.messages() if b"nearly full" in text]
    first, date, rest = warning.split(b"\n", 2)
    assert first == b"Delivered-To: joe@example.net" and date.startswith(b"Date: ") and rest == b"Subject: your mailbox\n\nis nearly full\n"
    assert domain.host.sh(f"tail -n +2 {PLACE}/joe/Maildir/maildirsize | awk '{{ n += $2 }} END {{ print n }}'").stdout == "5\n"
    domain.host.sh(f"touch -d '25 hours ago' {PLACE}/joe/Maildir/quotawarn")
    domain.mail("joe")
    assert sum(b"nearly full" in text for text in domain.messages()) == 2


# ---- the program alone ----

def test_the_words_of_the_program(virtual):
    for words in ("", "''", "'' x", "'' bounce-no-mailbox more", "'' ''"):
        done = virtual.run(["sh", "-c", f"exec {PROGRAM} {words}"], env={"EXT": "joe", "HOST": "example.net"}, check=False)
        assert done.returncode == 111 and b"invalid syntax in .qmail-default file" in done.stderr, words
    for env in ({"EXT": "joe"}, {"HOST": "example.net"}):
        done = virtual.run([PROGRAM, "", "delete"], env=env, check=False)
        assert done.returncode == 100


def test_a_message_may_come_in_a_pipe(virtual):
    domain = Domain(virtual, "qmail-local")
    domain.write(".qmail-default", f"| cat | {PROGRAM} '' bounce-no-mailbox\n")
    assert domain.mail("joe") == (0, "")
    assert domain.messages() == [HEAD + b"joe@example.net\n" + MESSAGE]


def test_trouble_with_the_table_is_no_nobody(domain):
    domain.host.sh(f"echo damaged > {PLACE}/vpasswd.cdb")
    assert domain.mail("nobody").code == domain.mail("joe").code == 111
    domain.host.sh(f"rm {PLACE}/vpasswd {PLACE}/vpasswd.cdb")
    assert domain.mail("nobody").code == domain.mail("joe").code == 111
