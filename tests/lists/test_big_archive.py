"""An archive of many posts: 10,000, or with ARCHIVE=full 200,000, and how long what is shown of it takes."""

import os
import pathlib
import pty
import random
import resource
import shutil
import subprocess
import tempfile

import pytest

from tests.lists.posting import Posting
from tests.lists.test_cgi import Page

FULL = os.environ.get("ARCHIVE") == "full"
COUNT = 200000 if FULL else 10000
MEMORY_DISK = "/dev/shm"        # so many files take long on a disk where others work, too
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
POST = "Return-Path: <{1}@example.net>\nReceived: by x; {2}\nMessage-ID: <{0}@x>\nDate: {2}\nFrom: {1} <{1}@example.net>\nTo: sos@example.org\n" \
    "Subject: {3}\n\n{4}"
SECONDS = 1 if "SANITIZE" in os.environ else 0.1
MEMORY = 4 << 20


def post(number, chance):
    """A quarter is of one subject, a third by one author, in fifteen years; others talk in threads of some twenty posts."""
    month = (number - 1) * 180 // COUNT
    date = f"{1 + number % 28} {MONTHS[month % 12]} {2010 + month // 12} 20:00:00 -0000"
    subject = "Re: build report" if number % 4 == 0 else f"Re: thread {int(number / 30 + 9 * chance.random())} of things that matter"
    author = "robot" if number % 3 == 0 else f"person{int(COUNT / 50 * chance.random() ** 3)}"
    return POST.format(number, author, date, subject, "a line that somebody wrote\n" * int(4 + 30 * chance.random()))


class Archive(Posting):
    def __init__(self, place, web):
        super().__init__(place)
        self.web = web
        self.put("public", "")
        self.queue.write_text("#!/bin/sh\ncat > $CATCH_DIR/message; cat <&1 > $CATCH_DIR/envelope\n")
        for text in ("bottom", "digest", "get-bad"):
            self.put("text/" + text, "text\n")
        shutil.copy(self.command("ezmlm-cgi")[0], web)
        (web / ".ezcgirc").write_text(f"1;0;{self.path};sos@example.org;;;;\n")
        self.write()

    def write(self):
        chance = random.Random(1)
        for number in range(1, COUNT + 1):
            if number % 100 == 0 or number == 1:
                (self.path / f"archive/{number // 100}").mkdir()
            fd = os.open(self.path / f"archive/{number // 100}/{number % 100:02}", os.O_CREAT | os.O_WRONLY, 0o744)
            os.write(fd, post(number, chance).encode())
            os.close(fd)
        self.put("num", f"{COUNT}:{COUNT * 4}\n")

    def page(self, query="", path=""):
        done = subprocess.run(["./ezmlm-cgi"], cwd=self.web, env={"QUERY_STRING": query, "PATH_INFO": path}, capture_output=True,
                              user="nobody" if os.geteuid() == 0 else None, check=True)
        head, _, body = done.stdout.decode().partition("\n\n")
        assert "Status" not in head, (query, path, body)
        return body

    def crossed(self):
        return sorted(path.relative_to(self.path).as_posix() + path.read_text() for place in ("threads", "subjects", "authors")
                      for path in (self.path / "archive" / place).rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def big():
    with tempfile.TemporaryDirectory(dir="/var/tmp" if FULL else MEMORY_DISK) as place, tempfile.TemporaryDirectory(dir="/var/tmp") as web:
        for directory in (place, web):
            os.chmod(directory, 0o755)
        big = Archive(pathlib.Path(place), pathlib.Path(web))
        big.run("ezmlm-idx", big.path)
        big.run("ezmlm-archive", "-c", big.path)
        yield big


def soon(what):
    """With less than SECONDS of a processor; how long that takes by the clock says more about what else this machine does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = what()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SECONDS
    return result


MIDDLE = COUNT // 2
WORDS = [f"get.{MIDDLE}_{MIDDLE + 99}", f"get.{MIDDLE}", "get", f"thread.{MIDDLE + 1}", f"thread.{MIDDLE}", f"thread.{COUNT}", "thread.4", "index",
         f"index.{MIDDLE}", f"index.1_{COUNT}", "index.1"]


@pytest.mark.parametrize("word", WORDS)
def test_by_mail(big, word):
    request = "From: joe@example.net\nSubject: x\n\nx\n"
    answer = soon(lambda: big.mail("ezmlm-get", big.path, text=request, code=99, LOCAL=f"sos-{word}", DEFAULT=word))
    assert answer.message


PAGES = [("1:dds:0:201407", ""), (f"1:iis:{MIDDLE}", ""), ("", ""), ("", f"/1/{MIDDLE}"), (f"1:mdn:{COUNT - 1}", ""), (f"1:sss:{MIDDLE}", ""),
         (f"1:aas:{MIDDLE // 3 * 3}", ""), (f"1:msn:{MIDDLE}", ""), (f"1:map:{MIDDLE // 3 * 3}", ""), ("", "/1/index")]


@pytest.mark.parametrize("query, path", PAGES)
def test_in_a_browser(big, query, path):
    assert 500 < len(soon(lambda: big.page(query, path))) < 200000


def test_long_pages_are_cut(big):
    """A subject of so many posts that nobody reads them on one page: links lead to all of them."""
    seen, number = set(), 4
    while True:
        links = Page(big.page(f"1:sss:{number}")).links
        numbers = [int(link.split(":")[2]) for link in links if ":mss:" in link]
        assert numbers == sorted(numbers) and number in numbers
        seen.update(numbers)
        behind = [link for link in links if ":sss:" in link and int(link.split(":")[2]) == numbers[-1]]
        if not behind or len(seen) > 3000:
            break
        number = numbers[-1]
    assert min(seen) == 4 and sorted(seen) == list(range(4, 4 * len(seen) + 1, 4)) and (len(seen) == COUNT // 4 or len(seen) > 3000)


@pytest.mark.skipif("SANITIZE" in os.environ, reason="the sanitizer itself needs more memory")
@pytest.mark.parametrize("command", [["ezmlm-idx"], ["ezmlm-archive", "-c"]])
def test_it_is_made_in_little_memory(big, command):
    subprocess.run(["prlimit", f"--data={MEMORY}", *big.command(*command, big.path)], check=True, timeout=600)


def test_what_is_killed_is_done_when_it_runs_again(big):
    """Wherever it was: also where it had begun anew, and archnum had said that all was done."""
    whole = big.crossed()
    for files in (1, 100):
        process = subprocess.Popen(big.command("ezmlm-archive", "-c", big.path))
        while process.poll() is None and sum(len(inner) for _, _, inner in os.walk(big.path / "archive/subjects")) not in range(files, 200):
            pass
        process.kill()
        process.wait()
        big.run("ezmlm-archive", big.path)
        assert big.crossed() == whole and big.get("archnum") == f"{COUNT}\n".encode()


def test_it_tells_how_far_it_is(big):
    for command in (["ezmlm-idx"], ["ezmlm-archive", "-f", "1"]):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(big.command(*command, big.path), stderr=theirs)
        os.close(theirs)
        said = os.read(ours, 100)
        assert process.wait(600) == 0 and said.startswith(b"\r") and said.split(b"\r")[1].endswith(f" of {COUNT}".encode()), (command, said)
        os.close(ours)
