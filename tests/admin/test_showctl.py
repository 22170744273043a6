"""qmail-showctl and qmail-config: the family's sentences to the letter, what the checks find, and the one table
of control files held against the manual page and the programs."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from tests.host import eventually
from tests.host.machine import BUILD, HERE

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEAD_PLACES = HERE.parent / "tools/preload/dead_places.c"


def configure(host, **files):
    """Only these control files exist."""
    host.sh("rm -rf /var/qmail/control; mkdir /var/qmail/control")
    for name, text in files.items():
        host.control(name.replace("_", "."), text)


def short(host):
    """What the short form says of each name."""
    text = host.sh("qmail-showctl").stdout
    return dict(block.split(": ", 1) for block in text.rstrip("\n").split("\n\n")[1:])


def problems(host):
    done = host.sh("qmail-showctl -c", check=False)
    assert done.returncode == (1 if done.stdout else 0) and done.stderr == ""
    return done.stdout.splitlines()


# ---- the family's form ----

DEFAULTS = """
badmailfrom: (Default.) Any MAIL FROM is allowed.

bouncefrom: (Default.) Bounce user name is MAILER-DAEMON.

bouncehost: (Default.) Bounce host name is mail.example.org.

concurrencylocal: (Default.) Local concurrency is 10.

concurrencyremote: (Default.) Remote concurrency is 20.

databytes: (Default.) SMTP DATA limit is 0 bytes.

defaultdomain: (Default.) Default domain name is mail.example.org.

defaulthost: (Default.) Default host name is mail.example.org.

doublebouncehost: (Default.) 2B recipient host: mail.example.org.

doublebounceto: (Default.) 2B recipient user: postmaster.

envnoathost: (Default.) Presumed domain name is mail.example.org.

helohost: (Default.) SMTP client HELO host name is mail.example.org.

idhost: (Default.) Message-ID host name is mail.example.org.

localiphost: (Default.) Local IP address becomes mail.example.org.

locals: (Default.) Messages for me are delivered locally.

me: My name is mail.example.org.

percenthack: (Default.) The percent hack is not allowed.

plusdomain: (Default.) Plus domain name is mail.example.org.

qmqpservers: (Default.) No QMQP servers.

queuelifetime: (Default.) Message lifetime in the queue is 604800 seconds.

rcpthosts: (Default.) SMTP clients may send messages to any recipient.

morercpthosts: (Default.) No rcpthosts; morercpthosts is irrelevant.

morercpthosts.cdb: (Default.) No effect.

smtpgreeting: (Default.) SMTP greeting: 220 mail.example.org.

smtproutes: (Default.) No artificial SMTP routes.

timeoutconnect: (Default.) SMTP client connection timeout is 60 seconds.

timeoutremote: (Default.) SMTP client data timeout is 1200 seconds.

timeoutsmtpd: (Default.) SMTP server data timeout is 1200 seconds.

