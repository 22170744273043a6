"""The service that speaks TLS: handshakes, certificates by name and their renewal, tickets, bounds, and what it gives up."""

import os
import re

import pytest

from tests.host import eventually
from tests.tls.conftest import PLACE

PORT = 4650
ECHO = ["qmail-tls", "head", "-n", "1"]


@pytest.fixture
def echo(tls):
    tls.serve(PORT, *ECHO)
    return tls


def log(tls):
    return tls.host.log("qmail-tls")


def test_a_program_behind_qmail_tls(tls):
    tls.serve(PORT, "qmail-tls", "-p", "smtp", "sh", "-c", "env | grep -E '^(SSL|TLS)_' | sort; head -n 1")
    for version, cipher in (("-tls1_3", "TLS_AES_256_GCM_SHA384"), ("-tls1_2", "ECDHE-ECDSA-AES256-GCM-SHA384")):
        shown = tls.client(PORT, version, "-servername", "Mail.Example.ORG", "-CAfile", "/ca/ca.pem", said="hello\n")
        protocol = "TLSv1." + version[-1]
        assert "Verification: OK" in shown and "\nhello\n" in shown, shown
        assert f"SSL_CIPHER={cipher}\nSSL_CIPHER_USEKEYSIZE=256\nSSL_PROTOCOL={protocol}\nSSL_SESSION_RESUMED=Initial\n" \
               "SSL_TLS_SNI_SERVERNAME=Mail.Example.ORG\n" in shown, shown
        assert re.search(r"TLS_SERVER_END_POINT=[0-9a-f]{64}\n", shown)
        assert bool(re.search(r"TLS_EXPORTER=[0-9a-f]{64}\n", shown)) == (version == "-tls1_3")


