"""Hosts with sendmail, Exim as Debian configures it, and smail become hosts of ours."""

import pytest

from tests.host.machine import eventually
from tests.system.test_readme import commands

# What Debian's sendmailconfig makes, shortened to what is read and some of what is not.
SENDMAIL = {
    "/etc/mail/sendmail.cf": """# built by Debian's sendmail
V10/Berkeley
Cwlocalhost
Cw$m
Fw/etc/mail/local-host-names %[^\\#]
CPREDIRECT
DSesmtp:[smart.example.net]
DR
DMexample.org
Kvirtuser hash -o /etc/mail/virtusertable.db
Kmailertable hash -o /etc/mail/mailertable
Kgenerics hash -o /etc/mail/genericstable
Kaccess hash -T<TMPF> /etc/mail/access
O AliasFile=/etc/mail/aliases
O MaxMessageSize=5000000
O Timeout.queuereturn=3d
O Timeout.queuewarn=2h
Dj$w.example.org
""",
    "/etc/mail/local-host-names": "# alternate names\nmail.example.org\nexample.org   # us\nclub.example\nold.example\n",
    "/etc/mail/relay-domains": "branch.example\n192.168.7\n",
    "/etc/mail/virtusertable": "info@example.org\tjoe\n@club.example\tjoe\nboss@club.example ann@example.net\n@old.example %1@new.example\n"
                               "no@example.org error:nouser 550 no such user\nx@other.example joe\nodd@club.example %1+%2@y.example\n",
    "/etc/mail/mailertable": "far.example\tsmtp:[10.1.1.1]\n.far.example esmtp:hub.far.example\nuu.example uucp-dom:uu\n",
    "/etc/mail/access": "spammer@example.net\tREJECT\nspam.example\tERROR:\"550 no\"\nConnect:10.2\tRELAY\nConnect:192.0.2.66 REJECT\nTo:gone@example.org REJECT\n"
                        "From:bad.example REJECT\nfriend.example RELAY\nGreetPause:localhost 0\nok.example OK\nConnect:127.0.0.1 RELAY\n",
    "/etc/mail/genericstable": "joe\tjoe.smith@example.org\nann@box.example.org ann@example.net\n",
    "/etc/mail/domaintable": "oldname.example newname.example\n",
    "/etc/mail/aliases": "postmaster: root\nroot: joe\noffice: joe\nfile: \"/var/tmp/x\"\n",
}
EXIM = {
    "/etc/exim4/update-exim4.conf.conf": """# /etc/exim4/update-exim4.conf.conf
dc_eximconfig_configtype='smarthost'
dc_other_hostnames='mail.example.org:example.org'
dc_local_interfaces='127.0.0.1 ; ::1'
dc_readhost='example.org'
dc_relay_domains='branch.example : *.wide.example'
dc_minimaldns='false'
dc_relay_nets='192.168.7.0/24 ; 10.9.0.0/16'
dc_smarthost='smart.example.net::587'
CFILEMODE='644'
dc_use_split_config='false'
dc_hide_mailname='true'
dc_mailname_in_oh='true'
dc_localdelivery='maildir_home'
""",
    "/etc/mailname": "mail.example.org\n",
    "/etc/aliases": "# /etc/aliases\nmailer-daemon: postmaster\npostmaster: root\nroot: joe\nnobody: :blackhole:\ngone: :fail: not here\noffice: joe\n",
    "/etc/email-addresses": "# This is /etc/email-addresses.\njoe: joe.smith@example.org\n",
    "/etc/exim4/hubbed_hosts": "# hubbed\nhub.example: [10.1.1.1]\n*.hub.example: inner.example byname\n",
    "/etc/exim4/passwd.client": "# password file\nsmart.example.net:user:secret\n",
    "/etc/exim4/local_sender_blacklist": "bad@example.net\n",
    "/etc/exim4/local_host_blacklist": "192.0.2.66\n",
}
SMAIL = {
    "/etc/smail/config": """# smail
hostname=mail.example.org
more_hostnames=example.org:old.example
visible_name=example.org
domains=example.org
auth_domains=branch.example
max_message_size=100k
smart_path=smart.example.net
smart_transport=smtp
postmaster_address=joe
-copying
console=/dev/console
""",
    "/etc/aliases": "office: joe\n",
    "/etc/smail/maps/table": "uu.example demand\n",
}


