"""Who has no address of his own calls for his mail (RFC 2645): he logs in, and is sent on this connection what waits for him."""

import os
import re
import time

import pytest

from tests.host import eventually
from tests.serial.test_service import MANY, furnish

# A customer: logs in, says what his arguments say, prints each answer; after 250 to ATRN he is the server. EAT is how many messages he
# takes before he is gone, without an answer to the last; at message HANGS he says nothing more, and is there.
CUSTOMER = r"""
import os, re, smtplib, ssl, sys
address, login, secret, *lines = sys.argv[1:]
s = smtplib.SMTP(address, 366, timeout=60)
s.ehlo("customer.example")
if os.environ.get("TLS"):
    s.starttls(context=ssl._create_unverified_context())
    s.ehlo("customer.example")
print("ATRN" if "atrn" in s.esmtp_features else "nothing")
if login:
    s.login(login, secret)
if os.environ.get("WAITS"):
    print("in", flush=True)
    input()
for line in lines:
    s.sock.sendall(line.encode().decode("unicode_escape").encode() + b"\r\n")
    code, text = s.getreply()
    print(code, text.decode())
    if line.startswith("ATRN") and code == 250:
        break
    if code == 421:
        sys.exit()
else:
    s.close()
    sys.exit()
f = s.file
eat, got = int(os.environ.get("EAT", 1000000)), 0
def say(text):
    s.sock.sendall(text.encode() + b"\r\n")
say("220 customer.example")
for line in iter(f.readline, b""):
    word = line[:4].upper()
    if word == b"EHLO":
        print("EHLO", line.split()[1].decode())
        say("250-customer.example\r\n250-PIPELINING\r\n250 8BITMIME")
    elif word == b"MAIL":
        sender, to = b"<later@" not in line, ""
        say("250 ok" if sender else "451 later")
    elif word == b"DATA" and not to:
        say("503 nobody to send it to")
    elif word == b"DATA":
        say("354 go")
        text = b""
        while not text.endswith(b"\r\n.\r\n") and (more := f.readline()):
            text += more
        if not text.endswith(b"\r\n.\r\n"):
            break
        got += 1
        print(to, re.search(rb"^Subject: (.*)\r$", text, re.M)[1].decode(), flush=True)
        if got == eat:
            os._exit(0)
        if got == int(os.environ.get("HANGS", 0)):
            input()
        say("250 taken")
    elif word == b"QUIT":
        say("221 bye")
        print("QUIT")
        break
    elif word == b"RCPT":
        to = line[8:].decode().strip().strip("<>")
        said = {"nobody": "550 no such user", "later": "451 later"}.get(to.split("@")[0], "250 ok") if sender else "503 from whom"
        to = to if said[0] == "2" else ""
        say(said)
    else:
        say("250 ok")
"""


def customer(host, *lines, login="joe", secret="pass word", address="127.0.0.1", **env):
    return host.run(["/usr/bin/python3", "-c", CUSTOMER, address, login, secret, *lines], env={k.upper(): str(v) for k, v in env.items()}).stdout.decode().splitlines()


def letter(host, name, text, user="joe", place="customer.example", age=60, sender="root@mail.example.org", domain=None):
    path = f"/var/qmail/serialmail/{place}/Maildir/new/{name}"
    host.write(path, f"Return-Path: <{sender}>\nDelivered-To: {place}-{user}@{domain or place}\nSubject: {text}\n\nhi\n", owner="serialmail")
    host.sh(f"touch -d '{age} seconds ago' {path}")


def waiting(host, place="customer.example"):
    return sorted(os.listdir(host.path(f"/var/qmail/serialmail/{place}/Maildir/new")))


@pytest.fixture
def site(host):
    furnish(host)
    furnish(host, "shop.example")
    host.user("joe", "pass word")
    host.user("ann", "pass word")
    host.control("atrn", "joe:customer.example shop.example www.shop.example:shop.example\nann@shop.example:shop.example\n")
    host.write("/etc/tcp.odmr", '127.:allow,SMTPD_AUTH="required clear"\n:allow\n')
    host.sh("qmailctl cdb; rm /var/qmail/supervise/qmail-odmr/down")
    host.start("qmail-auth", "qmail-serial", "qmail-odmr", "qmail-queue")
    return host


