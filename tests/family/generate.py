"""Cases for the programs, made by chance that is the same each time.

A case is a list of texts; what they mean is told beside each generator, and play.py knows. Every byte is written as
the character of its number."""

import random


def some(chance, pieces, least, most, between=""):
    return between.join(chance.choice(pieces) for _ in range(chance.randint(least, most)))


def rarely(chance, pieces, others, once_in=6):
    return chance.choice(pieces if chance.randrange(once_in) == 0 else others)


# ---- qmail-inject and sendmail ----

PLAIN = ["joe", "ann@far.example", "joe@h", "a.b@c.d.example", "postmaster@mail.example.org", "Joe@Far.Example"]
DRESSED = ["Joe User <joe@h>", '"Last, First" <ann@far.example>', "ann@far.example (Ann)", "<joe>",
           "Ann <ann@far.example> (x)", "list: joe, ann@far.example;",
           "<@one.example,@two.example:ann@far.example>", "joe@h+", "ann@far", "=?iso-8859-1?q?J=F6?= <joe@h>",
           "J. R. User <joe@h>", "ann@[203.0.113.9]"]
ODD = ['"a b"@far.example', '"a\\"b"@far.example', "a\\,b@far.example", "joe (x (y) z) @h", "joe @ h", "(only)",
       "<>", "joe@", "@h", '"open <joe@h>', "(open joe@h", "<joe@h", "joe@h>", "joe@h ann", "a;b", ",",
       "joe@h,,ann", "\xe4@far.example", "joe@h.", "joe..x@h", "a: b: c;;", "joe\\", "<<joe@h>>",
       "joe@h@far.example", "x" * 90 + "@far.example", "\"\"@h", "[a]@h", "joe@[h"]
ADDRESS_FIELDS = ["To", "Cc", "Bcc", "From", "Reply-To", "Sender", "Resent-To", "Resent-Cc", "Resent-Bcc",
                  "Resent-From", "Apparently-To", "Return-Path", "Errors-To", "Return-Receipt-To",
                  "Mail-Reply-To", "Mail-Followup-To"]
OTHER_LINES = ["Subject: hello", "Date: 1 Jan 1999 00:00:00 -0000", "Message-ID: <x@y.example>",
               "Resent-Date: 2 Jan 1999 00:00:00 -0000", "Resent-Message-ID: <r@y.example>", "Received: by x",
               "Content-Length: 7", "X-Y: z", "Subject:", "subject : x", "X:\n\ty", "Delivered-To: x",
               "From joe Mon Jan  1 00:00:00 1999", ">From x", "no field", " continued", "\t", "X-\xe4: y",
               ": x"]
BODIES = ["\nbody\n", "\n", "", "\nno end", "\n.\nFrom here\n"]


def address_list(chance):
    parts = [rarely(chance, ODD, PLAIN + DRESSED) for _ in range(chance.randint(1, 3))]
    return chance.choice([", ", ", ", ",", ",\n ", " , ", " "]).join(parts)


def header_line(chance):
    name = chance.choice(ADDRESS_FIELDS[:3] if chance.randrange(2) else ADDRESS_FIELDS)
    name = rarely(chance, [name.upper(), name.lower(), name + " "], [name], 8)
    return name + chance.choice([": ", ": ", ":", ":\n "]) + address_list(chance)


def message(chance):
    lines = [rarely(chance, OTHER_LINES, [header_line(chance)], 4) for _ in range(chance.randint(0, 5))]
    return "".join(line + "\n" for line in lines) + chance.choice(BODIES)


def inject_headers(chance):
    """A message for qmail-inject: what is queued."""
    return [message(chance)]


SETTINGS = ["QMAILINJECT=c", "QMAILINJECT=f", "QMAILINJECT=s", "QMAILINJECT=r", "QMAILINJECT=m",
            "QMAILINJECT=i", "QMAILINJECT=crs", "QMAILUSER=other", "QMAILHOST=other.example",
            "QMAILNAME=Some One", "QMAILNAME=", "MAILNAME=A \"B\"", "MAILUSER=m", "MAILHOST=mail",
            "QMAILSUSER=bounces", "QMAILSHOST=b.example", "QMAILDEFAULTHOST=dh",
            "QMAILDEFAULTDOMAIN=dd.example", "QMAILPLUSDOMAIN=pd", "QMAILIDHOST=id", "USER=", "LOGNAME=log",
            "NAME=Name"]
INJECT_OPTIONS = ["-a", "-h", "-A", "-H", "-n", "-N", "-fx@y.example", "-f", "-f<>", "-fjoe", "-ah", "-x", "--",
                  "-"]
