"""qmailctl backup, restore: one host becomes another; nothing that was acknowledged is missing from the copy."""

import re
import subprocess

import pytest

from tests.host import eventually
from tests.vdomains.conftest import VIRTUAL, state

COPY = "/root/mail.tar.gz"


@pytest.fixture
def two(hosts):
    old, new = hosts("old.example", "new.example")
    new.user("somebody")                       # so that joe's number is another one there
    for host in old, new:
        host.user("joe")
        host.user("ann")
    return old, new


def ctl(host, words, code=0):
    done = host.sh(f"/var/qmail/bin/qmailctl {words}", check=False)
    assert done.returncode == code, done
    return done.stdout + done.stderr


def carry(old, new):
    new.write(COPY, old.read(COPY), mode=0o600)


def subjects(messages):
    return [re.search(rb"^Subject: (.*)$", message, re.M)[1].decode() for message in messages]


def test_one_host_becomes_another(two):
    old, new = two
    ids = {host: host.sh("id -u joe; id -g joe").stdout.split() for host in two}
    assert ids[old] != ids[new]
    old.start()
    old.sh("echo secret | vadddomain example.net && echo secret | vadduser joe@example.net")
    old.sh(f"printf '=sales:joe:{ids[old][0]}:{ids[old][1]}:/home/joe:::\\n' | cat - /var/qmail/users/assign > /tmp/a && "
           "cat /tmp/a > /var/qmail/users/assign && qmail-newu")
    old.write("/etc/tcp.smtp", '10.9.:allow,RELAYCLIENT=""\n')
    old.write("/var/qmail/supervise/qmail-smtpd/env/DATABYTES", "7000000")
    old.write("/var/qmail/supervise/qmail-pop3d/run", "#!/bin/sh\nexec tcpserver -v -R -H -l 0 0 pop3 cat\n", mode=0o755)
    old.sh("qmailctl cdb; chmod +t ~ann; echo 'Subject: waits' | sendmail ann; echo 'Subject: hello' | sendmail joe@example.net")
    assert eventually(lambda: old.sh(f"ls {VIRTUAL}/example.net/joe/Maildir/new").stdout), old.log("qmail-send")
    assert "1 messages of the queue" in ctl(old, f"backup {COPY}"), old.log("qmail-send")
    assert old.sh(f"stat -c %a {COPY}; ls /root").stdout.split() == ["600", "mail.tar.gz"], "nothing lies beside it"

    new.start()
    carry(old, new)
    said = ctl(new, f"restore {COPY}")
    assert "what was old.example" in said
    assert new.read("/var/qmail/control/me") == b"old.example\n"
    assert f"=sales:joe:{ids[new][0]}:{ids[new][1]}:/home/joe:::" in state(new)["users/assign"]
    assert b'10.9.:allow' in new.read("/etc/tcp.smtp") and b"10.9." in new.read("/etc/tcp.smtp.cdb")
    assert new.read("/var/qmail/supervise/qmail-smtpd/env/DATABYTES") == b"7000000"
    assert b" pop3 cat" in new.read("/var/qmail/supervise/qmail-pop3d/run"), "the site's own"
    assert not new.sh(f"find {VIRTUAL}/example.net -path '*/new/*'").stdout, "without their mail"
    assert new.sh(f"stat -c %U:%a {VIRTUAL}/example.net/vpasswd").stdout == old.sh(f"stat -c %U:%a {VIRTUAL}/example.net/vpasswd").stdout
    assert new.sh("cat /var/qmail/before-restore.*/control/me").stdout == "new.example\n"
    new.sh("echo 'Subject: to sales' | sendmail sales; echo 'Subject: again' | sendmail joe@example.net")
    assert eventually(lambda: subjects(new.maildir("ann")) == ["waits"] and subjects(new.maildir("joe")) == ["to sales"]), new.log("qmail-send")
    assert eventually(lambda: new.sh(f"cat {VIRTUAL}/example.net/joe/Maildir/new/*", check=False).stdout.count("Subject: again\n") == 1)
    assert new.sh("ls -d /var/qmail/restore.tmp", check=False).returncode


