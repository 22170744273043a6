"""qmail-setup: each step alone, twice, and on hosts where something is in the way."""

import os
import subprocess

import pytest

from tests.host import eventually


def step(host, words, **more):
    return host.sh(f"/var/qmail/bin/qmail-setup {words}", check=False, **more)


def fake(host, name, script):
    """A program that qmail-setup finds before the system's; says on /tmp/calls what it was asked."""
    host.write(f"/var/qmail/bin/{name}", f'#!/bin/sh\necho "{name} $*" >> /tmp/calls\n{script}\n', mode=0o755)


def calls(host):
    return host.sh("cat /tmp/calls 2>/dev/null || :").stdout.splitlines()


# ---- host, twice ----

def everything(host):
    """Owners, modes and contents of all that a set-up may touch; tables are made anew each time."""
    places = "/var/qmail /etc/tcp.* /etc/passwd /etc/group /etc/manpath.config /var/log/qmail /usr/sbin/sendmail /usr/lib/sendmail"
    return host.sh(f"find {places} -name '*.cdb' -o -printf '%p %u %g %m %y %l\\n' | sort; "
                   f"find {places} -type f ! -name '*.cdb' -exec sha256sum {{}} + | sort").stdout


def test_a_second_time_changes_nothing(host):
    before = everything(host)
    assert step(host, "host mail.example.org").returncode == 0
    assert everything(host) == before


def test_nothing_configured_is_overwritten(host):
    host.control("me", "mail.example.org\n")
    for path, text in (("/var/qmail/control/locals", "mine.example\n"), ("/var/qmail/control/concurrencyincoming", "7\n"),
                       ("/var/qmail/alias/.qmail-postmaster", "&joe@example.net\n"), ("/etc/tcp.smtp", ":deny\n")):
        host.write(path, text)
    before = everything(host)
    done = step(host, "host other.example.org")
    assert done.returncode == 0, done
    assert everything(host) == before
    assert "this host is mail.example.org" in done.stdout


def test_aliases_of_a_new_host(host):
    """Those of the old guides, and of RFC 2142 what systems, services and network need; all are known at the door."""
    names = host.sh("cd ~alias && for f in .qmail-*; do echo ${f#.qmail-} $(cat $f); done").stdout.splitlines()
    assert names == [f"{name} {'./Maildir/' if name == 'postmaster' else '&postmaster'}" for name in (
        "abuse", "anonymous", "bin", "daemon", "decode", "dumper", "ftp", "games", "hostmaster", "ingres", "mailer-daemon", "manager",
        "news", "nobody", "noc", "operator", "postmaster", "root", "security", "system", "toor", "usenet", "uucp", "webmaster", "www")]
    host.start("qmail-send")
    host.run(["sendmail", "-f", "a@b.example", "MAILER-DAEMON", "security", "toor"], input=b"Subject: x\n\n")
    assert eventually(lambda: host.sh("ls ~alias/Maildir/new | wc -l").stdout == "3\n"), host.log("qmail-send")


def test_where_a_site_says_what_becomes_of_all_names_no_alias_stands_in_its_way(host):
    host.sh("cd ~alias && rm .qmail-* && echo '|fastforward -d /etc/aliases.cdb' > .qmail-default", user="alias")
    assert step(host, "host").returncode == 0
    assert host.sh("cd ~alias && ls .qmail-*").stdout.split() == [".qmail-default", ".qmail-postmaster"]


def test_what_is_wrong_is_put_right(host):
    host.sh("chmod 777 /var/qmail /var/qmail/alias; chown qmaild /var/qmail/control; rm -r /var/log/qmail; "
            "rm /var/qmail/alias/.qmail-root /etc/tcp.smtp.cdb")
    assert step(host, "verify").returncode == 1
    assert step(host, "host").returncode == 0
    assert host.sh("stat -c '%U:%G %a' /var/qmail /var/qmail/alias /var/qmail/control /var/log/qmail/qmail-send").stdout.split("\n") == [
        "root:qmail 755", "alias:qmail 2755", "root:qmail 755", "qmaill:adm 2750", ""]
    assert host.read("/var/qmail/alias/.qmail-root") == b"&postmaster\n"
    host.sh("test -f /etc/tcp.smtp.cdb")


def test_owners_and_modes_come_from_one_table(host):
    host.sh("sed -i 's|711  bin/splogger|700  bin/splogger|' /var/qmail/layout; rmdir /var/qmail/run/queue || rm -r /var/qmail/run/queue")
    said = step(host, "verify").stdout
    assert "instcheck: warning: /var/qmail/bin/splogger has wrong permissions: they must be 700\n" in said
    assert "instcheck: warning: /var/qmail/run/queue does not exist\n" in said
    assert step(host, "accounts").returncode == 0
    assert step(host, "verify").returncode == 0
    assert host.sh("stat -c '%U %a' /var/qmail/bin/splogger /var/qmail/run/queue").stdout == "root 700\nqmailq 755\n"


def test_without_the_table_nothing_is_touched(host):
    host.sh("rm /var/qmail/layout")
    before = everything(host)
    for words in "accounts", "programs /var/qmail/bin /var/qmail/bin/splogger", "files /var/qmail /tmp/x":
        done = step(host, words)
        assert (done.returncode, done.stderr) == (
            111, "qmail-setup: fatal: unable to read /var/qmail/layout: make install brings it\n")
    assert everything(host) == before
    assert step(host, "verify").stdout == "instcheck: warning: /var/qmail/layout does not exist: make install brings it\n"


