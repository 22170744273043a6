"""ezmlm-cgi: an archive in a web browser, behind a real web server."""

import base64
import hashlib
import html.parser
import re
import subprocess

import pytest

from tests.host.machine import eventually

HASH, AUTHOR = "a" * 20, "b" * 20
LIST = "/home/joe/sos"
PAGE = "http://127.0.0.1:8080/cgi-bin/ezmlm-cgi"
EVIL = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>"
POST = "Return-Path: <x@y>\nFrom: Joe {0} <joe@example.net>\nSubject: {1}\nDate: 20 Nov 2025 20:00:00 -0000\n{2}\n\n{3}\n"


class Page(html.parser.HTMLParser):
    """What a browser makes of a page: its tags, links and text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        assert not [name for name, _ in attributes if name.startswith("on")]
        self.links += [value for name, value in attributes if name == "href"]

    def handle_data(self, data):
        self.text += data


class Web:
    def __init__(self, host):
        self.host = host
        host.user("joe")
        host.sh(f"install -d /home/joe/www/cgi-bin {LIST}/archive/0 {LIST}/archive/threads {LIST}/archive/subjects/aa {LIST}/archive/authors/bb", user="joe")
        host.sh("install -o joe /var/qmail/bin/ezmlm-cgi /home/joe/www/cgi-bin/")
        self.configure(f"1;0;{LIST};sos@example.org;home=http://example.org/;utf-8;/style.css;<b>banner</b>\n")
        for number, subject in enumerate(("Hello", "More"), 1):
            self.post(number, subject)

    def put(self, name, text, mode=0o644):
        self.host.write(name if name[0] == "/" else f"{LIST}/{name}", text, owner="joe", mode=mode)

    def configure(self, text):
        self.put("/home/joe/www/cgi-bin/.ezcgirc", text)

    def post(self, number, subject="Hello", author="", field="X: y", body="body", index=None):
        self.put(f"archive/0/{number:02}", POST.format(author, subject, field, body), 0o744)
        entry = f"{number}: {HASH} {index or subject}\n\t20 Nov 2025 20:00:00 -0000;{AUTHOR} Joe {author}\n"
        before = self.host.sh(f"cat {LIST}/archive/0/index", check=False).stdout
        self.put("archive/0/index", before + entry)
        self.put("archive/threads/202511", f"{number}:{HASH} [{number}] {index or subject}\n")
        self.put("archive/subjects/aa/" + HASH[2:], f"{HASH} {index or subject}\n" + "".join(f"{n}:202511:{AUTHOR} Joe {author}\n" for n in range(1, number + 1)))
        self.put("archive/authors/bb/" + AUTHOR[2:], f"{AUTHOR} Joe {author}\n" + "".join(f"{n}:202511:{HASH} {index or subject}\n" for n in range(1, number + 1)))
        self.put("num", f"{number}:9\n")

    def run(self, query="", path="", user="joe", code=0):
        """(header, body) of what the program says by itself."""
        done = self.host.run(["sh", "-c", "cd /home/joe/www/cgi-bin && exec ./ezmlm-cgi"], user=user, check=False,
                             env={"QUERY_STRING": query, "PATH_INFO": path, "SCRIPT_NAME": "/cgi-bin/ezmlm-cgi"})
        assert done.returncode == code, done
        head, _, body = done.stdout.decode().partition("\n\n")
        return head, body


@pytest.fixture
def web(host):
    return Web(host)


def test_pages(web):
    server = web.host.popen(["busybox", "httpd", "-f", "-p", "127.0.0.1:8080", "-h", "/home/joe/www"], user="joe", stdin=subprocess.DEVNULL)
    try:
        def get(rest):
            return web.host.sh(f"curl -sS -i '{PAGE}{rest}'").stdout.replace("\r", "")
        assert eventually(lambda: web.host.sh(f"curl -s {PAGE}/1/1", check=False).returncode == 0)
        seen, todo = set(), ["/1/1", "/1/index", "?1:dds:0:202511", ""]
        while todo:
            link = todo.pop()
            text = get(link)
            assert text.startswith("HTTP/1.") and " 200 " in text.splitlines()[0] and "Content-Security-Policy" in text, link
            seen.add(link)
            found = {link.removeprefix("/cgi-bin/ezmlm-cgi") for link in Page(text.partition("\n\n")[2]).links if link.startswith("/cgi-bin/")}
            todo += [link for link in found - seen - set(todo) if not re.search(":(?!202511|2026)[0-9]{6}$", link)][:40 - len(seen)]
        assert any(":mss:2" in link for link in seen) and any(":sss:1" in link for link in seen) and any(":aas:2" in link for link in seen)
        assert get("/1/77").splitlines()[0].split()[1] == "500"
    finally:
        server.terminate()
        server.wait(30)


def test_a_message(web):
    head, body = web.run(path="/1/1")
    page = Page(body)
    assert "Content-Type: text/html; charset=utf-8" in head and "max-age=1209600" in head
    assert "Joe" in page.text and "joe@…" in page.text and "example.net" not in body and "body" in page.text and "<b>banner</b>" in body
    assert "mailto:sos-subscribe@example.org" in body and 'href="/style.css"' in body and "http://example.org/" in page.links
    assert "width=device-width" in body and 'content="index, nofollow"' in body
    assert "max-age=300" in web.run(path="/1/2")[0]


def test_the_policy_is_that_of_the_style(web):
    head, body = web.run(path="/1/1")
    style = re.search("<style>(.*?)</style>", body, re.S)[1]
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in head
    assert "default-src 'none'" in head and "script" not in head and "unsafe" not in head
    web.configure(f"1;0;{LIST};sos@example.org;;utf-8;https://x.example;evil/s.css\n".replace(";evil", "\t;evil"))
    assert "evil" not in web.run(path="/1/1")[0]


QUERIES = {
    "1:dds:0:202511": "2025-11", "1:ddp:0:202512": "2025-11", "1:ddn:0:202510": "2025-11", "1:iis:1": "Messages 1 to 99",
    f"1:sss:1:202511:{HASH}": "More", "1:aas:1": "Joe", "1:msn:1": "More", "1:mdp:2": "Hello", "1:man:1": "More", "1:mss:2": "More"}


def test_queries(web):
    for query, text in QUERIES.items():
        assert text in Page(web.run(query)[1]).text.split("banner")[1], query
    assert "<h1>20" in web.run()[1]


NOTHING = [("x", ""), ("9:mss:1", ""), ("1:mss:3", ""), ("1:mss:0", ""), ("1:msn:2", ""), ("1:sss:1:../../../etc/passwd", ""), ("1:sss:9", ""),
           ("1:aas:1:" + "c" * 20, ""), ("", "/../../etc/passwd"), ("", "/1/" + "9" * 18), ("a" * 5000, ""), ("", "/" + "a" * 5000), ("<script>", ""),
           ("%3Cscript%3E", ""), ("1:mss:1%00", "")]


def test_what_there_is_not(web):
    for query, path in NOTHING:
        head, body = web.run(query, path)
        assert head.startswith("Status: 500\nContent-Type: text/plain") and "<" not in body and "passwd" not in body, (query, path)


@pytest.mark.parametrize("where", ["subject", "author", "field", "body", "index"])
def test_attacks(web, where):
    """Nothing that somebody writes is more than text on any page."""
    evil = {"field": f"Content-Type: text/{EVIL}; charset={EVIL}\nContent-Transfer-Encoding: {EVIL}"}.get(where, EVIL)
    web.post(3, **{where: evil})
    for query in ("1:mss:3", "1:dds:0:202511", "1:iis:3", f"1:sss:3::{HASH}", "1:aas:3"):
        _, body = web.run(query)
        assert not {"script", "img", "iframe", "object", "svg"} & set(Page(body).tags) and "onerror='" not in body, body
    for encoded in ("=?utf-8?b?" + base64.b64encode(EVIL.encode()).decode() + "?=", "=?utf-7?q?+ADw-script+AD4-?=", "\x1b$B<script>\x1b(B"):
        web.post(4, subject=encoded, index="x")
        assert "script" not in Page(web.run("1:mss:4")[1]).tags
    head, body = web.run("1:mss:3", path=EVIL)
    assert EVIL not in body and EVIL not in head


def test_addresses_can_be_hidden(web):
    web.configure(f"1,-0,{LIST},-sos@example.org,,iso-8859-1,,\n")
    web.post(3, body="write to ann@example.com, grüße")
    head, body = web.run("1:mss:3")
    assert "charset=iso-8859-1" in head and "@" not in body.partition("</style>")[2].replace("@media", "") and "gr&#252;&#223;e" in body


def test_what_is_not_whole_is_not_shown(web):
    web.put("archive/0/02", "x", 0o644)
    assert web.run("1:mss:2")[0].startswith("Status: 500")
    web.put("archive/0/02", "Subject: x\n\n" + "x" * 5000000, 0o744)
    assert "too large" in web.run("1:mss:2")[1]


def test_links_lead_to_what_there_is(web):
    """A post that was removed is passed over, and so is what ezmlm-archive has not written."""
    web.post(3), web.post(4)
    web.host.sh(f"rm {LIST}/archive/0/02 {LIST}/archive/0/03; rm -r {LIST}/archive/authors")
    links = " ".join(Page(web.run(path="/1/1")[1]).links)
    assert ":mds:4" in links and ":mds:2" not in links and ":mds:3" not in links and ":sss:1" in links and ":aas:" not in links
    assert ":mds:1" in " ".join(Page(web.run(path="/1/4")[1]).links)


def test_root_is_refused(web):
    web.run(path="/1/1", user="root", code=100)


def test_no_settings(web):
    web.host.sh("rm /home/joe/www/cgi-bin/.ezcgirc")
    assert web.run(path="/1/1")[0].startswith("Status: 500")
    web.host.write("/etc/ezmlm/ezcgirc", f"1;0;{LIST};;;;;\n", mode=0o644)
    assert "body" in web.run(path="/1/1")[1]
