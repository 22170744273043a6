"""Archives made otherwise: ezmlm-import, ezmlm-idx."""

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
