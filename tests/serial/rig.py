"""A Maildir of somebody's, and servers who do what the test wants."""

import os
import socket
import threading

HEAD = b"Return-Path: <%s>\nDelivered-To: %s\n"


class Box:
    """joe's Maildir pppdir, whose mail is for joe-ppp-ANYBODY."""

    def __init__(self, host):
        self.host = host
        host.user("joe")
        host.sh("maildirmake ~/pppdir && cd ~/pppdir && pwd", user="joe", env={"HOME": "/home/joe"})

    def put(self, name, text=b"Subject: x\n\nhi\n", sender=b"a@b.example", recipient=b"joe-ppp-r@virt.example", age=10, part="new"):
        path = f"/home/joe/pppdir/{part}/{name}"
        self.host.write(path, HEAD % (sender, recipient) + text, owner="joe", mode=0o600)
        self.host.sh(f"touch -d '{age} seconds ago' {path}")
        return f"{part}/{name}"

    def left(self):
        place = self.host.path("/home/joe/pppdir")
        return sorted(f"{part}/{name}" for part in ("new", "cur") for name in os.listdir(f"{place}/{part}"))

    def client(self, script):
        self.host.write("/home/joe/client", "#!/bin/sh\n" + script, mode=0o755)
        return "/home/joe/client"

    def send(self, *client, options=("-b", "-t1209600"), prefix="joe-ppp-", **more):
        words = ["maildirserial", *options, "--", "/home/joe/pppdir", prefix, *client]
        done = self.host.run(words, user="joe", check=False, **more)
        return done.returncode, done.stderr.decode().splitlines()


class Server:
    """The other end of descriptors 6 and 7: talk(file) is what it does, in a thread."""

    def __init__(self, host, talk, *program, names=(), env=None):
        ours, theirs = socket.socketpair()
        fd = theirs.fileno()
        words = ["bash", "-c", f'cd /home/joe/pppdir && exec "$@" 6<&{fd} 7>&{fd} {fd}>&-', "sh", *program]
        self.process = host.popen(words, user="joe", env=env, stdin=-1, stdout=-1, stderr=-1, pass_fds=[fd])
        theirs.close()
        ours.settimeout(30)
        self.trouble = None
        thread = threading.Thread(target=self.serve, args=(ours, talk))
        thread.start()
        out, err = self.process.communicate(b"".join(name.encode() + b"\0" for name in names), timeout=60)
        thread.join()
        assert not self.trouble, self.trouble
        self.code = self.process.returncode
        self.results = [(n.decode(), rest.decode()) for n, _, rest in (line.partition(b"\0") for line in out.splitlines())]
        self.said = err.decode().splitlines()

    def serve(self, ours, talk):
        try:
            with ours, ours.makefile("rwb") as file:
                talk(file)
        except Exception as trouble:
            self.trouble = trouble
