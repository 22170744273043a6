"""ezmlm-make: what a list consists of, how it changes, and that it is there whole or not at all."""

import os
import pathlib
import subprocess

import pytest

from tests.host.machine import BUILD, TOP

PROGRAM = BUILD / "lists/ezmlm-make"
LANG = TOP / "programs/lists/lang"


class Place:
    def __init__(self, path):
        self.dir = path / "sos"
        self.dot = path / "dots/.qmail-sos"
        self.etc = path / "etc"
        (path / "dots").mkdir()
        (self.etc / "default").mkdir(parents=True)
        self.template((LANG / "ezmlmrc").read_text())

    def template(self, text):
        (self.etc / "default/ezmlmrc").write_text(text)

    def call(self, *words, program=(PROGRAM,)):
        environment = {"PATH": "/bin:/usr/bin", "EZMLM_ETC": str(self.etc), "EZMLM_BIN": "/usr/local/bin/ezmlm"}
        return subprocess.run([*map(str, program), *map(str, words)], env=environment, capture_output=True, text=True)

    def make(self, *words, code=""):
        return self.call(*words, self.dir, self.dot, "sos", "example.org", *([code] if code else []))

    def names(self):
        return {str(p.relative_to(self.dir)) for p in self.dir.rglob("*")}

    def read(self, name):
        return (self.dir / name).read_text()

    def all(self):
        return {name: self.read(name) for name in self.names() if (self.dir / name).is_file() and name != "key"}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


DIRECTORIES = {"archive", "bounce", "text", "digest", "digest/bounce", "allow", "deny", "mod", "mod/pending", "mod/accepted",
               "mod/rejected", "mod/unconfirmed", "subscribers", "allow/subscribers", "deny/subscribers", "digest/subscribers",
               "mod/subscribers"}
FILES = {"key", "outlocal", "outhost", "dot", "ezmlmrc", "digestcode", "owner", "editor", "manager", "bouncer", "digest/bouncer",
         "moderator", "confirmer", "lock", "lockbounce", "digest/lock", "digest/lockbounce", "headeradd", "headerremove",
         "listid"}
PLAIN = DIRECTORIES | FILES | {"archived", "indexed", "public"}
LINKS = {"": "editor", "-default": "manager", "-owner": "owner", "-digest-owner": "owner", "-return-default": "bouncer",
         "-digest-return-default": "digest/bouncer", "-accept-default": "moderator", "-reject-default": "moderator",
         "-confirm-default": "confirmer", "-discard-default": "confirmer"}


def test_a_list_has_its_directories_files_and_links(place):
    assert place.make(code="secret").returncode == 0
    assert place.names() == PLAIN
    assert {p.name[len(".qmail-sos"):]: os.readlink(p) for p in place.dot.parent.iterdir()} == {
        link: f"{place.dir}/{name}" for link, name in LINKS.items()}
    assert (place.read("outlocal"), place.read("outhost"), place.read("digestcode")) == ("sos\n", "example.org\n", "secret\n")
    assert place.read("owner") == f"{place.dir}/Mailbox\n"
    assert (place.dir / "key").stat().st_size == 32
    modes = {p.stat().st_mode & 0o777 for p in place.dir.rglob("*") if p.is_file()}
    assert (modes, place.dir.stat().st_mode & 0o777) == ({0o600}, 0o700)


FLAGS = {"b": "modgetonly", "d": "digested", "f": "prefix", "g": "subgetonly", "h": "nosubconfirm", "i": "threaded", "j": "nounsubconfirm",
         "l": "modcanlist", "m": "modpost", "n": "modcanedit", "o": "modpostonly", "r": "remote", "s": "modsub", "t": "addtrailer",
         "u": "subpostonly", "w": "nowarn", "y": "confirmpost"}


def test_each_letter_has_its_file(place):
    assert place.make("-" + "".join(FLAGS) + "x").returncode == 0
    assert place.names() == PLAIN | set(FLAGS.values()) | {"mimeremove", "msgsize", "noreturnposts"}
    assert place.read("prefix") == "[sos]\n"
    assert place.read("msgsize") == "30000:2\n"
    assert place.call("-e", "-AP", place.dir).returncode == 0
    assert place.names() == PLAIN - {"archived", "indexed", "public"}


OWN = "List-Help: <mailto:<#l#>-help@<#h#>>\nList-Unsubscribe: <mailto:<#l#>-unsubscribe@<#h#>>\nList-Subscribe: <mailto:<#l#>-subscribe@<#h#>>\n" \
    "List-Owner: <mailto:<#l#>-owner@<#h#>>\n"
