"""sendmail: which options it takes, what it turns into, what it refuses."""

TEXT = "To: t\nSubject: s\n\nbody\n"

ACCEPTED = [
    # options                                   recipients                sender          From
    (["x"],                                     ["x"],                    "joe@h.d.org",  "joe@h.d.org"),
    (["-t"],                                    ["t"],                    "joe@h.d.org",  "joe@h.d.org"),
    (["-t", "x"],                               ["x", "t"],               "joe@h.d.org",  "joe@h.d.org"),
    (["-ti", "-oi", "-oem", "-bm"],             ["t"],                    "joe@h.d.org",  "joe@h.d.org"),
    (["-f", "f@x.y", "x"],                      ["x"],                    "f@x.y",        "f@x.y"),
    (["-ff@x.y", "x"],                          ["x"],                    "f@x.y",        "f@x.y"),
    (["-r", "f@x.y", "x"],                      ["x"],                    "f@x.y",        "f@x.y"),
    (["-ff", "x"],                              ["x"],                    "f@h.d.org",    "f@h.d.org"),
    (["-f", "<f@x.y>", "x"],                    ["x"],                    "f@x.y",        "f@x.y"),
    (["-f", "<>", "x"],                         ["x"],                    "",             "joe@h.d.org"),
    (["-f", "", "x"],                           ["x"],                    "",             "joe@h.d.org"),
    (["-FJoe Doe", "x"],                        ["x"],                    "joe@h.d.org",  '"Joe Doe" <joe@h.d.org>'),
    (["-F", "Joe Doe", "-f", "f@x.y", "x"],     ["x"],                    "f@x.y",        '"Joe Doe" <f@x.y>'),
    (["-f", "f@x.y", "-F", "Joe Doe", "x"],     ["x"],                    "f@x.y",        '"Joe Doe" <f@x.y>'),
    (["-v", "-m", "-x", "-em", "-e", "m", "-p", "p", "-B8BITMIME", "x"], ["x"], "joe@h.d.org", "joe@h.d.org"),
    (["-N", "success,failure", "-R", "hdrs", "-V", "id", "-O", "A=b", "-h", "30", "-n", "-U", "x"],
                                                ["x"],                    "joe@h.d.org",  "joe@h.d.org"),
    (["-Eall", "-Jx", "-G", "-Am", "-L", "tag", "-X", "/dev/null", "x"], ["x"], "joe@h.d.org", "joe@h.d.org"),
    (["-i", "--", "-x"],                        ["-x"],                   "joe@h.d.org",  "joe@h.d.org"),
    (["-C", "/x", "-c", "x"],                   ["x"],                    "joe@h.d.org",  "joe@h.d.org"),
    (["x,y", "Z <z>"],                          ["x", "y", "z"],          "joe@h.d.org",  "joe@h.d.org"),
    (["-t", "x, y"],                            ["x", "y", "t"],          "joe@h.d.org",  "joe@h.d.org"),
    (["-f", "F <f@x.y>", "x"],                  ["x"],                    "f@x.y",        "f@x.y"),
    (["-f", "f@x.y (c)", "x"],                  ["x"],                    "f@x.y",        "f@x.y"),
    (["-f", "f@x+", "x"],                       ["x"],                    "f@x.org",      "f@x.org"),
    (["-f", "list-@x.y-@[]", "x"],              ["x"],                    "list-@x.y-@[]", '"list-@x.y-"@[]'),
    (["-f", '"f@x"', "x"],                      ["x"],                    "f@x@h.d.org",  '"f@x"@h.d.org'),
    (["-f", '"<f>"', "x"],                      ["x"],                    "<f>@h.d.org",  '"<f>"@h.d.org'),
    (["x", "-t"],                               ["x", "-t"],              "joe@h.d.org",  "joe@h.d.org"),
]


def test_options_other_mailers_take(mail):
    for options, recipients, sender, author in ACCEPTED:
        caught = mail.run(["sendmail", *options], TEXT).caught
        assert caught.recipients == [f"{r}@h.d.org" for r in recipients], options
        assert caught.sender == sender, options
        assert caught.fields("From") == [author], options


def test_what_the_sender_wishes_to_be_told(mail):
    """RFC 3461; without a wish nothing is said of it."""
    knows = {"QMAILQUEUE_EXTRAS": "1"}
    wishes = ["-N", "success,Failure", "-R", "hdrs", "-V", "my id"]
    assert mail.run(["sendmail", *wishes, "x", "y"], TEXT, env=knows).caught.extras == [
        "rHDRS", "emy+20id", "nSUCCESS,FAILURE", "nSUCCESS,FAILURE"]
    assert mail.run(["sendmail", "-Nnever", "-V", "QQ+2B", "x"], TEXT, env=knows).caught.extras == ["eQQ+2B", "nNEVER"]
    assert mail.run(["sendmail", "x"], TEXT, env=knows).caught.extras == []
    for wrong in (["-N", "never,delay"], ["-N", ""], ["-R", "some"], ["-V", ""], ["-V", "a\nb"], ["-V", 101 * "a"]):
        done = mail.run(["sendmail", *wrong, "x"], TEXT, env=knows, check=False)
        assert done.returncode == 100 and done.caught.message is None and f"{wrong[0].replace('N', 'T')} wants" in done.said


