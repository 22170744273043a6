"""qmail-qctl: each verb on a running qmail-send and on a stopped one, with a crash between, and in thousands."""

import json
import os
import re
import socket
import subprocess
import time

import pytest

from tests.host import eventually
from tests.host.machine import ENVIRONMENT
from tests.queue.queue_files import QUEUE, mess_files, messages
from tests.queue.send_rig import LOCAL, NEVER, REMOTE, UNREACHED, Rig, file_of, wall

ME = "mail.example.org"
HOLD = 1 << 63


class Said:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __eq__(self, lines):
        return (self.code, self.out.splitlines()) == (0, lines)

    def __repr__(self):
        return f"{self.code}: {self.out}{self.err}"


def qctl(rig, *words, user="root", seconds=60):
    """Runs it while the rig listens to qmail-send."""
    out, err = (f"/tmp/qctl.{kind}" for kind in ("out", "err"))
    with open(rig.host.path(out), "wb") as o, open(rig.host.path(err), "wb") as e:
        p = rig.host.popen(["qmail-qctl", *words], user=user, stdin=subprocess.DEVNULL, stdout=o, stderr=e)
        if rig.process:
            assert rig.until(lambda: p.poll() is not None, seconds), rig.log[-20:]
        code = p.wait(seconds)
    return Said(code, rig.host.read(out).decode(), rig.host.read(err).decode())


def begin(rig, running, **controls):
    for name, text in controls.items():
        rig.host.control(name, text)
    return rig.start() if running else rig


def on_hold(rig, id):
    return rig.held(id)


def queue_lines(rig):
    return [line for line in rig.log if line.startswith("queue: ")]


def later(*recipients, **more):
    """A message that was tried already; its next attempt is in an hour."""
    todo = [r for r in recipients if isinstance(r, str)]
    remote = any(not r.endswith("@" + ME) for r in todo)
    local = any(r.endswith("@" + ME) for r in todo)
    return file_of(more.pop("sender", "s@else.example"), recipients,
                   due=(wall() + 3600 if local else NEVER, wall() + 3600 if remote else NEVER), **more)


both = pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])


def settled(rig):
    """The scan at the start is over."""
    rig.until(lambda: False, 0.3)


# ---- list and show ----

def test_list_tells_of_each_message_in_a_line(rig):
    a = rig.put(later("a@x.example", sender="ann@x.example", birth=wall() - 90000))
    b = rig.put(file_of("", ["joe@" + ME, ("done@x.example", "D"), "b@x.example", "c@x.example", "d@x.example"]))
    c = rig.put(file_of("s\x1b@x", [("r@x.example", "D")]))
    said = qctl(rig, "list")
    assert said.code == 0
    lines = sorted(said.out.splitlines(), key=lambda line: int(line.split()[0]))
    assert re.fullmatch(rf"{a}  1d1h  33  in (1h|59m\d*s?)  <ann@x\.example> a@x\.example", lines[0])
    assert re.fullmatch(rf"{b}  \ds  33  now  <> joe@mail\.example\.org b@x\.example c@x\.example and 1 more", lines[1])
    assert re.fullmatch(rf"{c}  \ds  33  ending  <s_@x>", lines[2])


def test_list_as_json(rig):
    a = rig.put(file_of("\u00e4@x", [("r@x.example", "D"), 'q"@x.example'], birth=5, due=(HOLD | 7, 8)))
    objects = [json.loads(line) for line in qctl(rig, "list", "--json").out.splitlines()]
    assert objects == [{"id": a, "birth": 5, "size": 33, "sender": "\u00e4@x", "held": True, "bouncing": False,
                        "due": {"local": 7, "remote": 8},
                        "recipients": [{"address": "r@x.example", "done": True}, {"address": 'q"@x.example', "done": False}]}]


def test_the_family_s_lists_know_nothing_of_holding(rig):
    rig.put(file_of("s@x", ["joe@" + ME], birth=5, due=(7, NEVER)))
    before = [rig.host.sh(p).stdout for p in ("qmail-qread", "qmail-qread --json", "qmail-qstat")]
    assert qctl(rig, "hold", "-A").code == 0
    assert [rig.host.sh(p).stdout for p in ("qmail-qread", "qmail-qread --json", "qmail-qstat")] == before


@pytest.mark.parametrize("filters, found", [
    ((), "abcd"), (("-s", "ann@*"), "ab"), (("--sender", "ANN@X.example"), "a"), (("-s", ""), "d"), (("-d", "y.example"), "bc"),
    (("-d", "*.example", "-r", "u?@*"), "b"), (("-r", "gone@x.example"), ""), (("-o", "1h"), "ad"), (("-y", "1h"), "bc"),
    (("-o", "1d", "-y", "2w"), "d"), (("-H",), "c"), (("-s", "ann@*", "-d", "y.example"), "b"), (("-d", "x.exampl"), "")])
def test_filters(rig, filters, found):
    names = {
        rig.put(file_of("ann@x.example", ["r@x.example", ("gone@x.example", "D")], birth=wall() - 7200)): "a",
        rig.put(file_of("ann@y.example", ["u1@y.example", "r@x.example"])): "b",
        rig.put(file_of("bob@x.example", ["joe@Y.EXAMPLE"], due=(HOLD, 0))): "c",
        rig.put(file_of("", ["joe@z.example"], birth=wall() - 200000)): "d"}
    said = qctl(rig, "list", *filters)
    assert "".join(sorted(names[int(line.split()[0])] for line in said.out.splitlines())) == found