def test_a_domain_that_cannot_be_made_is_told(two):
    old, new = two
    old.start()
    old.sh("echo secret | vadddomain example.net")
    ctl(old, f"backup {COPY}")
    new.start()
    carry(old, new)
    new.sh(f"chown root {VIRTUAL}; chmod 755 {VIRTUAL}")
    said = ctl(new, f"restore {COPY}", code=111)
    assert f"unable to make {VIRTUAL}/example.net" in said and "restored, but for what the warnings name" in said


def test_with_their_mail(two):
    old, new = two
    old.start()
    old.sh("echo secret | vadddomain example.net && echo secret | vadduser joe@example.net; echo 'Subject: hello' | sendmail joe@example.net")
    assert eventually(lambda: old.sh(f"ls {VIRTUAL}/example.net/joe/Maildir/new").stdout), old.log("qmail-send")
    ctl(old, f"backup -m {COPY}")
    new.start()
    carry(old, new)
    ctl(new, f"restore {COPY}")
    assert "Subject: hello" in new.sh(f"cat {VIRTUAL}/example.net/joe/Maildir/new/*").stdout


def test_under_load_a_message_or_what_it_became_is_in_the_copy(two):
    """Each message to joe becomes another one, to ann, and ends."""
    old, new = two
    old.write("/home/joe/.qmail", "&ann\n", owner="joe")
    old.sh("chmod +t ~ann")
    old.start()
    load = old.popen(["python3", "-c", LOAD], stdout=subprocess.PIPE)
    assert eventually(lambda: old.sh("ls /tmp/acknowledged", check=False).stdout)
    assert eventually(lambda: int(old.read("/tmp/acknowledged") or 0) > 100, 30)
    before = int(old.read("/tmp/acknowledged"))
    ctl(old, f"backup {COPY}")
    old.write("/tmp/enough", "")
    assert load.wait(30) == 0
    assert "paused" not in old.sh("svstat /service/qmail-send").stdout
    new.start()
    carry(old, new)
    ctl(new, f"restore {COPY}")
    wanted = {f"number {i}" for i in range(before)}
    assert eventually(lambda: wanted <= set(subjects(new.maildir("ann"))), 60), wanted - set(subjects(new.maildir("ann")))


LOAD = """
import os, smtplib
s = smtplib.SMTP("127.0.0.1", 25)
n = 0
while not os.path.exists("/tmp/enough"):
    s.sendmail("ann@old.example", "joe@old.example", f"Subject: number {n}\\r\\n\\r\\n")
    n += 1
    open("/tmp/aside", "w").write(str(n))
    os.rename("/tmp/aside", "/tmp/acknowledged")
"""


def test_it_goes_on_after_a_copy_that_fails(host):
    host.start()
    host.sh("mount -t tmpfs -o size=64k tmpfs /mnt")
    assert "unable to" in ctl(host, "backup /mnt/mail.tar.gz", code=111)
    assert host.sh("ls /mnt").stdout == "" and "paused" not in host.sh("svstat /service/qmail-send").stdout


@pytest.mark.parametrize("place", ["/home/joe", "/srv/shared"])
def test_it_is_not_written_where_others_may_put_a_link(host, place):
    host.user("joe")
    host.start()
    host.sh("mkdir -m 777 /srv/shared")
    assert "others may write in" in ctl(host, f"backup {place}/mail.tar.gz", code=100)
    assert "mail" not in host.sh(f"ls {place}").stdout.replace("Maildir", "")
    ctl(host, "backup /tmp/mail.tar.gz")


