"""Reading and making queue files from outside."""

import pathlib
import struct
import zlib

QUEUE = "/var/qmail/queue"
FOOTER = 64
NEVER = 2**63 - 1
DUE_NEVER = 2**34 - 1


def plan_of(due, birth, held, fingerprint, channel):
    """The number of a plan that checks itself (queue_plan.h)."""
    if not due and not held:
        return 0
    hours = max(0, due - birth) // 3600 if due != NEVER else 0
    number = (DUE_NEVER if due == NEVER else due) | min(hours, 8191) << 34 | held << 47
    check = zlib.crc32(struct.pack("<Q", number), (fingerprint + channel) & 0xffffffff) & 0x3fff
    return number | check << 48 | 1 << 62


def plan_read(number, fingerprint, channel):
    """Due and held."""
    if number >> 62 != 1 or number == NEVER:
        return number & NEVER, bool(number >> 63)
    due, held = number & DUE_NEVER, bool(number >> 47 & 1)
    check = zlib.crc32(struct.pack("<Q", number & (1 << 48) - 1), (fingerprint + channel) & 0xffffffff) & 0x3fff
    assert check == number >> 48 & 0x3fff, "a damaged plan"
    return NEVER if due == DUE_NEVER else due, held


def plans_of(content):
    """The due times of a file, and whether it is held."""
    fingerprint, local, remote = struct.unpack("<IQQ", content[-20:])
    local, held = plan_read(local, fingerprint, 0)
    remote, held_too = plan_read(remote, fingerprint, 1)
    return local, remote, held or held_too


class Message:
    """One file of the queue, taken apart by the layout of queue_message.h."""

    def __init__(self, path):
        self.id = int(path.name)
        self.path = path
        data = path.read_bytes()
        footer = data[-FOOTER:]
        (magic, version, message_crc, message_len, envelope_len, self.birth, envelope_crc, footer_crc,
         _, _) = struct.unpack("<8sIIQQQIIQQ", footer)
        self.due_local, self.due_remote, self.held = plans_of(data)
        assert (magic, version) == (b"mailtree", 1), path
        assert zlib.crc32(footer[:44]) == footer_crc
        assert len(data) == message_len + envelope_len + FOOTER
        self.text, envelope = data[:message_len], data[message_len:-FOOTER]
        assert zlib.crc32(self.text) == message_crc
        assert envelope.endswith(b"\0")
        records = [(r[:1].decode(), r[1:]) for r in envelope[:-1].split(b"\0")]
        undone = b"".join((b"T" if k in "DK" else k.encode()) + v + b"\0" for k, v in records)
        assert zlib.crc32(undone) == envelope_crc
        self.records = [("D" if k == "K" else k, v) for k, v in records if k not in "vz"]

    def of(self, letter):
        return [text for k, text in self.records if k == letter]

    def recipients(self):
        return [(k, text.decode()) for k, text in self.records if k in "TD"]


def is_spare(path):
    """Or it is gone meanwhile."""
    try:
        return path.read_bytes()[-FOOTER:-FOOTER + 8] == b"mailfree"
    except FileNotFoundError:
        return True


def mess_files(host):
    """Every file below mess, whatever its name, but for spare ones."""
    return sorted(p for p in pathlib.Path(host.path(QUEUE + "/mess")).rglob("*") if not p.is_dir() and not is_spare(p))


def spare_files(host):
    return sorted(p for p in pathlib.Path(host.path(QUEUE + "/mess")).rglob("*") if p.is_file() and is_spare(p) and p.exists())


def messages(host):
    return [Message(p) for p in mess_files(host)]


def only(host):
    found = messages(host)
    assert len(found) == 1, found
    return found[0]
