"""vpopmaild: web pages change what is theirs, in the protocol they know, and nothing else."""

import re
import socket
import subprocess

import pytest

from tests.host.machine import TOP
from tests.vdomains.conftest import VIRTUAL, crypt, records, state
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import set_record

PLACE = f"{VIRTUAL}/example.net"


class Talk:
    """A conversation with one vpopmaild, which root has started for a client of this host."""

    def __init__(self, host, login=None, under=()):
        self.ours, theirs = socket.socketpair()
        self.ours.settimeout(60)
        self.process = host.popen([*under, "vpopmaild"], env={"TCPREMOTEIP": "127.0.0.1"}, stdin=theirs.fileno(), stdout=theirs.fileno(),
                                  stderr=subprocess.PIPE)
        theirs.close()
        self.lines = self.ours.makefile("rb")
        assert self.hear().startswith("+OK")
        if login:
            assert self.ask(f"slogin {login}") == "+OK"

    def say(self, *lines):
        self.ours.sendall("".join(line + "\r\n" for line in lines).encode())

    def hear(self):
        return self.lines.readline().decode().removesuffix("\r\n")

    def ask(self, *lines):
        """The answer, or the lines of data."""
        self.say(*lines)
        said = self.hear()
        return said if said != "+OK+" else list(iter(self.hear, "."))

    def end(self):
        self.lines.close()
        self.ours.close()
        log = self.process.communicate(timeout=60)[1].decode()
        return self.process.returncode, log


@pytest.fixture
def site(virtual):
    """example.net with postmaster, joe and max, and other.example; root lets joe administer the system."""
    for domain in ("example.net", "other.example"):
        run(virtual, "vadddomain", domain, "secret")
    run(virtual, "vadduser", "-c", "Joe Doe", "joe@example.net", "pass word")
    run(virtual, "vadduser", "-q", "10M", "max@example.net", "mine")
    run(virtual, "vadduser", "ann@other.example", "hers")
    virtual.start("qmail-users")
    return virtual


def system_admin(host):
    run(host, "vmoduser", "-S", "joe@example.net")
    host.control("vpopmaildadmins", "joe@example.net\n")
    return Talk(host, "joe@example.net pass word")


# ---- logging in ----

def test_a_login_shows_who_it_is(site):
    t = Talk(site)
    assert t.ask("user_info") == "-ERR 101.0 login first"
    said = t.ask("login joe@example.net pass word")
    assert said[:9] == ["vpopmail_dir /home/vpopmail", f"domain_dir {PLACE}", "uid 89", "gid 89", "name joe", "domain example.net",
                        "comment Joe Doe", "quota NOQUOTA", f"user_dir {PLACE}/joe"]
    assert {"no_pop 0", "domain_admin_privileges 0"} <= set(said) and not any("password $" in line for line in said)
    assert t.ask("login joe@example.net pass word") == "-ERR 100.0 somebody has logged in already"
    assert site.sh("ps -o user= -C vpopmaild").stdout == "vpopmail\n"
    assert t.ask("quit") == "+OK" and t.end()[0] == 0
    t = Talk(site)
    assert t.ask("clogin max@example.net mine")[-1] == "gidflags 0" and t.ask("user_info")[0] == "name max"
    assert t.end()[0] == 0


def test_who_guesses_is_sent_away(site):
    t = Talk(site)
    for login in ("joe@example.net wrong", "nobody@example.net x", "joe@else.where x"):
        assert t.ask(f"slogin {login}") == "-ERR 101.0 wrong user or password"
    assert t.hear() == "" and t.end() == (1, "".join(
        f"vpopmaild: ip 127.0.0.1 user -@-: login {name}: refused\n" for name in ("joe@example.net", "nobody@example.net", "joe@else.where")))


def test_nobody_is_wrong_while_the_service_is_down(site):
    site.stop()
    assert Talk(site).ask("slogin joe@example.net pass word") == "-ERR 111.0 the password cannot be checked now"


