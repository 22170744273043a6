"""The reports, filters and helpers on what matchup prints."""

import subprocess

import pytest

from tests.analog.programs import BIN, names_of_links, run

MATCHED = """\
d k 100.5 101.0 103.25 300 <joe@example.org> remote.ann@a.example 20 1000 192.0.2.1_accepted_message./
d k 100.5 101.0 102.0 300 <joe@example.org> local.bob@mail.example.org 20 1000 did_1+0+0/
d z 100.5 101.5 161.5 300 <joe@example.org> remote.cy@b.example 20 1000 Timeout_(#4.4.1)/
d d 100.5 200.0 201.0 300 <joe@example.org> remote.cy@b.example 20 1000 Sorry._(#5.1.1)/
m 100.5 201.25 300 2 1 1 <joe@example.org> 20 1000
d k 150.0 151.0 151.125 1000 <> remote.ann@a.example 21 99 192.0.2.1_accepted_message./
d k 160.0 160.5 161.0 7 <open@example.org> local.root 22 1000 did_1+0+0/
m 150.0 152.0 1000 1 0 0 <> 21 99
1 warning: trouble
"""


def body(report, text=MATCHED):
    """The title, and the table behind the second empty line."""
    title, _, rest = run(report, input=text).partition("\n\n")
    return title, rest.partition("\n\n")[2]


REPORTS = {
    "zdeferrals": ("Reasons for deferral", "del  xdelay  reason\n  1   60.00  Timeout (#4.4.1)/\n"),
    "zfailures": ("Reasons for failure", "del  xdelay  reason\n  1    1.00  Sorry. (#5.1.1)/\n"),
    "zsuccesses": ("Reasons for success",
                   "del  xdelay  reason\n  2    2.38  192.0.2.1 accepted message./\n  2    1.50  did 1+0+0/\n"),
    "zrecipients": ("Recipients", "sbytes  mess  tries  xdelay  recipient\n"
                                  "   300     1      1    1.00  local.bob@mail.example.org\n"
                                  "     7     1      1    0.50  local.root\n"
                                  "  1300     2      2    2.38  remote.ann@a.example\n"
                                  "     0     1      2   61.00  remote.cy@b.example\n"),
    "zrhosts": ("Recipient hosts", "sbytes  mess  tries  xdelay  host\n"
                                   "  1300     2      2    2.38  a.example\n"
                                   "     0     1      2   61.00  b.example\n"
                                   "     7     1      1    0.50  local.root\n"
                                   "   300     1      1    1.00  mail.example.org\n"),
    "zrxdelay": ("Recipients in the best order for mailing lists", "  avg  tries  recipient\n"
                                                                   " 0.50      1  local.root\n"
                                                                   " 1.00      1  local.bob@mail.example.org\n"
                                                                   " 1.19      2  remote.ann@a.example\n"
                                                                   "30.50      2  remote.cy@b.example\n"),
    "zsenders": ("Senders", "mess  bytes  sbytes  rbytes  recips  tries     xdelay  sender\n"
                            "   1   1000    1000    1000       1      1   0.125000  99/<>\n"
                            "   1    300     600     900       3      4  64.250000  1000/<joe@example.org>\n"),
    "zsuids": ("Sender uids", "mess  bytes  sbytes  rbytes  recips  tries     xdelay  uid\n"
                              "   1   1000    1000    1000       1      1   0.125000  99\n"
                              "   1    300     600     900       3      4  64.750000  1000\n"),
    "zddist": ("Distribution of ddelays for successful deliveries", "doneby   avg  pct\n"
                                                                    "  1.00  1.00  25\n"
                                                                    "  1.12  1.06  50\n"
                                                                    "  1.50  1.21  75\n"
                                                                    "  2.75  1.59  100\n"),
    "zoverall": ("Basic statistics", """\
Completed messages: 2
Recipients for completed messages: 4
Total delivery attempts for completed messages: 5
Average delivery attempts per completed message: 2.5
Bytes in completed messages: 1300
Bytes weighted by success: 1600
Average message qtime (s): 51.375

Total delivery attempts: 6
  success: 4
  failure: 1
  deferral: 1
Total ddelay (s): 6.375000
Average ddelay per success (s): 1.593750
Total xdelay (s): 64.875000
Average xdelay per delivery attempt (s): 10.812500
Time span (days): 0.00116609
Average concurrency: 0.643921
"""),
}


@pytest.mark.parametrize("report", REPORTS)
def test_report(report):
    title, table = body(report)
    assert (title, table) == REPORTS[report]


def test_zsendmail():
    assert run("zsendmail", input=MATCHED).splitlines()[2:6] + run("zsendmail", input=MATCHED).splitlines()[-1:] == [
        "161.5 qp 20: to=remote.cy@b.example, uid=1000, ddelay=61.000000, xdelay=60.000000, stat=Deferred (Timeout_(#4.4.1)/)",
        "201.0 qp 20: to=remote.cy@b.example, uid=1000, ddelay=100.500000, xdelay=1.000000, stat=Failed (Sorry._(#5.1.1)/)",
        "201.25 qp 20: from=<joe@example.org>, uid=1000, size=300, nrcpts=3, deferrals=1, qtime=100.750000",
        "151.125 qp 21: to=remote.ann@a.example, uid=99, ddelay=1.125000, xdelay=0.125000, stat=Sent (192.0.2.1_accepted_message./)",
        "1 warning: trouble"]