SENDMAIL_OPTIONS = ["-t", "-i", "-oi", "-fx@y.example", "-f", "-f<>", "-FFull Name", "-F", "-v", "-bm", "-oem",
                    "-odb", "-r", "-x", "-ti", "-Cfile", "-n", "-B8BITMIME", "-Nnever", "-R", "hdrs", "-bx",
                    "--", "-", "-it", "-O", "A=b", "-G", "-h5"]
MESSAGES = ["", "To: joe\n\nx\n", "Subject: s\n\nx\n", "From: a@b.example\nTo: ann@far.example, joe\n\nx\n",
            "Return-Path: <r@p.example>\nTo: c\n\n"]


def inject_arguments(chance):
    """A message, then settings of the environment, the program and its arguments, as for env(1): what is queued."""
    program, options = chance.choice([("qmail-inject", INJECT_OPTIONS), ("sendmail", SENDMAIL_OPTIONS)])
    settings = chance.sample(SETTINGS, chance.choice([0, 0, 1, 2]))
    given = [chance.choice(options) for _ in range(chance.choice([0, 1, 1, 2, 3]))]
    arguments = [rarely(chance, ODD, PLAIN + DRESSED[:6]) for _ in range(chance.choice([0, 1, 1, 2]))]
    return [chance.choice(MESSAGES), *settings, program, *given, *arguments]


# ---- qmail-local ----

INSTRUCTIONS = ["./Maildir/", "./mbox", "/home/joe/Maildir/", "|cat >/dev/null", "| exit 99",
                "&ann@far.example", "ann@far.example", "joe", "# comment", "", "#", "&joe", "& ann@far.example",
                "&<ann@far.example>", "|", "./", "/", ".", "&", "+list", "./Maildir/ ", "./Maildir/\t",
                "./Maildir/ # mine", "./mbox  ", "|cat ", "ann@far.example ", " ./Maildir/", "\t|cat",
                "Maildir/", "~/Maildir/", "./Maildir/\r", "ann@far.example\r", "\r", "#\r",
                "a@x.example, b@x.example", "&ann@far.example (Ann)", "\"./Maildir/\"", "'./mbox'",
                "\xef\xbb\xbf./Maildir/", "\xe4@far.example", "./a\0b", "../up/", "/etc/passwd", "bcc ann",
                ":x", "-joe", "joe@", "@far.example", "ann@@far.example", "x" * 300, "\"ann b\"@far.example"]


def local_lines(chance):
    """The lines of a .qmail file: what qmail-local -n says of it."""
    lines = [rarely(chance, INSTRUCTIONS, INSTRUCTIONS[:10], 2) for _ in range(chance.choice([1, 1, 2, 2, 3, 4]))]
    return ["\n".join(lines) + chance.choice(["\n", "\n", "\n", "", "\n\n"])]


EXTENSIONS = ["", "list", "list-owner", "list-x-y", "list-default", "default", "LIST", "a.b", "a:b", "a-b.c",
              "-", "--", "x/y", "../up", "owner", "list-return-7-joe=far.example", "\xe4", "a b", "x" * 260,
              "list-request", "q"]
FILES = [".qmail", ".qmail-default", ".qmail-list", ".qmail-list-default", ".qmail-list-owner",
         ".qmail-list-x-default", ".qmail-list-x-y", ".qmail-a:b", ".qmail-a.b", ".qmail-a-b:c",
         ".qmail-a-default", ".qmail--", ".qmail---default", ".qmail-owner", ".qmail-list-return-default",
         ".qmail-default-owner", ".qmail-list-default-owner", ".qmail-LIST", ".qmail-x:y"]
SENDERS = ["ann@far.example", "", "#@[]", "joe@mail.example.org", "ann", "ann@far.example-@[]"]


def local_files(chance):
    """Extension, sender, and the .qmail files there are, each with a program of its name: which is taken."""
    ext = rarely(chance, EXTENSIONS, EXTENSIONS[:9], 2)
    return [ext, chance.choice(SENDERS), *sorted(chance.sample(FILES, chance.randint(1, 9)))]


# ---- qmail-smtpd ----

BOXES = ["joe@mail.example.org", "JOE@Mail.Example.ORG", "nobody@mail.example.org", "joe-x@mail.example.org",
         "joe-list@mail.example.org", "ann@far.example", "postmaster", "joe", "", "joe@[127.0.0.1]",
         "\"joe\"@mail.example.org", "\"a b\"@mail.example.org", "@relay.example:joe@mail.example.org",
         "joe@mail.example.org.", "joe@", "@mail.example.org", "joe%far.example@mail.example.org",
         "\\joe@mail.example.org", "joe\\@x@mail.example.org", "joe@mail.example.org@mail.example.org",
         "x" * 70 + "@mail.example.org", "joe @mail.example.org", "\"joe@mail.example.org",
         "\xe4@mail.example.org", "-joe@mail.example.org", "joe@bad.example", "spam@bad.example"]
