"""Users of virtual domains in a directory: mail, logins, trouble; and nothing of it is changed."""

import base64
import hashlib

import pytest

from tests.host import eventually
from tests.smtp.test_mailboxes import LATER, OK, UNKNOWN, rcpt
from tests.sqlstore.conftest import installed
from tests.sqlstore.servers import HOME, Server, helper_listens, install
from tests.sqlstore.test_users import inject, is_put_off, tries_again
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_vchkpw import pop3
from tests.vdomains.test_virtual_mail import messages, send

PLACE = f"{VIRTUAL}/example.net"
NO_MESSAGE = (0, 8, 78)

# The attributes of qmail-ldap that we read, as its schema has them.
SCHEMA = "".join(f"attributetype ( 1.3.6.1.4.1.7914.1.2.1.{number} NAME '{name}' EQUALITY {match} SYNTAX 1.3.6.1.4.1.1466.115.121.1.{syntax} "
                 "SINGLE-VALUE )\n" for number, name, match, syntax in (
                     (4, "mailQuota", "caseExactIA5Match", 26), (15, "accountStatus", "caseIgnoreIA5Match", 26),
                     (22, "mailQuotaSize", "integerMatch", 27), (23, "mailQuotaCount", "integerMatch", 27),
                     (7, "qmailGID", "integerMatch", 27), (3, "mailMessageStore", "caseExactIA5Match", 26)))
SCHEMA += ("objectclass ( 1.3.6.1.4.1.7914.1.2.2.1 NAME 'qmailUser' SUP top AUXILIARY MAY ( mailQuota $ accountStatus $ mailQuotaSize $ "
           "mailQuotaCount $ qmailGID $ mailMessageStore $ homeDirectory ) )\n")


def ssha(password):
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + b"salt").digest() + b"salt").decode()


class Slapd(Server):
    """Debian's slapd."""

    name, USER, PROCESS = "ldap", "openldap", "slapd"
    DATA, RUN = "/var/lib/ldap-test", "/run/slapd-test"
    URI = "ldapi://%2frun%2fslapd-test%2fldapi"
    ADMIN = f"-H {URI} -D cn=admin,dc=example -w admin"
    PING = f"ldapwhoami -x {ADMIN}"
    LINE = f"uri {URI}\nbase ou=%d,dc=example\nbind cn=reader,dc=example\npassword it's a secret\n"
    made = process = None

    def begin_bare(self):
        self.host.sh(f"mkdir -p {self.DATA}/data {self.RUN} && cd {self.DATA} && openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=localhost "
                     "-addext subjectAltName=DNS:localhost,DNS:mail.example.org -keyout key.pem -out cert.pem")
        self.host.write(f"{self.DATA}/qmail.schema", SCHEMA)
        self.host.write(f"{self.DATA}/slapd.conf", "".join(f"include /etc/ldap/schema/{name}.schema\n" for name in (
            "core", "cosine", "inetorgperson", "nis")) + f"include {self.DATA}/qmail.schema\n" + f"""modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {self.DATA}/cert.pem
TLSCertificateKeyFile {self.DATA}/key.pem
pidfile {self.RUN}/pid
sizelimit size.soft=500 size.hard=500 size.prtotal=unlimited
database mdb
suffix dc=example
rootdn cn=admin,dc=example
rootpw admin
directory {self.DATA}/data
access to attrs=userPassword by dn=cn=reader,dc=example read by anonymous auth by * none
access to * by dn=cn=reader,dc=example read by * none
""")
        self.host.sh(f"chown -R openldap: {self.DATA} {self.RUN}")
        self.start()

    def command(self):
        return f"slapd -d 0 -u openldap -g openldap -f {self.DATA}/slapd.conf -h '{self.URI} ldap:/// ldaps:///'"

    @classmethod
    def line(cls):
        return cls.LINE

    def prepare(self):
        self.add("dc=example", "objectClass: dcObject", "objectClass: organization", "o: x", "dc: example")
        self.add("cn=reader,dc=example", "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "userPassword: it's a secret")
        self.add("ou=example.net,dc=example", "objectClass: organizationalUnit")
        self.user("joe", f"userPassword: {ssha('pass word')}")

    def add(self, dn, *lines):
        self.host.sh(f"ldapadd -x {self.ADMIN}", input="\n".join([f"dn: {dn}", *lines, ""]))

    def user(self, name, *lines):
        self.add(f"uid={name},ou=example.net,dc=example", "objectClass: inetOrgPerson", "objectClass: qmailUser", f"cn: {name}: a person", "sn: x", *lines)

    troubles = {"killed": ("kill", "start"), "stopped": ("freeze", "thaw")}


@pytest.fixture
def server(host):
    yield from installed(host, Slapd(host))


@pytest.fixture
def site(host, server):
    host.user("max")
    run(host, "vadddomain", "example.net")
    return host


def test_mail_and_logins(site, server):
    assert rcpt(site, "joe@example.net", "JOE@EXAMPLE.NET", "nobody@example.net", "postmaster@example.net")[0] == [OK, OK, UNKNOWN, UNKNOWN]
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: messages(site) == 1), site.log("qmail-send")
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: messages(site) == 2), site.log("qmail-send")
    assert pop3(site, "joe@example.net", "pass word")[0] == 0
    assert pop3(site, "joe@example.net", "wrong")[0] == 67 and pop3(site, "nobody@example.net", "pass word")[0] == 67


