"""Two hosts of ours, a Postfix and an Exim of Debian write to each other, in TLS, each knowing the others by DANE."""

import pytest

from tests.bench.systems import LIBRARIES, POSTFIX, TOOLS
from tests.host import eventually
from tests.remote.dane import UNBOUND, Names, digest

EXIM = TOOLS / "usr/sbin/exim4"
pytestmark = pytest.mark.skipif(not (UNBOUND.exists() and EXIM.exists()), reason="unbound or Exim is not in build/tools")

OURS = ("one.p.example", "two.p.example")
POST, EXIMS = "post.p.example", "exim.p.example"
CERTIFICATE = ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN={0} -addext subjectAltName=DNS:{0} "
               "-keyout /run/key.pem -out /run/chain.pem 2>/dev/null")
OF_POSTFIX = {
    "myhostname": POST, "myorigin": POST, "mydestination": POST, "home_mailbox": "Maildir/", "maillog_file": "/var/log/mail.log",
    "inet_interfaces": "all", "inet_protocols": "ipv4", "alias_maps": "", "smtpd_relay_restrictions": "permit_mynetworks reject_unauth_destination",
    "smtpd_tls_chain_files": "/run/key.pem /run/chain.pem", "smtpd_tls_security_level": "may",
    "smtp_dns_support_level": "dnssec", "smtp_tls_security_level": "dane", "smtp_tls_loglevel": "1"
}
OF_EXIM = f"""
primary_hostname = {EXIMS}
domainlist here = @
acl_smtp_rcpt = accept domains = +here
tls_advertise_hosts = *
tls_certificate = /run/chain.pem
tls_privatekey = /run/key.pem
log_selector = +tls_certificate_verified +tls_cipher
disable_ipv6
dns_dnssec_ok = 1
keep_environment =
begin acl
begin routers
here:
  driver = accept
  domains = +here
  check_local_user
  transport = maildir
there:
  driver = dnslookup
  dnssec_request_domains = *
  transport = smtp
begin transports
maildir:
  driver = appendfile
  directory = $home/Maildir
  maildir_format
smtp:
  driver = smtp
  dnssec_request_domains = *
  hosts_require_dane = *
begin retry
* * F,1h,1s
"""


def become_ours(host):
    host.sh("qmail-certificate install /run/chain.pem /run/key.pem && rm -f /var/qmail/supervise/qmail-tls/down")
    host.start()


def become_postfix(host):
    settings = " ".join(f"'{name} = {value}'" for name, value in OF_POSTFIX.items())
    host.sh(POSTFIX.format(tools=TOOLS, settings=settings))
    host.sh("/usr/lib/postfix/configure-instance.sh; postfix start >/dev/null 2>&1")


def become_exim(host):
    host.sh(f"install -m 4755 {EXIM} /usr/sbin/exim4; useradd -r -U -M -d /var/spool/exim4 Debian-exim; mkdir -p /etc/exim4 /var/log/exim4 /var/spool/exim4; "
            "chown Debian-exim: /var/log/exim4 /var/spool/exim4; chgrp Debian-exim /run/key.pem; chmod 640 /run/key.pem")
    host.write("/etc/exim4/exim4.conf", OF_EXIM)
    host.sh("exim4 -bd -q1s")


WAYS = {**{name: (become_ours, "qmail-inject") for name in OURS},
        POST: (become_postfix, "sendmail"), EXIMS: (become_exim, "exim4 -i")}


@pytest.fixture
def peers(hosts):
    made = dict(zip(WAYS, hosts(*WAYS)))
    for name, host in made.items():
        host.sh(CERTIFICATE.format(name))
        host.user("joe")
    zone = []
    for name, host in made.items():
        label = name.split(".")[0]
        zone += [f"{label} MX 10 {label}", f"{label} A {host.address}", f"_25._tcp.{label} TLSA 3 1 1 {digest(host, '/run/chain.pem')}"]
    for name, host in made.items():
        Names(host, zone)
        host.write("/etc/resolv.conf", "nameserver 127.0.0.1\noptions edns0 trust-ad\n")
        WAYS[name][0](host)
    return made


def write(host, sender, recipient):
    host.sh(f"{WAYS[sender][1]} joe@{recipient}", user="joe", input=f"From: joe@{sender}\nTo: joe@{recipient}\nSubject: from {sender}\n\nhello\n")


def said(peers):
    return "".join(host.log("qmail-send") + host.sh("cat /var/log/mail.log /var/log/exim4/mainlog 2>/dev/null", check=False).stdout
                   for host in peers.values())


def test_each_writes_to_each(peers):
    for sender, host in peers.items():
        for recipient in peers:
            if recipient != sender:
                write(host, sender, recipient)
    for recipient, host in peers.items():
        assert eventually(lambda: len(host.maildir("joe")) == len(peers) - 1, 60), (recipient, said(peers))
        for message in host.maildir("joe"):
            assert b" WITH ESMTPS" in message.upper(), message.decode()
    for name in OURS:
        assert peers[name].log("qmail-send").count("_by_DANE") == len(peers) - 1
    assert peers[POST].sh("grep -c 'Verified TLS connection established to' /var/log/mail.log").stdout == "3\n"
    assert peers[EXIMS].sh("grep -c '=> .* CV=dane' /var/log/exim4/mainlog").stdout == "3\n"
