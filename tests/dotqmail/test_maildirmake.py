"""maildirmake: a Maildir with its folders, whole, and his whose mail it will hold."""

import os

import pytest


@pytest.fixture
def joe(host):
    host.user("joe")
    return host


def make(host, *arguments, user="joe"):
    done = host.run(["/var/qmail/bin/maildirmake", *arguments], user=user, check=False)
    return done.returncode, done.stderr.decode()


def shown(host, place):
    return host.sh(f"cd ~joe && find {place} -printf '%P %m %u %g %y\\n' | sort").stdout.splitlines()


def tree(owner, mode="700", folder=False):
    below = [f"{name} {mode} {owner} {owner} d" for name in ("cur", "new", "tmp")]
    return [f" {mode} {owner} {owner} d", *sorted(below + ([f"maildirfolder {int(mode, 8) & 0o666:o} {owner} {owner} f"] if folder else []))]


def test_a_maildir(joe):
    assert make(joe, "/home/joe/Box") == (0, "")
    assert shown(joe, "Box") == tree("joe")
    assert make(joe, "/home/joe/Box") == (111, "maildirmake: fatal: unable to mkdir /home/joe/Box: File exists\n")
    assert make(joe, "/home/joe/a/b") == (111, "maildirmake: fatal: unable to mkdir /home/joe/a/b: No such file or directory\n")
    joe.sh("cd && maildirmake Other/ && maildirmake ./Third && mkdir Empty", user="joe", env={"HOME": "/home/joe"})
    assert shown(joe, "Other") == shown(joe, "Third") == tree("joe")
    assert make(joe, "/home/joe/Empty")[0] == 111


def test_wrong_use(joe):
    assert make(joe)[0] == make(joe, "a", "b")[0] == make(joe, "-x", "a")[0] == make(joe, "")[0] == 100
    for folder in ("", ".x", "a/b", "..", "x" * 255):
        assert make(joe, "-f", folder, "/home/joe/Box")[0] == 100
    for mode in ("", "x", "077", "8", "17000", "700x"):
        assert make(joe, "-m", mode, "/home/joe/Box") == (100, f"maildirmake: fatal: no mode for a Maildir: {mode}\n")
    assert make(joe, "-o", "nobody-there", "/home/joe/Box") == (100, "maildirmake: fatal: there is no user nobody-there\n")
    assert "Box" not in joe.sh("ls -A ~joe").stdout


def test_folders_of_one_that_is_there(joe):
    make(joe, "/home/joe/Box")
    assert make(joe, "-f", "Sent.2026", "-f", "Junk", "/home/joe/Box") == (0, "")
    assert shown(joe, "Box/.Sent.2026") == shown(joe, "Box/.Junk") == tree("joe", folder=True)
    assert make(joe, "-f", "New", "-f", "Junk", "/home/joe/Box") == (111, "maildirmake: fatal: unable to mkdir /home/joe/Box: File exists\n")
    assert sorted(joe.sh("ls -A ~joe/Box").stdout.split()) == [".Junk", ".New", ".Sent.2026", "cur", "new", "tmp"]


def test_all_in_one_step(joe):
    assert make(joe, "-f", "Sent", "-m", "750", "-f", "Junk", "/home/joe/Box") == (0, "")
    assert sorted(joe.sh("ls -A ~joe/Box").stdout.split()) == [".Junk", ".Sent", "cur", "new", "tmp"]
    assert shown(joe, "Box/.Sent") == tree("joe", "750", folder=True)
    assert joe.sh("ls -A ~joe | grep maildirmake", check=False).stdout == ""


def test_root_makes_it_for_whom_it_is(joe):
    assert make(joe, "-f", "Sent", "/home/joe/Box", user="root") == (0, "")
    assert shown(joe, "Box")[0] == tree("joe")[0] and shown(joe, "Box/.Sent") == tree("joe", folder=True)
    joe.sh("chown alias: ~joe/Box")
    assert make(joe, "-f", "Junk", "/home/joe/Box", user="root") == (0, "")
    assert joe.sh("stat -c %U ~joe/Box/.Junk").stdout == "alias\n"
    assert make(joe, "/srv/Box", user="root") == (0, "") and joe.sh("stat -c %U /srv/Box").stdout == "root\n"
    assert make(joe, "-o", "joe", "/srv/joe", user="root") == (0, "") and joe.sh("stat -c %U:%G /srv/joe/new").stdout == "joe:joe\n"
    joe.sh("cd /home && maildirmake joe/Relative")
    assert shown(joe, "Relative") == tree("joe")


def test_root_follows_no_link_of_somebody_else(joe):
    joe.sh("ln -s /etc ~joe/place; mkdir /srv/his; chown -h joe: ~joe/place; ln -s /etc ~joe/Box")
    assert make(joe, "/home/joe/place/Box", user="root")[0] == 111
    assert make(joe, "-f", "Junk", "/home/joe/Box", user="root")[0] == 111
    assert not os.path.exists(joe.path("/etc/Box")) and not os.path.exists(joe.path("/etc/.Junk"))


def test_nothing_is_left_of_what_could_not_be_made(joe):
    assert make(joe, "-o", "root", "/home/joe/Box") == (111, "maildirmake: fatal: unable to mkdir /home/joe/Box: Operation not permitted\n")
    assert joe.sh("ls -A ~joe | grep -i box", check=False).stdout == "" == joe.sh("ls -A ~joe | grep maildirmake", check=False).stdout