FIRST = "Sender: <<#l#>@<#h#>>\nPrecedence: bulk\nX-No-Archive: yes\nList-Post: <mailto:sos@example.org>\n"
ARCHIVE = "List-Archive: <mailto:sos-index@example.org>\n"


@pytest.mark.parametrize("words, identifier, fields", [
    ((), "<sos.example.org>\n", FIRST + ARCHIVE + OWN), (("-A",), "<sos.example.org>\n", FIRST + OWN), (("-0", "up@example.net"), "", OWN)])
def test_what_each_post_says_of_its_list(place, words, identifier, fields):
    place.make(*words)
    assert place.read("headeradd") == fields
    assert ("listid" in place.names() and place.read("listid")) == (identifier or False)
    taken = place.read("headerremove").splitlines()
    assert {line.partition(":")[0].lower() for line in fields.splitlines()} - {"x-no-archive"} <= set(taken)


def test_lines_of_programs_stand_in_their_order(place):
    place.make()
    for name, programs in (("manager", "weed get split request manage clean warn"), ("bouncer", "weed return"),
                           ("digest/bouncer", "weed return"), ("moderator", "weed moderate archive clean warn")):
        lines = place.read(name).splitlines()
        assert [line.split("/usr/local/bin/ezmlm/ezmlm-")[1].split()[0] for line in lines] == programs.split(), name
        assert all(line.startswith("|") for line in lines)


@pytest.mark.parametrize("flags, runs", [
    ((), "reject checksub store clean warn"),
    (("sublist",), "store clean warn"),
    (("modpost",), "reject checksub store clean warn"),
    (("subpostonly",), "reject checksub checksub store clean warn"),
    (("subpostonly", "modpost"), "reject checksub gate clean warn"),
    (("subpostonly", "modpost", "confirmpost"), "reject checksub store clean warn"),
    (("threaded", "digested"), "reject checksub store clean archive warn tstdig get"),
])
def test_what_happens_to_a_post_is_decided_by_flags_when_it_comes(place, tmp_path, flags, runs):
    place.make()
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in "reject checksub store gate clean archive warn tstdig get".split():
        (programs / f"ezmlm-{name}").write_text(f"#!/bin/sh\necho {name}\n")
        (programs / f"ezmlm-{name}").chmod(0o755)
    for flag in flags:
        (place.dir / flag).touch()
    script = "\n".join(line[1:] for line in place.read("editor").splitlines()).replace("/usr/local/bin/ezmlm", str(programs))
    said = [subprocess.run(["sh", "-c", line], capture_output=True, text=True) for line in script.splitlines()]
    assert all(done.returncode == 0 for done in said)
    assert "".join(done.stdout for done in said).split() == runs.split()


# ---- changing ----

def test_a_change_forgets_letters_and_keeps_the_rest(place):
    place.make("-muf", "-5", "joe@example.org", "-7", "board", "-0", "up@example.net", code="secret")
    (place.dir / "prefix").write_text("[mine]\n")
    (place.dir / "headeradd").write_text("X-Mine: yes\n")
    key = (place.dir / "key").read_bytes()
    assert place.call("-e", "-mf", place.dir).returncode == 0
    assert place.names() == PLAIN - {"listid"} | {"modpost", "prefix", "sublist"}
    assert place.read("modpost") == "board\n"
    assert place.read("owner") == "joe@example.org\n"
    assert place.read("sublist") == "up@example.net\n"
    assert place.read("digestcode") == "secret\n"
    assert (place.read("prefix"), place.read("headeradd")) == ("[mine]\n", "X-Mine: yes\n")
    assert (place.dir / "key").read_bytes() == key


def test_plus_keeps_letters_too(place):
    place.make("-mufAP")
    assert place.call("-+", "-sU", place.dir).returncode == 0
    assert place.names() == PLAIN - {"archived", "indexed", "public"} | {"modpost", "modsub", "prefix"}


@pytest.mark.parametrize("how", [("-ee",), ("-e", "-e"), ("-++",), ("-e", "names")])
def test_what_is_protected_is_written_when_that_is_asked(place, how):
    place.make("-f")
    (place.dir / "headeradd").write_text("X-Mine: yes\n")
    names = (place.dot, "cats", "example.net") if "names" in how else ()
    done = place.call(*[word for word in how if word != "names"], "-f", place.dir, *names)
    assert done.returncode == 0, done.stderr
    assert place.read("headeradd").startswith("Sender:")
    assert place.read("prefix") == ("[cats]\n" if names else "[sos]\n")
    assert place.read("outhost") == ("example.net\n" if names else "example.org\n")


