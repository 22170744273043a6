"""STARTTLS and STLS: what is offered and when, what is refused, that nothing said in plain text survives, and clients of others."""

import json
import re

import pytest

from tests.host import eventually
from tests.host.machine import TOP

# A conversation: each argument but the first is sent as it is, "TLS" begins a handshake; what comes is printed as JSON, a text for
# each that was sent, null for a connection that was closed.
TALK = r"""
import json, os, socket, ssl, sys
port, *lines = sys.argv[1:]
s = socket.create_connection(("127.0.0.1", int(port)), 10)
s.settimeout(float(os.environ.get("PATIENCE", 10)))
context = ssl._create_unverified_context()

def hear():
    got = b""
    try:
        while not got.endswith(b"\r\n") or (got.split(b"\r\n")[-2][3:4] == b"-" and got[:1].isdigit()) or \
                (got.startswith(b"+OK") and capa and not got.endswith(b"\r\n.\r\n")):
            more = s.recv(4096)
            if not more:
                return got.decode() or None
            got += more
    except OSError:
        return got.decode() or None
    return got.decode()

capa = False
said = [hear()]
for line in lines:
    if line == "TLS":
        try:
            s = context.wrap_socket(s)
            said.append(s.version())
        except (OSError, ssl.SSLError) as e:
            said.append(None)
            break
        continue
    capa = line.startswith("CAPA")
    try:
        s.sendall(line.encode().decode("unicode_escape").encode("latin1"))
        said.append(hear())
    except OSError:
        said.append(None)
    if said[-1] is None:
        break
print(json.dumps(said))
"""


def talk(host, port, *lines, patience=10):
    return json.loads(host.run(["/usr/bin/python3", "-c", TALK, port, *lines], env={"PATIENCE": str(patience)}).stdout)


@pytest.fixture
def server(tls):
    host = tls.host
    host.user("joe", "secret")
    host.start("qmail-smtpd", "qmail-pop3d", "qmail-send")
    return host


SESSION = "qmail-smtpd: session from 127.0.0.1 (unknown)"


def test_smtp(server):
    said = talk(server, 25, r"EHLO plain.example\r\n", r"STARTTLS\r\n", "TLS", r"EHLO tls.example\r\n", r"MAIL FROM:<a@b.example>\r\n",
                r"RCPT TO:<joe@mail.example.org>\r\n", r"DATA\r\n", r"Subject: x\r\n\r\nx\r\n.\r\n", r"QUIT\r\n")
    assert "250-STARTTLS\r\n" in said[1] and said[2] == "220 2.0.0 ready for TLS\r\n" and said[3] == "TLSv1.3"
    assert "STARTTLS" not in said[4] and said[4].endswith("250 ENHANCEDSTATUSCODES\r\n")
    assert [line[:3] for line in said[5:]] == ["250", "250", "354", "250", "221"]
    message = eventually(lambda: server.maildir("joe"))[0].decode()
    assert "(HELO tls.example)" in message and "plain.example" not in message
    assert re.search(r"by mail\.example\.org with ESMTPS; ", message), message
    assert eventually(lambda: SESSION + " helo tls.example tls TLSv1.3 TLS_AES_256_GCM_SHA384: 1 accepted" in server.log("qmail-smtpd"))


def test_what_one_client_says_is_told_of_inside_tls_too(server):
    server.write("/etc/tcp.smtp", '127.:allow,CAPTURE=""\n')
    server.write("/etc/tcp.pop3", '127.:allow,CAPTURE=""\n')
    server.sh("qmailctl cdb")
    talk(server, 25, r"STARTTLS\r\n", "TLS", r"EHLO tls.example\r\n", r"QUIT\r\n")
    talk(server, 110, r"STLS\r\n", "TLS", r"USER joe\r\n", r"PASS secret\r\n", r"STAT\r\n", r"QUIT\r\n")

    def captured(service):
        return re.findall(r"(qmail-\w+): captured \d+ ([<>] .*)", server.log(service))
    assert eventually(lambda: ("qmail-smtpd", "> 221 2.0.0 mail.example.org") in captured("qmail-smtpd"))
    assert ("qmail-smtpd", "< EHLO tls.example") in captured("qmail-smtpd")
    assert eventually(lambda: ("qmail-pop3d", "< QUIT") in captured("qmail-pop3d"))
    said = captured("qmail-pop3d")
    assert [line for line in said if line[1][0] == "<"] == [
        ("qmail-popup", "< STLS"), ("qmail-popup", "< USER joe"), ("qmail-popup", "< PASS (...)"), ("qmail-pop3d", "< STAT"), ("qmail-pop3d", "< QUIT")]
    assert ("qmail-pop3d", "> +OK 0 0") in said and "secret" not in server.log("qmail-pop3d")


