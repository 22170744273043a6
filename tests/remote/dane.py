"""A validating name server on a host, with a zone that is signed here."""

import pathlib
import shlex

from tests.host import eventually

UNBOUND = pathlib.Path(__file__).parents[2] / "build/tools/usr/sbin/unbound"
ZONE = "p.example"
PLAIN = "plain.example"         # which nobody has signed
FORGED = "f0" * 32              # a record with this is changed after it was signed
HEAD = "$TTL 60\n@ SOA ns.p.example. root.p.example. 1 60 60 60 60\n@ NS ns.p.example.\nns A 10.77.0.1\n"
CONFIG = """
server:
  directory: "/run/unbound"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "/run/unbound/log"
  log-queries: yes
  log-time-ascii: no
  interface: 127.0.0.1
  interface: 10.77.0.1
  access-control: 0.0.0.0/0 allow
  do-daemonize: no
  do-ip6: no
  num-threads: 1
  module-config: "validator iterator"
  trust-anchor-file: "/run/unbound/anchor"
  aggressive-nsec: no
  val-bogus-ttl: 1
auth-zone:
  name: "p.example"
  zonefile: "/run/unbound/signed"
  for-downstream: no
  for-upstream: yes
auth-zone:
  name: "plain.example"
  zonefile: "/run/unbound/plain"
  for-downstream: no
  for-upstream: yes
remote-control:
  control-enable: no
"""
SIGN = """
cd /run/unbound
key=$(ldns-keygen -k -a ECDSAP256SHA256 p.example 2>/dev/null)
ldns-signzone -o p.example -f signed zone $key
sed -i 's/{forged}/{other}/I' signed
cp $key.key anchor
"""


class Names:
    """`zone` and `plain` are lines of zone files, in which names are below p.example and plain.example."""

    def __init__(self, host, zone, plain=()):
        self.host = host
        host.sh("pkill -f [d]ns_server || :; mkdir -p /run/unbound")
        assert eventually(lambda: ":0035 " not in host.sh("cat /proc/net/udp").stdout)
        host.write("/run/unbound/zone", HEAD + "".join(line + "\n" for line in zone))
        host.write("/run/unbound/plain", HEAD + "".join(line + "\n" for line in plain))
        host.write("/run/unbound/conf", CONFIG.replace("interface: 10.77.0.1", f"interface: {host.address}"))
        host.sh(SIGN.format(forged=FORGED, other="0f" * 32))
        host._running.append(host.popen([UNBOUND, "-d", "-c", "/run/unbound/conf"], stdin=-3, stdout=-3, stderr=-3))
        assert eventually(lambda: ":0035 " in host.sh("cat /proc/net/udp").stdout)

    def questions(self):
        """What was asked since the last time: name and type."""
        lines = [line.split() for line in self.host.read("/run/unbound/log").decode().splitlines() if "info: 127.0.0.1 " in line or "info: 10.77.0.1 " in line]
        self.host.sh(": > /run/unbound/log")
        return [(words[words.index("info:") + 2].rstrip("."), words[words.index("info:") + 3]) for words in lines]


def digest(host, file, selector=1, kind="sha256"):
    """Of a certificate's key (selector 1), or of all of it; or all of it."""
    form = "-pubkey | openssl pkey -pubin -outform DER" if selector else "-outform DER"
    count = f" | openssl dgst -{kind} -r" if kind else " | od -An -v -tx1 | tr -d ' \\n'"
    return host.sh(f"openssl x509 -in {shlex.quote(file)} {'-noout ' if selector else ''}{form}{count}").stdout.split()[0]