@pytest.mark.parametrize("spoil, says", [
    ("head -c 3000 /root/whole > {}", "is damaged"),
    ("tar -czf {} -C / etc/hosts", "is not of qmailctl backup"),
    ("mkdir -p /tmp/t/etc; cd /tmp/t; gzip -d < /root/whole > t.tar; echo x > etc/shadow; tar -rf t.tar etc/shadow; gzip < t.tar > {}", "has etc/shadow"),
    ("mkdir -p /tmp/t; cd /tmp/t; gzip -d < /root/whole > t.tar; echo x > y; tar -rPf t.tar --transform s,y,var/qmail/control/../../../etc/y, y; gzip < t.tar > {}",
     "has var/qmail/control/../"),
], ids=["cut", "strange", "more", "dots"])
def test_a_wrong_file_changes_nothing(host, spoil, says):
    host.start()
    ctl(host, "backup /root/whole")
    host.sh(spoil.format(COPY))
    before = state(host)
    assert says in ctl(host, f"restore {COPY}", code=100)
    assert state(host) == before and ": up " in host.sh("svstat /service/qmail-send").stdout


def test_what_waits_here_is_a_reason_not_to_begin(host):
    host.start()
    ctl(host, f"backup {COPY}")
    host.user("ann")
    host.sh("chmod +t ~ann; echo hello | sendmail ann")
    assert "1 messages wait in the queue here" in ctl(host, f"restore {COPY}", code=111)
    ctl(host, f"restore -f {COPY}")
    assert host.sh("find /var/qmail/before-restore.*/queue/mess -type f").stdout.count("\n") == 1


def test_what_comes_while_it_is_unpacked_is_a_reason_to_stop(host):
    host.start()
    ctl(host, f"backup {COPY}")
    host.user("ann")
    host.sh("chmod +t ~ann")
    host.write("/var/qmail/bin/tar", "#!/bin/sh\n[ $1 != -xpzf ] || echo hello | sendmail ann\nexec /bin/tar \"$@\"\n", mode=0o755)
    before = state(host)
    assert "1 messages wait in the queue here" in ctl(host, f"restore {COPY}", code=111)
    assert state(host) == before and host.sh("ls -d /var/qmail/before-restore.*", check=False).stdout == ""
    assert eventually(lambda: ": up " in host.sh("svstat /service/qmail-send").stdout)
    assert host.in_queue() == 1


def test_services_that_do_not_run_are_copied_too(host):
    host.user("ann")
    host.sh("echo hello | sendmail ann")
    assert "1 messages" in ctl(host, f"backup {COPY}")
    holder = host.popen(["flock", "/var/qmail/queue/lock/sendmutex", "sleep", "60"])
    assert eventually(lambda: "not as a service" in host.sh(f"qmailctl backup {COPY}", check=False).stderr)
    holder.kill()


def test_mailing_lists_come_along(two):
    old, new = two
    old.start()
    for host in two:
        host.sh("install -d -o joe /srv/lists")
    old.sh("ezmlm-make ~alias/sos ~alias/.qmail-sos sos old.example; "
           "setpriv --reuid joe --regid joe --clear-groups ezmlm-make /srv/lists/poems ~joe/.qmail-poems poems old.example; "
           "ln -s /srv/lists/poems/editor ~alias/.qmail-poems")
    old.write("/etc/ezmlm/de/text/info", "Wir.\n")
    ctl(old, f"backup {COPY}")
    new.start()
    carry(old, new)
    ctl(new, f"restore {COPY}")
    for place in ("/var/qmail/alias/sos/key", "/srv/lists/poems/key", "/etc/ezmlm/de/text/info"):
        assert new.read(place) == old.read(place)
    assert new.sh("stat -c '%U %a' /var/qmail/alias/sos/key /srv/lists/poems /srv/lists/poems/key").stdout.split() == [
        "alias", "600", "joe", "700", "joe", "600"]
    assert new.sh("readlink ~alias/.qmail-sos-default").stdout == "/var/qmail/alias/sos/manager\n"


