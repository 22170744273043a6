"""A backup MX knows who is there in domains that are only relayed to: by a list, or because it asks their servers."""

import hashlib
import json
import struct
import time

import pytest

from tests.host import eventually
from tests.remote.remote import Server
from tests.smtp.session import Session

IP, OTHER_IP, SILENT_IP = "10.77.0.2", "10.77.0.3", "10.77.0.99"
OK, NOBODY = "250 2.1.5 ok", "550 5.1.1 sorry, no mailbox here by that name (#5.1.1)"
LATER = "451 4.3.0 sorry, i cannot look for that mailbox now (#4.3.0)"
NO = "550 5.1.1 nobody by that name"
THERE = {"postmaster": "250 ok", "joe": "250 ok"}


def answers(domain="p.example", other=NO, **boxes):
    return {"RCPT": {"": other, **{f"{box}@{domain}": said for box, said in {**THERE, **boxes}.items()}}}


class Mail:
    """Here, a backup MX; there, the servers it goes on to."""

    def __init__(self, here, there):
        self.here, self.there = here, there
        there.sh(f"ip address add {OTHER_IP}/24 dev eth0")
        here.dns({"mx.p.example": [f"A {IP}"], "other.p.example": [f"A {OTHER_IP}"], "silent.p.example": [f"A {SILENT_IP}"],
                  "p.example": ["MX 10 mx.p.example", "MX 20 a.example", "MX 30 other.p.example"],
                  "alone.example": ["MX 10 a.example"], "lost.example": ["SERVFAIL"]})
        here.control("rcpthosts", "a.example\np.example\nq.example\nalone.example\nlost.example\n")
        self.primaries("p.example:\n")
        here.start("qmail-primary")

    def primaries(self, text):
        self.here.control("primary", text)

    def server(self, ip=IP, **behaviour):
        return Server(self.there, ip, 25, **{**answers(), **behaviour})

    def rcpt(self, *boxes, domain="p.example", env=None):
        session = Session(self.here, env).begin()
        session.ask(b"MAIL FROM:<s@x.example>\r\n")
        said = [session.ask(b"RCPT TO:<%s@%s>\r\n" % (box.encode(), domain.encode())) for box in boxes]
        self.told = session.end()[1]
        return said if len(said) > 1 else said[0]

    def logged(self, text, times=1):
        """What is told takes a moment to be in the log."""
        return eventually(lambda: self.log().count(text) == times, 20)

    def log(self):
        return self.here.log("qmail-primary")

    def is_old(self, seconds):
        """As if all that was said had been said so long ago."""
        data = bytearray(self.here.read("/var/qmail/primary/memory"))
        for at in range(0, len(data), 32):
            digest, when, said = struct.unpack_from("<16sIB", data, at)
            if when:
                entry = struct.pack("<16sIB3x", digest, when - seconds, said)
                data[at:at + 32] = entry + hashlib.sha256(entry).digest()[:8]
        with open(self.here.path("/var/qmail/primary/memory"), "r+b") as f:
            f.write(data)

    def service(self, word):
        starts = self.log().count("workers listen")
        self.here.sh(f"svc -{word} /service/qmail-primary")
        assert eventually(lambda: self.log().count("workers listen") > starts if word == "u"
                          else ": down" in self.here.sh("svstat /service/qmail-primary").stdout, 20)


def ended(server, count):
    """So many have asked it: a connection is told of when it has ended, which is later than its answer."""
    return eventually(lambda: len(server.connections()) == count)


@pytest.fixture
def mail(hosts):
    return Mail(*hosts("a.example", "b.example"))


def asked(server, connection=0):
    return [line for line in server.lines(connection) if not line.startswith("RCPT TO:<nobody-")]


