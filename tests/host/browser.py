"""What a browser makes of a page: chromium without a screen, as Debian has it (make test-browser)."""

import json
import re
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