def test_users_and_groups(host):
    for user, group, home in (("alias", "nofiles", "/var/qmail/alias"), ("qmaild", "nofiles", "/var/qmail"),
                              ("qmaill", "nofiles", "/var/qmail"), ("qmailp", "nofiles", "/var/qmail"),
                              ("qmailq", "qmail", "/var/qmail"), ("qmailr", "qmail", "/var/qmail"), ("qmails", "qmail", "/var/qmail"),
                              ("vpopmail", "vchkpw", "/home/vpopmail")):
        fields = host.sh(f"getent passwd {user}").stdout.strip().split(":")
        assert fields[5:] == [home, "/usr/sbin/nologin"]
        assert host.sh(f"id -gn {user}").stdout == group + "\n"
        assert int(fields[2]) < 1000, "a system account"


def test_a_missing_account_comes_back_as_it_was_asked(host):
    host.sh("userdel qmailp")
    assert step(host, "accounts").stdout == "qmail-setup: adding user qmailp\n"
    host.sh("id qmailp")


def test_virtual_domains_have_an_account_and_places(host):
    assert host.sh("getent passwd vpopmail").stdout.split(":")[2:] == ["89", "89", "mailtree", "/home/vpopmail", "/usr/sbin/nologin\n"]
    assert host.sh("cd /home/vpopmail && stat -c '%n %a %U:%G' . bin etc domains").stdout.splitlines() == [
        ". 755 vpopmail:vchkpw", "bin 755 vpopmail:vchkpw", "etc 755 vpopmail:vchkpw", "domains 700 vpopmail:vchkpw"]
    assert host.sh("readlink /home/vpopmail/bin/vdelivermail").stdout == "/var/qmail/bin/vdelivermail\n"


def test_an_old_vpopmail_stays_where_it_is(host):
    host.sh("userdel vpopmail && rm -r /home/vpopmail && useradd -r -u 77 -N -g vchkpw -d /srv/v vpopmail && mkdir -p /srv/v/bin && "
            "echo theirs > /srv/v/bin/vdelivermail && chown -R vpopmail: /srv/v && chmod 711 /srv/v /srv/v/bin")
    step(host, "accounts")
    assert host.sh("cat /srv/v/bin/vdelivermail; readlink /srv/v/bin/vadduser; stat -c '%a %u' /srv/v /srv/v/bin").stdout == \
        "theirs\n/var/qmail/bin/vadduser\n711 77\n711 77\n"
    host.sh("userdel vpopmail && useradd -r -o -u 89 -g root -d / vpopmail && rm -rf /bin.old")
    step(host, "accounts")
    assert host.sh("ls -d /domains", check=False).returncode


def test_others_than_root_are_refused(host):
    done = step(host, "accounts", user="qmaild")
    assert done.returncode == 100 and "must be run as root" in done.stderr


# ---- below directories that others may write ----

SECRET = "root's own"


@pytest.fixture
def secret(host):
    """A file and a directory that only root has, to which others have made names lead."""
    host.sh(f"mkdir -m 700 /root/own && echo \"{SECRET}\" > /root/own/file && chmod 600 /root/own/file")
    before = host.sh("stat -c '%U %G %a %s' /root /root/own /root/own/file").stdout
    yield host
    assert host.sh("stat -c '%U %G %a %s' /root /root/own /root/own/file").stdout == before
    assert host.sh("ls -A /root/own").stdout == "file\n"


def test_what_alias_makes_of_its_names_leads_nobody_astray(secret):
    secret.sh("cd ~alias && rm -r .qmail-root .qmail-abuse Maildir && ln -s /root/own/file .qmail-root.tmp && "
              "ln -s /root/own/new .qmail-abuse.tmp && ln -s /root/own Maildir", user="alias")
    step(secret, "host")
    secret.sh("cd ~alias && rm -f .qmail-*.tmp Maildir", user="alias")
    assert step(secret, "host").returncode == 0
    assert secret.sh("cd ~alias && stat -c '%U %a %F' .qmail-root Maildir Maildir/new").stdout.split("\n") == [
        "alias 644 regular file", "alias 2700 directory", "alias 2700 directory", ""]


def test_what_qmaill_makes_of_its_names_leads_nobody_astray(secret):
    secret.sh("cd /var/log/qmail && rmdir * && ln -s /root/own/new qmail-send && ln -s /root/own qmail-smtpd && "
              "ln -s /root/own/file qmail-pop3d", user="qmaill")
    done = step(secret, "host")
    assert done.returncode == 111 and "unable to make /var/log/qmail/qmail-" in done.stderr
    secret.sh("rm /var/log/qmail/qmail-*; mkdir /var/log/qmail/qmail-send; ln -s /root/own/file /var/log/qmail/qmail-send/current",
              user="qmaill", check=False)
    assert step(secret, "host").returncode == 0
    secret.sh("sed -i '2s/.*/exit 1/' /var/qmail/supervise/*/run")
    for words in ("start", "check"):
        done = secret.sh(f"qmailctl {words}", check=False)
        assert SECRET not in done.stdout + done.stderr


def test_files_of_others_are_read_by_them(host):
    """A name that is one thing when it is looked at and another when it is read is of no use to them then."""
    host.sh("touch /run/calls; chmod 666 /run/calls")
    for name in ("cat", "grep", "tail"):
        host.write(f"/var/qmail/bin/{name}", f'#!/bin/sh\necho "$(/usr/bin/id -un) $*" >> /run/calls\n'
                   f'exec /usr/bin/{name} "$@"\n', mode=0o755)
    step(host, "start")
    assert step(host, "show").returncode == 0
    host.sh("svc -d /service/qmail-smtpd")
    assert step(host, "show").returncode == 111
    lines = host.read("/run/calls").decode().splitlines()
    for place, owner in (("/var/qmail/alias/", "alias "), ("/var/log/qmail/", "qmaill ")):
        touched = [line for line in lines if place in line]
        assert touched and [line for line in touched if not line.startswith(owner)] == []


