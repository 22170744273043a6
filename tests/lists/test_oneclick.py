"""ezmlm-oneclick: a link by which one address leaves one list, behind a web server; and the mail that has the link."""

import base64
import hashlib
import re
import subprocess

import pytest

from tests.host.machine import eventually
from tests.lists.listhost import the_list
from tests.lists.manage import ask
from tests.lists.test_cgi import Page
from tests.sqlstore.servers import Locker

PROGRAM = "/cgi-bin/ezmlm-oneclick"
SERVER = "http://127.0.0.1:8080"
BASE = f"https://lists.example.org{PROGRAM}?1"
JOE = "joe@example.net"
SAID = "List-Unsubscribe=One-Click"


class Web:
    def __init__(self, host, letters=""):
        self.host = host
        host.user("joe")
        host.sh("chmod 755 /usr/local/lib/mailtree-test; install -d -o joe /home/joe/www /home/joe/www/cgi-bin")
        host.sh("install -o joe /var/qmail/bin/ezmlm-oneclick /home/joe/www/cgi-bin/")
        self.list = the_list(host, "sos", letters, place="/home/joe", owner="joe")
        self.list.put("oneclick", BASE + "\n")
        host.write("/home/joe/www/cgi-bin/.ezcgirc", "1;0;/home/joe/sos;sos@mail.example.org;;;;\n2;0;/home/joe/other;;;;;\n", owner="joe")

    def link(self, address=JOE, table="."):
        """Of the mail that welcomes a subscriber."""
        command = "" if table == "." else table + "-"
        asked = ask(self.list, f"{command}subscribe-{address.replace('@', '=')}")
        return self.field(ask(self.list, asked.message["Reply-To"].strip("<>").removeprefix("sos-").partition("@")[0]).message)[0]

    def field(self, message):
        """(https link, all of List-Unsubscribe)"""
        field = " ".join(message["List-Unsubscribe"].split())
        assert message["List-Unsubscribe-Post"] == SAID
        return re.match("<(https://[^>]*)>, <mailto:", field)[1], field

    def run(self, link, method="POST", body=SAID, kind="application/x-www-form-urlencoded", length=None, user="joe", code=0, **env):
        """(status, header, body) of what the program says by itself."""
        self.host.write("/tmp/body", body)
        with open(self.host.path("/tmp/body"), "rb") as stdin:
            running = self.host.popen(
                ["sh", "-c", "cd /home/joe/www/cgi-bin && exec ./ezmlm-oneclick"], user=user, stdin=stdin, stdout=subprocess.PIPE,
                env={"REQUEST_METHOD": method, "QUERY_STRING": link.partition("?")[2], "SCRIPT_NAME": PROGRAM, "CONTENT_TYPE": kind,
                     "CONTENT_LENGTH": str(len(body)) if length is None else length, **env})
            head, _, text = running.communicate(timeout=60)[0].decode().partition("\n\n")
        assert running.returncode == code
        status = re.match("Status: ([0-9]+)", head)
        return int(status[1]) if status else 200, head, text


@pytest.fixture
def web(host):
    return Web(host)


def test_the_mail_has_the_link(web):
    link, field = web.field(ask(web.list, ask(web.list, "subscribe").reply()).message)
    assert re.fullmatch(re.escape(BASE) + r":\d+\.[a-p]{20}::joe%40example\.net", link)
    assert field.endswith(", <mailto:sos-unsubscribe-joe=example.net@mail.example.org>")
    told = ask(web.list, "subscribe-ann=example.net", options=("-aNSQQ",))
    assert told.names == ["sub-ok"] and told.to == ["sos-owner@mail.example.org"] and told.message["List-Unsubscribe-Post"] is None
    for odd in ("http://lists.example.org/x?1", "https://x y/?1", ""):
        web.list.put("oneclick", odd + "\n")
        web.list.run("ezmlm-unsub", web.list.dir, JOE)
        web.host.sh(f"rm -f {web.list.dir}/confirms")
        plain = ask(web.list, ask(web.list, "subscribe").reply()).message
        assert plain["List-Unsubscribe"] == "<mailto:sos-unsubscribe-joe=example.net@mail.example.org>" and plain["List-Unsubscribe-Post"] is None