def test_numbers_and_filters_together(rig):
    a, b = rig.put(later("r@x.example")), rig.put(later("r@y.example"))
    assert qctl(rig, "hold", "-n", "-d", "x.example", str(a), str(b)) == [f"{a} would be held"]


def test_show(rig):
    id = rig.put(file_of("s@x", ["joe@" + ME, ("r@x.example", "D")], message=b"Received: x\nSubject: h\x1b[2J\n\nbody\n"))
    rig.host.write(f"{QUEUE}/bounce/{id}", "<r@x.example>:\nno such box\n\n", owner="qmails")
    lines = qctl(rig, "show", str(id)).out.splitlines()
    assert lines[0] == f"message {id}, 33 bytes" and lines[2] == "next attempt now"
    assert lines[3:8] == ["from <s@x>", "uid 1000", "qp 77", f"to do <joe@{ME}>", "done <r@x.example>"]
    assert "no such box" in lines and "Subject: h_[2J" in lines and "body" not in lines
    assert qctl(rig, "show", "-m", str(id)).out.endswith("Received: x\nSubject: h\x1b[2J\n\nbody\n")


# ---- why it waits ----

def deferred(rig, recipients, text="Connected to 192.0.2.1 but my name was rejected.\n"):
    id = rig.message(recipients=recipients)
    for r in recipients:
        d = rig.delivery(LOCAL if r.endswith("@" + ME) else REMOTE)
        d.report("Z", text)
    assert rig.until(lambda: any(due not in (0, NEVER) for due in rig.due(id)))
    return id


def test_the_last_deferral_of_each_recipient_is_told_also_after_a_restart(rig):
    rig.start()
    id = deferred(rig, ["joe@" + ME, "r@x.example"], text="first\n")
    rig.signal("ALRM")
    for channel in (LOCAL, REMOTE):
        rig.delivery(channel).report("Z", "no route (#4.4.3)\n\x1b")
    assert rig.until(lambda: rig.log.count("delivery 4: deferral: no_route_(#4.4.3)/_") == 1)
    for _ in range(2):
        shown = qctl(rig, "show", str(id)).out
        when = r"\d+ \w+ \d{4} \d\d:\d\d:\d\d -0000"
        assert re.search(rf"to do <joe@{ME}>\n    deferred {when}: no_route_\(#4.4.3\)/_\n", shown), shown
        assert re.search(rf"to do <r@x.example>\n    deferred {when} at x.example: no_route_\(#4.4.3\)/_\n", shown), shown
        listed = qctl(rig, "list", "-l").out
        assert re.search(rf"^{id}  .*\n  joe@{ME}\n    deferred .*\n  r@x.example\n    deferred .* at x.example: no_route.*\n",
                         listed, re.M), listed
        o, = (json.loads(line) for line in qctl(rig, "list", "--json").out.splitlines())
        reasons = {r["address"]: r["deferred"] for r in o["recipients"]}
        assert reasons["r@x.example"]["host"] == "x.example" and reasons["joe@" + ME]["text"].startswith("no_route")
        assert abs(reasons["r@x.example"]["time"] - wall()) < 60
        rig.stop()
        rig.start()


def test_the_reason_goes_with_its_message(rig):
    rig.start()
    id = deferred(rig, ["joe@" + ME])
    assert rig.place(id, "deferred").exists()
    rig.signal("ALRM")
    rig.delivery(LOCAL).report("K", "")
    assert rig.until(lambda: not rig.place(id).exists() and not rig.place(id, "deferred").exists())
    # What a crash left behind is of no message, and tells nothing of the next one with its number.
    rig.host.write(f"{QUEUE}/deferred/{id}", f"1 15 {wall()} - old\n", owner="qmails")
    rig.message(recipients=["joe@" + ME], id=id)
    assert rig.delivery(LOCAL).id == id
    assert "old" not in qctl(rig, "show", str(id)).out
    rig.host.write(f"{QUEUE}/deferred/457", "x", owner="qmails")
    rig.host.sh("qmail-queuecheck")
    assert not rig.place(457, "deferred").exists() and rig.place(id, "deferred").exists()


def test_a_list_has_no_end_of_time_and_no_now_where_a_destination_rests(rig):
    rig.start()
    first = rig.message(recipients=["r@dead.example"])
    rig.delivery(REMOTE).report("Z", "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n", UNREACHED)
    rig.logged("warning: unable to reach dead.example; next attempt in 60 seconds")
    second = rig.message(recipients=["s@dead.example"])
    rig.logged(f"new msg {second}")
    assert re.search(r"^next attempt in (1m|\d\ds)$", qctl(rig, "show", str(second)).out, re.M)
    objects = {o["id"]: o for o in (json.loads(line) for line in qctl(rig, "list", "--json").out.splitlines())}
    assert objects[second]["due"]["remote"] > wall() + 30
    assert rig.until(lambda: rig.due(first)[0] == NEVER)
    o, = (json.loads(line) for line in qctl(rig, "list", "--json", str(first)).out.splitlines())
    assert o["due"]["local"] is None


