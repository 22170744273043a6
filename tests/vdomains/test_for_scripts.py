"""What each command promises to scripts: a dry run changes nothing, and what is said as JSON is JSON."""

import json
import re

import pytest

from tests.host.machine import TOP
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run

VDOMAINS = TOP / "programs/vdomains"
PLACE = f"{VIRTUAL}/example.net"
JOE = "joe@example.net"

# Each with what it would do, or, without, with what it has to tell.
CHANGES = [
    (["vadddomain", "new.example", "x"], "add to users/assign: +new.example-:new.example:"),
    (["vadddomain", "-d", "/srv/other", "new.example", "x"], "add to users/assign: +new.example-:new.example:89:89:/srv/other/domains/new.example:"),
    (["vaddaliasdomain", "example.net", "other.example"], "add to users/assign: +other.example-:example.net:"),
    (["vdeldomain", "alias.example"], "drop from users/assign: +alias.example-:"),
    (["vmovedomain", "-d", "/srv/other", "example.net"], "add to users/assign: +example.net-:example.net:89:89:/srv/other/domains/example.net"),
    (["vadduser", "ann@example.net", "x"], "add ann@example.net"),
    (["vadduser", "-f", "/run/list"], "example.net"),
    (["vdeluser", JOE], f"remove {JOE}"),
    (["vrenameuser", JOE, "jim"], f"rename {JOE}"),
    (["vmoduser", "-p", "-H", "b.example", JOE], f"change {JOE}"),
    (["vpasswd", JOE, "x"], f"change the password of {JOE}"),
    (["vchangepw"], f"change the password of {JOE}"),
    (["vsetuserquota", JOE, "1M"], f"change {JOE}"),
    (["vapppassword", "-a", "x", JOE], f"add an app password of {JOE}"),
    (["vmkpasswd", "example.net"], "example.net"),
    (["valias", "-i", "&a@b.example", "more@example.net"], "add to .qmail-more"),
    (["valias", "-d", "sales@example.net"], "remove .qmail-sales"),
    (["vmoddomlimits", "-P", "9", "example.net"], "change .qmailadmin-limits"),
    (["vmoddomlimits", "-d", "-P", "9"], "change vlimits.default"),
    (["vipmap", "-a", "192.0.2.2", "example.net"], "add 192.0.2.2"),
    (["vipmap", "-d", "192.0.2.1", "example.net"], "remove 192.0.2.1"),
    (["vdeloldusers", "-D", "-a", "1", "-d", "example.net"], "old@example.net"),
    (["vpopbull", "-f", "/run/list", "example.net"], JOE),
    (["vreorg", "example.net"], "move joe from 0 to ."),
    (["vexport", "example.net", "/root/out"], "export example.net"),
    (["vimport", "/root/domain"], "user joe"),
    (["vconvert", "-p", "/run/pairs", "-c", "example.net"], "add max@example.net"),
    (["clearopensmtp"], "remove what is too old from open-smtp"),
    (["dotqmail2valias", "example.net"], "example.net: aliases that stay in their files: 1"),
    (["vrepair"], None),
]
SHOWS = [
    (["vuserinfo", JOE], {"name": "joe"}),
    (["vdominfo", "example.net"], {"domain": "example.net"}),
    (["vusage", JOE], {"name": JOE}),
    (["vipmap", "-p"], {"ip": "192.0.2.1", "domain": "example.net"}),
    (["valias", "-s", "sales@example.net"], {}),
    (["vmoddomlimits", "-S", "example.net"], {}),
    (["vapppassword", JOE], {"name": "phone"}),
    (["vverifypw", JOE, "pass word"], {"says": "User authenticated."}),
    (["vpasswd", "-r20", "old@example.net"], {"password": ...}),
    (["vadduser", "-r", "-v", "new@example.net"], {"version": "mailtree", "password": ...}),
]
REFUSALS = [
    (["vadduser", JOE, "x"], 1, "User already exists"), (["vdeluser", "nobody@example.net"], 1, "User does not exist"),
    (["vmoduser", "-p", "nobody@example.net"], 1, "no such user nobody@example.net"), (["vadddomain", "a..b", "x"], 100, "Invalid domain name"),
    (["vverifypw", JOE, "wrong"], 1, "authentication failed!"), (["vdominfo", "else.where"], 1, "Invalid domain name"),
    (["vadduser", "-f", "/run/wrong"], 100, "line 2: "), (["vchangepw"], 3, "authentication failed!"),
    (["vdeldomain", "example.net"], 1, "Warning: Alias domains exist:\n   alias.example\n   use -f "),
]
TREE = ("cd / && find home/vpopmail srv root var/qmail/users var/qmail/control -name '*.lock' -prune -o -name .bash_history -prune -o "
        "\\( -type f -exec sha256sum {} + \\) -o -printf '%p %y %m %U\\n' | sort")


