"""Run as root of a machine that people live on (test_hosts.py makes one): what its tests' hosts see of them.

Says what is seen that should not be; nothing is right."""

import subprocess

from tests.host import Base, Host

PLACES = "/home /root /var/mail /var/spool/cron /etc/skel"


def here(script):
    subprocess.run(["sh", "-euc", script], check=True)


def seen(host):
    return host.sh("getent passwd joe ann bob; getent group friends; grep -s -w -e joe -e ann -e bob /etc/group /etc/gshadow "
                   f"/etc/shadow /etc/subuid /etc/passwd; grep sss /etc/nsswitch.conf; find {PLACES} -mindepth 1 -not -path '/home/vpopmail*'", check=False).stdout


def main():
    here("groupadd -g 2000 friends; useradd -m -u 1000 joe; usermod -aG friends,mail joe; useradd -M -u 59999 bob; "
         "mkdir -p ~joe/Maildir/new /var/spool/cron /etc/skel; echo hello > ~joe/Maildir/new/1; echo hello > /var/mail/joe; "
         "echo x > /root/.curlrc; echo x > /var/spool/cron/joe; echo ./Maildir/ > /etc/skel/.qmail; "
         "sed -i 's/^passwd:.*/passwd: sss files/' /etc/nsswitch.conf")
    base = Base()
    early = Host(base, "early.example.org")
    here("useradd -m ann; echo hello > ~ann/hello; echo hello > /var/mail/ann; rm -r ~joe")
    late = Host(base, "late.example.org")
    print(seen(early), seen(late), sep="", end="")
    for host in (early, late):
        for user in ("joe", "ann"):
            host.user(user)
            assert host.sh(f"id -nG {user}; ls ~{user}; cat ~{user}/.qmail").stdout == f"{user}\nMaildir\n./Maildir/\n"
        host.end()
    base.end()


main()