FORMS = [":<%s>", ":<%s>", ":<%s>", ": <%s>", ":%s", " :<%s>", ":<%s", ":%s>", " <%s>", " %s", ":<<%s>>",
         ":<%s> (x)", ":\t<%s>", ":\"Joe\" <%s>"]
PARAMETERS = ["", "", "", "", " SIZE=10", " SIZE=99999999", " SIZE=x", " BODY=8BITMIME", " BODY=7BIT",
              " BODY=x", " AUTH=<>", " AUTH=joe", " RET=HDRS", " X=y", " SIZE=1 SIZE=2",
              " size=10 body=8bitmime", " ", " NOTIFY=NEVER", " ORCPT=rfc822;joe@x"]
VERBS = ["HELO x", "EHLO x", "HELO", "EHLO", "RSET", "NOOP", "NOOP x", "VRFY joe", "HELP", "QUIT", "DATA",
         "DATA x", "EXPN x", "AUTH PLAIN x", "", "MAIL", "RCPT", "STARTTLS", "rset", "RSET x", "MAIL FROM",
         "RCPT TO", "ehlo \xe4", "GET / HTTP/1.0", "TURN", "X" * 600, "BDAT 0", "help x", "quit x"]


def smtp_address(chance, *verbs):
    address = rarely(chance, FORMS, FORMS[:1], 3) % rarely(chance, BOXES, BOXES[:6], 2)
    return chance.choice(verbs) + address + rarely(chance, PARAMETERS, [""], 4)


def mail_line(chance):
    return smtp_address(chance, "MAIL FROM", "MAIL FROM", "mail from", "Mail From")


def rcpt_line(chance):
    return smtp_address(chance, "RCPT TO", "RCPT TO", "RCPT TO", "rcpt to", "RCPT  TO")


def smtp_verb(chance):
    return chance.choice(VERBS)


def smtpd(chance):
    """The lines a client sends: the replies' codes, and what was queued. After a 354 comes a small message."""
    if chance.randrange(3):
        recipients = [rcpt_line(chance) for _ in range(chance.randint(1, 3))]
        return ["EHLO x", mail_line(chance), *recipients, "RCPT TO:<joe@mail.example.org>", "DATA"]
    lines = [chance.choice([smtp_verb, mail_line, rcpt_line])(chance) for _ in range(chance.randint(2, 5))]
    return lines + chance.choice([[], ["DATA"]])


# ---- qmail-pop3d ----

POP_VERBS = ["STAT", "LIST", "UIDL", "RETR", "DELE", "TOP", "RSET", "NOOP", "LAST", "CAPA", "QUIT", "XTND",
             "USER", "stat", "Retr", "dele", ""]
POP_WORDS = ["", "", " 1", " 1", " 2", " 3", " 4", " 0", " -1", " 01", " 1x", " x", " 99999999999999999999",
             "  2", " 1 0", " 1 1", " 2 2", " 1 x", " 3 99", "\t1"]


def pop3d(chance):
    """The lines a client sends: the replies, and which of three messages are left, read or unread."""
    lines = [chance.choice(POP_VERBS) + chance.choice(POP_WORDS) for _ in range(chance.randint(1, 5))]
    return lines + chance.choice([[], ["QUIT"], ["QUIT"]])


# ---- qmail-newu, qmail-pw2u ----

ASSIGNMENTS = ["=joe:joe:1000:1000:/home/joe:::", "+joe-:joe:1000:1000:/home/joe:-::",
               "+:alias:7790:2108:/var/qmail/alias:-::", "=Joe.X:joe:1000:1000:/home/joe:::",
               "=info:joe:1000:1000:/home/joe:-:info:", "+list-:joe:1000:1000:/home/joe:-:list-:",
               "=a b:joe:1000:1000:/home/joe:::", "=joe:ann:1001:1001:/home/ann:::",
               "+JOE+:joe:1000:1000:/home/joe:-::"]
WRONG = ["", "#x", ".", "..", "joe", "=joe:joe:1000:1000:/home/joe::", "=joe:joe:1000:1000:/home/joe::::",
         "=joe:joe:x:1000:/home/joe:::", "=joe:joe:1000:-1:/home/joe:::",
         "=joe:joe:1000:4294967296:/home/joe:::", "=:joe:1000:1000:/home/joe:::",
         "=joe::1000:1000:/home/joe:::", "=joe:joe:1000:1000:home:::", "=joe:joe:1000:1000::::",
         " =joe:joe:1000:1000:/home/joe:::", "=joe:joe:1000:1000:/home/joe:::\r",
         "\xef\xbb\xbf=joe:joe:1000:1000:/home/joe:::", "=joe:joe: 1000:1000:/home/joe:::",
         "-joe:joe:1000:1000:/home/joe:::", "=j\0e:joe:1:1:/x:::", "=joe@h:joe:1000:1000:/home/joe:::",
         "=joe:joe:0:0:/root:::", "=joe :joe:1000:1000:/home/joe:::", "+joe-:joe:01000:1000:/home/joe:-::",
         ":x"]


