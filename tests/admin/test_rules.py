"""Access rules: what qmail-rules makes of them is what tcpserver does with them."""

import re

import pytest

from tests.host import eventually
from tests.host.machine import TOP
from tests.tree.test_agreements import settings

ADDRESSES = ["127.0.0.1", "10.5.0.1", "10.200.0.1", "192.168.7.9", "fd77::5", "fd77:1:2:3::7", "fd77:1:2:3:4:5:6:7",
             "fd77:1:2:4::1", "2001:db8:0:7::1", "2001:db8:0:7:1:2:3:4", "2001:db8::9", "2001:db8:1::9",
             "fd77:0:1:0:2:0:3:4", "fd77:1:2:3:4:5:6:0"]


@pytest.fixture
def door(host):
    """Port 2500 says for each client which rule was his: the value of R. Names are looked up only with -h."""
    for address in ADDRESSES[1:]:
        host.sh(f"ip address add {address} dev lo" + (" nodad" if ":" in address else ""))
    host.write("/usr/local/bin/which-rule", "#!/bin/sh\necho \"${R-none}\"\n", mode=0o755)
    host.write("/var/qmail/supervise/which/run", "#!/bin/sh\nexec tcpserver -H -R -l 0 -x /etc/tcp.which.cdb 0 2500 which-rule\n",
               mode=0o755)
    return host


def cdb(host, rules):
    host.write("/etc/tcp.which", rules)
    return host.sh("qmailctl cdb", check=False)


def listen(host):
    server = host.popen(["/var/qmail/supervise/which/run"])
    assert eventually(lambda: host.sh("tcpclient -RHl0 127.0.0.1 2500 true", check=False).returncode == 0)
    return server


def answers(host):
    """By client: the rule, or "" when he was denied."""
    return {a: host.sh(f"tcpclient -RHl0 -i {a} {a} 2500 sh -c 'cat <&6'").stdout.strip() for a in ADDRESSES}


def test_each_client_gets_the_rule_that_was_meant(door):
    done = cdb(door, """\
127.0.0.1:allow,R="me"
10.0.0.0/9:allow,R="ten"
10.5.0.0/16:deny
192.168.007.000/24 : deny
[FD77:0000::5]:deny
fd77:1:2:3::/64:deny
fd77:1:2:4::/64:allow, R = "four"
2001:db8::/48:deny
fd77:0:1:0:2:0:3:4:allow,R="zeros"
fd77:1:2:3:4:5:6:0:allow,R="exception"
:allow,R="all"
""")
    assert done.returncode == 0 and "Reloaded /etc/tcp.which." in done.stdout
    listen(door)
    assert answers(door) == {
        "127.0.0.1": "me", "10.5.0.1": "", "10.200.0.1": "all", "192.168.7.9": "", "fd77::5": "", "fd77:1:2:3::7": "",
        "fd77:1:2:3:4:5:6:7": "", "fd77:1:2:4::1": "four", "2001:db8:0:7::1": "", "2001:db8:0:7:1:2:3:4": "",
        "2001:db8::9": "", "2001:db8:1::9": "all", "fd77:0:1:0:2:0:3:4": "zeros", "fd77:1:2:3:4:5:6:0": "exception"}


WARNINGS = [
    ("fd77:deny", "an incomplete address matches nobody: write fd77::/16: fd77:deny"),
    ("127.0:allow", "all that begin so end with a dot: write 127.0.: 127.0:allow"),
    ("10.300.:deny", "no part of an address is above 255"),
    ("1.2.3.9-4:deny", "the range runs backwards"),
    ("a,b:deny", "one address on each line"),
    ("10.*:deny", "there are no stars"),
    ("1.2.3.4 5.6.7.8:deny", "a blank within the address"),
    ("spam.example:deny", "a name without = in front matches nobody: write =spam.example"),
    ("=.example.com:deny", "names of clients are not looked up: write -h for -H in the run file"),
    ("joe@1.2.3.4:deny", "clients are not asked who they are: write -r for -R"),
    ("127.:deny", "line 1 speaks for the same address"),
    (':allow,TIMEOUTREMOTE="5"', "no program knows the variable TIMEOUTREMOTE: it is set in control/timeoutremote alone"),
    (':allow,MAXRECIPIENT="5"', "no program knows the variable MAXRECIPIENT: is MAXRECIPIENTS meant?"),
    (':allow,RELAYCLEINT=""', "no program knows the variable RELAYCLEINT: is RELAYCLIENT meant?"),
    (':allow,relayclient=""', "is RELAYCLIENT meant?"),
    (':allow,QMAILUSER="joe"', "no program behind tcpserver looks at QMAILUSER"),
    (':allow,RBLSMTPD="go away"', "RBLSMTPD has no effect: no server that heeds it is in the run file"),
]