# ---- what Roundcube's driver says ----

def test_a_web_page_changes_a_password(site):
    for now, new in (("mine", "another one, with blanks"), ("another one, with blanks", "third")):
        t = Talk(site)
        assert t.ask(f"slogin max@example.net {now}") == "+OK"
        assert t.ask("mod_user max@example.net", f"clear_text_password {new}", ".") == "+OK"
        t.say("quit")
        code, log = t.end()
        assert code == 0 and log.endswith("vpopmaild: ip 127.0.0.1 user max@example.net: mod_user max@example.net: ok\n") and new not in log
        stored = records(site, PLACE)["max"][0]
        assert crypt(new, stored) == stored


def test_a_hash_is_in_no_command_line(site):
    """Where every user of the machine could read it."""
    t = Talk(site, "postmaster@example.net secret", under=["strace", "-f", "-qq", "-s", "9999", "-e", "trace=execve", "-o", "/run/trace"])
    for said in ("$6$salt$of.another/system", "-", ""):
        assert t.ask("mod_user max@example.net", f"encrypted_password {said}", "comment Max", ".") == "+OK"
        assert records(site, PLACE)["max"][0] == said
    assert t.ask("mod_user max@example.net", f"encrypted_password {200 * 'x'}", ".").startswith("-ERR 100.0 ")
    t.end()
    seen = site.read("/run/trace").decode()
    assert '"vmoduser"' in seen and "another" not in seen and "xxx" not in seen


def test_a_password_that_stays(site):
    run(site, "vmoduser", "-d", "max@example.net")
    t = Talk(site, "max@example.net mine")
    assert t.ask("mod_user max@example.net", "clear_text_password x", ".").startswith("-ERR 1.0 ")
    assert t.ask("quit") == "+OK"


# ---- who may ----

def test_a_user_has_himself_alone(site):
    t = Talk(site, "max@example.net mine")
    before = records(site, PLACE), records(site, f"{VIRTUAL}/other.example")
    assert t.ask("user_info max%example.net")[0] == "name max" and t.ask("get_user_size max") == ["size 0", "count 0"]
    for lines in (["user_info joe@example.net"], ["user_info ann@other.example"], ["add_user new@example.net x"], ["del_user max@example.net"],
                  ["list_users example.net"], ["list_domains"], ["add_domain new.example x"], ["dom_info example.net"],
                  ["mod_user joe@example.net", "clear_text_password x", "."], ["mod_user max@example.net", "quota 1G", "."],
                  ["mod_user max@example.net", "domain_admin_privileges 1", "."], ["mod_user max@example.net", "comment a", "no_pop 0", "."],
                  ["mod_user max@else.where", "comment a", "."], ["get_lastauth -D@example.net"], ["list_alias --json"]):
        assert t.ask(*lines).startswith("-ERR 10"), lines
    assert (records(site, PLACE), records(site, f"{VIRTUAL}/other.example")) == before
    assert t.ask("mod_user max@example.net", "comment Max M.", ".") == "+OK" and records(site, PLACE)["max"][3] == "Max M."