def test_a_list_tells_whose_rate_a_message_waits_for(rig, host):
    host.control("destinationrate", "x.example:1/600\n")
    rig.start()
    for _ in range(2):
        rig.message(recipients=["r@x.example"])
    d = rig.delivery(REMOTE)
    d.report("K", "")
    rig.logged(f"end msg {d.id}")
    assert rig.until(lambda: "(rate of x.example)" in qctl(rig, "show", "-A").out)
    assert re.search(r"^next attempt in (10m\d*s?|9m\d+s) \(rate of x.example\)$", qctl(rig, "show", "-A").out, re.M)
    assert re.search(r"  in (10m\d*s?|9m\d+s) \(rate of x.example\)  <", qctl(rig, "list").out)
    o, = (json.loads(line) for line in qctl(rig, "list", "--json").out.splitlines())
    assert o["rate"] == "x.example" and o["due"]["remote"] > wall() + 500


def test_what_is_under_way_is_called_so(rig):
    rig.start()
    id = rig.message(recipients=["joe@" + ME])
    rig.delivery(LOCAL)
    assert re.search("^next attempt under way$", qctl(rig, "show", str(id)).out, re.M)


# ---- wrong calls ----

@both
def test_verbs_that_hit_nothing_say_so(rig, running):
    if running:
        rig.start()
    rig.put(later("r@x.example"))
    for words in (("hold", "-d", "nowhere.example"), ("delete", "-n", "-s", "nobody"), ("show", "-H"), ("release", "-H")):
        said = qctl(rig, *words)
        assert (said.code, said.out, said.err) == (2, "", "qmail-qctl: warning: no message fits\n")
    assert qctl(rig, "list", "-d", "nowhere.example").code == 0


@pytest.mark.parametrize("words, named", [
    (("frob",), "an unknown verb: frob"), (("hold", "4x"), "no message number: 4x"),
    (("hold", "-o", "5y", "1"), "no age: a number, then s, m, h, d, w or nothing: 5y")])
def test_the_wrong_word_is_named(rig, words, named):
    said = qctl(rig, *words)
    assert said.code == 100 and f"qmail-qctl: {named}\n" in said.err


def test_help(rig):
    said = rig.host.run(["qmailctl", "queue", "help"])
    assert b"qmail-qctl help|list|show|hold" in said.stdout and b"no message fits" not in said.stderr


@pytest.mark.parametrize("words", ["", "frobnicate 1", "hold", "delete -n", "hold 0", "hold 01", "hold x", "hold --", "list -A",
                                   "list -b x", "redirect 5", "redirect -t joe 5", "redirect -t @x 5", "hold -o 5x 5",
                                   "hold -b x 5", "delete -r '' -A", "delete -b '' -A", "hold -s"])
def test_wrong_calls_change_nothing(host, words):
    done = host.sh("qmail-qctl " + words, check=False)
    assert done.returncode == 100 and "usage: qmail-qctl" in done.stderr and not done.stdout


def test_only_root_and_qmails(host):
    host.user("joe")
    for user in ("joe", "qmailq", "qmaild", "qmailr"):
        done = host.run(["qmail-qctl", "list"], user=user, check=False)
        assert (done.returncode, done.stdout) == (100, b"")
    assert host.run(["qmail-qctl", "list"], user="qmails").returncode == 0


def test_qmails_may_ask_but_not_write_itself(rig):
    rig.start()
    a = rig.put(later("r@x.example"))
    assert qctl(rig, "hold", str(a), user="qmails") == [f"{a} held"]
    rig.logged(rf"queue: msg {a} held by uid {rig.uids['qmails']}")
    rig.kill()
    said = qctl(rig, "release", str(a), user="qmails")
    assert said.code == 111 and "unable to become user qmailq" in said.err and on_hold(rig, a)


def test_who_is_not_there_is_told_apart(rig):
    a = rig.put(later("r@x.example"))
    said = qctl(rig, "hold", "-n", "77", str(a))
    assert (said.code, said.out, said.err) == (1, f"{a} would be held\n", "qmail-qctl: warning: no message 77\n")


def test_a_list_that_cannot_be_written_is_no_success(rig):
    rig.put(later("r@x.example"))
    for verb in ("list", "show -A", "hold -A"):
        done = rig.host.sh(f"qmail-qctl {verb} > /dev/full", check=False)
        assert done.returncode == 111 and "unable to write the list" in done.stderr


# ---- dry run ----

@both
@pytest.mark.parametrize("verb, word", [(("hold",), "held"), (("release",), "released"), (("requeue",), "requeued"),
                                        (("delete", "-b", "no"), "deleted"), (("redirect", "-t", "x@y.example"), "redirected")])
def test_a_dry_run_changes_nothing(rig, running, verb, word):
    begin(rig, running)
    a = rig.put(later("r@x.example"))
    before = rig.place(a).read_bytes()
    assert qctl(rig, *verb, "-n", "-A") == [f"{a} would be {word}"]
    assert rig.place(a).read_bytes() == before and len(mess_files(rig.host)) == 1
    if running:
        assert rig.silent() and not queue_lines(rig)