def test_what_an_entry_says(site, server):
    server.user("clear", "userPassword: open sesame", "mailQuota: 1000000S,50C", "homeDirectory: /home/vpopmail/elsewhere")
    server.user("sized", "mailQuotaSize: 2000000", "mailQuotaCount: 7", "userPassword: x")
    for status in ("noaccess", "disabled", "deleted"):
        server.user(status, f"accountStatus: {status}", "userPassword: x")
    assert rcpt(site, "noaccess@example.net", "deleted@example.net", "clear@example.net")[0] == [OK, UNKNOWN, OK]
    assert rcpt(site, "disabled@example.net")[0][0].startswith("5")
    assert pop3(site, "noaccess@example.net", "x")[0] == 67
    assert pop3(site, "clear@example.net", "open sesame")[0] in NO_MESSAGE
    told = run(site, "vuserinfo", "clear@example.net")
    assert "1000000S,50C" in told and "/home/vpopmail/elsewhere" in told and "clear  a person" in told
    assert "2000000S,7C" in run(site, "vuserinfo", "sized@example.net")


def test_what_a_name_has_is_no_filter(site):
    for name in ("*", "j*", "joe)(uid=*", "joe\\2a", "jo%65", "joe,ou=example.net"):
        assert rcpt(site, f'"{name}"@example.net')[0] != [OK], name


def test_nothing_is_changed(site, server):
    before = site.sh(f"ldapsearch -x {server.ADMIN} -b dc=example").stdout
    for words in (["vadduser", "ann@example.net", "secret"], ["vdeluser", "joe@example.net"], ["vpasswd", "joe@example.net", "secret"],
                  ["vrenameuser", "joe@example.net", "jim"], ["vsetuserquota", "joe@example.net", "5000S"], ["vmoduser", "-p", "joe@example.net"]):
        assert run(site, *words, code=100) == "Error: users of this domain are kept in a directory, and changed only there\n", words
    assert "that back end is only read" in run(site, "vconvert", "-b", "ldap", "example.net", code=100)
    assert site.sh(f"ldapsearch -x {server.ADMIN} -b dc=example").stdout == before
    run(site, "vdeldomain", "example.net")
    assert site.sh(f"ldapsearch -x {server.ADMIN} -b dc=example").stdout == before


