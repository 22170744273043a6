"""Local places are shared by accounts: one that is slow, or gets a flood, does not hold up the mail of others."""

import pytest

from .send_rig import LOCAL

HOST = "@mail.example.org"


def begin(rig, host, places=10, **controls):
    host.control("concurrencylocal", f"{places}\n")
    for name, text in controls.items():
        host.control(name, text)
    rig.start()


def all_given(rig):
    """The deliveries that are handed out without any report."""
    given = []
    while rig.until(lambda: rig.waiting[LOCAL], 0.5):
        given.append(rig.delivery(LOCAL))
    return given


def boxes(deliveries):
    return [d.address.split("@")[0] for d in deliveries]


def to(rig, *names):
    for name in names:
        rig.message(recipients=[name + HOST])


@pytest.mark.parametrize("places, share", [(1, 1), (2, 1), (3, 2), (10, 5), (11, 6), (100, 50)])
def test_one_account_has_half_of_the_places(rig, host, places, share):
    begin(rig, host, places)
    to(rig, *["joe"] * (places + 2))
    assert len(all_given(rig)) == share


def test_whoever_comes_then_finds_a_place(rig, host):
    begin(rig, host)
    to(rig, *["joe"] * 20)
    assert len(all_given(rig)) == 5
    for name in ("ann", "bob", "carl"):
        to(rig, name)
        assert boxes(all_given(rig)) == [name]
    to(rig, *["ann"] * 5)
    assert boxes(all_given(rig)) == ["ann"], "two are free, and ann has one"


def test_extensions_and_virtual_domains_are_the_accounts(rig, host):
    begin(rig, host, virtualdomains="shop.example:joe-shop\n")
    to(rig, "joe", "JOE-a", "joe-b-c")
    for _ in range(5):
        rig.message(recipients=["info@shop.example"])
    assert len(all_given(rig)) == 5
    to(rig, "joel", "jo")
    assert sorted(boxes(all_given(rig))) == ["jo", "joel"]


def test_breakchars_say_where_an_account_ends(rig, host):
    begin(rig, host, 4, breakchars="+.\n")
    to(rig, "joe+a", "joe.b", "joe", "joe-c")
    assert len(all_given(rig)) == 3, "two of joe, one of joe-c"


def test_behind_a_flood_for_one_others_get_the_next_places(rig, host):
    begin(rig, host)
    to(rig, *["joe"] * 300)
    joes = all_given(rig)
    assert len(joes) == 5
    others = ["ann", "bob", "carl", "dave", "eve"]
    to(rig, *others)
    assert sorted(boxes(all_given(rig))) == others, "all places are taken"
    to(rig, *["joe"] * 100, "fred")
    joes.pop().report("K", "")
    joes.pop().report("K", "")
    assert "fred" in boxes(all_given(rig))


def test_accounts_that_wait_take_turns(rig, host):
    begin(rig, host, 1)
    to(rig, *["joe"] * 30)
    first = rig.delivery(LOCAL)
    to(rig, *["ann"] * 10, *["bob"] * 10)
    assert rig.silent()
    got = []
    for _ in range(24):
        first.report("K", "")
        first = rig.delivery(LOCAL)
        got += boxes([first])
    assert all(7 <= got.count(name) <= 9 for name in ("joe", "ann", "bob")), got


def test_so_do_those_whose_mail_was_there_at_the_start(rig, host):
    for name in ["joe"] * 50 + ["ann"] * 3:
        rig.message(recipients=[name + HOST], announce=False, due=(1, 2**63 - 1))
    begin(rig, host, 2)
    served = []
    for _ in range(12):
        d = rig.delivery(LOCAL)
        served += boxes([d])
        d.report("K", "")
    assert served.count("ann") == 3, served


def test_a_list_goes_on_for_those_who_have_room(rig, host):
    begin(rig, host, 4)
    names = ["joe-a", "joe-b", "joe-c", "ann", "bob", "carl"]
    id = rig.message(recipients=[name + HOST for name in names])
    given = []
    for _ in range(4):
        for d in all_given(rig):
            if d.address.startswith("joe"):
                given.append(d)
            else:
                d.report("K", "")
    assert len(given) == 2 and rig.until(lambda: len(rig.done(id)) == 3)
    for d in given:
        d.report("K", "")
    rig.delivery(LOCAL).report("K", "")
    assert rig.until(lambda: not rig.place(id).exists())


def test_other_lists_behind_one_that_waits(rig, host):
    begin(rig, host, 4)
    to(rig, "joe", "joe")
    assert len(all_given(rig)) == 2
    for n in range(150):
        rig.message(recipients=[f"joe-{n}{HOST}", f"joe-{n}-x{HOST}", f"user{n}{HOST}"])
    for _ in range(150):
        d = rig.delivery(LOCAL)
        assert d.address.startswith("user")
        d.report("K", "")


# ---- light deliveries, which do nothing but fill Maildirs ----

def until_no_more(rig, given):
    """All that are handed out when each turns out to be light."""
    under_way = []
    while given:
        for d in given:
            d.report("L", "")
        under_way += given
        given = all_given(rig)
    return under_way


