"""An archive in a browser, behind a web server: make test-browser."""

import base64
import os
import subprocess
from urllib.parse import urlsplit

import pytest

from tests.host import browser
from tests.host.machine import eventually
from tests.lists.listhost import the_list
from tests.lists.test_oneclick import JOE, Web as Leaving

pytestmark = pytest.mark.skipif(not (os.environ.get("BROWSER") and browser.PROGRAM), reason="make test-browser looks at it")

SERVER = "http://127.0.0.1:8080"
PAGE = SERVER + "/cgi-bin/ezmlm-cgi"
SCRIPT = "<script>alert(1)</script><img src=//evil.example/x onerror=alert(2)><style>*{display:none}</style><meta http-equiv=refresh content='0;//evil.example'>"
QUOTED = "\"><script>alert(1)</script>'><iframe src=//evil.example></iframe>"
ENCODED = base64.b64encode(SCRIPT.encode()).decode()
MIXED = 'Content-Type: multipart/mixed; boundary="{0}"\n\n--{0}\n{1}\n--{0}--\n'
FROM = "From: Ann <ann@example.net>\nSubject: {}\n"
POSTS = [
    FROM.format("Hello") + "\nwrite to bob@example.net or <mailto:carl@example.net>\n",
    FROM.format("Re: Hello") + "\nanswered\n",
    FROM.format(SCRIPT) + "\n" + SCRIPT + "\n",
    f"From: {QUOTED} <{QUOTED}@example.net>\nSubject: {QUOTED}\nDate: {QUOTED}\n\n{QUOTED}\n",
    FROM.format(f"=?utf-8?b?{ENCODED}?= =?{QUOTED}?q?x?=") + "\nbody\n",
    FROM.format("=?utf-7?q?+ADw-script+AD4-alert(1)?=") + "Content-Type: text/plain; charset=utf-7\n\n+ADw-script+AD4-alert(1)+ADw-/script+AD4-\n",
    FROM.format("a charset") + f"Content-Type: text/plain; charset=\"{QUOTED}\"\nContent-Transfer-Encoding: {QUOTED}\n\n\x80\xff\xfe {SCRIPT}\n",
    FROM.format("names of files") + MIXED.format("b", f'Content-Type: text/html; name="{SCRIPT}"\nContent-Disposition: attachment; filename="{SCRIPT}"\n\n{SCRIPT}'),
    FROM.format("types") + MIXED.format("b", f"Content-Type: {QUOTED}/x\n\n{SCRIPT}"),
    FROM.format("base64") + f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{ENCODED}\n",
    FROM.format("broken") + f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{ENCODED[:-7]}%%%\n",
    FROM.format("broken bytes \udcff\udcc3(\udced\udca0\udc80") + "\n\udcc3(\udcf0\udc9f\udc80 \udced\udca0\udc80\n",
    None,       # somebody has removed it
    FROM.format("two ways \u202egnirts\u202c \u2066x") + "Content-Type: text/plain; charset=utf-8\n\n\u202egnirts \u2028 \u2029 \x1b[31m\x00x\n",
    FROM.format("x" * 1900) + "\n" + "w" * (1 << 20) + "\n",
    FROM.format("y" * (1 << 19)) + "\n" + "wide " * 1000 + "\n" + "=" * 3000 + "\n",
    "From: " + "f" * 3000 + "@example.net\n\nnothing is said of it\n",
    FROM.format("within") + "Content-Type: message/rfc822\n\n" + FROM.format(SCRIPT) + "\n" + SCRIPT + "\n",
]


class Web:
    """A list of joe's with these posts, and a web server that runs as joe."""

    def __init__(self, host):
        self.host = host
        host.user("joe")
        self.list = the_list(host, "sos", place="/home/joe", owner="joe")
        host.sh("cd /home/joe && install -d www/cgi-bin sos/archive/0 && cp /var/qmail/bin/ezmlm-cgi www/cgi-bin/", user="joe")
        host.write("/home/joe/www/cgi-bin/.ezcgirc", "1;0;/home/joe/sos;sos@example.org;home=/;utf-8;;\n", owner="joe")
        for number, text in ((number, text) for number, text in enumerate(POSTS, 1) if text):
            received = f"Received: by x; {number} Nov 2025 20:00:00 -0000\n"
            host.write(f"/home/joe/sos/archive/0/{number:02}", (received + text).encode(errors="surrogateescape"), owner="joe", mode=0o744)
        self.list.put("num", f"{len(POSTS)}:99\n")
        self.list.run("ezmlm-idx", self.list.dir)
        self.list.run("ezmlm-archive", "-c", self.list.dir)
        self.server = host.popen(["busybox", "httpd", "-f", "-p", "127.0.0.1:8080", "-h", "/home/joe/www"], user="joe", stdin=subprocess.DEVNULL)
        assert eventually(lambda: host.sh(f"curl -s {PAGE}/1/1", check=False).returncode == 0)

    def end(self):
        self.server.terminate()
        self.server.wait(30)