def test_who_is_not_there_is_refused(mail):
    server = mail.server()
    assert mail.rcpt("joe", "nobody", "JOE", "a b") == [OK, NOBODY, OK, NOBODY]
    assert asked(server) == ["EHLO a.example", "MAIL FROM:<>", "RCPT TO:<joe@p.example>", "RCPT TO:<postmaster@p.example>", "QUIT"]
    assert asked(server, 1) == ["EHLO a.example", "MAIL FROM:<>", "RCPT TO:<nobody@p.example>", "RCPT TO:<postmaster@p.example>", "QUIT"]
    assert asked(server, 2)[2] == 'RCPT TO:<"a b"@p.example>'
    assert ended(server, 3) and mail.log().count("\n") == 1


def test_what_was_said_is_remembered_also_by_the_next_process(mail):
    server = mail.server()
    assert mail.rcpt("joe", "nobody") == [OK, NOBODY]
    mail.service("d")
    mail.service("u")
    assert mail.rcpt("nobody", "joe") == [NOBODY, OK]
    assert ended(server, 2)
    mail.is_old(601)
    assert mail.rcpt("joe", "nobody") == [OK, NOBODY]
    assert ended(server, 3)
    mail.is_old(86400)
    assert mail.rcpt("joe", "nobody") == [OK, NOBODY]
    assert ended(server, 5) and asked(server, 3)[3] == "RCPT TO:<postmaster@p.example>"


def test_while_nobody_answers_only_those_are_refused_who_were_lately(mail):
    server = mail.server()
    assert mail.rcpt("nobody", "gone") == [NOBODY, NOBODY]
    mail.there.sh("pkill -9 -f '[s]mtp_server'")
    server.process.wait()
    mail.is_old(700)
    assert mail.rcpt("somebody", "nobody") == [OK, NOBODY]
    assert mail.logged(f"warning: p.example: its servers cannot be asked now, so that nobody is refused whom they have not refused lately: {IP} Connection refused")
    mail.is_old(86400)
    assert mail.rcpt("somebody", "nobody") == [OK, OK]
    assert mail.logged("cannot be asked now")
    mail.is_old(86400)
    mail.server()
    assert mail.rcpt("nobody") == NOBODY and mail.logged("info: p.example: its servers tell who is there")


@pytest.mark.parametrize("behaviour, why", [
    ({"greeting": "421 later"}, "says 421_later"), ({"MAIL": "550 5.7.1 not you"}, "says 550_5.7.1_not_you"), ({"greeting": "CLOSE"}, "breaks off, or is silent"),
    ({"EHLO": "LINES"}, "makes no sense"), ({"MAIL": "530 5.7.0 STARTTLS first"}, "says 530_5.7.0_STARTTLS_first"),
])
def test_servers_that_answer_nothing_of_use_refuse_nobody(mail, behaviour, why):
    mail.server(**behaviour)
    assert mail.rcpt("nobody", "joe") == [OK, OK]
    assert mail.logged(f"{IP} {why}")


@pytest.mark.parametrize("said", ["450 4.2.0 greylisted", "451 later", "554 5.7.1 your address is on a list", "550 5.7.1 no", "552 5.2.2 full", "550 no (#5.7.1)"])
def test_a_refusal_for_now_or_for_other_reasons_is_none(mail, said):
    server = mail.server(**answers(joe=said, nobody=NO))
    assert mail.rcpt("joe", "joe", "nobody") == [OK, OK, NOBODY]
    assert ended(server, 2)


def test_one_that_puts_everybody_off_refuses_nobody(mail):
    mail.server(RCPT="450 4.2.0 greylisted")
    assert mail.rcpt("joe", "nobody") == [OK, OK]


def test_one_that_takes_everybody_is_asked_no_more(mail):
    server = mail.server(RCPT="250 ok")
    assert mail.rcpt("nobody", "joe", "x") == [OK, OK, OK]
    assert ended(server, 1)
    mail.is_old(3601)
    assert mail.rcpt("nobody") == OK and ended(server, 2)
    assert mail.logged("warning: p.example: its servers take everybody, so that nobody is refused")


