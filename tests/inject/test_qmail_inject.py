"""qmail-inject as a user meets it: options, environment, header, envelope, errors."""

import re
import time

from tests.host.directory import Directory


def test_to_me(mail):
    """echo to: mylogin | qmail-inject"""
    caught = mail.inject("to: joe\n").caught
    assert caught.sender == "joe@h.d.org"
    assert caught.recipients == ["joe@h.d.org"]
    assert caught.names() == ["Date", "Message-ID", "From", "to"]
    assert caught.message.endswith("From: joe@h.d.org\nto: joe@h.d.org\n")


OPTIONS = [
    # arguments             recipients
    ([],                    ["t@h.d.org", "c@h.d.org", "b@h.d.org", "a@h.d.org"]),
    (["x", "y@z"],          ["x@h.d.org", "y@z.d.org"]),
    (["-A"],                ["t@h.d.org", "c@h.d.org", "b@h.d.org", "a@h.d.org"]),
    (["-A", "x"],           ["x@h.d.org"]),
    (["-a", "x"],           ["x@h.d.org"]),
    (["-h", "x"],           ["t@h.d.org", "c@h.d.org", "b@h.d.org", "a@h.d.org"]),
    (["-H", "x"],           ["x@h.d.org", "t@h.d.org", "c@h.d.org", "b@h.d.org", "a@h.d.org"]),
    (["-H"],                ["t@h.d.org", "c@h.d.org", "b@h.d.org", "a@h.d.org"]),
    (["-hN", "x"],          ["t@h.d.org", "c@h.d.org", "b@h.d.org", "a@h.d.org"]),
    (["-nN", "--", "-x"],   ["-x@h.d.org"]),
    (["-h", "-a", "x"],     ["x@h.d.org"]),
    (["x", "-n"],           ["x@h.d.org", "-n@h.d.org"]),
    (["x", "x"],            ["x@h.d.org"]),
    (["-H", "t", "B@h.d.org", "c@H.d.ORG"], ["t@h.d.org", "B@h.d.org", "c@H.d.ORG", "b@h.d.org", "a@h.d.org"]),
    (["a b"],               ["a b@h.d.org"]),
    (["<x@y>"],             ["x@y.d.org"]),
]


def test_options_choose_recipients(mail):
    text = "To: t\nCc: b, c\nBcc: a\nSubject: s\n\nbody\n"
    for arguments, wanted in OPTIONS:
        caught = mail.inject(text, *arguments).caught
        order = [r for r in caught.recipients if r not in ("b@h.d.org", "c@h.d.org")]
        assert sorted(caught.recipients) == sorted(wanted), arguments
        assert order == [r for r in wanted if r not in ("b@h.d.org", "c@h.d.org")], arguments
        assert caught.fields("To") == ["t@h.d.org"] and caught.fields("Bcc") == []


GENERIC = "joe:joe.smith@x.example\njoe@other.example:j@y.example\n@h.d.org:@d.org\nann:nowhere\n\"a b\":a\n"


def test_senders_are_called_as_outsiders_know_them(mail):
    mail.host.control("locals", "h.d.org\n")
    mail.host.control("genericfrom", GENERIC)
    caught = mail.inject("From: Joe <joe>\nSender: joe@other.example (at work)\nReply-To: ann, bob@H.D.org, x@z.example\nTo: joe, ann\n").caught
    assert caught.sender == "joe.smith@x.example"
    assert caught.fields("From") == ["Joe <joe.smith@x.example>"]
    assert caught.fields("Sender") == ["j@y.example (at work)"]
    assert caught.fields("Reply-To") == ["ann@d.org, bob@d.org, x@z.example"]
    assert caught.fields("To") == ["joe@h.d.org, ann@h.d.org"] and caught.recipients == ["ann@h.d.org", "joe@h.d.org"]
    caught = mail.inject("To: ann\nCc: joe\n", "-f", "JOE@other.example").caught
    assert caught.sender == "j@y.example" and caught.fields("From") == ["joe.smith@x.example"]
    caught = mail.inject("Resent-To: ann\nResent-From: joe\nFrom: joe\n", "-f", "").caught
    assert caught.sender == "" and caught.fields("Resent-From") == ["joe.smith@x.example"] and caught.fields("From") == ["joe"]
    assert mail.run(["sendmail", "-f", "joe", "ann"], "hello\n").caught.sender == "joe.smith@x.example"


