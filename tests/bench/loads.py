"""The loads: each drives one system once and says what it saw, as {measure: value}."""

import dataclasses
import json
import os
import re
import statistics
import subprocess
import time
import typing

from tests.host import eventually
from tests.vdomains.conftest import crypt

from . import meters
from .systems import DOMAIN, EACH, FAR, PASSWORD, SENDERS, USERS, VIRTUAL

KEPT, FRESH = True, False
RATIO, OURS = "ratio to Postfix", "our own figure"
LASTING = int(os.environ.get("BENCH_LASTING") or 200000)


class Bill:
    """What the machine spent between two moments, per message."""

    def __init__(self, bench, system):
        self.bench, self.system = bench, system
        self.before = self._read()

    def _read(self):
        served, loaded = self.system.group.seconds(), self.bench.group.seconds()
        return served, meters.machine_seconds() - served - loaded - time.process_time(), meters.flushes(self.bench.disk)

    def per_message(self, messages):
        served, rest, flushes = (None if new is None else (new - old) / messages
                                 for new, old in zip(self._read(), self.before))
        bill = {"CPU ms/msg": served * 1000}
        # Without groups the load generators are not told from the rest.
        bill.update({"rest of machine, CPU ms/msg": rest * 1000} if self.bench.group.place else {})
        bill.update({"disk flushes/msg": flushes} if flushes is not None else {})
        return bill


def finish(processes):
    for process in processes:
        _, trouble = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{process.args}: {trouble}")


def wait_for_mail(system, messages, begun):
    """When the last one came, in seconds after begun: by the time its file got its name."""
    if not eventually(lambda: len(system.arrived()) >= messages, 300, every=0.02):
        raise TimeoutError(f"{system.name}: {len(system.arrived())} of {messages} arrived")
    return max(file.stat().st_ctime for file in system.arrived()) - begun


def deliver(system, start, messages):
    """Runs the clients that start() returns; seconds until all was accepted, and until all was delivered."""
    system.forget_arrived()
    os.sync()
    begun = time.time()
    finish(start())
    accepted = time.time() - begun
    return accepted, wait_for_mail(system, messages, begun)


def to_maildirs(bench, system, start, messages):
    bill = Bill(bench, system)
    accepted, delivered = deliver(system, start, messages)
    system.at_rest()
    return {"accepted/s": messages / accepted, "delivered/s": messages / delivered, **bill.per_message(messages)}


