"""The other side: how servers are known, what stands against them, and coming back to them; as qmail-remote asks."""

import json

import pytest

from tests.host import eventually

PORT = 4651
# Asks the service as a client of it does: argv[1] is the question as JSON; answers are printed, and what the server says first.
ASK = r"""
import array, json, os, socket, sys
q = json.loads(sys.argv[1])
def netstring(b): return str(len(b)).encode() + b":" + b + b","
def unpack(b):
    head, rest = b.split(b":", 1)
    inside, parts = rest[:int(head)], []
    while inside:
        n, rest = inside.split(b":", 1)
        parts.append(rest[:int(n)])
        inside = rest[int(n) + 1:]
    return parts
def tlsa(record):
    usage, selector, kind, data = record.split()
    data = bytes.fromhex(data)
    return bytes([int(usage), int(selector), int(kind)]) + len(data).to_bytes(2, "big") + data
network = socket.create_connection(("127.0.0.1", q["port"]), 10)
mine, theirs = socket.socketpair()
ask = socket.socket(socket.AF_UNIX)
ask.settimeout(20)
ask.connect("/var/qmail/run/tls/socket")
parts = [b"client", q.get("proof", "anybody").encode(), q.get("service", "unnamed").encode(), str(q.get("ms", 10000)).encode(), q.get("name", "").encode(),
         b"".join(n.encode() + b"\0" for n in q.get("names", [])), b"".join(map(tlsa, q.get("tlsa", [])))]
try:
    ask.sendmsg([netstring(b"".join(map(netstring, parts)))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [network.fileno(), theirs.fileno()]))])
except BrokenPipeError:
    pass                # it has said no already
theirs.close(); network.close()
names = ["said", "proof", "flaw", "resumed", "bits", "protocol", "cipher", "name", "certificate", "alpn", "exporter", "endpoint", "why"]
def hear():
    return dict(zip(names, [p.decode() if n not in ("exporter", "endpoint") else p.hex() for n, p in zip(names, unpack(ask.recv(65536)))]))
answer = hear()
if answer["said"] == "ready":
    ask.sendall(b"Y")
    answer = hear()
if answer["said"] == "done":
    mine.settimeout(10)
    mine.sendall(b"hello\n")
    answer["inside"] = mine.recv(100).decode()
print(json.dumps(answer))
"""


@pytest.fixture
def server(tls):
    """The host's own mail.example.org behind qmail-tls, to be called as another server."""
    tls.serve(PORT, "qmail-tls", "-p", "smtp", "head", "-n", "1")
    return tls


def ask(tls, user="qmailr", port=PORT, **question):
    done = tls.host.run(["/usr/bin/python3", "-c", ASK, json.dumps({"port": port, **question})], user=user)
    return json.loads(done.stdout)


def digest(tls, file="mail"):
    return tls.host.sh(f"openssl x509 -in /ca/{file}.leaf -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum").stdout.split()[0]


def other(tls, port, *names, **more):
    """Another server, with a certificate of its own."""
    tls.issue(f"s{port}", *names, **more)
    process = tls.host.popen(["openssl", "s_server", "-accept", str(port), "-cert", f"/ca/s{port}.leaf", "-key", f"/ca/s{port}.key",
                              "-rev", "-quiet"], stdin=-1, stdout=-3, stderr=-3)
    tls.host._running.append(process)
    assert eventually(lambda: f":{port:04X} " in tls.host.sh("cat /proc/net/tcp /proc/net/tcp6").stdout)


NAMED = {"proof": "named", "name": "mail.example.org", "names": ["mail.example.org"]}


def test_anybody_is_told_who_it_is_all_the_same(server):
    said = ask(server, name="mail.example.org", names=["mail.example.org"], service="smtp")
    assert (said["said"], said["proof"], said["flaw"], said["inside"]) == ("done", "named", "", "hello\n")
    assert (said["protocol"], said["cipher"], said["bits"], said["alpn"]) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "256", "smtp")
    assert said["certificate"] == "mail.example.org" and len(said["exporter"]) == len(said["endpoint"]) == 64
    said = ask(server, names=["other.example"])
    assert (said["said"], said["proof"], said["flaw"], said["why"]) == ("done", "anybody", "name", "hostname mismatch")
    assert ask(server)["proof"] == "anybody", "without a name nothing is proven"


