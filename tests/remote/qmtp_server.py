"""A QMTP server that says what it is told to: argv ADDRESS PORT LOG; behaviour as JSON on stdin, then "ready".

answer      by recipient: what is said, without its length; else Kok 1 qp 2
raw         what is said in place of all answers
close       when the connection ends: "first" byte, or "package"
The log has a line for each package: the number of its connection, message, sender, recipients."""

import json
import socket
import sys
import threading


def byte(f):
    c = f.read(1)
    if not c:
        raise EOFError
    return c


def netstring(f):
    length = b""
    while (c := byte(f)) != b":":
        length += c
    text = f.read(int(length))
    assert byte(f) == b","
    return text


def inner(data):
    while data:
        length, _, rest = data.partition(b":")
        yield rest[:int(length)]
        data = rest[int(length) + 1:]


def serve(connection, number, log, told):
    f = connection.makefile("rb")
    try:
        while True:
            if told.get("close") == "first":
                byte(f)
                return
            message, sender, recipients = netstring(f), netstring(f), list(inner(netstring(f)))
            with open(log, "a") as out:
                out.write(json.dumps([number, *(x.decode("latin-1") for x in (message, sender, *recipients))]) + "\n")
            if told.get("close") == "package":
                return
            said = "".join(f"{len(a)}:{a}," for a in (told.get("answer", {}).get(r.decode(), "Kok 1 qp 2") for r in recipients))
            connection.sendall(told.get("raw", said).encode("latin-1"))
    except EOFError:
        pass
    finally:
        f.close()
        connection.close()


def main():
    address, port, log = sys.argv[1:]
    told = json.load(sys.stdin)
    listening = socket.create_server((address, int(port)), family=socket.AF_INET6 if ":" in address else socket.AF_INET, backlog=50)
    print("ready", flush=True)
    for number in range(1000):
        connection, _ = listening.accept()
        threading.Thread(target=serve, args=(connection, number, log, told), daemon=True).start()


main()
