"""Sends numbered messages to one recipient until told to stop or refused, and prints "250 NUMBER MOMENT" for each that
was accepted; the moment is of the monotonic clock. sender.py SEED RECIPIENT SESSIONS"""

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


def send(seed, recipient, session, sessions, said):
    number = session
    try:
        with smtplib.SMTP("127.0.0.1", 25, local_hostname="client.example", timeout=10) as smtp:
            while True:
                text = f"Subject: {seed}/{number}\n\n" + body(seed, number)
                smtp.sendmail("sender@client.example", [recipient], text)
                moment = time.monotonic()
                with said:
                    print("250", number, moment, flush=True)
                number += sessions
    except (OSError, smtplib.SMTPException):
        pass


def main():
    seed, recipient, sessions = sys.argv[1], sys.argv[2], int(sys.argv[3])
    said = threading.Lock()
    threads = [threading.Thread(target=send, args=(seed, recipient, i, sessions, said)) for i in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
