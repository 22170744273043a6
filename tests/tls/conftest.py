import re
import shlex

import pytest

from tests.host import eventually

PLACE = "/var/qmail/control/tls"
# A CA of the tests, and certificates by it; what they are for is in the names.
AUTHORITY = """
set -e
mkdir -p /ca && cd /ca && umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=Test Authority" -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.pem 2>/dev/null
mkdir -p /usr/local/share/ca-certificates && cp ca.pem /usr/local/share/ca-certificates/test.crt
chmod 644 /usr/local/share/ca-certificates/test.crt
printf '[ca]\ndefault_ca=ca_default\n[ca_default]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\n' > ca.cnf
printf 'default_md=sha256\npolicy=any\nunique_subject=no\nrand_serial=yes\n[any]\ncommonName=supplied\n' >> ca.cnf
touch index.txt
ln -sf /usr/local/share/ca-certificates/test.crt /etc/ssl/certs/$(openssl x509 -noout -subject_hash -in ca.pem).0
"""
LEAF = """
set -e
cd /ca && umask 077
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN={cn}" -keyout {file}.key -out {file}.csr 2>/dev/null
printf 'subjectAltName={names}\\ncrlDistributionPoints=URI:http://crl.example/ca.crl\\nbasicConstraints=CA:FALSE\\nsubjectKeyIdentifier=hash\\nauthorityKeyIdentifier=keyid\\n' > {file}.ext
openssl ca -batch -notext -config ca.cnf -in {file}.csr {dates} -extfile {file}.ext -out {file}.leaf 2>/dev/null
cat {file}.leaf ca.pem > {file}.pem
"""


def subjects(shown):
    """Whose the certificates are that openssl shows; blanks around the sign are its release's choice."""
    return re.findall(r"^subject=.*?CN ?= ?(.+)$", shown, re.M)


class Tls:
    """Certificates and TLS connections of a host."""

    def __init__(self, host):
        self.host = host
        host.sh(AUTHORITY)

    def issue(self, file, *names, dates="-days 90"):
        """/ca/FILE.pem and .key, for these names."""
        self.host.sh(LEAF.format(file=file, cn=names[0][:60], names=",".join(f"DNS:{n}" for n in names), dates=dates))
        return file

    def install(self, file, name="default"):
        self.host.sh(f"qmail-certificate install /ca/{file}.pem /ca/{file}.key {name}")

    def put(self, file, name, *, key=True, chain=True):
        """The two renames, or one of them, without a look at what they are."""
        for wanted, end in ((key, "key"), (chain, "pem")):
            if wanted:
                self.host.sh(f"cp /ca/{file}.{end} {PLACE}/{name}.{end}.new && chown root:qmailt {PLACE}/{name}.{end}.new && "
                             f"chmod 640 {PLACE}/{name}.{end}.new && mv {PLACE}/{name}.{end}.new {PLACE}/{name}.{end}")

    def look(self):
        """Has the service look for new files, without the wait."""
        self.host.sh("svc -h /service/qmail-tls")

    def serve(self, port, *command, user="qmaild"):
        """A program on a port; tcpserver's process."""
        listening = self.host.popen(["setuidgid", user, "tcpserver", "-RHl0", "127.0.0.1", str(port), *command])
        self.host._running.append(listening)
        assert eventually(lambda: f":{port:04X} " in self.host.sh("cat /proc/net/tcp").stdout)
        return listening

    def client(self, port, *options, said="QUIT\r\n", check=False):
        """What openssl s_client says, and what comes through it."""
        words = " ".join(shlex.quote(str(word)) for word in ("-connect", f"127.0.0.1:{port}", "-ign_eof", *options))
        return self.host.sh(f"timeout 20 openssl s_client {words} 2>&1", input=said, check=check).stdout

    def subject(self, port, *options):
        shown = self.client(port, *options)
        return next(iter(subjects(shown)), None)


@pytest.fixture
def tls(host):
    """A host that speaks TLS, for which there is a certificate mail.example.org of a known authority."""
    tls = Tls(host)
    tls.install(tls.issue("mail", "mail.example.org"))
    host.start("qmail-tls")
    return tls