@pytest.fixture
def web(host):
    made = Web(host)
    yield made
    made.end()


FIRST = ["/1/index", "?1:dds:0:202511", *(f"/1/{number}" for number, text in enumerate(POSTS, 1) if text)]
LINKS = "[...document.querySelectorAll('a')].map(a => a.href)"
ACTIVE = "document.querySelectorAll('script, iframe, object, embed, img, svg, math, form, base, meta[http-equiv]').length"
WIDER = "document.documentElement.scrollWidth - innerWidth"


def in_archive(link):
    """Months go on for ever; of those, the one in which something was written."""
    parts = urlsplit(link)
    month = parts.query.split(":")[3:4]
    return parts.path.startswith("/cgi-bin/ezmlm-cgi") and (month or ["202511"])[0] == "202511"


def crawled(page, **how):
    """Every page that links lead to, opened; (address, Seen) of each while it is shown."""
    todo, known = [PAGE + rest for rest in FIRST], set()
    while todo:
        url = todo.pop(0)
        if url in known:
            continue
        known.add(url)
        yield url, page.open(url, **how)
        assert len(known) < 400
        todo += [link for link in page.ask(LINKS) if in_archive(link)]


def test_every_page_on_a_telephone(web):
    """Each link leads somewhere; nothing runs, nothing is fetched from elsewhere, nothing is wider than the window."""
    count = 0
    with browser.Browser(web.host) as page:
        for url, seen in crawled(page, width=360):
            count += 1
            assert seen.status == 200, url
            assert seen.complaints == [] and seen.asked == [url], url
            assert page.ask(ACTIVE) == 0 and page.ask(WIDER) <= 0, url
            assert page.ask("location.href") == url and page.ask("document.compatMode") == "CSS1Compat"
            assert "example.net" not in page.ask("document.documentElement.outerHTML"), url
            assert page.ask("getComputedStyle(document.body).display") == "block"
    assert count > 2 * len(POSTS) + 10


def test_day_and_night(web):
    """The page goes with what the reader's system says, light or dark."""
    words = "['body', 'li span', 'h1'].map(e => getComputedStyle(document.querySelector(e)).color)"
    with browser.Browser(web.host) as page:
        page.open(PAGE + "/1/index")
        assert page.ask(words) == ["rgb(0, 0, 0)"] * 3
        page.open(PAGE + "/1/index", dark=True)
        assert page.ask(words) == ["rgb(255, 255, 255)"] * 3
        assert page.ask("document.querySelector('li').getBoundingClientRect().width") > 500


def test_the_policy_holds(web):
    """Would something of a message be more than text, it were still not run, nor fetched."""
    inserts = """
      for (const [tag, what, text] of [['script', 'textContent', 'document.title = "run"'], ['style', 'textContent', 'body { display: none }'],
                                       ['iframe', 'src', '/x'], ['img', 'src', '//evil.example/x']]) {
        const e = document.createElement(tag);
        e[what] = text;
        document.body.append(e);
      }"""
    with browser.Browser(web.host) as page:
        page.open(PAGE + "/1/1")
        title = page.ask("document.title")
        page.ask(inserts)
        assert page.ask("document.title") == title and page.ask("getComputedStyle(document.body).display") == "block"
        blocked = [what["entry"]["text"] for method, what in page.events if method == "Log.entryAdded"]
        assert len(blocked) >= 3 and all("Content Security Policy" in text for text in blocked)


def test_the_button_of_who_leaves(host):
    """By hand, on a telephone: the page asks, its button does it, and looking did not."""
    web = Leaving(host)
    link = web.link().replace("https://lists.example.org", SERVER)
    server = host.popen(["busybox", "httpd", "-f", "-p", "127.0.0.1:8080", "-h", "/home/joe/www"], user="joe", stdin=subprocess.DEVNULL)
    try:
        assert eventually(lambda: host.sh(f"curl -s '{link}'", check=False).returncode == 0)
        with browser.Browser(host) as page:
            seen = page.open(link, width=360, dark=True)
            assert seen.status == 200 and seen.complaints == [] and seen.asked == [link] and page.ask(WIDER) <= 0
            assert "Shall" in page.ask("document.body.innerText") and web.list.subscribers() == [JOE]
            page.events.clear()
            page.ask("document.querySelector('button').click()")
            assert page.loaded().status == 200 and "gets no more mail" in page.ask("document.body.innerText")
            assert web.list.subscribers() == []
    finally:
        server.terminate()
        server.wait(30)
