"""qmail-report: a time in numbers, in each form; and qmailctl report on a machine."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from tests.analog.programs import label, run
from tests.host import eventually

NOON = 1795867200           # 2026-11-28 12:00 UTC
HOUR = 3600
DAY = ["--since", "2026-11-28", "--until", "2026-11-29"]


def line(seconds, text, nanoseconds=0):
    return f"{label(seconds, nanoseconds)} {text}\n"


SEND_OLD = "".join([
    line(NOON - 90000, "info msg 1: bytes 5 from <early@example.org> qp 1 uid 1"),
    line(NOON - 100, "info msg 2: bytes 500 from <Joe@example.org> qp 2 uid 1"),
    line(NOON - 50, "starting delivery 1: msg 2 to remote Ann@slow.example"),
])
SEND = "".join([
    line(NOON + 10, "delivery 1: success: 192.0.2.1_accepted_message./", 500_000_000),
    line(NOON + 20, "info msg 3: bytes 40 from <> qp 3 uid 1"),
    line(NOON + HOUR, "starting delivery 2: msg 3 to remote bob@fast.example"),
    line(NOON + HOUR + 1, "delivery 2: deferral: Greylisted,_id_ab12cd34_(#4.2.0)/"),
    line(NOON + 2 * HOUR, "starting delivery 3: msg 3 to remote bob@fast.example"),
    line(NOON + 2 * HOUR + 1, "delivery 3: deferral: Greylisted,_id_ff99ee88_(#4.2.0)/"),
    line(NOON + 3 * HOUR, "starting delivery 4: msg 3 to local nobody@mail.example.org"),
    line(NOON + 3 * HOUR, "delivery 4: failure: Sorry,_no_<script>alert(1)</script>_here._(#5.1.1)/"),
    line(NOON + 12 * HOUR, "info msg 9: bytes 40 from <late@example.org> qp 3 uid 1"),
])
DOOR = "".join([
    line(NOON, "qmail-smtpd: refused from 192.0.2.7 at RCPT sender <a@b> recipient <c@d>: 550 5.1.1 no c@d here"),
    line(NOON, "qmail-smtpd: refused from 192.0.2.8 at RCPT sender <a@b> recipient <e@d>: 550 5.1.1 no e@d here"),
    line(NOON, 'qmail-popup: ip 192.0.2.7 user "joe<b>: refused'),
    line(NOON, "qmail-popup: ip 192.0.2.7 user joe: session over"),
    line(NOON, "qmail-authd: refused from 192.0.2.7 by smtp user joe: wrong password"),
])


@pytest.fixture
def logs(tmp_path):
    send, door = tmp_path / "send", tmp_path / "door"
    send.mkdir()
    door.mkdir()
    (send / f"{label(NOON)}.s").write_text(SEND_OLD)
    (send / "current").write_text(SEND + line(NOON, "info msg 8: bytes 1 from <x> qp")[:-1])
    (send / "state").write_text(line(NOON, "info msg 8: bytes 1 from <x> qp 1 uid 1"))
    (door / "current").write_text(DOOR)
    return [str(send), str(door)]


def report(*words, **more):
    return run("qmail-report", *words, **more)


def told(logs, *words):
    return json.loads(report("--json", *(words or DAY), *logs))


def test_json(logs):
    said = told(logs)
    slots = {(slot["begin"] - NOON) // HOUR: [slot[name] for name in ("messages", "delivered", "failed", "deferred")]
             for slot in said["slots"]}
    assert (said["since"], said["until"], said["slot_seconds"], len(slots)) == (NOON - 12 * HOUR, NOON + 12 * HOUR, HOUR, 24)
    assert {hour: counts for hour, counts in slots.items() if any(counts)} == {
        -1: [1, 0, 0, 0], 0: [1, 1, 0, 0], 1: [0, 0, 0, 1], 2: [0, 0, 0, 1], 3: [0, 0, 1, 0]}
    assert said["totals"] == {"messages": 2, "bytes": 540, "delivered": 1, "failed": 1, "deferred": 2, "refused": 2, "logins_refused": 2}
    assert said["slowest"] == [{"seconds": 60.5, "attempts": 1, "deferred": 0, "host": "slow.example"},
                               {"seconds": 1.0, "attempts": 2, "deferred": 2, "host": "fast.example"}]
    assert said["senders"] == [{"messages": 1, "bytes": 40, "sender": "<>"}, {"messages": 1, "bytes": 500, "sender": "<joe@example.org>"}]
    assert said["recipients"] == [{"delivered": 1, "bytes": 500, "recipient": "ann@slow.example"}]
    assert said["failures"] == [{"count": 1, "reason": "Sorry, no <script>alert(1)</script> here. (#5.1.1)/"}]
    assert said["deferrals"] == [{"count": 2, "reason": "Greylisted, id ID (#4.2.0)/"}]
    assert said["refused"] == [{"count": 2, "reason": "550 5.1.1 no ADDRESS here"}]
    assert said["logins_refused"] == [{"count": 1, "login": '"joe<b> from 192.0.2.7'}, {"count": 1, "login": "joe from 192.0.2.7"}]


def test_text(logs):
    lines = report(*DAY, *logs).splitlines()
    assert lines[0].startswith("Mail of ") and lines[0].endswith(" from 2026-11-28 00:00 to 2026-11-29 00:00")
    assert "           2  messages taken in" in lines and "           2  logins refused" in lines
    assert "  2026-11-28 12:00         1         1         0         0  " + "#" * 40 in lines
    assert lines[lines.index("Slowest destinations") + 2] == "        60.5           1           0  slow.example"
    assert "           2  Greylisted, id ID (#4.2.0)/" in lines


def test_html_is_one_page_without_a_script(logs):
    page = report("--html", *DAY, *logs)
    tree = ElementTree.fromstring(page)
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert names == {"html", "head", "meta", "style", "title", "body", "h1", "h2", "p", "span", "table", "tr", "th", "td", "svg", "g", "rect",
                     "path", "text"}
    assert not re.search(r"(?i)<script|\bsrc=|\bhref=|url\(|@import|\son\w+=", page)
    cells = {cell.text for cell in tree.iter("{http://www.w3.org/1999/xhtml}td")}
    assert {"Sorry, no <script>alert(1)</script> here. (#5.1.1)/", '"joe<b> from 192.0.2.7', "ann@slow.example"} <= cells
    bars = [(bar.get("class"), float(bar.get("height"))) for bar in tree.iter("{http://www.w3.org/2000/svg}rect") if bar.get("x")]
    assert sorted(bars) == [("deferred", 220), ("deferred", 220), ("delivered", 220), ("failed", 220)]


def test_prometheus(logs):
    said = report("--prometheus", *DAY, *logs)
    values = dict(row.split() for row in said.splitlines() if not row.startswith("#"))
    assert values == {f"mailtree_report_{name}": str(number) for name, number in {**told(logs)["totals"], "seconds": 86400}.items()}
    assert said.count("# HELP ") == said.count("# TYPE ") == len(values)


def test_the_time_that_is_named(logs):
    assert told(logs, "--since", "@1", "--until", "@1900000000")["totals"]["messages"] == 4
    assert told(logs, "--since", "@1", "--until", "@1900000000")["slot_seconds"] > 86400
    assert told(logs, "--since", f"@{NOON + 20}", "--until", f"@{NOON + 21}")["totals"] == {
        "messages": 1, "bytes": 40, "delivered": 0, "failed": 0, "deferred": 0, "refused": 0, "logins_refused": 0}
    assert told(logs, "--since", f"@{NOON + 10}", "--until", f"@{NOON + 11}")["totals"]["delivered"] == 1
    assert told(logs, "--until", "2026-11-29")["totals"]["messages"] == 2
    week = told(logs, "--since", "2026-11-25", "--until", "2026-11-29")
    assert (week["slot_seconds"], [slot["messages"] for slot in week["slots"]]) == (86400, [0, 0, 1, 2])


@pytest.mark.parametrize("words", [["--since", "never", "x"], ["--since", "2026-11-29", "--until", "2026-11-28", "x"], ["--since"], ["--xml", "x"], []])
def test_wrong_use(words):
    assert report(*words, code=100).startswith("qmail-report: ")


def test_logs_of_one_file_and_of_nobody(logs, tmp_path):
    syslog = tmp_path / "mail.log"
    text = "".join(SEND_OLD + SEND + DOOR)
    syslog.write_text("".join(f"Nov 28 12:00:00 mail qmail: {matchup_time(one)}\n" for one in text.splitlines()))
    assert {**told([str(syslog)]), "host": ""} == {**told(logs), "host": ""}
    (tmp_path / "empty").mkdir()
    assert told([str(tmp_path / "empty")])["totals"]["messages"] == 0
    assert "unable to read" in report(*DAY, str(tmp_path / "none"), code=111)
    (tmp_path / "empty/current").symlink_to("/etc/passwd")
    assert "unable to read" in report(*DAY, str(tmp_path / "empty"), code=111)


def matchup_time(text):
    """The decimal form of a line's label."""
    stamp, rest = text.split(" ", 1)
    return f"{int(stamp[1:17], 16) - 4611686018427387914}.{int(stamp[17:], 16):09d} {rest}"