def test_an_administrator_has_his_domain(site):
    run(site, "valias", "-i", "&joe@example.net", "sales@example.net")
    t = Talk(site, "postmaster@example.net secret")
    assert t.ask("add_user New@example.net a b") == "+OK" and crypt("a b", records(site, PLACE)["new"][0]) == records(site, PLACE)["new"][0]
    assert t.ask("add_user new@example.net x") == "-ERR 1.0 User already exists"
    assert t.ask("mod_user new@example.net", "quota 5M", "comment N", "no_pop 1", "user_flag_1 1", ".") == "+OK"
    assert records(site, PLACE)["new"][2:6] == [str(0x102), "N", f"{PLACE}/new", "5242880S"]
    assert t.ask("mod_user new@example.net", "no_pop 0", ".") == "+OK" and records(site, PLACE)["new"][2] == str(0x100)
    assert [line for line in t.ask("list_users example.net") if line.startswith("name ")] == ["name joe", "name max", "name new", "name postmaster"]
    assert [line for line in t.ask("list_users example.net 2 3") if line.startswith("name ")] == ["name postmaster"]
    assert t.ask("user_count example.net") == ["count 4"]
    assert t.ask("dom_info example.net") == ["domain example.net", f"path {PLACE}", "uid 89", "gid 89"]
    assert t.ask("list_alias example.net") == ["sales@example.net &joe@example.net"] and t.ask("list_lists example.net") == []
    assert t.ask("get_limits example.net")[0] == "max_popaccounts -1"
    assert t.ask("del_user new@example.net") == "+OK" and "new" not in records(site, PLACE)
    for lines in (["user_info ann@other.example"], ["del_user ann@other.example"], ["list_users other.example"], ["add_user x1@other.example x"],
                  ["del_limits example.net"], ["del_domain example.net"], ["mod_user max@example.net", "system_admin_privileges 1", "."]):
        assert t.ask(*lines).startswith("-ERR 10"), lines
    assert set(records(site, f"{VIRTUAL}/other.example")) == {"ann", "postmaster"}
    code, log = Talk(site, "postmaster@example.net secret").end()
    assert code == 0 and "a b" not in t.end()[1]


def test_who_administers_the_system_is_said_by_root_and_above_a_domain(site):
    run(site, "vmoduser", "-S", "joe@example.net")
    t = Talk(site, "joe@example.net pass word")
    assert t.ask("list_domains").startswith("-ERR 101.0 ")
    t = Talk(site, "postmaster@example.net secret")
    assert t.ask("mod_user joe@example.net", "clear_text_password x", ".").startswith("-ERR 101.0 ")
    assert t.ask("del_user joe@example.net").startswith("-ERR 101.0 ")


def test_nobody_sees_the_hash_of_who_is_above_a_domain(site):
    run(site, "vmoduser", "-S", "joe@example.net")
    shown = "\n".join(Talk(site, "postmaster@example.net secret").ask("list_users example.net"))
    stored = {name: fields[0] for name, fields in records(site, PLACE).items()}
    assert stored["max"] in shown and stored["joe"] not in shown and "name joe" in shown
    site.control("vpopmaildadmins", "joe@example.net\n")
    assert stored["joe"] in "\n".join(Talk(site, "joe@example.net pass word").ask("list_users example.net"))


def test_limits_of_a_domain_are_not_its_administrators_to_lift(site):
    run(site, "vmoddomlimits", "-g", "p", "example.net")
    t = Talk(site, "postmaster@example.net secret")
    assert t.ask("mod_user max@example.net", "override_domain_limits 1", ".") == "-ERR 100.0 that is not yours to change"
    assert t.ask("mod_user max@example.net", "no_imap 1", ".") == "+OK" and records(site, PLACE)["max"][2] == "8"
    t = system_admin(site)
    assert t.ask("mod_user max@example.net", "override_domain_limits 1", ".") == "+OK" and records(site, PLACE)["max"][2] == str(0x2008)


