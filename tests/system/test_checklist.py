"""Whole ways that no role shows alone: old start lines, gateways, big tables, a queue that is moved."""

import re
import subprocess

import pytest

from tests.host import eventually
from tests.host.syslog import Syslog

ME = "mail.example.org"


def smtp(host, script, port=25):
    """Runs a client in the host: s is connected; what the script prints comes back."""
    program = f"import smtplib\ns = smtplib.SMTP('127.0.0.1', {port}, timeout=20)\n{script}\n"
    return host.run(["/usr/bin/python3", "-c", program]).stdout.decode()


def submit(host, sender, *recipients):
    host.run(["sendmail", "-f", sender, *recipients], input=b"Subject: x\n\nhello\n")


def send_log(host):
    return [line for line in host.log("qmail-send").splitlines() if not line.startswith("status:")]


def told(host, pattern):
    """The first line of qmail-send's log that matches."""
    return eventually(lambda: next((line for line in send_log(host) if re.search(pattern, line)), None)) or \
        pytest.fail(f"no {pattern} in\n" + host.log("qmail-send"))


def listen(host, command):
    server = host.popen(["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                        stderr=open(host.path("/tmp/listen.log"), "wb"))
    port = command.split(" 0 ")[1].split()[0]
    number = {"smtp": 25}.get(port) or int(port)
    assert eventually(lambda: host.sh(f"tcpclient -RHl0 127.0.0.1 {number} true", check=False).returncode == 0)
    return server


# ---- start lines as they are in books ----

def test_the_start_line_of_the_roadmap(host):
    host.sh("groupadd -g 1001 mailgroup && useradd -u 1002 -g 1001 -M maild")
    host.user("joe")
    host.dns({ME: ["A 203.0.113.25"]})
    host.start("qmail-send")
    server = listen(host, "tcpserver -c 600 -x /etc/tcp.smtp.cdb -u 1002 -g 1001 0 smtp qmail-smtpd")
    smtp(host, f"s.sendmail('a@b.example', ['joe@{ME}'], 'Subject: x\\n\\nhello\\n')")
    assert eventually(lambda: host.maildir("joe"))
    assert told(host, "^info msg .* uid 1002$")
    server.kill()
    server.wait()


def test_the_start_line_with_a_logger(host):
    host.user("joe")
    host.sh("rm ~joe/.qmail")
    syslog = Syslog(host)
    host.write("/var/qmail/rc", '#!/bin/sh\nexec env - PATH="/var/qmail/bin:$PATH" '
               'qmail-start ./Mailbox splogger qmail\n', mode=0o755)
    host.popen(["/var/qmail/rc"], stdin=subprocess.DEVNULL)
    submit(host, "a@b.example", "joe")
    assert syslog.next()[:2] == (2 << 3 | 6, "qmail")
    story = [line for line in syslog.until("^end msg") if not line.startswith("status:")]
    shape = [re.sub(r"\d+", "N", line) for line in story]
    assert shape == ["new msg N", "info msg N: bytes N from <a@b.example> qp N uid N",
                     f"starting delivery N: msg N to local joe@{ME}", "delivery N: success: did_N+N+N/", "end msg N"]
    assert host.read("/home/joe/Mailbox").startswith(b"From a@b.example ")
    assert host.sh("ps -o user= -C splogger").stdout == "qmaill\n"


def test_others_stand_before_smtpd(host):
    """recordio and rblsmtpd."""
    server = listen(host, "tcpserver -RHl0 -u $(id -u qmaild) -g $(id -g qmaild) 0 2525 "
                          "rblsmtpd -t 5 recordio qmail-smtpd")
    assert smtp(host, "print(s.noop()); s.quit()", 2525) == "(250, b'2.0.0 ok')\n"
    assert b"> 220 mail.example.org ESMTP" in host.read("/tmp/listen.log")
    server.kill()
    server.wait()
    server = listen(host, "RBLSMTPD='go away' tcpserver -RHl0 0 2526 rblsmtpd qmail-smtpd")
    assert "(451, b'go away')" in smtp(host, "s.helo('x'); s.mail('a@b'); print(s.rcpt('joe@mail.example.org'))", 2526)
    server.kill()
    server.wait()


def test_processes_have_their_names_and_users(host):
    host.start()
    listed = {line.split(None, 1)[1]: line.split()[0] for line in host.sh("ps -eo user,args").stdout.splitlines()}
    assert listed["qmail-send"] == "qmails"
    assert listed["qmail-clean"] == "qmailq"
    assert listed["qmail-rspawn"] == "qmailr"
    assert listed["qmail-lspawn ./Maildir/"] == "root"
    assert listed["multilog t s1000000 n20 /var/log/qmail/qmail-send"] == "qmaill"
    assert next(user for args, user in listed.items() if args.startswith("tcpserver") and "qmail-smtpd" in args) == "qmaild"


# ---- settings while it runs ----

def test_rules_and_rcpthosts_change_under_an_open_session(host):
    host.user("joe")
    host.start("qmail-send", "qmail-smtpd")
    host.write("/etc/tcp.smtp", ":allow\n")
    host.sh("qmailctl cdb")
    script = f"""
import subprocess
s.helo('x'); s.mail('a@b.example'); print(s.rcpt('joe@new.example')[0])
with open('/var/qmail/control/rcpthosts', 'a') as f: f.write('new.example\\n.new.example\\n')
with open('/etc/tcp.smtp', 'a') as f: f.write('127.:deny\\n')
open('/etc/tcp.smtp', 'w').write('127.0.0.2:deny\\n127.:allow,DATABYTES="9"\\n')
subprocess.run(['qmailctl', 'cdb'], check=True, capture_output=True)
t = smtplib.SMTP('127.0.0.1', 25, timeout=20)
t.ehlo('x'); print(t.esmtp_features['size']); t.mail('a@b.example')
print(t.rcpt('joe@new.example')[0], t.rcpt('joe@sub.new.example')[0], t.rcpt('joe@notnew.example')[0])
print(s.rcpt('joe@{ME}')[0], s.data('x')[0])
"""
    assert smtp(host, script) == "553\n9\n250 250 553\n250 250\n"


def test_concurrency_above_255(host):
    host.control("concurrencylocal", "1000\n")
    host.control("concurrencyremote", "400\n")
    host.start("qmail-send")
    assert "status: local 0/1000 remote 0/400\n" in host.log("qmail-send")
    assert host.sh("qmail-showctl -c", check=False).stdout == ""
    host.control("concurrencylocal", "1001\n")
    assert "control/concurrencylocal:1: more than can be" in host.sh("qmail-showctl -c", check=False).stdout


def test_names_that_nobody_reads(host):
    for name in ("morecpthosts", "moretcpthosts", "rcptheosts"):
        host.control(name, "x.example\n")
    host.write("/etc/tcp.smtp", ':allow,QMAILDEFALLTHOST="a",SMTPD_RECEIVED="hide"\n')
    said = host.sh("qmail-showctl -c", check=False).stdout
    for name, meant in (("morecpthosts", "morercpthosts"), ("moretcpthosts", "morercpthosts"),
                        ("rcptheosts", "rcpthosts")):
        assert f"control/{name}: nobody reads this file: is {meant} meant?\n" in said
    assert "QMAILDEFALLTHOST: is QMAILDEFAULTHOST meant?" in said
    assert "SMTPD_RECEIVED" not in said


def test_a_filter_in_place_of_the_queue_program(host):
    host.user("joe")
    host.write("/usr/local/bin/filter", "#!/bin/sh\n(echo 'X-Scanned: yes'; cat) | exec qmail-queue\n", mode=0o755)
    host.write("/etc/tcp.smtp", ':allow,QMAILQUEUE="/usr/local/bin/filter"\n')
    host.sh("qmailctl cdb")
    host.start("qmail-send", "qmail-smtpd")
    smtp(host, f"s.sendmail('a@b.example', ['joe@{ME}'], 'Subject: x\\n\\nhello\\n')")
    assert eventually(lambda: host.maildir("joe"))
    assert b"\nX-Scanned: yes\nReceived: " in host.maildir("joe")[0]


# ---- who gets what ----

def test_a_log_of_every_message(host):
    """control/queueextra and ~alias/.qmail-log."""
    host.user("joe")
    host.control("queueextra", "log\n")
    host.write("/var/qmail/alias/.qmail-log",
               "| awk '/^$/ { exit } /^[mM][eE][sS][sS][aA][gG][eE]-/ { print }'\n", owner="alias")
    host.start("qmail-send")
    host.run(["qmail-inject"], input=b"to: joe\nmessage-id: <7@x.example>\n\n")
    assert told(host, "success: (?i:message-id):_<7@x.example>/did_0\\+0\\+1/")
    assert eventually(lambda: len(host.maildir("joe")) == 1)


def test_a_hash_of_every_message(host):
    """control/loghash says what a program of a .qmail file finds."""
    host.user("joe")
    host.write("/home/joe/.qmail", "|sha256sum\n", owner="joe")
    host.control("loghash", "1\n")
    host.start("qmail-send")
    submit(host, "a@b.example", "joe")
    digest = told(host, r"^hash msg \d+: sha256 [0-9a-f]{64}$").split()[-1]
    assert told(host, "^delivery 1: ").startswith(f"delivery 1: success: {digest}__-/")


def test_everything_else_through_a_gateway(host):
    """virtualdomains :alias-uucp; what comes from outside stays one word."""
    host.control("virtualdomains", ":alias-uucp\n")
    host.write("/var/qmail/alias/.qmail-uucp-default",
               """| printf '%s\\n' -a"${SENDER:-MAILER-DAEMON}" "($DEFAULT@$HOST)"\n""", owner="alias")
    host.start("qmail-send")
    submit(host, "", '"a b; rm `id`"@far.example')
    assert told(host, r"success: -aMAILER-DAEMON/\(a_b;_rm_`id`@far\.example\)/did_0\+0\+1/$")


def test_users_behind_their_aliases(host):
    host.write("/var/qmail/alias/.qmail-real-default", '|test "$DEFAULT" = joe\n', owner="alias")
    host.start("qmail-send")
    submit(host, "a@b.example", "real-joe")
    assert told(host, "success: did_0\\+0\\+1/")


def test_customers_of_one_uid(host):
    """The large set-up of virtualdomains and users/assign: one uid, free directories, most specific domain first."""
    host.sh("useradd -m popmail")
    home = "/home/popmail/e/ex1"
    for place in ("DOMAINS/example.com", "DOMAINS/some.example.com", "POP"):
        host.sh(f"mkdir -p {home}/{place}")
    host.sh(f"cd {home}/POP && maildirmake ex1-0001 && maildirmake some && chown -R popmail: {home}")
    host.write(f"{home}/DOMAINS/example.com/.qmail-joe", f"{home}/POP/ex1-0001/\n", owner="popmail")
    host.write(f"{home}/DOMAINS/some.example.com/.qmail-default", f"{home}/POP/some/\n", owner="popmail")
    host.control("virtualdomains", "example.com:example.com\n.example.com:example.com\n"
                 "some.example.com:some.example.com\n")
    uid = host.sh("id -u popmail").stdout.strip()
    gid = host.sh("id -g popmail").stdout.strip()
    host.write("/var/qmail/users/assign", "".join(
        f"+{domain}-:ex1:{uid}:{gid}:{home}/DOMAINS/{domain}:-::\n" for domain in ("example.com", "some.example.com"))
        + ".\n")
    host.sh("qmail-newu")
    host.start("qmail-send")
    submit(host, "a@b.example", "joe@example.com", "JOE@deep.example.com", "joe@some.example.com")
    assert eventually(lambda: len(host.maildir("popmail", "e/ex1/POP/ex1-0001")) == 2)
    assert eventually(lambda: len(host.maildir("popmail", "e/ex1/POP/some")) == 1)
    submit(host, "a@b.example", "nobody@example.com")
    assert told(host, "failure: Sorry,_no_mailbox_here_by_that_name._")


def test_a_hundred_thousand_domains(host):
    host.user("joe")
    domains = [f"d{i}.example" for i in range(100000)]
    host.control("virtualdomains", "".join(f"{d}:joe-{d}\n" for d in domains))
    host.control("rcpthosts", "".join(f"{d}\n" for d in domains[:50]))
    host.control("morercpthosts", "".join(f"{d}\n" for d in domains[50:]))
    host.write("/home/joe/.qmail-default", "./Maildir/\n", owner="joe")
    host.sh("qmailctl cdb")
    host.start("qmail-send", "qmail-smtpd")
    smtp(host, "s.sendmail('a@b.example', ['x@d99999.example', 'x@d0.example'], 'Subject: x\\n\\nhello\\n')")
    assert eventually(lambda: len(host.maildir("joe")) == 2)


# ---- the queue as files ----

def test_a_queue_is_moved_with_tar(host):
    host.user("joe")
    for i in range(20):
        submit(host, "a@b.example", "joe")
    before = host.sh("qmail-qread").stdout
    host.sh("cd /var/qmail && tar cf /tmp/queue.tar queue && rm -r queue && mkdir /run/elsewhere && "
            "tar xpf /tmp/queue.tar -C /run/elsewhere && ln -s /run/elsewhere/queue queue")
    strip = re.compile(r"#\d+")
    assert sorted(strip.sub("", host.sh("qmail-qread").stdout).splitlines()) == sorted(strip.sub("", before).splitlines())
    host.start("qmail-send")
    assert eventually(lambda: len(host.maildir("joe")) == 20)
    assert eventually(lambda: host.sh("qmail-qstat").stdout.startswith("messages in queue: 0\n"))
