"""A filter of spam in front of a user's mailbox, and a program in its place: off unless a control file names them, and the filter never the cause that
mail is lost, returned or put off."""

import pytest

from tests.local.machine import queued
from tests.vdomains.test_delivery import HEAD, MESSAGE, PLACE, Domain
from tests.vdomains.test_domains import run

FILTER = r"""#!/bin/sh
# Says of each message what the address wants it to.
echo "$@" >> /tmp/asked
case $3 in
  spam*) echo 'X-Spam-Flag: YES'; cat;;
  fails*) cat; exit 1;;
  mute*) ;;
  dies*) kill -9 $$;;
  hangs*) sleep 1000 & wait;;
  deaf*) echo 'X-Spam-Flag: NO'; echo; echo nothing else;;
  *) echo 'X-Spam-Flag: NO'; cat;;
esac
"""
CLEAN, SPAM = b"X-Spam-Flag: NO\n", b"X-Spam-Flag: YES\n"


@pytest.fixture(params=["vdelivermail", "qmail-local"])
def filtered(virtual, request):
    domain = Domain(virtual, request.param)
    for name in ("spam", "fails", "mute", "dies", "deaf"):
        run(virtual, "vadduser", f"{name}@example.net", "x")
    virtual.write("/usr/local/bin/filter", FILTER, mode=0o755)
    virtual.write("/tmp/asked", "", mode=0o666)
    virtual.control("spamfilter", "/usr/local/bin/filter -f -u\t\n")
    domain.asked = lambda: virtual.read("/tmp/asked").decode().splitlines()
    return domain


def body(domain, user="joe"):
    return [message.split(b"@example.net\n", 1)[1] for message in domain.messages(user)]


def test_mail_goes_through_the_filter(filtered):
    assert filtered.mail("joe") == (0, "") and filtered.asked() == ["-f -u joe@example.net"]
    assert filtered.messages() == [HEAD + b"joe@example.net\n" + CLEAN + MESSAGE]
    assert filtered.mail("spam") == (0, "") and body(filtered, "spam") == [SPAM + MESSAGE]


@pytest.mark.parametrize("user, why", [("fails", "it fails"), ("mute", "it says nothing"), ("dies", "it fails")])
def test_what_goes_wrong_with_it_is_no_trouble_of_the_message(filtered, user, why):
    assert filtered.mail(user) == (0, f"spam filter: {why}")
    assert body(filtered, user) == [MESSAGE]


@pytest.mark.parametrize("command", ["/usr/local/bin/no-such-filter\n", " \t\n", "x " * 40 + "\n", "x" * 5000 + "\n"])
def test_one_that_is_not_there_neither(filtered, command):
    filtered.host.control("spamfilter", command)
    said = filtered.mail("joe")
    assert said.code == 0 and said.text.startswith("spam filter: it") and body(filtered) == [MESSAGE]


@pytest.mark.parametrize("command", ["", "\n"])
def test_without_a_command_there_is_none(filtered, command):
    filtered.host.control("spamfilter", command)
    assert filtered.mail("joe") == (0, "") and body(filtered) == [MESSAGE]


def test_users_may_do_without(filtered):
    run(filtered.host, "vmoduser", "-f", "spam@example.net")
    assert filtered.mail("spam") == (0, "") and body(filtered, "spam") == [MESSAGE] and not filtered.asked()


def test_domains_may_do_without_but_for_those_with_flags_of_their_own(filtered):
    run(filtered.host, "vmoddomlimits", "-g", "c", "example.net")
    assert filtered.mail("spam") == (0, "") and body(filtered, "spam") == [MESSAGE]
    run(filtered.host, "vmoduser", "-o", "joe@example.net")
    assert filtered.mail("joe") == (0, "") and body(filtered) == [CLEAN + MESSAGE]


def test_the_site_may_do_without(filtered):
    filtered.host.write("/home/vpopmail/etc/vlimits.default", "disable_spamassassin\n")
    assert filtered.mail("spam") == (0, "") and body(filtered, "spam") == [MESSAGE]


def test_spam_is_deleted_for_who_wants_that(filtered):
    run(filtered.host, "vmoduser", "-F", "spam@example.net")
    run(filtered.host, "vmoduser", "-F", "joe@example.net")
    assert filtered.mail("spam") == (0, "spam, deleted") and body(filtered, "spam") == []
    assert filtered.mail("joe") == (0, "") and body(filtered) == [CLEAN + MESSAGE]