def test_what_limits_forbid_administrators_only_postmaster_does(site):
    run(site, "vmoduser", "-a", "joe@example.net")
    joe, postmaster = Talk(site, "joe@example.net pass word"), Talk(site, "postmaster@example.net secret")
    assert joe.ask("add_user new@example.net x") == joe.ask("del_user new@example.net") == "+OK"
    for letters, lines in (("c", ["add_user new@example.net x"]), ("m", ["mod_user max@example.net", "comment M", "."]), ("d", ["del_user max@example.net"])):
        run(site, "vmoddomlimits", "-p", letters, "example.net")
        assert joe.ask(*lines) == "-ERR 101.0 the limits of the domain forbid that"
    run(site, "vmoddomlimits", "-p", "m", "example.net")
    for line in ("add_app_password max@example.net phone", "del_app_password max@example.net phone"):
        assert joe.ask(line) == "-ERR 101.0 the limits of the domain forbid that", "it opens his mailbox as his password does"
    run(site, "vmoddomlimits", "-p", "cmd", "-x", "m", "example.net")
    assert joe.ask("mod_user joe@example.net", "comment J", ".") == "+OK", "a user has himself"
    assert joe.ask("add_app_password joe@example.net phone")[0].startswith("App password: ") and joe.ask("del_app_password joe@example.net phone") == "+OK"
    assert postmaster.ask("add_user new@example.net x") == postmaster.ask("del_user new@example.net") == "+OK"
    run(site, "vmoddomlimits", "-p", "", "example.net")
    assert joe.ask("mod_user max@example.net", "quota 1G", ".") == "-ERR 101.0 the limits of the domain forbid that"
    assert joe.ask("mod_user max@example.net", "comment M", ".") == postmaster.ask("mod_user max@example.net", "quota 1G", ".") == "+OK"
    assert records(site, PLACE)["max"][3:6:2] == ["M", "1073741824S"]
    site.write(f"{PLACE}/.qmailadmin-limits", "perm_account x\n", owner="vpopmail")
    assert joe.ask("del_user max@example.net").startswith("-ERR 101.0 ") and "max" in records(site, PLACE)
    run(site, "vmoddomlimits", "-D", "example.net")


def test_flags_that_are_not_named_stay(site):
    """Those of other programs, too."""
    set_record(site, "max", 3, str(1 << 30 | 8))
    t = Talk(site, "postmaster@example.net secret")
    assert t.ask("mod_user max@example.net", "no_pop 1", "no_imap 0", "user_flag_1 1", ".") == "+OK"
    assert records(site, PLACE)["max"][2] == str(1 << 30 | 0x102)


def test_an_administrator_of_the_system(site):
    t = system_admin(site)
    assert t.ask("add_domain new.example a secret") == "+OK" and t.ask("add_alias_domain new.example www.new.example") == "+OK"
    assert {"new.example new.example", "new.example www.new.example"} <= set(t.ask("list_domains"))
    assert t.ask("domain_count") == ["count 4"] and len(t.ask("list_domains 1 2")) == 2
    assert t.ask("add_user ann@new.example x") == "+OK" and t.ask("user_info ann@other.example")[0] == "name ann"
    assert t.ask("add_ip_map 192.0.2.1 new.example") == "+OK" and t.ask("show_ip_map") == ["192.0.2.1 new.example"]
    assert t.ask("get_ip_map 192.0.2.1") == ["192.0.2.1 new.example"] and t.ask("get_ip_map 192.0.2").startswith("-ERR 1.0 ")
    assert t.ask("del_ip_map 192.0.2.1 new.example") == "+OK"
    assert t.ask("find_domain NEW.example 2") == ["page 2"] and t.ask("find_domain no.example") == []
    assert t.ask("find_domain www.new.example") == ["page 4"] and t.ask("dom_info www.new.example")[4:] == ["alias www.new.example"]
    assert t.ask("del_domain new.example").startswith("-ERR 1.0 ") and t.ask("del_domain www.new.example") == t.ask("del_domain new.example") == "+OK"
    assert not any("new.example" in line for line in state(site)["control/virtualdomains"])


