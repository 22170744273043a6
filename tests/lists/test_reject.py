"""ezmlm-reject: which posts are fit for a list."""

import pytest

from tests.lists.posting import POST, Posting


@pytest.fixture
def sos(tmp_path):
    return Posting(tmp_path)


def post(subject="s", to="sos@example.org", body="body\n", fields=""):
    return f"{fields}To: {to}\nSubject: {subject}\n\n{body}"


CASES = [
    # options, post,                                                   exit code, what is said
    ([],       post(),                                                 0,   ""),
    ([],       post(to="joe@x, (sos@example.org) ann@x"),              100, "#5.7.0"),
    (["-T"],   post(to="joe@x"),                                       0,   ""),
    (["-q"],   post(to="joe@x"),                                       99,  ""),
    (["-qQ"],  post(to="joe@x"),                                       100, "#5.7.0"),
    ([],       post(to="joe@x", fields="Cc: The List\n\t<SOS@Example.Org>\n"), 0, ""),
    ([],       post(to="joe@x", fields="To: <sos@example.org>\n"),     0,   ""),
    ([],       post(subject=""),                                       100, "#5.7.0"),
    ([],       post(subject="(No Subject)"),                           100, "#5.7.0"),
    (["-S"],   post(subject=""),                                       0,   ""),
    ([],       "To: sos@example.org\n\nx\n",                           100, "#5.7.0"),
    ([],       post(subject="Unsubscribe"),                            100, "#5.7.0"),
    ([],       post(subject="unsubscribe me"),                         0,   ""),
    (["-C"],   post(subject="unsubscribe"),                            0,   ""),
    (["-b"],   post(subject="unsubscribe me"),                         100, "#5.7.0"),
    (["-b"],   post(body="Subscribe, please\n"),                       100, "#5.7.0"),
    (["-b"],   post(body="hi\nsubscribe\n"),                           0,   ""),
    (["-bB"],  post(body="subscribe\n"),                               0,   ""),
    ([],       post(fields="Precedence: bulk\n"),                      99,  ""),
    ([],       post(fields="Precedence: x-JUNK \n"),                   99,  ""),
    ([],       post(fields="Precedence: list\n"),                      0,   ""),
    ([],       post(fields="X-Spam: yes\n"),                           100, "#5.7.0"),
    (["-H"],   post(fields="X-Spam: yes\n"),                           0,   ""),
    ([],       post(fields="Content-Type: text/html\n"),               100, "text/html"),
    ([],       post(fields="Content-Type: video/x\n"),                 100, "video/x"),
    ([],       post(fields="Content-Type: multipart/mixed; boundary=\"b\n"), 100, "#5.6.0"),
    ([],       post(body="x" * 1001),                                  100, "1000"),
    ([],       post(body="x" * 1000),                                  0,   ""),
    ([],       post(body="x"),                                         100, "2"),
    ([],       post(body="xx"),                                        0,   ""),
]


def test_what_is_fit(sos):
    sos.put("headerreject", "x-spam\n")
    sos.put("mimeremove", "text/html\n")
    sos.put("mimereject", "video\n")
    sos.put("msgsize", "1000:2\n")
    for options, text, code, said in CASES:
        got = sos.mail("ezmlm-reject", *options, sos.path, text=text, code=code)
        assert said in got.said and got.message is None, (options, text)


def test_parts(sos):
    fields = "Content-Type: multipart/mixed; boundary=b\n"
    body = "--b\nContent-Type: {}\n\n" + 10 * "x" + "\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: video/x\n\n--c--\n--b--\n"
    sos.put("mimereject", "video\n")
    sos.mail("ezmlm-reject", sos.path, text=post(body=body.format("text/plain"), fields=fields))
    assert "video/x" in sos.mail("ezmlm-reject", sos.path, text=post(body=body.format("Video/X"), fields=fields), code=100).said.lower()
    sos.put("mimekeep", "text/plain\n")
    sos.mail("ezmlm-reject", sos.path, text=post(body=body.format("text/plain"), fields=fields), code=100)
    sos.put("mimekeep", "text/plain\nmultipart/mixed\n")
    sos.mail("ezmlm-reject", sos.path, text=post(body=body.format("text/plain"), fields=fields))
    sos.mail("ezmlm-reject", sos.path, text=post(fields="Content-Type: text/html\n"), code=100)
    (sos.path / "mimereject").unlink()
    size = len(10 * "x" + "\n--c\nContent-Type: video/x\n\n--c--\n")
    sos.put("msgsize", f"{size}:{size}\n")
    sos.mail("ezmlm-reject", sos.path, text=post(body=body.format("text/plain"), fields=fields))


def test_a_command_is_forwarded(sos):
    text = post(subject="help", fields="From: joe@example.net\n")
    got = sos.mail("ezmlm-reject", "-f", sos.path, text=text, code=99)
    assert got.message == "Delivered-To: command forwarder for sos@example.org\n" + text.split("\n\n")[0] + "\n\n"
    assert (got.sender, got.recipients) == ("joe@example.net", ["sos-request@example.org"])
    assert "#5.4.6" in sos.mail("ezmlm-reject", "-f", sos.path, text=got.message.replace("\n\n", "\nTo: sos@example.org\n\n"), code=100).said


def test_without_a_list(sos):
    assert "#5.7.0" in sos.mail("ezmlm-reject", text="To: x\n\nx", code=100).said
    sos.mail("ezmlm-reject", text=post(to="x", fields="Precedence: bulk\n"))
    sos.mail("ezmlm-reject", text=POST, sender=None, code=100)
    sos.mail("ezmlm-reject", text=POST, sender="", code=100)