def test_smtp_refusals(server):
    said = talk(server, 25, r"STARTTLS now\r\n", r"MAIL FROM:<>\r\n", r"STARTTLS\r\n", r"RSET\r\n", r"STARTTLS\r\n", "TLS", r"STARTTLS\r\n",
                r"HELP\r\n", r"QUIT\r\n")
    assert [line[:3] for line in said] == ["220", "501", "250", "503", "250", "220", "TLS", "503", "214", "221"]
    assert said[7].startswith("503 5.5.1 TLS is on already")


# Each verb that there is, and some that there are not, whole and in part.
INJECTED = [r"EHLO x\r\n", r"HELO x\r\n", r"MAIL FROM:<evil@a.example>\r\n", r"RCPT TO:<joe@mail.example.org>\r\n", r"DATA\r\n", r"RSET\r\n",
            r"NOOP\r\n", r"VRFY joe\r\n", r"HELP\r\n", r"QUIT\r\n", r"STARTTLS\r\n", r"AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n", r"BDAT 5 LAST\r\nhello",
            r"XCLIENT ADDR=192.0.2.7\r\n", r"ETRN far.example\r\n", r"ATRN far.example\r\n",
            r"GET / HTTP/1.0\r\n", r"X", r"\r\n", r"\x00", r"MAIL FROM:<evil@a.example>\r\nRCPT TO:<joe@mail.example.org>\r\nDATA\r\nx\r\n.\r\n"]


INJECTED_STLS = [r"USER joe\r\nPASS secret\r\n", r"PASS secret\r\n", r"CAPA\r\n", r"QUIT\r\n", r"NOOP\r\n", r"STLS\r\n", r"APOP a b\r\n",
                 r"AUTH PLAIN\r\n", r"UTF8\r\n", "X"]


@pytest.mark.parametrize("table, tried", [("smtp/verbs.c", INJECTED), ("pop3/qmail-popup.c", INJECTED_STLS)])
def test_each_verb_is_tried(table, tried):
    text = (TOP / "programs" / table).read_text()
    verbs = set(re.findall(r'\{ "([A-Z0-9]+)", +verb_', text)) - set(re.findall(r'\{ "([A-Z]+)", +verb_http', text))
    assert len(verbs) > 7 and verbs <= {line.split()[0].partition("\\")[0] for line in tried}


@pytest.mark.parametrize("before", ["", r"EHLO a\r\n"])
def test_what_is_sent_behind_starttls_in_plain_text_ends_the_session(server, before):
    for injected in INJECTED:
        said = talk(server, 25, *[before][:bool(before)], r"STARTTLS\r\n" + injected, "TLS", r"EHLO b\r\n")
        assert said[-2].startswith("503 5.5.0") and said[-1] is None, (injected, said)
    assert not server.maildir("joe")


def test_what_is_sent_after_220_in_plain_text_is_no_command(server):
    for injected in INJECTED:
        said = talk(server, 25, r"STARTTLS\r\n", injected, r"EHLO b\r\n", patience=2)
        assert said[1].startswith("220") and not any(said[2:]), (injected, said)
    assert eventually(lambda: server.log("qmail-smtpd").count("qmail-smtpd: no TLS from 127.0.0.1: ") == len(INJECTED))


def test_what_was_said_before_is_forgotten(server):
    said = talk(server, 25, r"EHLO plain.example\r\n", r"STARTTLS\r\n", "TLS", r"RCPT TO:<joe@mail.example.org>\r\n", r"DATA\r\n",
                r"MAIL FROM:<a@b.example>\r\n", r"RCPT TO:<joe@mail.example.org>\r\n", r"DATA\r\n", r"\r\nx\r\n.\r\n", r"QUIT\r\n")
    assert [line[:3] for line in said[4:]] == ["503", "503", "250", "250", "354", "250", "221"]
    message = eventually(lambda: server.maildir("joe"))[0].decode()
    assert "plain.example" not in message and " with SMTP" in message


