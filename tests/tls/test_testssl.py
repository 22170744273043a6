"""testssl.sh finds nothing above "low" on the ports where TLS is spoken. Minutes each: make test-tls."""

import json
import os

import pytest

pytestmark = pytest.mark.skipif("TESTSSL" not in os.environ, reason="takes minutes: make test-tls")
# It wants the certificate of a known authority, and looks for a CAA record in a zone that there is not.
SEVERE = {"MEDIUM", "HIGH", "CRITICAL", "FATAL"}


@pytest.mark.parametrize("port, options", [(25, ["-t", "smtp"]), (995, [])])
def test_no_finding(tls, port, options):
    host = tls.host
    host.sh("echo 127.0.0.1 mail.example.org >> /etc/hosts")
    tls.serve(995, "qmail-tls", "-p", "pop3", "qmail-popup", "mail.example.org", "true", user="root")
    host.start("qmail-smtpd")
    host.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "min", "--add-ca", "/ca/ca.pem", "--jsonfile", "/tmp/found.json",
              "--ip", "127.0.0.1", *options, f"mail.example.org:{port}"], check=False, timeout=1500)
    found = json.loads(host.read("/tmp/found.json"))
    assert len(found) > 50
    assert [f"{one['id']}: {one['severity']} {one['finding']}" for one in found if one["severity"] in SEVERE] == []