virtualdomains: (Default.) No virtual domains.
"""


def test_defaults_to_the_letter(host):
    configure(host, me="mail.example.org\n")
    ids = {name: host.sh(f"id -u {name}").stdout.strip() for name in
           ("alias", "qmaild", "qmaill", "root", "qmailp", "qmailq", "qmailr", "qmails")}
    groups = [host.sh(f"getent group {name}").stdout.split(":")[2] for name in ("nofiles", "qmail")]
    assert host.sh("qmail-showctl", user="qmaild").stdout == (
        "qmail home directory: /var/qmail.\nuser-ext delimiter: -.\npaternalism (in decimal): 2.\n"
        "silent concurrency limit: 1000.\nsubdirectory split: 23.\n"
        f"user ids: {', '.join(ids.values())}.\ngroup ids: {', '.join(groups)}.\n" + DEFAULTS)


def test_values_to_the_letter(host):
    configure(host, me="m.example\n", badmailfrom="@spam.example\n# no\n\na@b.example \n", concurrencyremote="77 \n",
              databytes="1000\n", locals="a.example\nb.example", percenthack="h.example\n", qmqpservers="192.0.2.1\n",
              rcpthosts="a.example\n", smtpgreeting="m.example hello\n", smtproutes=":relay.example\n",
              timeoutsmtpd="5\n", virtualdomains="v.example:joe\n", helohost="h\x01\xe9.example\n")
    assert short(host) | {
        "badmailfrom": "\n@spam.example not accepted in MAIL FROM.\na@b.example not accepted in MAIL FROM.",
        "concurrencyremote": "Remote concurrency is 77.",
        "databytes": "SMTP DATA limit is 1000 bytes.",
        "locals": "\nMessages for a.example are delivered locally.\nMessages for b.example are delivered locally.",
        "percenthack": "\nThe percent hack is allowed for user%host@h.example.",
        "qmqpservers": "\nQMQP server: 192.0.2.1.",
        "rcpthosts": "\nSMTP clients may send messages to recipients at a.example.",
        "morercpthosts": "(Default.) No effect.",
        "smtpgreeting": "SMTP greeting: 220 m.example hello.",
        "smtproutes": "\nSMTP route: :relay.example",
        "timeoutsmtpd": "SMTP server data timeout is 5 seconds.",
        "virtualdomains": "\nVirtual domain: v.example:joe",
        "helohost": "SMTP client HELO host name is h???.example.",
    } == short(host)


def test_no_name_no_user_no_idea(host):
    configure(host, morercpthosts="x.example\n", spfbehavior="3\n")
    said = short(host)
    assert said["me"] == "My name is undefined! Uh-oh."
    assert said["bouncehost"] == "(Default.) Bounce host name is bouncehost."
    assert said["spfbehavior"] == "I have no idea what this file does."
    assert said["morercpthosts"] == "\nNo rcpthosts; doesn't matter that morercpthosts has x.example."
    assert said["morercpthosts.cdb"] == "Oops! morercpthosts exists but morercpthosts.cdb doesn't."
    host.sh("userdel qmailp")
    done = host.sh("qmail-showctl", check=False)
    assert done.returncode == 111 and done.stdout.endswith("Oops! Unable to find user qmailp.\n")


def test_a_file_in_trouble(host):
    configure(host, me="m.example\n")
    host.sh("mkdir /var/qmail/control/locals; chmod 700 /var/qmail/control/locals")
    assert short(host)["locals"] == "Oops! Trouble reading this file."
    host.sh("rm -r /var/qmail/control")
    done = host.sh("qmail-showctl", check=False)
    assert done.returncode == 111 and done.stdout == "Oops! Unable to open control.\n"


def test_our_own_files_appear_when_they_exist(host):
    configure(host, me="m.example\n", maxrecipients="5\n")
    said = short(host)
    assert said["maxrecipients"] == "SMTP recipient limit is 5."
    assert "timeoutsession" not in said


# ---- the checks ----

def test_a_fresh_installation_has_no_problem(host):
    assert problems(host) == []
    host.sh("rm /var/qmail/settings")
    assert problems(host) == [], "the table of settings is built in"


CASES = [
    ("me", "mail\n", "control/me:1: not a full host name, such as mail.example.org: mail"),
    ("me", None, "control/me: missing: this host has no name"),
    ("rcpthosts", None, "control/rcpthosts: missing: the whole world could relay"),
    ("concurrencyincoming", None, "control/concurrencyincoming: missing"),
    ("locals", "a.example\r\n", "control/locals: lines end with CR LF"),
    ("locals", "a\0b\n", "control/locals: NUL bytes"),
    ("locals", ".a.example\n", "control/locals:1: whole names only"),
    ("bouncefrom", "a\n\nb\n", "control/bouncefrom:3: only the first line counts"),
    ("bouncehost", "", "control/bouncehost: empty, which is an empty value"),
    ("bouncehost", " a.example\n", "control/bouncehost:1: blanks in front"),
    ("concurrencyremote", "20x\n", "control/concurrencyremote:1: what follows the number is ignored: 20x"),
    ("concurrencyremote", "1001\n", "control/concurrencyremote:1: more than can be"),
    ("concurrencylocal", "many\n", "control/concurrencylocal:1: no number"),
    ("queuelifetime", "99999999999999999999\n", "control/queuelifetime:1: more than can be"),
    ("virtualdomains", "mail.example.org:joe\n", "control/virtualdomains:1: the domain is in locals too"),
    ("virtualdomains", "a.example:x\na.example:y\n", "control/virtualdomains:1: a later line speaks for the same name"),
    ("percenthack", "localhost\n", "control/percenthack:1: the domain is in rcpthosts too"),
    ("smtproutes", "a.example relay.example\n", "control/smtproutes:1: no colon"),
    ("morercpthosts", "x.example\n", "control/morercpthosts.cdb: missing"),
    ("rcptheosts", "x.example\n", "control/rcptheosts: nobody reads this file: is rcpthosts meant?"),
    ("defaultdelivery", "./Maildir\n", "control/defaultdelivery:1: without a slash"),
    ("locals", "\ufefflocalhost\n", "control/locals: begins with a byte order mark"),
    ("rcpthosts", "\ufefflocalhost\n", "control/rcpthosts: begins with a byte order mark"),
    ("helohost", "mail\n", "control/helohost:1: without a dot: many hosts refuse"),
    ("destinationconnections", "a.example 5\n", "control/destinationconnections:1: no colon: the line is ignored"),
    ("destinationconnections", "a.example:5\nb.example:1000001\n", "control/destinationconnections:2: what follows the colon is no number"),
    ("destinationrate", "a.example:5/0\n", "control/destinationrate:1: what follows the colon is neither a number nor number/seconds"),
    ("destinationrate", "*.a.example:5\n", "control/destinationrate:1: whole names only"),
    ("destinationschedule", "a.example:2h\n", "control/destinationschedule:1: what follows the colon is not lifetime:first:longest"),
    ("destinationschedule", "a.example:3600::0\n", "control/destinationschedule:1: what follows the colon is not"),
    ("destinationschedule", "a.example::600:60\n", "control/destinationschedule:1: the time to the second attempt is longer"),
    ("queueextra", "log\nfrom:a.example\n", "control/queueextra:2: a colon belongs to the address"),
    ("queueextra", "to:a.example:\n", "control/queueextra:1: no recipient behind the second colon"),
    ("queueextra", "to:<>:log\n", "control/queueextra:1: no recipient is empty"),
    ("queueextra", "from:*.a.example:log\n", "control/queueextra:1: whole names only"),
    ("outgoingip", "192.0.2.9\n", "control/outgoingip:1: no interface of this machine has the address, so that mail waits"),
    ("outgoingip", "mail.example.org\n", "control/outgoingip:1: not an IP address, nor one of each kind"),
    ("domainbindings", "a.example|203.0.113.25\n", "control/domainbindings:1: no colon: the line is ignored"),
    ("domainbindings", "a.example:203.0.113.25\n<>:2001:db8::25,192.0.2.9\n", "control/domainbindings:2: no interface"),
    ("domainbindings", "joe@a.example:203.0.113.25\n", "control/domainbindings:1: domains only"),
    ("domainhelohosts", "a.example:mail\n", "control/domainhelohosts:1: without a dot: many hosts refuse"),
    ("domainhelohosts", "*.a.example:mail.a.example\n", "control/domainhelohosts:1: whole names only"),
    ("domainbindings6", "x|::1\n", "control/domainbindings6: patches of other qmails read it, nobody does here; outgoingip and domainbindings"),
    ("locals", "localhost\nnew.example\n", "control/locals:2: the name is not in rcpthosts, so that other hosts cannot send to it"),
    ("virtualdomains", "new.example:alias\n", "control/virtualdomains:1: the name is not in rcpthosts"),
    ("virtualdomains", "a.example:alias # mine\n", "control/virtualdomains:1: a blank belongs to the user, and there are no comments"),
    ("virtualdomains", "a.example: alias\n", "control/virtualdomains:1: a blank belongs to the user"),
    ("virtualdomains", "a.example:joe@b.example\n", "control/virtualdomains:1: behind the colon stands a user of this host; his .qmail file forwards"),
    ("virtualdomains", "a.example:/home/joe/Maildir/\n", "control/virtualdomains:1: behind the colon stands a user of this host; his .qmail file delivers"),
    ("virtualdomains", "a.example:./Maildir/\n", "control/virtualdomains:1: behind the colon stands a user"),
    ("virtualdomains", "a.example:&joe\n", "control/virtualdomains:1: behind the colon stands a user"),
    ("virtualdomains", "a.example:nosuch\n", "control/virtualdomains:1: no user here takes it, nor a file in ~alias"),
    ("badrcptpatterns", "x@a.example\n", "control/badrcptpatterns: patches of other qmails read it, nobody does here; badmailfrom and badrcptto take"),
    ("badrcptto", "^x.*@a[.]example$\n", "control/badrcptto:1: no regular expressions here"),
    ("badhelo", "!\n", "control/badhelo:1: nothing behind the !"),
    ("dnslists", "# ours\nbl.example\n", "control/dnslists:2: not zone:codes:action"),
    ("dnslists", "bl.example::refuse\n", "control/dnslists:1: no codes: an answer counts only if it is named"),
    ("filters", "# ours\n/usr/local/bin/none x\n", "control/filters:2: there is no such program, so that no message is taken"),
    ("filters", "/etc/passwd\n", "control/filters:1: this is no program that can be run"),
    ("filters", "# ours\n" + "cat\n" * 17, "control/filters:18: more than 16 filters, so that no message is taken: cat"),
    ("genericfrom", "joe:ann\n", "control/genericfrom:1: what follows the colon is no address"),
    ("genericfrom", "# ours\n:ann@a.example\n", "control/genericfrom:2: not user:address"),
    ("moved", "joe:ann@a.example\n", "control/moved:1: not user@host:newuser@newhost"),
    ("spfbehavior", "3\n", "control/spfbehavior: patches of other qmails read it, nobody does here; there is nothing like it: remove"),
    ("tarpitcount", "3\n", "control/tarpitcount: patches of other qmails read it, nobody does here; maxerrors and maxrecipients"),
]


@pytest.mark.parametrize("batch", [CASES[i::3] for i in range(3)])
def test_what_the_checks_find(host, batch):
    for name, text, said in batch:
        host.sh("rm -rf /tmp/kept; cp -a /var/qmail/control /tmp/kept")
        if text is None:
            host.sh(f"rm /var/qmail/control/{name}")
        else:
            host.control(name, text)
        found = problems(host)
        assert [line for line in found if line.startswith(said)], (name, text, found)
        host.sh("rm -rf /var/qmail/control; mv /tmp/kept /var/qmail/control")


def test_dns_lists_that_do_not_work(host):
    host.dns({"2.0.0.127.good.example": ["A 127.0.0.2"], "2.0.0.127.world.example": ["A 127.0.0.2"], "1.0.0.127.world.example": ["A 127.0.0.2"],
              "2.0.0.127.refuses.example": ["A 127.255.255.254"], "2.0.0.127.silent.example": ["SILENT"], "1.0.0.127.silent.example": ["SILENT"],
              "2.0.0.127.dead.example": ["SERVFAIL"], "1.0.0.127.dead.example": ["SERVFAIL"]})
    names = ["good", "world", "refuses", "silent", "dead", "gone"]
    host.control("dnslists", "".join(f"{name}.example:2:refuse\n" for name in names))
    found = {line.split(": ", 1)[0]: line.split(": ", 1)[1] for line in problems(host)}
    assert {where.rsplit(":")[-1] for where in found} == {"2", "3", "4", "5", "6"}
    said = [found[f"control/dnslists:{n}"] for n in range(2, 7)]
    wanted = ["the list has 127.0.0.1 on it", "the list refuses to answer (127.255.255.x)", "no answer: ", "no answer: ",
              "the list does not have its test entry 127.0.0.2"]
    assert all(s.startswith(w) for s, w in zip(said, wanted)), said
    host.control("dnslists", "".join(f"good.example:{n}:1\n" for n in range(25)))
    assert problems(host) == ["control/dnslists:25: more than 24 lists: this line and those behind it do not count: good.example:24:1"]


def test_limits_are_no_problem_at_the_limit(host):
    host.control("concurrencyremote", "1000\n")
    host.control("concurrencylocal", "0\n")
    assert problems(host) == []


def test_how_and_where_mail_goes_out_is_no_problem(host):
    host.control("destinationrate", "a.example:30\n.b.example:500/86400\n:0\n")
    host.control("destinationschedule", "a.example:3600\n.b.example::60:900\n:172800::3600\n")
    host.control("queueextra", "log\narchive@a.example\nfrom:<>:log\nto:.a.example:log\nto:joe@a.example:log\nfrom::log\n")
    host.control("destinationconnections", "a.example:1\nmx.b.example:0\n:5\n")
    host.control("outgoingip", "203.0.113.25 2001:db8::25\n")
    host.control("domainbindings", ".a.example:203.0.113.25\n<>:0.0.0.0,::\n:\n")
    host.control("domainhelohosts", "a.example:mail.a.example\n<>:[203.0.113.25]\n:mail.example.org\n")
    assert problems(host) == []


def test_an_unreadable_file_and_a_stale_table(host):
    host.sh("chmod 600 /var/qmail/control/locals; cd /var/qmail/control; echo x.example > morercpthosts; "
            "touch -d '1 hour ago' morercpthosts.cdb")
    assert problems(host) == ["control/locals: not readable for all: the programs that need it run as several users; chmod 644",
                              "control/morercpthosts.cdb: older than morercpthosts: qmailctl cdb"]


def test_passwords_are_for_one_and_shown_to_nobody(host):
    file = "/var/qmail/control/smtpauth"
    host.write(file, "relay.example:joe:password:s3cret\nrelay.example:s3cret\n", mode=0o640)
    assert problems(host) == ["control/smtpauth: others can read the passwords in it, or change them: chmod 400",
                              "control/smtpauth: not owned by qmailr, who alone needs it: chown qmailr",
                              "control/smtpauth:2: not relay:user:password:text, nor relay:user:token:/file"]
    host.sh(f"chown qmailr {file}; chmod 400 {file}; sed -i 2d {file}; chown qmailr {file}")
    assert problems(host) == []
    for option in ("", " -l", " --json"):
        shown = host.sh(f"/var/qmail/bin/qmail-showctl{option}", check=False).stdout
        assert "smtpauth" in shown and "s3cret" not in shown


def test_two_hosts_are_compared(host):
    """What they mean: comments, the order of lines and a default that is written out are no difference."""
    def told(code):
        done = host.sh("cd /tmp && qmail-showctl -d other", check=False)
        assert done.returncode == code and not done.stderr, done
        return done.stdout.splitlines()
    host.control("timeoutremote", "1200\n")
    host.control("virtualdomains", "# ours\na.example:ann\nb.example:bob\na.example:ann\n")
    host.write("/var/qmail/control/smtpauth", "r.example:joe:password:s3cret\n", owner="qmailr", mode=0o400)
    host.sh("mkdir /tmp/other; cp -a /var/qmail/control /tmp/other/")
    assert told(0) == []
    host.sh("cd /tmp/other/control && rm timeoutremote rcpthosts && echo other.example > me && echo 30 > concurrencyremote && "
            "printf 'b.example:bob\\nc.example:carl\\n' > virtualdomains && sed -i s/s3cret/other/ smtpauth && echo x > nonsense")
    me, *hosts = (host.read(f"/var/qmail/control/{name}").decode().split() for name in ("me", "rcpthosts"))
    said = told(1)
    wanted = [f"me: here: {me[0]}", "me: there: other.example", "virtualdomains: only here: a.example:ann", "virtualdomains: only there: c.example:carl",
              "concurrencyremote: there: 30", "rcpthosts: here it is there", "rcpthosts: there it is not there",
              "smtpauth: not the same, and shown to nobody", *(f"rcpthosts: only here: {name}" for name in sorted(hosts[0]))]
    assert [line for line in wanted if line not in said] == [], said
    assert not [line for line in said if line.startswith("timeoutremote") or "s3cret" in line or "bob" in line]
    done = host.sh("qmail-showctl -d /nowhere", check=False)
    assert done.returncode == 111 and "unable to open /nowhere" in done.stderr


def test_misspelt_variables(host):
    host.write("/var/qmail/supervise/qmail-smtpd/env/DATABYTE", "1000\n")
    host.write("/etc/tcp.smtp", '127.:allow,RELAYCLIENT="",QMAILQEUE="x"\n:allow\n')
    assert problems(host) == [
        "supervise/qmail-smtpd/env/DATABYTE: no program knows the variable DATABYTE: is DATABYTES meant?",
        "/etc/tcp.smtp:1: no program knows the variable QMAILQEUE: is QMAILQUEUE meant?"]


def test_a_service_that_is_wanted_and_has_no_rules(host):
    """tcpserver lets nobody in then, and says nothing. Where it is told to do without, or is down, that is no problem."""
    place = "/var/qmail/supervise/qmail-qmtpd"
    assert problems(host) == []
    host.sh(f"rm {place}/down; mv /etc/tcp.qmtp.cdb /etc/tcp.qmtp.old")
    told = "supervise/qmail-qmtpd/run: the service is wanted, and there is no /etc/tcp.qmtp.cdb, so that nobody is let in: write its rules, then qmailctl cdb"
    assert problems(host) == [told]
    host.sh(f"sed -i 's/ -x / -X -x /' {place}/run")
    assert problems(host) == []


def test_a_table_of_aliases_that_is_old_or_not_there(host):
    host.write("/etc/aliases", "postmaster: root\n")
    host.sh("/var/qmail/bin/newaliases; echo '| fastforward -d /etc/aliases.cdb' > /var/qmail/alias/.qmail-default; chown alias /var/qmail/alias/.qmail-default")
    assert problems(host) == []
    host.write("/etc/aliases", "postmaster: joe\n")
    assert problems(host) == ["/etc/aliases: it has changed, and /etc/aliases.cdb has not been made of it since: newaliases"]
    host.sh("/var/qmail/bin/newaliases")
    assert problems(host) == []
    host.sh("rm /etc/aliases.cdb")
    assert problems(host) == ["/var/qmail/alias/.qmail-default: there is no table /etc/aliases.cdb, so that mail for who has no file of his own "
                              "waits: newaliases"]
    host.write("/var/qmail/alias/.qmail-default", "&root\n", owner="alias")
    assert problems(host) == []


def test_name_services_in_an_order_that_returns_mail(host):
    host.write("/etc/nsswitch.conf", "# x\npasswd: sss files\ngroup: sss files\nshadow: ldap files\n")
    told = ("is asked before files: while it is slow or down accounts of this host are found late, and to most programs its own "
            "do not exist; write files first")
    assert problems(host) == [f"/etc/nsswitch.conf:2: sss {told}", f"/etc/nsswitch.conf:4: ldap {told}"]
    host.write("/etc/nsswitch.conf", "passwd: files sss\nshadow: files ldap\n")
    assert problems(host) == []


def test_name_servers_that_cannot_be_asked(host):
    host.write("/etc/resolv.conf", "search example.net\nnameserver fe80::1%eth0\nnameserver 127.0.0.1\nnameserver ns.example\n")
    told = "this name server cannot be asked: write a number that is not of one link only (not fe80::)"
    assert problems(host) == [f"/etc/resolv.conf:2: nameserver fe80::1%eth0: {told}",
                              f"/etc/resolv.conf:4: nameserver ns.example: {told}"]


def test_homes_that_are_away(host):
    for name in ("ann", "joe", "bob"):
        host.user(name)
    uid = host.sh("id -u joe").stdout.strip()
    host.write("/var/qmail/users/assign", "".join(
        f"{key}:joe:{uid}:{uid}:{home}:{rest}:\n" for key, home, rest in [
            ("=joe", "/home/joe", ":"), ("+joe-", "/home/joe", "-:"), ("+club-", "/srv/club", "-:"), ("=club", "/srv/club", ":"),
            ("=fine", "/home/bob", ":")]) + ".\n=late:joe:1:1:/srv/late:::\n")
    host.sh("useradd -r -d /var/list list2; useradd -M -d /nonexistent placeless")
    host.sh("mv /home/ann /home/away; mkdir /home/ann; mv /home/joe /home/gone")
    waits = ["/etc/passwd: mail for ann waits: /home/ann is an empty directory of root: is it mounted?",
             "/etc/passwd: mail for joe waits: /home/joe: No such file or directory; is it mounted?",
             "users/assign:3: mail for joe waits: /srv/club: No such file or directory; is it mounted?"]
    assert problems(host) == waits
    host.sh("chmod 700 /home")
    assert [line for line in problems(host) if "bob" in line] == [
        "/etc/passwd: mail for bob waits: /home/bob: Permission denied; is it mounted?"]
    host.sh("chmod 755 /home; for i in $(seq 30); do echo u$i:x:$((2000+i)):2000::/home/u$i:/bin/sh; done >> /etc/passwd")
    said = problems(host)
    assert len(said) == 11 and said[-1] == "/etc/passwd: and so are 23 homes more"


def while_dead(host, *places):
    """What the checks say while whoever looks at these places never comes back; and no process stays behind."""
    library = BUILD / "tests" / f"dead_places.{os.getpid()}.so"
    subprocess.run(["cc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-O1", "-o", library, DEAD_PLACES, "-ldl"], check=True)
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    done = host.sh(f"ASAN_OPTIONS={sanitizer} DEAD_PLACES={':'.join(places)} LD_PRELOAD={library} qmail-showctl -c",
                   check=False, timeout=120)
    library.unlink()
    assert done.stderr == ""
    assert eventually(lambda: not host.sh("pgrep '^qmail-(showctl|getpw)$'", check=False).stdout)
    return done.stdout.splitlines()


def test_a_home_whose_server_is_dead_holds_up_nobody(host):
    for name in ("ann", "joe", "bob"):
        host.user(name)
    host.sh("chmod 777 ~bob")
    host.write("/var/qmail/users/assign", "=x:joe:1:1:/srv/x:::\n.\n")
    late = "did not answer within 10 seconds; is its server up?"
    assert while_dead(host, "/home/joe") == [
        f"/etc/passwd: mail for joe waits: /home/joe {late}",
        "/etc/passwd: mail for bob waits: /home/bob may be written by others: its mode is 777, and control/patrn forbids 002",
        "users/assign:1: mail for joe waits: /srv/x: No such file or directory; is it mounted?"]


def test_many_dead_homes_are_not_waited_for_one_by_one(host):
    names = ["ann", "bob", "cid", "dan", "eve"]
    for name in names:
        host.user(name)
    assert while_dead(host, *[f"/home/{name}" for name in names]) == [
        *[f"/etc/passwd: mail for {name} waits: /home/{name} did not answer within 10 seconds; is its server up?" for name in names[:3]],
        "/etc/passwd: 2 homes more were not looked at, since too many do not answer"]


def test_a_virtual_domain_of_a_dead_home_holds_up_nobody(host):
    host.user("joe")
    host.control("rcpthosts", "localhost\nmail.example.org\n.v.example\n")
    host.control("virtualdomains", "a.v.example:joe\nb.v.example:nosuch\n")
    said = while_dead(host, "/home/joe")
    assert said[:2] == [
        "control/virtualdomains:1: who takes it could not be found out within 10 seconds: a name service or a home does not "
        "answer: a.v.example:joe",
        "control/virtualdomains:2: no user here takes it, nor a file in ~alias, so that all mail is returned: b.v.example:nosuch"]
    assert len(said) == 3 and "/home/joe did not answer" in said[2]


def test_homes_and_files_that_others_may_write(host):
    for name in ("ann", "joe", "bob"):
        host.user(name)
    host.sh("chmod 777 ~ann; chmod 646 ~joe/.qmail; chmod 664 ~bob/.qmail; mkdir -m 777 ~bob/.qmail-dir")
    assert problems(host) == [
        "/etc/passwd: mail for ann waits: /home/ann may be written by others: its mode is 777, and control/patrn forbids 002",
        "/etc/passwd: mail for joe waits: /home/joe/.qmail may be written by others: its mode is 646, and control/patrn forbids 002"]
    host.control("patrn", "022\n")
    assert problems(host)[2:] == [
        "/etc/passwd: mail for bob waits: /home/bob/.qmail may be written by others: its mode is 664, and control/patrn forbids 022"]
    host.control("patrn", "20\n")
    assert problems(host)[0].startswith("control/patrn:1: no octal number of three digits")


def test_notes_are_not_problems(host):
    for name in ("locals~", "zebra"):
        host.control(name, "x\n")
    host.sh("cd /var/qmail/control; sed -i /example/d locals")
    assert problems(host) == []
    long = host.sh("qmail-showctl -l").stdout
    assert "note: a leftover copy: nobody reads it" in long
    assert "note: no program of this system reads this file" in long
    assert "note: this host's own name is not in it: mail to it leaves this host" in long


def test_who_takes_the_mail_of_a_virtual_domain(host):
    host.user("joe")
    host.sh("printf '=exact:alias:0:0:/:::\n+joined-:joe:1:1:/home/joe:-::\n.\n' > /var/qmail/users/assign && qmail-newu")
    host.control("rcpthosts", "localhost\nmail.example.org\n.v.example\n")
    values = ["joe", "Joe-Shop", "joined", "filed", "a.b", "deep-er", "alias", "postmaster", "nosuch", "nosuch-x", "exact"]
    host.control("virtualdomains", "".join(f"{n}.v.example:{value}\n" for n, value in enumerate(values)) +
                 "exception.v.example:\n")
    for name in ("filed-info", "a:b-default", "deep-default"):
        host.write(f"/var/qmail/alias/.qmail-{name}", "./Maildir/\n", owner="alias")

    def lost():
        return [line.rsplit(":", 1)[1] for line in problems(host)]
    # "alias" itself is an account; ~alias/.qmail-postmaster takes postmaster@, but nothing takes postmaster-x.
    assert lost() == ["postmaster", "nosuch", "nosuch-x", "exact"]
    host.write("/var/qmail/alias/.qmail-default", "./Maildir/\n", owner="alias")
    assert lost() == []


def test_further_domains_are_accepted_too(host):
    host.sh("cd /var/qmail/control; echo new.example >> locals; echo .w.example > morercpthosts; echo a.w.example >> locals; "
            "echo new.example >> morercpthosts; echo internal >> locals; qmail-newmrh")
    assert problems(host) == []


# ---- long form and JSON ----

def test_long_form(host):
    host.control("concurrencyremote", "5000\n")
    host.control("locals", "".join(f"d{n}.example\n" for n in range(25)))
    blocks = {b.split(":", 1)[0]: b for b in host.sh("qmail-showctl -l").stdout.split("\n\n")}
    assert "bouncehost: mail.example.org   (from me)\n" in blocks["bouncehost"]
    assert "timeoutremote: 1200   (default)\n" in blocks["timeoutremote"]
    assert "    PROBLEM: line 1: more than can be, it is cut: 5000" in blocks["concurrencyremote"]
    assert "    after a change: qmailctl reload" in blocks["concurrencyremote"]
    assert "        d19.example\n        and 5 more\n" in blocks["locals"]
    assert "smtproutes: (no such file)" in blocks["smtproutes"]


def test_json(host):
    host.control("smtpgreeting", 'mail.example.org "hi" \\ \u00e9\t\x07\n')
    host.write("/var/qmail/control/helohost", b"caf\xe9.example\n")
    host.control("morecpthosts", "x\n")
    told = json.loads(host.run(["qmail-showctl", "--json"]).stdout)
    files = {f["name"]: f for f in told["files"]}
    assert files["smtpgreeting"]["value"] == 'mail.example.org "hi" \\ \u00e9\t\x07'
    assert files["helohost"]["value"] == "caf\ufffd.example"
    assert files["locals"]["value"] == ["localhost", "mail.example.org"] and files["locals"]["source"] == "file"
    assert files["bouncehost"]["source"] == "me" and files["databytes"]["source"] == "default"
    assert files["smtproutes"]["source"] == "none" and files["smtproutes"]["value"] == []
    assert told["unknown"][0]["problems"][0]["text"] == "nobody reads this file: is morercpthosts meant?"
    assert told["problems"] == []


def test_a_wrong_call(host):
    done = host.sh("qmail-showctl -x", check=False)
    assert done.returncode == 100 and "usage: qmail-showctl" in done.stderr


# ---- one table ----

def table(host):
    configure(host)
    return {f["name"]: f for f in json.loads(host.sh("qmail-showctl --json").stdout)["files"]}


def test_the_manual_page_says_what_the_table_says(host):
    files = table(host)
    page = (ROOT / "programs/man/qmail-control.5").read_text()
    entries = re.findall(r"^\.It Pa (\S+)\n\((.*?); default: (.*?); (.*)\)$", page, re.M)
    assert [e[0] for e in entries] == sorted(files)
    for name, form, default, readers in entries:
        f = files[name]
        value = f["value"][0] if isinstance(f["value"], list) and f["value"] else f["value"]
        expected = {"none": "none", "me": "me"}.get(f["source"], value)
        assert (form, default.split(", for ")[0], readers) == (f["form"], expected, f["read_by"]), name


def read_by_programs():
    """Every control file that a program's source names, with the default its table gives."""
    found = {}
    constants = {}
    for source in (ROOT / "programs").glob("*/*.c"):
        if source.parent.name == "admin":
            continue
        text = source.read_text()
        constants.update(re.findall(r'#define (\w+) ("[^"]*")', text))
        for name, kind, default in re.findall(r'\{ *"([a-z0-9.]+)", *(CONTROL_\w+), *[^,]+, *([^},]+?) *\}', text):
            found.setdefault(name, []).append((source.name, kind, constants.get(default, default)))
        for name in re.findall(r'control_(?:line|slurp|exists) *\([^;]*?"([a-z0-9.]+)"', text):
            found.setdefault(name, []).append((source.name, None, None))
    return found