def test_who_has_logged_in_is_sent_what_waits(site):
    for i in range(3):
        letter(site, i, f"letter {i}", age=60 - i)
    assert customer(site, "ATRN customer.example") == [
        "ATRN", "250 2.0.0 now it is your turn to greet", "EHLO mail.example.org", *(f"joe@customer.example letter {i}" for i in range(3)), "QUIT"]
    assert waiting(site) == []
    assert eventually(lambda: "turn joe at 127.0.0.1: done\n" in site.log("qmail-serial"))
    assert "customer.example: maildirserial: info: new/0 succeeded: 127.0.0.1 to: joe@customer.example said: 250 taken\n" in site.log("qmail-serial")
    assert eventually(lambda: re.search(r"session from 127\.0\.0\.1 .*, turned\n", site.log("qmail-odmr")))
    assert customer(site, "ATRN") == ["ATRN", "453 4.2.0 you have no mail (#4.2.0)"]


def test_without_a_domain_all_that_is_his_goes_over_one_connection(site):
    letter(site, 1, "a letter")
    letter(site, 1, "an order", place="shop.example")
    said = customer(site, "ATRN")
    assert said == ["ATRN", "250 2.0.0 now it is your turn to greet", "EHLO mail.example.org", "joe@customer.example a letter",
                    "EHLO mail.example.org", "joe@shop.example an order", "QUIT"]
    assert waiting(site) == waiting(site, "shop.example") == []
    letter(site, 2, "another", place="shop.example", domain="www.shop.example")
    assert customer(site, "ATRN WWW.shop.example,shop.example")[3:] == ["joe@www.shop.example another", "QUIT"]


@pytest.mark.parametrize("lines, answers", [
    (["ATRN other.example"], ["450 4.7.1"]), (["ATRN customer.example,other.example"], ["450 4.7.1"]), (["ATRN customer.example,"], ["501 5.5.4"]),
    (["ATRN a b"], ["501 5.5.4"]), (["ATRN ../customer.example"], ["501 5.5.4"]), (["ATRN @example"], ["501 5.5.4"]),
    (["MAIL FROM:<joe@mail.example.org>", "ATRN"], ["250 2.1.0", "503 5.5.1"])])
def test_what_is_refused(site, lines, answers):
    letter(site, 1, "a letter")
    assert [line[:9] for line in customer(site, *lines)[1:]] == answers
    assert waiting(site) == ["1"]


def test_only_who_has_logged_in_and_whose_domain_it_is(site):
    letter(site, 1, "a letter")
    assert customer(site, "ATRN", "ATRN customer.example", login="")[1:] == ["530 5.7.0 log in first (#5.7.0)"] * 2
    assert [line[:3] for line in customer(site, "ATRN", "ATRN customer.example", login="ann")[1:]] == ["450", "450"]
    assert "turn ann at 127.0.0.1: no line of control/atrn is his\n" in site.log("qmail-serial")
    site.sh("""echo ':allow,SMTPD_AUTH="clear",SMTPD_ATRN="off"' > /etc/tcp.odmr; qmailctl cdb""")
    assert customer(site, "ATRN") == ["nothing", "502 5.5.1 unimplemented (#5.5.1)"]
    assert waiting(site) == ["1"]


def test_what_follows_in_the_same_packet_ends_the_session(site):
    letter(site, 1, "a letter")
    assert customer(site, r"ATRN\r\n220 customer.example")[1][:9] == "503 5.5.0"
    assert waiting(site) == ["1"]


def test_over_tls(site):
    site.sh("qmail-certificate self-signed")
    site.start("qmail-tls")
    letter(site, 1, "a letter")
    site.control("tlspolicy", "customer.example:encrypt\n")
    assert customer(site, "ATRN")[1][:9] == "450 4.7.1"
    assert "turn joe at 127.0.0.1: control/tlspolicy asks for TLS for customer.example\n" in site.log("qmail-serial")
    assert customer(site, "ATRN", tls=1)[2:] == ["EHLO mail.example.org", "joe@customer.example a letter", "QUIT"]
    assert waiting(site) == []


def test_from_elsewhere_no_password_is_taken_in_clear_text(site):
    done = site.run(["/usr/bin/python3", "-c", CUSTOMER, "203.0.113.25", "joe", "pass word", "ATRN"], check=False)
    assert b"SMTPNotSupportedError" in done.stderr


