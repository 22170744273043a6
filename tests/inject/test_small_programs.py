"""predate, datemail, mailsubj."""

import re


def test_predate_puts_the_local_date_in_front(mail):
    for zone, offset in (("UTC", r"\+0000"), ("XXX-5:30", r"\+0530"), ("YYY3:30", "-0330"), ("ZZZ-0:00:40", r"\+0001")):
        done = mail.run(["predate", "cat"], "Subject: s\n\nbody", env={"TZ": zone})
        assert re.fullmatch(rf"Date: \d{{1,2}} [A-Z][a-z]{{2}} \d{{4}} \d\d:\d\d:\d\d {offset}\nSubject: s\n\nbody",
                            done.stdout.decode()), zone


def test_predate_ends_as_its_program(mail):
    for command, code in ((["sh", "-c", "cat >/dev/null; exit 3"], 3), (["true"], 0), (["sh", "-c", "kill -9 $$"], 111),
                          (["/nonexistent"], 111), ([], 100)):
        assert mail.run(["predate", *command], "x" * 300000, check=False).returncode == code, command


def test_predate_passes_arguments(mail):
    done = mail.run(["predate", "sh", "-c", 'printf "%s|" "$@"', "sh", "a b", "", "c"])
    assert done.stdout == b"a b||c|"


def test_datemail_is_sendmail_with_a_date(mail):
    caught = mail.run(["datemail", "-f", "f@x.y", "x"], "Subject: s\n\nbody\n", env={"TZ": "XXX-2"}).caught
    assert len(caught.fields("Date")) == 1 and caught.fields("Date")[0].endswith(" +0200")
    assert caught.sender == "f@x.y" and caught.recipients == ["x@h.d.org"]


def test_mailsubj(mail):
    caught = mail.run(["mailsubj", "Back\\n \"soon\"  %s", "a", "b@c", "d e"], "-n\nbody\n").caught
    assert caught.fields("Subject") == ['Back\\n "soon"  %s']
    assert sorted(caught.recipients) == ["a@h.d.org", "b@c.d.org", "d@h.d.org", "e@h.d.org"]
    assert caught.message.endswith("\n\n-n\nbody\n")
    caught = mail.run(["mailsubj", "x\nBcc: evil", "a"], "").caught
    assert caught.recipients == ["a@h.d.org"] and caught.fields("Subject") == ["x Bcc: evil"]
    mail.host.sh("ln -s /var/qmail/bin/mailsubj /usr/local/bin/ms")
    assert mail.run(["ms", "s", "a"], "").caught.recipients == ["a@h.d.org"]


def test_mailsubj_tells_how_it_went(mail):
    assert mail.run(["mailsubj", "s"], check=False).returncode == 100
    assert mail.run(["mailsubj", "s", "a@"  "b c"], check=False).returncode == 0
    assert mail.run(["mailsubj", "s", "x:"], check=False).returncode == 100
    assert mail.run(["mailsubj", "s", "x"], env=mail.refuse_with(53), check=False).returncode == 111
