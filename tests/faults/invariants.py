"""What must be true whatever fails. Each function returns the complaints it has; none is good.

  1. "Done" (exit 0, 250, K, +) is said if and only if the message is on its new place, durable and whole.
  2. Otherwise nothing is to be seen there, but after a kill, when nobody was told anything: all of it or nothing.
  3. Trouble of our own machine never refuses for good: no exit 100, no 5xx, no D, no bounce.
  4. No process and no descriptor stays behind.
  5. The next message, without a fault, goes its way; so does the one that met the fault.
"""

import pathlib
import subprocess

from tests.queue.queue_files import QUEUE, Message, is_spare

TEMPORARY = 111


def in_queue(host, text, recipients):
    """(messages in the queue, complaints): every name below mess/ must lead to this message, whole."""
    found, wrong = 0, []
    for path in pathlib.Path(host.path(QUEUE + "/mess")).rglob("*"):
        if path.is_dir() or is_spare(path):
            continue
        try:
            message = Message(path)
        except (AssertionError, ValueError) as broken:
            wrong.append(f"{path.name} in the queue is torn: {broken}")
            continue
        found += 1
        if not message.text.endswith(text):
            wrong.append(f"message {path.name} is not what was sent")
        if [to for _, to in message.recipients()] != recipients:
            wrong.append(f"message {path.name} is for {message.recipients()}")
    if found > 1:
        wrong.append(f"{found} messages out of one")
    return found, wrong


def in_maildir(directory, text):
    """(messages, complaints): new/ holds whole messages, tmp/ nothing, and nothing is elsewhere."""
    wrong = []
    new = list((directory / "new").iterdir())
    for message in new:
        if not message.read_bytes().endswith(text):
            wrong.append(f"{message.name} in new/ is torn")
    if len(new) > 1:
        wrong.append(f"{len(new)} messages out of one")
    return len(new), wrong


def in_mbox(before, after, text, killed):
    """(messages, complaints): the old content and either nothing or the whole message. Only a kill may leave a part,
    which an mbox cannot hide; the next message must then still begin on a line of its own."""
    if after[:len(before)] != before:
        return 0, ["the old content of the mbox is harmed"]
    added = after[len(before):]
    whole = added.startswith(b"From ") and added.endswith(text + b"\n")
    torn = bool(added) and not whole
    return int(whole), ["the mbox holds a part of a message"] if torn and not killed else []


def after_a_torn_mbox(torn, after, text):
    """Rule 5 for an mbox: behind a part that a kill left, the next message is whole and begins on its own line."""
    if after[:len(torn)] != torn:
        return ["the old content of the mbox is harmed"]
    added = after[len(torn):] if torn.endswith(b"\n") else after[len(torn) + 1:]
    apart = after[len(after) - len(added) - 1:][:1] == b"\n"
    whole = added.startswith(b"From ") and added.endswith(text + b"\n")
    return [] if apart and whole else ["behind a torn message the next one does not begin on its own line"]


def verdict(told, found, silent):
    """Rules 1 and 2: what was told against what is there; silent when a death left the asker without an answer."""
    if told and not found:
        return ["told that it is done, but nothing is there"]
    if not told and found and not silent:
        return ["told that it failed, but the message is there"]
    return []


def replaced(path, old, new, done, killed):
    """The same for a file that is replaced: it is the old one or the new one, whole, and nothing is left beside it. When the
    disk did not take the name for sure, the new one may be there and the program have failed."""
    is_now = path.read_bytes() if path.exists() else None
    wrong = [] if is_now in (old, new) else [f"{path.name} is neither the old nor the new one"]
    wrong += ["told that it is done, but it is the old one"] if done and is_now != new else []
    rest = [p.name for p in path.parent.iterdir() if p.suffix == ".tmp"]
    return wrong + ([] if killed else [f"{name} is left" for name in rest])


def queue_exit(code):
    """Rule 3 for qmail-queue, whose codes 11 to 40 and 115 refuse for good."""
    return [f"exit {code} refuses for good"] if 11 <= code <= 40 or code == 115 else []


def local_exit(code, killed):
    """Rule 3 for qmail-local. 127 is the dynamic loader's, which qmail-lspawn understands as later."""
    return [] if code in (0, TEMPORARY, 127) or killed else [f"exit {code} where only 0 and 111 may be"]


def smtp_replies(replies):
    """Rule 3 for SMTP: none says 5xx; an empty one is a connection that was closed."""
    return [f"reply {line!r}" for line in replies if line and line[:1] not in (b"2", b"3", b"4")]


def processes(host, but=()):
    """Rule 4: names of our processes that live in the host."""
    ours = []
    for comm in pathlib.Path(host.path("/proc")).glob("[0-9]*/comm"):
        try:
            name = comm.read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name.startswith("qmail-") and name not in but:
            ours.append(name)
    return [f"{name} lives on" for name in ours]


def descriptors(host, pid):
    """The open descriptors of a process of the host, to be compared before and after; none when it is gone."""
    try:
        return sorted(int(fd.name) for fd in pathlib.Path(host.path(f"/proc/{pid}/fd")).iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []


def nothing_aside(host):
    """Rule 3 for the queue: no failure text and no file taken for damaged."""
    return [f"{path.parent.name}/{path.name} is there"
            for place in ("bounce", "success", "corrupt") for path in pathlib.Path(host.path(f"{QUEUE}/{place}")).iterdir()]


def service_ends(host, server, name, how="-x", seconds=10):
    """It is told to go as svc -d tells it; pkill finds it how. So many seconds its last answer may take."""
    host.sh(f"pkill {how} {name}", check=False)
    try:
        server.wait(seconds)
        return []
    except subprocess.TimeoutExpired:
        host.sh(f"pkill -9 {how} {name}", check=False)
        server.wait(10)
        return ["it does not end when it is told to"]