def test_its_users_go_elsewhere(site, server):
    """More than the server gives at once."""
    server.host.sh(f"ldapadd -x {server.ADMIN}", input="\n".join(
        f"dn: uid=u{i},ou=example.net,dc=example\nobjectClass: inetOrgPerson\ncn: x\nsn: x\n" for i in range(600)))
    assert run(site, "vdominfo", "-t", "example.net").strip() == "601"
    run(site, "vconvert", "-b", "cdb", "example.net")
    assert len(site.read(f"{PLACE}/vpasswd").splitlines()) == 601
    assert pop3(site, "joe@example.net", "pass word")[0] in NO_MESSAGE


@pytest.mark.parametrize("kind", Slapd.troubles)
def test_while_it_is_away_all_waits(site, server, kind):
    begin, end = server.troubles[kind]
    getattr(server, begin)()
    assert is_put_off(site)
    inject(site)
    assert eventually(lambda: "deferral: Unable_to_look_up_the_user" in site.log("qmail-send"), 20), site.log("qmail-send")
    getattr(server, end)()
    assert eventually(lambda: rcpt(site, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN], 5), site.log("qmail-users")
    assert pop3(site, "joe@example.net", "pass word")[0] in NO_MESSAGE
    assert eventually(lambda: tries_again(site) and "success: did_0+0+1" in site.log("qmail-send"), 20, every=0.5), site.log("qmail-send")
    assert not site.maildir("max"), "nothing came back"


@pytest.mark.parametrize("text, mode, word", [
    (Slapd.LINE, 0o644, "chmod 640"), (Slapd.LINE.replace("it's", "wrong"), 0o640, "Invalid credentials"),
    (Slapd.LINE.replace("ou=%d", "ou=other"), 0o640, "No such object"), ("base x\nuid joe\n", 0o640, "a line begins with a word that nobody knows"),
], ids=["read-by-all", "wrong-password", "no-base", "odd-word"])
def test_what_is_wrong_is_trouble(site, server, text, mode, word):
    server.credentials(text, mode)
    site.sh("svc -t /service/qmail-users")
    assert eventually(lambda: is_put_off(site) and word in site.log("qmail-users")), site.log("qmail-users")
    server.credentials(Slapd.LINE)
    assert eventually(lambda: rcpt(site, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN], 5)


@pytest.mark.parametrize("lines", ["uri ldap://localhost\nstarttls yes\n", "uri ldaps://localhost\n"], ids=["starttls", "ldaps"])
def test_over_tls_with_a_certificate_of_who_is_trusted(site, server, lines):
    server.credentials(Slapd.LINE.replace(f"uri {Slapd.URI}\n", lines))
    site.sh("svc -t /service/qmail-users")
    assert eventually(lambda: is_put_off(site))
    site.sh(f"cp {Slapd.DATA}/cert.pem {HOME}/etc/vpopmail.ldap.ca && chmod 644 {HOME}/etc/vpopmail.ldap.ca")
    assert eventually(lambda: rcpt(site, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN], 5), site.log("qmail-users")


def test_setup_is_checked(site, server):
    assert run(site, "vsetup-sql", "--check") == "ldap: nothing is wrong\n"
    server.kill()
    assert "start the directory" in run(site, "vsetup-sql", "--check", code=1)


# ---- while it is away ----

LATELY = "/var/qmail/run/users/ldap.lately"


@pytest.fixture
def remembering(host):
    """Whoever was found within an hour is known."""
    server = Slapd(host)
    host.user("max")
    try:
        install(host, server, snapshotage="3600")
        run(host, "vadddomain", "example.net")
        yield server
    finally:
        server.end()


def is_known(host):
    return rcpt(host, "joe@example.net", "jane@example.net")[0] == [OK, LATER]


