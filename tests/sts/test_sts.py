"""MTA-STS: who takes the mail of a domain is what its policy says, fetched from its web server and kept."""

import json
import pathlib
import subprocess
import time

import pytest

from tests.host import eventually
from tests.remote.remote import Server, remote
from tests.remote.test_qmtp import QmtpServer, filed
from tests.remote.tls import tls_server
from tests.tls.conftest import Tls

WEB = pathlib.Path(__file__).with_name("web.py")
IP, PLAIN_IP, OTHER_IP = "10.77.0.2", "10.77.0.3", "10.77.0.4"
PATH = "/.well-known/mta-sts.txt"
POLICY = "version: STSv1\nmode: {mode}\nmax_age: {age}\nmx: {mx}\n"
DOMAINS = ["enforce", "testing", "none", "elsewhere", "unproven", "plain", "moved", "html", "long", "gone", "senseless"]
WAY_OUT = ("Its policy (MTA-STS) asks for that: who runs it must mend that, or its servers.\nLooked up: https://mta-sts.{0}.p.example" + PATH +
           ".\nTo send all the same, until then: {0}.p.example:may in control/tlspolicy.\n")


def enforce(mx="mx.p.example", mode="enforce", age=86400):
    return [200, "text/plain; charset=utf-8", POLICY.format(mx=mx, mode=mode, age=age)]


SITES = {
    "enforce": enforce("*.p.example\r\nmx: mx.p.example"), "testing": enforce("mx.other.example", "testing"), "none": enforce(mode="none"),
    "elsewhere": enforce("mx.other.example"), "unproven": enforce("other.p.example"), "plain": enforce("bare.p.example"),
    "moved": [301, "text/plain", enforce()[2]], "html": [200, "text/html", enforce("mx.other.example")[2]], "long": [200, "text/plain", 70000],
    "gone": [404, "text/plain", ""], "senseless": [200, "text/plain", "mode: enforce\n"],
    "strange": enforce("mx.other.example")       # whose web server has a certificate for others
}


class Mail:
    """Here, with both services; and servers there: of mail, one without TLS and one without a good certificate, and of policies."""

    def __init__(self, here, there):
        self.here, self.there = here, there
        tls = Tls(here)
        tls.install(tls.issue("mail", "a.example"))
        tls.issue("mx", "mx.p.example")
        tls.issue("other", "nobody.example")
        tls.issue("web", *(f"mta-sts.{name}.p.example" for name in DOMAINS))
        for file in ("mx", "other", "web"):
            there.write(f"/etc/{file}.pem", here.sh(f"cat /ca/{file}.key /ca/{file}.pem").stdout)
        there.sh("for n in 3 4; do ip address add 10.77.0.$n/24 dev eth0; done")
        self.names = {"mx.p.example": [f"A {IP}"], "bare.p.example": [f"A {PLAIN_IP}"], "other.p.example": [f"A {OTHER_IP}"]}
        for name in SITES:
            self.names[f"{name}.p.example"] = ["MX 10 " + {"plain": "bare", "unproven": "other"}.get(name, "mx") + ".p.example"]
            self.names[f"mta-sts.{name}.p.example"] = [f"A {IP}"]
            self.record(name, "v=STSv1; id=1;")
        here.dns(self.names)
        self.sites(SITES)
        there.write("/tmp/asked", "")
        self.server = tls_server(there, IP, 25, certificate="/etc/mx.pem")
        self.plain = Server(there, PLAIN_IP, 25)
        self.other = tls_server(there, OTHER_IP, 25, certificate="/etc/other.pem")
        self.web = there.popen(["/usr/bin/python3", WEB, "/etc/web.pem", "/tmp/sites", "/tmp/asked"], stdout=subprocess.PIPE)
        assert self.web.stdout.readline() == b"ready\n"
        here.run(["qmail-tcpok"])
        here.start("qmail-tls", "qmail-sts")
        assert eventually(lambda: here.sh("test -S /var/qmail/run/tls/socket", check=False).returncode == 0)

    def record(self, name, *texts):
        self.names[f"_mta-sts.{name}.p.example"] = [f"TXT {text}" for text in texts]
        self.here.dns(self.names) if self.here._dns else None

    def sites(self, sites):
        self.there.write("/tmp/sites", json.dumps({f"mta-sts.{name}.p.example": answer for name, answer in sites.items()}))

    def asked(self):
        return self.there.read("/tmp/asked").decode().splitlines()

    def said(self, name):
        return remote(self.here, f"{name}.p.example")[-1]

    def is_old(self, name, fetched=None, again=1):
        """As if it had been looked at long ago."""
        path = f"/var/qmail/sts/{name}.p.example"
        inside, parts = self.here.read(path).split(b":", 1)[1][:-1], []
        while inside:
            length, rest = inside.split(b":", 1)
            parts.append(rest[:int(length)])
            inside = rest[int(length) + 1:]
        parts[0] = str(again).encode()
        parts[1] = str(fetched).encode() if fetched else parts[1]
        whole = b"".join(b"%d:%s," % (len(p), p) for p in parts)
        self.here.write(path, b"%d:%s," % (len(whole), whole))

    def down(self, service):
        self.here.sh(f"svc -d /service/{service}")
        assert eventually(lambda: ": down" in self.here.sh(f"svstat /service/{service}").stdout)

    def log(self):
        return self.here.log("qmail-sts")


