"""What the running programs have given up, and that nobody misses it (confine.h)."""

import re
import subprocess

import pytest

from tests.host import eventually

CONFINED = ("qmail-clean", "qmail-queued", "qmail-remote", "qmail-pop3d", "qmail-smtpd", "qmail-send", "qmail-rspawn")
# These run the programs of others.
NOT_CONFINED = ("qmail-lspawn", "qmail-popup")


def statuses(host, program):
    """(NoNewPrivs, Seccomp) of each process of that name."""
    text = host.sh(f"for p in $(pgrep -x {program}); do grep -hE '^(NoNewPrivs|Seccomp):' /proc/$p/status; done", check=False).stdout
    return re.findall(r"NoNewPrivs:\s(\d)\nSeccomp:\s(\d)", text)


def mail(host, to):
    host.run(["qmail-inject", to], input=b"Subject: confined\n\nhello\n", user="joe")


@pytest.fixture
def busy(hosts):
    """A host with joe, who has an open POP3 session, and an agent that has just delivered to the other host."""
    here, there = hosts("here.example", "there.example")
    here.user("joe", "secret")
    there.user("ann")
    there.start()
    here.start()
    mail(here, "joe@here.example")
    mail(here, "ann@there.example")
    assert eventually(lambda: here.maildir("joe") and there.maildir("ann"), 20)
    here.client = here.popen(["sh", "-c", "(printf 'USER joe\\r\\nPASS secret\\r\\n'; sleep 60) | "
                              "bash -c 'exec 3<>/dev/tcp/127.0.0.1/110; cat >&3'"])
    here.sender = here.popen(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/25; cat >&3"], stdin=subprocess.PIPE)
    assert eventually(lambda: statuses(here, "qmail-pop3d") and statuses(here, "qmail-smtpd"))
    yield here
    for client in (here.client, here.sender):
        client.kill()
        client.wait()


def test_who_is_confined(busy):
    # It looks again from time to time where it was up before the service that takes its bounces.
    assert eventually(lambda: set(statuses(busy, "qmail-send")) == {("1", "2")}, 50)
    # Meanwhile the agent may have had nothing to do, and ended.
    mail(busy, "ann@there.example")
    for program in CONFINED:
        found = eventually(lambda: statuses(busy, program))
        assert found and set(found) == {("1", "2")}, (program, found)
    assert len(statuses(busy, "qmail-queued")) == 21
    for program in NOT_CONFINED:
        assert set(statuses(busy, program)) <= {("0", "0")}, program
    assert "unable to confine" not in busy.log("qmail-queue") + busy.log("qmail-send")


# ---- a session of qmail-smtpd ----

# An SMTP session on the lines of its input: "DATA n" is a message of n bytes. Says each answer's first word.
SESSION = r"""
import smtplib, sys
c = smtplib.SMTP("127.0.0.1", 25, timeout=60)
c.ehlo("x")
for line in sys.stdin:
    verb, _, rest = line.strip().partition(" ")
    if verb == "DATA":
        c.docmd("MAIL FROM:<s@example.net>"); c.docmd("RCPT TO:<joe@mail.example.org>")
        code, text = c.data("Subject: x\n\n" + ("x" * 71 + "\n") * (int(rest) // 72))
    else:
        code, text = c.docmd(line.strip())
    print(code, flush=True)
"""


@pytest.fixture
def session(host):
    host.user("joe")
    host.start()
    client = host.popen(["/usr/bin/python3", "-c", SESSION], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(line):
        client.stdin.write(line + "\n")
        client.stdin.flush()
        return int(client.stdout.readline())

    assert say("NOOP") == 250
    assert set(statuses(host, "qmail-smtpd")) == {("1", "2")}
    yield say
    client.kill()
    client.communicate()


def test_a_confined_session_takes_mail_of_any_size(host, session):
    assert session("DATA 300") == 250
    assert session("DATA 1000000") == 250
    assert eventually(lambda: sorted(len(m) > 900000 for m in host.maildir("joe")) == [False, True], 20), host.log("qmail-send")
    assert not host.sh("pgrep -x qmail-queue", check=False).stdout


def test_a_confined_session_knows_who_is_here(host, session):
    assert session("MAIL FROM:<s@example.net>") == 250
    assert session("RCPT TO:<joe@mail.example.org>") == 250
    assert session("RCPT TO:<joe-unknown@mail.example.org>") == 550
    assert session("RCPT TO:<nobody-at-all@mail.example.org>") == 550


def test_a_confined_session_waits_for_a_queue_that_is_restarted(host, session):
    host.sh("svc -t /service/qmail-queue")
    assert session("DATA 300") == 250
    host.sh("svc -d /service/qmail-queue")
    assert eventually(lambda: not statuses(host, "qmail-queued"))
    assert session("DATA 300") == 451
    assert session("DATA 1000000") == 451
    host.sh("svc -u /service/qmail-queue")
    assert eventually(lambda: statuses(host, "qmail-queued"))
    assert session("DATA 1000000") == 250
    assert eventually(lambda: len(host.maildir("joe")) == 2, 20)


@pytest.mark.parametrize("variable", ('QMAILQUEUE="/bin/true"', 'SMTPD_XCLIENT="127.0.0.1"'))
def test_who_may_need_a_program_of_the_site_is_not_confined(host, variable):
    host.sh(f"echo ':allow,{variable}' > /etc/tcp.smtp && qmailctl cdb")
    host.start()
    client = host.popen(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/25; head -n 1 <&3; cat >&3"],
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert client.stdout.readline().startswith(b"220 ")
    assert statuses(host, "qmail-smtpd") == [("0", "0")]
    client.kill()
    client.communicate()


# ---- a kernel that knows nothing of it ----

OLD_KERNEL = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=landlock_create_ruleset,seccomp", "-e",
              "inject=landlock_create_ruleset:error=ENOSYS", "-e", "inject=seccomp:error=EINVAL"]


def test_without_landlock_and_seccomp_mail_goes_as_before(host):
    host.user("joe")
    host.start("qmail-queue", "qmail-send", under=OLD_KERNEL)
    mail(host, "joe@mail.example.org")
    assert eventually(lambda: host.maildir("joe"), 20)
    for program, service in (("qmail-queued", "qmail-queue"), ("qmail-clean", "qmail-send")):
        assert host.log(service).count(f"{program}: warning: unable to confine itself by ") == 1, host.log(service)
        assert {seccomp for _, seccomp in statuses(host, program)} == {"0"}


# ---- what a site may have arranged ----

def arrange_links(host):
    """The queue on another disk, control/ in /etc, and a file of it made by something else."""
    host.sh("""
      mkdir -p /srv/mail /etc/qmail /etc/elsewhere
      mv /var/qmail/queue /srv/mail/queue && ln -s /srv/mail/queue /var/qmail/queue
      mv /var/qmail/control /etc/qmail/control && ln -s /etc/qmail/control /var/qmail/control
      mv /etc/qmail/control/me /etc/elsewhere/mailname && ln -s /etc/elsewhere/mailname /etc/qmail/control/me
      echo copy@mail.example.org > /etc/elsewhere/extra && ln -s ../../elsewhere/extra /etc/qmail/control/queueextra""")


def test_links_in_the_installation_are_followed(host):
    arrange_links(host)
    for name in ("joe", "copy", "other"):
        host.user(name)
    host.start("qmail-queue", "qmail-send")
    mail(host, "joe@mail.example.org")
    assert eventually(lambda: host.maildir("joe") and host.maildir("copy"), 20)
    assert eventually(lambda: not host.in_queue()), "qmail-clean did not remove it"
    # As editors do it, and without a word to qmail-queued.
    host.sh("echo other@mail.example.org > /etc/elsewhere/new && mv /etc/elsewhere/new /etc/elsewhere/extra")
    mail(host, "joe@mail.example.org")
    assert eventually(lambda: len(host.maildir("joe")) == 2 and host.maildir("other"), 20)
    assert len(host.maildir("copy")) == 1


def test_an_agent_sees_new_controls_and_resolver(hosts):
    here, there = hosts("here.example", "there.example")
    here.user("joe")
    there.user("ann")
    arrange_links(here)
    here.sh("rm /var/qmail/control/queueextra; mkdir /etc/resolver && mv /etc/resolv.conf /etc/resolver/one && "
            "ln -s resolver/one /etc/resolv.conf")
    there.start()
    here.start("qmail-queue", "qmail-send")
    for helo in ("one.example", "two.example", "three.example"):
        here.sh(f"echo {helo} > /etc/elsewhere/helo.new && mv /etc/elsewhere/helo.new /etc/elsewhere/helo && "
                "ln -sf ../../elsewhere/helo /var/qmail/control/helohost && "
                "cp /etc/resolver/one /etc/resolver/new && mv /etc/resolver/new /etc/resolver/one")
        mail(here, "ann@there.example")
        assert eventually(lambda: any(b"HELO " + helo.encode() in m for m in there.maildir("ann")), 20), \
            here.log("qmail-send")
