"""Sends numbered messages to recipients in turn until it is killed, and prints "250 NUMBER MOMENT" for each that
was accepted; the moment is of the monotonic clock. sender.py SEED RECIPIENT[,RECIPIENT...] SESSIONS"""

import itertools
import random
import smtplib
import sys
import threading
import time


def body(seed, number):
    """The text of a message: anybody who knows the two numbers can check it."""
    lines = random.Random(f"{seed}/{number}")
    count = lines.choice([1, 3, 20, 100, 800])
    return "".join(f"{seed} {number} {lines.getrandbits(200):050x}\n" for _ in range(count)) + f"end {seed} {number}\n"


def wishes(number):
    """Of some messages the sender, a user of the machine, wishes to be told when they are delivered."""
    return number % 8 == 5


def session(seed, recipients, numbers, said):
    with smtplib.SMTP("127.0.0.1", 25, local_hostname="client.example", timeout=10) as smtp:
        for number in numbers:
            recipient = recipients[number // 4 % len(recipients)]
            sender = "ann@mail.example.org" if wishes(number) else "sender@client.example"
            smtp.sendmail(sender, [recipient], f"Subject: {seed}/{number}\n\n" + body(seed, number),
                          rcpt_options=["NOTIFY=SUCCESS"] if wishes(number) else [])
            moment = time.monotonic()
            with said:
                print("250", number, moment, flush=True)


def send(seed, recipients, first, step, said):
    """One session after the other, until somebody ends this program. No number is tried twice."""
    numbers = itertools.count(first, step)
    while True:
        try:
            session(seed, recipients, numbers, said)
        except (OSError, smtplib.SMTPException):
            time.sleep(0.05)


def main():
    seed, recipients, sessions = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3])
    said = threading.Lock()
    threads = [threading.Thread(target=send, args=(seed, recipients, i, sessions, said)) for i in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
