"""A DNS server for one test host: answers from a JSON zone that is read anew for each question."""

import ipaddress
import json
import selectors
import socket
import struct
import sys
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
WITHOUT_EDNS = {"FORMERR_EDNS": 1, "SERVFAIL_EDNS": 2, "NOTIMP_EDNS": 4, "REFUSED_EDNS": 5}
UDP_ROOM = 512
SLOW_SECONDS = 1.5      # of a name marked SLOW


def pack_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def read_name(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    return ".".join(labels).lower(), at + 1


def pack_data(kind, value):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind == "MX":
        preference, name = value.split(None, 1) if " " in value else (value, ".")
        return struct.pack("!H", int(preference)) + pack_name(name)
    if kind == "TXT":
        text = value.encode()
        return b"".join(bytes([len(text[i:i + 255])]) + text[i:i + 255] for i in range(0, len(text), 255))
    return pack_name(value)


def records_for(zone, name, kind):
    """Records to answer with, following CNAMEs, and whether the name exists."""
    found, exists = [], name in zone
    for _ in range(8):
        records = [r.split(None, 1) for r in zone.get(name, []) if " " in r]
        found += [(name, k, v) for k, v in records if k == kind]
        alias = [v for k, v in records if k == "CNAME"]
        if not alias or kind == "CNAME":
            break
        found.append((name, "CNAME", alias[0]))
        name = alias[0].lower().rstrip(".")
        exists = name in zone
    return found, exists


def answer(packet, zone, over_udp):
    number, flags = struct.unpack("!HH", packet[:4])
    name, at = read_name(packet, 12)
    kind_number = struct.unpack("!H", packet[at:at + 2])[0]
    question = packet[12:at + 4]
    kind = next((k for k, v in TYPES.items() if v == kind_number), "?")
    marks = [r for r in zone.get(name, []) if " " not in r]
    with_edns = packet[10:12] != b"\0\0"
    if "SILENT" in marks or with_edns and "DROPS_EDNS" in marks:
        return None
    found, exists = records_for(zone, name, kind)
    code = SERVFAIL if "SERVFAIL" in marks else NOERROR if exists or found else NXDOMAIN
    if with_edns:
        code = next((WITHOUT_EDNS[mark] for mark in marks if mark in WITHOUT_EDNS), code)
    body = b"".join(pack_name(n) + struct.pack("!HHIH", TYPES[k], 1, 60, len(pack_data(k, v))) + pack_data(k, v)
                    for n, k, v in found)
    cut = over_udp and (len(body) > UDP_ROOM or "BIG" in marks)
    reply_flags = 0x8480 | (flags & 0x0100) | (0x0200 if cut else 0) | code
    count = 0 if cut or code else len(found)
    return struct.pack("!HHHHHH", number, reply_flags, 1, count, 0, 0) + question + (b"" if not count else body)


def serve(zone_file):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    udp.bind(("127.0.0.1", 53))
    tcp.bind(("127.0.0.1", 53))
    tcp.listen(20)
    ready = selectors.DefaultSelector()
    ready.register(udp, selectors.EVENT_READ)
    ready.register(tcp, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in ready.select():
            with open(zone_file) as f:
                zone = json.load(f)
            if key.fileobj is udp:
                packet, peer = udp.recvfrom(4096)
                reply = answer(packet, zone, True)
                slow = "SLOW" in zone.get(read_name(packet, 12)[0], [])
                if reply:
                    threading.Timer(SLOW_SECONDS * slow, udp.sendto, (reply, peer)).start()
            else:
                connection, _ = tcp.accept()
                with connection:
                    connection.settimeout(2)
                    size = struct.unpack("!H", connection.recv(2))[0]
                    reply = answer(connection.recv(size), zone, False)
                    if reply:
                        connection.sendall(struct.pack("!H", len(reply)) + reply)


if __name__ == "__main__":
    serve(sys.argv[1])
