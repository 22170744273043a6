"""An LMTP server for one connection: lmtp_server.py UNIX-PATH|PORT LOG GREETING LHLO MAIL RCPT DATA BODY, what it answers to each;
"-" closes. What it hears is in LOG when it has ended."""

import os
import socket
import sys

where, log, *answers = sys.argv[1:]
answers = dict(zip(["greeting", "LHLO", "MAIL", "RCPT", "DATA", "."], answers))
if "/" in where:
    server = socket.socket(socket.AF_UNIX)
    server.bind(where)
    os.chmod(where, 0o777)
else:
    server = socket.create_server(("127.0.0.1", int(where)))
server.listen()
print("ready", flush=True)
connection, _ = server.accept()
heard, lines, text = b"", connection.makefile("rb"), False


def answer(verb):
    said = answers.get(verb, "250 ok")
    if said == "-":
        connection.shutdown(socket.SHUT_RDWR)
    else:
        connection.sendall(said.replace("|", "\r\n").encode() + b"\r\n")


try:
    answer("greeting")
    for line in lines:
        heard += line
        verb = line.strip().split(b" ")[0].decode()
        if not text:
            answer(verb)
            text = verb == "DATA" and answers["DATA"].startswith("354")
        elif line == b".\r\n":
            text = False
            answer(".")
except OSError:
    pass
with open(log + ".new", "wb") as f:
    f.write(heard)
os.rename(log + ".new", log)