@pytest.mark.parametrize("how", ["killed", "down", "no certificate"])
def test_without_the_service(server, how):
    if how == "no certificate":
        server.sh("rm /var/qmail/control/tls/*; svc -h /service/qmail-tls")
        assert eventually(lambda: "0 certificates" in server.log("qmail-tls"))
    else:
        server.sh(f"svc {'-d' if how == 'down' else '-ok'} /service/qmail-tls")
        assert eventually(lambda: ": down" in server.sh("svstat /service/qmail-tls").stdout)
    said = talk(server, 25, r"EHLO a\r\n", r"STARTTLS\r\n", r"MAIL FROM:<>\r\n", r"QUIT\r\n")
    assert ("STARTTLS" in said[1]) == (how == "killed")
    assert said[2] == "454 4.7.0 TLS is not available now (#4.7.0)\r\n" and [line[:3] for line in said[3:]] == ["250", "221"]
    said = talk(server, 110, r"CAPA\r\n", r"STLS\r\n", r"NOOP\r\n")
    assert ("STLS" in said[1]) == (how == "killed")
    assert said[2] == "-ERR [SYS/TEMP] TLS is not available now\r\n" and said[3].startswith("+OK")


# ---- POP3 ----

def test_pop3(server):
    server.sh("printf 'Subject: x\\n\\nx\\n' | sendmail joe")
    assert eventually(lambda: server.maildir("joe"))
    said = talk(server, 110, r"CAPA\r\n", r"USER ann\r\n", r"STLS\r\n", "TLS", r"CAPA\r\n", r"PASS secret\r\n", r"STLS\r\n", r"USER joe\r\n",
                r"PASS secret\r\n", r"STAT\r\n", r"CAPA\r\n", r"QUIT\r\n")
    assert "\r\nSTLS\r\n" in said[1] and said[3] == "+OK begin TLS\r\n"
    assert "STLS" not in said[5] and said[6] == "-ERR USER first\r\n" and said[7] == "-ERR TLS is on already\r\n"
    assert said[10].startswith("+OK 1 ") and "STLS" not in said[11] and said[12].startswith("+OK")


def test_what_is_sent_behind_stls_in_plain_text_ends_the_session(server):
    for injected in INJECTED_STLS:
        said = talk(server, 110, r"STLS\r\n" + injected, "TLS")
        assert said[1] == "-ERR you must wait for the answer to STLS\r\n" and said[2] is None, (injected, said)


# ---- clients of others ----

def test_openssl(server, tls):
    shown = server.sh("printf 'QUIT\\r\\n' | timeout 20 openssl s_client -starttls smtp -connect 127.0.0.1:25 -CAfile /ca/ca.pem "
                      "-verify_hostname mail.example.org -verify_return_error -quiet 2>&1").stdout
    assert "221 2.0.0 mail.example.org" in shown
    shown = server.sh("printf 'QUIT\\r\\n' | timeout 20 openssl s_client -starttls pop3 -connect 127.0.0.1:110 -CAfile /ca/ca.pem "
                      "-verify_return_error -quiet 2>&1").stdout
    assert "+OK" in shown


def test_swaks_curl_and_python(server):
    server.sh("swaks --silent 3 --server 127.0.0.1 --tls --to joe@mail.example.org --from a@b.example")
    server.sh("printf 'Subject: curl\\r\\n\\r\\nx\\r\\n' > /tmp/m; curl -sS --ssl-reqd -k smtp://127.0.0.1 --mail-from a@b.example "
              "--mail-rcpt joe@mail.example.org -T /tmp/m")
    server.run(["/usr/bin/python3", "-c", """
import smtplib, ssl
s = smtplib.SMTP("127.0.0.1", 25)
s.starttls(context=ssl._create_unverified_context())
s.sendmail("a@b.example", ["joe@mail.example.org"], "Subject: python\\r\\n\\r\\n" + 3000 * ("x" * 100 + "\\r\\n"))
s.quit()"""])
    messages = eventually(lambda: (lambda m: m if len(m) == 3 else None)(server.maildir("joe")), 20)
    assert all(b" with ESMTPS; " in message for message in messages) and max(map(len, messages)) > 300000
    shown = server.run(["/usr/bin/python3", "-c", """
import poplib, ssl
p = poplib.POP3("127.0.0.1", 110)
p.stls(ssl._create_unverified_context())
p.user("joe"); p.pass_("secret")
print(p.stat()[0], [len(p.retr(n + 1)[1]) for n in range(3)])
p.quit()"""]).stdout
    assert shown.startswith(b"3 ") and b"30" in shown
    assert server.sh("curl -sS --ssl-reqd -k -u joe:secret pop3://127.0.0.1/").stdout.count("\n") == 3


