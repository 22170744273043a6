"""DANE: what the zone of a server says of its certificate is believed where a name server of this host has proven it."""

import pytest

from tests.host import eventually
from tests.tls.conftest import Tls
from .dane import FORGED, UNBOUND, Names, digest
from .remote import Server, remote, remote_and_contact
from .test_agents import RemoteSpawner, ended
from .test_qmtp import QmtpServer, filed
from .tls import tls_server

pytestmark = pytest.mark.skipif(not UNBOUND.exists(), reason="unbound is not in build/tools")
IP, PLAIN_IP, OTHER_IP = "10.77.0.2", "10.77.0.3", "10.77.0.4"
WAY_OUT = "To send all the same, until then: {}.p.example:may in control/tlspolicy.\n"
WHO = "Its TLSA records (DANE) say how it must show who it is: who runs it must mend them, or it.\nLooked up: _25._tcp.{}.p.example.\n"


def records(tls):
    """name: (records of the server, mail for NAME.p.example goes to NAME-mx.p.example)"""
    leaf, ca, host = "/ca/mx.leaf", "/ca/ca.pem", tls.host
    return {
        "key": ["3 1 1 " + digest(host, leaf)], "cert": ["3 0 2 " + digest(host, leaf, 0, "sha512")],
        "whole": ["3 0 0 " + digest(host, leaf, 0, None)], "two": ["3 1 1 " + "00" * 32, "3 1 1 " + digest(host, leaf)],
        "ca": ["2 0 1 " + digest(host, ca, 0)], "wrong": ["3 1 1 " + "00" * 32],
        "useless": ["1 1 1 " + digest(host, leaf), "3 1 9 " + "00" * 32],
        "forged": ["3 1 1 " + FORGED], "silent": [],
        # a certificate that is for nobody here, whose name does not count, or does
        "misnamed": ["3 1 1 " + digest(host, "/ca/misnamed.leaf")], "misnamed-ca": ["2 0 1 " + digest(host, ca, 0)],
        "domain": ["2 0 1 " + digest(host, ca, 0)]
    }


def zone(tls):
    place = {"misnamed": OTHER_IP, "misnamed-ca": OTHER_IP}
    for name, tlsa in records(tls).items():
        yield f"{name} MX 10 {name}-mx"
        yield f"{name}-mx A {place.get(name, IP)}"
        yield from (f"_25._tcp.{name}-mx TLSA {record}" for record in tlsa)
    key = "3 1 1 " + digest(tls.host, "/ca/mx.leaf")
    yield from ["second MX 10 misnamed-ca-mx", "second MX 20 key-mx",
                "to MX 10 to-mx", "to-mx CNAME key-mx", "at MX 10 at-mx", "at-mx CNAME silent-mx", f"_25._tcp.at-mx TLSA {key}",
                "there MX 10 there-mx", f"there-mx A {IP}", "_25._tcp.there-mx CNAME there", f"there TLSA {key}",
                f"itself A {IP}", f"_25._tcp.itself TLSA {key}",
                f"no-tls MX 10 no-tls-mx", f"no-tls-mx A {PLAIN_IP}", f"_25._tcp.no-tls-mx TLSA {key}",
                f"no-tls-useless MX 10 no-tls-useless-mx", f"no-tls-useless-mx A {PLAIN_IP}", "_25._tcp.no-tls-useless-mx TLSA 0 0 1 " + "00" * 32,
                f"plain-only MX 10 plain-only-mx", f"plain-only-mx A {PLAIN_IP}",
                "quick MX 12801 key-mx", "quick-useless MX 12801 useless-mx", "quick-silent MX 12801 silent-mx", "quick-forged MX 12801 forged-mx",
                "other MX 10 key-mx", "odd\\027 MX 10 wrong-mx"]


@pytest.fixture
def mail(hosts):
    """Here, with the TLS service and a validating name server; and servers there, two with TLS and one without."""
    here, there = hosts("a.example", "b.example")
    tls = Tls(here)
    tls.issue("mail", "a.example")
    tls.install("mail")
    tls.issue("mx", *(f"{name}.p.example" for name in ("key-mx", "ca-mx", "domain")))
    tls.issue("misnamed", "nobody.example")
    there.sh("for n in 3 4; do ip address add 10.77.0.$n/24 dev eth0; done")
    for file in ("mx", "misnamed"):
        there.write(f"/etc/{file}.pem", here.sh(f"cat /ca/{file}.key /ca/{file}.pem").stdout)
    here.names = Names(here, list(zone(tls)), ["@ MX 10 key-mx.p.example."])
    here.run(["qmail-tcpok"])
    here.start("qmail-tls")
    here.there = there
    here.server = tls_server(there, IP, 25, certificate="/etc/mx.pem")
    here.plain = Server(there, PLAIN_IP, 25)
    here.other = tls_server(there, OTHER_IP, 25, certificate="/etc/misnamed.pem")
    return here


def said(host, name, zone=".p.example"):
    return remote(host, name + zone)[-1]


