"""An SMTP server that behaves as it is told: smtp_server.py ADDRESS PORT LOG, the behaviour as JSON on stdin.

The behaviour maps "greeting", "EHLO", "HELO", "RSET", "MAIL", "RCPT", "DATA", "BODY" (the line with the dot) and "QUIT" to what is
answered: a text, or a list of which the nth connection or recipient gets the nth (the last one again and again). A text
gets CR LF unless it ends in a newline; "" is no answer at all. Special:

    CLOSE       hang up           TEXT CLOSE  answer, then hang up
    RESET       the same, rudely  DRIBBLE     a byte of an endless line each tenth of a second
    FLOOD       an endless line   LINES       an endless reply

An object maps recipients to answers, "" is any other. "again": {"RCPT": 0.3} says each answer to RCPT a second time, so many
seconds later (0: together). "wait": {"greeting": 7} waits so many seconds with it.

"by_transaction": true counts transactions on all connections instead of connections and recipients.
"most": [N, TEXT] takes N recipients in a transaction.
"certificate": FILE is what it shows after STARTTLS was answered by 220, or, with "implicit": true, before the greeting; the answers
within may have names of their own, as "EHLO within". "broken": true shakes no hands but sends plain text, "hangs": true sends nothing.
"AUTH": a list of answers, one after the other, to the command and the lines behind it; or "SCRAM" and a password.
"early": N answers BODY after N bytes of it and hangs up. "narrow": true takes little at a time, "sips": true no more than a kilobyte of a
message in a second. Each connection writes a JSON line to LOG: what was received,
how many reads it took, and from which address it came."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import struct
import sys
import threading
import time

USUAL = {
    "greeting": "220 mx.example.net ESMTP", "EHLO": "250 mx.example.net", "HELO": "250 mx.example.net", "MAIL": "250 sender ok",
    "RCPT": "250 recipient ok", "DATA": "354 go ahead", "BODY": "250 ok 1234 qp 5678", "QUIT": "221 bye",
}


class Gone(Exception):
    pass


class Connection:
    def __init__(self, connection, behaviour, number, log):
        self.connection, self.behaviour, self.number, self.log = connection, {**USUAL, **behaviour}, number, log
        self.buffer, self.heard, self.reads, self.taken = b"", b"", 0, 0
        self.within, self.peer = False, connection.getpeername()[0]

    def hold(self):
        try:
            if self.behaviour.get("implicit"):
                self.shake_hands()
            self.answer("greeting", self.number)
            self.commands()
        except (Gone, OSError):
            pass
        finally:
            with self.log["lock"], open(self.log["file"], "a") as f:
                f.write(json.dumps({"number": self.number, "heard": self.heard.decode("latin-1"), "reads": self.reads,
                                    "peer": self.peer}) + "\n")
            self.connection.close()

    def more(self, most=65536):
        data = self.connection.recv(most)
        if not data:
            raise Gone
        self.reads += 1
        self.buffer += data
        self.heard += data

    def line(self):
        while b"\n" not in self.buffer:
            self.more()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("latin-1")

    def commands(self):
        recipients = 0
        while True:
            line = self.line()
            verb = "STARTTLS" if line.upper() == "STARTTLS" else line[:4].upper()
            self.argument = line.partition("<")[2].partition(">")[0]
            if verb == "MAIL":
                self.log["transactions"] += 1
            if verb == "MAIL":
                self.taken = 0
            if verb == "AUTH":
                self.log_in(line)
                continue
            self.answer(verb, recipients if verb == "RCPT" else self.number)
            recipients += verb == "RCPT"
            self.taken += verb == "RCPT" and self.said.startswith("2")
            if verb == "QUIT":
                raise Gone
            if verb == "STARTTLS" and self.said.startswith("220"):
                self.shake_hands()
            if verb == "DATA" and self.said.startswith("3"):
                self.body()

    def log_in(self, line):
        if self.behaviour["AUTH"][0] == "SCRAM":
            return self.scram(line, self.behaviour["AUTH"][1].encode())
        for answer in self.behaviour["AUTH"]:
            self.say(answer)
            if not answer.startswith("334"):
                return
            self.line()

    def challenge(self, text):
        self.say("334 " + base64.b64encode(text).decode())
        return base64.b64decode(self.line())

    def scram(self, line, password):
        """Of RFC 7677, with a salt that is always the same."""
        first = base64.b64decode(line.split()[2]).removeprefix(b"n,,")
        nonce, salt = first.partition(b",r=")[2] + b"server", b"salt" * 4
        said = b"r=" + nonce + b",s=" + base64.b64encode(salt) + b",i=4096"
        last, _, proof = self.challenge(said).partition(b",p=")
        salted = hashlib.pbkdf2_hmac("sha256", password, salt, 4096)
        exchange = b",".join([first, said, last])
        key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), exchange, "sha256")
        if base64.b64decode(proof) != bytes(a ^ b for a, b in zip(key, signature)):
            return self.say("535 5.7.8 wrong")
        self.challenge(b"v=" + base64.b64encode(hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), exchange, "sha256")))
        self.say("235 2.7.0 welcome")

    def shake_hands(self):
        if self.behaviour.get("hangs"):
            time.sleep(600)
        if self.behaviour.get("broken"):
            self.connection.recv(1)
            self.say("500 what?")
            raise Gone
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.behaviour["certificate"])
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.within, self.buffer = True, b""
        self.heard += b"(TLS)\r\n"

    def body(self):
        early = self.behaviour.get("early")
        while not ("\r\n" + self.buffer.decode("latin-1")).count("\r\n.\r\n"):
            if early is not None and len(self.buffer) >= early:
                self.say(self.choice("BODY", self.number))
                raise Gone
            self.more(100 if self.behaviour.get("sips") else 65536)
            time.sleep(0.1 if self.behaviour.get("sips") else 0)
        end = (b"\r\n" + self.buffer).index(b"\r\n.\r\n")
        self.buffer = self.buffer[end + 3:]
        self.answer("BODY", self.number)

    def choice(self, what, n):
        answers = self.behaviour.get(what, "500 what?")
        if self.within:
            answers = self.behaviour.get(what + " within", answers)
        if what == "RCPT" and "most" in self.behaviour and self.taken >= self.behaviour["most"][0]:
            return self.behaviour["most"][1]
        if isinstance(answers, dict):
            return answers.get(self.argument, answers[""])
        if self.behaviour.get("by_transaction") and what in ("MAIL", "RCPT", "DATA", "BODY"):
            n = self.log["transactions"] - 1
        return answers if isinstance(answers, str) else answers[min(n, len(answers) - 1)]

    def say(self, text, what=""):
        self.said = text
        if not text:
            return
        data = (text if text.endswith("\n") else text + "\r\n").encode("latin-1")
        again = self.behaviour.get("again", {}).get(what)
        self.connection.sendall(data * 2 if again == 0 else data)
        if again:
            threading.Timer(again, self.say_once_more, [data]).start()

    def say_once_more(self, data):
        try:
            self.connection.sendall(data)
        except OSError:
            pass

    def answer(self, what, n):
        text = self.choice(what, n)
        time.sleep(self.behaviour.get("wait", {}).get(what, 0))
        if text == "RESET":
            time.sleep(0.2)     # not while the other side is still connecting
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise Gone
        if text in ENDLESS:
            pause, piece = ENDLESS[text]
            while True:
                self.connection.sendall(piece)
                time.sleep(pause)
        if text.endswith("CLOSE"):
            self.say(text[:-5].rstrip(" "))
            raise Gone
        self.say(text, what)


ENDLESS = {"DRIBBLE": (0.1, b"2"), "FLOOD": (0, b"250-" + b"x" * 60000), "LINES": (0, b"250-x\r\n" * 1000)}


def main():
    address, port, log = sys.argv[1:]
    behaviour = json.load(sys.stdin)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.create_server((address, int(port)), family=family)
    if behaviour.get("narrow"):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    print("ready", flush=True)
    shared = {"file": log, "lock": threading.Lock(), "transactions": 0}
    number = 0
    while True:
        connection, _ = server.accept()
        threading.Thread(target=Connection(connection, behaviour, number, shared).hold, daemon=True).start()
        number += 1


main()
