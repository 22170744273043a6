"""Port 995, as it is installed, with the programs that people use."""

import pytest

from tests.host import eventually
from tests.tls.conftest import Tls

POPLIB = """
import poplib, ssl
p = poplib.POP3_SSL("mail.example.org", context=ssl.create_default_context(cafile="/ca.pem"))
assert "STLS" not in p.capa()
p.utf8(); p.user("joe"); p.pass_("secret")
print(p.sock.version(), p.retr(1)[1][-1].decode(), p.quit().decode())
"""


@pytest.fixture
def site(host):
    tls = Tls(host)
    tls.install(tls.issue("mail", "mail.example.org"))
    host.user("joe", "secret")
    host.user("ann")
    host.start("qmail-tls", "qmail-pop3s")
    host.write("/home/joe/Maildir/new/1.a", b"From: ann@example.org\nSubject: x\n\nhello\n", owner="joe", mode=0o600)
    host.sh("echo 127.0.0.1 mail.example.org >> /etc/hosts; install -m 644 /ca/ca.pem /ca.pem")
    assert eventually(lambda: "DONE" in host.sh("openssl s_client -connect mail.example.org:995 </dev/null 2>&1", check=False).stdout)
    return host


def test_curl_openssl_and_python(site):
    assert site.sh("curl -sS --cacert /ca.pem --user joe:secret pop3s://mail.example.org/1").stdout.endswith("\n\nhello\n")
    shown = site.sh("printf 'QUIT\\r\\n' | timeout 20 openssl s_client -connect mail.example.org:995 -CAfile /ca.pem -verify_hostname mail.example.org "
                    "-verify_return_error -quiet 2>&1").stdout
    assert "+OK <" in shown and "+OK \n" in shown.replace("\r", "")
    assert site.run(["/usr/bin/python3", "-c", POPLIB]).stdout == b"TLSv1.3 hello +OK \n"
    assert eventually(lambda: "user joe: session over" in site.log("qmail-pop3s"))


def test_fetchmail(site):
    site.write("/home/ann/.fetchmailrc", "poll mail.example.org protocol pop3 port 995 user joe password secret ssl sslproto tls1.2+ sslcertck "
               "sslcertfile /ca.pem mda '/bin/sh -c \"cat >> /home/ann/got\"'\n", owner="ann", mode=0o600)
    site.sh("fetchmail --nosyslog", user="ann", env={"HOME": "/home/ann"})
    assert b"hello" in site.read("/home/ann/got")
    assert site.sh("ls /home/joe/Maildir/new /home/joe/Maildir/cur | wc -w").stdout == "2\n"


def test_mpop(site):
    site.write("/root/.mpoprc", "account x\nhost mail.example.org\nport 995\ntls on\ntls_starttls off\ntls_trust_file /ca.pem\nuser joe\nauth plain\n"
               'password "secret"\nuidls_file /root/uidls\ndelivery mbox /root/got\n', mode=0o600)
    site.sh("mpop x")
    assert b"hello" in site.read("/root/got")