@pytest.fixture
def mail(hosts):
    return Mail(*hosts("a.example", "b.example"))


def verified(text):
    return text.startswith("K") and text.endswith(", verified mx.p.example\n")


def test_a_policy_is_obeyed_and_fetched_once(mail):
    assert verified(mail.said("enforce")) and verified(mail.said("enforce"))
    assert mail.asked() == [f"mta-sts.enforce.p.example {PATH}"]
    assert "MTA-STS policy of enforce.p.example: enforce" in mail.log()
    assert mail.said("elsewhere") == "Zmx.p.example is none of the servers that the policy of elsewhere.p.example names. (#4.7.5)\n" + WAY_OUT.format("elsewhere")
    assert mail.said("unproven") == (f"ZConnected to {OTHER_IP} but cannot tell that it is the right one. (#4.7.5)\nReason: hostname mismatch\n"
                                     + WAY_OUT.format("unproven"))
    assert mail.said("plain") == f"ZConnected to {PLAIN_IP} but it offers no TLS, which its domain asks for. (#4.7.4)\n" + WAY_OUT.format("plain")
    mail.here.control("tlspolicy", ".p.example:may\n")
    assert [mail.said(name)[0] for name in ("elsewhere", "unproven", "plain")] == ["K"] * 3


def test_one_that_only_tests_stops_nothing(mail):
    assert mail.said("testing").startswith("K") and mail.said("none").startswith("K")
    assert "testing.p.example: testing" in mail.log() and "none.p.example: none" in mail.log()


def test_who_has_one_gets_nothing_by_qmtp(mail):
    """Nor who tries one out, or whose old one nobody can look at; all others do."""
    quick = QmtpServer(mail.there, IP)
    for name in ("enforce", "testing", "elsewhere", "none"):
        mail.names[f"{name}.p.example"] = ["MX 12801 mx.p.example"]
    mail.here.dns(mail.names)
    assert verified(filed(mail.here, name="enforce.p.example")[-1])
    assert "TLS" in filed(mail.here, name="testing.p.example")[-1].splitlines()[-1]
    assert filed(mail.here, name="elsewhere.p.example")[-1].startswith("Zmx.p.example is none of the servers")
    assert quick.packages() == []
    assert filed(mail.here, name="none.p.example")[-1].startswith("K") and len(quick.packages()) == 1
    mail.down("qmail-sts")
    mail.is_old("enforce", fetched=int(time.time()) - 86401)
    assert "TLS" in filed(mail.here, name="enforce.p.example")[-1].splitlines()[-1] and len(quick.packages()) == 1


@pytest.mark.parametrize("name, why", [
    ("moved", "its web server answers 301"), ("html", "it is no plain text"), ("long", "it is too long"), ("gone", "its web server answers 404"),
    ("senseless", "it is none"), ("strange", "SSL peer certificate or SSH remote key was not OK")
])
def test_what_is_no_policy_is_told_and_changes_nothing(mail, name, why):
    assert mail.said(name).startswith("K") and mail.said(name).startswith("K")
    assert mail.log().count(f"warning: MTA-STS policy of {name}.p.example: {why}") == 1, mail.log()
    assert len(mail.asked()) == (name != "strange")
    assert mail.here.sh("ls /var/qmail/sts").stdout == "sessions\n"


@pytest.mark.parametrize("texts", [[], ["v=spf1 -all"], ["v=STSv1; id=1;", "v=STSv1; id=2;"], ["v=STSv1; id=a.b;"]])
def test_without_one_record_there_is_none(mail, texts):
    mail.record("elsewhere", *texts)
    assert mail.said("elsewhere").startswith("K") and not mail.asked()


def test_nobody_hides_the_policy_of_another_by_a_name_like_it(mail):
    """The FNV-1a of both is one number."""
    mail.names["avqmnuf.p.example"] = ["MX 10 mx.p.example"]
    mail.record("avqmnuf")
    assert mail.said("avqmnuf").startswith("K") and not mail.asked()
    assert mail.said("elsewhere").startswith("Z") and verified(mail.said("enforce"))


def test_it_holds_on_when_all_else_is_gone(mail):
    """Record and web server away, restart, service down: whoever can forge those would like it to end."""
    assert mail.said("elsewhere").startswith("Z")
    mail.record("elsewhere")
    mail.web.kill()
    mail.is_old("elsewhere")
    assert mail.said("elsewhere").startswith("Zmx.p.example is none of")
    mail.here.sh("svc -t /service/qmail-sts")
    assert eventually(lambda: mail.log().count("workers listen") == 2)
    mail.is_old("elsewhere")
    assert mail.said("elsewhere").startswith("Zmx.p.example is none of")
    mail.down("qmail-sts")
    mail.is_old("elsewhere")
    assert mail.said("elsewhere").startswith("Zmx.p.example is none of")
    assert mail.said("enforce").startswith("K")
    mail.is_old("elsewhere", fetched=int(time.time()) - 86401)
    assert verified(mail.said("elsewhere"))


