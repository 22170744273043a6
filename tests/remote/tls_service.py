"""Stands in for the service that speaks TLS (tls_wire.h), as its client side: tls_service.py SOCKET LOG, as JSON on stdin a
behaviour. Each question is a line in LOG.

"authority" is a file of certificates that are believed. "ready" or "done" is what is said instead of ready or done, each
[word, why]; "" for ready: nothing at all."""

import json
import os
import select
import socket
import ssl
import sys
import threading

PARTS = ["said", "proof", "flaw", "resumed", "bits", "protocol", "cipher", "name", "certificate", "alpn", "exporter", "endpoint", "why"]


def netstring(s):
    return b"%d:%s," % (len(s), s)


def parts(s):
    found = []
    while s:
        length, _, rest = s.partition(b":")
        found.append(rest[:int(length)])
        s = rest[int(length) + 1:]
    return found


def answer(said, **more):
    more = {"said": said, "proof": "anybody", "resumed": "0", "bits": "0", **more}
    return netstring(b"".join(netstring(more.get(part, "").encode()) for part in PARTS))


def shake_hands(network, question, behaviour):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if question["proof"] == "anybody":
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(behaviour["authority"])
    network.settimeout(int(question["ms"]) / 1000)
    return context.wrap_socket(network, server_hostname=question["name"] or None)


def names_in(tls):
    certificate = tls.getpeercert() or {}
    return [name for _, name in certificate.get("subjectAltName", ())]


def judged(tls, question):
    facts = {"protocol": tls.version(), "cipher": tls.cipher()[0]}
    found = [name for name in question["names"].split("\0") if name and name in names_in(tls)]
    if found:
        return answer("done", proof="named", certificate=found[0], **facts), True
    if question["proof"] == "anybody":
        return answer("done", flaw="issuer", why="self-signed certificate", **facts), True
    return answer("unproven", flaw="name", why="hostname mismatch", **facts), False


def relay(tls, plain):
    while True:
        for ready in [tls] if tls.pending() else select.select([tls, plain], [], [])[0]:
            tls.setblocking(False)
            try:
                data = ready.recv(16384)
            except ssl.SSLWantReadError:
                continue
            finally:
                tls.setblocking(True)
            if not data:
                return
            (plain if ready is tls else tls).sendall(data)


def serve(asker, behaviour, log):
    data, descriptors, _, _ = socket.recv_fds(asker, 20000, 2)
    network, plain = (socket.socket(fileno=fd) for fd in descriptors)
    words = ["side", "proof", "service", "ms", "name", "names", "tlsa"]
    question = {word: part.decode("latin-1") for word, part in zip(words, parts(parts(data)[0]))}
    with open(log, "a") as f:
        f.write(json.dumps(question) + "\n")
    if "ready" in behaviour:
        if behaviour["ready"]:
            asker.sendall(answer(behaviour["ready"][0], why=behaviour["ready"][1]))
        else:
            asker.recv(1)
        return
    asker.sendall(answer("ready"))
    if asker.recv(1) != b"Y":
        return
    if "done" in behaviour:
        asker.sendall(answer(behaviour["done"][0], why=behaviour["done"][1]))
        return
    try:
        tls = shake_hands(network, question, behaviour)
    except ssl.SSLCertVerificationError as e:
        asker.sendall(answer("unproven", flaw="issuer", why=e.verify_message))
        return
    except OSError as e:
        asker.sendall(answer("failed", why=str(e)))
        return
    said, may_talk = judged(tls, question)
    asker.sendall(said)
    if may_talk:
        relay(tls, plain)
    else:
        tls.close()


def one(asker, behaviour, log):
    try:
        serve(asker, behaviour, log)
    except OSError:
        pass
    finally:
        asker.close()


def main():
    path, log = sys.argv[1:]
    behaviour = json.load(sys.stdin)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen(20)
    print("ready", flush=True)
    while True:
        asker, _ = listener.accept()
        threading.Thread(target=one, args=(asker, behaviour, log), daemon=True).start()


main()
