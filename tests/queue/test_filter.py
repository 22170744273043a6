"""qmail-filter: programs in a row before the queue: what each gets, what becomes of what it says, and of one that is in trouble."""

import os
import re
import subprocess
import time

import pytest

from tests.host import eventually
from tests.host.machine import TOP
from tests.queue.queue_files import mess_files, only
from tests.queue.test_queue import ENVELOPE, feed

PROGRAM = "/var/qmail/bin/qmail-filter"
BODY = b"Subject: x\n\nbody\n"
LARGE = b"Subject: x\n\n" + b"x" * 99 * 1000 + b"\n" + bytes(range(1, 256)) * 4000
ADD, REFUSE = (f"/bin/sh /var/qmail/doc/filter-{name}.sh" for name in ("add-header", "refuse-content"))
NOTHING_QUEUED = []


@pytest.fixture
def joe(host):
    host.user("joe")
    return host


@pytest.fixture
def served(joe):
    joe.start("qmail-queue")
    return joe


def inject(host, message=BODY, envelope=ENVELOPE, user="joe", env=None, wrapper=(), program=PROGRAM):
    """Exit code, what is said on 6, and on 2."""
    pipes = [os.pipe() for _ in range(3)]
    (message_in, to_message), (envelope_in, to_envelope), (said, text) = pipes
    process = host.popen(["bash", "-c", f'exec "$@" 6>&{text} {text}>&-', "sh", *wrapper, program], user=user, env=env, stdin=message_in,
                         stdout=envelope_in, stderr=subprocess.PIPE, pass_fds=[text])
    for fd in (message_in, envelope_in, text):
        os.close(fd)
    feed(to_message, message)
    feed(to_envelope, envelope)
    with open(said, "rb") as f:
        verdict = f.read().decode()
    err = process.communicate(timeout=60)[1].decode()
    return process.returncode, verdict, err


def filters(host, *lines):
    host.control("filters", "".join(line + "\n" for line in lines))


def queued_text(host):
    text = only(host).text.split(b"\n", 1)[1]
    for path in mess_files(host):
        path.unlink()
    return text


# ---- what goes through ----

@pytest.mark.parametrize("lines", [[], ["cat"], ["/bin/cat", "# a comment", "", "sed ''", "tr x x"], ["cat"] * 16])
def test_what_no_filter_changes_is_queued_as_it_is(served, lines):
    filters(served, *lines)
    for body in (BODY, b"", LARGE):
        assert inject(served, body) == (0, "", "")
        message = only(served)
        assert message.of("u") == [served.sh("id -u joe").stdout.strip().encode()]
        assert queued_text(served) == body


def test_each_gets_what_the_one_before_wrote(served):
    filters(served, "sed 's/body/one/'", "sed 's/one/two/'", "{ echo 'X-Third: yes'; cat; }")
    assert inject(served) == (0, "", "")
    assert queued_text(served) == b"X-Third: yes\nSubject: x\n\ntwo\n"


def test_what_belongs_to_a_message_beyond_its_addresses_stays_with_it(served):
    filters(served, "cat")
    assert inject(served, envelope=b"Fs@e.example\0rHDRS\0Tr@example.org\0nNEVER\0\0")[0] == 0
    assert ("r", b"HDRS") in only(served).records
    for path in mess_files(served):
        path.unlink()
    served.sh("printf 'Subject: x\\n\\n' | sendmail -f joe -N never joe", user="joe", env={"QMAILQUEUE": "bin/qmail-filter"})
    assert ("n", b"NEVER") in only(served).records


def test_filters_know_the_client_but_not_the_queue(served):
    filters(served, "{ env; id -un; pwd; ls /proc/self/fd; cat; }")
    assert inject(served, env={"TCPREMOTEIP": "192.0.2.7", "QMAILQUEUE": "bin/qmail-filter"})[0] == 0
    said = queued_text(served).decode()
    assert "TCPREMOTEIP=192.0.2.7\n" in said and "QMAILQUEUE=" not in said
    assert re.search(r"\njoe\n/var/qmail\n0\n1\n2\n3\n6\nSubject", said), said


def test_no_filter_is_root(served):
    filters(served, "{ id -un; id -gn; id -Gn; cat; }")
    assert inject(served, user="root")[0] == 0
    assert queued_text(served).startswith(b"qmaild\nnofiles\nnofiles\n")