def test_what_waits_for_hosts_that_are_not_there_comes_along(two):
    old, new = two
    for host in two:
        host.sh("useradd -r -M -d /var/qmail/serialmail serialmail")
    old.sh("cd /var/qmail && mkdir -p serialmail/dial.example serialmail/none && cd serialmail/dial.example && echo dial.example > RELAYHOST && "
           "chown serialmail: . && setuidgid serialmail maildirmake Maildir && echo letter > Maildir/new/1 && chown serialmail: Maildir/new/1; "
           "ln -s dial.example ../link; chmod 755 . ..")
    old.start()
    ctl(old, f"backup {COPY}")
    new.start()
    carry(old, new)
    ctl(new, f"restore {COPY}")
    assert new.sh("cd /var/qmail/serialmail; ls; cat */RELAYHOST */Maildir/new/1; stat -c '%U %a' . * */Maildir/new/1").stdout.split() == [
        "dial.example", "dial.example", "letter", "root", "755", "serialmail", "755", "serialmail", "644"]
    assert "is there already" in ctl(new, f"restore {COPY}")


def test_a_domain_whose_account_is_not_here_is_a_reason_not_to_begin(two):
    """Its number may be somebody else's: he would have its users and its mail. With -f the rest comes, and its mail waits."""
    old, new = two
    for host, name in (old, "shop"), (new, "other"):
        host.sh(f"useradd -m -u 4711 {name}")
    old.start()
    old.sh("echo secret | vadddomain example.net && echo secret | vadddomain -i 4711 -g 4711 -d /home/shop shop.example")
    ctl(old, f"backup {COPY}")
    new.start()
    carry(old, new)
    said = ctl(new, f"restore {COPY}", 111)
    assert "accounts that are not here: shop; make them (useradd)" in said and "nothing was changed" in said
    assert new.read("/var/qmail/control/me") == b"new.example\n" and new.sh("ls -d /var/qmail/before-restore*", check=False).returncode
    said = ctl(new, f"restore -f {COPY}", 111)
    assert "no account here to own /home/shop/domains/shop.example" in said and "unable to make" not in said
    assert new.sh("find / -xdev -path /proc -prune -o -user other -path '*shop*' -print").stdout == ""
    assert new.sh(f"ls {VIRTUAL}").stdout == "example.net\n"
    new.sh("echo 'Subject: x' | sendmail postmaster@shop.example")
    assert eventually(lambda: "deferral: " in new.log("qmail-send")), new.log("qmail-send")


def test_with_the_account_the_domain_comes(two):
    old, new = two
    for host, number in (old, 4711), (new, 4712):
        host.sh(f"useradd -m -u {number} shop")
    new.sh("useradd -u 4711 other")
    old.start()
    old.sh("echo secret | vadddomain -i 4711 -g 4711 -d /home/shop shop.example")
    ctl(old, f"backup {COPY}")
    new.start()
    carry(old, new)
    ctl(new, f"restore {COPY}")
    assert new.sh("stat -c %U /home/shop/domains/shop.example/vpasswd").stdout == "shop\n"
    assert "+shop.example-:shop.example:4712:4712:/home/shop/domains/shop.example:-::" in state(new)["users/assign"]


def test_what_belongs_to_an_account_that_is_not_here_is_nobody_s(two):
    old, new = two
    for host, name in (old, "lists"), (new, "other"):
        host.sh(f"useradd -u 4711 {name}; install -d -o {name} /srv/lists")
    old.sh("cd /; setuidgid lists ezmlm-make /srv/lists/poems /srv/lists/.qmail-poems poems old.example; ln -s /srv/lists/poems/editor ~alias/.qmail-poems")
    old.start()
    ctl(old, f"backup {COPY}")
    new.start()
    carry(old, new)
    assert "no account here to own /srv/lists/poems" in ctl(new, f"restore {COPY}", 111)
    assert new.sh("ls -A /srv/lists").stdout == ""
