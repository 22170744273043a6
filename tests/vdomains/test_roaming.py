"""Who has read his mail may send some from the same address for a while, where control/roaming and a rule say so."""

import time

import pytest

from tests.host import eventually
from tests.smtp.test_mailboxes import OK, rcpt
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import PLACE, ask, password, set_record
from tests.vdomains.test_vchkpw import check, pop3

FILE = "/home/vpopmail/etc/open-smtp"
DENIED = "553 5.7.1 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"
LATER = "451 4.3.0 sorry, i cannot tell now whether you may send to that domain (#4.3.0)"


@pytest.fixture
def site(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", "joe@example.net", "pass word")
    virtual.sh("mkdir -p /home/vpopmail/etc && chown vpopmail: /home/vpopmail/etc")
    virtual.control("roaming", "60\n")
    virtual.start("qmail-users")
    return virtual


def login(host, client, access="pop3"):
    assert password(host, "joe@example.net", "pass word", access, client=client).startswith("let in")


def may_send(host, client, roaming=True):
    return rcpt(host, "max@far.example", env={"TCPREMOTEIP": client, **({"ROAMING": ""} if roaming else {})})[0] == [OK]


def line(ip, age=0):
    return f'{ip}:allow,RELAYCLIENT="",RBLSMTPD=""\t{int(time.time()) - age}\n'


def addresses(host):
    return [text.split(":allow")[0] for text in host.read(FILE).decode().splitlines()]


def test_who_has_read_mail_may_send_some(site):
    assert rcpt(site, "max@far.example", env={"TCPREMOTEIP": "192.0.2.1", "ROAMING": ""})[0] == [DENIED]
    login(site, "192.0.2.1")
    assert may_send(site, "192.0.2.1") and may_send(site, "::ffff:192.0.2.1")
    assert not may_send(site, "192.0.2.1", roaming=False), "his rule does not say so"
    assert not may_send(site, "192.0.2.2") and not may_send(site, "unknown")
    login(site, "2001:db8::1", "imap")
    assert may_send(site, "2001:db8::1")
    assert site.read(FILE).decode().splitlines()[0].split("\t")[0] == '192.0.2.1:allow,RELAYCLIENT="",RBLSMTPD=""'
    assert abs(int(site.read(FILE).split(b"\t")[1].split()[0]) - time.time()) < 60
    assert site.sh(f"stat -c '%U %a' {FILE}").stdout == "vpopmail 600\n"


def test_what_opens_nothing(site):
    login(site, "192.0.2.1", "smtp")
    assert password(site, "joe@example.net", "wrong", client="192.0.2.1").startswith("wrong")
    set_record(site, "joe", 3, str(0x20))
    login(site, "192.0.2.1")
    set_record(site, "joe", 3, "0")
    site.write(f"{PLACE}/.qmailadmin-limits", "disable_external_relay\n", owner="vpopmail", mode=0o600)
    login(site, "192.0.2.1")
    site.sh(f"rm {PLACE}/.qmailadmin-limits")
    login(site, "no address")
    assert not may_send(site, "192.0.2.1") and not site.sh(f"cat {FILE}", check=False).stdout


def test_it_is_off_by_default(site):
    site.sh("rm /var/qmail/control/roaming; svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
    site.sh("svc -u /service/qmail-users")
    assert eventually(lambda: check(site, "joe@example.net", "pass word", "")[0] == 0)
    assert site.sh(f"ls {FILE}", check=False).returncode
    site.write(FILE, line("192.0.2.1"), owner="vpopmail")
    assert not may_send(site, "192.0.2.1")


def test_time_passes(site):
    site.write(FILE, line("192.0.2.1", 3590) + line("192.0.2.2", 3610) + line("192.0.2.3", 400) + line("192.0.2.4", 500)
               + line("192.0.2.5", -9999) + "# mine\n", owner="vpopmail")
    assert [may_send(site, f"192.0.2.{i}") for i in range(1, 6)] == [True, False, True, True, False]
    login(site, "192.0.2.3")
    assert "192.0.2.2" in addresses(site), "a line that is rather new is left"
    login(site, "192.0.2.4")
    assert addresses(site) == ["192.0.2.1", "192.0.2.3", "192.0.2.5", "# mine", "192.0.2.4"]
    assert int(site.read(FILE).decode().rstrip().rsplit("\t", 1)[1]) > time.time() - 60


def test_nobody_asks_who_need_not(site):
    """While the service is down everybody else is answered as ever."""
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
    assert rcpt(site, "max@far.example", env={"TCPREMOTEIP": "192.0.2.1", "ROAMING": ""})[0] == [LATER]
    assert rcpt(site, "max@far.example", env={"TCPREMOTEIP": "192.0.2.1"})[0] == [DENIED]
    for env in {"ROAMING": ""}, {"RELAYCLIENT": "", "ROAMING": ""}:
        assert rcpt(site, "postmaster@mail.example.org", env=env)[0] == [OK]
    assert rcpt(site, "max@far.example", env={"RELAYCLIENT": "", "ROAMING": ""})[0] == [OK]


def test_users_of_another_account_roam_too(site):
    site.user("ann")
    site.sh("mkdir -p ~ann/domains && chown ann: ~ann/domains")
    run(site, "vadddomain", "-u", "ann", "ann.example", "secret")
    assert check(site, "postmaster@ann.example", "secret", "", env={"TCPREMOTEIP": "192.0.2.7", "TCPLOCALPORT": "587"})[0] == 0
    assert not may_send(site, "192.0.2.7")
    assert check(site, "postmaster@ann.example", "secret", "", env={"TCPREMOTEIP": "192.0.2.7"})[0] == 0
    assert may_send(site, "192.0.2.7")


def test_who_may_say_and_ask(site):
    for user, said in ("root", "let in"), ("vpopmail", "let in"), ("qmaild", "not yours"), ("nobody", "not yours"):
        assert ask(site, "noted", "pop3", "", "", "", "192.0.2.9", user=user).split("|")[0] == said
    for user, said in ("root", "let in"), ("qmaild", "let in"), ("nobody", "not yours"):
        assert ask(site, "roaming", "pop3", "", "", "", "192.0.2.9", user=user).split("|")[0] == said


def test_many_at_once_lose_nothing(site):
    script = "for i in $(seq 40); do (printf 'joe@example.net\\0pass word\\0\\0' | TCPREMOTEIP=192.0.2.$i TCPLOCALPORT=110 vchkpw true 3<&0) & done; wait"
    site.sh(script)
    assert sorted(addresses(site)) == sorted(f"192.0.2.{i}" for i in range(1, 41)), site.log("qmail-users")


def test_a_file_that_cannot_be_written_refuses_nobody(site):
    site.sh("chown root: /home/vpopmail/etc && chmod 755 /home/vpopmail/etc")
    login(site, "192.0.2.1")
    assert eventually(lambda: "unable to change etc/open-smtp: " in site.log("qmail-users"))


def test_pop_before_smtp(site):
    """With curl and swaks from this very host, whose rule does not let it relay otherwise."""
    site.user("max")
    site.write("/etc/tcp.smtp", ':allow,ROAMING=""\n')
    site.start("qmail-smtpd", "qmail-pop3d", "qmail-send", "qmail-queue")
    site.sh("qmailctl cdb")
    site.write(f"{PLACE}/joe/Maildir/new/1.a.b", "Subject: hello\n\nhello joe\n", owner="vpopmail")
    send = "swaks --silent 3 --server 127.0.0.1 --from joe@example.net --to max@far.example"
    assert site.sh(send, check=False).returncode
    assert pop3(site, "joe@example.net", "wrong")[0] == 67 and site.sh(send, check=False).returncode
    assert pop3(site, "joe@example.net", "pass word")[0] == 0
    assert site.sh(send, check=False).returncode == 0
    assert site.sh("stat -c %Y /etc/tcp.smtp.cdb").stdout <= site.sh(f"stat -c %Y {FILE}").stdout


# ---- clearopensmtp ----

@pytest.mark.parametrize("user", ["root", "vpopmail"])
def test_clearopensmtp_forgets(site, user):
    site.write(FILE, line("192.0.2.1", 3590) + line("192.0.2.2", 3610), owner="vpopmail")
    assert site.run(["clearopensmtp", "--dry-run"], user=user).stdout == b"remove what is too old from open-smtp\n"
    assert addresses(site) == ["192.0.2.1", "192.0.2.2"]
    assert site.run(["clearopensmtp"], user=user).stdout == b""
    assert addresses(site) == ["192.0.2.1"] and site.sh(f"stat -c %U {FILE}").stdout == "vpopmail\n"


def test_clearopensmtp_has_nothing_to_do(site):
    assert site.run(["clearopensmtp"]).returncode == 0 and site.sh(f"ls {FILE}", check=False).returncode
    assert site.run(["clearopensmtp", "x"], check=False).returncode == 100
    assert site.run(["clearopensmtp"], user="nobody", check=False).returncode == 111
    site.sh("rm /var/qmail/control/roaming")
    done = site.run(["clearopensmtp"])
    assert done.stdout == b"Roaming users are switched off: see control/roaming.\n"
