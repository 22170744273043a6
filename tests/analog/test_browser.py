"""The report as a page, in a browser: make test-browser."""

import os

import pytest

from tests.analog.test_report import DAY, DOOR, NOON, line, report
from tests.host import browser

pytestmark = pytest.mark.skipif(not (os.environ.get("BROWSER") and browser.PROGRAM), reason="make test-browser looks at it")

DAY_BEGINS = NOON - 12 * 3600
LONG = "Connected_to_192.0.2.1_but_sender_was_rejected._" + "x" * 150 + "/"


def busy():
    """A day in which something of each kind happens every few minutes."""
    for i in range(390):
        at = DAY_BEGINS + i * 217
        outcome = "success: ok/" if i % 5 else f"deferral: {LONG}" if i % 10 else "failure: no_such_user_(#5.1.1)/"
        yield line(at, f"info msg {i}: bytes {1000 + i * 37} from <u{i % 7}@some.rather-long-domain-name.example.org> qp {i} uid 1")
        yield line(at + 1, f"starting delivery {i}: msg {i} to remote r{i % 11}@host{i % 5}.example.net")
        yield line(at + 2 + i % 40, f"delivery {i}: {outcome}")


@pytest.fixture
def page(tmp_path):
    for name, text in (("send", "".join(busy())), ("door", DOOR)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "current").write_text(text)
    return report("--html", *DAY, str(tmp_path / "send"), str(tmp_path / "door"))


@pytest.mark.parametrize("width", [1600, 1000, 500])
def test_all_of_it_is_to_be_seen(page, tmp_path, width):
    """Nothing is wider than the window or stands on something else; bars have a size and are in their drawing."""
    seen = browser.measure(tmp_path, page, width)
    assert seen["wide"] <= 0
    assert len(seen["bars"]) > 60 and len(seen["words"]) > 60
    assert [(a, b) for i, a in enumerate(seen["words"]) for b in seen["words"][i + 1:] if browser.overlap(a, b)] == []
    chart, labels = max(seen["drawings"], key=lambda drawing: len(drawing[1]))
    assert chart[2] - chart[0] > width / 2 or chart[2] - chart[0] > 800
    assert [text for text in labels if not (chart[0] <= text[0] and text[2] <= chart[2] + 1 and chart[1] <= text[1] and text[3] <= chart[3] + 1)] == []
    assert [(a, b) for i, a in enumerate(labels) for b in labels[i + 1:] if browser.overlap(a, b)] == []
    within = [bar for bar in seen["bars"] if browser.overlap(bar, chart)]
    assert len(within) > 60 and all(bar[3] > bar[1] and bar[2] > bar[0] for bar in within)


def test_it_has_colours(page, tmp_path):
    """The picture of the whole, policy and all, is no empty sheet."""
    assert len(browser.picture(tmp_path, page, 1200)) > 20000