@pytest.fixture
def moved(host):
    host.control("me", "mail.example.org\n")
    host.user("joe")
    host.write("/home/joe/.forward", "\\joe\n", owner="joe")

    def move(system, files):
        for path, text in files.items():
            host.write(path, text)
        host.write("/etc/exim4/passwd.client", files.get("/etc/exim4/passwd.client", ""), mode=0o640)
        shown = host.sh(f"qmail-import {system} --dry-run").stdout
        done = host.sh(f"qmail-import {system}").stdout
        assert [line for line in shown.splitlines() if line[:6] == "left: "] == [line for line in done.splitlines() if line[:6] == "left: "]
        again = host.sh(f"qmail-import {system}").stdout
        assert "wrote" not in again and "removed" not in again, again
        host.left = [line for line in done.splitlines() if line.startswith("left: ")]
        return host
    return move


def control(host, name):
    return host.read(f"/var/qmail/control/{name}").decode().splitlines()


def told(host, *words):
    for each in words:
        assert [line for line in host.left if each in line], (each, host.left)


def test_sendmail(moved):
    host = moved("sendmail", SENDMAIL)
    assert set(control(host, "locals")) == {"localhost", "mail.example.org", "example.org"}
    assert control(host, "virtualdomains") == ["club.example:alias-virtual", "other.example:alias-virtual", "old.example:alias-to-new.example"]
    assert {"branch.example", ".branch.example", "friend.example", "club.example", "old.example", "other.example"} <= set(control(host, "rcpthosts"))
    assert control(host, "smtproutes") == ["far.example:[10.1.1.1]", ".far.example:hub.far.example", ":smart.example.net"]
    assert control(host, "genericfrom") == ["joe:joe.smith@example.org", "ann@box.example.org:ann@example.net", "@mail.example.org:@example.org"]
    assert control(host, "badmailfrom") == ["spammer@example.net", "@spam.example", "@bad.example"]
    assert control(host, "badrcptto") == ["no@example.org", "gone@example.org"]
    assert [control(host, n) for n in ("databytes", "queuelifetime", "queuewarning", "defaulthost")] == [["5000000"], ["259200"], ["7200"], ["example.org"]]
    assert control(host, "defaultdelivery") == ["| dot-forward .forward", "./Maildir/"]
    rules = host.read("/etc/tcp.smtp").decode()
    assert '\n192.168.7.:allow,RELAYCLIENT=""\n' in rules and '\n10.2.:allow,RELAYCLIENT=""\n' in rules and "\n192.0.2.66:deny\n" in rules
    assert rules.count("127.") == 1
    aliases = host.read("/etc/aliases").decode()
    assert "\ninfo@example.org: joe\n" in aliases and '# not carried over: file: "/var/tmp/x"\n' in aliases
    told(host, "/etc/mail/mailertable:2: hub.far.example: carried over, but", "/etc/mail/mailertable:3: uu.example: ", "/etc/mail/virtusertable:7: odd@club.example: ",
         "/etc/mail/domaintable:1: oldname.example: ", "/etc/mail/access:8: GreetPause:localhost: ", "/etc/mail/access:9: ok.example: ", "/etc/mail/aliases:4: file: ")

    host.control("smtproutes", ":127.0.0.1:9\n")
    host.sh("rm -f ~joe/.qmail")
    host.start()
    to = ["info@example.org", "any@club.example", "x@other.example", "office@mail.example.org", "postmaster@example.org", "joe@example.org"]
    for address in to:
        done = host.sh(f"swaks --server 127.0.0.1 --from s@example.net --to {address} 2>&1", check=False)
        assert done.returncode == 0, done.stdout
    for address in ("no@example.org", "stranger@example.org", "stranger@other.example"):
        assert "55" in host.sh(f"swaks --server 127.0.0.1 --from s@example.net --to {address} 2>&1 | grep '<\\*\\*'").stdout
    assert eventually(lambda: len(host.maildir("joe")) == len(to), 30), host.log("qmail-send")
    assert host.sh("qmailctl check", check=False).returncode == 0


