"""Mail that is put into the queue and stays there until it is called for: sendmail -Q of old transports, and control/holdremote."""

from tests.host import eventually


def test_a_destination_waits_for_a_command(hosts):
    here, there = hosts("here.example", "there.example")
    there.user("joe")
    here.control("holdremote", "there.example\n")
    here.start("qmail-send")
    there.start("qmail-send", "qmail-smtpd")
    for options in ("-Q -f a@here.example -bm", "-odq -f a@here.example"):
        here.sh(f"printf 'Subject: x\\n\\n' | sendmail {options} joe@there.example")
    assert eventually(lambda: here.log("qmail-send").count("info msg") == 2)
    here.sh("qmailctl doqueue")
    assert "messages in queue: 2\n" in here.sh("qmail-qstat").stdout and "starting delivery" not in here.log("qmail-send")
    assert here.sh("qmailctl queue call there.example").stdout == "2 messages are on their way\n"
    assert eventually(lambda: len(there.maildir("joe")) == 2), here.log("qmail-send")
