"""changer.py PROGRAM DIRECTORY: adds and removes users of a domain until somebody ends it, and prints of each change that is
done how many that makes, and when."""

import itertools
import subprocess
import sys
import time


def changes():
    """add u0, u1, u2, remove u1, add u3, u4, u5, remove u4 ..."""
    for n in itertools.count():
        yield "add", f"u{n:05}"
        if n % 3 == 2:
            yield "remove", f"u{n - 1:05}"


def users_after(count):
    users = set()
    for verb, name in itertools.islice(changes(), count):
        (users.add if verb == "add" else users.discard)(name)
    return sorted(users)


def main():
    program, directory = sys.argv[1:]
    for count, (verb, name) in enumerate(changes(), 1):
        if subprocess.run([program, directory, verb, name], check=False).returncode:
            return
        print(count, time.monotonic(), flush=True)


if __name__ == "__main__":
    main()