def test_one_click(web):
    """Of the list and of its digest; a second click hears the same; nobody else goes."""
    web.list.subscribe("ann@example.net", "bob@example.net")
    web.list.subscribe(JOE, table="digest")
    link = web.link()
    assert len(web.list.subscribers()) == 3
    for _ in range(2):
        status, head, text = web.run(link)
        assert status == 200 and "no-store" in head and f"{JOE} gets no more mail of sos@mail.example.org." in Page(text).text
        assert sorted(web.list.subscribers()) == ["ann@example.net", "bob@example.net"] and web.list.subscribers("digest") == [JOE]
    assert re.search(rf"^\d+ -click {JOE}$", web.list.read("Log"), re.M) and web.list.read("Log").count("-click") == 1
    web.list.run("ezmlm-unsub", web.list.dir, "digest", JOE)
    status, _, text = web.run(web.link(table="digest"))
    assert status == 200 and "sos-digest@" in text and web.list.subscribers("digest") == []


def test_who_looks_changes_nothing(web):
    """A scanner that follows links, or sends something that is no one-click, unsubscribes nobody."""
    link = web.link()
    for method in ("GET", "HEAD"):
        status, head, text = web.run(link, method=method)
        assert status == 200 and f"Shall {JOE} get no more mail" in Page(text).text
        style = re.search("<style>(.*?)</style>", text, re.S)[1]
        assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in head and "script" not in head
    for method, body, kind, length, wanted in (
            ("PUT", SAID, "", None, 405), ("", SAID, "", None, 405), ("POST", "", "", None, 400), ("POST", "x=y", "", None, 400),
            ("POST", SAID, "text/plain", None, 400), ("POST", SAID, "", "", 411), ("POST", SAID, "", "9", 400), ("POST", SAID, "", "x", 411),
            ("POST", SAID, "", "-1", 411), ("POST", SAID + "&" + "x" * 9000, "", None, 413), ("POST", SAID, "", "9" * 30, 413)):
        status, head, text = web.run(link, method, body, kind, length)
        assert status == wanted and "text/plain" in head and "<" not in text, (method, body[:40])
    assert web.list.subscribers() == [JOE] and "-click" not in web.list.read("Log")


def test_links_of_others(web):
    """Of another address, table, list, time, or changed in any letter: nothing is done."""
    link = web.link()
    other = the_list(web.host, "other", place="/home/joe", owner="joe")
    other.subscribe(JOE)
    cookie = re.search("[a-p]{20}", link)[0]
    changed = "".join("b" if letter == "a" else "a" for letter in cookie)
    for wrong, wanted in (
            (link.replace("joe%40", "ann%40"), 403), (link.replace("joe%40", "Joe%40"), 403), (link.replace("::", ":digest:"), 403),
            (link.replace("?1:", "?2:"), 403), (link.replace("?1:", "?3:"), 404), (link.replace(cookie, changed), 403),
            (link.replace(cookie, cookie[:19] + ("a" if cookie[19] != "a" else "b")), 403), (re.sub(r":\d+\.", ":1000000000.", link), 403),
            (re.sub(r":\d+\.", ":99999999999.", link), 403), (link.replace("::", ":mod:"), 400), (link + "%00", 400), (link + "&x", 403),
            (link.replace("joe%40", "../../joe%40"), 403), (BASE, 400), ("", 400), (BASE + ":" + "x" * 5000, 400)):
        for method in ("POST", "GET"):
            assert web.run(wrong, method=method)[0] == wanted, (wrong, method)
    assert web.list.subscribers() == [JOE] == other.subscribers()
    assert web.run(link)[0] == 200 and web.list.subscribers() == [] and other.subscribers() == [JOE]


def test_trouble_is_told_as_trouble(web):
    """Whoever clicks hears that it is not done."""
    link = web.link()
    web.host.sh("chmod 0 /home/joe/sos/subscribers")
    assert web.run(link)[0] == 503
    web.host.sh("chmod 755 /home/joe/sos/subscribers; mv /home/joe/sos/key /home/joe/sos/k")
    assert web.run(link)[0] == 503
    web.host.sh("mv /home/joe/sos/k /home/joe/sos/key; mv /home/joe/www/cgi-bin/.ezcgirc /tmp/rc")
    assert web.run(link)[0] == 503
    web.host.sh("install -m 644 /tmp/rc /etc/ezmlm/ezcgirc")
    assert web.list.subscribers() == [JOE] and web.run(link)[0] == 200 and web.list.subscribers() == []
    web.run(link, user="root", code=100)