def test_a_log_directory_has_no_terminal_commands(host):
    host.write("/var/qmail/supervise/qmail-smtpd/run", "#!/bin/sh\nprintf 'red \\033[31m\\n'\nexit 1\n", mode=0o755)
    step(host, "start")
    assert eventually(lambda: "red" in host.log("qmail-smtpd"))
    done = host.sh("qmailctl start", check=False)
    assert "red ?[31m" in done.stderr and "\033" not in done.stderr


def test_logs_are_for_root_and_the_group_of_admins(host):
    host.user("joe")
    host.sh("rm -r /var/log/qmail; useradd -G adm ann")
    step(host, "host")
    host.start("qmail-send")
    assert host.sh("cat /var/log/qmail/qmail-send/current", user="joe", check=False).returncode != 0
    host.sh("cat /var/log/qmail/qmail-send/current", user="ann")
    # One of ours from before becomes such, one of another kind is the site's.
    host.sh("chmod 00755 /var/log/qmail; chgrp nofiles /var/log/qmail")
    step(host, "host")
    assert host.sh("stat -c '%U:%G %a' /var/log/qmail").stdout == "qmaill:adm 2750\n"
    host.sh("chgrp daemon /var/log/qmail; chmod 00755 /var/log/qmail")
    step(host, "host")
    assert host.sh("stat -c '%U:%G %a' /var/log/qmail").stdout == "qmaill:daemon 755\n"


def test_only_roots_processes_scan(whole):
    whole.sh("mkdir -p /service; cp /usr/bin/sleep /tmp/svscan")
    whole.popen(["sh", "-c", "cd /service && exec /tmp/svscan 600"], user="qmaild")
    assert eventually(lambda: scans(whole) == "1")
    assert "starting svscan /service" in step(whole, "start").stdout


# ---- the name ----

@pytest.mark.parametrize("hostname, hosts, me", [
    ("mx1", "203.0.113.25 mx1.example.net mx1\n", "mx1.example.net"),
    ("mx2.example.net", "", "mx2.example.net"),
    ("box", "", "box.internal"),
    ("localhost", "", "mail.internal"),
    ("box", "127.0.1.1 localhost.localdomain box\n", "box.internal"),
])
def test_the_name_of_a_host_that_is_given_none(host, hostname, hosts, me):
    host.sh(f"hostname {hostname}; rm -r /var/qmail/control/*")
    host.write("/etc/hosts", "127.0.0.1 localhost\n" + hosts)
    done = step(host, "host")
    assert done.returncode == 0, done
    assert host.read("/var/qmail/control/me").decode() == me + "\n"
    assert ("it is called" in done.stderr) == me.endswith(".internal")


@pytest.mark.parametrize("name", ["localhost", "mail", "a b.example", "x..example", "-a.example", "127.0.0.1", "mail.example.org.",
                                  "x.localhost", "a_b.example", "a" * 64 + ".example", "a;b.example", "'x.example"])
def test_a_name_that_is_none_is_refused(host, name):
    host.sh("rm -r /var/qmail/control/*")
    done = host.run(["/var/qmail/bin/qmail-setup", "check-name", name], check=False)
    assert done.returncode == 100 and b"not a full host name" in done.stderr
    assert host.run(["/var/qmail/bin/qmail-config", name], check=False).returncode == 100, "the same is said by who uses it"


@pytest.mark.parametrize("name", ["mail.example.org", "MX-1.example", "a.b.c.d.e", "x.1a"])
def test_a_name_that_is_one(host, name):
    host.sh("rm -r /var/qmail/control/*")
    assert step(host, f"check-name {name}").returncode == 0
    assert step(host, f"host {name}").returncode == 0


def test_a_host_that_has_a_name_is_renamed_when_asked(host):
    assert step(host, "check-name Mail.Example.org").returncode == 0
    done = step(host, "check-name mx.new.example")
    assert done.returncode == 100
    assert "this host is mail.example.org; to rename it: /var/qmail/bin/qmail-setup rename mx.new.example" in done.stderr
    host.control("smtpgreeting", "mail.example.org greets\n")
    host.control("helohost", "MAIL.example.org\n")
    host.start()
    done = step(host, "rename mx.new.example")
    assert done.returncode == 0 and "* Restarting qmail-smtpd." in done.stdout
    assert "these files in /var/qmail/control speak of mail.example.org, too, and stay: smtpgreeting" in done.stdout
    read = lambda name: host.read(f"/var/qmail/control/{name}").decode().split()
    assert read("me") == read("helohost") == ["mx.new.example"]
    assert read("defaultdomain") == read("plusdomain") == ["new.example"]
    assert read("locals")[-2:] == read("rcpthosts")[-2:] == ["mail.example.org", "mx.new.example"]
    assert step(host, "rename mx.new.example").stdout == "qmail-setup: this host is mx.new.example already\n"
    assert step(host, "rename localhost").returncode == 100
    done = step(host, "show")
    assert done.returncode == 0, done


# ---- links: other names of programs ----

