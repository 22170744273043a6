"""Mail and logins without a pause, by several at once, until the file /tmp/enough is there, and then two more of each: by then all
is well. Prints a line for each answer:
rcpt WHO CODE, sent NUMBER, login RIGHT|WRONG ANSWER. What has no answer at all prints "none"."""

import itertools
import os
import smtplib
import socket
import sys
import threading

SAID = threading.Lock()


def say(*words):
    with SAID:
        print(*words, flush=True)


def mail(number):
    with smtplib.SMTP("127.0.0.1", 25, local_hostname="client.example", timeout=60) as smtp:
        smtp.ehlo()
        smtp.mail("max@mail.example.org")
        say("rcpt", "nobody", smtp.rcpt("nobody@example.net")[0])
        code = smtp.rcpt("joe@example.net")[0]
        say("rcpt", "joe", code)
        if code == 250 and smtp.data(f"Subject: number {number}\r\n\r\n{number}\r\n")[0] == 250:
            say("sent", number)


def login(password):
    with socket.create_connection(("127.0.0.1", 110), timeout=60) as s:
        lines = s.makefile("rb")
        lines.readline()
        for text in "USER joe@example.net", f"PASS {password}":
            s.sendall(text.encode() + b"\r\n")
            said = lines.readline().decode().split()
        say("login", "right" if password == "pass word" else "wrong", *said[:2])


def repeat(deed, things):
    troubled = itertools.takewhile(lambda _: not os.path.exists("/tmp/enough"), things)
    for thing in itertools.chain(troubled, itertools.islice(things, 2)):
        try:
            deed(thing)
        except (OSError, smtplib.SMTPException) as error:
            say("none", repr(error))


def main():
    senders = int(sys.argv[1])
    threads = [threading.Thread(target=repeat, args=(mail, itertools.count(i, senders))) for i in range(senders)]
    threads.append(threading.Thread(target=repeat, args=(login, itertools.cycle(["pass word", "wrong"]))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