@pytest.mark.parametrize("options", [["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], ["-tls1_2", "-cipher", "AES128-SHA"],
                                     ["-tls1_2", "-cipher", "DHE"]])
def test_what_is_old_or_weak_is_not_spoken(echo, options):
    assert "Cipher is (NONE)" in echo.client(PORT, *options)


def test_plain_text_is_no_tls(echo):
    said = echo.host.sh(f"printf 'EHLO a\\r\\n' | timeout 10 tcpclient -RHl0 127.0.0.1 {PORT} sh -c 'cat >&7; cat <&6' | od -c").stdout
    assert "E   H   L   O" not in said


def test_alpn(tls):
    tls.serve(PORT, "qmail-tls", "-p", "smtp", "head", "-n", "1")
    assert "ALPN protocol: smtp" in tls.client(PORT, "-alpn", "h2,smtp")
    assert "No ALPN negotiated" in tls.client(PORT)
    refused = tls.client(PORT, "-alpn", "http/1.1")
    assert "no application protocol" in refused and "Cipher is (NONE)" in refused


def test_the_name_that_is_called_chooses_the_certificate(echo):
    echo.put(echo.issue("a", "a.example", "*.wild.example"), "a.example")
    echo.put(echo.issue("b", "b.example"), "other")
    echo.look()
    assert eventually(lambda: "3 certificates" in log(echo))
    wanted = {"a.example": "a.example", "A.EXAMPLE.": "a.example", "x.wild.example": "a.example", "other.example": "mail.example.org",
              "b.example": "b.example", "x.y.wild.example": "mail.example.org", "wild.example": "mail.example.org"}
    assert {name: echo.subject(PORT, "-servername", name) for name in wanted} == wanted
    assert echo.subject(PORT, "-noservername") == "mail.example.org"


def test_one_that_is_no_good_takes_no_name_from_others(echo):
    """While it is there, and when it is gone."""
    wanted = {f"{name}.example": f"{name}.example" for name in ("a", "b")} | {"mail.example.org": "mail.example.org"}
    for name in ("a", "b"):
        echo.put(echo.issue(name, f"{name}.example"), f"{name}.example")
    echo.look()
    assert eventually(lambda: "3 certificates" in log(echo))
    for change in (f"echo x > {PLACE}/bad.pem", f"rm {PLACE}/bad.pem"):
        echo.host.sh(change)
        echo.look()
        assert {name: echo.subject(PORT, "-servername", name) for name in wanted} == wanted


def test_the_family_s_file_serves_too(host):
    from tests.tls.conftest import Tls
    tls = Tls(host)
    host.sh(f"rm -f {PLACE}/*")
    tls.issue("old", "old.example")
    host.sh("cat /ca/old.key /ca/old.pem > /var/qmail/control/servercert.pem && cd /var/qmail/control && "
            "chgrp qmailt servercert.pem && chmod 640 servercert.pem")
    host.start("qmail-tls")
    tls.serve(PORT, *ECHO)
    assert tls.subject(PORT) == "old.example"


# ---- renewal ----

def test_renewal_by_two_renames(echo):
    echo.issue("next", "next.example")
    echo.put("next", "default", chain=False)
    echo.look()
    assert echo.subject(PORT) == "mail.example.org", "the key alone changes nothing"
    echo.put("next", "default", key=False)
    echo.look()
    assert eventually(lambda: echo.subject(PORT) == "next.example")
    assert "renewed control/tls/default.pem" in log(echo) and "warning" not in log(echo)


def test_it_is_noticed_without_a_signal(echo):
    echo.put(echo.issue("next", "next.example"), "default")
    assert eventually(lambda: echo.subject(PORT) == "next.example", 20)


@pytest.mark.parametrize("bad", ["garbage", "mismatch", "expired", "unreadable"])
def test_a_bad_new_one_keeps_the_old_and_is_told_once(echo, bad):
    echo.issue("bad", "bad.example", dates="-startdate 20200101000000Z -enddate 20210101000000Z" if bad == "expired" else "-days 90")
    if bad == "garbage":
        echo.host.sh("echo nonsense > /ca/bad.pem")
    echo.put("bad", "default", key=bad != "mismatch")
    if bad == "unreadable":
        echo.host.sh(f"chmod 600 {PLACE}/default.key")
    for _ in range(4):
        echo.look()
        assert echo.subject(PORT) == "mail.example.org"
    assert eventually(lambda: log(echo).count("the old one stays in use") == 1, 40), log(echo)
    echo.put(echo.issue("good", "good.example"), "default")
    echo.look()
    assert eventually(lambda: echo.subject(PORT) == "good.example")


def test_where_there_is_no_certificate_servers_offer_none(echo):
    mark = "/var/qmail/run/tls/certificate"
    assert echo.host.sh(f"test -e {mark}", check=False).returncode == 0
    echo.host.sh(f"rm {PLACE}/default.*")
    echo.look()
    assert eventually(lambda: echo.host.sh(f"test -e {mark}", check=False).returncode)
    assert "no peer certificate available" in echo.client(PORT)
    echo.install("mail")
    echo.look()
    assert eventually(lambda: echo.host.sh(f"test -e {mark}", check=False).returncode == 0)
    assert echo.subject(PORT) == "mail.example.org"


@pytest.mark.parametrize("hide, show, told", [
    (f"chmod 0 {PLACE}", f"chmod 755 {PLACE}", "unable to read control/tls; "),
    ("chmod 0 /srv/live", "chmod 755 /srv/live", "unable to look at control/tls/default.pem; ")])
def test_what_cannot_be_looked_at_stays(echo, hide, show, told):
    echo.host.sh(f"mkdir -p /srv/live && mv {PLACE}/default.* /srv/live && ln -s /srv/live/default.* {PLACE}/ && chmod 755 {PLACE} /srv/live")
    echo.look()
    assert echo.subject(PORT) == "mail.example.org"
    echo.host.sh(hide)
    for _ in range(4):
        echo.look()
        assert eventually(lambda: told in log(echo)), log(echo)
        assert echo.subject(PORT) == "mail.example.org"
    assert log(echo).count("warning") == 1, log(echo)
    echo.host.sh(show)
    echo.put(echo.issue("next", "next.example"), "next")
    echo.look()
    assert eventually(lambda: echo.subject(PORT, "-servername", "next.example") == "next.example")
    echo.host.sh("rm -r /srv/live")
    echo.look()
    assert eventually(lambda: echo.subject(PORT, "-servername", "mail.example.org") == "next.example")


# ---- coming back ----

@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_tickets(echo, version):
    assert "New, " in echo.client(PORT, version, "-sess_out", "/tmp/session", said="x\n")
    assert "Reused, " in echo.client(PORT, version, "-sess_in", "/tmp/session", said="x\n")
    echo.host.sh("svc -t /service/qmail-tls")
    assert eventually(lambda: log(echo).count("places listen") == 2)
    assert "New, " in echo.client(PORT, version, "-sess_in", "/tmp/session", said="x\n"), "its keys are in memory only"


def test_a_response_is_stapled(echo):
    echo.host.sh("""cd /ca && printf 'V\\t350101000000Z\\t\\t%s\\tunknown\\t/CN=mail.example.org\\n' $(openssl x509 -noout -serial -in mail.leaf | cut -d= -f2) > index &&
        openssl ocsp -issuer ca.pem -cert mail.leaf -reqout request >/dev/null 2>&1 &&
        openssl ocsp -index index -rsigner ca.pem -rkey ca.key -CA ca.pem -reqin request -respout response -ndays 7 >/dev/null 2>&1""")
    assert "OCSP response: no response sent" in echo.client(PORT, "-status")
    echo.host.sh(f"cp /ca/response {PLACE}/default.ocsp && chgrp qmailt {PLACE}/default.ocsp && chmod 640 {PLACE}/default.ocsp")
    echo.look()
    assert eventually(lambda: "OCSP Response Status: successful" in echo.client(PORT, "-status"))


# ---- bounds ----

@pytest.mark.parametrize("user", ["joe", "vpopmail"])
def test_who_may_ask(tls, user):
    """As vpopmail run programs of its virtual users."""
    tls.host.user("joe")
    tls.serve(PORT, *ECHO, user=user)
    assert "no peer certificate available" in tls.client(PORT)


def test_places_are_bounded(host, tls):
    host.control("concurrencytls", "4\n")
    host.sh("svc -t /service/qmail-tls")
    assert eventually(lambda: "4 places listen" in log(tls))
    tls.serve(PORT, *ECHO)
    children = [host.popen(["openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", "-quiet"], stdin=-1, stdout=-3, stderr=-3)
                for _ in range(3)]
    try:
        assert eventually(lambda: host.sh("pgrep -c -u qmailt -x qmail-tlsd").stdout.strip() == "4")
        assert "no peer certificate available" in tls.client(PORT), "an account leaves a quarter of the places to others"
        host.sh("pkill -n -x openssl")
        assert eventually(lambda: tls.subject(PORT) == "mail.example.org")
    finally:
        for child in children:
            child.kill()


def test_nonsense_ends_only_the_connection_it_came_on(echo):
    for said in ("", "x", "9:", "99999:", "61:6:client,4:dane,", "3:abc,"):
        echo.host.sh("printf %s " + repr(said) + " | /usr/bin/python3 -c 'import socket, sys; s = socket.socket(socket.AF_UNIX);"
                     "s.connect(\"/var/qmail/run/tls/socket\"); s.sendall(sys.stdin.buffer.read()); s.shutdown(1); s.recv(100)'")
    assert echo.subject(PORT) == "mail.example.org"
    assert "warning" not in log(echo)


def test_it_is_confined_and_has_its_keys_for_itself(echo):
    client = echo.host.popen(["openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", "-quiet"], stdin=-1, stdout=-3, stderr=-3)
    try:
        pids = eventually(lambda: (lambda p: p if len(p) == 2 else None)(echo.host.sh("pgrep -u qmailt -x qmail-tlsd").stdout.split()))
        for pid in pids:
            status = echo.host.sh(f"cat /proc/{pid}/status").stdout
            assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status
            # The search for leaks has to trace it.
            hidden = echo.host.sh(f"stat -c %U /proc/{pid}/mem").stdout == "root\n"
            assert hidden or "SANITIZE" in os.environ, "it may be traced by nobody of its account"
    finally:
        client.kill()
    assert "unable to confine" not in log(echo)
