"""A client's side of SCRAM-SHA-256, for scripts that run on a host, and a site whose users have keys for it."""

from tests.vdomains.test_domains import run

SECRET = "pass word"

# What a script begins with. It can be told what to do wrong: "channel", the proof is of another connection; "downgrade", it says that it
# knows of channel binding and saw none offered.
SIDE = r"""
import base64, hashlib, hmac, os, ssl, sys

def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()

def h(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()

class Scram:
    def __init__(self, mechanism, login, secret, wrong):
        self.login, self.secret, self.wrong = login, secret, wrong
        self.wants_tls = mechanism.endswith("PLUS") or wrong == "downgrade"
        self.head, self.binding = "n,,", b""

    def begin_tls(self, start, sock):
        start(context=ssl._create_unverified_context())
        certificate = sock().getpeercert(True)
        if self.wrong == "downgrade":
            self.head = "y,,"
        else:
            self.head = "p=tls-server-end-point,,"
            self.binding = hashlib.sha256(certificate + (b"x" if self.wrong == "channel" else b"")).digest()

    def first(self, size=12):
        self.bare = "n=" + self.login.replace("=", "=3D").replace(",", "=2C") + ",r=" + os.urandom(size).hex()
        return b64(self.head + self.bare)

    def last(self, theirs):
        theirs = base64.b64decode(theirs).decode()
        self.parts = dict(part.split("=", 1) for part in theirs.split(","))
        self.salted = hashlib.pbkdf2_hmac("sha256", self.secret.encode(), base64.b64decode(self.parts["s"]), int(self.parts["i"]))
        key = h(self.salted, "Client Key")
        last = "c=" + b64(self.head.encode() + self.binding) + ",r=" + self.parts["r"]
        self.exchange = self.bare + "," + theirs + "," + last
        proof = bytes(a ^ b for a, b in zip(key, h(hashlib.sha256(key).digest(), self.exchange)))
        return b64(last + ",p=" + b64(proof))

    def is_signed(self, theirs):
        return base64.b64decode(theirs).decode() == "v=" + b64(h(h(self.salted, "Server Key"), self.exchange))
"""


def furnish(host, rules, rule):
    """joe@example.net can prove his password; the rule for everybody lets him."""
    host.control("passwordhash", "scram-sha-256\n")
    run(host, "vadddomain", "example.net", "secret")
    run(host, "vadduser", "joe@example.net", SECRET)
    host.write(rules, f":allow,{rule}\n")
    host.sh("qmailctl cdb; qmail-certificate self-signed")