def test_who_waits_too_long_is_told_when_to_come_again(web):
    """Somebody has the list; the signal is that of the alarm."""
    link = web.link()
    holder = web.host.popen(["flock", "/home/joe/sos/lock", "sh", "-c", "echo held; exec sleep 600"], user="joe", stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    alarm = web.host.popen(["sh", "-c", "until pgrep -f ^./ezmlm-oneclick | grep -c . | grep -q 2; do sleep 0.1; done; "
                                        "pkill -ALRM -o -f ^./ezmlm-oneclick"])
    try:
        status, head, text = web.run(link)
    finally:
        holder.kill()
        web.host.sh("pkill -x sleep -u joe", check=False)
        assert alarm.wait(30) == 0
    assert status == 503 and "\nRetry-After: 300\n" in head and "try again later" in text and web.list.subscribers() == [JOE]
    assert eventually(lambda: web.host.sh("pgrep -f ^./ezmlm-oneclick", check=False).returncode)
    assert web.run(link)[0] == 200 and web.list.subscribers() == []


def test_the_helper_of_a_database_ends_by_its_own_alarm(host):
    """However long what it asks does not answer; who clicks is told to come again."""
    file = "/home/joe/subscribers.sqlite"
    web = Web(host, f"-6 sqlite3:::::{file}:sos")
    link = web.link()
    locker = Locker(host, ["sqlite3", file], "BEGIN EXCLUSIVE", user="joe")
    helper = host.popen(["sh", "-c", "until pid=$(pgrep -x ezmlm-table-sql); do sleep 0.01; done; kill -STOP $pid; grep SigBlk: /proc/$pid/status; "
                                     "kill -ALRM $pid; kill -CONT $pid; for i in 1 2 3 4 5; do sleep 0.4; kill -0 $pid || exit 0; done; exit 1"], stdout=subprocess.PIPE, text=True)
    try:
        assert web.run(link)[0] == 503
    finally:
        locker.end()
        blocked, _ = helper.communicate(timeout=30)
    assert blocked == f"SigBlk:\t{0:016x}\n" and helper.returncode == 0
    assert web.run(link)[0] == 200 and web.list.subscribers() == []


def test_what_is_shown_is_text(web):
    web.list.put("text/messages", "TXT_ONECLICK_ASK:<b>Grüße</b><script>alert(1)</script> <#A#>?\n")
    _, _, text = web.run(web.link("a'&b@example.net"), method="GET", SCRIPT_NAME="/\"><script>alert(2)</script>")
    page = Page(text)
    assert not {"b", "script"} & set(page.tags) and "<b>Grüße</b><script>alert(1)</script> a'&b@example.net?" in page.text


def test_behind_a_web_server(web):
    """Both kinds of forms, as clients send them, and the page's own one."""
    server = web.host.popen(["busybox", "httpd", "-f", "-p", "127.0.0.1:8080", "-h", "/home/joe/www"], user="joe", stdin=subprocess.DEVNULL)
    try:
        link = web.link().replace("https://lists.example.org", SERVER)
        assert eventually(lambda: web.host.sh(f"curl -sS '{link}'", check=False).returncode == 0)

        def curl(options, to=link):
            return web.host.sh(f"curl -sS -o /tmp/page -w '%{{http_code}}' {options} '{to}'").stdout
        assert curl("") == "200" and curl("-I") == "200" and curl("-d x=y") == "400" and web.list.subscribers() == [JOE]
        action = re.search('action="([^"]*)"', web.host.sh(f"curl -sS '{link}'").stdout)[1].replace("&amp;", "&")
        for options, to in (("-F List-Unsubscribe=One-Click", link), ("-d List-Unsubscribe=One-Click", link), (f"-d {SAID}", SERVER + action)):
            web.list.subscribe(JOE)
            assert curl(options, to) == "200" and web.list.subscribers() == [], options
        assert curl(f"-d {SAID}", link.replace("joe", "ann")) == "403"
    finally:
        server.terminate()
        server.wait(30)