def test_nothing_gives_a_heading_alone():
    assert body("zrhosts", "") == ("Recipient hosts", "sbytes  mess  tries  xdelay  host\n")
    assert body("zoverall", "") == ("Basic statistics", "Completed messages: 0\n\nTotal delivery attempts: 0\n")
    assert [run(name) for name in ("zsendmail", "columnt", "senders", "ddist")] == [""] * 4


def test_a_reason_may_be_empty():
    assert body("zsuccesses", "d k 1 2 3 4 <> local.a 5 6 \n")[1] == "del  xdelay  reason\n  1    1.00  \n"


def test_lines_of_others_count_nowhere():
    others = "? 1 x\nd\nm\nd \nd q 1 2 3 4 <a> b@c 5 6 x\nm\t1 2\nd kk 1 2 3 4 <a> b@c 5 6 x\n1 warning: x\n\n"
    for name in names_of_links():
        words = ["x"] if name.startswith("x") else []
        if name not in ("zsendmail", "columnt"):
            assert run(name, *words, input=others + MATCHED) == run(name, *words, input=MATCHED)


def test_what_never_ended_and_whole_numbers():
    assert body("zoverall", "d z 1 1 1 4 <> local.a 5 6 x\n")[1].splitlines()[2:] == [
        "Total delivery attempts: 1", "  success: 0", "  failure: 0", "  deferral: 1", "Total ddelay (s): 0.000000",
        "Total xdelay (s): 0.000000", "Average xdelay per delivery attempt (s): 0.000000"]
    assert "Average message qtime (s): 2000000\n" in body("zoverall", "m 1 2000001 5 1 0 0 <> 5 6\n")[1]


def test_equal_delays_are_one_step():
    lines = [f"d k 0 0 {delay} 1 <> local.a 5 6 x\n" for delay in (1, 1, 1, 2, 5, 5, 5, 5, 5, 5)]
    assert run("ddist", input="".join(lines)) == "1.00 1.00 30\n2.00 1.25 40\n5.00 3.50 100\n"
    many = "".join(f"d k 0 0 {n} 1 <> local.a 5 6 x\n" for n in range(1, 1001))
    rows = [line.split() for line in run("ddist", input=many).splitlines()]
    assert [row[2] for row in rows] == [str(percent) for percent in range(10, 101)]
    assert rows[0] == ["109.00", "55.00", "10"] and rows[-1] == ["1000.00", "500.50", "100"]


FILTERS = [
    (("xqp", "21"), [5, 7]), (("xqp", "2"), []),
    (("xrecipient", "remote.cy@b.example"), [2, 3]), (("xrecipient", "cy@b.example"), []),
    (("xsender", "joe@example.org"), [0, 1, 2, 3, 4]), (("xsender", ""), [5, 7]), (("xsender", "<>"), []),
]


@pytest.mark.parametrize("words, passes", FILTERS)
def test_filter(words, passes):
    lines = MATCHED.splitlines(keepends=True)
    assert run(*words, input=MATCHED) == "".join(lines[n] for n in passes)


COLUMNT = [
    ("a bb ccc\naaa b c\n", "  a  bb  ccc\naaa   b  c\n"),
    ("a b\nlonger\n", "     a  b\nlonger  \n"),
    ("  a \t b\n\nc d", "a  b\n\nc  d\n"),
    ("", ""),
]


@pytest.mark.parametrize("rows, straight", COLUMNT)
def test_columnt(rows, straight):
    assert run("columnt", input=rows) == straight


def test_each_name_is_this_program():
    assert len(names_of_links()) == 24
    for name in names_of_links():
        words = ["x"] if name.startswith("x") else []
        assert run(name, *words, input=MATCHED) == run("qmailanalog", name, *words, input=MATCHED)


@pytest.mark.parametrize("words, usage", [
    (["qmailanalog"], "qmailanalog: usage: qmailanalog report | filter word"), (["qmailanalog", "zall"], "qmailanalog: usage: qmailanalog report | filter word"),
    (["zoverall", "x"], "zoverall: usage: zoverall"), (["xqp"], "xqp: usage: xqp qp"), (["xsender", "a", "b"], "xsender: usage: xsender address"),
])
def test_wrong_use(words, usage):
    assert run(*words, code=100) == usage + "\n"


def test_a_disk_that_is_full():
    done = subprocess.run(["bash", "-c", f"exec {BIN}/zrhosts >/dev/full"], input=MATCHED.encode(), capture_output=True)
    assert (done.returncode, done.stderr) == (111, b"zrhosts: fatal: unable to write output: No space left on device\n")


def test_raw_tables_come_in_the_order_of_the_log():
    assert run("rhosts", input=MATCHED) == ("1300 2 2 2.38 a.example\n300 1 1 1.00 mail.example.org\n0 1 2 61.00 b.example\n"
                                            "7 1 1 0.50 local.root\n")
    assert run("failures", input=MATCHED) == "1 1.00 Sorry._(#5.1.1)/\n"


def test_many_names():
    lines = "".join(f"d k 1 2 3 4 <> remote.u{n % 5000}@h{n % 5000} 5 6 x\n" for n in range(20000))
    rows = run("zrhosts", input=lines).splitlines()[-5000:]
    assert [row.split() for row in rows] == sorted(([["16", "4", "4", "4.00", f"h{n}"] for n in range(5000)]), key=lambda row: row[4])