def test_one_that_refuses_even_postmaster_is_not_believed(mail):
    mail.server(RCPT="550 5.1.1 nobody")
    assert mail.rcpt("nobody", "joe") == [OK, OK]
    assert mail.logged(f"p.example: its servers refuse everybody, even postmaster, so that they are not believed: {IP} says 550_5.1.1_nobody")


def test_one_that_told_and_now_refuses_everybody_is_not_believed(mail):
    server = mail.server()
    assert mail.rcpt("joe", "nobody") == [OK, NOBODY]
    mail.there.sh("pkill -9 -f '[s]mtp_server'")
    server.process.wait()
    mail.is_old(700)
    mail.server(RCPT="550 relay not permitted")
    assert mail.rcpt("ann", "nobody", "joe", "bob") == [OK, NOBODY, OK, OK]
    assert mail.logged(f"even postmaster, so that they are not believed: {IP} says 550_relay_not_permitted")
    mail.there.sh("pkill -9 -f '[s]mtp_server'")
    mail.is_old(700)
    mail.server()
    assert mail.rcpt("bob") == NOBODY and mail.logged("info: p.example: its servers tell who is there")


def test_a_slow_server_is_not_waited_for_but_heard(mail):
    server = mail.server(wait={"greeting": 7})
    begin = time.monotonic()
    assert mail.rcpt("nobody", "joe") == [OK, OK]
    assert time.monotonic() - begin < 30 and "unable to ask qmail-primaryd, so that every recipient is taken" in mail.told
    eventually(lambda: server.connections(), 30)
    assert mail.rcpt("nobody") == NOBODY


def test_a_silent_host_rests(mail):
    mail.primaries("p.example:silent.p.example\n")
    assert mail.rcpt("nobody") == OK
    assert eventually(lambda: f"{SILENT_IP} " in mail.log(), 30)
    begin = time.monotonic()
    assert mail.rcpt("nobody", "joe") == [OK, OK] and not mail.told.count("unable to ask")
    assert time.monotonic() - begin < 4


def test_a_host_that_is_named_is_asked(mail):
    other = mail.server(OTHER_IP)
    mail.primaries("p.example:other.p.example\n")
    assert mail.rcpt("nobody") == NOBODY and ended(other, 1)
    mail.primaries(f"p.example:[{OTHER_IP}]:26\n")
    odd = Server(mail.there, OTHER_IP, 26, **answers())
    assert mail.rcpt("anybody") == NOBODY and ended(odd, 1)


def test_routes_are_followed(mail):
    other = mail.server(OTHER_IP)
    mail.here.control("smtproutes", f"p.example:[{OTHER_IP}]\n")
    assert mail.rcpt("nobody") == NOBODY and ended(other, 1)


def test_the_next_server_is_asked_when_one_is_away_but_none_behind_this_host(mail):
    other = mail.server(OTHER_IP)
    assert mail.rcpt("nobody") == OK and not other.connections()
    mail.here.dns({"p.example": ["MX 5 silent.p.example", "MX 10 other.p.example"]})
    mail.is_old(86401)
    mail.rcpt("nobody")
    assert eventually(lambda: mail.rcpt("nobody") == NOBODY, 30)


def test_where_there_is_nobody_to_ask_everybody_is_taken(mail):
    mail.primaries("alone.example:\nlost.example:\n")
    assert mail.rcpt("nobody", domain="alone.example") == OK
    assert mail.logged("alone.example: there is no host that could be asked")
    mail.rcpt("nobody", domain="lost.example")
    assert mail.logged("lost.example: its servers cannot be asked now")


def test_the_sender_is_as_the_site_says(mail):
    server = mail.server()
    mail.here.control("primaryfrom", "check@a.example\n")
    assert mail.rcpt("nobody") == NOBODY and asked(server)[1] == "MAIL FROM:<check@a.example>"