def test_a_sender_replaces_name_and_host_of_the_environment(mail):
    env = {"NAME": "N", "MAILNAME": "M", "QMAILNAME": "Q", "MAILHOST": "m", "QMAILHOST": "q"}
    assert mail.run(["sendmail", "-ff", "x"], TEXT, env=env).caught.fields("From") == ["f@h.d.org"]
    assert mail.run(["sendmail", "-ff@x.y", "x"], TEXT, env=env).caught.fields("From") == ["f@x.y"]
    assert mail.run(["sendmail", "x"], TEXT, env=env).caught.fields("From") == ['"Q" <joe@q.d.org>']


def test_a_dot_ends_nothing(mail):
    assert mail.run(["sendmail", "x"], "A: b\n\n.\nmore\n").caught.message.endswith("\n\n.\nmore\n")


REFUSED = [
    ([],                 TEXT, "qmail-inject: fatal: no recipients"),
    (["-t"],             "\n", "qmail-inject: fatal: no recipients"),
    (["-bd"],            "",   "sendmail: fatal: -bd is not available"),
    (["-bd", "-q15m"],   "",   "sendmail: fatal: -bd is not available"),
    (["-bv", "joe"],     "",   "sendmail: fatal: -bv is not available"),
    (["-bt"],            "",   "sendmail: usage: sendmail [ -t ] [ -fsender ] [ -Fname ] [ -bp ] [ -bs ] [ arg ... ]"),
    (["-b"],             "",   "sendmail: option requires an argument -- b"),
    (["-s"],             "",   "sendmail: illegal option -- s\nsendmail: usage: "),
    (["-bi"],            "",   "sendmail: fatal: please use fastforward/newaliases instead"),
    (["-I"],             "",   "sendmail: fatal: please use fastforward/newaliases instead"),
]


def test_what_it_refuses(mail):
    mail.host.sh("rm -f /var/qmail/bin/newaliases")
    for options, text, said in REFUSED:
        done = mail.run(["sendmail", *options], text, check=False)
        assert done.returncode == 100 and done.said.startswith(said), (options, done)
        assert done.caught.message is None


def stand_in(host, name):
    """In place of a program: one that shows its name, arguments and environment."""
    host.sh(f"rm -f /var/qmail/bin/{name}")
    host.write(f"/var/qmail/bin/{name}", f'#!/bin/sh\necho {name} $*\nenv\nexit 7\n', mode=0o755)


def test_modes_run_other_programs(mail):
    mail.host.sh("ln -sf /var/qmail/bin/sendmail /usr/bin/mailq; ln -sf /var/qmail/bin/sendmail /usr/bin/newaliases")
    for command, program in ((["sendmail", "-bp"], "qmail-qread"), (["/usr/bin/mailq"], "qmail-qread"),
                             (["sendmail", "-bi"], "newaliases"), (["/usr/bin/newaliases"], "newaliases"),
                             (["sendmail", "-bs"], "qmail-smtpd")):
        stand_in(mail.host, program)
        done = mail.run(command, check=False)
        assert done.returncode == 7 and done.stdout.decode().split("\n")[0] == program, command


def test_newaliases_does_not_chase_its_tail(mail):
    mail.host.sh("ln -sf sendmail /var/qmail/bin/newaliases")
    done = mail.run(["newaliases"], check=False, timeout=10)
    assert done.returncode == 100
    assert done.said == "sendmail: fatal: please use fastforward/newaliases instead\n"


def test_smtp_on_standard_input(mail):
    stand_in(mail.host, "qmail-smtpd")
    said = mail.run(["sendmail", "-bs"], check=False).stdout.decode().split("\n")
    for line in ("RELAYCLIENT=", "DATABYTES=0", "SMTPD_BARE=normalise", "PROTO=TCP", "TCPLOCALIP=127.0.0.1", "TCPLOCALHOST=localhost",
                 "TCPREMOTEIP=127.0.0.1", "TCPREMOTEHOST=localhost", "TCPREMOTEINFO=sendmail-bs"):
        assert line in said
    said = mail.run(["sendmail", "-bs"], check=False, env={"PROTO": "TCP"}).stdout.decode()
    assert "RELAYCLIENT" not in said and "TCPREMOTEIP" not in said


def test_smtp_on_standard_input_takes_lf(mail):
    talk = "EHLO x\nMAIL FROM:<a@x.y>\nRCPT TO:<b@x.y>\nDATA\nSubject: s\n\n..dot\n.\nQUIT\n"
    for text in (talk, talk.replace("\n", "\r\n")):
        caught = mail.run(["sendmail", "-bs"], text).caught
        assert "\nSubject: s\n" in caught.message and caught.message.endswith("\n\n.dot\n")
        assert caught.recipients == ["b@x.y"]


def test_flushing_is_for_root(mail):
    stand_in(mail.host, "qmailctl")
    for option in ("-q", "-q30m", "-qf"):
        done = mail.run(["sendmail", option])
        assert done.stdout == b"" and done.said.startswith("sendmail: warning: only root may flush the queue")
        done = mail.run(["sendmail", option], user="root", check=False)
        assert done.returncode == 7 and done.stdout.startswith(b"qmailctl flush\n")


def test_programs_that_cannot_be_run(mail):
    for options, program in ((["-bs"], "qmail-smtpd"), (["-bp"], "qmail-qread"), (["x"], "qmail-inject")):
        mail.host.sh(f"rm -f /var/qmail/bin/{program}")
        done = mail.run(["sendmail", *options], check=False)
        assert done.returncode == 111 and done.said.startswith(f"sendmail: fatal: unable to run {program}"), done