def test_limits_are_set_as_a_whole_or_not_at_all(site):
    t = system_admin(site)
    assert t.ask("set_limits other.example", "max_popaccounts 9", "max_aliases -1", "disk_quota 100", "default_quota 5000000", "disable_pop 1",
                 "disable_smtp 0", ".") == "+OK"
    shown = t.ask("get_limits other.example")
    assert {"max_popaccounts 9", "max_aliases -1", "disk_quota 100", "default_quota 5000000", "disable_pop 1", "disable_smtp 0"} <= set(shown)
    for lines in (["max_popaccounts 8", "strange 1"], ["max_popaccounts x"], ["max_popaccounts " + "1" * 40], ["max_popaccounts -D"],
                  ["perm_account 8"], ["perm_account -1"], ["perm_quota "], ["perm_alias 77"], ["perm_forward a"]):
        assert t.ask("set_limits other.example", *lines, ".").startswith("-ERR "), lines
    assert "max_popaccounts 9" in t.ask("get_limits other.example") and t.ask("set_limits other.example", ".") == "+OK"
    assert t.ask("set_limits other.example", "disable_pop 0", ".") == "+OK" and "disable_pop 0" in t.ask("get_limits other.example")
    assert Talk(site, "postmaster@example.net secret").ask("set_limits example.net", "max_popaccounts 9", ".").startswith("-ERR 101.0 ")


def test_what_is_forbidden_to_administrators_is_a_limit_too(site):
    """A web page writes all of it as it has read it."""
    t = system_admin(site)
    before = t.ask("get_limits other.example")
    kinds = ("account", "alias", "forward", "autoresponder", "maillist", "maillist_users", "maillist_moderators", "quota", "defaultquota")
    assert [line for line in before if line.startswith("perm_")] == [f"perm_{kind} 0" for kind in kinds]
    wanted = [f"perm_{kind} {n % 8}" for n, kind in enumerate(kinds, 1)]
    assert t.ask("set_limits other.example", *wanted, ".") == "+OK"
    after = t.ask("get_limits other.example")
    assert [line for line in after if line.startswith("perm_")] == wanted
    assert f"perm_maillist {5 + 6 * 8 + 7 * 64}\n" in site.read(f"{VIRTUAL}/other.example/.qmailadmin-limits").decode()
    assert t.ask("set_limits other.example", *after, ".") == "+OK" and t.ask("get_limits other.example") == after
    assert t.ask("set_limits other.example", "perm_maillist_users 0", ".") == "+OK"
    assert {"perm_maillist 5", "perm_maillist_users 0", "perm_maillist_moderators 7"} <= set(t.ask("get_limits other.example"))
    assert t.ask("set_limits other.example", *before, ".") == "+OK" and t.ask("get_limits other.example") == before


def test_files_below_a_domain(site):
    t = system_admin(site)
    assert t.ask("mk_dir max@example.net/vacation") == t.ask("write_file max@example.net/vacation/text", "Away.", "..", "..a", "", ".") == "+OK"
    assert site.read(f"{PLACE}/max/vacation/text") == b"Away.\n.\n..a\n\n"
    assert site.sh(f"stat -c '%U %a' {PLACE}/max/vacation/text {PLACE}/max/vacation").stdout == "vpopmail 600\nvpopmail 700\n"
    assert t.ask("read_file max%example.net/vacation/text") == ["Away.", "..", "..a", ""]
    assert t.ask("list_dir max@example.net/vacation") == ["text file"]
    assert {"Maildir dir", "vacation dir", "lastauth file"} <= set(t.ask("list_dir max@example.net"))
    assert {"max dir", ".qmail-default file"} <= set(t.ask("list_dir example.net")) and t.ask("stat_file example.net/vpasswd") == ["uid: 89"]
    assert t.ask("write_file example.net/max/vacation/text", "New.", ".") == "+OK" and site.read(f"{PLACE}/max/vacation/text") == b"New.\n"
    assert t.ask("rename_file max@example.net/vacation/text old") == "+OK" and t.ask("list_dir max@example.net/vacation") == ["old file"]
    assert t.ask("rm_file max@example.net/vacation/old") == t.ask("rm_dir max@example.net/vacation") == "+OK"
    assert not site.sh(f"ls {PLACE}/max").stdout.count("vacation")
    log = t.end()[1]
    assert "mk_dir max@example.net/vacation: ok" in log and "rm_file max@example.net/vacation/old: ok" in log and "Away" not in log