def test_what_he_does_not_take_goes_back_or_waits(site):
    letter(site, 1, "for nobody", user="nobody", sender="root@mail.example.org", age=50)
    letter(site, 2, "for later", user="later", age=40)
    letter(site, 3, "for joe", age=30)
    letter(site, 1, "an order", place="shop.example")
    assert customer(site, "ATRN")[3:] == ["joe@customer.example for joe", "EHLO mail.example.org", "joe@shop.example an order", "QUIT"]
    assert waiting(site) == ["2"]
    assert site.sh("grep -l 'Subject: failure notice' -r /var/qmail/queue/mess | wc -l").stdout == "1\n"


def test_who_may_not_send_now_does_not_stop_the_rest(site):
    """What the customer has still to say of that is heard before the next directory is sent."""
    letter(site, 1, "for later", sender="later@far.example", age=40)
    letter(site, 1, "an order", place="shop.example")
    assert customer(site, "ATRN")[2:] == ["EHLO mail.example.org", "EHLO mail.example.org", "joe@shop.example an order", "QUIT"]
    assert waiting(site) == ["1"] and waiting(site, "shop.example") == []


def test_who_asks_again_and_again_is_sent_away(site):
    said = customer(site, *["ATRN"] * 30)
    assert said[1] == "453 4.2.0 you have no mail (#4.2.0)" and said[-1].startswith("421 "), said[-3:]


def test_a_customer_who_is_gone_gets_the_rest_the_next_time(site):
    for i in range(5):
        letter(site, i, f"letter {i}", age=60 - i)
    letter(site, 1, "an order", place="shop.example")
    first = customer(site, "ATRN", eat=3)[3:]
    assert len(first) == 3
    assert eventually(lambda: "turn joe at 127.0.0.1: the connection ended too early\n" in site.log("qmail-serial"), 20)
    assert (waiting(site), waiting(site, "shop.example")) == (["2", "3", "4"], ["1"])
    second = customer(site, "ATRN")[3:]
    assert [line for line in second if "letter" in line] == [f"joe@customer.example letter {i}" for i in (2, 3, 4)]
    assert (waiting(site), waiting(site, "shop.example")) == ([], [])


def hangs(host, login, address="127.0.0.1", **env):
    """One who says nothing any more when he has his first message."""
    client = host.popen(["/usr/bin/python3", "-u", "-c", CUSTOMER, address, login, "pass word", "ATRN"], env={"HANGS": "1", **env}, stdin=-1, stdout=-1)
    assert [client.stdout.readline() for _ in range(4)][3].endswith(b"@customer.example a letter\n")
    return client


def test_who_takes_too_long_is_ended_and_comes_again(site):
    """What reads control files is told by its signal: supervise takes no command in a service's first second."""
    site.control("timeoutodmr", "10\n")
    letter(site, 1, "a letter")
    letter(site, 1, "an order", place="shop.example")
    site.sh("pkill -ALRM -x qmail-seriald")
    client = hangs(site, "joe")
    assert customer(site, "ATRN")[1][:9] == "451 4.3.0"
    late = "turn joe at 127.0.0.1: it has taken longer than control/timeoutodmr says"
    assert eventually(lambda: late in site.log("qmail-serial"), 30), site.log("qmail-serial")
    client.kill()
    client.communicate()
    assert eventually(lambda: site.sh("pgrep -x 'serialsmtp|maildirserial|qmail-smtpd'", check=False).returncode)
    assert (waiting(site), waiting(site, "shop.example")) == (["1"], ["1"])
    site.control("timeoutodmr", "60\n")
    site.sh("pkill -ALRM -x qmail-seriald")
    assert customer(site, "ATRN")[-1] == "QUIT"
    assert (waiting(site), waiting(site, "shop.example")) == ([], [])