def test_a_domain_has_it_deleted(filtered):
    run(filtered.host, "vmoddomlimits", "-g", "x", "example.net")
    assert filtered.mail("spam") == (0, "spam, deleted") and body(filtered, "spam") == []


def test_what_its_sender_marks_counts_for_nothing_without_a_filter(filtered):
    run(filtered.host, "vmoduser", "-F", "fails@example.net")
    assert filtered.mail("fails", message=SPAM + MESSAGE).code == 0 and body(filtered, "fails") == [SPAM + MESSAGE]
    filtered.host.sh("rm /var/qmail/control/spamfilter")
    run(filtered.host, "vmoduser", "-F", "spam@example.net")
    assert filtered.mail("spam", message=SPAM + MESSAGE) == (0, "") and body(filtered, "spam") == [SPAM + MESSAGE]


def test_nobody_s_mail_is_not_filtered(filtered):
    assert filtered.mail("nobody").code == 100 and not filtered.asked()


def test_his_instructions_see_what_the_filter_says(filtered):
    filtered.write(".qmail", "./Maildir/\n| cat > ../seen\n&x@far.example\n", place=f"{PLACE}/joe")
    assert filtered.mail("joe").code == 0 and body(filtered) == [CLEAN + MESSAGE]
    assert filtered.host.read(f"{PLACE}/joe/../seen") == CLEAN + MESSAGE
    assert CLEAN + MESSAGE in queued(filtered.host)[0]


def test_the_lines_behind_see_the_message_as_it_came(virtual):
    domain = Domain(virtual, "qmail-local")
    virtual.write("/usr/local/bin/filter", "#!/bin/sh\necho 'X-Spam-Flag: NO'\ncat\n", mode=0o755)
    virtual.control("spamfilter", "/usr/local/bin/filter\n")
    domain.write(".qmail-default", "| /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox\n| cat > seen\n")
    assert domain.mail("joe").code == 0 and body(domain) == [CLEAN + MESSAGE]
    assert virtual.read(f"{PLACE}/seen") == MESSAGE


def test_a_filter_that_hangs_is_ended(filtered):
    if filtered.way == "qmail-local":
        return
    run(filtered.host, "vadduser", "hangs@example.net", "x")
    filtered.host.sh("sed -i 's/sleep 1000/sleep 1000000/' /usr/local/bin/filter")
    assert filtered.mail("hangs") == (0, "spam filter: it takes too long") and body(filtered, "hangs") == [MESSAGE]
    assert filtered.host.sh("pgrep -f 'sleep 100000[0]'", check=False).returncode == 1


def test_a_program_in_place_of_the_mailbox(filtered):
    domain = filtered
    domain.host.sh("rm /var/qmail/control/spamfilter")
    domain.host.control("maildrop", "cat > ../dropped; echo \"$EXT@$HOST\" >> ../dropped\n")
    assert domain.mail("joe") == (0, "") and domain.messages() == []
    assert domain.host.read(f"{PLACE}/dropped") == MESSAGE + b"joe@example.net\n"
    domain.host.control("maildrop", "exit 75\n")
    assert domain.mail("joe").code == 111 and domain.messages() == []
    domain.host.control("maildrop", "/usr/local/bin/no-such-program\n")
    assert domain.mail("joe").code == 111
    run(domain.host, "vmoduser", "-m", "joe@example.net")
    assert domain.mail("joe") == (0, "") and len(domain.messages()) == 1
    domain.write(".qmail", "./Maildir/\n", place=f"{PLACE}/spam")
    assert domain.mail("spam") == (0, "") and len(domain.messages("spam")) == 1


def test_mail_waits_while_nobody_can_tell_what_takes_it(filtered):
    domain = filtered
    domain.host.control("maildrop", "cat > ../dropped\n")
    domain.host.sh("chmod 0 /var/qmail/control/maildrop; chmod 0 /var/qmail/control/spamfilter")
    said = domain.mail("joe")
    assert said.code == 111 and "control/maildrop" in said.text and domain.messages() == []
    domain.write(".qmail", "./Maildir/\n", place=f"{PLACE}/spam")
    assert domain.mail("spam").code == 0 and len(domain.messages("spam")) == 1
    domain.host.sh("chmod 644 /var/qmail/control/maildrop")
    assert domain.mail("joe") == (0, "") and domain.host.read(f"{PLACE}/dropped") == MESSAGE
