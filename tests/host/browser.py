"""What a browser makes of a page: chromium without a screen, as Debian has it (make test-browser)."""

import json
import os
import re
import select
import shutil
import subprocess

PROGRAM = shutil.which("chromium-headless-shell")
# Runs in a copy of the page, whose policy would not let it: what is how large, and what stands on what.
MEASURE = """<script>
addEventListener("load", () => {
  const box = e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom].map(Math.round); };
  const all = (what, from = document) => [...from.querySelectorAll(what)];
  const said = document.createElement("pre");
  said.id = "measured";
  const measured = {
    wide: document.documentElement.scrollWidth - innerWidth,
    bars: all("rect").map(box), words: all("h1, h2, th, td").filter(e => e.textContent.trim()).map(box),
    drawings: all("svg").map(e => [box(e), all("text", e).map(box)]),
  };
  said.textContent = "measured" + JSON.stringify(measured) + "measured";
  document.body.append(said);
});
</script>"""


def _run(place, width, *what):
    done = subprocess.run([PROGRAM, "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={place}/profile",
                           f"--window-size={width},2000", *what], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def measure(place, page, width):
    """Boxes (left, top, right, bottom) of what the page shows in a window so wide; place is a directory for what that needs."""
    copy = place / "measured.html"
    copy.write_text(re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page).replace("</body>", MEASURE + "</body>"))
    shown = _run(place, width, "--dump-dom", copy.as_uri())
    return json.loads(re.search(r'<pre id="measured">measured(.*)measured</pre>', shown)[1])


def picture(place, page, width):
    """The page itself, as a PNG."""
    (place / "page.html").write_text(page)
    _run(place, width, f"--screenshot={place}/page.png", (place / "page.html").as_uri())
    return (place / "page.png").read_bytes()


def overlap(a, b):
    """By more than a hair."""
    return min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1


class Browser:
    """The same on a host, where it asks that host's web server: pages as they are, with their headers.

        with Browser(host) as browser:
            seen = browser.open("http://127.0.0.1:8080/", width=360)
            assert seen.status == 200 and browser.ask("document.title") == "Hello"
    """

    def __init__(self, host):
        self.host = host

    def __enter__(self):
        # messages go in and out on descriptors 3 and 4
        self.process = self.host.popen(
            ["sh", "-c", f"exec {PROGRAM} --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --remote-debugging-pipe"
             " --user-data-dir=/tmp/browser about:blank 3<&0 4>&1 </dev/null >/dev/null 2>&1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"HOME": "/tmp"})
        self.number, self.session, self.unread, self.events = 0, None, b"", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(domain + ".enable")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def _next(self):
        while b"\0" not in self.unread:
            assert select.select([self.process.stdout], [], [], 60)[0], "the browser is silent"
            piece = os.read(self.process.stdout.fileno(), 1 << 20)
            assert piece, "the browser has ended"
            self.unread += piece
        message, _, self.unread = self.unread.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters, **({"sessionId": self.session} if self.session else {})}
        self.process.stdin.write(json.dumps(message).encode() + b"\0")
        self.process.stdin.flush()
        while (answer := self._next()).get("id") != self.number:
            self.events.append((answer.get("method"), answer.get("params")))
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def open(self, url, width=1000, dark=False):
        """Loads a page in a window so wide; what became of it is a Seen."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.events.clear()
        self.call("Page.navigate", url=url)
        return self.loaded()

    def loaded(self):
        """A page has been asked for, by open or by a click."""
        while not any(method == "Page.loadEventFired" for method, _ in self.events):
            message = self._next()
            self.events.append((message.get("method"), message.get("params")))
        self.ask("0")                   # what the page said before now
        return Seen(self.events)

    def ask(self, expression):
        """The value of an expression of JavaScript, which the page's policy does not concern."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")


class Seen:
    """What a browser did for a page: the status, what it asked servers for, and what it complained of."""

    def __init__(self, events):
        responses = [what["response"] for method, what in events if method == "Network.responseReceived" and what["type"] == "Document"]
        self.status = responses[-1]["status"] if responses else None
        self.asked = [what["request"]["url"] for method, what in events if method == "Network.requestWillBeSent"]
        self.complaints = [(method, what) for method, what in events if method in (
            "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Page.javascriptDialogOpening", "Page.frameAttached")]
