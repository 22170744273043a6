"""Archives made otherwise, and what a web page needs of one: ezmlm-import, ezmlm-idx, ezmlm-archive."""

import pytest

from tests.lists.posting import POST, Posting

MBOX = "no message\nFrom a@b Thu Jan  1 00:00:01 1970\nSubject: [sos] one\nFrom: Joe <joe@x>\nDate: 1 Jan 1970\n\nbody\n>From here\n\n" \
    "From whatever " + "x" * 20000 + "\nSubject: Re: two\nReceived: x; 2 Jan 1970\nFrom: ann@x\n\n" + "y" * 300 + "\nFrom there\nSubject: three\n"


@pytest.fixture
def sos(tmp_path):
    return Posting(tmp_path, prefix="[sos]\n")


def test_an_mbox_comes(sos):
    sos.mail("ezmlm-send", sos.path)
    sos.run("ezmlm-import", sos.path, input=MBOX.encode())
    assert sos.get("archive/0/02") == b"Subject: [sos] one\nFrom: Joe <joe@x>\nDate: 1 Jan 1970\n\nbody\n>From here\n\n"
    assert sos.get("archive/0/03").endswith(b"y" * 300 + b"\n") and sos.get("archive/0/04") == b"Subject: three\n"
    assert (sos.path / "archive/0/04").stat().st_mode & 0o777 == 0o744
    assert sos.get("num") == b"4:1\n" and sos.get("archive/0/index").count(b"\n") == 2
    sos.put("box", MBOX)
    sos.run("ezmlm-import", sos.path, "box")
    assert sos.get("num") == b"7:2\n"
    sos.run("ezmlm-import", sos.path, "none", code=111)
    sos.run("ezmlm-import", sos.path, input=b"")
    assert sos.get("num") == b"7:2\n"


def test_an_index_is_made(sos):
    sos.run("ezmlm-import", sos.path, input=MBOX.encode())
    (sos.path / "archive/0/02").chmod(0o644)
    (sos.path / "indexed").unlink()
    sos.run("ezmlm-idx", sos.path)
    lines = sos.get("archive/0/index").decode().split("\n")
    assert [line.split(" ", 2)[-1] for line in lines] == ["one", "Joe", "three", "", ""] and lines[1].startswith("\t;") and (sos.path / "indexed").exists()
    (sos.path / "archive/0/02").chmod(0o744)
    sos.run("ezmlm-idx", "-d", sos.path)
    lines = sos.get("archive/0/index").decode().split("\n")
    assert lines[1].startswith("\t1 Jan 1970;") and lines[2].endswith(" Re: two") and lines[3].startswith("\t;")


def test_an_index_of_many_groups(sos):
    sos.put("num", "98:0\n")
    for _ in range(4):
        sos.mail("ezmlm-send", sos.path, text=POST)
    made = {group: sos.get(f"archive/{group}/index") for group in (0, 1)}
    for group in (0, 1):
        sos.put(f"archive/{group}/index", "broken\n")
    sos.run("ezmlm-idx", "-f", "150", sos.path)
    assert sos.get("archive/0/index") == b"broken\n" and sos.get("archive/1/index") == made[1]
    sos.run("ezmlm-idx", sos.path)
    assert {group: sos.get(f"archive/{group}/index") for group in (0, 1)} == made


def many(*posts):
    """An mbox of posts (subject, author, month)."""
    return "".join(f"From a@b\nReceived: x; 20 {month} 00:00:00 -0000\nSubject: {subject}\nFrom: {author}\n\nx\n" for subject, author, month in posts)


POSTS = [("one", "Joe <joe@x>", "Nov 2025"), ("two", "ann@x (Ann)", "Nov 2025"), ("Re: one", "ann@x (Ann)", "Dec 2025"), ("one", "Joe <joe@x>", "Nov 2025")]


def crossed(sos):
    """{path: lines} below archive, without index and posts."""
    return {str(path.relative_to(sos.path / "archive")): path.read_text().splitlines()
            for place in ("threads", "subjects", "authors") for path in (sos.path / "archive" / place).rglob("*") if path.is_file()}


def archive(sos, *options, code=0):
    return sos.run("ezmlm-archive", *options, sos.path, code=code)


def test_threads_subjects_authors(sos):
    assert "no message" in archive(sos, code=100)[1]
    sos.run("ezmlm-import", sos.path, input=many(*POSTS).encode())
    sos.run("ezmlm-idx", sos.path)
    archive(sos)
    found = crossed(sos)
    assert sos.get("archnum") == b"4\n"
    one = [line[2:22] for line in found["threads/202511"] if line.endswith(" one")][0]
    assert found["threads/202511"] == [line for line in found["threads/202511"] if line[0] in "24"] and found["threads/202511"][1] == f"4:{one} [2] one"
    assert found["threads/202512"] == [f"3:{one} [1] one"]
    subject = found[f"subjects/{one[:2]}/{one[2:]}"]
    assert subject[0] == f"{one} one" and [line[:9] for line in subject[1:]] == ["1:202511:", "3:202512:", "4:202511:"]
    assert [line.split(" ", 1)[1] for line in subject[1:]] == ["Joe", "Ann", "Joe"]
    joe = subject[1].split(":")[2].split(" ")[0]
    assert found[f"authors/{joe[:2]}/{joe[2:]}"] == [f"{joe} Joe", f"1:202511:{one} one", f"4:202511:{one} one"]


def test_posts_are_put_together_once(sos):
    sos.run("ezmlm-import", sos.path, input=many(*POSTS).encode())
    sos.run("ezmlm-idx", sos.path)
    archive(sos, "-t", "2")
    assert sos.get("archnum") == b"2\n"
    archive(sos)
    first = crossed(sos)
    for options in ((), ("-f", "1"), ("-c",), ("-cs",)):
        archive(sos, *options)
        assert crossed(sos) == first, options
    (sos.path / "archnum").unlink()
    archive(sos)
    assert crossed(sos) == first
    sos.put("archive/0/index", sos.get("archive/0/index") + b"5 old kind\n")
    assert "damaged" in archive(sos, "-c", code=99)[1]
    assert crossed(sos) == first


def test_a_large_archive(sos):
    """In the time of a test, since it is synced once."""
    posts = [(f"subject {n % 1000}", f"a{n % 100}@x", "Nov 2025") for n in range(3000)]
    sos.run("ezmlm-import", sos.path, input=many(*posts).encode())
    sos.run("ezmlm-idx", sos.path)
    archive(sos)
    found = crossed(sos)
    assert len(found["threads/202511"]) == 1000 and sum(int(line.split("[")[1].split("]")[0]) for line in found["threads/202511"]) == 3000
    assert len([path for path in found if path.startswith("authors/")]) == 100
