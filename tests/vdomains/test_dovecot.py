"""Dovecot, as Debian has it, asks the service by the file that we ship: who logs in, and where his mail is."""

import pytest

from tests.host import eventually
from tests.host.machine import TOP
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import ask

LUA = "/var/qmail/doc/dovecot-mailtree.lua"
COMMON = """protocols = imap
listen = 127.0.0.1
ssl = no
log_path = /run/dovecot.log
first_valid_uid = 1
auth_mechanisms = plain login
service auth-worker {
  user = dovecot
}
"""
CONFIGS = {
    "2.3": COMMON + f"""disable_plaintext_auth = no
mail_location = maildir:~/Maildir
passdb {{
  driver = lua
  args = file={LUA} blocking=yes
}}
userdb {{
  driver = lua
  args = file={LUA} blocking=yes
}}
""",
    "2.4": f"""dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
{COMMON}auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ~/Maildir
passdb lua {{
  lua_file = {LUA}
}}
userdb lua {{
  lua_file = {LUA}
}}
""",
}
CLIENT = """
import imaplib, sys
imap = imaplib.IMAP4("127.0.0.1")
try:
    imap.login(*sys.argv[1:3])
except imaplib.IMAP4.error as no:
    sys.exit(str(no))
imap.select()
print([imap.fetch(n, "(RFC822.SIZE)")[1][0].decode() for n in imap.search(None, "ALL")[1][0].decode().split()])
"""


@pytest.fixture
def imap(virtual):
    if virtual.sh("command -v doveadm", check=False).returncode:
        pytest.skip("no Dovecot is installed here")
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vaddaliasdomain", "example.net", "alias.example")
    run(virtual, "vadduser", "-q", "10M,100C", "joe@example.net", "pass word")
    virtual.start("qmail-users")
    version = virtual.sh("dovecot --version").stdout[:3]
    virtual.sh("mkdir -p /run/dovecot && rm -rf /etc/dovecot/conf.d")
    virtual.write("/etc/dovecot/dovecot.conf", CONFIGS[version])
    virtual.sh("dovecot > /dev/null 2>&1")
    assert eventually(lambda: "127.0.0.1:143" in virtual.sh("ss -ltnH").stdout)
    return virtual


def test(host, user, secret):
    """Whether doveadm is told that it is right; else why not."""
    done = host.run(["doveadm", "auth", "test", "-x", "service=imap", user, secret], check=False)
    return done.returncode == 0 or done.stdout.decode() + done.stderr.decode()


def client(host, user, secret):
    return host.run(["/usr/bin/python3", "-c", CLIENT, user, secret], check=False)


test.__test__ = False


def test_the_file_that_is_shipped_says_what_the_test_configures():
    text = (TOP / "programs/man/doc/dovecot-mailtree.lua").read_text().replace("\n-- ", "\n").replace("\n--\n", "\n\n")
    for config in CONFIGS.values():
        for part in config[config.index("passdb"):].split("}\n"):
            assert "\n".join("  " + line for line in part.strip().splitlines()) in text


def test_a_login_reads_mail(imap):
    imap.write(f"{VIRTUAL}/example.net/joe/Maildir/new/1.M1P1.h,S=9,W=11", "Subject: \n\nx"[:9], owner="vpopmail")
    for user in "joe@example.net", "JOE@Example.Net", "joe@alias.example":
        assert test(imap, user, "pass word") is True
        done = client(imap, user, "pass word")
        assert done.returncode == 0 and b"RFC822.SIZE" in done.stdout, done
    for user, secret in (("joe@example.net", "wrong"), ("nobody@example.net", "x"), ("joe@else.where", "x")):
        assert "auth failed" in test(imap, user, secret)
        assert b"AUTHENTICATIONFAILED" in client(imap, user, secret).stderr