def test_one_that_is_over_and_cannot_be_looked_at_is_told(mail):
    assert mail.said("unproven").startswith("Z") and mail.said("plain").startswith("Z")
    mail.down("qmail-sts")
    for name in ("unproven", "plain"):
        mail.is_old(name, fetched=int(time.time()) - 86401)
        said = mail.said(name)
        assert said.startswith("K") and "\nTLS: the policy (MTA-STS) of this domain is too old, and qmail-stsd has no other\n" in said, said


def test_while_one_cannot_be_read_mail_waits(mail):
    assert verified(mail.said("enforce"))
    mail.here.sh("cd /var/qmail/sts; mv enforce.p.example away; ln -s enforce.p.example enforce.p.example")
    assert mail.said("enforce") == ("ZWhat is kept of the policy (MTA-STS) of enforce.p.example cannot be read. (#4.3.0)\n"
                                    "To send all the same, until then: enforce.p.example:may in control/tlspolicy.\n")
    assert "cannot be read: mail waits" in mail.here.sh("qmailctl tls enforce.p.example").stdout
    mail.here.sh("cd /var/qmail/sts; mv away enforce.p.example")
    assert verified(mail.said("enforce"))


def test_one_that_cannot_be_read_now_is_not_forgotten(mail):
    """A file that is none goes; one that nobody can read is somebody's trouble."""
    mail.down("qmail-sts")
    mail.here.sh("cd /var/qmail/sts; ln -s locked.p.example locked.p.example; echo x > broken.p.example; svc -u /service/qmail-sts")
    assert eventually(lambda: "policy of broken.p.example: forgotten" in mail.log(), 90)
    assert mail.here.sh("cd /var/qmail/sts; readlink locked.p.example; ls").stdout.split() == ["locked.p.example", "locked.p.example", "sessions"]
    assert "locked" not in mail.log()


def test_another_id_brings_another_policy(mail):
    assert mail.said("elsewhere").startswith("Z")
    mail.sites({**SITES, "elsewhere": enforce()})
    mail.is_old("elsewhere")
    assert mail.said("elsewhere").startswith("Z") and len(mail.asked()) == 1
    mail.record("elsewhere", "v=STSv1; id=2;")

    def is_verified():
        mail.is_old("elsewhere")
        return verified(mail.said("elsewhere"))
    assert eventually(is_verified) and len(mail.asked()) == 2


def test_without_tls_here_such_mail_waits(mail):
    assert verified(mail.said("enforce"))
    mail.down("qmail-tls")
    assert mail.said("enforce").startswith("ZMail for enforce.p.example must go in TLS, by the policy of the domain (MTA-STS), and this host has no")
    assert mail.said("testing").startswith("K")


def test_only_root_and_qmailr_are_told(mail):
    ask = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/var/qmail/run/sts/socket'); s.sendall(b'enforce.p.example\\n'); print(s.recv(9))"
    said = [mail.here.run(["/usr/bin/python3", "-c", ask], user=user, check=False).stdout for user in ("qmailr", "root", "nobody")]
    assert said[:2] == [b"b'P'\n", b"b'P'\n"] and b"P" not in said[2]


def test_what_would_be_asked_is_told(mail):
    def told(name):
        return mail.here.sh(f"qmailctl tls {name}.p.example").stdout.splitlines()
    assert told("enforce")[2:] == ["MTA-STS: enforce: *.p.example, mx.p.example", f"10 mx.p.example {IP}: must speak TLS, with a certificate for mx.p.example"]
    assert told("elsewhere")[3].startswith(f"10 mx.p.example {IP}: gets nothing. mx.p.example is none of the servers that")
    assert told("testing")[2:] == ["MTA-STS: testing: mx.other.example", f"10 mx.p.example {IP}: TLS if it offers that, with whomever"]


def test_what_becomes_of_sessions_is_kept_for_reports(mail):
    for name in ("enforce", "unproven", "elsewhere", "plain", "testing", "none", "gone", "strange", "senseless"):
        mail.said(name)
    lines = mail.here.sh("cat /var/qmail/sts/sessions/*").stdout.splitlines()
    assert all(abs(int(line.split()[0]) - time.time()) < 600 for line in lines)
    assert [line.split(" ", 1)[1] for line in lines] == [
        f"sts enforce.p.example mx.p.example {IP} success", f"sts unproven.p.example other.p.example {OTHER_IP} certificate-host-mismatch",
        f"sts elsewhere.p.example mx.p.example {IP} validation-failure", f"sts plain.p.example bare.p.example {PLAIN_IP} starttls-not-supported",
        f"sts testing.p.example mx.p.example {IP} validation-failure", "sts gone.p.example - - sts-policy-fetch-error",
        "sts strange.p.example - - sts-webpki-invalid", "sts senseless.p.example - - sts-policy-invalid"]
    assert mail.here.sh("stat -c %U /var/qmail/sts/sessions/*").stdout == "qmailr\n"
