"""qmail-certificate: a first one, others in its place, certbot's hook, and what check finds."""

import threading

import pytest

from tests.host import eventually
from tests.tls.conftest import PLACE, Tls, subjects

CHAIN, KEY = f"{PLACE}/default.pem", f"{PLACE}/default.key"


def modes(host):
    return host.sh(f"cd {PLACE} && stat -c '%n %U %G %a' . $(ls)").stdout.split("\n")[:-1]


def test_a_new_host_has_one_that_it_has_made(host):
    assert modes(host) == [". root qmailt 750", "default.key root qmailt 640", "default.pem root qmailt 640"]
    shown = host.sh(f"openssl x509 -noout -text -in {CHAIN}").stdout
    assert "DNS:mail.example.org" in shown and "ASN1 OID: prime256v1" in shown
    before = host.read(CHAIN)
    assert host.sh("qmail-setup host").returncode == 0 and host.read(CHAIN) == before, "what is there stays"
    assert host.sh("qmail-certificate check").stdout == ""
    host.sh(f"rm {PLACE}/*")
    assert "certbot certonly --deploy-hook /var/qmail/bin/qmail-certificate -d mail.example.org" in host.sh("qmail-certificate self-signed 2>&1").stdout
    host.sh(f"rm {PLACE}/*; touch /var/qmail/control/servercert.pem")
    assert host.sh("qmail-certificate self-signed").stdout == "" and modes(host) == [". root qmailt 750"]


def renew(tls, file, domains="mail.example.org www.example.org"):
    """As certbot has renewed it."""
    tls.host.sh(f"mkdir -p -m 700 /etc/letsencrypt/live/{file} && cp /ca/{file}.pem /etc/letsencrypt/live/{file}/fullchain.pem && "
                f"cp /ca/{file}.key /etc/letsencrypt/live/{file}/privkey.pem")
    return tls.host.sh("qmail-certificate", check=False, env={"RENEWED_LINEAGE": f"/etc/letsencrypt/live/{file}", "RENEWED_DOMAINS": domains})


def test_certbots_hook(tls):
    tls.issue("one", "mail.example.org", "www.example.org")
    tls.issue("lists.example", "lists.example")
    assert renew(tls, "one").stdout == f"qmail-certificate: {CHAIN} is /etc/letsencrypt/live/one/fullchain.pem\n"
    assert renew(tls, "lists.example", "lists.example").returncode == 0
    assert tls.host.read(CHAIN) == tls.host.read("/ca/one.pem") and tls.host.read(f"{PLACE}/lists.example.key") == tls.host.read("/ca/lists.example.key")
    assert modes(tls.host)[1:] == [f"{name} root qmailt 640" for name in ("default.key", "default.pem", "lists.example.key", "lists.example.pem")]


@pytest.mark.parametrize("bad", ["another key", "no certificate", "expired", "gone"])
def test_a_bad_one_changes_nothing(tls, bad):
    before = tls.host.read(CHAIN), tls.host.read(KEY)
    tls.issue("bad", "bad.example", dates="-startdate 20200101000000Z -enddate 20210101000000Z" if bad == "expired" else "-days 90")
    tls.host.sh({"another key": "cp /ca/mail.key /ca/bad.key", "no certificate": "echo x > /ca/bad.pem", "expired": ":", "gone": "rm /ca/bad.key"}[bad])
    done = tls.host.sh("qmail-certificate install /ca/bad.pem /ca/bad.key", check=False)
    assert done.returncode == 111 and done.stderr.startswith("qmail-certificate: fatal: ")
    assert (tls.host.read(CHAIN), tls.host.read(KEY)) == before and len(modes(tls.host)) == 3


@pytest.mark.parametrize("words", ["", "install", "install a", "install a b c d", "check x", "renew", "install /ca/mail.pem /ca/mail.key ../x",
                                   "install /ca/mail.pem /ca/mail.key .x", "install /ca/mail.pem /ca/mail.key a/b"])
def test_wrong_calls(tls, words):
    assert tls.host.sh("qmail-certificate " + words, check=False).returncode == 100


FOUND = [
    (f"chmod 644 {KEY}", f"{KEY} is a secret that every user may read: chmod 640 {KEY}"),
    (f"chgrp root {KEY}", f"{KEY} cannot be read by qmail-tlsd: chgrp qmailt {KEY}; chmod 640 {KEY}"),
    (f"echo x > {CHAIN}", f"{CHAIN} is no certificate, or {KEY} is not its key"),
    (f"cp /ca/other.key {KEY}", f"{CHAIN} is no certificate, or {KEY} is not its key"),
    (f"cp /ca/late.pem {CHAIN}; cat /ca/late.key > {KEY}", f"{CHAIN} has 19 days left: renew it"),
    (f"cp /ca/old.pem {CHAIN}; cat /ca/old.key > {KEY}", f"{CHAIN} has expired"),
]


@pytest.fixture(scope="module")
def checked():
    from tests.conftest import _base
    from tests.host import Host
    host = Host(_base(), "mail.example.org")
    tls = Tls(host)
    for name in ("mail", "other"):
        tls.issue(name, "mail.example.org")
    now = int(host.sh("date +%s").stdout)
    stamp = lambda days: host.sh(f"date -u -d @{now + days * 86400} +%Y%m%d%H%M%SZ").stdout.strip()
    tls.issue("late", "mail.example.org", dates=f"-startdate {stamp(-71)} -enddate {stamp(19.5)}")
    tls.issue("old", "mail.example.org", dates=f"-startdate {stamp(-90)} -enddate {stamp(-1)}")
    yield tls
    host.end()


@pytest.mark.parametrize("change, told", FOUND)
def test_check(checked, change, told):
    checked.install("mail")
    assert checked.host.sh("qmail-certificate check").stdout == ""
    checked.host.sh(change)
    done = checked.host.sh("qmail-certificate check", check=False)
    assert done.returncode == 1 and done.stdout == f"qmail-certificate: warning: {told}\n"


def test_qmailctl_check_tells_it(checked):
    checked.install("mail")
    checked.host.sh(f"chmod 644 {KEY}")
    assert "is a secret that every user may read" in checked.host.sh("qmailctl check", check=False).stdout


def test_renewal_under_load_loses_no_session(tls):
    """Connections are made and used all the time while certificates come and go, bad ones among them."""
    host, seen, lost = tls.host, set(), []
    tls.serve(4650, "qmail-tls", "head", "-n", "1")
    for n in range(4):
        tls.issue(f"n{n}", f"n{n}.example")
    done = threading.Event()

    def client():
        while not done.is_set():
            shown = tls.client(4650, said="hello\n")
            seen.update(subjects(shown))
            if "\nhello\n" not in shown:
                lost.append(shown)

    clients = [threading.Thread(target=client) for _ in range(3)]
    for thread in clients:
        thread.start()
    try:
        for n in range(4):
            tls.put(f"n{n}", "default", chain=False)
            tls.look()
            host.sh(f"cp /ca/n{(n + 1) % 4}.pem {CHAIN}")
            tls.look()
            tls.put(f"n{n}", "default", key=False)
            tls.look()
            assert eventually(lambda: f"n{n}.example" in seen, 30), seen
    finally:
        done.set()
        for thread in clients:
            thread.join()
    assert lost == []
