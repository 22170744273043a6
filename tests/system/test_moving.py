"""The README's chapter on moving from an old qmail, in place, from its first step to its last."""

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