@pytest.fixture
def site(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vaddaliasdomain", "example.net", "alias.example")
    for name in "joe", "old":
        run(virtual, "vadduser", f"{name}@example.net", "pass word")
    virtual.sh(f"echo 192.0.2.1 > {PLACE}/old/lastauth; touch -d '9 days ago' {PLACE}/old/lastauth")
    run(virtual, "valias", "-i", "&joe@example.net", "sales@example.net")
    run(virtual, "vapppassword", "-a", "phone", JOE)
    run(virtual, "vipmap", "-a", "192.0.2.1", "example.net")
    run(virtual, "vexport", "example.net", "/root/domain")
    virtual.control("roaming", "180\n")
    virtual.write("/home/vpopmail/etc/open-smtp", '192.0.2.1:allow,RELAYCLIENT=""\t1\n', owner="vpopmail")
    virtual.write("/run/list", "ann@example.net:x\nmax@example.net:x\n")
    virtual.write("/run/wrong", "ann@example.net:x\nmax\n")
    virtual.write("/run/pairs", "max:$1$x$y\n")
    virtual.sh(f"mkdir {PLACE}/0 && mv {PLACE}/joe {PLACE}/0/joe && chown vpopmail: {PLACE}/0")
    run(virtual, "vmoduser", "-D", f"{PLACE}/0/joe", JOE)
    virtual.sh("mkdir -p /srv/other && chmod 755 /srv/other && chown vpopmail: /srv/other")
    return virtual


def said(host, *words, code=0, **more):
    """The objects."""
    return [json.loads(line) for line in run(host, *words, code=code, **more).splitlines()]


def test_a_dry_run_changes_nothing_and_says_what_it_would_do(site):
    before = site.sh(TREE).stdout
    for (command, *words), what in CHANGES:
        more = {"input": f"{JOE}\npass word\n".encode()} if command == "vchangepw" else {}
        lines = said(site, command, "--dry-run", "--json", *words, **more)
        told = [text for one in lines for text in (*one.values(), "") if isinstance(text, str)]
        assert any(what in text for text in told) if what else not lines, (command, lines)
        people = run(site, command, "--dry-run", *words, **more)
        assert (what or "") in people and not people.startswith("{"), command
        assert site.sh(TREE).stdout == before, command


def test_what_was_begun_is_shown(site):
    site.sh("mount --bind /var/qmail/control/rcpthosts /var/qmail/control/rcpthosts")
    assert site.run(["vaddaliasdomain", "example.net", "b.example"], check=False).returncode == 111
    before = site.sh(TREE).stdout
    assert {"would": "add to control/rcpthosts: b.example"} in said(site, "vrepair", "--json", "--dry-run")
    assert site.sh(TREE).stdout == before
    site.sh("umount /var/qmail/control/rcpthosts")
    assert run(site, "vrepair") == "" == run(site, "vrepair", "--dry-run") and site.sh(TREE).stdout != before


def test_what_is_shown_is_json(site):
    for (command, *words), wanted in SHOWS:
        one = {key: value for line in said(site, command, "--json", *words) for key, value in line.items()}
        assert one and all(one[key] == value or (value is ... and len(one[key]) >= 12) for key, value in wanted.items()), (command, one)
    new = said(site, "vpasswd", "-r", "--json", JOE)[0]["password"]
    assert run(site, "vverifypw", JOE, new) == "User authenticated.\n"


def test_a_refusal_is_json(site):
    for (command, *words), code, why in REFUSALS:
        more = {"input": f"{JOE}\nwrong\nx\n".encode()} if command == "vchangepw" else {}
        error, = said(site, command, "--json", *words, code=code, **more)
        assert error["error"].startswith(why), (command, error)


def test_each_command_is_looked_at_here_and_its_page_says_so():
    commands = {path.stem for path in VDOMAINS.glob("*.c") if re.search(r"= command_read\(argc", path.read_text())} - {"vlist"}
    assert {words[0] for words, *_ in CHANGES + SHOWS} == commands and len(commands) > 25
    changing = {words[0] for words, _ in CHANGES}
    for command in commands:
        page, usage = (VDOMAINS / f"{command}.8").read_text(), re.search(r"#define USAGE (.*?)\n\n", (VDOMAINS / f"{command}.c").read_text(), re.S)[1]
        for option in ("json", "dry-run") if command in changing else ("json",):
            assert f".Op Fl -{option}\n" in page.split(".Sh DESCRIPTION")[0] and f".It Fl -{option}\n" in page, command
            assert f"[ --{option} ]" in usage, command