KINDS = {"CONTROL_LINE": {"one line"}, "CONTROL_NUMBER": {"number"}, "CONTROL_NAMES": {"list"}, "CONTROL_MAP": {"map"},
         "CONTROL_RAW_MAP": {"map"}, "CONTROL_TEXT": {"map", "list"}}


# Where another default holds than the one in the table.
ELSEWHERE = {("timeoutsession", "qmail-pop3d.c"): "14400"}


def test_every_file_a_program_reads_is_in_the_table(host):
    files = table(host)
    found = read_by_programs()
    assert {"locals", "virtualdomains", "percenthack", "envnoathost"} <= set(found), "the pattern finds nothing"
    for name, places in found.items():
        assert name in files, f"{name}, read by {places}"
        for program, kind, default in places:
            if kind is None:
                continue
            assert files[name]["form"] in KINDS[kind], (name, program)
            if default.startswith('"'):
                expected = ELSEWHERE.get((name, program), files[name]["value"])
                assert default.strip('"') == (expected if isinstance(expected, str) else " ".join(expected)), (name, program)
            elif default.startswith("CONTROL_ME"):
                assert files[name]["source"] == "me" or name == "me", (name, program)


# ---- qmail-config ----

def test_config_writes_what_config_fast_writes(host):
    configure(host)
    host.sh("qmail-config A.Mail.Example.ORG")
    read = {f: host.sh(f"cat /var/qmail/control/{f}").stdout for f in host.sh("ls /var/qmail/control").stdout.split()}
    assert read == {"me": "a.mail.example.org\n", "defaultdomain": "mail.example.org\n", "plusdomain": "example.org\n",
                    "locals": "localhost\na.mail.example.org\n", "rcpthosts": "localhost\na.mail.example.org\n",
                    "concurrencyincoming": "100\n", "concurrencypop3": "40\n", "defaultdelivery": "./Maildir/\n"}
    assert host.sh("find /var/qmail/control -maxdepth 1 -type f ! -name '.*' -exec stat -c %a {} +").stdout.split() == ["644"] * 8


