"""Reading and making queue files from outside."""

import pathlib
import struct
import zlib

QUEUE = "/var/qmail/queue"
FOOTER = 64


class Message:
    """One file of the queue, taken apart by the layout of queue_message.h."""

    def __init__(self, path):
        self.id = int(path.name)
        self.path = path
        data = path.read_bytes()
        footer = data[-FOOTER:]
        (magic, version, message_crc, message_len, envelope_len, self.birth, envelope_crc, footer_crc,
         self.due_local, self.due_remote) = struct.unpack("<8sIIQQQIIQQ", footer)
        assert (magic, version) == (b"mailtree", 1), path
        assert zlib.crc32(footer[:44]) == footer_crc
        assert len(data) == message_len + envelope_len + FOOTER
        self.text, envelope = data[:message_len], data[message_len:-FOOTER]
        assert zlib.crc32(self.text) == message_crc
        assert envelope.endswith(b"\0")
        self.records = [(r[:1].decode(), r[1:]) for r in envelope[:-1].split(b"\0")]
        undone = b"".join((b"T" if k == "D" else k.encode()) + v + b"\0" for k, v in self.records)
        assert zlib.crc32(undone) == envelope_crc

    def of(self, letter):
        return [text for k, text in self.records if k == letter]

    def recipients(self):
        return [(k, text.decode()) for k, text in self.records if k in "TD"]


def mess_files(host):
    """Every file below mess, whatever its name."""
    return sorted(p for p in pathlib.Path(host.path(QUEUE + "/mess")).rglob("*") if not p.is_dir())


def messages(host):
    return [Message(p) for p in mess_files(host)]


def only(host):
    found = messages(host)
    assert len(found) == 1, found
    return found[0]