def test_what_it_is_told(imap):
    told = dict(line.split(None, 1) for line in imap.sh("doveadm user Joe@alias.example").stdout.splitlines() if len(line.split(None, 1)) == 2)
    uid, gid = imap.sh("id -u vpopmail; id -g vpopmail").stdout.split()
    assert (told["uid"], told["gid"], told["home"]) == (uid, gid, f"{VIRTUAL}/example.net/joe")
    quotas = imap.sh("doveadm user joe@example.net").stdout
    assert "*:bytes=10485760:messages=100" in quotas or "10485760" in quotas
    assert imap.sh("doveadm user nobody@example.net", check=False).returncode == 67
    assert imap.sh("doveadm user joe@else.where", check=False).returncode == 67


def test_flags_and_app_passwords_are_those_of_imap(imap):
    secret = run(imap, "vapppassword", "-a", "phone", "-s", "imap", "joe@example.net").split()[-1]
    other = run(imap, "vapppassword", "-a", "scanner", "-s", "smtp", "joe@example.net").split()[-1]
    assert test(imap, "joe@example.net", secret) is True and test(imap, "joe@example.net", other) is not True
    run(imap, "vmoduser", "-i", "joe@example.net")
    assert test(imap, "joe@example.net", "pass word") is not True
    assert "192.0.2" not in run(imap, "vapppassword", "joe@example.net")


# Another host: who logs in there, and with what.
BACKEND = """
import socket
listener = socket.create_server(("127.0.0.3", 143))
while True:
    client = listener.accept()[0]
    lines = client.makefile("rwb")

    def say(text):
        lines.write(text.encode() + b"\\r\\n")
        lines.flush()

    say("* OK [CAPABILITY IMAP4rev1 ] the other host")
    for line in lines:
        tag, verb, *rest = line.decode().split()
        if verb == "LOGIN":
            print(*rest, flush=True)
        if verb == "SELECT":
            say("* 7 EXISTS")
        if verb == "SEARCH":
            say("* SEARCH")
        say(tag + " OK done")
"""


@pytest.fixture
def backend(imap):
    process = imap.popen(["/usr/bin/python3", "-c", BACKEND], stdout=open(imap.path("/run/backend"), "wb"))
    assert eventually(lambda: "127.0.0.3:143" in imap.sh("ss -ltnH").stdout)
    yield lambda: imap.read("/run/backend").decode()
    process.kill()


def fields(host, user, secret):
    said = host.sh(f"doveadm auth test -x service=imap '{user}' '{secret}'").stdout
    return {line.strip() for line in said.splitlines()}


def test_a_login_goes_to_the_host_of_the_mailbox(imap, backend):
    run(imap, "vadduser", "max@example.net", "mine")
    run(imap, "vmoduser", "-H", "127.0.0.3", "joe@example.net")
    done = client(imap, "JOE@alias.example", "pass word")
    assert done.returncode == 0 and done.stdout == b"[]\n", done
    assert backend() == '"joe@example.net" "pass word"\n'
    assert b"AUTHENTICATIONFAILED" in client(imap, "joe@example.net", "wrong").stderr and "wrong" not in backend()
    assert client(imap, "max@example.net", "mine").returncode == 0 and "max" not in backend()
    run(imap, "vmoduser", "-H", "127.0.0.1", "joe@example.net")
    assert client(imap, "joe@example.net", "pass word").returncode == 0 and backend().count("joe") == 1


def test_what_dovecot_is_told_of_the_host(imap):
    assert not any("host" in field or "proxy" in field for field in fields(imap, "joe@example.net", "pass word"))
    for given, told in (("Mail2.Example.NET", "mail2.example.net"), ("[IPv6:2001:DB8::1]", "2001:db8::1"), ("192.0.2.1", "192.0.2.1")):
        run(imap, "vmoduser", "-H", given, "joe@example.net")
        assert ask(imap, "host", "imap", "joe@alias.example").split("|")[6] == told
    assert {"host=192.0.2.1"} <= fields(imap, "joe@example.net", "pass word")
    imap.write(f"{VIRTUAL}/example.net/joe/mailhost", "joe:no host\n", owner="vpopmail")
    assert test(imap, "joe@example.net", "pass word") is not True
    assert "AUTHENTICATIONFAILED" not in client(imap, "joe@example.net", "pass word").stderr.decode()
    run(imap, "vmoduser", "-H", "", "joe@example.net")
    assert test(imap, "joe@example.net", "pass word") is True