def test_only_the_first_ten_are_shown(tmp_path):
    (tmp_path / "current").write_text("".join(
        line(NOON, f"info msg {n * 100 + m}: bytes 1 from <s{n}> qp 1 uid 1") for n in range(30) for m in range(n % 17 + 1)))
    assert [(row["messages"], row["sender"]) for row in told([str(tmp_path)])["senders"]] == [
        (17, "<s16>"), (16, "<s15>"), (15, "<s14>"), (14, "<s13>"), (13, "<s12>"), (13, "<s29>"), (12, "<s11>"), (12, "<s28>"), (11, "<s10>"),
        (11, "<s27>")]


# ---- on a machine ----

@pytest.fixture
def busy(host):
    """Mail that arrived, mail that nobody wants, a login that failed."""
    host.user("joe", "secret")
    host.start()
    host.sh("for to in joe nobody-at-all; do printf 'Subject: x\\n\\nhello\\n' | qmail-inject -fjoe@mail.example.org $to; done")
    host.sh("printf 'USER joe\\r\\nPASS wrong\\r\\nQUIT\\r\\n' | timeout 20 tcpclient -RHl0 127.0.0.1 110 sh -c 'cat >&7; cat <&6'", check=False)
    assert eventually(lambda: host.read("/var/log/qmail/qmail-send/current").count(b"end msg") >= 3, 30)
    assert eventually(lambda: b"refused" in host.read("/var/log/qmail/qmail-pop3d/current"), 30)
    return host


