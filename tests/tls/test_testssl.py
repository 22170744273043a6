"""testssl.sh finds nothing above "low" on the ports where TLS is spoken. Minutes each: make test-tls."""

import json
import os

import pytest

from tests.host import eventually

pytestmark = pytest.mark.skipif("TESTSSL" not in os.environ, reason="takes minutes: make test-tls")
# It wants the certificate of a known authority, and looks for a CAA record in a zone that there is not.
SEVERE = {"MEDIUM", "HIGH", "CRITICAL", "FATAL"}


@pytest.mark.parametrize("port, options", [(25, ["-t", "smtp"]), (465, []), (587, ["-t", "smtp"]), (995, [])])
def test_no_finding(tls, port, options):
    host = tls.host
    host.sh("echo 127.0.0.1 mail.example.org >> /etc/hosts")
    host.start("qmail-smtpd", "qmail-submission", "qmail-submissions", "qmail-pop3s")
    assert eventually(lambda: f":{port:04X} " in host.sh("cat /proc/net/tcp /proc/net/tcp6").stdout)
    host.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "min", "--add-ca", "/ca/ca.pem", "--jsonfile", "/tmp/found.json",
              "--ip", "127.0.0.1", *options, f"mail.example.org:{port}"], check=False, timeout=1500)
    found = json.loads(host.read("/tmp/found.json"))
    assert len(found) > 50
    assert [f"{one['id']}: {one['severity']} {one['finding']}" for one in found if one["severity"] in SEVERE] == []