def test_fetchmail(server):
    server.user("ann")
    server.sh("printf 'Subject: x\\n\\nx\\n' | sendmail joe")
    assert eventually(lambda: server.maildir("joe"))
    server.write("/home/ann/.fetchmailrc", "poll mail.example.org protocol pop3 user joe password secret sslproto tls1.2+ sslcertck "
                 "sslcertfile /ca.pem mda '/bin/sh -c \"cat >> /home/ann/got\"'\n", owner="ann", mode=0o600)
    server.sh("echo 127.0.0.1 mail.example.org >> /etc/hosts; cp /ca/ca.pem /ca.pem; chmod 644 /ca.pem")
    done = server.sh("fetchmail -v --nosyslog", user="ann", env={"HOME": "/home/ann"}, check=False)
    assert done.returncode == 0, done
    assert b"Subject: x" in server.read("/home/ann/got") and "STLS" in done.stdout


# ---- another server ----

# One connection, as sslserver -n and s6-ucspitlsd serve it: a byte on the control socket begins the handshake.
UCSPI = r"""
import os, socket, ssl, subprocess, sys, threading
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
network, _ = listener.accept()
control, theirs = socket.socketpair()
(read_in, write_in), (read_out, write_out) = os.pipe(), os.pipe()
program = subprocess.Popen(sys.argv[2:], stdin=network, stdout=network, pass_fds=(theirs.fileno(), read_in, write_out),
                           env={**os.environ, "SSLCTLFD": str(theirs.fileno()), "SSLREADFD": str(read_in), "SSLWRITEFD": str(write_out)})
for fd in (read_in, write_out):
    os.close(fd)
theirs.close()
if control.recv(1) == b"Y":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/ca/mail.pem", "/ca/mail.key")
    tls = context.wrap_socket(network, server_side=True)
    control.sendall(b"SSL_PROTOCOL=" + tls.version().encode() + b"\0SSL_CIPHER=" + tls.cipher()[0].encode() + b"\0\0")
    def inward():
        while data := tls.recv(4096):
            os.write(write_in, data)
        os.close(write_in)
    threading.Thread(target=inward, daemon=True).start()
    while data := os.read(read_out, 4096):
        tls.sendall(data)
program.wait()
"""


@pytest.mark.parametrize("program", [["qmail-smtpd"], ["qmail-popup", "mail.example.org", "checklogin", "qmail-pop3d", "Maildir"]])
def test_another_server_that_speaks_tls_is_asked(server, program):
    """Our own service is not, and may be down."""
    server.sh("svc -d /service/qmail-tls; rm -f /var/qmail/run/tls/certificate")
    other = server.popen(["/usr/bin/python3", "-c", UCSPI, "4650", *program], stdout=-1)
    server._running.append(other)
    assert other.stdout.readline() == b"ready\n"
    if len(program) == 1:
        said = talk(server, 4650, r"EHLO a\r\n", r"STARTTLS\r\n", "TLS", r"EHLO b\r\n", r"QUIT\r\n")
        assert said[2][:3] == "220" and said[3] == "TLSv1.3" and "STARTTLS" not in said[4] and said[5][:3] == "221"
    else:
        said = talk(server, 4650, r"CAPA\r\n", r"STLS\r\n", "TLS", r"USER joe\r\n", r"PASS secret\r\n", r"STAT\r\n", r"QUIT\r\n")
        assert "STLS" in said[1] and said[3] == "TLSv1.3" and said[5:7] == ["+OK \r\n", "+OK 0 0\r\n"]


# ---- what a plain connection pays ----

def test_a_plain_session_pays_one_call(server):
    """Of all system calls of a session in plain text access(2) is the one that is there for TLS, once for each EHLO."""
    done = server.sh("printf 'EHLO a\\r\\nQUIT\\r\\n' | setuidgid qmaild strace -f -qq -o /tmp/calls qmail-smtpd; grep -c run/tls /tmp/calls; "
                     "grep -cE 'socket\\(|connect\\(|fork|clone' /tmp/calls", check=False)
    assert "250-STARTTLS" in done.stdout
    assert done.stdout.splitlines()[-2:] == ["1", "0"], server.sh("cat /tmp/calls").stdout
