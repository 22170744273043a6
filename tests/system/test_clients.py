"""Real clients send, receive, list, retrieve and delete."""

import pytest

from tests.host import eventually

PASSWORD = "long horse 7%:x"


@pytest.fixture
def office(host):
    """A running machine with joe, whose password is known, and a message that clients send."""
    host.user("joe", PASSWORD)
    host.write("/tmp/letter", "From: anna@client.example\r\nTo: joe@mail.example.org\r\nSubject: letter\r\n\r\n"
                              "first line\r\n.dot\r\nlast line\r\n", mode=0o644)
    host.start()
    return host


def arrives(host, *texts, count=1):
    assert eventually(lambda: len(host.maildir("joe")) >= count), host.log("qmail-send") + host.log("qmail-smtpd")
    message = host.maildir("joe")[-1]
    for text in texts:
        assert text.encode() in message, message
    return message


def fill(host, count):
    """Messages that were delivered before."""
    for i in range(1, count + 1):
        name = f"{1700000000 + i}.M1P1Q{i}.mail.example.org"
        host.write(f"/home/joe/Maildir/new/{name}",
                   f"From: anna@client.example\nTo: joe@mail.example.org\nSubject: number {i}\n\nbody {i}\n", owner="joe")


def boxed(host):
    return len(host.maildir("joe"))


# ---- sending ----

def test_swaks_sends(office):
    office.sh("swaks --server 127.0.0.1 --helo client.example --from anna@client.example "
              "--to joe@mail.example.org --header 'Subject: from swaks' --body 'a body'")
    arrives(office, "Subject: from swaks", "a body", "Return-Path: <anna@client.example>",
            "Delivered-To: joe@mail.example.org")


def test_swaks_pipelines(office):
    office.sh("swaks --pipeline --server 127.0.0.1 --from anna@client.example --to joe@mail.example.org")
    arrives(office, "This is a test mailing")


def test_curl_sends(office):
    office.sh("curl -sS smtp://127.0.0.1/client.example --mail-from anna@client.example "
              "--mail-rcpt joe@mail.example.org -T /tmp/letter")
    came = arrives(office)
    assert b"\nSubject: letter\n" in came and came.endswith(b"\n\nfirst line\n.dot\nlast line\n")


def test_msmtp_sends(office):
    office.sh("msmtp --host=127.0.0.1 --from=anna@client.example joe@mail.example.org < /tmp/letter")
    arrives(office, "Subject: letter")


def test_mutt_sends_through_sendmail(office):
    office.sh("echo 'a body' | mutt -s 'from mutt' joe@mail.example.org")
    arrives(office, "Subject: from mutt", "a body")


def test_s_nail_sends_through_sendmail_and_by_smtp(office):
    office.sh("echo 'one' | s-nail -s 'from mailx' joe@mail.example.org")
    arrives(office, "Subject: from mailx", "one")
    office.sh("echo two | s-nail -n -S v15-compat -S mta=smtp://127.0.0.1 -S smtp-auth=none "
              "-S from=anna@client.example -s 'by smtp' joe@mail.example.org")
    arrives(office, "Subject: by smtp", "two", count=2)


SMTPLIB = """
import smtplib
with smtplib.SMTP("127.0.0.1") as smtp:
    smtp.ehlo("client.example")
    assert smtp.has_extn("size") and smtp.has_extn("8bitmime") and smtp.has_extn("pipelining")
    assert smtp.sendmail("anna@client.example", ["joe@mail.example.org", "joe@mail.example.org"],
                         "Subject: gr\\u00fc\\u00dfe\\n\\n\\u20ac".encode()) == {}
    try:
        smtp.sendmail("anna@client.example", ["x@elsewhere.example"], "Subject: relay\\n\\n")
    except smtplib.SMTPRecipientsRefused as refused:
        assert False, refused
"""


def test_smtplib_sends_8bit_to_two(office):
    office.write("/tmp/send.py", SMTPLIB)
    office.sh("/usr/bin/python3 /tmp/send.py")
    arrives(office, "grüße", "€", count=2)


# ---- receiving ----

def test_curl_lists_retrieves_and_deletes(office):
    fill(office, 3)
    curl = f"curl -sS -u 'joe:{PASSWORD}' pop3://127.0.0.1/"
    assert len(office.sh(curl).stdout.splitlines()) == 3
    assert "body 2\n" in office.sh(curl + "2").stdout
    office.sh(curl + "2 --request 'DELE 2' --head")
    assert eventually(lambda: boxed(office) == 2)
    assert b"number 2" not in b"".join(office.maildir("joe"))


POPLIB = f"""
import poplib
box = poplib.POP3("127.0.0.1")
assert b"<" in box.getwelcome()
box.user("joe"); box.pass_("{PASSWORD}")
assert box.stat()[0] == 5
assert "TOP" in box.capa()
numbers = [int(line.split()[0]) for line in box.list()[1]]
assert numbers == [1, 2, 3, 4, 5]
assert len(set(line.split()[1] for line in box.uidl()[1])) == 5
assert box.retr(3)[1][-1] == b"body 3"
assert box.top(4, 0)[1][-1] == b""
for number in numbers[:4]: box.dele(number)
box.rset()
box.dele(5)
box.quit()
"""


def test_poplib_does_everything(office):
    fill(office, 5)
    office.write("/tmp/pop.py", POPLIB)
    office.sh("/usr/bin/python3 /tmp/pop.py")
    assert boxed(office) == 4
    assert all(b"number 5" not in m for m in office.maildir("joe"))


def test_fetchmail_fetches_and_feeds_smtp(office):
    office.user("ben")
    fill(office, 3)
    office.write("/root/.fetchmailrc", f'poll 127.0.0.1 proto pop3 user "joe" password "{PASSWORD}" '
                                       'is ben here smtphost localhost sslproto ""\n', mode=0o600)
    office.sh("fetchmail --nosslcertck --nodetach --nosyslog -v")
    assert eventually(lambda: len(office.maildir("ben")) == 3), office.log("qmail-send")
    assert boxed(office) == 0


def test_mpop_fetches(office):
    fill(office, 2)
    office.write("/root/.mpoprc", "account x\nhost 127.0.0.1\nuser joe\nauth user\ntls off\n"
                                  f'password "{PASSWORD}"\ndelivery mbox /root/mbox\n', mode=0o600)
    office.sh("mpop x")
    text = office.read("/root/mbox").decode()
    assert "body 1" in text and "body 2" in text
    assert boxed(office) == 0


def test_s_nail_reads_the_pop_box(office):
    fill(office, 2)
    shown = office.sh("s-nail -n -S v15-compat -S pop3-no-apop -S user=joe "
                      "-S password='long horse 7%:x' -R -f pop3://127.0.0.1", input="headers\nprint 2\nexit\n").stdout
    assert "number 1" in shown and "body 2" in shown


def test_mutt_lists_the_maildir(office):
    fill(office, 2)
    office.write("/home/joe/muttrc", "set folder=/home/joe/Maildir\n", owner="joe")
    # curses refuses a terminal without a size.
    screen = office.sh('cd && timeout 5 script -qec "stty rows 24 cols 80; mutt -n -F muttrc -R -f Maildir" /dev/null '
                       '</dev/null', user="joe", env={"HOME": "/home/joe", "TERM": "vt100"}, check=False).stdout
    assert "number 1" in screen and "number 2" in screen, screen


def test_a_wrong_password_is_refused(office):
    done = office.sh("curl -sS -u joe:wrong pop3://127.0.0.1/", check=False)
    assert done.returncode == 67
    assert "joe" in office.log("qmail-pop3d")
