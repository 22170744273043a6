"""Files in programs/man/doc that are there to be used: start scripts of other init systems, and the shell's look for mail."""

from tests.host import eventually

DOC = "/var/qmail/doc"


def deliver(host):
    before = len(host.maildir("joe"))
    host.run(["sendmail", "joe"], input=b"Subject: x\n\n")
    assert eventually(lambda: len(host.maildir("joe")) > before)


def test_the_sysv_script(host):
    host.sh(f"install -m 755 {DOC}/init.d-qmail /etc/init.d/qmail")
    ctl = lambda word: host.sh(f"/etc/init.d/qmail {word}", check=False)
    assert ctl("start").returncode == 0
    assert ctl("status").returncode == 0
    assert "Sending HUP" in ctl("reload").stdout and ctl("restart").returncode == 0
    assert ctl("stop").returncode == 0
    assert ctl("status").returncode == 111
    assert ctl("start").returncode == 0 and ctl("status").returncode == 0
    done = ctl("begin")
    assert done.returncode == 1 and done.stderr.startswith("Usage: /etc/init.d/qmail {start|stop|")


def test_the_openrc_script(host):
    """Its functions, as openrc-run would call them."""
    script = f"ebegin() {{ echo $*; }}; eend() {{ return $1; }}; . {DOC}/openrc-qmail; "
    run = lambda word: host.sh(script + word, check=False)
    assert run("need() { :; }; use() { :; }; provide() { :; }; depend").returncode == 0
    assert run("start").returncode == 0 and run("status").returncode == 0
    assert run("reload").returncode == 0 and run("stop").returncode == 0
    assert run("status").returncode == 111


def test_the_shell_tells_of_new_mail(host):
    host.user("joe")
    host.start("qmail-send")
    shell = host.popen(["bash", "--norc"], user="joe", env={"HOME": "/home/joe"}, stdin=-1, stdout=-1)
    def prompt(command=""):
        shell.stdin.write(f'{command}\neval "$PROMPT_COMMAND"; echo end\n'.encode())
        shell.stdin.flush()
        return list(iter(lambda: shell.stdout.readline().decode().strip(), "end"))

    assert prompt(f"PROMPT_COMMAND='echo mine'; . {DOC}/mailcheck.sh") == ["mine"]
    deliver(host)
    assert prompt() == ["You have new mail.", "mine"]
    assert prompt() == ["mine"], "once"
    deliver(host)
    assert prompt() == ["You have new mail.", "mine"]
    host.sh("mv ~joe/Maildir/new/* ~joe/Maildir/cur/")
    assert prompt() == ["mine"]
    deliver(host)
    assert prompt("echo $MAIL") == ["/home/joe/Maildir/", "You have new mail.", "mine"]
    shell.stdin.close()
    shell.wait()
    shell.stdout.close()
    assert host.sh(f". {DOC}/mailcheck.sh", user="joe", env={"HOME": "/home/joe"}).stdout == "You have new mail.\n"
