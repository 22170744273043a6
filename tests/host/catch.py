#!/usr/bin/python3
"""A queue program that keeps the last message: QMAILQUEUE=/usr/local/lib/mailtree-test/catch.

Writes $CATCH_DIR/message and $CATCH_DIR/envelope (default /tmp/catch) when both came complete, then
exits 0, or with the number in $CATCH_DIR/exit; text in $CATCH_DIR/text goes to descriptor 6."""

import os
import sys


def read_all(fd):
    blocks = []
    while True:
        block = os.read(fd, 65536)
        if not block:
            return b"".join(blocks)
        blocks.append(block)


def main():
    place = os.environ.get("CATCH_DIR", "/tmp/catch")
    message = read_all(0)
    envelope = read_all(1)
    if not envelope.endswith(b"\0\0"):
        return 54
    exit_file = os.path.join(place, "exit")
    if os.path.exists(exit_file):
        with open(exit_file) as f:
            code = int(f.read())
        text_file = os.path.join(place, "text")
        if os.path.exists(text_file):
            with open(text_file, "rb") as f:
                os.write(6, f.read())
        return code
    os.makedirs(place, exist_ok=True)
    for name, content in (("message", message), ("envelope", envelope)):
        with open(os.path.join(place, name), "wb") as f:
            f.write(content)
    return 0


sys.exit(main())