def test_nobody_is_unknown_while_the_service_is_down(imap):
    imap.sh("svc -d /service/qmail-users")
    assert eventually(lambda: b"UNAVAILABLE" in client(imap, "joe@example.net", "pass word").stderr)
    assert test(imap, "joe@example.net", "pass word") is not True
    assert imap.sh("doveadm user joe@example.net", check=False).returncode == 75
    imap.sh("svc -u /service/qmail-users")
    assert eventually(lambda: test(imap, "joe@example.net", "pass word") is True)


def test_a_domain_of_another_account_answers_for_itself(imap):
    imap.user("ann")
    imap.sh("mkdir -p /home/ann/domains && chmod 755 /home/ann && chown ann: /home/ann/domains")
    run(imap, "vadddomain", "-u", "ann", "ann.example", "sesame")
    assert eventually(lambda: test(imap, "postmaster@ann.example", "sesame") is True)
    assert client(imap, "postmaster@ann.example", "sesame").returncode == 0
    assert test(imap, "postmaster@ann.example", "wrong") is not True
    run(imap, "vmoddomlimits", "-d", "-g", "i")
    assert test(imap, "postmaster@ann.example", "sesame") is not True


# In the place of an account's own process: its answer has no end that Dovecot should wait for.
BABBLER = """
import os, socket, sys
place = sys.argv[1]
s = socket.socket(socket.AF_UNIX)
s.bind(place + ".new")
os.chmod(place + ".new", 0o666)
s.listen(5)
os.rename(place + ".new", place)
while True:
    c = s.accept()[0]
    try:
        c.recv(9999)
        for i in range(1000):
            c.sendall(b"9" * 1000000)
    except OSError:
        pass
    c.close()
"""


def test_whoever_has_a_domain_takes_no_memory_from_dovecot(imap):
    imap.user("ann")
    imap.sh("mkdir -p /home/ann/domains && chmod 755 /home/ann && chown ann: /home/ann/domains")
    run(imap, "vadddomain", "-u", "ann", "ann.example", "sesame")
    assert eventually(lambda: test(imap, "postmaster@ann.example", "sesame") is True)
    uid = imap.sh("id -u ann").stdout.strip()
    babbler = imap.popen(["/usr/bin/python3", "-c", BABBLER, f"/var/qmail/run/owners/{uid}.password"])
    assert eventually(lambda: test(imap, "postmaster@ann.example", "sesame") is not True)
    assert "Fatal" not in imap.read("/run/dovecot.log").decode()
    assert test(imap, "joe@example.net", "pass word") is True
    babbler.kill()


def test_who_may_ask_is_said_by_root(imap):
    imap.user("cyrus")

    def asks(user):
        return [ask(imap, *words, user=user).split("|")[0] for words in (
            ["account", "imap", "joe@example.net"], ["password", "imap", "joe@example.net", "pass word"], ["who", "imap", "joe@example.net"],
            ["token", "imap", "", "0" * 32])]

    assert asks("dovecot") == ["let in", "let in", "not yours", "not yours"]
    assert ask(imap, "host", "imap", "joe@example.net", user="dovecot").startswith("let in")
    assert asks("cyrus") == asks("qmaild")[:2] + ["not yours"] * 2 == ["not yours"] * 4
    imap.stop()
    imap.control("usersaskers", "nosuch cyrus \n")
    imap.start("qmail-users")
    assert asks("cyrus") == ["let in", "let in", "not yours", "not yours"] and asks("dovecot") == ["not yours"] * 4