def test_a_line_that_drops_without_a_word(hosts):
    """With TLS and without: another call of the same customer waits for no longer than a minute or so."""
    here, there = hosts("here.example", "dial.example")
    for place in ("customer.example", "shop.example"):
        furnish(here, place)
        letter(here, 1, "a letter", place=place, domain="customer.example")
    for user in ("joe", "ann"):
        here.user(user, "pass word")
    here.control("atrn", "joe:customer.example\nann:shop.example\n")
    here.write("/etc/tcp.odmr", ':allow,SMTPD_AUTH="required clear"\n')
    here.sh("qmailctl cdb; rm /var/qmail/supervise/qmail-odmr/down; qmail-certificate self-signed")
    here.start("qmail-auth", "qmail-tls", "qmail-serial", "qmail-odmr", "qmail-queue")
    clients = [hangs(there, "joe", here.address), hangs(there, "ann", here.address, TLS="1")]
    there.sh("ip link set eth0 down")
    began = time.monotonic()
    for login in ("joe", "ann"):
        assert customer(here, "ATRN", login=login)[1][:9] == "451 4.3.0"
    for login in ("joe", "ann"):
        assert eventually(lambda: customer(here, "ATRN", login=login)[-1] == "QUIT", 90, every=1), here.log("qmail-serial")
    assert time.monotonic() - began < 90
    for login in ("joe", "ann"):
        assert eventually(lambda: f"turn {login} at {there.address}: the connection ended too early\n" in here.log("qmail-serial"))
    for client in clients:
        client.kill()
        client.communicate()


def test_more_directories_than_one_call_has(site):
    site.control("atrn", "joe:customer.example " + " ".join(f"d{n}.example" for n in range(100)) + "\nann:" + "shop.example " * 101 + "\n")
    letter(site, 1, "a letter")
    assert customer(site, "ATRN")[1][:9] == "450 4.7.1"
    why = "turn joe at 127.0.0.1: more than 100 directories at once: he has to name the domains"
    assert eventually(lambda: why in site.log("qmail-serial"))
    assert customer(site, "ATRN customer.example")[-1] == "QUIT" and waiting(site) == []
    found = site.sh("qmail-showctl -c", check=False).stdout
    assert "control/atrn:1: more than 100 directories, so that he has to name domains when he calls" in found and "control/atrn:2" not in found


def test_killed_in_the_middle_nothing_is_lost(site):
    site.run(["setuidgid", "serialmail", "sh", "-c", 'cd /var/qmail/serialmail/customer.example/Maildir/new && exec "$@"', "sh",
              "/usr/bin/python3", "-c", MANY.replace("300", "60")])
    got, rounds = [], 0
    while waiting(site) and rounds < 20:
        before, rounds = len(waiting(site)), rounds + 1
        client = site.popen(["/usr/bin/python3", "-c", CUSTOMER, "127.0.0.1", "joe", "pass word", "ATRN"], stdout=-1)
        eventually(lambda: len(waiting(site)) < before - 4, 10, every=0.001)
        if rounds < 5:
            site.sh(f"pkill -9 -x {['maildirserial', 'serialsmtp', 'qmail-seriald', 'qmail-smtpd'][rounds - 1]}", check=False)
        got += re.findall(r"letter (\d+)", client.communicate(timeout=60)[0].decode())
        assert eventually(lambda: site.sh("pgrep -x serialsmtp", check=False).returncode)
        site.sh("svc -u /service/qmail-serial")
        assert eventually(lambda: site.sh("svok /service/qmail-serial && pgrep -f '^qmail-seriald$'", check=False).returncode == 0)
    assert waiting(site) == [] and {int(n) for n in got} == set(range(60))
    assert len(got) <= 60 + rounds


def test_one_at_a_time_and_the_service_leaves_it_to_him(site):
    letter(site, 1, "a letter")
    site.sh("qmailctl serial now")
    assert "customer.example 1 messages" in site.sh("qmailctl serial").stdout and "; its host calls for it\n" in site.sh("qmailctl serial").stdout
    script = site.popen(["setlock", "/var/qmail/serialmail/customer.example/RELAYHOST", "sh", "-c", "echo locked; exec sleep 600"], stdout=-1)
    assert script.stdout.readline() == b"locked\n"
    assert customer(site, "ATRN")[1][:9] == "451 4.3.0"
    assert "turn joe at 127.0.0.1: mail is on its way by another connection from customer.example\n" in site.log("qmail-serial")
    site.sh("pkill -x sleep")
    script.wait()
    assert customer(site, "ATRN")[-1] == "QUIT"
    assert "starting" not in site.log("qmail-serial")


