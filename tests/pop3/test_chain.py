"""tcpserver, qmail-popup, checkpassword and qmail-pop3d as a site runs them, with clients people use."""

import random
import re
import time

import pytest

from tests.host import eventually

MESSAGE = b"Subject: hello\n\n.dots\n..\nlast line without end"
ON_THE_WIRE = b"Subject: hello\r\n\r\n.dots\r\n..\r\nlast line without end\r\n"
CHAIN = "qmail-popup mail.example.org checkpassword qmail-pop3d Maildir"


@pytest.fixture
def pop3(host):
    """A host that serves POP3 to joe, and the log of the service."""
    host.user("joe", "se cret: %")
    start_service(host)
    return host


def start_service(host):
    host.popen(["sh", "-c", f"exec tcpserver -v -R -H -l 0 0 110 {CHAIN} 2>/tmp/pop3.log"])
    eventually(lambda: host.sh("curl -s --max-time 1 telnet://127.0.0.1:110 </dev/null", check=False).stdout)


def put(host, name, content=MESSAGE, user="joe"):
    host.write(f"/home/{user}/Maildir/{name}", content, owner=user, mode=0o600)


def script(host, text, **more):
    """Python inside the host, with poplib."""
    return host.run(["/usr/bin/python3", "-c", "import poplib, socket\n" + text], **more).stdout.decode()


LOGIN = "p = poplib.POP3('127.0.0.1', timeout=30); p.user('joe'); p.pass_('se cret: %')\n"


def log(host):
    return host.read("/tmp/pop3.log").decode()


def test_poplib_reads_and_deletes(pop3):
    put(pop3, "new/1.a")
    put(pop3, "cur/2.b:2,S", b"Subject: two\n\n")
    out = script(pop3, LOGIN + "print(p.stat()); print(p.capa()); print(b'\\r\\n'.join(p.retr(1)[1])); print(p.uidl())\n"
                 "p.dele(1); print(p.stat()); print(p.quit())")
    assert "(2, 60)" in out and "'EXPIRE': ['NEVER']" in out
    assert str(ON_THE_WIRE[:-2]) in out
    assert "(1, 14)" in out
    assert pop3.sh("ls /home/joe/Maildir/new /home/joe/Maildir/cur").stdout.split() == [
        "/home/joe/Maildir/cur:", "2.b:2,S", "/home/joe/Maildir/new:"]
    said = eventually(lambda: "session over" in log(pop3) and log(pop3))
    assert f"user joe messages 2 retrieved 1 deleted 1 octets {len(ON_THE_WIRE) + 3 + 2}: quit" in said
    assert "qmail-popup: ip 127.0.0.1 user joe: session over" in said


def test_curl_gets_the_very_bytes(pop3):
    put(pop3, "new/1.a")
    got = pop3.run(["curl", "-sS", "--user", "joe:se cret: %", "pop3://127.0.0.1/1"]).stdout
    assert got == ON_THE_WIRE
    assert pop3.run(["curl", "-sS", "--user", "joe:se cret: %", "pop3://127.0.0.1/"]).stdout == b"1 46\r\n"


def test_fetchmail_empties_the_box(pop3):
    put(pop3, "new/1.a", b"From: ann@example.org\nSubject: x\n\nbody\n")
    pop3.write("/root/.fetchmailrc", 'poll 127.0.0.1 proto pop3 user joe password "se cret: %" fetchall sslproto "" '
               'mda "cat > /tmp/fetched"\n', mode=0o600)
    pop3.sh("fetchmail --nosyslog -v -f /root/.fetchmailrc")
    assert b"\nbody\n" in pop3.read("/tmp/fetched")
    assert pop3.sh("ls /home/joe/Maildir/new /home/joe/Maildir/cur | wc -w").stdout == "2\n"


