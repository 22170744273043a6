"""An SMTP server that takes what the sender (sender.py) made, and notes in a file each message before it answers for it: its two numbers, and
whether it came whole. Whose sender wishes to be told is refused for ever. taker.py FILE"""

import re
import socketserver
import sys
import threading

from sender import body, wishes

noted = threading.Lock()


def answer(text):
    found = re.search(r"^Subject: (\w+)/(\d+)$", text, re.M)
    if not found:
        return "451 no subject"
    seed, number = found.group(1), int(found.group(2))
    if wishes(number):
        return "554 not this one"
    with noted, open(sys.argv[1], "a") as out:
        out.write(f"{seed} {number} {'whole' if text.endswith(body(seed, number)) else 'torn'}\n")
    return "250 ok"


class Session(socketserver.StreamRequestHandler):
    def data(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise ConnectionError
            lines.append(line[line.startswith(b"."):].replace(b"\r\n", b"\n"))
        return b"".join(lines).decode()

    def handle(self):
        self.say("220 taker")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                self.say(answer(self.data()))
            else:
                self.say("250 ok")
            if verb == b"QUIT":
                return

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def handle_error(self, request, client_address):
        """Who goes away in the midst of a message does so often."""


with Server(("", 25), Session) as server:
    print("ready", flush=True)
    server.serve_forever()