def tls_line(text):
    assert text.startswith("K"), text
    return text.splitlines()[-1]


def test_servers_are_proven_by_what_their_zone_says(mail):
    for name in ("key", "cert", "whole", "two", "ca", "misnamed", "domain"):
        assert tls_line(said(mail, name)).endswith(f", verified {name}-mx.p.example by DANE"), name
    assert tls_line(said(mail, "itself")).endswith(", verified itself.p.example by DANE")


def test_aliases(mail):
    """Of the server: where it leads, or if there are no records, itself; of the records: wherever they are."""
    for name, base in (("to", "key-mx"), ("at", "at-mx"), ("there", "there-mx")):
        assert tls_line(said(mail, name)).endswith(f", verified {base}.p.example by DANE"), name


@pytest.mark.parametrize("name, reason", [("wrong", "no matching DANE TLSA records"), ("misnamed-ca", "hostname mismatch")])
def test_a_server_that_does_not_agree_gets_nothing(mail, name, reason):
    ip, server = (IP, mail.server) if name == "wrong" else (OTHER_IP, mail.other)
    for number in range(2):
        assert said(mail, name).lower() == (f"ZConnected to {ip} but cannot tell that it is the right one. (#4.7.5)\nReason: {reason}\n"
                                            + WHO.format(name + "-mx") + WAY_OUT.format(name)).lower()
        assert not any("MAIL" in line for line in server.lines(number))
    mail.control("tlspolicy", f"{name}.p.example:may\n")
    assert "not verified" in tls_line(said(mail, name))


def test_an_odd_name_is_told_without_control_characters(mail):
    """A resolver that takes it for a name, or does not."""
    text = said(mail, "odd\x1b")
    assert "odd?.p.example" in text and "\x1b" not in text


def test_the_next_server_may_agree(mail):
    assert tls_line(said(mail, "second")).endswith(", verified key-mx.p.example by DANE")


def test_records_of_no_use_ask_for_encryption(mail):
    assert ", not verified (" in tls_line(said(mail, "useless"))
    for name in ("no-tls", "no-tls-useless"):
        assert said(mail, name) == (f"ZConnected to {PLAIN_IP} but it offers no TLS, which its domain asks for. (#4.7.4)\n"
                                    + WHO.format(name + "-mx") + WAY_OUT.format(name))


def test_records_that_somebody_keeps_away_stop_the_mail(mail):
    text, contact = remote_and_contact(mail, "forged.p.example")
    assert text[-1] == ("ZThe TLSA records (DANE) of forged-mx.p.example cannot be looked up: its zone is broken, or somebody forges it. (#4.4.3)\n"
                        "Looked up: _25._tcp.forged-mx.p.example.\n" + WAY_OUT.format("forged")) and contact == ""
    assert not mail.server.connections()
    mail.control("tlspolicy", ":may\n")
    assert said(mail, "forged").startswith("K")


def test_a_zone_that_says_nothing_changes_nothing(mail):
    assert ", not verified (" in tls_line(said(mail, "silent"))
    assert said(mail, "plain-only").startswith(f"K{PLAIN_IP} accepted") and "TLS" not in said(mail, "plain-only")


def test_what_nobody_has_proven_is_not_asked_further(mail):
    """The exchanger is signed, but not who says that it is one."""
    assert not tls_line(said(mail, "plain.example", zone="")).endswith(" by DANE")
    assert not any(kind == "TLSA" for _, kind in mail.names.questions())


def test_a_name_server_elsewhere_is_not_believed_and_asked_nothing_more(mail):
    mail.write("/etc/resolv.conf", "nameserver 10.77.0.1\noptions trust-ad\n")
    assert ", not verified (" in tls_line(said(mail, "wrong"))
    assert sorted(mail.names.questions()) == [("wrong-mx.p.example", "A"), ("wrong-mx.p.example", "AAAA"), ("wrong.p.example", "MX")]
    mail.write("/etc/resolv.conf", "nameserver 127.0.0.1\nnameserver 10.77.0.1\n")
    assert ", not verified (" in tls_line(said(mail, "wrong"))
    assert not any(kind == "TLSA" for _, kind in mail.names.questions())


def test_one_question_more_for_each_server(mail):
    said(mail, "key")
    assert sorted(mail.names.questions()) == [("_25._tcp.key-mx.p.example", "TLSA"), ("key-mx.p.example", "A"), ("key-mx.p.example", "AAAA"),
                                              ("key.p.example", "MX")]


def test_the_word_dane_wants_proof(mail):
    mail.control("tlspolicy", ":dane\n")
    assert tls_line(said(mail, "key")).endswith(", verified key-mx.p.example by DANE")
    for name in ("silent", "useless"):
        assert said(mail, name) == (f"Z{name}-mx.p.example has no TLSA record that a name server on this host has proven and that is of use, "
                                    "which control/tlspolicy asks for. (#4.7.5)\n")
    assert said(mail, "wrong").startswith("ZConnected to")