def test_what_matches_nobody_or_has_no_effect_is_told(door):
    done = cdb(door, "127.:allow\n" + "".join(line + "\n" for line, _ in WARNINGS))
    assert done.returncode == 0, "the others count"
    told = done.stderr.splitlines()
    for number, (line, complaint) in enumerate(WARNINGS, 2):
        assert any(t.startswith(f"qmail-rules: /etc/tcp.which:{number}: warning: ") and complaint in t for t in told), (line, told)
    checked = door.sh("qmail-showctl -c", check=False)
    assert checked.returncode == 1
    assert all(f"/etc/tcp.which:{number}: " in checked.stdout for number in range(2, len(WARNINGS) + 2))


def test_qmqp_for_everybody_is_told(door):
    """Where rules are all that keeps the world out."""
    door.sh("sed -i 's/tcpserver.*/& qmail-qmqpd/' /var/qmail/supervise/which/run")
    assert "1: warning: everybody may send to the whole world by QMQP: write :deny: :allow" in cdb(door, ":allow\n127.:allow\n").stderr
    assert "which: warning: who is in no line may send to the whole world by QMQP" in cdb(door, "127.:allow\n").stderr
    assert cdb(door, "127.:allow\n:deny\n").stderr == ""


def test_what_the_texts_cannot_say_is_an_error(door):
    done = cdb(door, "fd77::/64:deny\n::/0:deny\n2001:db8::1-3:deny\n")
    assert done.returncode == 100
    assert "/etc/tcp.which:1: error: " in done.stderr and "write fd77::/32: fd77::/64:deny" in done.stderr
    assert "/etc/tcp.which:2: error: too many addresses" in done.stderr and "/etc/tcp.which:3: error: ranges" in done.stderr


def test_notes_are_no_complaints(door):
    """What is understood all the same, and variables that a program of the site may know."""
    done = cdb(door, '\ufeff# mark\n 10.1.2.3 : deny\n10.1.2.3/8:allow,MY_FILTER="x"\n')
    assert done.returncode == 0
    assert [line.split(": ")[2] for line in done.stderr.splitlines()] == ["note"] * 4
    assert "no program of this system knows the variable MY_FILTER" in done.stderr
    assert door.sh("qmail-showctl -c").stdout == ""
    assert "deny" in door.sh("TCPREMOTEIP=10.1.2.3 tcprulescheck /etc/tcp.which.cdb").stdout


def test_names_are_found_where_they_are_looked_up(door):
    door.dns({"1.0.5.10.in-addr.arpa": ["PTR Mail.Spam.Example"]})
    door.sh("sed -i 's/-H/-h/' /var/qmail/supervise/which/run")
    done = cdb(door, '=.SPAM.example:allow,R="below"\n=Mail.Spam.Example:allow,R="name"\n:allow,R="all"\n')
    assert done.returncode == 0 and "warning" not in done.stderr
    listen(door)
    assert door.sh("tcpclient -RHl0 -i 10.5.0.1 10.5.0.1 2500 sh -c 'cat <&6'").stdout == "name\n"


@pytest.mark.parametrize("program", ["rblsmtpd", "qmail-smtpd", "/var/qmail/bin/qmail-smtpd"])
def test_who_heeds_rblsmtpd_makes_its_variable_known(door, program):
    door.sh(f"sed -i 's|2500|2500 {program}|' /var/qmail/supervise/which/run")
    assert cdb(door, '10.:allow,RBLSMTPD="no"\n').stderr == ""