def sources(system, messages, sessions, kept, size, boxes=len(USERS)):
    """Up to ten smtp-source side by side, each for a user of its own, or all for as many as there are boxes."""
    share = min(sessions, len(USERS))
    return [system.source(f"{USERS[i % boxes]}@{DOMAIN}", messages // share, sessions // share, kept, size) for i in range(share)]


def inward(bench, system, messages, sessions, kept, size=4096, boxes=len(USERS)):
    messages -= messages % min(sessions, len(USERS))
    return to_maildirs(bench, system, lambda: sources(system, messages, sessions, kept, size, boxes), messages)


def rate_between(moments, begin, end):
    return sum(begin <= moment < end for moment in moments) / (end - begin)


def lasting(bench, system, messages, sessions):
    """As inward, for minutes. Nobody looks into the Maildirs meanwhile: they grow large."""
    system.forget_arrived()
    os.sync()
    bill, begun = Bill(bench, system), time.time()
    finish(sources(system, messages, sessions, KEPT, 4096))
    accepted = time.time() - begun
    if not eventually(system.is_empty, 60 + messages / 100, every=1):
        raise TimeoutError(f"{system.name}: the queue does not become empty")
    cost = bill.per_message(messages)
    moments = [file.stat().st_ctime - begun for file in system.arrived()]
    window = min(60, accepted / 3)
    first, last = rate_between(moments, 0, window), rate_between(moments, accepted - window, accepted)
    system.forget_arrived()
    return {"messages": messages, "accepted/s": messages / accepted, "delivered/s": len(moments) / max(moments), "first minute, delivered/s": first,
            "last minute, delivered/s": last, "last of first": last / first, **cost}


def netmail(bench, system, protocol, messages, sessions):
    """By QMTP, many messages on a connection, or QMQP, one. Postfix takes no QMTP."""
    if system.name == "Postfix":
        return {}
    system.have_netmail()
    return to_maildirs(bench, system, lambda: [
        system.client(protocol, f"{user}@{DOMAIN}", messages // sessions, stderr=subprocess.PIPE) for user in USERS[:sessions]], messages)


def inward_tls(bench, system, messages, sessions, how, login=False):
    """On port 25 from anybody, or on 587 from one who logs in."""
    system.have_tls()
    share = min(sessions, len(USERS))
    messages -= messages % share
    port, sender, known = (587, f"{USERS[0]}@{DOMAIN}", (USERS[0], PASSWORD)) if login else (25, "sender@example.net", ())
    return to_maildirs(bench, system, lambda: [
        system.tls_source(port, how, sessions // share, messages // share, sender, f"{user}@{DOMAIN}", *known)
        for user in USERS[:share]], messages)


def wait_for_virtual_mail(system, messages, begun):
    """Who looks into a thousand Maildirs again and again takes part in the race: first the queue has to be empty."""
    if not eventually(system.is_empty, 300, every=0.02) or not eventually(lambda: len(system.arrived_virtual()) >= messages, 300):
        raise TimeoutError(f"{system.name}: {len(system.arrived_virtual())} of {messages} arrived")
    return max(file.stat().st_ctime for file in system.arrived_virtual()) - begun


def virtual(bench, system, messages, sessions, kept=True):
    """To each of a thousand users of one domain; and, just before, to the usual ten accounts."""
    system.have_virtual()
    plain = inward(bench, system, messages, sessions, kept)
    for file in system.arrived_virtual():
        file.unlink()
    os.sync()
    share = min(messages // SENDERS, EACH)
    bill, begun = Bill(bench, system), time.time()
    finish([system.source(f"v{i}@{VIRTUAL}", share, sessions // SENDERS, kept, numbered=True) for i in range(SENDERS)])
    delivered = share * SENDERS / wait_for_virtual_mail(system, share * SENDERS, begun)
    system.at_rest()
    return {"delivered/s": delivered, "of the rate to accounts": delivered / plain["delivered/s"],
            **bill.per_message(share * SENDERS)}


def virtual_by_sql(bench, system, **arguments):
    system.have_virtual()
    with system.database():
        return virtual(bench, system, **arguments)


def submitted(bench, system, messages):
    system.host.write("/run/message", "Subject: submitted\n\n" + ("x" * 71 + "\n") * 56)
    share = messages // len(USERS)
    return to_maildirs(bench, system, lambda: [system.submit(user, share) for user in USERS], share * len(USERS))


def outward(bench, system, messages, sessions, recipients=1):
    sink = bench.sink
    os.sync()
    sessions_before, transactions_before = sink.sessions, sink.transactions
    bill = Bill(bench, system)
    begun = time.time()
    finish([system.source(f"someone@{FAR}", messages, sessions, KEPT, recipients=recipients)])
    if not eventually(system.is_empty, 300, every=0.02):
        raise TimeoutError(f"{system.name}: the queue does not become empty")
    seconds, cost = sink.changed - begun, bill.per_message(messages)
    sink.at_rest()
    seen = {"connections": sink.sessions - sessions_before, "transactions": sink.transactions - transactions_before}
    if recipients > 1:
        return {"seconds": seconds, **seen, "CPU ms": cost["CPU ms/msg"]}
    return {"delivered/s": messages / seconds, **seen, **cost}


def to_a_list(bench, system, subscribers):
    """One post to all who are on a list, each with a sender of his own (VERP), from the command that sends it to the last transaction."""
    sink = bench.sink
    system.have_list([f"user{number}@{FAR}" for number in range(subscribers)])
    os.sync()
    sessions_before, wanted = sink.sessions, sink.transactions + subscribers
    bill, begun = Bill(bench, system), time.time()
    sending = system.post()
    peaks = meters.peaks(system.group, lambda: sink.transactions >= wanted or sending.poll(), 3600)
    finish([sending])
    if sink.transactions < wanted:
        raise TimeoutError(f"{system.name}: {wanted - sink.transactions} of {subscribers} did not arrive")
    seconds, cost = sink.changed - begun, bill.per_message(1)
    system.at_rest()
    sink.at_rest()
    peaks |= system.peak_of_post()
    return {"seconds": seconds, "recipients/s": subscribers / seconds, "connections": sink.sessions - sessions_before,
            "CPU ms": cost["CPU ms/msg"], **{f"{name}, MiB": peaks[name] for name in system.list_programs if name in peaks}}


def outward_tls(bench, system, **arguments):
    system.have_tls()
    bench.sink.stop()
    bench.sink.start(tls=True)
    try:
        return outward(bench, system, **arguments)
    finally:
        bench.sink.stop()
        bench.sink.start()


def fetched(bench, system, messages):
    """POP3: Postfix has none."""
    if system.name == "Postfix":
        return {}
    user, password = "reader", "correct horse"
    if system.host.sh(f"id {user}", check=False).returncode:
        system.host.user(user, password)
    place = system.disk / "home" / user / "Maildir"
    system.host.sh(f"rm -rf ~{user}/Maildir/new/* ~{user}/Maildir/cur")
    system.host.sh(f"mkdir ~{user}/Maildir/cur")
    for i in range(messages):
        (place / "new" / f"1700000000.{i}.bench").write_bytes(b"Subject: x\n\n" + (b"x" * 71 + b"\n") * 56)
    system.host.sh(f"chown -R {user}: ~{user}/Maildir")
    os.sync()
    bill = Bill(bench, system)
    client = system.client("pop3", user, password, messages)
    seconds = float(client.communicate()[0])
    return {"messages/s": messages / seconds, **bill.per_message(messages)}


def hash_ms(stored, times=5):
    """CPU of one verification of a password, as the C library has it."""
    begun = time.process_time()
    for _ in range(times):
        crypt(PASSWORD, stored)
    return (time.process_time() - begun) / times * 1000


def logins(bench, system, count, sessions):
    """POP3: each time another virtual user. Postfix has none."""
    if system.name == "Postfix":
        return {}
    system.have_virtual()
    names = [f"{name}@{VIRTUAL}" for name in system.virtual_names()[:count]]
    bill, begun = Bill(bench, system), time.time()
    finish([system.client("logins", PASSWORD, *names[i::sessions], stderr=subprocess.PIPE) for i in range(sessions)])
    seconds = time.time() - begun
    return {"logins/s": count / seconds, "CPU ms/login": bill.per_message(count)["CPU ms/msg"],
            "of it a hash, ms": hash_ms(system.stored_hash())}


def idle(bench, system, connections, tls=False):
    """Private memory of connections that have been greeted, in TLS or not, and say nothing."""
    if tls:
        system.have_tls()
    system.stop()
    system.allow_connections(connections + 100)
    system.start()
    before = system.group.private_bytes()
    client = system.tls_idle(connections) if tls else system.client("idle", connections, stdin=-1)
    try:
        if client.stdout.readline() != "ready\n":
            raise RuntimeError(f"{system.name} does not greet {connections} connections")
        time.sleep(1)
        return {"private KiB/connection": (system.group.private_bytes() - before) / connections / 1024}
    finally:
        client.communicate()
        system.stop()
        system.allow_connections(100)
        system.start()


def backlog(bench, system, messages, new):
    """Mail for a host that is down; then new mail, a restart, and the host comes up. New mail without a backlog is
    measured before and after: a machine is not equally fast all the time."""
    sink = bench.sink
    before = new_mail(bench, system, new)
    system.at_rest()
    sink.stop()
    try:
        finish([system.source(f"someone@{FAR}", messages, 10, KEPT)])
        system.at_rest()
        meanwhile = new_mail(bench, system, new)
        system.at_rest()
        started = {"start-up s": start_up(system), "private MiB": system.group.private_bytes() / 2**20}
    finally:
        sink.start()
    drained = drain(bench, system, messages)
    after = new_mail(bench, system, new)
    system.at_rest()
    rate, cost = [during / statistics.mean(without) for during, *without in zip(meanwhile, before, after)]
    return {"new mail/s meanwhile": meanwhile[0], "of the rate without": rate, "new mail, CPU ms/msg": meanwhile[1],
            "of the CPU without": cost, **started, **drained}


def new_mail(bench, system, messages, times=3):
    """Medians of rate and CPU, since one ratio of two single runs says nothing; the first time is for warming up."""
    found = []
    for _ in range(times + 1):
        bill = Bill(bench, system)
        _, delivered = deliver(system, lambda: sources(system, messages, 10, KEPT, 4096), messages)
        found.append((messages / delivered, bill.per_message(messages)["CPU ms/msg"]))
    return [statistics.median(column) for column in zip(*found[1:])]


def start_up(system):
    """Seconds from a cold start to the delivery of a message."""
    system.stop()
    system.forget_arrived()
    begun = time.time()
    system.start()
    finish([system.source(f"{USERS[0]}@{DOMAIN}", 1)])
    return wait_for_mail(system, 1, begun)


def number_of(file):
    return int(re.search(rb"^Subject: trickle (\d+)", file.read_bytes(), re.M)[1])


def drain(bench, system, messages, new=200, per_second=50):
    system.at_rest()
    system.forget_arrived()
    sink = bench.sink
    bill = Bill(bench, system)
    begun = time.time()
    system.flush()
    client = system.client("trickle", f"{USERS[1]}@{DOMAIN}", new, per_second)
    sent = json.loads(client.communicate()[0])
    wait_for_mail(system, new, begun)
    if not eventually(lambda: sink.transactions >= messages, 900, every=0.1):
        raise TimeoutError(f"{system.name}: {sink.transactions} of {messages} drained")
    seconds, cost = sink.changed - begun, bill.per_message(messages)
    sink.at_rest()
    waits = sorted(file.stat().st_ctime - sent[number_of(file)] for file in system.arrived())
    system.at_rest()
    return {"drained/s": messages / seconds, "drain, CPU ms/msg": cost["CPU ms/msg"],
            "drain, connections": sink.sessions, "new mail meanwhile, median s": waits[len(waits) // 2]}


@dataclasses.dataclass
class Load:
    name: str
    title: str
    run: typing.Callable
    arguments: dict
    targets: dict = dataclasses.field(default_factory=dict)     # measure: (of what, least or most, bound)
    rounds: int = 5
    traced: bool = False                                        # system calls are counted with 100 messages


def kept(sessions):
    return Load(f"kept{sessions}", f"4 KiB to Maildir, {sessions} kept connection{'s' * (sessions > 1)}", inward,
                {"messages": 2000, "sessions": sessions, "kept": KEPT},
                {"delivered/s": (RATIO, ">=", 2.0), "CPU ms/msg": (RATIO, "<=", 0.5)}, traced=True)


def to_one(sessions):
    """The same for a single user."""
    return Load(f"onebox{sessions}", f"4 KiB to one Maildir, {sessions} kept connection{'s' * (sessions > 1)}", inward,
                {"messages": 2000, "sessions": sessions, "kept": KEPT, "boxes": 1},
                {"delivered/s": (RATIO, ">=", 2.0), "CPU ms/msg": (RATIO, "<=", 0.5)})


def fresh(sessions):
    return Load(f"fresh{sessions}", f"4 KiB to Maildir, {sessions} at once, one message per connection", inward,
                {"messages": 2000, "sessions": sessions, "kept": FRESH},
                {"delivered/s": (RATIO, ">=", 1.2)}, traced=True)


def to_virtual(name, title, run=virtual, **arguments):
    return Load(name, f"4 KiB to 1,000 users of a virtual domain, {title}", run, {"messages": 1000, "sessions": 10, **arguments},
                {"delivered/s": (RATIO, ">=", 2.0), "CPU ms/msg": (RATIO, "<=", 0.5), "of the rate to accounts": (OURS, ">=", 0.85)})


def tls(name, title, how, sessions, least, **arguments):
    return Load(name, f"4 KiB in TLS, {title}", inward_tls, {"messages": 1000, "sessions": sessions, "how": how, **arguments},
                {"delivered/s": (RATIO, ">=", least), "CPU ms/msg": (RATIO, "<=", 0.7)})


LOADS = [
    kept(1), kept(10), kept(50), to_one(1), to_one(10), to_one(50), fresh(1), fresh(10), fresh(50),
    Load("lasting", "4 KiB to Maildir, 10 kept connections, for minutes", lasting, {"messages": LASTING, "sessions": 10},
         {"last of first": (OURS, ">=", 0.95), "last minute, delivered/s": (RATIO, ">=", 4.0)}, rounds=1),
    to_virtual("virtual10", "10 kept connections"),
    to_virtual("virtualfresh10", "10 at once, one message per connection", kept=FRESH),
    to_virtual("virtualsql10", "whom MariaDB keeps, 10 kept connections", virtual_by_sql),
    Load("big", "1 MiB to Maildir, 10 kept connections", inward,
         {"messages": 200, "sessions": 10, "kept": KEPT, "size": 1 << 20}),
    Load("qmtp10", "4 KiB to Maildir by QMTP, 10 kept connections", netmail, {"protocol": "qmtp", "messages": 2000, "sessions": 10}),
    Load("qmqp10", "4 KiB to Maildir by QMQP, 10 at once, one message per connection", netmail,
         {"protocol": "qmqp", "messages": 2000, "sessions": 10}),
    Load("outward", "4 KiB outward to one host", outward, {"messages": 2000, "sessions": 10},
         {"delivered/s": (RATIO, ">=", 2.0)}, traced=True),
    Load("many", "one message to 1,000 recipients at one host", outward,
         {"messages": 1, "sessions": 1, "recipients": 1000},
         {"transactions": (OURS, "<=", 10), "seconds": (RATIO, "<=", 1.0)}),
    Load("list100k", "one post of 4 KiB to 100,000 subscribers of a list at one host, VERP", to_a_list, {"subscribers": 100000},
         {"seconds": (RATIO, "<=", 1.0), "CPU ms": (RATIO, "<=", 0.5), "ezmlm-send, MiB": (OURS, "<=", 8)}, rounds=1),
    Load("logins10", "POP3: logins of 400 virtual users, 10 at a time", logins, {"count": 400, "sessions": 10}),
    Load("pop3", "POP3: 10,000 messages of 4 KiB fetched", fetched, {"messages": 10000}),
    Load("submit", "4 KiB by sendmail, 10 users at once (10,000 in 5 rounds)", submitted,
         {"messages": 2000}, traced=True),
    Load("idle", "1,000 idle SMTP connections", idle, {"connections": 1000},
         {"private KiB/connection": (RATIO, "<=", 0.1)}),
    tls("tlskept10", "10 kept connections", "kept", 10, 1.5),
    tls("tlsfresh10", "10 at once, one message per connection", "fresh", 10, 1.0),
    tls("tlsresumed10", "10 at once, one message per connection, with tickets", "resumed", 10, 1.0),
    tls("tlssubmit10", "10 kept connections to port 587, with AUTH", "kept", 10, 1.5, login=True),
    Load("tlsoutward", "4 KiB outward to one host, in TLS", outward_tls, {"messages": 1000, "sessions": 10},
         {"delivered/s": (RATIO, ">=", 1.5), "CPU ms/msg": (RATIO, "<=", 0.7)}),
    Load("tlsidle", "300 idle SMTP connections in TLS", idle, {"connections": 300, "tls": True},
         {"private KiB/connection": (RATIO, "<=", 0.333)}),
    Load("backlog20k", "backlog of 20,000 for a host that is down, then up", backlog, {"messages": 20000, "new": 2000},
         {"drained/s": (RATIO, ">=", 2.0), "new mail meanwhile, median s": (OURS, "<=", 1.0)}),
    Load("backlog100k", "backlog of 100,000 for a host that is down, then up", backlog,
         {"messages": 100000, "new": 2000},
         {"of the rate without": (OURS, ">=", 0.95), "start-up s": (OURS, "<=", 10)}, rounds=1),
]