def test_no_path_leads_out_of_a_domain(site):
    t = system_admin(site)
    site.sh(f"cd {PLACE}/max && ln -s /etc etc && ln -s ../joe joe && ln -s /etc/passwd p && ln /var/qmail/control/me me 2>/dev/null; mkfifo fifo; "
            f"mkdir {VIRTUAL}/other.example/x; chown -h vpopmail: *")
    before = site.sh(f"find /etc {VIRTUAL}/other.example {PLACE}/joe | sort").stdout
    for path in ("..", "../joe", "../../other.example", "/etc", "etc", "etc/passwd", "joe/Maildir", "p", "fifo", "Maildir/../../joe/lastauth", "nothing",
                 "", ".", "Maildir", "me/x"):
        assert str(t.ask(f"read_file max@example.net/{path}")).startswith("-ERR 1"), path
    for path in ("../new", "../../other.example/new", "etc/new", "joe/new", "p", "etc", "Maildir", "..", ".", "", "a/b", "//new", "/new", "/etc/new"):
        for lines in (["write_file max@example.net/%s", "x", "."], ["mk_dir max@example.net/%s"], ["rm_dir max@example.net/%s/"],
                      ["rm_file max@example.net/%s"], ["rename_file max@example.net/%s other"]):
            assert t.ask(lines[0] % path, *lines[1:]).startswith("-ERR "), (lines, path)
    assert t.ask("rename_file max@example.net/lastauth ../joe").startswith("-ERR ") and t.ask("rename_file max@example.net/lastauth p").startswith("-ERR ")
    for place in ("list_dir ../etc", "list_dir no.example", "list_dir nobody@example.net", "list_dir max@example.net/etc", "list_dir other.example/../example.net"):
        assert str(t.ask(place)).startswith("-ERR "), place
    assert site.sh(f"find /etc {VIRTUAL}/other.example {PLACE}/joe | sort").stdout == before
    for who in ("postmaster@example.net secret", "max@example.net mine"):
        assert Talk(site, who).ask("list_dir example.net").startswith("-ERR 101.0 ")


# ---- the protocol ----

def test_what_is_in_mailboxes_and_who_has_logged_in(site):
    site.write(f"{PLACE}/max/Maildir/new/1.a.b,S=345", 345 * "x", owner="vpopmail")
    t = Talk(site, "postmaster@example.net secret")
    assert t.ask("get_user_size max@example.net") == ["size 345", "count 1"]
    assert t.ask("get_domain_size example.net") == [
        *[line for name, size, count in (("joe", 0, 0), ("max", 345, 1), ("postmaster", 0, 0))
          for line in (f"user {name}@example.net", f"size {size}", f"count {count}")], "domain example.net", "size 345", "count 1"]
    assert t.ask("get_lastauth max@example.net") == ["time 0", "ip "]
    site.write(f"{PLACE}/max/lastauth", "192.0.2.7\n", owner="vpopmail")
    site.sh(f"touch -d @1700000000 {PLACE}/max/lastauth")
    assert t.ask("get_lastauth max@example.net") == ["time 1700000000", "ip 192.0.2.7"]
    site.sh(f"mv {PLACE}/max {PLACE}/there && ln -s there {PLACE}/max")
    assert t.ask("get_lastauth max@example.net").startswith("-ERR 111.0 "), "that a home cannot be opened says nothing of a login"
    site.sh(f"rm {PLACE}/max && mv {PLACE}/there {PLACE}/max")
    run(site, "vlist", "create", "news@example.net")
    assert t.ask("list_lists example.net") == [".qmail-news"]


def test_who_waits_for_a_go_ahead_gets_one(site):
    """And who does not hears once whether it is done."""
    t = Talk(site, "postmaster@example.net secret")
    for verb, line in (("mod_user max@example.net", "comment Max"), ("mod_user nobody@example.net", "comment x")):
        assert t.ask(verb) == "+OK"
        said = t.ask(line, ".")
        assert said == "+OK" if "max" in verb else said.startswith("-ERR ")
    assert records(site, PLACE)["max"][3] == "Max" and t.ask("mod_user max@example.net", "comment M", ".") == "+OK"
    assert t.ask("quit") == "+OK" and t.hear() == ""