def test_copies_beside_the_rules_are_no_tables(host):
    host.sh("cd /etc; for end in .save .old .bak .orig .dpkg-old '~' .new; do cp tcp.smtp tcp.smtp$end; done")
    assert host.sh("qmail-rules -l").stdout == "/etc/tcp.odmr\n/etc/tcp.pop3\n/etc/tcp.qmqp\n/etc/tcp.qmtp\n/etc/tcp.smtp\n/etc/tcp.submission\n"
    assert host.sh("qmailctl cdb; ls /etc/tcp.*.cdb").stdout.splitlines()[6:] == ["/etc/tcp.odmr.cdb", "/etc/tcp.pop3.cdb", "/etc/tcp.qmqp.cdb", "/etc/tcp.qmtp.cdb", "/etc/tcp.smtp.cdb", "/etc/tcp.submission.cdb"]
    host.sh("cp /etc/tcp.smtp.cdb /etc/tcp.smtp.save.cdb")
    assert host.sh("qmail-showctl -c", check=False).stdout == (
        "/etc/tcp.smtp.save.cdb: made of a copy of rules, and no service reads it: remove it\n")


def test_the_table_is_whole_and_readable_from_the_first_moment(host):
    host.sh("umask 077; touch /etc/tcp.smtp; mkdir /etc/tcp.smtp.tmp; qmailctl cdb")
    assert host.sh("stat -c '%a %U' /etc/tcp.smtp.cdb").stdout == "644 root\n"
    assert host.sh("ls /etc/tcp.*tmp*").stdout == "", "nothing is left but the directory"


def test_calls(host):
    assert host.sh("qmail-rules", check=False).returncode == 100
    assert host.sh("qmail-rules -x", check=False).returncode == 100
    gone = host.sh("qmail-rules /etc/tcp.gone", check=False)
    assert gone.returncode == 111 and "unable to read /etc/tcp.gone: No such file" in gone.stderr
    host.write("/etc/x", "\x1b[2J:deny\n")
    assert host.sh("cd /etc; qmail-rules x", check=False).stderr == (
        "qmail-rules: /etc/x:1: warning: a control character in the address: ?[2J:deny\n")


def test_the_shipped_rules_are_clean(host):
    assert host.sh("qmail-rules /etc/tcp.smtp; qmail-rules /etc/tcp.pop3").stderr == ""


def names():
    """What rules may set, by the table of settings."""
    return {name for row in settings() if row.get("set by") == "rules" for name in row["variable"].split(", ")}


def test_the_table_of_variables_and_the_page_agree():
    """What rules may set is in the first section of qmail-environment(7), or a fact about the connection there."""
    page = (TOP / "programs/man/qmail-environment.7").read_text()
    sections = {part.split("\n", 1)[0]: set(re.findall(r"[A-Z][A-Z0-9_]+", " ".join(re.findall(r"^\.It Ev (.*)", part, re.M))))
                for part in page.split("\n.Ss ")[1:]}
    told = sections["What a service is told by rules and env"] - {"MEMORY"}
    facts = {name for name in sections["What is known of a connection"] if name.startswith("TCP")}
    named = names()
    assert named == told | facts | {"QMAILQUEUE", "QMAILQUEUE_EXTRAS", "QMAILFILTERS", "PATH"}


def test_what_qmail_smtpd_reads_may_be_set_by_rules():
    named = names()
    source = "".join((TOP / "programs/smtp" / f"{part}.c").read_text() for part in ("session", "policy"))
    read = set(re.findall(r'\b(?:getenv|fact)\("([A-Z][A-Z0-9_]+)"|^  \{ "([A-Z][A-Z0-9_]+)", +SETTING_', source, re.M))
    read = {name for pair in read for name in pair if name}
    assert {"RELAYCLIENT", "DATABYTES", "SMTPD_BARE", "SMTPGREETING"} <= read
    assert read - {"SSL_PROTOCOL"} <= named