def test_a_name_that_the_site_uses_itself_stays(host):
    host.sh(f"rm {BIN}/mailq {BIN}/newaliases; echo mine > {BIN}/mailq; ln -s /usr/bin/true {BIN}/newaliases; rm {BIN}/zoverall")
    done = step(host, f"links {BIN} mailq:sendmail.8 newaliases:sendmail.8 zoverall:qmailanalog.1 zrhosts:qmailanalog.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "".join(f"qmail-setup: {BIN}/{name} is this site's own and stays; ours is sendmail under that name\n"
                                  for name in ("mailq", "newaliases"))
    assert host.sh(f"cd {BIN}; cat mailq; readlink newaliases zoverall zrhosts").stdout.split() == [
        "mine", "/usr/bin/true", "qmailanalog", "qmailanalog"]


# ---- uninstall ----

def test_what_we_installed_goes_and_the_rest_stays(whole):
    step(whole, "start")
    whole.sh("sed -i '1a # ours' /var/qmail/supervise/qmail-pop3d/run; echo mine > /var/qmail/bin/wrapper; "
             "cp /usr/bin/true /var/qmail/bin/qmail-remote; mkdir -p /etc/cron.d; touch /etc/cron.d/mailtree-report; ln -s /bin/true /home/vpopmail/bin/theirs")
    done = step(whole, "uninstall")
    assert done.returncode == 0, done
    assert "What stays: /var/qmail/control, users, alias, queue" in done.stdout
    assert whole.sh("find /var/qmail/bin /var/qmail/supervise -type f | sort").stdout.split() == [
        "/var/qmail/bin/qmail-remote", "/var/qmail/bin/wrapper", "/var/qmail/supervise/qmail-pop3d/run"]
    assert whole.sh("find /var/qmail/bin -type l; ls /etc/cron.d | grep mailtree", check=False).stdout == ""
    assert whole.sh("ls /service /usr/local/bin /usr/sbin/sendmail /usr/lib/sendmail 2>/dev/null | grep -c 'mail'", check=False).stdout == "0\n"
    assert eventually(lambda: whole.sh("pgrep -x 'svscan|supervise|multilog|tcpserver|qmail-.*'", check=False).returncode)
    assert whole.sh("grep qmail /etc/manpath.config; dpkg -s mailtree-mta", check=False).stdout == ""
    assert whole.sh("ls /home/vpopmail/bin; ls -d /home/vpopmail/domains").stdout.split() == ["theirs", "/home/vpopmail/domains"]
    assert whole.sh("cat /var/qmail/control/me; ls /var/qmail/queue").stdout.split()[0] == "mail.example.org"


def test_others_services_are_scanned_on(whole):
    step(whole, "start")
    whole.write("/etc/other/run", "#!/bin/sh\nexec sleep 1000\n", mode=0o755)
    whole.sh("ln -s /etc/other /service/other")
    assert eventually(lambda: ": up" in whole.sh("svstat /service/other", check=False).stdout)
    assert "/service has services of others, and is still scanned" in step(whole, "uninstall").stdout
    assert ": up" in whole.sh("svstat /service/other").stdout and scans(whole) == "1"


# ---- quietly ----

def test_what_matters_is_shown_and_all_is_in_the_log(host):
    done = step(host, "quietly /root/log sh -c 'echo noise; echo qmail-setup: matters >&2; echo qmail-x: warning: too'")
    assert (done.returncode, done.stdout) == (0, "qmail-setup: matters\nqmail-x: warning: too\n")
    done = step(host, "quietly /root/log sh -c 'echo reason; exit 7'")
    assert done.returncode == 7 and "reason\n" in done.stderr and "all it said is in /root/log" in done.stderr
    assert host.read("/root/log") == b"noise\nqmail-setup: matters\nqmail-x: warning: too\nreason\n"


# ---- sendmail ----

def test_a_foreign_sendmail_stays_and_is_told(host):
    host.sh("rm /usr/sbin/sendmail /usr/lib/sendmail; echo theirs > /usr/sbin/sendmail")
    done = step(host, "host")
    assert host.read("/usr/sbin/sendmail") == b"theirs\n"
    assert "/usr/sbin/sendmail is not ours and stays as it is; to use ours: ln -sf" in done.stdout
    assert host.sh("readlink /usr/lib/sendmail").stdout == "/var/qmail/bin/sendmail\n"


def apt_would_install(host, package):
    done = host.sh(f"apt-get install -s --no-install-recommends {package}", check=False)
    if "Unable to locate package" in done.stderr:
        pytest.skip("apt has no lists here")
    return done.stdout


def test_no_other_mail_system_is_brought_in(host):
    said = apt_would_install(host, "bsd-mailx")
    assert "Inst bsd-mailx" in said and "exim" not in said and "Remv" not in said
    assert host.sh("qmail-setup verify", check=False).stdout == ""
    host.sh("dpkg -r mailtree-mta")
    assert "exim" in apt_would_install(host, "bsd-mailx")
    told = host.sh("qmail-setup verify", check=False).stdout
    assert "Debian does not know that there is a mail system and may bring another" in told
    assert "/usr/sbin/sendmail is nothing, not /var/qmail/bin/sendmail" in told, "the links are the package's"
    assert "Debian knows now that there is a mail system: package mailtree-mta" in step(host, "host").stdout
    assert host.sh("qmail-setup verify", check=False).stdout == ""
    assert host.sh("dpkg -S /usr/sbin/sendmail").stdout.startswith("mailtree-mta: ")


def other_mta(host):
    host.sh("dpkg -r mailtree-mta; cd /tmp && mkdir -p d/DEBIAN d/usr/sbin && printf '#!/bin/sh\\n' > d/usr/sbin/sendmail && "
            "printf 'Package: exim9\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@x>\\nDescription: x\\n"
            "Provides: x, mail-transport-agent\\nConflicts: mail-transport-agent\\n' > d/DEBIAN/control && "
            "rm -f /usr/sbin/sendmail && dpkg-deb -b d exim9.deb && dpkg -i exim9.deb")