def test_a_map_of_senders_that_cannot_be_read_is_trouble(mail):
    mail.host.sh("mkdir /var/qmail/control/genericfrom")
    done = mail.inject("To: ann\n", check=False)
    assert done.returncode == 111 and "unable to read control/genericfrom: " in done.said and not done.caught.message


def test_recipients_keep_their_order(mail):
    """Fields in order of appearance, inside a field from right to left."""
    caught = mail.inject("Cc: a, b\nBcc: c d\nTo: e, g: f;\nApparently-To: i\n", "-H", "z", "y").caught
    assert [r.split("@")[0] for r in caught.recipients] == ["z", "y", "b", "a", "d", "c", "f", "e", "i"]


SENDERS = [
    # -f           environment                                              header                    sender
    (None,         {},                                                      "",                       "joe@h.d.org"),
    (None,         {"USER": None},                                          "",                       "joe@h.d.org"),
    (None,         {"USER": None, "LOGNAME": "l"},                          "",                       "l@h.d.org"),
    (None,         {"LOGNAME": "l"},                                        "",                       "joe@h.d.org"),
    (None,         {"MAILUSER": "m", "LOGNAME": "l"},                       "",                       "m@h.d.org"),
    (None,         {"QMAILUSER": "q", "MAILUSER": "m"},                     "",                       "q@h.d.org"),
    (None,         {"QMAILSUSER": "s", "QMAILUSER": "q"},                   "",                       "s@h.d.org"),
    (None,         {"MAILHOST": "m.x"},                                     "",                       "joe@m.x"),
    (None,         {"MAILHOST": "m.x", "QMAILHOST": "q.x"},                 "",                       "joe@q.x"),
    (None,         {"QMAILHOST": "q.x", "QMAILSHOST": "s"},                 "",                       "joe@s.d.org"),
    (None,         {"QMAILDEFAULTHOST": "o"},                               "",                       "joe@o.d.org"),
    (None,         {"QMAILDEFAULTHOST": "o", "QMAILDEFAULTDOMAIN": "x.y"},  "",                       "joe@o.x.y"),
    (None,         {"QMAILHOST": "p+", "QMAILPLUSDOMAIN": "plus"},          "",                       "joe@p.plus"),
    (None,         {},                                                      "Return-Path: <r@x>\n",   "r@x.d.org"),
    (None,         {},                                                      "Return-Path: <>\n",      ""),
    (None,         {},                                                      "Return-Path: a, b\nReturn-Path: c\n", "b@h.d.org"),
    (None,         {},                                                      "Return-Path:\nReturn-Path: c\n", "c@h.d.org"),
    (None,         {"QMAILINJECT": "s"},                                    "Return-Path: <r@x>\n",   "joe@h.d.org"),
    (None,         {"QMAILSUSER": "s"},                                     "Return-Path: <r@x>\n",   "r@x.d.org"),
    ("f",          {"QMAILSUSER": "s"},                                     "Return-Path: <r@x>\n",   "f@h.d.org"),
    ("f@x+",       {},                                                      "",                       "f@x.org"),
    ("",           {},                                                      "Return-Path: <r@x>\n",   ""),
    ("<>",         {},                                                      "Return-Path: <r@x>\n",   ""),
    ("<f@x.y>",    {},                                                      "",                       "f@x.y"),
    ("#@[]",       {},                                                      "",                       "#@[]"),
    (None,         {"QMAILINJECT": "r"},                                    "",                       "joe-@h.d.org-@[]"),
    (None,         {"QMAILINJECT": "r"},                                    "Return-Path: <r@x>\n",   "r@x.d.org-@[]"),
    (None,         {"QMAILINJECT": "r"},                                    "Return-Path: <>\n",      ""),
    ("f",          {"QMAILINJECT": "rm"},                                   "",                       "f@h.d.org"),
    (None,         {"QMAILINJECT": "m"},                                    "Return-Path: <r@x>\n",   "r@x.d.org"),
]


def test_senders(mail):
    for wanted, env, head, sender in SENDERS:
        arguments = [] if wanted is None else ["-f", wanted]
        caught = mail.inject(head + "To: t\n\nbody\n", *arguments, env=env).caught
        assert caught.sender == sender, (wanted, env, head)
        assert caught.fields("Return-Path") == []