def test_another_file_of_filters(served):
    filters(served, "false")
    served.write("/var/qmail/control/filters.of.some", "cat\n")
    assert inject(served, env={"QMAILFILTERS": "control/filters.of.some"})[0] == 0
    assert inject(served, env={"QMAILFILTERS": ""})[0] == 1
    code, _, said = inject(served, env={"QMAILFILTERS": "control/none"})
    assert (code, said) == (55, "qmail-filter: warning: unable to read control/none: No such file or directory\n")
    filters(served, *["cat"] * 17)
    assert inject(served)[0] == 55


def execs(host):
    return re.findall(r'execve\("([^"]*)".* = 0$', host.read("/run/execs").decode(), re.M)


def test_no_setuid_program_is_started_where_the_service_runs(served):
    filters(served, "/bin/cat")
    trace = ["strace", "-f", "-qq", "-o", "/run/execs", "-e", "trace=execve", "-u", "joe"]
    for body in (BODY, LARGE):
        assert inject(served, body, user="root", wrapper=trace)[0] == 0
        assert [path for path in execs(served) if path[-2:] != "sh"] == [PROGRAM, "/bin/cat"]


def test_without_the_service(joe):
    filters(joe, "sed 's/body/changed/'")
    assert inject(joe) == (0, "", "")
    assert queued_text(joe) == b"Subject: x\n\nchanged\n"
    assert inject(joe, LARGE)[0] == 0 and len(list(mess_files(joe))) == 1


# ---- what is refused ----

VERDICTS = [
    # what the filters say, exit code, what is told
    (["echo 'Dno thanks (#5.7.1)' >&6; exit 82"],                82, "Dno thanks (#5.7.1)\n"),
    (["echo 'Zlater (#4.7.1)' >&6; cat >/dev/null; exit 82"],    82, "Zlater (#4.7.1)\n"),
    (["cat", "echo 'Dno (#5.7.1)' >&6; exit 82", "cat"],         82, "Dno (#5.7.1)\n"),
    (["cat; exit 31"],                                           31, ""),
    (["exit 1"],                                                 1, ""),
    (["cat", "is-not-there", "cat"],                             127, ""),
    (["cat >/dev/null; exit 99"],                                99, ""),
    (["cat; exit 31", "cat; exit 71"],                           31, ""),
    (["cat; exit 71", "grep -q 'no such line' || exit 31"],      71, ""),
    (["kill -9 $$"],                                             82, "Zmail filter crashed (#4.3.0)"),
    (["head -c 5"],                                              82, "Zmail filter did not read the whole message (#4.3.0)"),
    (["cat", "head -c 5", "cat"],                                82, "Zmail filter did not read the whole message (#4.3.0)"),
    (["exec <&-; sleep 100"],                                    82, "Zmail filter did not end in time (#4.3.0)"),
    (["cat", "cat; exec >&-; sleep 100"],                        82, "Zmail filter did not end in time (#4.3.0)"),
    (["cat & sleep 100 & wait"],                                 82, "Zmail filter did not end in time (#4.3.0)"),
]


@pytest.mark.parametrize("lines, code, told", VERDICTS, ids=lambda x: " | ".join(x) if isinstance(x, list) else None)
@pytest.mark.parametrize("body", [BODY, LARGE], ids=["small", "large"])
def test_what_is_told_of_it(served, lines, code, told, body):
    filters(served, *lines)
    served.control("timeoutfilter", "1\n" if "sleep" in "".join(lines) else "300\n")
    said = inject(served, body)
    assert said[:2] == (code, told), said
    assert list(mess_files(served)) == NOTHING_QUEUED
    refused = told.startswith("D") or code == 31
    assert bool(said[2]) == (not refused)
    assert eventually(lambda: served.sh("pgrep -x 'sleep|cat|qmail-filter' -u joe", check=False).returncode)


def test_the_log_names_the_filter(served):
    filters(served, "cat", "/bin/cat; exit 3")
    assert inject(served)[2] == "qmail-filter: warning: /bin/cat; exit 3: exit 3\n"
    filters(served, "kill -9 $$")
    assert inject(served)[2] == "qmail-filter: warning: kill -9 $$: mail filter crashed (#4.3.0)\n"