def test_a_report_of_the_last_day(busy):
    said = json.loads(busy.sh("qmailctl report --json").stdout)
    assert (said["host"], said["totals"]["messages"], said["totals"]["failed"], said["totals"]["logins_refused"]) == ("mail.example.org", 3, 1, 1)
    assert said["logins_refused"][0]["login"] == "joe from 127.0.0.1"
    assert "deliveries that succeeded" in busy.sh("qmailctl report --since today").stdout
    said = json.loads(busy.sh("qmailctl report --json --since '2001-01-01 10:00' --until 2001-01-02").stdout)
    assert said["totals"]["messages"] == 0 and said["until"] - said["since"] == 14 * HOUR


def test_files_are_replaced_as_a_whole(busy):
    busy.sh("echo old > /root/mail.html; cd /root && qmailctl report --html mail.html --prometheus /root/mail.prom")
    ElementTree.fromstring(busy.read("/root/mail.html"))
    assert b"\nmailtree_report_messages 3\n" in busy.read("/root/mail.prom")
    assert busy.sh("stat -c '%a %U' /root/mail.*; ls /root | grep -c '^mail'").stdout.split() == ["644", "root"] * 2 + ["2"]
    done = busy.sh("qmailctl report --since never --html /root/mail.html", check=False)
    assert done.returncode == 100 and "no time: never" in done.stderr
    assert b"<svg" in busy.read("/root/mail.html") and busy.sh("ls /root | grep -c '^mail'").stdout == "2\n"
    assert busy.sh("qmailctl report --html /nowhere/x", check=False).returncode == 111


def test_root_follows_no_name_in_a_directory_of_somebody_else(busy):
    """He may put a link in place of any file there, at any time: what he cannot change himself, he does not by root."""
    busy.sh("mkdir /srv/www && chown joe: /srv/www && qmailctl report --html /srv/www/mail.html")
    assert busy.sh("stat -c '%a %U' /srv/www/mail.html; ls -A /srv/www").stdout.split() == ["644", "joe", "mail.html"]
    assert b"<svg" in busy.read("/srv/www/mail.html")
    busy.sh("mkdir /srv/all && chmod 777 /srv/all")
    done = busy.sh("qmailctl report --html /srv/all/mail.html", check=False)
    assert done.returncode == 111 and "others may write" in done.stderr and not busy.sh("ls -A /srv/all").stdout
    busy.sh("chmod 1777 /srv/all && ln -s /root /srv/all/mail.html && qmailctl report --html /srv/all/mail.html")
    assert busy.sh("stat -c '%U %F' /srv/all/mail.html; ls /root").stdout == "root regular file\n"


def test_a_report_by_mail_and_its_switch(busy):
    busy.sh("qmailctl report --mail joe@mail.example.org")
    assert eventually(lambda: len(busy.maildir("joe")) == 3)
    mail = next(mail for mail in busy.maildir("joe") if b"Subject: Mail of mail.example.org from " in mail)
    assert b"Auto-Submitted: auto-generated\n" in mail and b"3  messages taken in\n" in mail
    busy.sh("rm -rf /etc/cron.d")
    assert "install the package cron" in busy.sh("qmailctl report --daily joe@example.org", check=False).stderr
    busy.sh("mkdir /etc/cron.d; qmailctl report --daily joe@mail.example.org")
    entry = busy.read("/etc/cron.d/mailtree-report").decode().splitlines()[-1]
    assert entry.startswith("5 0 * * * root /var/qmail/bin/qmailctl report ")
    busy.sh(entry.split(" root ")[1] + " --until now")
    assert eventually(lambda: len(busy.maildir("joe")) == 4)
    busy.sh("qmailctl report --daily off")
    assert busy.sh("ls /etc/cron.d").stdout == ""
    for wrong in ("'a b'", "'a;b'", "--x", "a%b"):
        assert busy.sh(f"qmailctl report --daily {wrong}", check=False).returncode == 100


def test_a_planted_log_is_not_followed(busy):
    busy.sh("svc -dx /service/qmail-smtpd/log; cd /var/log/qmail/qmail-smtpd && rm -f current && ln -s /etc/shadow current")
    done = busy.sh("qmailctl report", check=False)
    assert done.returncode == 111 and "unable to read /var/log/qmail/qmail-smtpd/current" in done.stderr
