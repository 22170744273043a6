"""The page virtual-domains(7) says what the tables say."""

import re

from tests.host.machine import TOP

MAIL = TOP / "programs/mail"
PAGE = (TOP / "programs/man/virtual-domains.7").read_text()


def test_flags_are_those_of_the_table():
    bits = {name: int(value, 16) for name, value in re.findall(r"(VFLAG_\w+) = (0x[0-9a-f]+)", (MAIL / "vflags.h").read_text())}
    rows = re.findall(r"\{ (VFLAG_\w+), '(.)', (?:'(.)'|0), (?:\"(\w+)\"|0),", (MAIL / "vflags.c").read_text())
    assert len(rows) == len(bits) == 19
    table = [(f"0x{bits[name]:x}", own if domain in ("", own) else f"{own}, {domain}", word) for name, own, domain, word in rows]
    assert re.findall(r"^\.It (0x[0-9a-f]+) Ta (.*?) Ta (\w*) ?Ta", PAGE, re.M) == table


def test_limits_are_those_of_the_table():
    keys = re.findall(r'\[VLIMIT_\w+\] += \{ "(\w+)"', (MAIL / "vlimits.c").read_text())
    limits = PAGE.split(".Ss Limits\n")[1].split(".Ss ")[0]
    told = [key for line in re.findall(r"^\.It Li (.*)$", limits, re.M) for key in line.split(" , ")]
    assert len(keys) == 16 and sorted(told) == sorted(keys)