# ---- hold, release ----

@both
def test_what_is_held_is_not_tried_until_released(rig, running):
    a = rig.put(file_of("s@else.example", ["joe@" + ME, "r@x.example"]))
    rig.host.control("concurrencylocal", "0\n")
    rig.host.control("concurrencyremote", "0\n")
    begin(rig, running)
    assert qctl(rig, "hold", str(a)) == [f"{a} held"]
    assert on_hold(rig, a)
    if running:
        rig.logged(f"queue: msg {a} held by uid 0")
        rig.kill()
    rig.host.control("concurrencylocal", "10\n")
    rig.host.control("concurrencyremote", "20\n")
    rig.start()
    rig.signal("ALRM")
    rig.signal("HUP")
    assert rig.silent(0.7)
    assert qctl(rig, "requeue", str(a)) == [f"{a} is on hold: release it"]
    if not running:
        rig.kill()
    assert qctl(rig, "release", str(a)) == [f"{a} released"]
    assert not on_hold(rig, a)
    if not running:
        rig.start()
    assert rig.delivery(LOCAL).address == "joe@" + ME and rig.delivery(REMOTE).address == "r@x.example"


def test_a_delivery_under_way_ends_as_usual_though_held(rig):
    rig.start()
    a = rig.message(recipients=["joe@" + ME, "ann@" + ME, "r@x.example"])
    joe, ann, r = rig.delivery(LOCAL), rig.delivery(LOCAL), rig.delivery(REMOTE)
    assert qctl(rig, "hold", str(a)) == [f"{a} held"]
    joe.report("K", "")
    ann.report("Z", "later\n")
    r.report("Z", "later\n")
    assert rig.until(lambda: rig.done(a) == ["joe@" + ME])
    assert rig.until(lambda: all(rig.due(a)))
    assert on_hold(rig, a)
    assert qctl(rig, "release", str(a)) == [f"{a} released"]
    assert qctl(rig, "requeue", str(a)) == [f"{a} requeued"]
    assert rig.delivery(LOCAL).address == "ann@" + ME
    rig.delivery(REMOTE).report("K", "")


def test_holding_stops_a_long_list_and_releasing_goes_on_with_it(rig):
    rig.host.control("concurrencylocal", "2\n")
    rig.start()
    everybody = [f"u{i}@{ME}" for i in range(20)]
    a = rig.message(recipients=everybody)
    under_way = [rig.delivery(LOCAL), rig.delivery(LOCAL)]
    assert qctl(rig, "hold", str(a)) == [f"{a} held"]
    for d in under_way:
        d.report("K", "")
    assert rig.silent()
    assert sorted(rig.done(a)) == sorted(d.address for d in under_way)
    assert qctl(rig, "release", str(a)) == [f"{a} released"]
    seen = [d.address for d in under_way]
    for _ in range(18):
        d = rig.delivery(LOCAL)
        seen.append(d.address)
        d.report("K", "")
    assert sorted(seen) == sorted(everybody)
    rig.logged(f"end msg {a}")
    assert rig.until(lambda: not rig.place(a).exists())


def test_a_held_message_grows_old_but_is_not_bounced_before_its_release(rig):
    rig.start()
    a = rig.put(later("r@x.example", birth=wall() - 800000))
    assert qctl(rig, "hold", str(a)) == [f"{a} held"]
    rig.signal("ALRM")
    assert rig.silent(0.7)
    assert qctl(rig, "release", str(a)).code == 0 and qctl(rig, "requeue", str(a)).code == 0
    rig.delivery(REMOTE).report("Z", "still not\n")
    rig.logged(rf"bounce msg {a} qp \d+")


def test_a_message_that_waits_for_its_destination_can_be_held(rig):
    rig.host.control("concurrencydestination", "1\n")
    rig.start()
    first, second = (rig.message(recipients=[f"u{i}@x.example"]) for i in range(2))
    d = rig.delivery(REMOTE)
    other = second if d.id == first else first
    assert rig.silent(0.2)
    assert qctl(rig, "hold", str(other)) == [f"{other} held"]
    d.report("K", "")
    assert rig.silent()
    assert qctl(rig, "release", str(other)) == [f"{other} released"]
    assert rig.delivery(REMOTE).id == other


# ---- requeue ----

@both
def test_requeue_tries_now(rig, running):
    a, b = rig.put(later("joe@" + ME, "r@x.example")), rig.put(later("r@y.example"))
    begin(rig, running)
    assert qctl(rig, "requeue", str(a)) == [f"{a} requeued"]
    if not running:
        rig.start()
    assert rig.delivery(LOCAL).id == a and rig.delivery(REMOTE).id == a
    assert rig.silent()
    if running:
        rig.logged(f"queue: msg {a} requeued by uid 0")
    assert b != a


def test_requeue_ends_the_rest_of_its_destination(rig):
    rig.start()
    a = rig.message(recipients=["r@x.example"])
    rig.delivery(REMOTE).report("Z", "not there (#4.4.1)\n", UNREACHED)
    rig.logged("warning: unable to reach x.example; .*")
    b = rig.message(recipients=["r@x.example"])
    assert rig.silent()
    assert qctl(rig, "requeue", str(b)) == [f"{b} requeued"]
    assert rig.delivery(REMOTE).id in (a, b)


