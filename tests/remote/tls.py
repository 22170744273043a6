"""What the tests of TLS share: certificates, a stand-in for the service, servers that offer it."""

import json
import pathlib
import subprocess

from .remote import Server

SCRIPT = pathlib.Path(__file__).with_name("tls_service.py")
SOCKET = "/var/qmail/run/tls/socket"
AUTHORITY = "/etc/mail-ca.pem"
OFFER = "250-mx.example.net\r\n250-SIZE 1\r\n250 STARTTLS"
OFFER_WITHIN = "250-mx.example.net\r\n250 PIPELINING"


def certificate(host, name, path="/etc/mail.pem"):
    """Of an authority of its own, which AUTHORITY then holds."""
    host.sh(f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN={name} "
            f"-addext subjectAltName=DNS:{name} -keyout {path}.key -out {path}.crt 2>/dev/null; "
            f"cat {path}.key {path}.crt > {path}; cat {path}.crt >> {AUTHORITY}")
    return path


class Service:
    def __init__(self, host, **behaviour):
        self.host, self.log = host, "/tmp/asked-of-tls"
        host.write(self.log, "")
        self.process = host.popen(["/usr/bin/python3", SCRIPT, SOCKET, self.log], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(json.dumps({"authority": AUTHORITY, **behaviour}).encode())
        self.process.stdin.close()
        assert self.process.stdout.readline() == b"ready\n"

    def questions(self):
        return [json.loads(line) for line in self.host.read(self.log).splitlines()]


def tls_server(host, address="127.0.0.1", port=2525, **more):
    return Server(host, address, port, **{"EHLO": OFFER, "EHLO within": OFFER_WITHIN, "STARTTLS": "220 go ahead", "RSET": "250 ok", **more})