def test_light_deliveries_give_their_places_back(rig, host):
    begin(rig, host)
    to(rig, *[f"u{n}" for n in range(70)])
    given = all_given(rig)
    assert len(given) == 10
    under_way = until_no_more(rig, given)
    assert len(under_way) == 50, "five times as many as there are places"
    assert "status: local 50/10 remote 0/20" in rig.log
    for d in under_way[:7]:
        d.report("K", "")
    assert len(all_given(rig)) == 7


def test_all_others_keep_theirs(rig, host):
    begin(rig, host, 4)
    to(rig, *[f"u{n}" for n in range(20)])
    first, *others = all_given(rig)
    first.report("L", "")
    first.report("L", "")
    assert len(all_given(rig)) == 1, "told twice, it is one all the same"
    first.report("K", "")
    assert all_given(rig) == []
    for d in others:
        d.report("K", "")
    assert len(all_given(rig)) == 3


def test_one_account_has_no_more_light_ones_than_there_are_places(rig, host):
    begin(rig, host)
    to(rig, *["joe"] * 30)
    assert len(until_no_more(rig, all_given(rig))) == 10
    to(rig, *[f"u{n}" for n in range(20)])
    assert len(all_given(rig)) == 10


# ---- whose an address is ----

def test_addresses_that_belong_to_one_account_share_its_places(rig, host):
    rig.whose = {f"x{n}": "joe:1000" for n in range(300)}
    begin(rig, host)
    to(rig, *rig.whose)
    assert len(all_given(rig)) == 5
    to(rig, "ann")
    assert boxes(all_given(rig)) == ["ann"]
    to(rig, "x7-a")
    assert all_given(rig) == []


def test_each_is_asked_about_once(rig, host):
    begin(rig, host)
    for _ in range(3):
        to(rig, "joe", "joe-a", "ann")
        for _ in range(3):
            rig.delivery(LOCAL).report("K", "")
    assert sorted(q.address for q in rig.asked_whose) == ["ann@", "joe@"]


def test_mail_waits_for_the_answer_and_other_mail_does_not(rig, host):
    rig.whose = None
    begin(rig, host)
    to(rig, "joe", "joe-b", "ann")
    assert all_given(rig) == []
    rig.asked_whose[[q.address for q in rig.asked_whose].index("ann@")].report("W", "ann:1001")
    assert boxes(all_given(rig)) == ["ann"]
    rig.asked_whose[[q.address for q in rig.asked_whose].index("joe@")].report("Z", "nobody knows")
    assert sorted(boxes(all_given(rig))) == ["joe", "joe-b"]


def test_more_addresses_than_can_be_asked_about_at_a_time(rig, host):
    rig.whose = None
    begin(rig, host)
    to(rig, *[f"u{n}" for n in range(120)])
    assert rig.until(lambda: len(rig.asked_whose) == 50) and rig.silent()
    given, answered = [], 0
    while len(given) < 120:
        if answered < len(rig.asked_whose):
            rig.asked_whose[answered].report("W", "")
            answered += 1
        else:
            given.append(rig.delivery(LOCAL))
            given[-1].report("K", "")
    assert len(set(boxes(given))) == 120


def test_a_list_waits_in_memory_for_answers(rig, host):
    rig.whose = {f"u{n}": f"u{n}" for n in range(0, 120, 2)}
    begin(rig, host, 100)
    id = rig.message(recipients=[f"u{n}{HOST}" for n in range(120)])
    for _ in range(120):
        rig.delivery(LOCAL).report("K", "")
    assert rig.until(lambda: not rig.place(id).exists())


# ---- the mailboxes of a virtual domain ----

OWNERS = {"example.net-": "example.net:89:89:/home/vpopmail/domains/example.net",
          "my-shop.example-": "my-shop.example:89:89:/home/vpopmail/domains/my-shop.example",
          "alias.example-": "example.net:89:89:/home/vpopmail/domains/example.net",
          "joe-x.example-": "joe:1000:1000:/home/joe", "joe": "joe:1000:1000:/home/joe"}
DOMAINS = "example.net:example.net\nmy-shop.example:my-shop.example\nalias.example:alias.example\nx.example:joe-x.example\n"


def begin_virtual(rig, host, places=10):
    rig.whose = dict(OWNERS)
    begin(rig, host, places, virtualdomains=DOMAINS)


def to_users(rig, *addresses):
    for address in addresses:
        rig.message(recipients=[address])


def numbered(count, domain):
    return [f"u{n}@{domain}" for n in range(count)]


def test_a_mailbox_does_not_hold_the_others_of_its_domain(rig, host):
    begin_virtual(rig, host)
    to_users(rig, *["ann@example.net"] * 300)
    assert len(all_given(rig)) == 5
    to_users(rig, "bob@example.net", "carl@EXAMPLE.net")
    assert sorted(boxes(all_given(rig))) == ["example.net-bob", "example.net-carl"]