def test_options_that_become_empty_are_gone(place):
    place.make("-0", "up@example.net", "-3", "joe@example.org")
    assert "From: joe@example.org" in place.read("headeradd") and "List-Post" not in place.read("headeradd")
    assert place.call("-++", "-0", "", "-3", "", place.dir).returncode == 0
    assert not {"sublist", "fromheader"} & place.names()
    assert "From:" not in place.read("headeradd") and "List-Post" in place.read("headeradd")


def test_owners_of_several_lines_stay(place):
    place.make()
    (place.dir / "owner").write_text("# we\njoe@example.org\n|bouncesaying no\n")
    assert place.call("-+", place.dir).returncode == 0
    assert place.read("owner") == "# we\njoe@example.org\n|bouncesaying no\n"


def test_a_lock_that_is_held_stays_the_same_file(place):
    place.make()
    before = {name: (place.dir / name).stat().st_ino for name in FILES}
    assert place.call("-+", place.dir).returncode == 0
    assert {name: (place.dir / name).stat().st_ino for name in FILES} == before


@pytest.mark.parametrize("name, text", [
    ("config", "# old\nX:\nT:{dot}\nL:sos\nH:example.org\nC:code\nF:-aBmPu\nD:{dir}\n0:\n5:joe@example.org\n7:board\nend\nF:-s\n"),
    ("flags", "-aBmPu\n"),
])
def test_old_lists_are_known_by_their_letters(place, name, text):
    place.make("-sm", "-7", "board", "-5", "joe@example.org", code="code")
    (place.dir / "modsub").unlink()
    for gone in ("dot", "digestcode") if name == "config" else ():
        (place.dir / gone).unlink()
    (place.dir / name).write_text(text.format(dot=place.dot, dir=place.dir))
    assert place.call("-+", place.dir).returncode == 0
    assert place.names() == PLAIN - {"public"} | {"modpost", "subpostonly", "noreturnposts"}
    assert (place.read("modpost"), place.read("digestcode"), place.read("owner")) == ("board\n", "code\n", "joe@example.org\n")


def test_links_of_the_site_are_renewed_and_its_files_stay(place):
    place.make()
    (place.dot.parent / ".qmail-sos-owner").unlink()
    (place.dot.parent / ".qmail-sos-owner").write_text("joe@example.org\n")
    place.dot.unlink()
    place.dot.symlink_to("/nowhere")
    done = place.call("-+", place.dir)
    assert done.returncode == 0 and ".qmail-sos-owner is no link and stays as it is" in done.stderr
    assert os.readlink(place.dot) == f"{place.dir}/editor"
    assert (place.dot.parent / ".qmail-sos-owner").read_text() == "joe@example.org\n"


def test_the_links_may_lie_in_the_list_s_own_directory(place):
    place.dot = place.dir / "dot.qmail-sos"
    assert place.make().returncode == 0
    links = {name for name in place.names() if (place.dir / name).is_symlink()}
    assert {name: os.readlink(place.dir / name) for name in links} == {
        f"dot.qmail-sos{link}": f"{place.dir}/{name}" for link, name in LINKS.items()}
    assert place.names() == PLAIN | links
    (place.dir / "dot.qmail-sos").unlink()
    assert place.call("-+d", place.dir).returncode == 0
    assert place.names() == PLAIN | links | {"digested"}
    assert place.make().returncode == 111


# ---- templates ----

def test_a_template_is_followed(place):
    place.template("7.2\nnobody's\n</+text/>\n</+allow/>\n</+deny/>\n</+digest/>\n</+mod/>\n</one#a/>\n<#L#> <#l#>\n</#m/>\nm\n</one/>\n"
                   "again\n</two#m/>\nnever\n</three#E/>\n3\n</:-x/one/>\n")
    assert place.make().returncode == 0
    assert place.read("one") == "sos <#l#>\nagain\n"
    assert not (place.dir / "two").exists()
    assert [p.name for p in place.dot.parent.iterdir()] == [".qmail-sos-x"]


def test_a_template_of_another_version_is_warned_of(place):
    place.template("0.42\n" + (LANG / "ezmlmrc").read_text().split("\n", 1)[1])
    done = place.make()
    assert done.returncode == 0 and "ezmlm-make: warning: " in done.stderr