# ---- delete ----

@both
def test_delete_ends_a_message_without_a_bounce(rig, running):
    a, b = rig.put(later("joe@" + ME, "r@x.example")), rig.put(later("r@x.example"))
    begin(rig, running)
    assert qctl(rig, "delete", str(a)) == [f"{a} deleted: recipients 2, under way and left alone 0"]
    if not running:
        assert sorted(rig.done(a)) == ["joe@" + ME, "r@x.example"]
        rig.start()
    else:
        rig.logged(f"queue: msg {a} deleted by uid 0: recipients 2, under way 0")
    rig.logged(f"end msg {a}")
    assert rig.until(lambda: not rig.place(a).exists()) and rig.place(b).exists()
    assert rig.silent() and not any("bounce" in line for line in rig.log)
    assert len(mess_files(rig.host)) == 1


@both
def test_delete_with_a_reason_bounces_it(rig, running):
    a = rig.put(later("joe@" + ME, "r@x.example", sender="joe@" + ME))
    begin(rig, running)
    assert qctl(rig, "delete", "-b", "The manager says no (#5.7.1).", str(a)) == \
        [f"{a} deleted: recipients 2, under way and left alone 0"]
    if not running:
        assert rig.host.sh(f"stat -c '%U %a' {QUEUE}/bounce/{a}").stdout == "qmails 600\n"
        rig.start()
    rig.logged(rf"bounce msg {a} qp \d+")
    rig.logged(f"end msg {a}")
    assert rig.until(lambda: not rig.place(a).exists())
    bounce = next(m for m in messages(rig.host) if m.id != a)
    for address in ("joe@" + ME, "r@x.example"):
        assert f"<{address}>:\nThe manager says no (#5.7.1).\n".encode() in bounce.text
    assert rig.delivery(LOCAL).id == bounce.id


@both
def test_delete_only_some_recipients(rig, running):
    a = rig.put(later("joe@" + ME, "one@x.example", "two@X.example", "three@y.example"))
    begin(rig, running)
    assert qctl(rig, "delete", "-d", "x.example", "-A") == [f"{a} deleted: recipients 2, under way and left alone 0"]
    assert rig.done(a) == ["one@x.example", "two@X.example"]
    if running:
        rig.logged(f"queue: msg {a} deleted by uid 0: recipients 2, under way 0, domain x.example")
    assert qctl(rig, "requeue", str(a)) == [f"{a} requeued"]
    if not running:
        rig.start()
    rig.delivery(LOCAL).report("K", "")
    d = rig.delivery(REMOTE)
    assert d.address == "three@y.example"
    d.report("K", "")
    rig.logged(f"end msg {a}")


def test_delete_leaves_what_is_under_way_to_its_end(rig):
    rig.host.control("concurrencylocal", "1\n")
    rig.start()
    a = rig.message(recipients=[f"u{i}@{ME}" for i in range(5)])
    d = rig.delivery(LOCAL)
    assert qctl(rig, "delete", str(a)) == [f"{a} deleted: recipients 4, under way and left alone 1"]
    assert rig.silent() and len(rig.done(a)) == 4
    d.report("K", "")
    rig.logged(f"end msg {a}")
    assert rig.until(lambda: not rig.place(a).exists())
    assert len([line for line in rig.log if line == f"end msg {a}"]) == 1


def test_what_was_under_way_and_is_deferred_stays(rig):
    rig.start()
    a = rig.message(recipients=["u@" + ME, "v@x.example"])
    u, v = rig.delivery(LOCAL), rig.delivery(REMOTE)
    assert qctl(rig, "delete", str(a)) == [f"{a} deleted: recipients 0, under way and left alone 2"]
    u.report("Z", "later\n")
    v.report("K", "")
    assert rig.until(lambda: rig.done(a) == ["v@x.example"])
    assert qctl(rig, "delete", str(a)) == [f"{a} deleted: recipients 1, under way and left alone 0"]
    rig.logged(f"end msg {a}")


def test_recipients_deleted_while_others_are_under_way_are_not_tried_again(rig):
    """The deferred ones of a pass that is not over are deleted; those that are left go on."""
    rig.start()
    a = rig.message(recipients=["one@x.example", "two@y.example", "three@z.example"])
    commands = {d.address: d for d in (rig.delivery(REMOTE) for _ in range(3))}
    commands["one@x.example"].report("Z", "later\n")
    rig.logged("delivery .: deferral: later/")
    assert qctl(rig, "delete", "-r", "one@*", str(a)) == [f"{a} deleted: recipients 1, under way and left alone 0"]
    commands["two@y.example"].report("K", "")
    commands["three@z.example"].report("K", "")
    rig.logged(f"end msg {a}")
    assert rig.until(lambda: not rig.place(a).exists())


