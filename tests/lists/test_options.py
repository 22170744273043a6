"""Each option that programs of lists have had for long is taken, and stands in the program's page."""

import re

import pytest

from tests.host.machine import TOP
from tests.lists.directory import Directory

# A value stands behind those with one.
OPTIONS = {
    "ezmlm-sub": "m M n N h=1 H S=std t=tag", "ezmlm-unsub": "m M n N h=1 H S=std t=tag", "ezmlm-list": "m M n N S=std", "ezmlm-issubn": "n N",
    "ezmlm-checksub": "m=text n N", "ezmlm-rmtab": "m M S=std", "ezmlm-reject": "b B c C f F h H q Q s S t T",
    "ezmlm-send": "c C l L q Q r R H=name s=0_52 S=0_52", "ezmlm-store": "b B c C m M p P r R s S y Y", "ezmlm-gate": "c C m M p P r R s S y Y Q q=file 0",
    "ezmlm-moderate": "c C m M r R t=x", "ezmlm-confirm": "c C m M r R t=x", "ezmlm-clean": "m M r R",
    "ezmlm-manage": "a A b B c C d D e E f F l L m M n N q Q s S u U", "ezmlm-get": "b B c C p P s S f=m", "ezmlm-request": "f=file",
    "ezmlm-return": "d D", "ezmlm-warn": "d D l=1 t=1", "ezmlm-tstdig": "k=1 m=1 t=1", "ezmlm-limit": "d D F f=file n=1 t=1", "ezmlm-split": "d D",
    "ezmlm-idx": "d D F f=1", "ezmlm-archive": "c C s S F T f=1 t=1", "ezmlm-cron": "c C d D l L w=1 t=04:12 i=3",
}


def named(program):
    """The letters that the page has."""
    page = (TOP / f"programs/lists/{program}.1").read_text()
    return set("".join(re.findall(r"\bFl (\w+(?: , \w\b)*)", page)))


@pytest.mark.parametrize("program", OPTIONS)
def test_it_has_the_options_of_the_family(tmp_path, program):
    sos = Directory(tmp_path)
    for option in OPTIONS[program].split():
        letter, _, value = option.partition("=")
        words = [f"-{letter}", *([value] if value else [])]
        assert "ezmlm version: ezmlm-idx-" in sos.run(program, *words, "-V", sos.path)[1], option
        assert letter in named(program), option
    assert {"v", "V"} <= named(program)
