"""A question to qmail-stsd about a domain whose policy is to be looked at anew, whichever call of it fails and wherever it is killed: the domain
never has none, and what is kept is the old policy or the new one, whole."""

import json
import subprocess
import time

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_primaryd import ask_line
from tests.sts.test_sts import POLICY, WEB
from tests.tls.conftest import Tls

pytestmark = ours_alone

PARTS = 3
PLACE, KEPT = "/var/qmail/run/sts/socket", "/var/qmail/sts/p.example"
PATIENCE = 5        # seconds, while each worker dies again and again
FETCH = 30          # that a worker may be at one policy, name servers and web server together
OLD, NEW = (POLICY.format(mode="enforce", age=86400, mx=mx) for mx in ("old.example", "mx.p.example"))


def net(*texts):
    return b"".join(b"%d:%s," % (len(t), t) for t in texts)


def parts(data):
    """Of netstrings; None when they are not whole."""
    found = []
    while data:
        length, colon, rest = data.partition(b":")
        if not colon or not length.isdigit() or rest[int(length):int(length) + 1] != b",":
            return None
        found.append(rest[:int(length)])
        data = rest[int(length) + 1:]
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_qmail_stsd(host, record_property, part):
    tls = Tls(host)
    tls.issue("web", "mta-sts.p.example")
    host.sh("cat /ca/web.key /ca/web.pem > /etc/web.pem")
    host.dns({"mta-sts.p.example": ["A 127.0.0.1"], "_mta-sts.p.example": ["TXT v=STSv1; id=2;"]})
    host.write("/tmp/sites", json.dumps({"mta-sts.p.example": [200, "text/plain", NEW]}))
    host.write("/tmp/asked", "")
    web = host.popen(["/usr/bin/python3", WEB, "/etc/web.pem", "/tmp/sites", "/tmp/asked"], stdout=subprocess.PIPE)
    assert web.stdout.readline() == b"ready\n"

    def run(under):
        entry = net(net(b"1", b"%d" % time.time(), b"1", OLD.encode()))
        host.write(KEPT, entry, owner="qmailr")
        server = host.popen([*under, "/var/qmail/bin/qmail-stsd"], user="root" if under else "qmailr", stderr=subprocess.DEVNULL)
        said = ask_line(host.path(PLACE), server, "p.example\n", PATIENCE if "inject" in str(under) else 20)
        wrong = must.service_ends(host, server, "qmail-stsd", seconds=FETCH)
        return said, wrong, host.sh(f"cat {KEPT}", check=False).stdout.encode()

    def judge(seen, fault):
        said, wrong, kept = seen
        whole = parts(kept)
        inside = parts(whole[0]) if whole and len(whole) == 1 else None
        what = (inside[2].decode(), inside[3].decode()) if inside and len(inside) == 4 else None
        if what not in (("1", OLD), ("2", NEW)):
            wrong.append(f"kept is {kept}")
        if said not in "PT" or (fault is None and (said, what) != ("P", ("2", NEW))):
            wrong.append(f"said {said}, kept {what}")
        return wrong

    sweep(host, "qmail-stsd", run, judge, user="qmailr", part=part, parts=PARTS).end(record_property)