def test_failures_of_others_are_still_returned(rig):
    rig.start()
    a = rig.message(sender="joe@" + ME, recipients=["bad@x.example", "slow@y.example"])
    commands = {d.address: d for d in (rig.delivery(REMOTE) for _ in range(2))}
    commands["bad@x.example"].report("D", "no such box\n")
    commands["slow@y.example"].report("Z", "later\n")
    assert rig.until(lambda: rig.done(a) == ["bad@x.example"])
    assert qctl(rig, "delete", str(a)) == [f"{a} deleted: recipients 1, under way and left alone 0"]
    rig.logged(rf"bounce msg {a} qp \d+")
    rig.logged(f"end msg {a}")


@both
def test_a_held_message_can_be_deleted(rig, running):
    a = rig.put(later("r@x.example"))
    begin(rig, running)
    assert qctl(rig, "hold", str(a)).code == 0
    assert qctl(rig, "delete", "-H") == [f"{a} deleted: recipients 1, under way and left alone 0"]
    if not running:
        rig.start()
    rig.logged(f"end msg {a}")


def test_a_new_message_of_the_same_number_is_left_alone(rig):
    """The number was listed, its message ended, another one has it now."""
    rig.start()
    a = rig.put(later("r@x.example"))
    settled(rig)
    with control(rig) as s:
        s.sendall(request("delete", a, 12345))
        assert answer(rig, s) == "G 0 0"
    assert rig.done(a) == [] and not queue_lines(rig)


# ---- redirect ----

@both
def test_redirect_sends_a_copy_to_somebody_else(rig, running):
    a = rig.put(later("one@x.example", ("two@x.example", "D"), "three@y.example", sender="s@else.example"))
    begin(rig, running)
    assert qctl(rig, "redirect", "-t", "joe@" + ME, str(a)) == [f"{a} redirected: recipients 2, under way and left alone 0"]
    if not running:
        assert len(rig.done(a)) == 3
        rig.start()
    d = rig.delivery(LOCAL)
    assert (d.address, d.sender) == ("joe@" + ME, "s@else.example") and d.id != a
    assert rig.until(lambda: [file.name for file in mess_files(rig.host)] == [str(d.id)])
    text = messages(rig.host)[0].text
    assert text.startswith(b"Received: (qmail ") and b"invoked by uid 0" in text and text.endswith(b"Received: x\nSubject: hello\n\nbody\n")
    rig.logged(f"end msg {a}")
    if running:
        line = rig.logged(rf"queue: msg {a} redirected by uid 0: recipients 2, under way 0, to joe@{ME} qp \d+")
        assert rig.logged(f"info msg {d.id}: .* " + line[line.index("qp "):] + " uid 0")
    d.report("K", "")
    assert rig.until(lambda: not mess_files(rig.host))
    assert rig.silent()


def test_redirect_with_all_under_way_queues_nothing(rig):
    rig.start()
    a = rig.message(recipients=["one@x.example"])
    d = rig.delivery(REMOTE)
    assert qctl(rig, "redirect", "-t", "joe@" + ME, "-A") == [f"{a} redirected: recipients 0, under way and left alone 1"]
    assert len(mess_files(rig.host)) == 1
    d.report("K", "")
    rig.logged(f"end msg {a}")


def test_redirect_without_room_for_the_copy_leaves_all_as_it_was(rig):
    rig.start()
    a = rig.put(later("one@x.example"))
    settled(rig)
    rig.host.control("queueextra", "x\n")
    rig.host.sh("rm /var/qmail/control/queueextra; mkdir /var/qmail/control/queueextra")
    said = qctl(rig, "redirect", "-t", "joe@" + ME, str(a))
    assert (said.code, said.out) == (111, f"{a} is as it was\n") and "unable to queue a copy" in said.err
    assert rig.done(a) == [] and len(mess_files(rig.host)) == 1
    assert qctl(rig, "requeue", str(a)) == [f"{a} requeued"]
    assert rig.delivery(REMOTE).address == "one@x.example"


def test_a_site_s_queue_program_does_not_see_the_copy(rig):
    a = rig.put(later("one@x.example"))
    done = rig.host.run(["qmail-qctl", "redirect", "-t", "joe@" + ME, str(a)], env={"QMAILQUEUE": "/bin/false"})
    assert b"redirected: recipients 1" in done.stdout


# ---- the socket ----

class control:
    """A connection to qmail-send's socket, from outside the host, with a uid of inside."""

    def __init__(self, rig):
        self.rig = rig

    def __enter__(self):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.connect(self.rig.host.path(QUEUE + "/lock/control/socket"))
        self.s.settimeout(0.02)
        return self.s

    def __exit__(self, *_):
        self.s.close()


def request(verb, id, fingerprint, recipient="", domain="", text="", qp=0):
    return "".join(f"{field}\0" for field in (verb, id, fingerprint, recipient, domain, text, qp)).encode()


def fingerprint(rig, id):
    return int.from_bytes(rig.place(id).read_bytes()[-20:-16], "little")


def answer(rig, s):
    """The next answer; None when the connection ended."""
    said = b""

    def hear():
        nonlocal said
        try:
            got = s.recv(100)
        except TimeoutError:
            return False
        except ConnectionResetError:
            got = b""
        said += got
        return not got or said.endswith(b"\0")
    assert rig.until(hear), said
    return said[:-1].decode() if said else None


