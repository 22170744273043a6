import pytest


@pytest.fixture
def smtp(host):
    """A host that takes mail for joe by SMTP and delivers it; start it with what its controls shall be."""
    def begin(**controls):
        host.user("joe")
        for name, text in controls.items():
            host.control(name, f"{text}\n")
        host.start("qmail-send", "qmail-queue", "qmail-smtpd")
        return host
    return begin


@pytest.fixture
def pop3(host):
    """A host that serves POP3 to joe, whose password is cheap to check, for as many sessions as asked."""
    def begin(sessions=40):
        host.user("joe")
        host.sh("usermod -p $(openssl passwd -1 -salt abcdefgh secret) joe")
        host.control("concurrencypop3", f"{sessions}\n")
        host.start("qmail-pop3d")
        return host
    return begin
