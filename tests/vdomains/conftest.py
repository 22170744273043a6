import ctypes

import pytest

VIRTUAL = "/home/vpopmail/domains"


def state(host):
    """What the files of the mail system say of domains."""
    def lines(path):
        try:
            return [line for line in host.read(f"/var/qmail/{path}").decode().splitlines()]
        except FileNotFoundError:
            return None
    return {name: lines(name) for name in ("users/assign", "control/rcpthosts", "control/virtualdomains", "control/locals",
                                           "control/morercpthosts")}


def by_hand(host, *domains, aliases=()):
    """Domains as an older system left them: lines and a directory each; aliases are (alias, real)."""
    both = [(name, name) for name in domains] + list(aliases)
    host.write("/var/qmail/users/assign", "=joe:joe:1000:1000:/home/joe:::\n" + "".join(
        f"+{name}-:{real}:89:89:{VIRTUAL}/{real}:-::\n" for name, real in both) + ".\n")
    host.control("virtualdomains", "# kept\n" + "".join(f"{name}:{name}\n" for name, _ in both) + "shop.example:joe-shop\n")
    host.control("rcpthosts", "mail.example.org\n" + "".join(f"{name}\n" for name, _ in both))
    host.run(["qmail-newu"])
    for name in domains:
        host.sh(f"mkdir -p {VIRTUAL}/{name}/joe/Maildir/new && echo mail > {VIRTUAL}/{name}/joe/Maildir/new/1.a.b && "
                f"chown -R vpopmail:vchkpw {VIRTUAL}", user="root")


def crypt(password, stored):
    """crypt(3), which newer releases of Python have no more."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    return library.crypt(password.encode(), stored.encode()).decode()


def records(host, place):
    return {line.split(":")[0]: line.split(":")[1:] for line in host.read(f"{place}/vpasswd").decode().splitlines()}


def in_cdb(host, place, name):
    done = host.run(["cdb", "-q", f"{place}/vpasswd.cdb", name], check=False)
    return done.stdout.decode().rstrip("\n").split(":") if done.returncode == 0 else None


@pytest.fixture
def virtual(host):
    """A host with the account vpopmail, as every one that was set up."""
    return host