def test_everything_may_be_pipelined(pop3):
    put(pop3, "new/1.a")
    talk = b"USER joe\r\nPASS se cret: %\r\nSTAT\r\nRETR 1\r\nQUIT\r\n"
    got = pop3.run(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/110; cat >&3; cat <&3"], input=talk).stdout
    lines = got.split(b"\r\n")
    assert lines[1:4] == [b"+OK ", b"+OK ", b"+OK 1 46"]
    assert lines[-3:] == [b".", b"+OK ", b""]


@pytest.mark.parametrize("user, password, reason", [
    ("joe", "wrong", "user joe: wrong password"),
    ("nobody-here", "x", "user nobody-here: no such user"),
    ("daemon", "*", "user daemon: account without password"),
    ("locked", "se cret: %", "user locked: account without password"),
    ("root", "toor", "user root: root may not log in"),
    ("old", "x", "user old: account expired"),
])
def test_refusals_look_alike_and_are_slow(pop3, user, password, reason):
    pop3.user("locked", "se cret: %")
    pop3.user("old", "x")
    pop3.sh("usermod -L locked; usermod -e 2000-01-01 old; echo root:toor | chpasswd")
    before = time.monotonic()
    out = script(pop3, "p = poplib.POP3('127.0.0.1', timeout=30); p.user(%r)\ntry: p.pass_(%r)\n"
                 "except poplib.error_proto as e: print(e)" % (user, password))
    assert time.monotonic() - before >= 2
    assert out == "b'-ERR authorization failed'\n"
    assert f"checkpassword: ip 127.0.0.1 {reason}\n" in log(pop3)
    assert f"qmail-popup: ip 127.0.0.1 user {user}: refused\n" in log(pop3)


def test_a_missing_home_is_temporary(pop3):
    pop3.sh("mv /home/joe /home/away")
    out = script(pop3, "p = poplib.POP3('127.0.0.1', timeout=30); p.user('joe')\ntry: p.pass_('se cret: %')\n"
                 "except poplib.error_proto as e: print(e)")
    assert out == "b'-ERR temporary problem, try again later'\n"
    assert "checkpassword: fatal: unable to chdir to /home/joe: No such file or directory" in log(pop3)


def test_a_missing_maildir_is_told(pop3):
    pop3.sh("rm -r /home/joe/Maildir")
    out = script(pop3, "p = poplib.POP3('127.0.0.1', timeout=30); p.user('joe')\ntry: p.pass_('se cret: %')\n"
                 "except poplib.error_proto as e: print(e)")
    assert out == "b'-ERR this user has no $HOME/Maildir'\n"


def test_two_sessions_do_not_disturb_each_other(pop3):
    for i in range(1, 4):
        put(pop3, f"new/{i}.x", b"Subject: %d\n\n" % i)
    out = script(pop3, LOGIN + LOGIN.replace("p ", "q ", 1).replace("p.", "q.") +
                 "q.dele(1); q.quit()\n"
                 "try: p.retr(1)\nexcept poplib.error_proto as e: print(e)\n"
                 "print(p.retr(2)[1]); p.dele(1); p.dele(3); print(p.quit())")
    assert out.splitlines() == ["b'-ERR unable to open that message'", "[b'Subject: 2', b'']", "b'+OK '"]
    assert pop3.sh("cd /home/joe/Maildir; ls new cur").stdout.split() == ["cur:", "2.x:2,", "new:"]


def test_a_mail_reader_may_set_flags_meanwhile(pop3):
    put(pop3, "cur/1.x:2,", b"Subject: 1\n\n")
    put(pop3, "new/2.x", b"Subject: 2\n\n")
    program = LOGIN + """
import os
os.rename('/home/joe/Maildir/cur/1.x:2,', '/home/joe/Maildir/cur/1.x:2,S')
os.rename('/home/joe/Maildir/new/2.x', '/home/joe/Maildir/cur/2.x:2,S')
print(p.retr(1)[1], p.retr(2)[1], end=' ')
p.dele(1); print(p.quit(), os.listdir('/home/joe/Maildir/cur'))
"""
    assert script(pop3, program) == "[b'Subject: 1', b''] [b'Subject: 2', b''] b'+OK ' ['2.x:2,S']\n"


def test_ten_thousand_messages_open_fast(pop3):
    pop3.sh("cd /home/joe/Maildir/cur; python3 -c '\n"
            "for i in range(10000): open(f\"{1700000000 + i // 7}.M{i}P1Q1.mail.example.org,S=12:2,S\", \"w\").write(\"Subject: x\\n\\n\")'"
            "; chown -R joe: .")
    out = script(pop3, "import time\n" + "p = poplib.POP3('127.0.0.1', timeout=30); p.user('joe')\n"
                 "t = time.monotonic(); p.pass_('se cret: %'); p.stat(); login = time.monotonic() - t\n"
                 "t = time.monotonic(); n = len(p.uidl()[1]); uidl = time.monotonic() - t\n"
                 "first, end = p.uidl(1).split()[2], p.uidl(10000).split()[2]\n"
                 "t = time.monotonic(); [p.dele(i + 1) for i in range(0, n, 2)]; p.quit(); gone = time.monotonic() - t\n"
                 "print(n, first.decode(), end.decode(), login, uidl, gone)")
    n, first, end, login, uidl, gone = out.split()
    print(f"login and list {float(login):.3f} s, UIDL {float(uidl):.3f} s, 5000 deleted {float(gone):.3f} s")
    assert (n, first) == ("10000", "1700000000.M0P1Q1.mail.example.org,S=12")
    assert end.startswith("1700001428.M9999P1Q1")
    assert float(login) < 2 and float(uidl) < 1
    assert pop3.sh("ls /home/joe/Maildir/cur | wc -l").stdout == "5000\n"


def test_a_large_message_arrives_byte_for_byte(host):
    host.user("joe")
    chance = random.Random(1939)
    parts = [b"\n", b".", b"\r", b"\0", b"..\n", b"\n.\n", b"x" * 70, bytes(range(256)), b"y" * 9000]
    message = b"".join(chance.choice(parts) for _ in range(4000)) + b"end"
    put(host, "new/1.a", message)
    host.write("/tmp/retr", b"RETR 1\r\nQUIT\r\n")
    got = host.run(["sh", "-c", "cd; exec qmail-pop3d Maildir < /tmp/retr"], user="joe", env={"HOME": "/home/joe"}).stdout
    lines = [line.rstrip(b"\r") for line in message.split(b"\n")]
    lines = [b"." + line if line.startswith(b".") else line for line in lines]
    assert got == b"+OK \r\n+OK \r\n" + b"\r\n".join(lines) + b"\r\n.\r\n+OK \r\n"


def test_no_stat_for_messages_whose_names_tell(host):
    host.user("joe")
    for i in range(5):
        put(host, f"cur/{i}.M1P1Q1.h,S=4:2,", b"x\n\n\n")
    host.write("/tmp/quit", "STAT\r\nQUIT\r\n", mode=0o644)
    host.sh("cd /home/joe; strace -o /tmp/trace qmail-pop3d Maildir < /tmp/quit", user="joe")
    calls = host.read("/tmp/trace").decode()
    assert "M1P1Q1" not in calls
    assert "write(1" in calls or "sendto(1" in calls


def test_checkers_of_other_houses_work(host):
    host.user("joe")
    put(host, "new/1.a")
    host.write("/usr/local/bin/otherpw", "#!/bin/sh\nIFS= read -r line <&3 || :\nexec 3<&-\ncd /home/joe\n"
               "exec setpriv --reuid joe --regid joe --clear-groups \"$@\"\n", mode=0o755)
    out = host.run(["qmail-popup", "h", "otherpw", "qmail-pop3d", "./Maildir"],
                   input=b"USER any\r\nPASS thing\r\nSTAT\r\nQUIT\r\n", check=False).stdout
    assert out.split(b"\r\n")[1:] == [b"+OK ", b"+OK ", b"+OK 1 46", b"+OK ", b""]


def test_unreadable_controls_are_temporary(pop3):
    pop3.sh("mkdir /var/qmail/control/timeoutpop3session")
    out = script(pop3, "p = poplib.POP3('127.0.0.1', timeout=30); p.user('joe')\ntry: p.pass_('se cret: %')\n"
                 "except poplib.error_proto as e: print(e)")
    assert out == "b'-ERR [SYS/TEMP] unable to read controls'\n"
    assert "qmail-pop3d: warning: unable to read control/timeoutpop3session: Is a directory\n" in log(pop3)


def test_a_client_that_reads_too_slowly_meets_the_session_deadline(pop3):
    pop3.control("timeoutpop3session", "2\n")
    put(pop3, "new/1.a", b"x" * 50_000_000)
    script(pop3, "import time\n" + LOGIN + "p._putcmd('RETR 1')\n"
           "while 'too long' not in open('/tmp/pop3.log').read():\n  p.sock.recv(1000); time.sleep(0.1)\n", timeout=15)
    assert "retrieved 0 deleted 0" in log(pop3)


@pytest.mark.parametrize("linked", [False, True])
def test_links_are_followed(pop3, linked):
    """Where the Maildir's directories lie, and to what its messages are links, is the user's affair."""
    pop3.sh("cd /home/joe && mkdir elsewhere && mv Maildir elsewhere/Maildir && ln -s elsewhere/Maildir Maildir && "
            "mv Maildir/cur elsewhere/cur && ln -s ../cur Maildir/cur", user="joe")
    put(pop3, "new/1.a")
    if linked:
        pop3.write("/home/joe/elsewhere/shared", "Subject: shared\n\n", owner="joe")
        pop3.sh("ln -s ../../shared /home/joe/Maildir/new/2.b", user="joe")
    out = script(pop3, LOGIN + "print(p.retr(1)[1][0], p.retr(p.stat()[0])[1][0]); p.dele(1); print(p.quit())")
    assert out == "b'Subject: hello' " + ("b'Subject: shared'" if linked else "b'Subject: hello'") + "\nb'+OK '\n"
    assert pop3.sh("cd /home/joe/Maildir; ls new cur/").stdout.split() == \
        (["cur/:", "2.b:2,", "new:"] if linked else ["cur/:", "new:"])


# ---- the user on the other side ----

GRASP = """import ctypes, os, sys
pid = int(sys.argv[1])
call = ctypes.CDLL(None, use_errno=True).syscall
for what in ("environ", "fd/2", "mem"):
    try:
        os.close(os.open(f"/proc/{pid}/{what}", os.O_RDONLY))
        print("opened", what)
    except PermissionError:
        pass
if call(438, os.pidfd_open(pid), 2, 0) != -1:     # pidfd_getfd
    print("has the log")
if call(101, 16, pid, 0, 0) == 0:                 # ptrace, attach
    print("traces")
"""


@pytest.mark.parametrize("mode", ["711", "755"])
def test_a_user_cannot_take_the_log_from_his_session(pop3, mode):
    """He has a shell on this host, and could write lines into the log that speak of others. By the mode of the file there is
    not a moment in which he could; where it was lost the program does it."""
    assert pop3.sh("stat -c %a /var/qmail/bin/qmail-pop3d").stdout == "711\n"
    pop3.sh(f"chmod {mode} /var/qmail/bin/qmail-pop3d")
    session = pop3.popen(["/usr/bin/python3", "-c", "import poplib\n" + LOGIN + "print('in', flush=True); input()"], stdin=-1, stdout=-1)
    assert session.stdout.readline() == b"in\n"
    pid = pop3.sh("pgrep -x -u joe qmail-pop3d").stdout.strip()
    assert pop3.run(["/usr/bin/python3", "-c", GRASP, pid], user="joe").stdout == b""
    session.stdin.close()
    session.wait(20)


def test_a_silent_client_has_a_minute_to_log_in(host):
    host.sh("strace -e trace=poll -o /tmp/trace qmail-popup mail.example.org true </dev/null", check=False)
    waits = [int(ms) for ms in re.findall(r"poll\(.*, (-?\d+)\) = ", host.read("/tmp/trace").decode())]
    assert waits and all(50_000 < ms <= 60_000 for ms in waits), waits


def test_line_ends_of_the_file_are_line_ends(pop3):
    put(pop3, "new/1.a", b"Subject: x\r\n\r\n.a\r\r\nb\rc\r\n")
    got = pop3.run(["curl", "-sS", "--user", "joe:se cret: %", "pop3://127.0.0.1/1"]).stdout
    assert got == b"Subject: x\r\n\r\n.a\r\nb\rc\r\n"


def test_a_message_of_php_comes_with_cr_lf_once(pop3):
    """What PHP 8 gives to sendmail, through the queue, to a mailbox."""
    pop3.start("qmail-send")
    pop3.run(["sendmail", "-t", "-i"], input=b"To: joe\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nbody\n")
    assert eventually(lambda: pop3.maildir("joe"))
    got = pop3.run(["curl", "-sS", "--user", "joe:se cret: %", "pop3://127.0.0.1/1"]).stdout
    assert b"\r\r" not in got and got.endswith(b"\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nbody\r\n")


def test_no_unique_id_comes_twice(pop3):
    for name in ("new/1.a", "cur/1.a:2,S", "cur/1.a:2,", "new/b", "cur/b:2,"):
        put(pop3, name, name.encode())
    out = script(pop3, LOGIN + "print(*(line.decode().split()[1] for line in p.uidl()[1])); print(*(p.retr(n)[1][0].decode() "
                 "for n in range(1, 6))); print(p.quit())")
    uids, texts = (line.split() for line in out.splitlines()[:2])
    assert len(set(uids)) == 5 and sorted(texts) == sorted(["new/1.a", "cur/1.a:2,S", "cur/1.a:2,", "new/b", "cur/b:2,"])
    again = script(pop3, LOGIN + "print(*(line.decode().split()[1] for line in p.uidl()[1])); p.quit()")
    assert sorted(again.split()) == sorted(uids)


def test_the_session_deadline_may_come_from_the_rules(host):
    host.user("joe", "se cret: %")
    host.write("/tmp/rules", '127.:allow,TIMEOUTPOP3SESSION="1"\n203.:allow,TIMEOUTPOP3SESSION="soon"\n')
    host.sh("tcprules /tmp/rules.cdb /tmp/rules.tmp < /tmp/rules")
    host.popen(["sh", "-c", f"exec tcpserver -v -R -H -l 0 -x /tmp/rules.cdb 0 110 {CHAIN} 2>/tmp/pop3.log"])
    eventually(lambda: host.sh("curl -s --max-time 1 telnet://127.0.0.1:110 </dev/null", check=False).stdout)
    script(host, LOGIN + "print(p.sock.recv(1))", timeout=20)
    assert eventually(lambda: ": too long" in log(host)), log(host)
    script(host, LOGIN.replace("127.0.0.1", "203.0.113.25") + "p.quit()")
    assert eventually(lambda: "warning: no number: TIMEOUTPOP3SESSION=soon" in log(host)), log(host)


# ---- headers beyond ASCII, and UTF8 (RFC 6856) ----

BEYOND = ("From: Jörg <jörg@exämple.org>\nTo: Jö <joe@example.org>\nDelivered-To: jö@example.org\nSubject: Grüße aus Köln\n"
          "Content-Type: multipart/mixed; boundary=b; name=ö\n\n--b\n\n.ß\n--b--\n").encode()


def read_by(host, steps):
    """The message as poplib sees it, and as Python's parser of mail does."""
    return script(host, "import email, email.policy\np = poplib.POP3('127.0.0.1', timeout=30)\n" + steps +
                  "p.user('joe'); p.pass_('se cret: %')\ngot = b'\\n'.join(p.retr(1)[1]) + b'\\n'\n"
                  "m = email.message_from_bytes(got, policy=email.policy.default)\n"
                  "print(ascii(got)); print(m['Subject']); print(m['From']); print(m['To']); print(m.get_boundary(), m['Delivered-To'])\n",
                  env={"PYTHONUTF8": "1"}).splitlines()


def test_who_says_utf8_gets_the_message_as_it_is(pop3):
    put(pop3, "new/1.a", BEYOND)
    assert read_by(pop3, "assert 'UTF8' in p.capa(); p.utf8()\n")[0] == ascii(BEYOND)


def test_who_does_not_is_shown_a_surrogate(pop3):
    put(pop3, "new/1.a", BEYOND)
    got, *seen = read_by(pop3, "")
    header, _, body = got.partition("\\n\\n")
    assert "\\x" not in header and body == ascii(BEYOND.partition(b"\n\n")[2])[2:]
    assert seen == ["Grüße aus Köln", '"Jörg <jörg@exämple.org>" <invalid@internationalized-address.invalid>',
                    "Jö <joe@example.org>", "b None"]
    pop3.write("/root/.fetchmailrc", 'poll 127.0.0.1 proto pop3 user joe password "se cret: %" keep fetchall sslproto "" '
               'mda "cat > /tmp/fetched"\n', mode=0o600)
    pop3.sh("fetchmail --nosyslog -f /root/.fetchmailrc", check=False)
    assert b"\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=\n" in pop3.read("/tmp/fetched").replace(b"\r", b"")


def test_utf8_in_plain_text_is_forgotten_by_stls(pop3):
    pop3.start("qmail-tls")
    put(pop3, "new/1.a", BEYOND)
    say = "import ssl; %s; p.stls(ssl._create_unverified_context()); %s\n"
    assert "=?utf-8?q?" in read_by(pop3, say % ("p.utf8()", "pass"))[0]
    assert read_by(pop3, say % ("pass", "p.utf8()"))[0] == ascii(BEYOND)


def calls_of_retr(host, env):
    host.sh("cd /home/joe; strace -u joe -o /tmp/trace qmail-pop3d Maildir < /tmp/retr > /dev/null", env={"HOME": "/home/joe", **env})
    calls = re.findall(r"^(\w+)\((.*)", host.read("/tmp/trace").decode(), re.M)
    first = next(i for i, (name, rest) in enumerate(calls) if "new/1.a" in rest)
    return [name for name, _ in calls[first:]]


def test_a_header_in_ascii_costs_no_system_call(host):
    host.user("joe")
    host.write("/tmp/retr", "RETR 1\r\nQUIT\r\n", mode=0o644)
    put(host, "new/1.a", b"Subject: x\n\n" + "Grüße\n".encode() * 20000)
    as_it_is = calls_of_retr(host, {"POP3_UTF8": ""})
    host.sh("mv /home/joe/Maildir/cur/1.a* /home/joe/Maildir/new/1.a")
    assert calls_of_retr(host, {}) == as_it_is and as_it_is.count("read") >= 4


# ---- LOGIN-DELAY ----

def test_a_mailbox_that_was_just_open(pop3):
    pop3.user("ann", "other")
    pop3.control("logindelay", "600\n")
    come = ("def come(user, password):\n  p = poplib.POP3('127.0.0.1', timeout=30); p.user(user)\n"
            "  try: p.pass_(password); print(user, *p.capa()['LOGIN-DELAY']); p.quit()\n  except poplib.error_proto as e: print(user, e)\n")
    assert script(pop3, come + "come('joe', 'se cret: %'); come('joe', 'se cret: %'); come('ann', 'other')").splitlines() == [
        "joe 600", "joe b'-ERR [LOGIN-DELAY] the last login was less than 600 seconds ago, come again later'", "ann 600"]
    assert pop3.sh("stat -c '%U %s' /home/joe/Maildir/pop3login").stdout == "joe 0\n"
    assert eventually(lambda: ": too soon" in log(pop3))
    pop3.sh("touch -d '601 seconds ago' /home/joe/Maildir/pop3login")
    assert script(pop3, come + "come('joe', 'se cret: %')") == "joe 600\n"


def test_a_delay_follows_no_link(pop3):
    """What the user puts in the place of the file is his own affair, and nothing of ours is touched."""
    pop3.control("logindelay", "600\n")
    pop3.sh("ln -s /var/qmail/control/me /home/joe/Maildir/pop3login", user="joe")
    before = pop3.sh("stat -c %Y /var/qmail/control/me").stdout
    script(pop3, LOGIN + "p.quit()")
    assert "unable to note the login in pop3login: Too many levels of symbolic links" in log(pop3)
    assert pop3.sh("stat -c %Y /var/qmail/control/me").stdout == before