def test_who_calls_without_a_name_is_known_by_his_uid(mail):
    mail.host.user("ann")
    caught = mail.inject("To: t\n", user="ann", env={"USER": None}).caught
    assert (caught.sender, caught.fields("From")) == ("ann@h.d.org", ["ann@h.d.org"])
    send = "echo To: t | setpriv --reuid 12345 --regid 12345 --clear-groups qmail-inject -n"
    assert mail.host.sh(send).stdout.startswith("Return-Path: <anonymous@h.d.org>\n")
    directory = Directory(mail.host)
    directory.add("far", 12345, "/home/far")
    assert mail.host.sh(send).stdout.startswith("Return-Path: <far@h.d.org>\n")
    directory.stop()
    done = mail.host.sh(send, check=False)
    assert done.returncode == 111 and "unable to look up who calls" in done.stderr
    assert mail.host.sh("USER=x; export USER; " + send).stdout.startswith("Return-Path: <x@h.d.org>\n")


def test_each_address_gets_one_copy(mail):
    caught = mail.inject("To: t\nCc: c@x.y, T, <t@H.d.org>\nBcc: c@X.Y, t\n\n").caught
    assert caught.recipients == ["t@h.d.org", "T@h.d.org", "c@x.y"]
    assert caught.fields("Cc") == ["c@x.y, T@h.d.org, <t@H.d.org>"]


def test_hosts_without_a_dot_that_are_ours_stay(mail):
    mail.host.control("locals", "mail.example.org\nlocalhost\nBox\n")
    mail.host.control("virtualdomains", "shop:joe-shop\nann@one:joe\n.dot:joe\n:joe-rest\n")
    caught = mail.inject("To: a@localhost, b@LOCALHOST, a@box, a@shop, ann@one, bob@one, a@dot, a@other, a@shop+, a\n"
                         "From: joe@localhost\n\n", "-h").caught
    assert sorted(caught.recipients) == sorted([
        "a@localhost", "b@LOCALHOST", "a@box", "a@shop", "ann@one", "bob@one.d.org", "a@dot.d.org", "a@other.d.org",
        "a@shop.org", "a@h.d.org"])
    assert "a@localhost, b@LOCALHOST" in caught.message and caught.fields("From") == ["joe@localhost"]
    assert mail.inject("\n", "joe@localhost", "x@y.z").caught.recipients == ["joe@localhost", "x@y.z"]
    assert mail.inject("\n", "-f", "f@localhost", "x").caught.sender == "f@localhost"
    assert mail.inject("To: t\n", env={"QMAILHOST": "localhost"}).caught.sender == "joe@localhost"
    mail.host.sh("rm -f /var/qmail/control/locals /var/qmail/control/virtualdomains; echo box > /var/qmail/control/me")
    assert mail.inject("\n", "a@box", "a@localhost").caught.recipients == ["a@box", "a@localhost.d.org"]
    mail.host.sh("mkdir /var/qmail/control/locals")
    done = mail.inject("\n", "a@box", check=False)
    assert done.returncode == 111 and "unable to read control/locals" in done.said
    mail.inject("\n", "a@box.d.org")


def test_a_defaulthost_that_ends_in_a_dot(mail):
    mail.host.control("defaulthost", "d.\n")
    caught = mail.inject("To: t\n\n").caught
    assert caught.fields("From") == ["joe@d."] and caught.fields("To") == ["t@d."]
    assert caught.sender == "joe@d." and caught.recipients == ["t@d."]


def test_lines_that_end_with_cr_lf(mail):
    """PHP gives a header with CR LF and a body with whatever."""
    caught = mail.run(["sendmail", "-t", "-i"], "To: t\r\nSubject: s\r\nFrom: J\r\n <j>\r\nX: y\r\n\r\nbody\nmore\r\n\r\nend").caught
    assert "\r" not in caught.message
    assert caught.message.endswith("\nTo: t@h.d.org\nSubject: s\nFrom: J <j@h.d.org>\nX: y\n\nbody\nmore\n\nend\n")
    assert caught.names() == ["Date", "Message-ID", "To", "Subject", "From", "X"]
    assert mail.inject("\r\nbody\r\n", "x").caught.message.endswith("Cc: recipient list not shown: ;\n\nbody\n")
    body = "0123456789abcde\r\n" * (1 << 16)
    assert mail.inject("To: t\r\n\r\n" + body).caught.message.endswith("\n\n" + body.replace("\r", ""))