def test_without_the_service_he_comes_again(site):
    letter(site, 1, "a letter")
    site.sh("svc -d /service/qmail-serial")
    assert eventually(lambda: ": down" in site.sh("svstat /service/qmail-serial").stdout)
    assert customer(site, "ATRN")[1][:9] == "451 4.3.0"
    site.sh("svc -u /service/qmail-serial")
    assert eventually(lambda: customer(site, "ATRN")[1][:3] == "250", 30)


def test_what_just_came_goes_too(site):
    letter(site, 1, "a letter", age=0)
    assert customer(site, "ATRN")[3:] == ["joe@customer.example a letter", "QUIT"]


def test_who_is_frozen_gets_none(site):
    letter(site, 1, "a letter")
    client = site.popen(["/usr/bin/python3", "-c", CUSTOMER, "127.0.0.1", "joe", "pass word", "ATRN"], env={"WAITS": "1"}, stdin=-1, stdout=-1)
    assert client.stdout.readline() + client.stdout.readline() == b"ATRN\nin\n"
    site.sh("qmailctl freeze joe")
    assert client.communicate(b"\n", timeout=30)[0][:9] == b"450 4.7.1"
    assert waiting(site) == ["1"]


def test_fetchmail(hosts):
    """ODMR as it is spoken outside: CRAM-MD5, and a local SMTP server to which all is handed on."""
    here, there = hosts("here.example", "dial.example")
    furnish(here)
    there.user("joe")
    there.control("locals", "customer.example\n")
    there.control("rcpthosts", "customer.example\n")
    here.sh("vadddomain example.net secret && vadduser joe@example.net 'pass word'")
    cram(here)
    here.control("atrn", "joe@example.net:customer.example\n")
    here.write("/etc/tcp.odmr", '10.77.0.:allow,SMTPD_AUTH="required cram-md5 clear"\n')
    here.sh("qmailctl cdb")
    here.sh("rm /var/qmail/supervise/qmail-odmr/down")
    here.start("qmail-auth", "qmail-users", "qmail-serial", "qmail-odmr")
    there.start("qmail-send", "qmail-smtpd", "qmail-queue")
    letter(here, 1, "by fetchmail")
    there.write("/root/.fetchmailrc", 'poll 10.77.0.1 protocol ODMR service 366 username "joe@example.net" password "pass word" fetchdomains customer.example smtphost 127.0.0.1\n', mode=0o600)
    done = there.sh("fetchmail -v 2>&1", check=False)
    assert eventually(lambda: there.maildir("joe"), 20), done.stdout + here.log("qmail-odmr") + here.log("qmail-serial")
    assert b"Subject: by fetchmail" in there.maildir("joe")[0] and waiting(here) == []


def cram(host):
    """Somebody wants CRAM-MD5: the clear password is kept."""
    place = "/home/vpopmail/domains/example.net"
    lines = host.read(f"{place}/vpasswd").decode().splitlines()
    host.write(f"{place}/vpasswd", "".join(line + ":pass word\n" if line.startswith("joe:") else line + "\n" for line in lines),
               owner="vpopmail", mode=0o600)
    host.sh(f"rm -f {place}/vpasswd.cdb")


def test_qmailctl_check_tells_what_is_missing(host):
    furnish(host)
    host.control("atrn", "joe:customer.example gone.example\nann:\nbob:a/b\n")
    found = host.sh("qmail-showctl -c", check=False).stdout
    for text in ("control/atrn:1: there is no directory serialmail/gone.example, so that nobody can call for its mail: joe:customer.example gone.example",
                 "control/atrn:2: nothing behind the colon, so that nobody may call for anything: ann:",
                 "control/atrn:3: not domain or domain:host, where host is a directory in serialmail: nobody can call for it: bob:a/b"):
        assert text + "\n" in found, found
    assert "note: somebody may call for his mail (control/atrn), and the service is down: supervise/qmail-odmr/down\n" in host.sh("qmail-showctl -l", check=False).stdout
    host.control("atrn", "joe:customer.example\n")
    host.sh("rm /var/qmail/supervise/qmail-odmr/down")
    assert "atrn" not in host.sh("qmail-showctl -c", check=False).stdout and "odmr" not in host.sh("qmail-showctl -c", check=False).stdout
