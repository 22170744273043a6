"""A host that moves, every system call of qmail-import failing in turn: its files change all or none, and no message is lost."""

import subprocess

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.host.machine import eventually

pytestmark = ours_alone

CONF = "dc_other_hostnames='example.org'\ndc_relay_domains='branch.example'\ndc_smarthost='smart.example.net'\ndc_eximconfig_configtype='smarthost'\n"
PLACES = "/var/qmail/control /var/qmail/users /var/qmail/alias /etc/aliases /etc/aliases.cdb /etc/tcp.smtp"
STATE = ["control/locals", "control/rcpthosts", "control/smtproutes", "alias/.qmail-default", "alias/.qmail-root", "/etc/aliases"]
MAIL = "/var/spool/mqueue"
QF = "V8\nS<s@example.net>\nRPFD:<joe@mail.example.org>\nH??Subject: one\n.\n"
TEXT = b"Subject: one\n\nhello\n" + b"x" * 70000 + b"\n"


def run(host, under, *words):
    return host.popen([*under, "/var/qmail/bin/qmail-import", *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).wait(120)


def contents(host):
    found = {}
    for name in STATE:
        place = name if name[0] == "/" else f"/var/qmail/{name}"
        done = host.run(["cat", place], check=False)
        found[name] = done.stdout if done.returncode == 0 else None
    return found


def exists(host, *paths):
    return host.run(["ls", *paths], check=False).returncode == 0


def ends(host):
    """A child may outlive a killed parent for a moment."""
    eventually(lambda: not must.processes(host), 20)
    return must.processes(host)


def test_the_files_change_all_or_none(host, record_property):
    host.write("/etc/exim4/update-exim4.conf.conf", CONF)
    host.write("/etc/aliases", "root: joe\nbox: /var/x\n")
    host.user("joe")
    host.sh(f"mkdir /srv/kept && cp -a --parents {PLACES} /srv/kept 2>/dev/null; rm -rf /var/qmail/import; true")
    before = contents(host)

    def prepare():
        host.sh(f"rm -rf {PLACES} /var/qmail/import; cp -a /srv/kept/. /")

    def judge(code, fault):
        now, planned = contents(host), exists(host, "/var/qmail/import/plan")
        wrong = [f"exit {code}"] if code not in (0, 111) and not (fault and fault.silent) else []
        wrong += ["said done, and is not"] if code == 0 and now != after else []
        wrong += ["a part is done, and nothing tells of it"] if not planned and now not in (before, after) else []
        wrong += ends(host)
        wrong += ["a second run does not mend it"] if run(host, [], "exim") or contents(host) != after else []
        prepare()
        return wrong

    assert run(host, [], "exim") == 0
    after = contents(host)
    assert before["alias/.qmail-root"] and not after["alias/.qmail-root"] and after["control/smtproutes"] and b"# not carried" in after["/etc/aliases"]
    prepare()
    sweep(host, "qmail-import", lambda under: run(host, under, "exim"), judge, itself=True, some=60).end(record_property)


def test_a_message_is_in_one_of_the_queues(host, record_property):
    host.user("joe")
    host.sh("useradd -r -M smmta")

    def prepare():
        host.sh(f"find /var/qmail/queue/mess -type f -delete; rm -rf {MAIL}; install -d -o smmta -m 700 {MAIL}")
        host.write(f"{MAIL}/qf1", QF, owner="smmta")
        host.write(f"{MAIL}/df1", TEXT.split(b"\n\n", 1)[1], owner="smmta")

    def judge(code, fault):
        wrong = ends(host)
        found, torn = must.in_queue(host, TEXT, ["joe@mail.example.org"])
        old = exists(host, f"{MAIL}/qf1", f"{MAIL}/df1")
        wrong += torn
        wrong += [f"exit {code}"] if code not in (0, 111) and not (fault and fault.silent) else []
        wrong += ["it is lost"] if not found and not old else []
        wrong += ["said done, and is not"] if code == 0 and (not found or exists(host, f"{MAIL}/qf1")) else []
        prepare()
        return wrong

    prepare()
    sweep(host, "qmail-import --drain", lambda under: run(host, under, "sendmail", "--drain"), judge, itself=True, some=60).end(record_property)
