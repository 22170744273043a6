"""A mailing list, every system call of a program failing in turn: each of its files is the old one or the new one, and what was said
to be done is done."""

import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep

pytestmark = ours_alone

LIST = "/home/joe/sos"
OLD = b"Tann@example.com\0" + b"".join(b"Tn%d@example.com\0" % i for i in range(2000))


@pytest.fixture
def sos(host):
    host.user("joe")
    host.sh(f"install -d -o joe {LIST} {LIST}/subscribers {LIST}/text")
    for name, text in {"key": "0123456789abcdef", "outlocal": "sos\n", "outhost": "mail.example.org\n"}.items():
        host.write(f"{LIST}/{name}", text, owner="joe")
    return host


def run(host, under, *words):
    return host.popen([*under, f"/var/qmail/bin/{words[0]}", *words[1:]], user="root" if under else "joe",
                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


@pytest.mark.parametrize("program, before, after", [
    ("ezmlm-sub", OLD, OLD + b"Tjohn@example.com\0"), ("ezmlm-unsub", OLD + b"Tjohn@example.com\0", OLD)])
def test_a_change_of_subscribers(sos, record_property, program, before, after):
    def prepare():
        sos.write(f"{LIST}/subscribers/Y", before, owner="joe")
        sos.sh(f"rm -f {LIST}/Log {LIST}/subscribers/Yn")

    def judge(code, fault):
        now = sos.read(f"{LIST}/subscribers/Y")
        wrong = [] if now in (before, after) else ["the file is torn"]
        wrong += ["said done, and is not"] if code == 0 and now != after else []
        wrong += [f"exit {code}"] if code not in (0, 111) and not (fault and fault.silent) else []
        wrong += ["something is left aside"] if code == 111 and fault and "unlink" not in fault.call and \
            sos.sh(f"[ -e {LIST}/subscribers/Yn ] && echo left", check=False).stdout else []
        wrong += must.processes(sos)
        prepare()
        return wrong

    prepare()
    sweep(sos, program, lambda under: run(sos, under, program, LIST, "john@example.com"), judge, user="joe").end(record_property)