@pytest.mark.parametrize("garbage", [
    b"\0" * 7, b"x" * 4096, b"\n" * 5000, b"hold\0" + b"1\0" * 5 + b"-1\0", b"hold\0" + b"0\0" * 6, b"hold\0007\0001\0\0\0\0000\0x",
    b"\xff" * 10000, b"GET / HTTP/1.0\r\n\r\n" + b"\0" * 7])
def test_garbage_costs_its_connection_and_nothing_else(rig, garbage):
    rig.start()
    a = rig.put(later("r@x.example"))
    settled(rig)
    with control(rig) as good, control(rig) as bad:
        try:
            bad.sendall(garbage)
        except (BrokenPipeError, TimeoutError, ConnectionResetError):
            pass
        assert answer(rig, bad) is None
        good.sendall(request("requeue", a, fingerprint(rig, a)))
        assert answer(rig, good) == "K 0 0"
    rig.message(recipients=["joe@" + ME])
    rig.delivery(LOCAL)


def test_slow_and_silent_peers_block_nobody(rig):
    rig.start()
    a = rig.put(later("r@x.example"))
    settled(rig)
    silent = [control(rig).__enter__() for _ in range(6)]
    with control(rig) as slow:
        for byte in request("hold", a, fingerprint(rig, a)):
            slow.sendall(bytes([byte]))
            rig.pump(0)
        assert answer(rig, slow) == "K 0 0"
        rig.message(recipients=["joe@" + ME])
        rig.delivery(LOCAL)
    # Those who come when all places are taken wait until one is free.
    silent += [control(rig).__enter__() for _ in range(2)]
    with control(rig) as waiting:
        waiting.sendall(request("release", a, fingerprint(rig, a)))
        rig.until(lambda: False, 0.3)
        silent.pop().close()
        assert answer(rig, waiting) == "K 0 0"
    for s in silent:
        s.close()


def test_one_at_a_time_on_a_message_and_a_claim_ends_with_its_connection(rig):
    rig.start()
    a = rig.put(later("r@x.example"))
    settled(rig)
    mark = fingerprint(rig, a)
    with control(rig) as one, control(rig) as other:
        one.sendall(request("claim", a, mark))
        assert answer(rig, one) == "K 1 0"
        other.sendall(request("delete", a, mark))
        assert answer(rig, other) == "B 0 0"
        rig.signal("ALRM")
        assert rig.silent()
    assert rig.delivery(REMOTE).id == a


def test_others_do_not_reach_the_socket(rig):
    rig.start()
    place = QUEUE + "/lock/control"
    assert rig.host.sh(f"stat -c '%U %a' {place}").stdout == "qmails 700\n"
    rig.host.sh(f"chmod 777 {place} {place}/socket; chmod 755 {QUEUE} {QUEUE}/lock")
    script = ("import socket; s = socket.socket(socket.AF_UNIX); s.settimeout(5); "
              f"s.connect('{place}/socket'); print(s.recv(1))")
    p = rig.host.popen(["/usr/bin/python3", "-c", script], user="qmaild", stdout=subprocess.PIPE)
    assert rig.until(lambda: p.poll() is not None)
    assert p.stdout.read() == b"b''\n"


def test_no_socket_no_verbs_but_mail(rig):
    rig.host.sh(f"rmdir {QUEUE}/lock/control")
    rig.start()
    rig.logged("warning: unable to listen on lock/control/socket: No such file or directory; qmail-qctl will not work")
    rig.message(recipients=["joe@" + ME])
    rig.delivery(LOCAL).report("K", "")


def test_stopping_ends_connections(rig):
    rig.start()
    rig.message(recipients=["joe@" + ME])
    d = rig.delivery(LOCAL)
    with control(rig) as s:
        rig.pump(0.1)
        rig.signal("TERM")
        assert answer(rig, s) is None
    assert not os.path.lexists(rig.host.path(QUEUE + "/lock/control/socket"))
    d.report("K", "")
    assert rig.until(lambda: rig.process.poll() is not None)
    rig.close()


# ---- crashes, crowds ----

def test_a_redirect_that_is_killed_between_copy_and_mark_doubles_but_loses_nothing(rig):
    rig.start()
    a = rig.put(later("one@x.example"))
    settled(rig)
    with control(rig) as s:
        s.sendall(request("claim", a, fingerprint(rig, a)))
        assert answer(rig, s) == "K 1 0"
        rig.kill()
    assert rig.done(a) == []
    rig.start()
    assert qctl(rig, "requeue", str(a)) == [f"{a} requeued"]
    assert rig.delivery(REMOTE).address == "one@x.example"


def test_hold_survives_a_killed_qmail_send_between_request_and_answer(host):
    """The test is qmail-clean and answers nothing: the asker goes on with the files when qmail-send is dead."""
    rig = Rig(host, own_clean=True)
    try:
        rig.start()
        a = rig.put(later("r@x.example"))
        p = host.popen(["qmail-qctl", "hold", str(a)], stdout=subprocess.PIPE)
        assert rig.request() == f"hold/{a}"
        assert p.poll() is None
        rig.kill()
        assert p.communicate(timeout=20)[0] == f"{a} held\n".encode() and on_hold(rig, a)
    finally:
        rig.end()


