"""An SMTP server that keeps to the letter of RFC 5321 and every byte it hears: what a hidden second message would show in."""

import socket
import threading

from .client import inside


class StrictSink:
    def __init__(self, host, port=2525):
        self.messages, self.trouble = [], []        # (envelope commands, DATA up to and with the last dot line)
        self.server = inside(host, lambda: socket.create_server(("127.0.0.1", port), backlog=100))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection = self.server.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.converse, args=(connection,), daemon=True).start()

    def converse(self, connection):
        connection.settimeout(60)
        with connection, connection.makefile("rwb") as stream:
            self.say(stream, b"220 sink.example ESMTP")
            commands = []
            while line := self.until(stream, b"\r\n"):
                verb = line[:4].upper()
                commands.append(line)
                if verb == b"DATA":
                    self.say(stream, b"354 go ahead")
                    data = self.until(stream, b"\r\n.\r\n", begin=b"\r\n")
                    self.messages.append((commands, data))
                    commands = []
                    self.say(stream, b"250 taken")
                elif verb in (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"QUIT"):
                    self.say(stream, b"250 ok")
                else:
                    self.trouble.append(line)
                    self.say(stream, b"500 what?")
                if verb == b"QUIT":
                    return

    @staticmethod
    def say(stream, text):
        stream.write(text + b"\r\n")
        stream.flush()

    @staticmethod
    def until(stream, end, begin=b""):
        text = begin
        while not text.endswith(end):
            line = stream.readline()
            if not line:
                return b""
            text += line
        return text[len(begin):]

    def close(self):
        self.server.close()
