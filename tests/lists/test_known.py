"""Which addresses of a list are taken at RCPT: its own and what its manager understands, and no others."""

import json

from tests.host import eventually
from tests.lists.listhost import the_list

ASK = """
import json, smtplib, sys
said = {}
with smtplib.SMTP("127.0.0.1") as s:
    s.ehlo("x.example")
    for address in json.load(sys.stdin):
        s.docmd("MAIL FROM:<who@example.net>")
        said[address] = s.docmd(f"RCPT TO:<{address}>")[0]
        s.rset()
print(json.dumps(said))
"""

KNOWN = """subscribe unsubscribe subscribe-joe=example.net digest-subscribe allow-subscribe-a=b sc.1000000000.icgbkodbnmekcbbmhbje-a=b help info
    get.1_10 digest.5 index thread.5 dig.code request query list log edit.info owner return-5-a=b return-warn-1.x-a=b accept-1.2.x reject-1.2.x
    confirm-1.2.x discard-1.2.x digest-return-5-a=b digest-owner allow-return-""".split()
UNKNOWN = "sales joe subscribers digest-x sc x-subscribe".split()


def codes(host, sos):
    asked = [sos.address()] + [sos.address(word) for word in KNOWN + UNKNOWN]
    return json.loads(host.run(["python3", "-c", ASK], input=json.dumps(asked).encode()).stdout)


def check(host, sos):
    wanted = {sos.address(): 250, **{sos.address(word): 250 for word in KNOWN}, **{sos.address(word): 550 for word in UNKNOWN}}
    assert codes(host, sos) == wanted



def test_addresses_of_a_list_of_this_host(host):
    sos = the_list(host, "sos")
    host.start()
    check(host, sos)


def test_addresses_of_a_user_s_list(host):
    host.user("joe")
    poems = the_list(host, "poems", place="/home/joe", owner="joe")
    poems.name = "joe-poems"
    host.start()
    check(host, poems)


def test_addresses_of_a_list_of_a_virtual_domain(host):
    host.start()
    host.sh("vadddomain vd.example secret")
    news = the_list(host, "news", place="/home/vpopmail/domains/vd.example", owner="vpopmail", domain="vd.example")
    assert eventually(lambda: codes(host, news)[news.address()] == 250)
    check(host, news)


def test_a_manager_that_is_the_site_s_own_is_not_judged(host):
    sos = the_list(host, "sos")
    host.sh(f"cd ~alias; rm .qmail-sos-default; cp {sos.dir}/manager .qmail-sos-default; chown alias .qmail-sos-default")
    host.start()
    assert set(codes(host, sos).values()) == {250}