def test_which_template_counts(place, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    text = (LANG / "ezmlmrc").read_text()
    (other / "ezmlmrc").write_text(text + "</other/>\n")
    (place.dot.parent / ".ezmlmrc").write_text(text + "</beside/>\n")
    assert place.make("-C", other).returncode == 0
    assert (place.dir / "other").exists() and place.read("ezmlmrc") == f"{other}\n"
    assert place.call("-e", "-c", place.dir).returncode == 0
    assert (place.dir / "beside").exists()
    assert place.call("-e", "-C", "", place.dir).returncode == 0
    assert place.read("ezmlmrc") == "\n"
    assert place.call("-e", "-C", tmp_path / "none", place.dir).returncode == 111


@pytest.mark.parametrize("line", ["</a.b/>", "</x>", "</:-x/>", "<//etc/>", "</x#!/>"])
def test_a_mistake_in_a_template_leaves_nothing(place, line):
    place.template((LANG / "ezmlmrc").read_text() + line + "\n")
    done = place.make()
    assert done.returncode == 100 and done.stderr.startswith("ezmlm-make: fatal: the template "), done
    assert nothing_is_there(place)


def nothing_is_there(place):
    return not place.dir.exists() and not list(place.dot.parent.iterdir()) and sorted(p.name for p in place.dir.parent.iterdir()) == [
        "dots", "etc"]


# ---- wrong calls, and trouble ----

@pytest.mark.parametrize("words", [
    (), ("{dir}",), ("{dir}", "{dot}", "sos"), ("sos", "{dot}", "sos", "example.org"), ("{dir}", ".qmail-sos", "sos", "example.org"),
    ("{dir}'s", "{dot}", "sos", "example.org"), ("{dir}\n", "{dot}", "sos", "example.org"), ("{dir}", "{dot}", "s\nos", "example.org"),
    ("{dir}", "{dot}", "sos", "example\n.org"), ("{dir}", "{dot}", "sos", "example.org", "code", "more"),
    ("-1", "x", "{dir}", "{dot}", "sos", "example.org"), ("-0", "a\nb", "{dir}", "{dot}", "sos", "example.org"), ("-C",),
])
def test_a_wrong_call_ends_with_100(place, words):
    assert place.call(*[word.format(dir=place.dir, dot=place.dot) for word in words]).returncode == 100
    assert nothing_is_there(place)


def test_the_version_is_the_third_word(place):
    for option in ("-V", "-v"):
        done = place.call(option)
        assert (done.returncode, done.stderr) == (0, "ezmlm-make version: ezmlm-idx-7.2.2\n")


def test_what_is_there_already_stays(place):
    place.make("-m")
    before = place.all()
    assert place.make().returncode == 111
    assert place.all() == before


def test_a_link_of_others_stays_and_the_list_is_not_made(place):
    (place.dot.parent / ".qmail-sos-owner").write_text("joe@example.org\n")
    assert place.make().returncode == 111
    assert [p.name for p in place.dot.parent.iterdir()] == [".qmail-sos-owner"] and not place.dir.exists()


def test_a_list_that_is_not_there_cannot_be_changed(place):
    done = place.call("-e", place.dir)
    assert done.returncode == 111 and nothing_is_there(place)


KILLED = ["mkdir", "openat", "fsync", "rename", "symlink", "renameat2"]


@pytest.mark.parametrize("call", KILLED)
def test_a_make_that_is_killed_can_be_repeated(place, call):
    """The list is not there, or all of it is."""
    for when in range(1, 200, 1 if call in ("symlink", "renameat2") else 17):
        killed = place.call(place.dir, place.dot, "sos", "example.org", program=(
            "strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}", PROGRAM))
        if not place.dir.exists():
            assert killed.returncode != 0
            assert place.make().returncode == 0
        assert place.names() == PLAIN
        assert len(list(place.dot.parent.iterdir())) == len(LINKS)
        assert sorted(p.name for p in place.dir.parent.iterdir()) == ["dots", "etc", "sos"]
        subprocess.run(["rm", "-r", place.dir, *place.dot.parent.iterdir()], check=True)
        if killed.returncode == 0:
            return


# ---- as whom ----

def test_root_makes_and_changes_a_list_as_its_owner(host):
    host.user("joe")
    host.sh("ezmlm-make -m ~joe/sos ~joe/.qmail-sos joe-sos mail.example.org; ezmlm-make -+ -s ~joe/sos")
    assert host.sh("find ~joe/sos ~joe/.qmail-sos* ! -user joe").stdout == ""
    assert host.sh("test -e ~joe/sos/modpost -a -e ~joe/sos/modsub").returncode == 0


def test_root_makes_links_in_the_list_s_own_directory_as_its_owner(host):
    host.user("joe")
    host.sh("ezmlm-make ~joe/sos ~joe/sos/link joe-sos mail.example.org; ezmlm-make -+ -s ~joe/sos")
    assert host.sh("find ~joe/sos ! -user joe").stdout == ""
    assert host.sh("readlink ~joe/sos/link-default").stdout == "/home/joe/sos/manager\n"


def test_root_follows_no_name_that_a_user_has_chosen(host):
    host.user("joe")
    host.sh("mkdir /root/x; ln -s /root/x ~joe/m; chown -h joe ~joe/m; ln -s /root/x ~joe/by-root; mkdir ~joe/q; chown 4242 ~joe/q")
    for name in ("m", "by-root"):
        done = host.sh(f"ezmlm-make -e ~joe/{name} ~joe/.qmail-m joe-m mail.example.org", check=False)
        assert done.returncode == 111 and "Permission denied" in done.stderr, done
    assert host.sh("ls -A /root/x").stdout == ""
    done = host.sh("ezmlm-make ~joe/sos ~alias/.qmail-sos sos mail.example.org", check=False)
    assert done.returncode == 100 and "belong to two users" in done.stderr, done
    assert host.sh("ezmlm-make -e ~joe/q ~joe/.qmail-q joe-q mail.example.org", check=False).returncode == 100
    assert host.sh("ls -A ~joe/q; ls -d ~joe/sos ~joe/.sos.new ~alias/.qmail-sos", check=False).stdout == ""


# ---- what is installed ----

def test_texts_and_templates_are_installed_and_a_site_s_own_stay(host):
    assert host.sh("readlink /etc/ezmlm/default /etc/ezmlm/en_US /usr/local/bin/ezmlm").stdout == "en\nen\n/var/qmail/bin\n"
    assert host.sh("ls /etc/ezmlm/en/text").stdout == host.sh("ls /etc/ezmlm/de/text").stdout
    host.write("/etc/ezmlm/en/text/info", "ours\n")
    host.write("/etc/ezmlm/xx/text/info", "ours\n")
    host.sh("ln -sfn xx /etc/ezmlm/default; cp -r /etc/ezmlm/.shipped /tmp/new; echo more >> /tmp/new/en/text/info; echo more >> /tmp/new/en/text/faq; "
            "/var/qmail/bin/qmail-setup words /tmp/new /etc/ezmlm")
    assert host.read("/etc/ezmlm/en/text/info") == b"ours\n"
    assert host.read("/etc/ezmlm/en/text/info.new").endswith(b"more\n")
    assert host.read("/etc/ezmlm/en/text/faq").endswith(b"more\n")
    assert host.sh("readlink /etc/ezmlm/default").stdout == "xx\n"
    said = host.sh("/var/qmail/bin/qmail-setup uninstall").stdout
    assert "/etc/ezmlm" in said
    assert sorted(host.sh("find /etc/ezmlm -type f").stdout.split()) == ["/etc/ezmlm/en/text/info", "/etc/ezmlm/xx/text/info"]
    assert host.sh("ls -d /usr/local/bin/ezmlm", check=False).returncode != 0


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_language_has_all_texts(language):
    names = """top bottom sub-confirm sub-ok sub-nop sub-bad unsub-confirm unsub-ok unsub-nop unsub-bad mod-sub mod-sub-confirm
        mod-unsub-confirm mod-request mod-reject mod-timeout mod-help post-confirm get-bad digest trailer help info faq bounce-warn
        bounce-probe bounce-num dig-bounce-num bounce-bottom edit-do edit-done edit-list messages""".split()
    texts = {p.name: p.read_text(encoding="utf-8") for p in (LANG / language / "text").iterdir()}
    assert set(texts) == set(names)
    for name in ("sub-confirm", "sub-bad", "unsub-confirm", "unsub-bad", "mod-sub-confirm", "mod-unsub-confirm", "mod-request"):
        lines = texts[name].splitlines()
        assert "<#A#>" in lines and "<#R#>" in lines, name
    assert "<#R#>" in texts["post-confirm"].splitlines()
    known = {line.split('"')[1] for line in (pathlib.Path(TOP) / "programs/lists/list_sentences.c").read_text().splitlines()
             if line.startswith('  { "')}
    assert {line.split(":")[0] for line in texts["messages"].splitlines() if not line.startswith("#")} <= known