def test_a_sender_for_each_message(mail):
    before = int(time.time())
    sender = mail.inject("To: t\n", env={"QMAILINJECT": "m"}).caught.sender
    second, pid = re.fullmatch(r"joe-(\d+)\.(\d+)@h\.d\.org", sender).groups()
    assert before <= int(second) <= time.time() and int(pid) > 1
    sender = mail.inject("To: t\n", env={"QMAILINJECT": "mrx"}).caught.sender
    assert re.fullmatch(r"joe-\d+\.\d+-@h\.d\.org-@\[\]", sender)


FROMS = [
    ({},                                                      "joe@h.d.org"),
    ({"NAME": "Joe"},                                         '"Joe" <joe@h.d.org>'),
    ({"NAME": "Joe", "MAILNAME": "M"},                        '"M" <joe@h.d.org>'),
    ({"MAILNAME": "M", "QMAILNAME": "Q"},                     '"Q" <joe@h.d.org>'),
    ({"NAME": ""},                                            '"" <joe@h.d.org>'),
    ({"NAME": 'J "x" (y) \\z'},                               '"J \\"x\\" \\(y\\) \\\\z" <joe@h.d.org>'),
    ({"NAME": "Jörg"},                                        '"Jörg" <joe@h.d.org>'),
    ({"NAME": "Joe\nBcc: f@x"},                               '"Joe Bcc: f@x" <joe@h.d.org>'),
    ({"NAME": "Joe", "QMAILINJECT": "c"},                     "joe@h.d.org (Joe)"),
    ({"NAME": "J (x", "QMAILINJECT": "c"},                    "joe@h.d.org (J \\(x)"),
    ({"QMAILINJECT": "c"},                                    "joe@h.d.org"),
    ({"USER": "a b"},                                         '"a b"@h.d.org'),
    ({"USER": "a@b"},                                         '"a@b"@h.d.org'),
    ({"QMAILSUSER": "s", "QMAILSHOST": "t"},                  "joe@h.d.org"),
    ({"MAILUSER": "m", "MAILHOST": "x+"},                     "m@x.org"),
    ({"QMAILINJECT": "r"},                                    "joe@h.d.org"),
]


def test_from_is_made_of_the_environment(mail):
    for env, wanted in FROMS:
        assert mail.inject("To: t\n", env=env).caught.fields("From") == [wanted], env


def test_fields_are_made_only_when_missing(mail):
    text = "From: f@x.y\nDate: yesterday\nMessage-ID: <m>\nCc: c@x.y\n\nbody\n"
    assert mail.inject(text).caught.message == text
    caught = mail.inject(text, env={"QMAILINJECT": "fi"}).caught
    assert caught.fields("From") == ["joe@h.d.org"]
    assert len(caught.fields("Message-ID")) == 1 and caught.fields("Message-ID") != ["<m>"]
    assert caught.names() == ["Message-ID", "From", "Date", "Cc"]
    assert mail.inject("from :\nto:\n", "x").caught.names() == ["Date", "Message-ID", "from", "to"]


