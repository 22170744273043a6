"""The README's chapter on moving from an old qmail, in place, from its first step to its last."""

import pytest

from tests.host import eventually
from tests.queue.test_takeover import OldQueue
from tests.system.test_make_run import machine, make_run    # noqa: F401, a fixture

OWN_RUN = "#!/bin/sh\n# ours since 2004\n"


def grow_old(host):
    """What an old qmail leaves behind when it has been stopped: its queue, its control files, run files of the admin's own."""
    make_run(host, "HOST=mx.test.example")
    host.user("joe")
    host.sh("qmailctl stop; cd /var/qmail && rm -rf bin man doc boot templates rules supervise/.shipped queue/* && "
            "mkdir -m 750 queue/mess queue/lock queue/bounce && for i in $(seq 0 22); do mkdir -p queue/mess/$i "
            "queue/info/$i queue/local/$i queue/remote/$i; done; chown -R qmailq:qmail queue; chown qmails queue/bounce")
    host.sh("printf 'joe@mx.test.example\\n' > /var/qmail/control/badmailfrom; echo hello > /var/qmail/control/smtpgreeting")
    run = "/var/qmail/supervise/qmail-smtpd/run"
    host.write(run, OWN_RUN + host.read(run).decode().partition("\n")[2], mode=0o755)
    old = OldQueue(host)
    old.todo(1001, b"Fs@example.net\0Tjoe@mx.test.example\0", message=b"Subject: from the old queue\n\nhello\n")
    old.info(1002, local=b"Tjoe@mx.test.example\0Dann@mx.test.example\0", message=b"Subject: half delivered\n\nhello\n")