def test_a_relay_has_records_too(mail):
    mail.control("smtproutes", ":itself.p.example\n")
    assert tls_line(said(mail, "anybody", zone=".example")).endswith(", verified itself.p.example by DANE")
    mail.control("smtproutes", ":wrong-mx.p.example\n")
    assert "To send all the same, until then: wrong-mx.p.example:may in" in said(mail, "anybody", zone=".example")


def test_who_has_records_gets_nothing_by_qmtp(mail):
    """It has no TLS. That of others goes so, also over a connection that is there; theirs never does."""
    quick = QmtpServer(mail.there, IP)
    assert tls_line(filed(mail, name="quick.p.example")[-1]).endswith(", verified key-mx.p.example by DANE")
    assert ", not verified (" in tls_line(filed(mail, name="quick-useless.p.example")[-1])
    assert "cannot be looked up" in filed(mail, name="quick-forged.p.example")[-1]
    mail.control("smtproutes", "routed.example:itself.p.example:209\n")
    assert tls_line(filed(mail, name="routed.example")[-1]).endswith(", verified itself.p.example by DANE")
    assert quick.packages() == []
    spawner = RemoteSpawner(mail, relay=None)
    for domain in ("quick-silent.p.example", "quick-silent.p.example", "quick.p.example"):
        (letter, text), = spawner.send(f"r@{domain}".encode(), destination=b"the same")
        assert letter == "K" and (b"TLS" in text) == (domain == "quick.p.example"), text
    assert spawner.end() == 0
    assert [package[-1] for package in quick.packages()] == ["r@quick-silent.p.example"] * 2
    mail.control("tlspolicy", ":may\n")
    assert filed(mail, name="quick.p.example")[-1].startswith("K") and len(quick.packages()) == 3


def test_without_the_service_there_is_no_tls_and_nothing_is_asked(mail):
    mail.sh("svc -d /service/qmail-tls")
    assert eventually(lambda: mail.sh("test ! -e /var/qmail/run/tls/socket", check=False).returncode == 0)
    assert said(mail, "wrong").startswith("K")
    assert not any(kind == "TLSA" for _, kind in mail.names.questions())


def test_a_connection_is_kept_for_all_whose_server_has_the_records(mail):
    """A proven one serves all, one that is not only those who ask for nothing."""
    spawner = RemoteSpawner(mail, relay=None)
    for domain in ("plain.example", "key.p.example", "other.p.example", "plain.example"):
        (letter, text), = spawner.send(f"r@{domain}".encode(), destination=b"the same")
        assert letter == "K", text
    heard = ended(spawner, mail.server, 2)
    domains = [[line[len("RCPT TO:<r@"):-1] for line in lines if line.startswith("RCPT")] for lines in heard]
    assert domains == [["plain.example"], ["key.p.example", "other.p.example", "plain.example"]]


def test_what_would_be_asked_is_told(mail):
    def told(name):
        return mail.sh(f"qmailctl tls {name}.p.example").stdout.splitlines()
    assert told("key") == ["control/tlspolicy: published", "DANE: where a zone is proven", "MTA-STS: no policy",
                           f"10 key-mx.p.example {IP}: must speak TLS, with a certificate that agrees with its TLSA records"]
    assert told("silent")[3] == f"10 silent-mx.p.example {IP}: TLS if it offers that, with whomever"
    assert told("useless")[3] == f"10 useless-mx.p.example {IP}: must speak TLS, with whomever"
    assert told("forged")[3].startswith(f"10 forged-mx.p.example {IP}: gets nothing. The TLSA records (DANE) of forged-mx.p.example cannot be")
    assert told("quick")[3] == f"12801 key-mx.p.example {IP}: must speak TLS, with a certificate that agrees with its TLSA records"
    assert told("quick-silent")[3] == f"12801 silent-mx.p.example {IP}: plain text, by QMTP"
    mail.write("/etc/resolv.conf", "nameserver 10.77.0.1\n")
    mail.control("tlspolicy", "wrong.p.example:verify\n")
    assert told("key")[1:] == ["DANE: no, since not all name servers of /etc/resolv.conf are on this host", "MTA-STS: no policy",
                               f"10 key-mx.p.example {IP}: TLS if it offers that, with whomever"]
    assert told("wrong") == ["control/tlspolicy: verify", f"10 wrong-mx.p.example {IP}: must speak TLS, with a certificate for wrong-mx.p.example"]
    mail.control("smtproutes", "key.p.example:itself.p.example:2525:tls\n")
    assert told("key")[0] == ("control/smtproutes: through itself.p.example, port 2525, TLS from the beginning; "
                              "what control/smtpauth asks for is not looked at")
    mail.control("smtproutes", "key.p.example:itself.p.example:209\n")
    assert told("key")[-1] == f"0 itself.p.example {IP}: plain text, by QMTP"
    assert not mail.server.connections()


@pytest.mark.parametrize("arguments, status", [("", 100), ("a b", 100), ("nobody.p.example", 111)])
def test_what_cannot_be_told(mail, arguments, status):
    assert mail.sh(f"qmail-tlspolicy {arguments}", check=False).returncode == status