def test_all_flags_are_cleared(site):
    run(site, "vmoduser", "-p", "-o", "-r", "max@example.net")
    t = Talk(site, "postmaster@example.net secret")
    assert "no_relay 1" in t.ask("user_info max@example.net")
    assert t.ask("mod_user max@example.net", "clear_all_flags 1", "no_imap 1", ".") == "+OK" and records(site, PLACE)["max"][2] == str(0x2008)
    assert system_admin(site).ask("mod_user max@example.net", "clear_all_flags 1", ".") == "+OK" and records(site, PLACE)["max"][2] == "0"


def test_what_is_no_verb_changes_nothing(site):
    t = Talk(site, "postmaster@example.net secret")
    assert t.ask("mod_user", "comment x", ".") == "-ERR 100.0 a word is missing"
    assert t.ask("").startswith("-ERR 100.0 ") and t.ask("x" * 5000) == "-ERR 100.0 the line is too long" and t.ask("a\0b").startswith("-ERR")
    assert t.ask("read_file example.net/vpasswd").startswith("-ERR 101.0 ")
    assert t.ask("mod_user max@example.net", "strange 1", "comment x", ".") == "-ERR 100.0 unknown option"
    assert t.ask("mod_user max@example.net", "y" * 5000, ".") == "-ERR 100.0 a line is too long"
    assert t.ask("add_user a$(id)@example.net x") == "-ERR 101.0 no such user or domain, or not yours"
    assert t.ask("user_info") [0] == "name postmaster"
    assert "add_user address password" in t.ask("help")


def test_its_service_is_of_this_host_alone(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    assert "and down: qmailctl start" in virtual.sh("sh /var/qmail/doc/vpopmaild-service.sh").stdout
    assert virtual.sh("sh /var/qmail/doc/vpopmaild-service.sh; test -e /var/qmail/supervise/vpopmaild/down", check=False).returncode == 0
    virtual.sh("rm /var/qmail/supervise/vpopmaild/down")
    virtual.start("qmail-users", "vpopmaild")
    client = "import socket; s = socket.create_connection(('127.0.0.1', 89)); s.sendall(b'slogin postmaster@example.net secret\\r\\nuser_info\\r\\nquit\\r\\n'); " \
        "print(s.makefile().read())"
    said = virtual.run(["/usr/bin/python3", "-c", client]).stdout.decode()
    assert said.split("\n")[1].startswith("+OK") and "name postmaster" in said
    assert "127.0.0.1:89" in virtual.sh("ss -ltnH").stdout and "0.0.0.0:89 " not in virtual.sh("ss -ltnH").stdout


def test_each_command_that_changes_something_is_a_verb_or_is_not_for_web_pages():
    """A command that comes later is put into the table, or named here."""
    source = (TOP / "programs/vdomains/vpopmaild.c").read_text()
    called = set(re.findall(r'\(char const \*\[\]\)\{ "(\w+)"', source)) | {"vmoduser"}
    commands = set(re.findall(r"\bvdomains/([\w-]+)", (TOP / "programs/vdomains/role.mk").read_text()))
    elsewhere = {"qmail-usersd", "qmail-ownersd", "vpopmaild", "vchkpw", "authvchkpw", "checklogin", "vdelivermail", "autorespond",   # no commands
                 "vrepair", "vmkpasswd", "vreorg", "vmovedomain", "vconvert", "vexport", "vimport", "dotqmail2valias",  # of who has a shell
                 "vdeloldusers", "vpopbull", "vrenameuser", "vchangepw", "vverifypw", "vrcptcheck",
                 "vsetuserquota", "clearopensmtp", "vlist", "vuserinfo", "vdominfo", "vusage"}
    assert called <= commands and commands - called == elsewhere & commands