def test_the_order_of_a_deletion(host):
    """Marks, then their sync, then the end: no power cut brings a deleted message back."""
    rig = Rig(host, own_clean=True)
    try:
        rig.start()
        a = rig.put(file_of("s@x", ["one@x.example", "two@x.example"], due=(HOLD | NEVER, wall() + 3600)))
        p = host.popen(["qmail-qctl", "delete", str(a)], stdout=subprocess.PIPE)
        asked = [rig.request() for _ in range(6)]
        assert [r.split("/")[0] for r in asked] == ["done", "done", "free", "due", "sync", "foop"]
        assert p.poll() is None
        for _ in range(5):
            rig.answer()
        assert rig.until(lambda: p.poll() == 0)
        rig.answer()
        rig.logged(f"end msg {a}")
    finally:
        rig.end()


def test_a_change_that_qmail_clean_cannot_make_is_told(host):
    rig = Rig(host, own_clean=True)
    try:
        rig.start()
        a = rig.put(later("one@x.example"))
        p = host.popen(["qmail-qctl", "hold", str(a)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for wanted in ("hold", "sync"):
            assert rig.request() == f"{wanted}/{a}"
            rig.answer("!")
        assert rig.until(lambda: p.poll() == 111)
        assert p.stderr.read() == f"qmail-qctl: warning: unable to change message {a}: see the log of qmail-send\n".encode()
        rig.logged(f"warning: trouble changing msg {a} for qmail-qctl")
    finally:
        rig.end()


THOUSAND = 200 if os.environ.get("SANITIZE") else 1000


@both
def test_a_thousand_at_once(rig, running):
    ids = {rig.put(later("r@x.example", sender="flood@else.example")) for _ in range(THOUSAND)}
    kept = rig.put(later("r@x.example"))
    begin(rig, running)
    for verb, word in ((("hold",), "held"), (("release",), "released"),
                       (("delete",), "deleted: recipients 1, under way and left alone 0")):
        said = qctl(rig, *verb, "-s", "flood@*", seconds=120)
        assert said.code == 0 and sorted(said.out.splitlines()) == sorted(f"{id} {word}" for id in ids)
    if not running:
        rig.start()
    assert rig.until(lambda: len(mess_files(rig.host)) == 1, 30)
    assert {line for line in rig.log if line.startswith("end msg ")} == {f"end msg {id}" for id in ids}
    assert rig.place(kept).exists()
    if running:
        assert len(queue_lines(rig)) == 3 * THOUSAND


def test_kill_9_in_the_midst_of_a_thousand(rig):
    """The asker finishes on the files; no message is lost, none is tried that was said to be held."""
    ids = {rig.put(later("r@x.example")) for _ in range(THOUSAND)}
    rig.start()
    p = rig.host.popen(["qmail-qctl", "hold", "-A"], stdout=subprocess.PIPE)
    assert rig.until(lambda: len(queue_lines(rig)) > THOUSAND // 10, 30)
    rig.kill()
    said = p.communicate(timeout=60)[0].decode().split("\n")[:-1]
    assert sorted(said) == sorted(f"{id} held" for id in ids) and len(queue_lines(rig)) < THOUSAND
    rig.start()
    rig.signal("ALRM")
    assert rig.silent(1)
    assert all(on_hold(rig, id) for id in ids) and len(mess_files(rig.host)) == THOUSAND


def test_a_supervised_tree_killed_again_and_again_while_messages_are_deleted(host):
    host.user("joe")
    host.control("concurrencylocal", "0\n")
    host.start("qmail-send")
    for i in range(50):
        host.sh(f"printf 'Subject: {i}\\n\\n' | sendmail {'keep' if i % 2 else 'drop'}=x@{ME} joe", user="joe")
    assert eventually(lambda: host.log("qmail-send").count("new msg") == 50)
    p = host.popen(["sh", "-c", "for i in 1 2 3 4 5; do qmail-qctl hold -A; qmail-qctl release -A; done; qmail-qctl delete -r joe*"],
                   stdout=subprocess.DEVNULL)
    while p.poll() is None:
        host.sh("pkill -9 -x qmail-send", check=False)
        time.sleep(0.2)
    assert p.returncode == 0
    host.control("concurrencylocal", "10\n")
    host.sh("pkill -9 -x qmail-send", check=False)
    assert eventually(lambda: not mess_files(host), 30), host.log("qmail-send")
    # The bounces for x, who never was, are all he gets.
    assert all(m.startswith(b"Return-Path: <>\n") for m in host.maildir("joe"))


# ---- reload ----

def test_control_files_are_in_force_when_reload_ends(rig, host):
    rig.start()
    host.control("virtualdomains", "moved.example:joe\n")
    assert qctl(rig, "reload") == []
    rig.message(recipients=["r@moved.example"])
    assert rig.delivery(LOCAL).address == "joe-r@moved.example"


def test_a_file_that_cannot_be_read_is_told(rig, host):
    rig.start()
    host.sh("mkdir /var/qmail/control/virtualdomains")
    said = qctl(rig, "reload")
    assert said.code == 111 and "see the log of qmail-send" in said.err
    rig.logged("alert: unable to reread control/virtualdomains")


def test_nobody_need_run_for_a_reload(rig):
    assert qctl(rig, "reload") == []