@pytest.mark.parametrize("places, share", [(1, 1), (2, 1), (3, 2), (4, 3), (10, 8), (20, 15), (100, 75)])
def test_many_mailboxes_of_a_domain_leave_a_quarter_to_others(rig, host, places, share):
    begin_virtual(rig, host, places)
    to_users(rig, *numbered(places + 2, "example.net"))
    assert len(all_given(rig)) == share
    to(rig, "ann")
    assert boxes(all_given(rig)) == ["ann"] * (share < places)


def test_domains_share_as_accounts_do(rig, host):
    begin_virtual(rig, host, 20)
    to_users(rig, *numbered(30, "example.net"))
    assert len(all_given(rig)) == 15
    to_users(rig, *numbered(30, "my-shop.example"))
    assert len(all_given(rig)) == 4, "one is left"
    to(rig, "ann", "bob")
    assert len(all_given(rig)) == 1


def test_names_of_one_domain_are_one_domain_and_extensions_one_mailbox(rig, host):
    begin_virtual(rig, host)
    to_users(rig, "ann@example.net", "ann-a@example.net", "ANN-b@alias.example", "ann-c-d@alias.example", "ann-e@example.net",
             "ann-f@example.net")
    assert len(all_given(rig)) == 5
    to_users(rig, *numbered(9, "alias.example"))
    assert len(all_given(rig)) == 3, "eight of the domain"


def test_a_domain_of_an_account_of_the_system_is_that_account(rig, host):
    begin_virtual(rig, host)
    to_users(rig, *numbered(9, "x.example"))
    to(rig, "joe")
    assert len(all_given(rig)) == 5


def test_a_domain_is_asked_about_once(rig, host):
    begin_virtual(rig, host)
    for _ in range(2):
        to_users(rig, *numbered(4, "example.net"), *numbered(2, "my-shop.example"))
        for _ in range(6):
            rig.delivery(LOCAL).report("K", "")
    assert sorted(q.address for q in rig.asked_whose) == ["example.net-@", "my-shop.example-@"]


def test_domains_that_wait_take_turns_and_so_do_their_mailboxes(rig, host):
    begin_virtual(rig, host, 1)
    to_users(rig, "first@example.net")
    first = rig.delivery(LOCAL)
    to_users(rig, *["ann@example.net"] * 20, *["bob@example.net"] * 20, *["carl@my-shop.example"] * 20)
    assert rig.silent()
    got = []
    for _ in range(24):
        first.report("K", "")
        first = rig.delivery(LOCAL)
        got += boxes([first])
    counts = [got.count(name) for name in ("example.net-ann", "example.net-bob", "my-shop.example-carl")]
    assert 11 <= counts[2] <= 13 and all(5 <= count <= 7 for count in counts[:2]), got


def test_a_backlog_of_a_domain_that_hangs_leaves_places(rig, host):
    for n in range(300):
        rig.message(recipients=[f"u{n % 90}@example.net"], announce=False, due=(1, 2**63 - 1))
    begin_virtual(rig, host)
    hung = all_given(rig)
    assert len(hung) == 8
    to_users(rig, "carl@my-shop.example")
    to(rig, "ann")
    assert sorted(boxes(all_given(rig))) == ["ann", "my-shop.example-carl"]


def test_a_list_goes_to_the_mailboxes_of_a_domain(rig, host):
    begin_virtual(rig, host)
    rig.whose = None
    id = rig.message(recipients=numbered(200, "example.net"))
    assert rig.until(lambda: rig.asked_whose) and rig.silent()
    rig.asked_whose[0].report("W", OWNERS["example.net-"])
    given = all_given(rig)
    assert len(given) == 8 and len(set(boxes(given))) == 8
    for d in given:
        d.report("K", "")
    for _ in range(192):
        rig.delivery(LOCAL).report("K", "")
    assert rig.until(lambda: not rig.place(id).exists())


def test_mail_for_several_mailboxes_of_a_domain_waits_for_it_without_a_place(rig, host):
    begin_virtual(rig, host)
    to_users(rig, *numbered(9, "example.net"))
    hung = all_given(rig)
    assert len(hung) == 8
    for n in range(90):
        rig.message(recipients=[f"a{n}@example.net", f"b{n}@example.net"])
    to_users(rig, "carl@my-shop.example")
    carl, = all_given(rig)
    assert carl.address == "my-shop.example-carl@my-shop.example"
    carl.report("K", "")
    hung.pop().report("K", "")
    given = []
    for _ in range(181):
        given.append(rig.delivery(LOCAL))
        given[-1].report("K", "")
    assert len(set(boxes(given))) == 181


def test_more_mailboxes_than_are_remembered(rig, host):
    begin_virtual(rig, host, 100)
    for n in range(11):
        rig.message(recipients=numbered(11000, "example.net")[n * 1000:(n + 1) * 1000])
    for _ in range(11000):
        rig.delivery(LOCAL).report("K", "")
    to_users(rig, "ann@example.net")
    rig.delivery(LOCAL).report("K", "")
    assert len(rig.asked_whose) == 1
