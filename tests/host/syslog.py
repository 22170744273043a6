"""A syslog daemon for a test host: what arrives on its /dev/log, as it arrives."""

import re
import socket

# The host sees the machine's /dev, where nothing of a test may appear: it gets one of its own first.
OWN_DEV = """
mkdir /run/dev
for n in null zero full random urandom tty; do touch /run/dev/$n; mount --bind /dev/$n /run/dev/$n; done
for n in 0 1 2; do ln -s /proc/self/fd/$n /run/dev/fd$n; done
ln -s /proc/self/fd /run/dev/fd
ln -s fd0 /run/dev/stdin; ln -s fd1 /run/dev/stdout; ln -s fd2 /run/dev/stderr
mount --rbind /run/dev /dev
"""
LINE = re.compile(rb"<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d ([^:\[]+): (\d+\.\d{6})([ +])(.*)", re.S)


class Syslog:
    def __init__(self, host):
        host.sh(OWN_DEV)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(host.path("/run/dev/log"))
        host.sh("chmod 666 /dev/log")
        self.socket.settimeout(10)

    def next(self):
        """(priority, tag, stamp, ' ' or '+', text) of the next message."""
        message = self.socket.recv(65536)
        priority, tag, stamp, sign, text = LINE.fullmatch(message).groups()
        return int(priority), tag.decode(), stamp.decode(), sign.decode(), text.decode()

    def until(self, pattern):
        """The texts up to the first that matches."""
        texts = []
        while not texts or not re.search(pattern, texts[-1]):
            texts.append(self.next()[4])
        return texts