def test_another_mail_system_stays_and_is_told(host):
    other_mta(host)
    done = step(host, "host")
    assert done.returncode == 0
    assert "Debian's mail system here is exim9, and stays; to have ours in its place: apt-get install /var/qmail/mailtree-mta.deb" in done.stdout
    told = host.sh("qmailctl check", check=False)
    assert told.returncode == 111 and "package exim9 is another mail system" in told.stdout
    assert "/usr/sbin/sendmail is /usr/sbin/sendmail, not /var/qmail/bin/sendmail" in told.stdout
    host.sh("apt-get install -y /var/qmail/mailtree-mta.deb")
    assert host.sh("readlink /usr/sbin/sendmail").stdout == "/var/qmail/bin/sendmail\n"


def test_check_names_who_listens_in_our_place(host):
    hold(host, 25)
    told = step(host, "verify")
    assert told.returncode == 1 and "instcheck: warning: TCP port 25 is held by pid " in told.stdout
    host.sh("sed -i 's/ 0 25 / 0 26 /' /var/qmail/supervise/qmail-smtpd/run")
    assert "port 25" not in step(host, "verify").stdout
    assert "port 25" not in step(host, "verify", user="nobody").stdout


def test_man_finds_the_pages(host):
    for _ in range(2):
        assert host.sh("grep -c /var/qmail/man /etc/manpath.config").stdout == "2\n"
        step(host, "host")
    for path in ("/usr/bin:/bin", "/var/qmail/bin:/usr/bin:/bin"):
        found = host.sh("man -k qmail", env={"PATH": path}, check=False).stdout
        assert found.count("\n") > 20 and "qmail-send (8)" in found, found
        host.sh("man -w qmailctl && man -w mailq", env={"PATH": path})


def test_commands_are_found_without_our_directory_in_the_path(host):
    for name in ("qmailctl", "qmail-showctl", "qmail-qstat", "qmail-qread", "mailq", "newaliases", "maildirmake"):
        host.sh(f"command -v {name}", env={"PATH": "/usr/local/bin:/usr/bin:/bin"})


# ---- packages ----

def test_packages_that_are_there_need_no_network(host):
    fake(host, "apt-get", "exit 1")
    done = step(host, "packages daemontools ucspi-tcp-ipv6")
    assert done.returncode == 0 and done.stdout == "qmail-setup: packages are all there\n"
    assert calls(host) == []


def test_only_missing_packages_are_installed(host):
    fake(host, "apt-get", "exit 0")
    done = step(host, "packages daemontools no-such-package")
    assert done.returncode == 0 and done.stdout == "qmail-setup: installing packages: no-such-package\n"
    assert len(calls(host)) == 1 and calls(host)[0].endswith("install -y --no-install-recommends no-such-package")


def test_stale_package_lists_are_read_afresh_once(host):
    fake(host, "apt-get", 'case $* in *update*) touch /tmp/fresh;; *) test -e /tmp/fresh;; esac')
    assert step(host, "packages no-such-package").returncode == 0
    assert [c.split()[-1] for c in calls(host)] == ["no-such-package", "update", "no-such-package"]


def test_a_package_that_cannot_be_had(host):
    fake(host, "apt-get", 'case $* in *update*) exit 0;; *) exit 100;; esac')
    done = step(host, "packages no-such-package")
    assert done.returncode == 111 and "unable to install: no-such-package" in done.stderr
    fake(host, "apt-get", "exit 100")
    done = step(host, "packages no-such-package")
    assert done.returncode == 111 and "unable to read the package lists" in done.stderr


# ---- check-port ----

LISTEN = "import socket,time; s=socket.socket(); s.bind(('', {})); s.listen(); print('ready', flush=True); time.sleep(99)"


def hold(host, port):
    listener = host.popen(["/usr/bin/python3", "-c", LISTEN.format(port)], stdout=subprocess.PIPE)
    listener.stdout.readline()


@pytest.mark.parametrize("port, service", [(25, "qmail-smtpd"), (110, "qmail-pop3d")])
def test_a_foreign_listener_is_named_and_stops_everything(host, port, service):
    hold(host, port)
    done = step(host, "check-port")
    assert done.returncode == 111
    pid = host.sh("pgrep -f '^/usr/bin/python3 -c import socket'").stdout.strip()
    assert f"TCP port {port} is held by pid {pid}, /usr/bin/python3 -c import socket" in done.stderr
    assert "package python3" in done.stderr
    assert "nothing was changed" in done.stderr
    assert f"make run WITHOUT={service}\n" in done.stderr
    assert step(host, f"check-port {service}").returncode == 0
    host.sh(f"touch /var/qmail/supervise/{service}/down")
    assert step(host, "check-port").returncode == 0


def test_no_such_service_to_do_without(host):
    done = step(host, "check-port qmail-pop3")
    assert done.returncode == 100 and "no service qmail-pop3; there are: qmail-" in done.stderr
    assert step(host, "without qmail-pop3").returncode == 100


def test_doing_without_a_service(whole):
    step(whole, "start")
    assert step(whole, "without qmail-smtpd").stdout.startswith("qmail-setup: qmail-smtpd is not wanted here: ")
    assert step(whole, "without qmail-smtpd").stdout == ""
    assert whole.sh("svstat /service/qmail-smtpd").stdout.startswith("/service/qmail-smtpd: down")
    assert whole.sh("qmailctl check", check=False).returncode == 0
    done = step(whole, "show")
    assert done.returncode == 0, done
    assert "giving a message to postmaster@mail.example.org to qmail-queue" in done.stdout
    for line in ("new msg ", "starting delivery ", ": success: ", "end msg "):
        assert line in done.stdout.split("==> its way")[1], line