def test_others_are_not_asked_about(mail):
    server = mail.server()
    assert mail.rcpt("nobody", domain="q.example") == OK                                     # not named
    assert mail.rcpt("nobody", env={"RELAYCLIENT": ""}) == OK                                # he is told by a bounce
    assert mail.rcpt("nobody", env={"NORCPTCHECK": ""}) == OK
    assert mail.rcpt("nobody", domain="x.example").startswith("553 5.7.1")
    assert not server.connections()
    mail.primaries(".q.example:\np.example:\n")
    assert mail.rcpt("nobody", domain="q.example") == OK


def test_by_a_list_alone(mail):
    server = mail.server()
    mail.primaries("p.example:list\nq.example:list\n")
    mail.here.control("validrcptto", "# these\nJoe@p.example\n@q.example\n")
    assert mail.rcpt("joe", "nobody", "JOE") == [OK, NOBODY, OK]
    assert mail.rcpt("x", domain="q.example") == OK
    mail.here.control("validrcptto", "")
    assert mail.rcpt("joe") == LATER and "control/validrcptto" in mail.told
    mail.here.sh("rm /var/qmail/control/validrcptto")
    assert mail.rcpt("joe") == LATER
    mail.here.sh("cd /var/qmail/control; ln -s validrcptto validrcptto")
    assert mail.rcpt("joe") == LATER and "unable to read control/validrcptto" in mail.told
    assert not server.connections()


def test_who_is_in_the_list_is_not_asked_about(mail):
    server = mail.server()
    mail.here.control("validrcptto", "ann@p.example\n")
    assert mail.rcpt("ann", "nobody") == [OK, NOBODY]
    assert ended(server, 1)


def test_a_list_of_many_is_a_cdb(mail):
    mail.primaries("p.example:list\n" + "".join(f"d{i}.example:list\n" for i in range(5000)))
    mail.here.control("validrcptto", "".join(f"u{i}@p.example\n" for i in range(100000)))
    mail.here.sh("qmailctl cdb")
    assert mail.rcpt("u99999", "u100000", "U0") == [OK, NOBODY, OK]
    opened = mail.here.sh("printf 'MAIL FROM:<>\\r\\nRCPT TO:<u7@p.example>\\r\\nQUIT\\r\\n' > /tmp/said; "
                          "strace -f -e trace=read,mmap -o /tmp/calls qmail-smtpd < /tmp/said; cat /tmp/calls", user="root").stdout
    assert "250 2.1.5" in opened and sum(int(line.rsplit("= ", 1)[1]) for line in opened.splitlines() if "read(" in line and line.rsplit("= ", 1)[1].isdigit()) < 65536


def test_while_the_service_is_down_everybody_is_taken_and_that_is_told(mail):
    mail.server()
    mail.service("d")
    assert mail.rcpt("nobody", "joe") == [OK, OK]
    assert mail.told.count("warning: unable to ask qmail-primaryd, so that every recipient is taken: ") == 1


def test_one_address_is_one_question_at_a_time(mail):
    server = mail.server(wait={"greeting": 1})
    script = ("import socket, threading\ndef ask():\n s = socket.socket(socket.AF_UNIX); s.connect('/var/qmail/run/primary/socket')\n"
              " s.sendall(b'nobody@p.example\\n'); said.append(s.recv(9).decode())\nsaid = []\nall = [threading.Thread(target=ask) for i in range(5)]\n"
              "[t.start() for t in all]; [t.join() for t in all]; print(*said)")
    assert mail.here.run(["/usr/bin/python3", "-c", script]).stdout.decode().split() == ["N"] * 5
    assert ended(server, 1)