def test_one_that_writes_for_ever(served):
    served.control("databytes", "1000\n")
    filters(served, "cat", "yes")
    code, told, said = inject(served)
    assert code == 82 and told.startswith("Z") and "filters wrote too much" in said
    assert list(mess_files(served)) == NOTHING_QUEUED
    filters(served, "cat >/dev/null; head -c 1050576 /dev/zero | tr '\\0' x")
    assert inject(served)[0] == 0
    assert inject(served, env={"DATABYTES": "0"})[0] == 0


def test_a_slow_client_is_waited_for_and_a_filter_that_does_not_read_is_not(served):
    served.control("timeoutfilter", "1\n")
    for command, ends in (("cat", False), ("sleep 100", True)):
        filters(served, command)
        message_in, to_message = os.pipe()
        process = served.popen([PROGRAM], user="joe", stdin=message_in, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(message_in)
        os.write(to_message, b"Subject")
        if ends:
            assert process.wait(20) == 82
        else:
            time.sleep(2.5)
            assert process.poll() is None
            process.kill()
            process.wait()
        os.close(to_message)


@pytest.mark.parametrize("user, runs_as", [("joe", "joe"), ("root", "qmaild")])
def test_no_filter_outlives_it(served, user, runs_as):
    filters(served, "/bin/cat", "/bin/sleep 1000")
    message_in, to_message = os.pipe()
    process = served.popen([PROGRAM], user=user, stdin=message_in, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(message_in)
    assert eventually(lambda: served.sh(f"pgrep -u {runs_as} -x sleep", check=False).returncode == 0)
    served.sh("pkill -9 -x qmail-filter")
    process.wait()
    assert eventually(lambda: served.sh(f"pgrep -u {runs_as} -x 'sleep|cat'", check=False).returncode == 1)
    os.close(to_message)


@pytest.mark.parametrize("envelope", [b"", b"Fs@example.net\0", b"Fs@example.net\0Tr@example.org\0", b"F\0Tr@exam"])
def test_an_injector_that_changes_its_mind(served, envelope):
    filters(served, "cat")
    for body in (BODY, LARGE):
        assert inject(served, body, envelope)[0] == 54
        assert list(mess_files(served)) == NOTHING_QUEUED


@pytest.mark.parametrize("envelope, told", [(b"Xs@example.net\0\0", "Zqq internal bug (#4.3.0)"),
                                            (b"F" + b"a" * 1100 + b"\0\0", "Denvelope address too long for qq (#5.1.3)")])
def test_what_the_queue_says_is_told(served, envelope, told):
    filters(served, "cat")
    assert inject(served, envelope=envelope)[:2] == (82, told)


# ---- in the whole system ----

def test_what_an_smtp_client_sees(host):
    """The two that are shipped, as the page has them."""
    page = (TOP / "programs/queue/qmail-filter.8").read_text()
    lines = re.findall(r"^/bin/sh /var/qmail/doc/filter.*$", page, re.M)
    assert len(lines) == 2
    filters(host, *lines)
    host.write("/etc/tcp.smtp", re.search(r"^\.Dl (:allow,QMAILQUEUE.*)$", page, re.M)[1] + "\n")
    host.sh("qmailctl cdb")
    host.user("joe")
    host.start()
    send = "swaks --server 127.0.0.1 --to joe@mail.example.org --from a@example.net --hide-all --show-raw-text --show-time-lapse=n"
    host.sh("swaks --silent 3 --server 127.0.0.1 --to joe@mail.example.org --from a@example.net")
    assert eventually(lambda: host.maildir("joe"))
    message, = host.maildir("joe")
    assert b"\nX-Client: 127.0.0.1\n" in message
    refused = host.sh(send.split(" --hide-all")[0] + " --body 'Content-Type: x; name=a.exe'", check=False)
    assert "554 5.7.1 No programs by mail, please" in refused.stdout or "554 No programs by mail, please (#5.7.1)" in refused.stdout, refused.stdout
    assert len(host.maildir("joe")) == 1


@pytest.mark.parametrize("pattern, code", [("body", 82), ("no such thing", 0), ("(", 71)])
def test_the_filter_that_refuses_by_content(served, pattern, code):
    filters(served, f"{REFUSE} '{pattern}' 'not here (#5.7.1)'")
    assert inject(served)[:2] == (code, "Dnot here (#5.7.1)\n" if code == 82 else "")
    assert served.sh("ls /tmp/tmp.*", check=False).returncode


def test_the_filter_that_adds_a_field(served):
    filters(served, ADD)
    assert inject(served)[0] == 0 and queued_text(served) == b"X-Client: local\n" + BODY
