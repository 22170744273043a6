"""Inside a host: play.py NAME plays the cases of that name.

The cases come as JSON on stdin, a list of texts each, the results go likewise to stdout."""

import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import sys
import threading

BIN = "/var/qmail/bin/"
CATCH = pathlib.Path("/tmp/caught")
HOME = pathlib.Path("/home/joe")
ENVIRONMENT = {"PATH": BIN + ":/usr/bin:/bin", "HOME": str(HOME), "USER": "joe", "TZ": "UTC", "LANG": "C.UTF-8"}
QUEUE = "#!/bin/sh\ncat > /tmp/caught/message\ncat <&1 > /tmp/caught/envelope\n"
PATIENCE = 20


def octets(text):
    return text.encode("latin-1")


def start(words, user, env, **streams):
    return subprocess.Popen([octets(word) for word in words], user=user, group=pwd.getpwnam(user).pw_gid,
                            extra_groups=[], cwd=HOME, env={**ENVIRONMENT, **env}, **streams)


def run(words, user, stdin="", **env):
    """Exit code, output, errors."""
    process = start(words, user, env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, errors = process.communicate(octets(stdin), PATIENCE)
    return [str(process.returncode), out.decode("latin-1"), errors.decode("latin-1")]


def forget_caught():
    for part in CATCH.iterdir():
        part.unlink()


def caught():
    """Envelope and message, or nothing."""
    if not (CATCH / "envelope").exists():
        return []
    return [(CATCH / part).read_bytes().decode("latin-1") for part in ("envelope", "message")]


# ---- what varies from run to run ----

VARIES = [
    (r"(?m)^((?:Resent-)?Date): \d+ \w{3} 20\d\d \d\d:\d\d:\d\d -0000$", r"\1: NOW"),
    (r"<20\d{12}\.[0-9a-f.]+\.qmail@", "<NOW.qmail@"),
    (r"joe-\d{9,}\.\d+", "joe-NOW"),
    (r"ok \d{9,} qp \d+", "ok NOW"),
    (r"<\d+\.\d{9,}@", "<NOW@"),
]


def steady(text):
    for pattern, name in VARIES:
        text = re.sub(pattern, name, text)
    return text


# ---- the programs ----

def inject_headers(message):
    forget_caught()
    return run([BIN + "qmail-inject"], "joe", message, QMAILQUEUE="/tmp/queue") + caught()


def inject_arguments(message, *words):
    forget_caught()
    return run(["/usr/bin/env", *words], "joe", message, QMAILQUEUE="/tmp/queue") + caught()


def local(ext, sender):
    dash = "-" if ext else ""
    return run([BIN + "qmail-local", "-n", "--", "joe", str(HOME), "joe" + dash + ext, dash, ext, "mail.example.org", sender,
                "./Maildir/"], "joe", "Subject: x\n\n")


def write_dotqmail(files):
    for old in HOME.glob(".qmail*"):
        old.unlink()
    for name, text in files.items():
        path = os.path.join(octets(str(HOME)), octets(name))
        with open(path, "wb") as f:
            f.write(octets(text))
        os.chmod(path, 0o644)
        os.chown(path, os.stat(HOME).st_uid, os.stat(HOME).st_gid)


def local_lines(content):
    write_dotqmail({".qmail": content})
    return local("", "ann@far.example")


def local_files(ext, sender, *files):
    write_dotqmail({name: "|" + name + "\n" for name in files})
    return local(ext, sender)


class Client:
    """Of a program that talks on a socket."""

    def __init__(self, words, user, **env):
        self.ours, theirs = socket.socketpair()
        self.ours.settimeout(PATIENCE)
        self.lines = self.ours.makefile("rb")
        self.process = start(words, user, env, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
        theirs.close()

    def say(self, text):
        try:
            self.ours.sendall(octets(text))
        except OSError:
            pass

    def hear(self):
        try:
            return self.lines.readline().decode("latin-1").rstrip("\r\n")
        except OSError:
            return ""

    def end(self):
        self.lines.close()
        self.ours.close()
        self.process.wait(PATIENCE)


def smtp_reply(client):
    """Its code, with the one of RFC 3463 if there is one; "" when there is no reply any more."""
    line = client.hear()
    while line[3:4] == "-":
        line = client.hear()
    return " ".join(re.findall(r"^\d\d\d|(?<=^\d\d\d )\d\.\d\.\d", line))


def smtpd(*lines):
    forget_caught()
    client = Client([BIN + "qmail-smtpd"], "qmaild", QMAILQUEUE="/tmp/queue", PROTO="TCP", TCPREMOTEIP="192.0.2.7",
                    TCPLOCALIP="127.0.0.1")
    replies = [smtp_reply(client)]
    for line in lines:
        client.say(line + "\r\n")
        replies.append(smtp_reply(client))
        if replies[-1].startswith("354"):
            client.say("Subject: x\r\n\r\nx\r\n.\r\n")
            replies.append(smtp_reply(client))
    client.end()
    return [", ".join(replies)] + caught()[:1]


def pop_reply(client, line):
    """The reply to a line, of several lines if it is to one of the verbs that show something."""
    said = [client.hear()]
    verb, _, word = line.partition(" ")
    several = verb.upper() in ("RETR", "TOP", "CAPA") or (verb.upper() in ("LIST", "UIDL") and not word.strip())
    while said[0].startswith("+OK") and several and said[-1] not in (".", ""):
        said.append(client.hear())
        while said[-1] == "" and verb.upper() in ("RETR", "TOP"):
            said[-1] = client.hear()
    return " / ".join(said)


def pop3d(*lines):
    maildir = HOME / "Maildir"
    shutil.rmtree(maildir)
    for part in ("new", "cur", "tmp"):
        (maildir / part).mkdir(parents=True)
    for i, part in enumerate(("new", "new", "cur"), 1):
        mail = maildir / part / (f"{i}.a" + (":2,S" if part == "cur" else ""))
        mail.write_text(f"Subject: {i}\n\n" + ".dot\nline\n" * i)
        os.utime(mail, (1e9 + i, 1e9 + i))
    subprocess.run(["chown", "-R", "joe:", maildir], check=True)
    client = Client([BIN + "qmail-pop3d", "Maildir"], "joe")
    replies = [client.hear()]
    for line in lines:
        client.say(line + "\r\n")
        replies.append(pop_reply(client, line))
    client.end()
    return replies + [" ".join(sorted(str(m.relative_to(maildir)) for m in maildir.rglob("*.a*")))]


def newu(assign):
    users = pathlib.Path("/var/qmail/users")
    (users / "assign").write_bytes(octets(assign))
    (users / "cdb").unlink(missing_ok=True)
    said = run([BIN + "qmail-newu"], "root")
    table = run(["cdb", "-d", "/var/qmail/users/cdb"], "root")[1] if (users / "cdb").exists() else ""
    return said + [table]


def pw2u(passwd, *words):
    users = pathlib.Path("/var/qmail/users")
    places = {name: users / name for name in ("include", "exclude", "mailnames", "subusers", "append")}
    places["breakchars"] = pathlib.Path("/var/qmail/control/breakchars")
    for place in places.values():
        place.unlink(missing_ok=True)
    for name, _, text in (word.partition("=") for word in words if not word.startswith("-")):
        places[name].write_bytes(octets(text))
    return run([BIN + "qmail-pw2u", *(word for word in words if word.startswith("-"))], "root", passwd)


class Server:
    """One connection to a server that says what it is told to."""

    FINE = {"greeting": "220 x", "EHLO": "250 x", "HELO": "250 x", "RSET": "250 ok", "MAIL": "250 ok", "RCPT": "250 ok",
            "DATA": "354 go", "BODY": "250 ok", "QUIT": "221 bye"}

    def __init__(self, listening, answers):
        self.listening, self.answers, self.recipients = listening, {**self.FINE, **answers}, 0
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        self.connection, _ = self.listening.accept()
        try:
            self.connection.settimeout(PATIENCE)
            self.converse()
        except OSError:
            pass
        self.connection.close()

    def converse(self):
        lines = self.connection.makefile("rb")
        goes_on = self.answer("greeting")
        while goes_on and (line := lines.readline()):
            verb = line[:4].decode("latin-1").upper()
            goes_on = self.answer(self.numbered(verb)) and verb != "QUIT"
            if verb == "DATA" and self.answers["DATA"].startswith("3"):
                while lines.readline() not in (b".\r\n", b""):
                    pass
                goes_on = self.answer("BODY")

    def numbered(self, verb):
        if verb != "RCPT":
            return verb
        self.recipients += 1
        which = f"RCPT{self.recipients - 1}"
        return which if which in self.answers else "RCPT"

    def answer(self, what):
        text = self.answers.get(what, "500 what")
        closes = text.endswith("CLOSE")
        text = text.removesuffix("CLOSE").rstrip()
        if text or not closes:
            self.connection.sendall(octets(text.replace("\n", "\r\n") + "\r\n"))
        return not closes


def remote(recipients, *answers):
    pathlib.Path("/var/qmail/queue/lock/tcpto").write_bytes(b"")
    server = Server(LISTENING, dict(answer.split("=", 1) for answer in answers))
    names = [f"r{i}@far.example" for i in range(int(recipients))]
    said = run([BIN + "qmail-remote", "far.example", "joe@mail.example.org", *names], "qmailr", "Subject: x\n\nx\n")
    server.thread.join(PATIENCE)
    return said


def main():
    global LISTENING
    LISTENING = socket.create_server(("127.0.0.1", 2525))
    CATCH.mkdir(mode=0o777)
    CATCH.chmod(0o1777)
    queue = pathlib.Path("/tmp/queue")
    queue.write_text(QUEUE)
    queue.chmod(0o755)
    os.umask(0o022)
    play = globals()[sys.argv[1].replace("-", "_")]
    results = [[steady(part) for part in play(*case)] for case in json.load(sys.stdin)]
    json.dump(results, sys.stdout)


main()