def test_free_ports_and_our_own_servers_are_fine(host):
    assert step(host, "check-port").returncode == 0
    host.popen(["tcpserver", "0", "25", "/var/qmail/bin/qmail-smtpd"])
    host.popen(["tcpserver", "0", "110", "qmail-popup", "h", "checkpassword", "qmail-pop3d", "Maildir"])
    assert eventually(lambda: host.sh("ss -Hltn '( sport = 25 or sport = 110 )'").stdout.count("\n") == 2)
    done = step(host, "check-port")
    assert done.returncode == 0, done


def test_a_tcpserver_with_another_program_is_foreign(host):
    host.popen(["tcpserver", "0", "25", "smtpd-of-somebody"])
    assert eventually(lambda: host.sh("ss -Hltn 'sport = 25'").stdout)
    assert step(host, "check-port").returncode == 111


# ---- place ----

def test_place_spares_what_was_changed_here(host):
    host.sh("mkdir -p /tmp/new/a/log /tmp/there; cd /tmp/new/a; echo 1 > run; echo 1 > log/run; echo 1 > gone; chmod 755 run log/run")
    assert step(host, "place /tmp/new /tmp/there").stdout == ""
    assert host.sh("cd /tmp/there/a; cat run log/run gone; stat -c %a run gone").stdout == "1\n1\n1\n755\n644\n"
    host.sh("cd /tmp/there/a; echo mine > run; rm gone; cd /tmp/new/a; for f in run log/run gone; do echo 2 > $f; done; echo 2 > more")
    done = step(host, "place /tmp/new /tmp/there")
    assert done.stdout == "qmail-setup: /tmp/there/a/run was changed here and stays; what we ship is /tmp/there/a/run.new\n"
    assert host.sh("cd /tmp/there/a; cat run run.new log/run more; ls").stdout == "mine\n2\n2\n2\nlog\nmore\nrun\nrun.new\n"
    assert step(host, "place /tmp/new /tmp/there").stdout == "", "told once"
    host.sh("cp -p /tmp/there/a/run.new /tmp/there/a/run; echo 3 > /tmp/new/a/run")
    step(host, "place /tmp/new /tmp/there")
    assert host.sh("cat /tmp/there/a/run; ls /tmp/there/a").stdout == "3\nlog\nmore\nrun\n"


# ---- programs ----

BIN = "/var/qmail/bin"


def ship(host, what):
    """Puts a new version of every program into /tmp/new, as a build does."""
    host.sh(f"rm -rf /tmp/new; cp -a {BIN} /tmp/new; rm -f /tmp/new/.shipped /tmp/new/*.new; cd /tmp/new && "
            f"find . -type f ! -name qmail-setup -exec sh -c 'printf {what} >> $0' {{}} \\;; find . -type l -delete")


def install(host):
    return step(host, f"programs {BIN} /tmp/new/*")


def test_a_program_is_replaced_whole_with_its_owner_and_mode(host):
    watch = host.popen(["sh", "-c", f"while :; do stat -c '%U %G %a' {BIN}/qmail-queue || echo none; done > /tmp/seen 2>&1"])
    size = f"stat -c %s {BIN}/qmail-queue"
    for version in ("one", "two", "three"):
        before = int(host.sh(size).stdout)
        ship(host, version)
        done = install(host)
        assert (done.returncode, done.stdout) == (0, ""), done
        assert int(host.sh(size).stdout) > before
    assert step(host, "accounts").returncode == 0
    watch.kill()
    watch.wait()
    assert set(host.read("/tmp/seen").decode().split("\n")) <= {"qmailq qmail 4711", ""}
    assert step(host, "verify").returncode == 0
    assert host.sh(f"ls -A {BIN} | grep -c 'tmp$'", check=False).stdout == "0\n"


def test_a_program_of_the_site_stays_and_ours_lies_beside_it(host):
    ship(host, "next")
    host.write(f"{BIN}/qmail-queue", "#!/bin/sh\n# scans\n", mode=0o755)
    host.sh(f"ln -sf /usr/local/bin/wrapper {BIN}/qmail-remote; echo : > /usr/local/bin/wrapper")
    done = install(host)
    assert done.returncode == 0
    assert sorted(done.stdout.splitlines()) == [
        f"qmail-setup: {BIN}/{name} is this site's own and stays; what we ship is {BIN}/{name}.new" for name in ("qmail-queue", "qmail-remote")]
    assert host.read(f"{BIN}/qmail-queue") == b"#!/bin/sh\n# scans\n"
    assert host.sh(f"stat -c '%U %a' {BIN}/qmail-queue.new").stdout == "qmailq 711\n"
    assert install(host).stdout == "", "told once"
    assert step(host, "accounts").returncode == 0
    assert host.sh(f"stat -c %a {BIN}/qmail-queue").stdout == "755\n", "a program of theirs becomes no setuid one"
    host.sh(f"cp {BIN}/qmail-queue.new {BIN}/qmail-queue")
    assert install(host).stdout == ""
    step(host, "accounts")
    assert host.sh(f"stat -c '%U %a' {BIN}/qmail-queue; ls {BIN}/*.new").stdout == f"qmailq 4711\n{BIN}/qmail-remote.new\n"


