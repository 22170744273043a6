"""vlist: lists of a virtual domain, by root and by the domain's owner."""

import json

import pytest

from tests.host import eventually

PLACE = "/home/vpopmail/domains/vd.example"


@pytest.fixture
def domain(host):
    host.start()
    host.sh("vadddomain vd.example secret && vadduser joe@vd.example secret")
    return host


def vlist(host, words, **more):
    return host.sh(f"vlist {words}", check=False, **more)


def test_a_list_is_made_changed_and_removed(domain):
    assert vlist(domain, "count vd.example").stdout == "0\n"
    assert vlist(domain, "create news@vd.example -m -5 joe@vd.example").returncode == 0
    assert vlist(domain, "create aid@vd.example").returncode == 0
    assert vlist(domain, "list vd.example").stdout == "aid@vd.example\nnews@vd.example\n"
    assert json.loads(vlist(domain, "--json list vd.example").stdout) == ["aid@vd.example", "news@vd.example"]
    assert domain.sh(f"find {PLACE}/news {PLACE}/.qmail-news* ! -user vpopmail").stdout == ""
    assert domain.read(f"{PLACE}/news/owner") == b"joe@vd.example\n"
    assert vlist(domain, "update news@vd.example -s").returncode == 0
    domain.sh(f"test -e {PLACE}/news/modpost -a -e {PLACE}/news/modsub")
    assert json.loads(vlist(domain, "--json show news@vd.example").stdout)["list"] == "news@vd.example"
    assert vlist(domain, "--dry-run delete news@vd.example").stdout == f"remove {PLACE}/news\n"
    assert vlist(domain, "delete news@vd.example").returncode == 0
    assert domain.sh(f"ls -d {PLACE}/news {PLACE}/.qmail-news*", check=False).stdout == ""
    assert vlist(domain, "list vd.example").stdout == "aid@vd.example\n"
    assert "news" not in domain.sh("valias vd.example", check=False).stdout


def test_a_list_that_lies_elsewhere_is_no_mailbox_of_its_name(domain):
    domain.sh(f"mkdir {PLACE}/lists; chown vpopmail: {PLACE}/lists; echo letter > {PLACE}/joe/Maildir/new/1; "
              f"ezmlm-make {PLACE}/lists/joe {PLACE}/.qmail-joe joe vd.example")
    assert f"{PLACE}/lists/joe\n" in vlist(domain, "show joe@vd.example").stdout
    assert vlist(domain, "subscriber joe@vd.example add ann@example.net").returncode == 0
    assert domain.sh(f"ezmlm-list {PLACE}/lists/joe").stdout == "ann@example.net\n"
    done = vlist(domain, "delete joe@vd.example")
    assert done.returncode == 1 and f"lies in {PLACE}/lists/joe" in done.stdout, done
    domain.sh(f"rm -r {PLACE}/lists/joe")
    assert vlist(domain, "delete joe@vd.example").returncode == 0
    assert domain.sh(f"ls {PLACE}/.qmail-joe*; cat {PLACE}/joe/Maildir/new/1", check=False).stdout == "letter\n"


def test_a_mailbox_beside_instructions_of_a_list_stays(domain):
    domain.sh(f"cd {PLACE}; echo letter > joe/Maildir/new/1; echo '|/usr/bin/ezmlm-reject {PLACE}/lists/joe' > .qmail-joe; chown vpopmail: .qmail-joe")
    assert vlist(domain, "list vd.example").stdout == "joe@vd.example\n"
    assert vlist(domain, "delete joe@vd.example").returncode == 1
    assert domain.sh(f"cd {PLACE}; ls .qmail-joe; cat joe/Maildir/new/1").stdout == ".qmail-joe\nletter\n"


def test_who_is_in_it(domain):
    vlist(domain, "create news@vd.example")
    for table, words in (("subscriber", "joe@vd.example ann@example.net"), ("moderator", "joe@vd.example"), ("kill", "spam@example.net")):
        assert vlist(domain, f"{table} news@vd.example add {words}").returncode == 0
    assert sorted(vlist(domain, "subscriber news@vd.example list").stdout.split()) == ["ann@example.net", "joe@vd.example"]
    assert vlist(domain, "subscriber news@vd.example delete ann@example.net").returncode == 0
    assert [vlist(domain, f"{table} news@vd.example count").stdout.split()[0] for table in ("subscriber", "moderator", "digest", "kill")] == [
        "1", "1", "0", "1"]


def test_what_is_refused(domain):
    domain.sh("vmoddomlimits -L 1 vd.example; valias -i '&joe@vd.example' sales@vd.example")
    assert [vlist(domain, f"create {name}").returncode for name in ("joe@vd.example", "sales@vd.example", "news@none.example")] == [1, 1, 1]
    assert vlist(domain, "create news@vd.example").returncode == 0
    done = vlist(domain, "create more@vd.example")
    assert done.returncode == 1 and "as many mailing lists" in done.stdout
    assert [vlist(domain, words).returncode for words in ("delete more@vd.example", "update more@vd.example -m")] == [1, 1]
    assert [vlist(domain, words).returncode for words in ("", "list", "make x@vd.example", "subscriber news@vd.example", "subscriber news@vd.example x")] == [
        100] * 5
    for name in ("default", "x-default", ".x"):
        done = vlist(domain, f"create {name}@vd.example")
        assert done.returncode == 1 and ("begin with a dot" if name == ".x" else "stands for all") in done.stdout, done
    domain.user("ann")
    assert vlist(domain, "delete news@vd.example", user="ann").returncode != 0
    assert vlist(domain, "list vd.example", user="vpopmail").stdout == "news@vd.example\n"


def test_mail_reaches_its_owner(domain):
    vlist(domain, "create news@vd.example -5 joe@vd.example")
    domain.sh("printf 'Subject: x\\n\\n' | qmail-inject -f who@example.net news-owner@vd.example")
    assert eventually(lambda: domain.sh(f"ls {PLACE}/joe/Maildir/new").stdout)