def test_config_overwrites_nothing(host):
    configure(host, me="old.example.org\n", locals="mine.example\n", defaultdomain="x\n")
    done = host.sh("qmail-config new.example.org")
    assert "control/me says old.example.org and stays" in done.stderr
    assert host.read("/var/qmail/control/locals") == b"mine.example\n"
    assert host.read("/var/qmail/control/defaultdomain") == b"x\n"
    assert host.read("/var/qmail/control/plusdomain") == b"example.org\n"
    assert host.read("/var/qmail/control/rcpthosts") == b"localhost\nmine.example\nold.example.org\n"


@pytest.mark.parametrize("name", ["localhost", "mail", "a_b.example", "1.2.3.4", "-a.example", "localhost.localdomain"])
def test_config_refuses_what_is_no_name(host, name):
    configure(host)
    done = host.sh(f"qmail-config {name}", check=False)
    assert done.returncode == 100
    assert host.sh("ls /var/qmail/control").stdout == ""


def test_config_without_a_name_asks_the_network(host):
    configure(host)
    host.write("/etc/hosts", "127.0.0.1 localhost\n203.0.113.25 mail.example.org mail\n")
    host.sh("hostname mail")
    said = host.sh("qmail-config").stdout
    assert "Your hostname is mail.\nYour host's fully qualified name in DNS is mail.example.org.\n" in said
    assert "127.0.0.1: Adding localhost to control/locals...\n" in said
    assert host.read("/var/qmail/control/locals") == b"localhost\nmail.example.org\n"


def test_config_without_any_name_says_what_to_do(host):
    configure(host)
    host.sh("hostname nowhere")
    done = host.sh("qmail-config", check=False)
    assert done.returncode == 111 and "say qmail-config NAME" in done.stderr