@pytest.mark.parametrize("kind", Slapd.troubles)
def test_who_was_found_lately_gets_his_mail(host, remembering, kind):
    """Who was not, waits; nobody logs in whose hash is not kept; and work goes on by itself within 5 seconds."""
    server, (begin, end) = remembering, Slapd.troubles[kind]
    server.user("jane", f"userPassword: {ssha('pass word')}")
    assert rcpt(host, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN]
    assert pop3(host, "joe@example.net", "pass word")[0] in NO_MESSAGE
    assert host.sh(f"stat -c '%U %a' {LATELY}; ls {LATELY} | wc -l; cat {LATELY}/* | grep -c SSHA", check=False).stdout == "vpopmail 700\n1\n0\n"
    getattr(server, begin)()
    assert eventually(lambda: is_known(host), 20), host.log("qmail-users")
    assert send(host, "joe@example.net") == 0
    inject(host)
    assert eventually(lambda: messages(host) == 2, 20), host.log("qmail-send")
    assert "-ERR [SYS/TEMP]" in pop3(host, "joe@example.net", "pass word")[2]
    assert eventually(lambda: "the database of ldap is away" in host.sh("qmailctl check", check=False).stderr, 15)
    getattr(server, end)()
    assert eventually(lambda: rcpt(host, "joe@example.net", "jane@example.net", "nobody@example.net")[0] == [OK, OK, UNKNOWN], 5), host.log("qmail-users")
    assert pop3(host, "joe@example.net", "pass word")[0] == 0
    log = host.log("qmail-users")
    assert log.count("users are looked up in run/users/ldap.lately") == log.count("the snapshot is used no more") == 1, log
    assert not host.maildir("max"), "nothing came back"


def test_it_survives_a_restart_and_has_an_end(host, remembering):
    assert rcpt(host, "joe@example.net")[0] == [OK]
    remembering.kill()
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: is_known(host), 20), host.log("qmail-users")
    host.sh(f"touch -d '50 minutes ago' {LATELY}/*")
    assert is_known(host)
    host.sh(f"touch -d '2 hours ago' {LATELY}/*")
    assert rcpt(host, "joe@example.net")[0] == [LATER]
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: not host.sh(f"ls {LATELY}").stdout)
    remembering.start()


def test_who_has_gone_or_is_changed_is_not_believed(host, remembering):
    server = remembering
    server.user("jane", f"userPassword: {ssha('pass word')}")
    assert rcpt(host, "joe@example.net", "jane@example.net")[0] == [OK, OK]
    host.sh(f"ldapdelete -x {server.ADMIN} uid=jane,ou=example.net,dc=example")
    assert rcpt(host, "jane@example.net")[0] == [UNKNOWN]
    server.kill()
    assert eventually(lambda: is_known(host), 20), host.log("qmail-users")
    host.sh(f"for f in {LATELY}/*; do head -c 20 $f > /tmp/x; cat /tmp/x > $f; done")
    assert rcpt(host, "joe@example.net")[0] == [LATER]
    server.start()


def test_a_server_that_answers_is_not_away(host, remembering):
    """That his whole domain has gone from it is no reason to take mail for him."""
    server = remembering
    assert rcpt(host, "joe@example.net")[0] == [OK]
    host.sh(f"ldapdelete -x {server.ADMIN} uid=joe,ou=example.net,dc=example ou=example.net,dc=example")
    assert rcpt(host, "joe@example.net")[0] == [LATER]


def test_who_may_logs_in_by_what_was_found(host, remembering):
    host.control("snapshotlogins", "example.net\n")
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: pop3(host, "joe@example.net", "pass word")[0] in NO_MESSAGE and host.sh(f"grep -l SSHA {LATELY}/*", check=False).stdout, 20)
    remembering.kill()
    assert eventually(lambda: is_known(host), 20), host.log("qmail-users")
    assert pop3(host, "joe@example.net", "pass word")[0] in NO_MESSAGE
    assert "-ERR [SYS/TEMP]" in pop3(host, "joe@example.net", "wrong")[2]
    remembering.start()