def test_date_and_message_id(mail):
    mail.host.control("idhost", "id.example\n")
    before = int(time.time())
    caught = mail.inject("To: t\n").caught
    date, = caught.fields("Date")
    assert re.fullmatch(r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0000", date)
    made = time.mktime(time.strptime(date[:-6], "%d %b %Y %H:%M:%S")) - time.timezone
    assert before <= made <= time.time()
    first, = caught.fields("Message-ID")
    assert re.fullmatch(r"<\d{14}\.\d+\.[0-9a-f]{16}\.qmail@id\.example>", first)
    assert mail.inject("To: t\n").caught.fields("Message-ID") != [first]
    assert mail.inject("To: t\n", env={"QMAILIDHOST": "o"}).caught.fields("Message-ID")[0].endswith(".qmail@o>")


def test_without_to_and_cc_the_list_is_not_shown(mail):
    caught = mail.inject("Bcc: secret\nSubject: s\n\nbody\n").caught
    assert caught.fields("Cc") == ["recipient list not shown: ;"]
    assert caught.recipients == ["secret@h.d.org"] and "secret" not in caught.message


def test_each_address_field_is_completed(mail):
    for name in ("Sender", "From", "Reply-To", "Return-Receipt-To", "Errors-To", "To", "Cc", "Apparently-To"):
        assert mail.inject(f"{name} :  a<b>\n", "x").caught.fields(name) == ["a <b@h.d.org>"], name
    for name in ("Subject", "X-To", "Received", "Delivered-To", "Mail-Followup-To", "Notice-Requested-Upon-Delivery-To"):
        assert f"\n{name} :  a<b>\n\tc\n" in mail.inject(f"{name} :  a<b>\n\tc\n", "x").caught.message
    assert mail.inject("Content-Length: 5\n", "x").caught.fields("Content-Length") == []


def test_where_the_header_ends(mail):
    assert mail.inject("To: t\nno field\n.\nTo: u", "x").caught.message.endswith("\nTo: t@h.d.org\n\nno field\n.\nTo: u\n")
    assert mail.inject("hello", "x").caught.message.endswith("Cc: recipient list not shown: ;\n\nhello\n")
    assert mail.inject("To: t", "x").caught.message.endswith("\nTo: t@h.d.org\n")
    assert mail.inject("From joe Mon\nTo: t\n\n", "x").caught.message.endswith("\nMBOX-Line: From joe Mon\nTo: t@h.d.org\n\n")
    assert mail.inject("\n\n\0\r\n\377".encode("latin-1"), "-n", "x").stdout.endswith(b": ;\n\n\n\0\n\377\n")


def test_large_bodies_pass(mail):
    body = "0123456789abcdef" * (3 << 16)
    assert mail.inject("To: t\n\n" + body).caught.message.endswith("\n\n" + body + "\n")
    assert mail.inject(body, "x").caught.message.endswith("\n\n" + body + "\n")


def test_resent_messages(mail):
    text = ("From: Original<o>\nTo: undisclosed recipients:\nDate: d\nResent-To: a\nResent-Cc: b,c\nResent-Bcc: d\n"
            "Bcc: e\nReturn-Path: <r@x>\nCc: f\n\nbody\n")
    caught = mail.inject(text).caught
    assert caught.recipients == ["a@h.d.org", "c@h.d.org", "b@h.d.org", "d@h.d.org"]
    assert caught.names() == ["Resent-Date", "Resent-Message-ID", "Resent-From", "From", "To", "Date", "Resent-To",
                              "Resent-Cc", "Cc"]
    assert "\nFrom: Original<o>\nTo: undisclosed recipients:\n" in caught.message
    assert caught.fields("Resent-Cc") == ["b@h.d.org, c@h.d.org"] and caught.sender == "r@x.d.org"
    caught = mail.inject("From: o\nResent-From: j\nMessage-ID: <m>\n", "x", env={"QMAILINJECT": "fi"}).caught
    assert caught.names() == ["Resent-Date", "Resent-Message-ID", "Resent-From", "Resent-Cc", "From", "Message-ID"]
    assert caught.fields("Resent-Cc") == ["recipient list not shown: ;"]


def test_followups_go_to_lists(mail):
    mail.host.write("/home/joe/lists", "# mine\nList@Lists.example\nh\n")
    text = "To: a, b\nCc: \"c d\", list@lists.EXAMPLE, <>\nBcc: e\nReply-To: f\n\n"

    def followup(text, file="lists", program=("qmail-inject",)):
        inside = ["sh", "-c", 'cd; exec "$@"', "sh", *program]
        return mail.run(inside, text, env={"QMAILMFTFILE": file}).caught

    wanted = '\nMail-Followup-To: "c d"@h.d.org,\n  list@lists.EXAMPLE,\n  a@h.d.org,\n  b@h.d.org\n'
    assert wanted in followup(text).message
    assert wanted in followup(text, program=["sendmail", "-t"]).message
    assert wanted in followup(text, "/home/joe/lists").message
    assert followup("Mail-Followup-To: x\n" + text).fields("Mail-Followup-To") == ["x"]
    for other, file in ((text.replace("list@", "lost@"), "lists"), (text, "none"), (text, "/home"), ("Resent-" + text, "lists")):
        assert followup(other, file).fields("Mail-Followup-To") == []


WIDE = [
    ("To: joe@bücher.example", [], "To: joe@xn--bcher-kva.example", ["joe@xn--bcher-kva.example"], []),
    ("To: Jürgen <joe@b.c>", [], "To: Jürgen <joe@b.c>", ["joe@b.c"], []),
    ("To: Jürgen <é@Bücher.Example> (ü)", [], "To: Jürgen <é@xn--bcher-kva.example> (ü)", ["é@xn--bcher-kva.example"], ["i"]),
    ("To: joe@bü", [], "To: joe@xn--b-eha.d.org", ["joe@xn--b-eha.d.org"], []),
    ("To: joe@b.c\nReply-To: é@b.c", [], "To: joe@b.c", ["joe@b.c"], ["i"]),
    ("To: x@y.z", ["é@b.c"], "To: x@y.z", ["é@b.c"], ["i"]),
    ("To: x@y.z", ["-fé@b.c"], "To: x@y.z", ["x@y.z"], ["i"]),
    ("To: x@y.z", ["-fjoe@bücher.example"], "To: x@y.z", ["x@y.z"], []),
    ("To: x@y.z\nSubject: grüße", [], "To: x@y.z", ["x@y.z"], []),
    ("To: joe@bü..c", [], "To: joe@bü..c", ["joe@bü..c"], ["i"]),
]


def test_addresses_beyond_ascii(mail):
    """A domain is written as DNS has it, and so asks nothing of anybody; a box asks for SMTPUTF8."""
    for text, args, field, recipients, extras in WIDE:
        caught = mail.inject(text + "\n\n", *args, env={"QMAILQUEUE_EXTRAS": "1"}).caught
        assert (caught.message.split("To: ")[0] + field + "\n") in caught.message, text
        assert (caught.recipients, caught.extras) == (recipients, extras), text


def test_printing_queues_nothing(mail):
    done = mail.inject("To: t\nBcc: b\nDate: d\nMessage-ID: <m>\n\nbody\n", "-n", "-f", "a b@x.y")
    assert done.caught.message is None
    assert done.stdout == b'Return-Path: <"a b"@x.y>\nFrom: joe@h.d.org\nTo: t@h.d.org\nDate: d\nMessage-ID: <m>\n\nbody\n'
    assert mail.inject("\n", "-n", "-f", "").stdout.startswith(b"Return-Path: <>\n")


LINE = "unable to parse this line:\n"
FAULTS = [
    # message                         arguments          what it says
    ("",                              [],                "no recipients"),
    ("To: t\n",                       ["-a"],            "no recipients"),
    ("From: t\n",                     ["-h", "x"],       "no recipients"),
    ("To: <>\n",                      [],                "no recipients"),
    ("Resent-From: t\nTo: a\n",       [],                "no recipients"),
    ("To: a\nFrom : <a\n b\nX: y\n",  ["x"],             LINE + "From : <a\n b"),
    ("To: a\nCc: (b\n",               [],                LINE + "Cc: (b"),
    ("To: a\nBcc: (b\n",              [],                LINE + "Bcc: (b"),
    ("To: a\nCc: (b\n",               ["-H", "x"],       LINE + "Cc: (b"),
    ("To: x:\n",                      [],                LINE + "To: x:"),
    ("To: t\nReturn-Path: <\n",       [],                LINE + "Return-Path: <"),
    ("To: " + "(" * 101 + ")" * 101,  [],                "comments nested more than 100 deep in this line:\nTo: (((("),
    ("To: " + "a " * 10001,           [],                "more than 10000 addresses in this line:\nTo: a a"),
    ("X: " + "x" * (1 << 20),         ["x"],             "header longer than 1048576 bytes"),
    ("",                              ["x@a b"],         "unable to parse address: x@a b"),
    ("",                              ["x\n@y"],         "unable to parse address: x\n@y"),
    ("",                              [""],              "unable to parse address: "),
    ("",                              ["<>"],            "unable to parse address: <>"),
    ("",                              ["-f", "x@(", "y"], "unable to parse address: x@("),
]


def test_faults_of_the_caller(mail):
    for text, arguments, said in FAULTS:
        done = mail.inject(text, *arguments, check=False)
        assert done.returncode == 100, (text[:80], arguments, done)
        assert done.said.startswith("qmail-inject: fatal: " + said), done.said[:200]
        assert done.caught.message is None
    done = mail.inject("", "x", env={"QMAILHOST": "a b"}, check=False)
    assert (done.returncode, done.said) == (100, "qmail-inject: fatal: unable to parse address: joe@a b\n")


def test_odd_recipient_fields_are_harmless_beside_arguments(mail):
    caught = mail.inject("To: x:\n y\nBcc: (\n", "z").caught
    assert caught.recipients == ["z@h.d.org"] and "\nTo: x:\n y\n" in caught.message and "Bcc" not in caught.message


def test_wrong_usage(mail):
    for arguments, said in ((["-x"], "illegal option -- x"), (["-f"], "option requires an argument -- f")):
        done = mail.inject("To: t\n", *arguments, check=False)
        assert done.returncode == 100 and done.said.startswith(f"qmail-inject: {said}\n")


def test_refusals_of_the_queue(mail):
    for code, text, exit_code, said in ((31, "", 100, "mail server permanently rejected message (#5.3.0)"),
                                        (53, "", 111, "qq write error or disk full (#4.3.0)"),
                                        (82, "Dno such luck", 100, "no such luck"),
                                        (82, "Zlater", 111, "later")):
        env = mail.refuse_with(code, text)
        done = mail.inject("To: t\n", env=env, check=False)
        assert (done.returncode, done.said) == (exit_code, f"qmail-inject: fatal: {said}\n")
    done = mail.inject("To: t\n" + "x\n" * 100000, env={"QMAILQUEUE": "/nonexistent"}, check=False)
    assert (done.returncode, done.said) == (111, "qmail-inject: fatal: unable to exec qq (#4.3.0)\n")


def test_faults_of_the_machine(mail):
    done = mail.host.sh("qmail-inject -n < /home", check=False)
    assert done.returncode == 111 and done.stderr.startswith("qmail-inject: fatal: read error")
    done = mail.host.sh("echo to: t | qmail-inject -n > /dev/full", check=False)
    assert done.returncode == 111 and "unable to write message" in done.stderr
    mail.host.sh("rm /var/qmail/control/idhost; mkdir /var/qmail/control/idhost")
    done = mail.inject("To: t\n", check=False)
    assert done.returncode == 111 and done.said.startswith("qmail-inject: fatal: unable to read control/idhost: ")
    mail.inject("To: t\n", env={"QMAILIDHOST": "x"})
    mail.inject("To: t\nMessage-ID: <m>\n")


def test_a_read_error_in_the_body_queues_nothing(mail):
    """The header comes through a pipe, the body from what cannot be read: here a terminal that is gone."""
    script = ("import os,pty,subprocess,time,tty\n"
              "m,s=pty.openpty(); tty.setraw(s)\n"
              "p=subprocess.Popen(['qmail-inject'],stdin=s,stderr=subprocess.PIPE); os.close(s)\n"
              "os.write(m,b'To: t\\n\\nbody\\n'); time.sleep(0.5); os.close(m)\n"
              "e=p.communicate()[1]; print(p.returncode,e.decode())\n")
    done = mail.run(["/usr/bin/python3", "-c", script])
    assert done.stdout.startswith(b"111 qmail-inject: fatal: read error"), done
    assert done.caught.message is None


def test_defaults_come_from_me(mail):
    for name in ("defaulthost", "defaultdomain", "plusdomain"):
        mail.host.sh(f"rm /var/qmail/control/{name}")
    caught = mail.inject("To: a, b@c, d@e+\n").caught
    assert caught.fields("To") == ["a@mail.example.org, b@c.mail.example.org, d@e.mail.example.org"]
    mail.host.sh("rm -f /var/qmail/control/me /var/qmail/control/idhost")
    caught = mail.inject("To: a, b@c, d@e+\n").caught
    assert caught.fields("To") == ["a@defaulthost.defaultdomain, b@c.defaultdomain, d@e.plusdomain"]
    assert caught.fields("Message-ID")[0].endswith(".qmail@idhost>")


def test_anybody_may_send_from_anywhere(mail):
    mail.host.sh("mkdir -m 700 /closed")
    done = mail.host.sh("cd /closed; setpriv --reuid nobody --regid nogroup --clear-groups qmail-inject -n", input="To: t\n")
    assert "To: t@h.d.org\n" in done.stdout
