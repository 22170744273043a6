"""The service that speaks TLS, on its client's side: what the stand-in of the other tests promises, it keeps."""

import os
import signal

import pytest

from tests.host import eventually
from tests.tls.conftest import Tls
from .remote import remote, through
from .test_agents import RemoteSpawner, ended
from .test_login import login
from .test_starttls import FAILED, accepted
from .tls import tls_server

PROVEN = "/var/qmail/queue/lock/tlsproven"


@pytest.fixture
def served(host):
    """A host whose service believes in an authority, by which there are certificates for localhost."""
    tls = Tls(host)
    tls.install(tls.issue("mail", "mail.example.org"))
    for file, names, dates in (("good", ["localhost"], "-days 90"), ("other", ["other.example"], "-days 90"),
                               ("old", ["localhost"], "-startdate 20200101000000Z -enddate 20200201000000Z")):
        tls.issue(file, *names, dates=dates)
        host.sh(f"cat /ca/{file}.key /ca/{file}.pem > /etc/{file}.pem")
    host.dns({"localhost": ["A 127.0.0.1"]})
    through(host, "localhost:2525")
    host.run(["qmail-tcpok"])
    host.start("qmail-tls")
    assert eventually(lambda: host.sh("test -S /var/qmail/run/tls/socket", check=False).returncode == 0)
    return host


def test_a_server_is_proven(served):
    served.control("tlspolicy", ":verify\n")
    tls_server(served, certificate="/etc/good.pem")
    for _ in range(2):
        said = accepted(remote(served, message=b"x\n" * 500000))
        assert said.startswith("TLS: TLSv1.3 TLS_") and said.endswith(", verified localhost\n")


@pytest.mark.parametrize("certificate, reason", [("other", "hostname mismatch"), ("old", "certificate has expired")])
def test_one_that_is_not_is_left(served, certificate, reason):
    served.control("tlspolicy", ":verify\n")
    server = tls_server(served, certificate=f"/etc/{certificate}.pem")
    assert remote(served) == [f"ZConnected to 127.0.0.1 but cannot tell that it is the right one. (#4.7.5)\nReason: {reason}\n"]
    assert not any("MAIL" in line for line in server.lines())
    served.control("tlspolicy", ":may\n")
    assert accepted(remote(served)).endswith(f", not verified ({reason})\n")


OFFERS_NONE = "250-mx.example.net\r\n250 SIZE 1"


def said_by(host, **behaviour):
    """What is told of TLS with such a server at this place."""
    server = tls_server(host, certificate="/etc/good.pem", **behaviour)
    said = accepted(remote(host))
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()
    return said


def test_who_was_proven_gets_no_plain_text_unseen(served):
    """Whoever stands between can leave STARTTLS out of what the server offers, or break it."""
    assert said_by(served, EHLO=OFFERS_NONE) == ""
    assert said_by(served).endswith(", verified localhost\n")
    assert said_by(served, EHLO=OFFERS_NONE) == "TLS: none (it is not offered, although it was verified 0 hours ago)\n"
    assert said_by(served, STARTTLS="454 not now") == "TLS: none (it refused, although it was verified 0 hours ago)\n"
    assert said_by(served, broken=True) == FAILED.replace(")", ", although it was verified 0 hours ago)")


def test_nobody_is_known_for_ever(served):
    assert said_by(served).endswith(", verified localhost\n")
    table = served.read(PROVEN)
    for days, told in ((2, ", although it was verified 48 hours ago"), (29, ", although it was verified 696 hours ago"), (31, ""), (-1, "")):
        when = int.from_bytes(table[-8:], "little") - days * 86400
        served.write("/tmp/table", table[:-8] + when.to_bytes(8, "little"))
        served.sh(f"cat /tmp/table > {PROVEN}")
        assert said_by(served, EHLO=OFFERS_NONE) == (f"TLS: none (it is not offered{told})\n" if told else "")
    served.sh(f"rm {PROVEN}")
    assert said_by(served).endswith(", verified localhost\n") and said_by(served, EHLO=OFFERS_NONE) == ""


def test_one_that_cannot_gets_plain_text(served):
    tls_server(served, broken=True)
    assert accepted(remote(served)) == FAILED


def test_one_that_hangs_gets_plain_text(served):
    served.control("timeoutremote", "2\n")
    tls_server(served, hangs=True)
    assert accepted(remote(served)) == FAILED


def test_a_connection_is_kept(served):
    server, spawner = tls_server(served, certificate="/etc/good.pem"), RemoteSpawner(served, relay=None)
    assert [spawner.send()[0] for _ in range(3)] == ["K"] * 3
    heard, = ended(spawner, server, 1)
    assert heard.count("(TLS)") == 1 and heard[-1] == "QUIT"


def test_a_relay_with_tls_first_and_a_password(served):
    through(served, "localhost:465")
    login(served, "localhost:joe:password:secret")
    served.control("tlspolicy", "localhost:verify\n")
    server = tls_server(served, port=465, implicit=True, certificate="/etc/good.pem", AUTH=["SCRAM", "secret"],
                        **{"EHLO within": "250-mx\r\n250 AUTH SCRAM-SHA-256"})
    assert accepted(remote(served)).endswith(", verified localhost\n")
    assert server.lines()[0] == "(TLS)"