def test_what_was_there_before_us_is_kept_aside(host):
    host.sh(f"rm {BIN}/.shipped; echo old > {BIN}/qmail-queue; chmod 4711 {BIN}/qmail-queue; echo other > {BIN}/qmail-showmbx")
    ship(host, "new")
    host.sh("rm /tmp/new/qmail-showmbx /tmp/new/qmail-queue; cp /usr/bin/true /tmp/new/qmail-queue")
    done = install(host)
    assert done.returncode == 0 and f"what was in {BIN} and not from us is kept in {BIN}.before: " in done.stdout
    assert " qmail-queue" in done.stdout and "qmail-setup " not in done.stdout.split(":")[2]
    assert host.sh(f"cat {BIN}.before/qmail-queue; stat -c %a {BIN}.before {BIN}.before/qmail-queue").stdout == "old\n700\n711\n"
    assert host.sh(f"cmp {BIN}/qmail-queue /usr/bin/true; cat {BIN}/qmail-showmbx; stat -c '%U %a' {BIN}/qmail-queue").stdout == \
        "other\nqmailq 4711\n"
    assert install(host).stdout == ""


def test_an_edited_qmailctl_is_kept_aside_and_said(host):
    for edit in ("first", "second"):
        host.sh(f"echo '# {edit}' >> {BIN}/qmailctl")
        ship(host, "newer")
        host.sh("sed -i '/^# /d; s/newer//' /tmp/new/qmailctl; sed -i '1a #' /tmp/new/qmailctl")
        done = install(host)
        assert done.stdout == f"qmail-setup: what was in {BIN} and not from us is kept in {BIN}.before: qmailctl\n"
        assert f"# {edit}" not in host.read(f"{BIN}/qmailctl").decode()
        assert host.read(f"{BIN}.before/qmailctl").decode().endswith(f"# {edit}\n")
    assert "# first" in host.sh(f"cat {BIN}.before/qmailctl.~1~").stdout


def test_what_an_interrupted_installation_left_is_not_taken(host):
    host.sh(f"echo half > {BIN}/qmail-queue.tmp")
    ship(host, "more")
    host.sh(f"cp {BIN}/qmail-queue /tmp/new/")
    assert install(host).returncode == 0
    assert host.sh(f"cmp {BIN}/qmail-queue /tmp/new/qmail-queue; stat -c %a {BIN}/qmail-queue").stdout == "4711\n"


# ---- the run files ----

def test_no_rcpthosts_no_smtp(host):
    host.sh("rm /var/qmail/control/rcpthosts")
    done = host.sh("/var/qmail/supervise/qmail-smtpd/run", check=False)
    assert done.returncode == 1
    assert done.stdout == ("No /var/qmail/control/rcpthosts!\n"
                           "Refusing to start SMTP listener because it'll create an open relay\n")


@pytest.mark.parametrize("file, text", [("concurrencyincoming", ""), ("concurrencyincoming", "many"),
                                        ("concurrencyincoming", "0"), ("me", "")])
def test_smtp_without_its_numbers(host, file, text):
    host.control(file, text + "\n")
    done = host.sh("/var/qmail/supervise/qmail-smtpd/run", check=False)
    assert done.returncode == 1
    assert done.stdout == "QMAILDUID, NOFILESGID, MAXSMTPD, or LOCAL is unset in\n/var/qmail/supervise/qmail-smtpd/run\n"


def test_the_command_lines_of_the_services(host):
    for name in ("tcpserver", "qmail-start", "multilog"):
        host.write(f"/var/qmail/bin/{name}", '#!/bin/sh\nfor word; do printf "%s|" "$word"; done\n', mode=0o755)
    host.sh("sed -i 's|setuidgid qmaill multilog|/var/qmail/bin/multilog|' /var/qmail/supervise/*/log/run")
    host.control("concurrencyincoming", "33\n")
    host.control("defaultdelivery", "|dot-forward .forward\n./Mailbox\n")
    uid, gid = host.sh("id -u qmaild; id -g qmaild").stdout.split()
    run = lambda service: host.sh(f"cd /var/qmail/supervise/{service} && ./run").stdout
    assert run("qmail-smtpd") == (f"-v|-R|-H|-l|mail.example.org|-x|/etc/tcp.smtp.cdb|-c|33|-u|{uid}|-g|{gid}|"
                                  "-b|128|-D|0|25|qmail-smtpd|")
    assert run("qmail-pop3d") == ("-v|-R|-H|-l|0|-x|/etc/tcp.pop3.cdb|-c|40|-b|128|-D|0|110|qmail-popup|mail.example.org|"
                                  "checklogin|qmail-pop3d|Maildir|")
    assert run("qmail-submission") == (f"-v|-R|-H|-l|mail.example.org|-x|/etc/tcp.submission.cdb|-c|40|-u|{uid}|-g|{gid}|"
                                       "-b|128|-D|0|587|qmail-smtpd|")
    assert run("qmail-odmr") == (f"-v|-R|-H|-l|mail.example.org|-x|/etc/tcp.odmr.cdb|-c|40|-u|{uid}|-g|{gid}|"
                                 "-b|128|-D|0|366|qmail-smtpd|")
    assert run("qmail-submissions").endswith("|465|qmail-tls|-p|smtp|qmail-smtpd|")
    assert run("qmail-send") == "|dot-forward .forward\n./Mailbox|"
    assert run("qmail-send/log") == "t|s1000000|n20|/var/log/qmail/qmail-send|"
    host.sh("rm /var/qmail/control/defaultdelivery")
    assert run("qmail-send") == "./Maildir/|"
    host.write("/var/qmail/rc", "#!/bin/sh\necho the site starts itself\n", mode=0o755)
    assert run("qmail-send") == "the site starts itself\n"