def test_a_slow_domain_leaves_workers_to_others(mail):
    mail.server(greeting="")
    other = mail.server(OTHER_IP, **answers("q.example"))
    mail.primaries("p.example:\nq.example:other.p.example\n")
    hold = ("import socket, time\nall = []\nfor i in range(30):\n s = socket.socket(socket.AF_UNIX); s.connect('/var/qmail/run/primary/socket')\n"
            " s.sendall(b'u%d@p.example\\n' % i); all.append(s)\nprint('asked', flush=True); time.sleep(60)")
    holder = mail.here.popen(["/usr/bin/python3", "-c", hold], stdout=-1)
    assert holder.stdout.readline() == b"asked\n"
    assert mail.rcpt("nobody", domain="q.example") == NOBODY
    holder.kill()
    assert ended(other, 1)


def test_only_root_and_qmaild_are_told(mail):
    mail.server()
    ask = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/var/qmail/run/primary/socket'); s.sendall(b'nobody@p.example\\n'); print(s.recv(9))"
    said = [mail.here.run(["/usr/bin/python3", "-c", ask], user=user, check=False).stdout for user in ("qmaild", "root", "nobody")]
    assert said[:2] == [b"b'N'\n", b"b'N'\n"] and b"N" not in said[2]


def test_what_is_kept_tells_nobody_who_is_there(mail):
    mail.server()
    mail.rcpt("joe")
    kept = mail.here.read("/var/qmail/primary/memory")
    assert len(kept) == 2 << 20 and b"joe" not in kept
    assert mail.here.sh("stat -c '%a %U' /var/qmail/primary /var/qmail/primary/memory").stdout.split() == ["700", "qmailr", "600", "qmailr"]


@pytest.mark.parametrize("damage", ["rm -f /var/qmail/primary/memory", "head -c 2097152 /dev/urandom > /var/qmail/primary/memory", "echo x > /var/qmail/primary/memory",
                                    "rm /var/qmail/primary/memory; ln -s /etc/passwd /var/qmail/primary/memory", "rm -r /var/qmail/primary"])
def test_a_memory_that_is_damaged_is_none(mail, damage):
    mail.server()
    assert mail.rcpt("nobody") == NOBODY
    mail.service("d")
    mail.here.sh(damage)
    mail.service("u")
    assert mail.rcpt("joe", "nobody") == [OK, NOBODY]


def found(mail, check=False):
    told = mail.here.sh("qmail-showctl --json", check=check).stdout
    return {problem["text"] for file in json.loads(told)["files"] for problem in file.get("problems", [])
            if file["name"] in ("primary", "validrcptto")}


def test_check_tells_what_is_wrong(mail):
    mail.server(RCPT="250 ok")
    mail.primaries("p.example:\nalone.example:\nlost.example:list\na.example:\nfar.example:[10.77.0.2]:27\nno.colon\n:all.example\n")
    told = mail.here.sh("qmailctl check", check=False)
    told = told.stdout + told.stderr
    for line, text in {1: "its servers take everybody, so that nobody is refused: only a list helps (validrcptto): p.example:",
                       2: "there is nobody to ask: its mail comes to this host, or nowhere; name a host behind the colon: alone.example:",
                       3: "there is no validrcptto, so that mail for it is put off: lost.example:list",
                       4: "mail for it stays on this host, so that nobody is asked: a.example:",
                       5: "the name is not in rcpthosts, so that other hosts cannot send to it: far.example:[10.77.0.2]:27",
                       6: "no colon: the line is ignored: no.colon",
                       7: "no domain in front of the colon: this is for no mail: :all.example"}.items():
        assert f"primary:{line}: {text}" in told or text in told, (line, told)
    assert "its servers cannot be asked now" in told
    mail.service("d")
    told = mail.here.sh("qmailctl check", check=False)
    assert "the service qmail-primary does not answer" in told.stdout + told.stderr
    mail.here.sh("rm /var/qmail/control/primary; echo joe@p.example > /var/qmail/control/validrcptto")
    told = mail.here.sh("qmailctl check", check=False)
    assert "without primary, which names its domains, it has no effect" in told.stdout + told.stderr