def test_a_name_must_be_proven(server):
    said = ask(server, **NAMED)
    assert (said["said"], said["proof"], said["certificate"]) == ("done", "named", "mail.example.org")
    said = ask(server, **{**NAMED, "names": ["other.example", "another.example"]})
    assert (said["said"], said["flaw"]) == ("unproven", "name")
    assert ask(server, proof="named")["said"] == "unproven"


def test_flaws(server):
    other(server, 4661, "old.example", dates="-startdate 20200101000000Z -enddate 20210101000000Z")
    said = ask(server, port=4661, proof="named", names=["old.example"])
    assert (said["said"], said["flaw"]) == ("unproven", "date")
    server.host.sh("rm /etc/ssl/certs/*.0; rm -f /usr/local/share/ca-certificates/test.crt")
    said = ask(server, **NAMED)
    assert (said["said"], said["flaw"]) == ("unproven", "issuer")


def test_dane(server):
    right, wrong = digest(server), "00" * 32
    for tlsa, said in ((["3 1 1 " + right], "done"), (["3 1 1 " + wrong], "unproven"), (["3 1 1 " + wrong, "3 1 1 " + right], "done")):
        found = ask(server, proof="dane", name="foreign.example", names=["foreign.example"], tlsa=tlsa)
        assert (found["said"], found["proof"]) == (said, "dane" if said == "done" else "anybody"), (tlsa, found)
        assert found["flaw"] == ("" if said == "done" else "tlsa")


def test_dane_by_an_authority_wants_the_name(server):
    of_authority = server.host.sh("openssl x509 -in /ca/ca.pem -outform DER | sha256sum").stdout.split()[0]
    for name, said in (("mail.example.org", "done"), ("foreign.example", "unproven")):
        found = ask(server, proof="dane", name=name, names=[name], tlsa=["2 0 1 " + of_authority])
        assert found["said"] == said, found


@pytest.mark.parametrize("tlsa", [[], ["1 1 1 " + 64 * "0"], ["3 1 9 00"], ["4 1 1 " + 64 * "0"], ["3 1 1 0000"]])
def test_records_that_nobody_can_use_are_none(server, tlsa):
    said = ask(server, proof="dane", name="a.example", tlsa=tlsa)
    assert (said["said"], said["why"]) == ("trouble", "no TLSA record is usable")


@pytest.mark.parametrize("question", [NAMED, {"names": ["mail.example.org"]}])
def test_who_comes_back_is_known_for_the_same_question_only(server, question):
    assert ask(server, **question)["resumed"] == "0"
    again = ask(server, **question)
    assert (again["resumed"], again["said"], again["proof"]) == ("1", "done", "named")
    assert ask(server, **{**question, "names": ["other.example"]})["resumed"] == "0"
    assert ask(server, **question)["resumed"] == "1"


def test_dane_comes_back_too(server):
    question = {"proof": "dane", "name": "a.example", "tlsa": ["3 1 1 " + digest(server)]}
    assert [ask(server, **question)["resumed"] for _ in range(2)] == ["0", "1"]
    again = ask(server, **question)
    assert (again["said"], again["proof"]) == ("done", "dane")
    assert ask(server, **{**question, "tlsa": ["3 1 1 " + 64 * "0"]})["said"] == "unproven"


def test_who_speaks_no_tls(server):
    server.serve(4671, "sh", "-c", "echo 220 plain")
    assert ask(server, port=4671)["said"] == "failed"
    server.serve(4672, "sleep", "60")
    said = ask(server, port=4672, ms=300)
    assert (said["said"], said["why"]) == ("failed", "no time is left")


@pytest.mark.parametrize("user, said", [("qmailr", "done"), ("root", "done"), ("qmaild", "trouble"), ("qmails", "trouble")])
def test_who_may_call(server, user, said):
    assert ask(server, user=user)["said"] == said