def newu(chance):
    """users/assign: what qmail-newu says, and its table."""
    lines = [rarely(chance, WRONG, ASSIGNMENTS, 5) for _ in range(chance.randint(0, 4))]
    return ["".join(line + "\n" for line in lines) + chance.choice([".\n", ".\n", ".\n", ".", "", ".\nmore\n", "..\n"])]


ACCOUNTS = ["joe:x:1000:1000:Joe:/home/joe:/bin/sh", "Ann:x:1001:1001::/home/ann:/bin/sh",
            "bob:x:1002:1002::/home/bob:/bin/sh", "root:x:0:0:root:/root:/bin/sh", "a.b:x:1003:100::/home/a.b:",
            "daemon:x:1:1::/usr/sbin:/x", "away:x:1004:1004::/no/such:/bin/sh", "+", "-x", "+::::::",
            "short:x:1:1", "", "nohome:x:1005:1005:::/bin/sh", "rel:x:1006:1006::home:/x", "bad:x:uid:1::/x:/y",
            ":x:1:1::/x:/y", "n\0l:x:1:1::/x:/y", "#c:x:1:1::/x:/y", "bob:x:1002:1002::/home/bob:/bin/sh"]
PW2U_OPTIONS = ["-H", "-h", "-o", "-u", "-U", "-C", "-c+", "-c", "-/", "-Hu", "-HC", "-x", "-Hc.", "-H/"]
PW2U_FILES = ["include=joe\nbob\n", "include=", "include= joe\n#x\n", "exclude=joe\n", "exclude=Ann \nbob\n",
              "mailnames=joe:joe.user:j\n", "mailnames=bob:joe\n", "mailnames=joe:\nbob",
              "subusers=web:joe:site:\n", "subusers=web:nobody:site:\n", "subusers=web:joe:\n",
              "subusers=#x\nx:joe::\n", "append==x:joe:1000:1000:/home/joe:::\n", "append=no end",
              "breakchars=-+\n", "breakchars=\n", "breakchars=.\n"]


def pw2u(chance):
    """A passwd file, options, files of users/: the lines for users/assign."""
    lines = ["alias:x:7790:2108::/var/qmail/alias:/x"] * (chance.randrange(8) > 0)
    lines += [rarely(chance, ACCOUNTS, ACCOUNTS[:5], 2) for _ in range(chance.randint(0, 4))]
    options = chance.choice([["-H"], ["-H"], [], [chance.choice(PW2U_OPTIONS), chance.choice(PW2U_OPTIONS)]])
    files = {text.split("=")[0]: text for text in chance.sample(PW2U_FILES, chance.choice([0, 0, 1, 2]))}
    return ["".join(line + "\n" for line in lines), *options, *files.values()]


# ---- qmail-remote ----

REPLIES = ["250 ok", "220 x", "354 go", "421 closing", "450 4.2.0 later", "451 x", "452 4.5.3 too many",
           "500 what", "502 no", "550 5.1.1 no such user", "552 full", "553 x", "554 5.7.1 no", "555 x",
           "250-a\n250 b", "550-a\n550 b", "550-5.1.1 a\n450 b", "550 " + "long " * 60, "25", "", "abc",
           "999 x", "199 x", "250", "250ok", "251 forwards", "252 maybe", "550 \xe4\x01", "5.1.1 x", "CLOSE",
           "421 bye CLOSE", "550 no CLOSE", "300 x", "334 x"]


def remote(chance):
    """How many recipients, then what the server answers where not all is well (the nth RCPT as RCPTn): the report."""
    recipients = chance.choice([1, 1, 2, 3])
    stages = ["greeting", "EHLO", "HELO", "MAIL", "DATA", "BODY"] + [f"RCPT{i}" for i in range(recipients)] * 2
    chosen = chance.sample(stages, chance.choice([1, 1, 2]))
    return [str(recipients), *(f"{stage}={chance.choice(REPLIES)}" for stage in sorted(set(chosen)))]


FAMILY = {"inject-headers": (inject_headers, 300), "inject-arguments": (inject_arguments, 300),
          "local-lines": (local_lines, 300), "local-files": (local_files, 200), "smtpd": (smtpd, 350),
          "pop3d": (pop3d, 200), "newu": (newu, 200), "pw2u": (pw2u, 200), "remote": (remote, 300)}


def cases(name):
    """Different ones, in the order in which chance made them."""
    make, count = FAMILY[name]
    chance = random.Random(name)
    made = {}
    while len(made) < count:
        made.setdefault(tuple(make(chance)))
    return [list(case) for case in made]
