"""Clients that run inside a host: python3 clients.py NAME ARGUMENTS."""

import json
import os
import resource
import socket
import sys
import time


def connection(port):
    made = socket.create_connection(("127.0.0.1", port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made, made.makefile("rb")


def ask(made, answers, line):
    made.sendall(line.encode() + b"\r\n")
    answer = answers.readline()
    while answer[3:4] == b"-":
        answer = answers.readline()
    if answer[:1] not in (b"2", b"3", b"+"):
        raise SystemExit(f"{line}: {answer}")
    return answer


def idle(count):
    """Opens connections, reads the greetings, says so, and holds them until stdin ends."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(count) + 50, int(count) + 50))
    held = [connection(25) for _ in range(int(count))]
    for _, answers in held:
        if not answers.readline().startswith(b"220"):
            raise SystemExit("a connection was not greeted")
    print("ready", flush=True)
    sys.stdin.read()


def pop3(user, password, count):
    """Logs in, fetches every message; prints how many seconds that took."""
    made, answers = connection(110)
    answers.readline()
    begin = time.time()
    ask(made, answers, "USER " + user)
    ask(made, answers, "PASS " + password)
    for i in range(1, int(count) + 1):
        ask(made, answers, f"RETR {i}")
        while answers.readline() not in (b".\r\n", b""):
            pass
    print(time.time() - begin)
    ask(made, answers, "QUIT")


def logins(password, *names):
    """Each logs in, and leaves."""
    for name in names:
        made, answers = connection(110)
        answers.readline()
        ask(made, answers, "USER " + name)
        ask(made, answers, "PASS " + password)
        ask(made, answers, "QUIT")


def trickle(recipient, count, per_second):
    """Sends messages at a steady pace on one connection; prints when each was begun."""
    made, answers = connection(25)
    answers.readline()
    ask(made, answers, "EHLO client.example.net")
    begun = []
    first = time.time()
    for i in range(int(count)):
        time.sleep(max(0, first + i / float(per_second) - time.time()))
        begun.append(time.time())
        ask(made, answers, "MAIL FROM:<trickle@example.net>")
        ask(made, answers, f"RCPT TO:<{recipient}>")
        ask(made, answers, "DATA")
        ask(made, answers, f"Subject: trickle {i}\r\n\r\n" + "one line of text\r\n" * 200 + ".")
    print(json.dumps(begun))
    ask(made, answers, "QUIT")


def netstring(data):
    return b"%d:%b," % (len(data), data)


MESSAGE = b"Subject: bench\n\n" + (b"x" * 71 + b"\n") * 56


def accepted(answers):
    length = b""
    while (c := answers.read(1)) != b":":
        length += c
    text = answers.read(int(length) + 1)
    if text[:1] != b"K":
        raise SystemExit(text)


def qmtp(recipient, count, at_once=20):
    """Packages on one connection, so many without waiting."""
    made, answers = connection(209)
    package = netstring(b"\n" + MESSAGE) + netstring(b"sender@example.net") + netstring(netstring(recipient.encode()))
    for sent in range(0, int(count), at_once):
        some = min(at_once, int(count) - sent)
        made.sendall(package * some)
        for _ in range(some):
            accepted(answers)


def qmqp(recipient, count):
    """A connection for each message."""
    mail = netstring(netstring(MESSAGE) + netstring(b"sender@example.net") + netstring(recipient.encode()))
    for _ in range(int(count)):
        made, answers = connection(628)
        made.sendall(mail)
        accepted(answers)
        answers.close()
        made.close()


def saslauthd(path):
    """Lets everybody in."""
    door = socket.socket(socket.AF_UNIX)
    door.bind(path)
    os.chmod(path, 0o777)
    door.listen(100)
    while True:
        asker, _ = door.accept()
        asker.recv(4096)
        asker.sendall(b"\0\2OK")
        asker.close()


if __name__ == "__main__":
    {"idle": idle, "logins": logins, "pop3": pop3, "qmqp": qmqp, "qmtp": qmtp, "saslauthd": saslauthd, "trickle": trickle}[sys.argv[1]](*sys.argv[2:])