def test_exim(moved):
    host = moved("exim", EXIM)
    assert set(control(host, "locals")) == {"localhost", "mail.example.org", "example.org"}
    assert {"branch.example", ".wide.example", "hub.example", ".hub.example"} <= set(control(host, "rcpthosts"))
    assert control(host, "smtproutes") == ["hub.example:[10.1.1.1]", ".hub.example:inner.example", ":smart.example.net:587"]
    assert control(host, "genericfrom") == ["joe:joe.smith@example.org", "@mail.example.org:@example.org"]
    assert control(host, "badmailfrom") == ["bad@example.net"]
    rules = host.read("/etc/tcp.smtp").decode()
    assert '\n192.168.7.0/24:allow,RELAYCLIENT=""\n10.9.0.0/16:allow,RELAYCLIENT=""\n192.0.2.66:deny\n' in rules
    told(host, "/etc/aliases:5: nobody: :blackhole:: a file", "/etc/aliases:6: gone: :fail: not here: in ~alias", "/etc/exim4/passwd.client:2: smart.example.net: control/smtpauth",
         "127.0.0.1 ; ::1: tcpserver in", "inner.example: carried over, but")
    assert not [line for line in host.left if "secret" in line]
    assert "control/" not in host.sh("qmailctl check", check=False).stdout


def test_smail(moved):
    host = moved("smail", SMAIL)
    assert set(control(host, "locals")) == {"localhost", "mail.example.org", "example.org", "old.example"}
    assert "branch.example" in control(host, "rcpthosts") and control(host, "smtproutes") == [":smart.example.net"]
    assert [control(host, n) for n in ("databytes", "defaulthost", "defaultdomain")] == [["102400"], ["example.org"], ["example.org"]]
    assert host.read("/etc/aliases") == b"office: joe\npostmaster: joe\n"
    told(host, "/etc/smail/maps/table:1: uu.example: ", "/etc/smail/config:12: console: doc/FROM-SENDMAIL")


def test_forward_files_count_beside_what_is_there(host):
    host.user("joe")
    host.write("/home/joe/.forward", "ann@example.net\n", owner="joe")
    host.write("/etc/mail/aliases", "office: joe\n")
    host.control("defaultdelivery", "| preline procmail\n./Mailbox\n")
    host.sh("qmail-import sendmail")
    assert control(host, "defaultdelivery") == ["| dot-forward .forward", "| preline procmail", "./Mailbox"]
    assert "wrote" not in host.sh("qmail-import sendmail").stdout


def test_what_is_not_there(host):
    for system, said in (("exim", "update-exim4.conf.conf: there is no such file"), ("smail", "/etc/smail/config: there is no such file"), ("sendmail", "sendmail.cf: there is no such file")):
        assert said in host.sh(f"qmail-import {system} --dry-run").stdout


def test_the_commands_of_the_readme(moved):
    host = moved("sendmail", SENDMAIL)
    host.start()
    pasted = commands("Moving from Postfix, Sendmail, smail or Exim")
    assert len(pasted) == 4
    for command in pasted:
        for system in ("sendmail", "exim", "smail")[:2 if "--drain" in command else 3]:
            assert host.sh(command.replace("postfix", system), check=False).returncode == 0, command
