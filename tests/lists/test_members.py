"""ezmlm-members: addresses as Mailman and majordomo write them."""

import subprocess

import pytest

from tests.host.machine import TOP

SCRIPT = TOP / "programs/lists/ezmlm-members"


def members(*words, text=""):
    return subprocess.run(["sh", SCRIPT, *words], input=text, capture_output=True, text=True)


@pytest.mark.parametrize("line, address, name", [
    ("joe@example.org", "joe@example.org", ""),
    ("  joe@example.org \r", "joe@example.org", ""),
    ("Joe Doe <joe@example.org>", "joe@example.org", "Joe Doe"),
    ('"Doe, Joe" <joe@example.org>', "joe@example.org", "Doe, Joe"),
    ("<joe@example.org>", "joe@example.org", ""),
    ("joe@example.org (Joe Doe)", "joe@example.org", "Joe Doe"),
    ("joe+x=y@example.org", "joe+x=y@example.org", ""),
])
def test_each_form_of_an_address(line, address, name):
    assert members(text=line + "\n").stdout == f"{address}\n"
    assert members("-n", text=line + "\n").stdout == f"{address} {name}\n"


def test_what_is_no_address_is_told(tmp_path):
    done = members(text="# comment\n\njoe\na@b\nx y@z\n")
    assert (done.returncode, done.stdout) == (1, "a@b\n")
    assert done.stderr == "ezmlm-members: warning: line 3 has no address: joe\nezmlm-members: warning: line 5 has no address: x y@z\n"
    assert members(str(tmp_path / "none")).returncode == 111
    assert members("-x").returncode == 100


CONFIG = '''# -*- python -*-
real_name = 'Sos'
owner = ['joe@example.org', "ann@example.net"]
moderator = []
accept_these_nonmembers = ['a@example.org',
 'b@example.org']
ban_list = """x@example.org
y@example.org
"""
max_message_size = 40
'''


@pytest.mark.parametrize("setting, addresses", [
    ("owner", "joe@example.org ann@example.net"), ("moderator", ""), ("accept_these_nonmembers", "a@example.org b@example.org"),
    ("ban_list", "x@example.org y@example.org"), ("none", "")])
def test_settings_of_mailman(setting, addresses):
    done = members("-c", setting, text=CONFIG)
    assert (done.returncode, done.stdout.split()) == (0, addresses.split())