def test_moving_in_place(machine):    # noqa: F811
    grow_old(machine)
    machine.sh("cp -a /var/qmail /var/qmail.before")
    make_run(machine)
    machine.sh("qmailctl doqueue")      # one of them would wait for its time
    assert eventually(lambda: len(machine.maildir("joe")) == 2, 30), machine.log("qmail-send")
    assert sorted(message.split(b"Subject: ")[1].split(b"\n")[0] for message in machine.maildir("joe")) == [
        b"from the old queue", b"half delivered"]
    assert machine.read("/var/qmail/control/badmailfrom") == b"joe@mx.test.example\n"
    assert b"ours since 2004" in machine.read("/var/qmail/supervise/qmail-smtpd/run")
    assert machine.sh("ls /var/qmail/supervise/qmail-smtpd/run.new", check=False).returncode == 0
    done = machine.sh("qmailctl check", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- a site as the guide "Life with qmail" has it: its services, run files, places of logs, aliases and limits ----

RC = """#!/bin/sh
# Log to standard output; deliver as control/defaultdelivery says.
exec env - PATH="/var/qmail/bin:$PATH" \\
qmail-start "`cat /var/qmail/control/defaultdelivery`"
"""
SEND_RUN = "#!/bin/sh\nexec /var/qmail/rc\n"
SMTPD_RUN = """#!/bin/sh
QMAILDUID=`id -u qmaild`
NOFILESGID=`id -g qmaild`
MAXSMTPD=`cat /var/qmail/control/concurrencyincoming`
LOCAL=`head -1 /var/qmail/control/me`
if [ -z "$QMAILDUID" -o -z "$NOFILESGID" -o -z "$MAXSMTPD" -o -z "$LOCAL" ]; then
    echo QMAILDUID, NOFILESGID, MAXSMTPD, or LOCAL is unset in $0
    exit 1
fi
[ -f /var/qmail/control/rcpthosts ] || { echo "No rcpthosts!"; exit 1; }
exec /usr/local/bin/softlimit -m 2000000 \\
    /usr/local/bin/tcpserver -v -R -l "$LOCAL" -x /etc/tcp.smtp.cdb -c "$MAXSMTPD" \\
        -u "$QMAILDUID" -g "$NOFILESGID" 0 smtp /var/qmail/bin/qmail-smtpd 2>&1
"""
LOG_RUN = "#!/bin/sh\nexec /usr/local/bin/setuidgid qmaill /usr/local/bin/multilog t {}\n"
OLD_PROGRAMS = ("qmail-queue", "qmail-send", "qmail-start", "qmail-lspawn", "qmail-rspawn", "qmail-local", "qmail-remote",
                "qmail-clean", "qmail-smtpd", "qmail-inject", "sendmail", "qmail-showctl", "qmail-qread", "qmail-qstat")
OLD_CTL = "#!/bin/sh\n# with our own verb, stats\nfor s in qmail-send qmail-smtpd; do svc -d /service/$s /service/$s/log; done\n"


@pytest.fixture
def life_with_qmail(machine):    # noqa: F811
    write = machine.write
    machine.sh("groupadd nofiles; useradd -g nofiles -M -d /var/qmail/alias alias; mkdir -p /var/qmail; "
               "for u in qmaild qmaill qmailp; do useradd -g nofiles -M -d /var/qmail $u; done; groupadd qmail; "
               "for u in qmailq qmailr qmails; do useradd -g qmail -M -d /var/qmail $u; done; "
               "for p in softlimit tcpserver setuidgid multilog; do ln -sf /usr/bin/$p /usr/local/bin/$p; done; "
               "cd /var/qmail && mkdir -p bin boot control users man alias queue && "
               "mkdir -p supervise/qmail-send/log supervise/qmail-smtpd/log && chmod +t supervise/qmail-*; "
               "chown alias alias; chmod 2755 alias; chgrp qmail alias; mkdir -p /var/log/qmail/smtpd; chown qmaill /var/log/qmail /var/log/qmail/smtpd")
    for name in OLD_PROGRAMS:
        write(f"/var/qmail/bin/{name}", "#!/bin/sh\necho old; exec sleep 1000\n", mode=0o755)
    machine.sh("cd /var/qmail/bin && chown qmailq qmail-queue && chmod 4711 qmail-queue; "
               "ln -s /var/qmail/bin/sendmail /usr/lib; ln -s /var/qmail/bin/sendmail /usr/sbin")
    write("/var/qmail/bin/qmailctl", OLD_CTL, mode=0o755)
    for path, text in (("rc", RC), ("supervise/qmail-send/run", SEND_RUN), ("supervise/qmail-smtpd/run", SMTPD_RUN),
                       ("supervise/qmail-send/log/run", LOG_RUN.format("/var/log/qmail")),
                       ("supervise/qmail-smtpd/log/run", LOG_RUN.format("/var/log/qmail/smtpd"))):
        write(f"/var/qmail/{path}", text, mode=0o755)
    for name, text in (("me", "mx.test.example"), ("locals", "mx.test.example"), ("rcpthosts", "mx.test.example"),
                       ("defaultdomain", "test.example"), ("plusdomain", "test.example"), ("concurrencyincoming", "20"),
                       ("defaultdelivery", "./Maildir/")):
        machine.control(name, text + "\n")
    write("/etc/tcp.smtp", '127.:allow,RELAYCLIENT=""\n')
    machine.sh("tcprules /etc/tcp.smtp.cdb /etc/tcp.smtp.tmp < /etc/tcp.smtp")
    machine.user("joe")
    machine.sh("rm ~joe/.qmail; cd /var/qmail/alias && echo '&joe' > .qmail-root && echo '&joe' > .qmail-postmaster && "
               "ln -s .qmail-postmaster .qmail-mailer-daemon && ln -s .qmail-postmaster .qmail-abuse && chmod 644 .qmail*")
    machine.sh("cd /var/qmail/queue && mkdir -m 750 mess lock && mkdir -m 700 bounce && chown qmailq:qmail . mess lock && "
               "chown qmails:qmail bounce && for i in $(seq 0 22); do mkdir -p mess/$i info/$i local/$i remote/$i; done; "
               "chown -R qmailq:qmail mess; chmod 750 .")
    old = OldQueue(machine)
    old.todo(1001, b"Fs@example.net\0Tjoe@mx.test.example\0", message=b"Subject: from the old queue\n\nhello\n")
    old.info(1002, local=b"Tjoe@mx.test.example\0Dann@mx.test.example\0", message=b"Subject: half delivered\n\nhello\n")
    machine.sh("mkdir /service && ln -s /var/qmail/supervise/* /service/")
    machine.popen(["svscan", "/service"])
    assert eventually(lambda: "old" in machine.sh("cat /var/log/qmail/current", check=False).stdout, 20)
    return machine


def test_a_life_with_qmail_site(life_with_qmail):
    site = life_with_qmail
    site.sh("/var/qmail/bin/qmailctl stop")
    assert eventually(lambda: site.sh("svstat /service/qmail-send").stdout.split()[1] == "down")
    done = make_run(site, check=False)
    shown = done.stdout
    assert done.returncode == 0, shown
    assert "its way, from the logs in /var/log/qmail/smtpd /var/log/qmail" in shown
    for words in ("qmail-smtpd: accepted from 127.0.0.1", "starting delivery", ": success: ", "end msg",
                  "/var/qmail/bin.before: ", " qmailctl", "qmail-takeover: info: took over 2 messages",
                  "with softlimit -m 2000000 no program starts"):
        assert words in shown, words + "\n" + shown
    assert b"qmail-takeover: info: took over 2 messages" in site.read("/var/log/qmail/current")
    assert site.read("/var/qmail/bin.before/qmailctl").decode() == OLD_CTL
    assert site.sh("stat -c %a /var/qmail/bin.before/qmail-queue").stdout == "711\n"

    # What was the site's still is, and is told.
    kept = {f"qmail-{s}/{f}" for s in ("send", "smtpd") for f in ("run", "log/run")}
    told = site.sh("qmailctl check", check=False)
    assert told.returncode == 0, told
    assert {line for line in told.stdout.splitlines() if "site's own" in line} == {
        f"instcheck: note: /var/qmail/supervise/{f} is this site's own; what we ship is beside it, run.new" for f in kept}
    assert site.read("/var/qmail/supervise/qmail-smtpd/run.before").decode() == SMTPD_RUN
    assert site.read("/var/qmail/rc").decode() == RC and site.read("/etc/tcp.smtp") == b'127.:allow,RELAYCLIENT=""\n'
    assert site.read("/var/qmail/alias/.qmail-root") == b"&joe\n"
    site.sh("qmailctl doqueue")
    assert eventually(lambda: len(site.maildir("joe")) == 3, 30), site.read("/var/log/qmail/current")

    # The daily verbs know where the logs are.
    assert site.sh("qmailctl logs").stdout.split() == ["/var/log/qmail", "/var/log/qmail/qmail-users", "/var/log/qmail/qmail-auth", "/var/log/qmail/qmail-limits",
                                                       "/var/log/qmail/qmail-tls", "/var/log/qmail/qmail-sts", "/var/log/qmail/qmail-primary", "/var/log/qmail/qmail-odmr", "/var/log/qmail/qmail-pop3d", "/var/log/qmail/qmail-pop3s",
                                                       "/var/log/qmail/qmail-qmqpd", "/var/log/qmail/qmail-qmtpd", "/var/log/qmail/qmail-queue", "/var/log/qmail/qmail-serial", "/var/log/qmail/smtpd",
                                                       "/var/log/qmail/qmail-submission", "/var/log/qmail/qmail-submissions"]
    for verb in ("stop", "start", "restart", "stat"):
        done = site.sh(f"qmailctl {verb}", check=False)
        assert done.returncode == 0, done
    assert "Delivered-To" in make_run(site).stdout or len(site.maildir("joe")) == 4
