"""Questions to qmail-authd."""

ASK = r"""
import socket, sys
def net(parts):
    inside = b"".join(b"%d:%s," % (len(p), p) for p in parts)
    return b"%d:%s," % (len(inside), inside)
s = socket.socket(socket.AF_UNIX)
s.settimeout(50)
s.connect("/var/qmail/run/auth/" + sys.argv[1])
got = b""
try:
    s.sendall(net([word.encode() for word in sys.argv[2:]]))
    while more := s.recv(9999):
        got += more
except OSError:
    pass
parts, got = [], got[got.find(b":") + 1:-1]
while got:
    n, _, got = got.partition(b":")
    parts.append(got[:int(n)].decode())
    got = got[int(n) + 1:]
print("|".join(parts[:3]))
"""


def ask(host, *words, user="root", door="socket"):
    """What is said, the seconds, the login."""
    words = [*words, *[""] * (7 - len(words))]
    return host.run(["/usr/bin/python3", "-c", ASK, door, *words], user=user).stdout.decode().rstrip("\n")


def password(host, login, secret, access="smtp", challenge="", client="192.0.2.7", local="203.0.113.25", user="qmaild"):
    return ask(host, "password", access, login, secret, challenge, client, local, user=user)


# From one process: what comes of so many wrong passwords, a different one each time, from each address.
MANY = r"""
import collections, socket, sys
def net(parts):
    inside = b"".join(b"%d:%s," % (len(p), p) for p in parts)
    return b"%d:%s," % (len(inside), inside)
said = collections.Counter()
for n in range(int(sys.argv[1])):
    for address in sys.argv[2:]:
        s = socket.socket(socket.AF_UNIX)
        s.connect("/var/qmail/run/auth/socket")
        s.sendall(net([b"password", b"smtp", b"joe", b"%s %d" % (address.encode(), n), b"", address.encode(), b""]))
        got = b""
        while more := s.recv(9999):
            got += more
        said[got.split(b":")[2].split(b",")[0].decode()] += 1
print("|".join("%s %d" % pair for pair in sorted(said.items())))
"""


def many(host, count, *addresses):
    return host.run(["/usr/bin/python3", "-c", MANY, str(count), *addresses], timeout=300).stdout.decode().rstrip("\n")