@pytest.mark.skipif("SANITIZE" in os.environ, reason="the sanitizer itself needs more memory")
def test_memory_limits_are_files(host):
    host.write("/var/qmail/bin/tcpserver", "#!/bin/sh\nulimit -v\n", mode=0o755)
    run = "cd /var/qmail/supervise/qmail-smtpd && ./run"
    host.write("/var/qmail/supervise/qmail-smtpd/env/MEMORY", "204800000\n")
    assert host.sh(run).stdout == "200000\n"
    host.sh("rm /var/qmail/supervise/qmail-smtpd/env/MEMORY")
    assert host.sh(run).stdout == "unlimited\n"


# ---- start and show, with all programs ----

@pytest.fixture
def whole(host):
    missing = host.sh("cd /var/qmail/bin && ls qmail-start qmail-send qmail-smtpd qmail-queue qmail-local >/dev/null", check=False)
    assert missing.returncode == 0, "this test needs all programs: " + missing.stderr
    return host


def scans(host):
    return host.sh("pgrep -xc svscan || :").stdout.strip()


def test_start_survives_the_shell_and_is_not_started_twice(whole):
    done = step(whole, "start")
    assert done.returncode == 0, done
    assert "starting svscan /service" in done.stdout and "no systemd here" in done.stdout
    assert scans(whole) == "1"
    again = step(whole, "start")
    assert again.returncode == 0 and "is being scanned already" in again.stdout
    assert scans(whole) == "1"
    assert whole.sh("qmailctl stat", check=False).returncode == 0


def test_start_after_a_new_installation_runs_the_new_program(whole):
    step(whole, "start")
    whole.sh("cd /var/qmail/bin && cp -p qmail-send x && mv x qmail-send")
    done = step(whole, "start")
    assert done.returncode == 0 and "* Restarting qmail-send." in done.stdout
    assert "qmail-smtpd." not in done.stdout
    assert whole.sh("qmailctl outdated").stdout == ""


def test_start_takes_debians_directory_when_only_that_is_there(whole):
    whole.sh("rm -rf /service; mkdir /etc/service")
    assert step(whole, "start").returncode == 0
    assert whole.sh("ls /etc/service").stdout.split() == ["qmail-auth", "qmail-limits", "qmail-odmr", "qmail-pop3d", "qmail-pop3s", "qmail-primary", "qmail-qmqpd", "qmail-qmtpd", "qmail-queue", "qmail-send", "qmail-serial", "qmail-smtpd",
                                                               "qmail-sts", "qmail-submission", "qmail-submissions", "qmail-tls",
                                                               "qmail-users"]


def test_start_tells_where_inittab_is_the_way(whole):
    whole.write("/etc/inittab", "id:2:initdefault:\n")
    assert "add to /etc/inittab: SV:123456:respawn:" in step(whole, "start").stdout


# What sets no_new_privs, perhaps only in a container, or gives the service a file system of its own.
AGAINST_SETUID_AND_HOMES = ("NoNewPriv", "SystemCall", "Restrict", "LockPers", "MemoryDeny", "Protect", "Private", "User=")


def test_start_under_systemd(whole):
    whole.sh("mkdir -p /run/systemd/system")
    fake(whole, "systemctl", "case $* in *enable*) setsid svscan /service </dev/null >/dev/null 2>&1 & esac")
    done = step(whole, "start")
    assert done.returncode == 0, done
    assert calls(whole) == ["systemctl daemon-reload", "systemctl enable --now mailtree-svscan.service"]
    unit = whole.read("/etc/systemd/system/mailtree-svscan.service").decode()
    assert "ExecStart=/usr/bin/svscan /service\n" in unit and "ExecStop=/var/qmail/bin/qmailctl stop\n" in unit
    assert "WantedBy=multi-user.target" in unit
    assert not [line for line in unit.splitlines() if line.startswith(AGAINST_SETUID_AND_HOMES)]
    if whole.sh("command -v systemd-analyze", check=False).returncode == 0:
        said = whole.sh("systemd-analyze verify /etc/systemd/system/mailtree-svscan.service 2>&1", check=False)
        assert (said.returncode, said.stdout) == (0, "")


def test_show_follows_one_message(whole):
    step(whole, "start")
    done = step(whole, "show")
    assert done.returncode == 0, done
    said = done.stdout
    assert "==> /var/qmail/alias/Maildir/new/" in said and "Subject: mail works on mail.example.org" in said
    way = said.split("==> its way")[1]
    for line in ("qmail-smtpd: accepted from 127.0.0.1", "new msg ", "info msg ",
                 "to local postmaster@mail.example.org", ": success: ", "end msg "):
        assert line in way, line
    assert "qmailctl stat" in said


def test_show_where_postmaster_reads_elsewhere(whole):
    whole.user("joe")
    whole.write("/var/qmail/alias/.qmail-postmaster", "&joe\n")
    step(whole, "start")
    done = step(whole, "show")
    assert done.returncode == 0, done
    assert ".qmail-postmaster was changed here" in done.stdout
    assert eventually(lambda: whole.maildir("joe"))


def test_show_is_honest_when_mail_does_not_arrive(whole):
    step(whole, "start")
    whole.sh("svc -d /service/qmail-smtpd")
    done = step(whole, "show")
    assert done.returncode == 111
    assert "nobody greets on port 25; the last lines of the logs:" in done.stderr
    assert "tcpserver: status" in done.stderr


def test_show_is_honest_when_mail_is_refused(whole):
    whole.control("rcpthosts", "elsewhere.example\n")
    whole.write("/etc/tcp.smtp", ":allow\n")
    whole.sh("qmailctl cdb")
    step(whole, "start")
    done = step(whole, "show")
    assert done.returncode == 111
    assert "the server said: 5" in done.stderr and "the message was not accepted" in done.stderr
