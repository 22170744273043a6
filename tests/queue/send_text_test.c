/* VERP senders, bounce paragraphs, the frame of a bounce. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "send_text.h"

static void assert_text(stralloc const *sa, char const *expected)
{
  assert_int_equal(sa->len, strlen(expected));
  assert_memory_equal(sa->s, expected, sa->len);
}

static struct { char const *sender, *recipient, *expanded; size_t stripped; } const senders[] = {
  { "owner-@host-@[]", "r@d", "owner-r=d@host", 11 },
  { "owner-@host-@[]", "a@b@c.example", "owner-a@b=c.example@host", 11 },
  { "x@y@host-@[]", "r@d", "x@yr=d@host", 8 },
  { "@-@[]", "r@d", "r=d@", 1 },
  { "owner-@host-@[]", "nohost", "owner-@host-@[]", 11 },
  { "owner-@host-@[]", "", "owner-@host-@[]", 11 },
  { "owner-@host-@[]", "@", "owner-=@host", 11 },
  { "owner-host-@[]", "r@d", "owner-host-@[]", 14 },
  { "#@[]", "r@d", "#@[]", 4 },
  { "-@[]", "r@d", "-@[]", 4 },
  { "", "r@d", "", 0 },
  { "s@h", "r@d", "s@h", 3 },
  { "owner-@host-@[]x", "r@d", "owner-@host-@[]x", 16 }
};

static void test_verp(void **state)
{
  (void)state;
  stralloc sa = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
    verp_expand(&sa, senders[i].sender, senders[i].recipient);
    assert_text(&sa, senders[i].expanded);
    assert_int_equal(verp_stripped(senders[i].sender, strlen(senders[i].sender)), senders[i].stripped);
  }
  stralloc_free(&sa);
}

static struct { char const *recipient, *report, *paragraph; } const paragraphs[] = {
  { "r@d", "no\n", "<r@d>:\nno\n\n" },
  { "r@d", "no", "<r@d>:\nno\n\n" },
  { "r@d", "", "<r@d>:\n\n" },
  { "r@d", "\n", "<r@d>:\n\n\n" },
  { "r@d", "a\n\nb\n", "<r@d>:\na\n/b\n\n" },
  { "r@d", "a\n\n\nb", "<r@d>:\na\n//b\n\n" },
  { "r@d", "\n\nb\n", "<r@d>:\n//b\n\n" },
  { "r@d", "a\n\n\n\n", "<r@d>:\na\n//\n\n" },
  { "r@d", "a\n\n", "<r@d>:\na\n\n\n" },
  { "joe", "no\n", "<joe@host.example>:\nno\n\n" },
  { "", "no\n", "<@host.example>:\nno\n\n" },
  { "a\nb@d\n", "no\n", "<a_b@d_>:\nno\n\n" },
  { "<x@d>", "no\n", "<<x@d>>:\nno\n\n" }
};

static void test_paragraph(void **state)
{
  (void)state;
  stralloc sa = STRALLOC_ZERO, host = STRALLOC_ZERO;
  assert_int_equal(bytes_set(&host, "host.example"), 1);
  for (size_t i = 0; i < sizeof paragraphs / sizeof *paragraphs; i++) {
    char const *report = paragraphs[i].report;
    bounce_paragraph(&sa, paragraphs[i].recipient, &host, report, strlen(report));
    assert_text(&sa, paragraphs[i].paragraph);
  }
  stralloc_free(&sa);
  stralloc_free(&host);
}

static struct bounce_names names_of(stralloc const *from, stralloc const *host, char const *to, char const *sender)
{
  return (struct bounce_names){ .from = from, .host = host, .to = to, .to_len = strlen(to), .sender = sender,
                                .is_double = !*sender };
}

static void test_frame(void **state)
{
  (void)state;
  stralloc sa = STRALLOC_ZERO, from = STRALLOC_ZERO, host = STRALLOC_ZERO;
  assert_int_equal(bytes_set(&from, "Mail Daemon"), 1);
  assert_int_equal(bytes_set(&host, "h.example"), 1);
  struct bounce_names names = names_of(&from, &host, "a b@c", "a b@c-@[]");
  assert_int_equal(bounce_head(&sa, &names, 0), 1);
  static char const before_id[] = "Date: 1 Jan 1970 00:00:00 -0000\n"
                                  "From: \"Mail Daemon\"@h.example\n"
                                  "To: \"a b\"@c\n"
                                  "Subject: failure notice\n"
                                  "Message-ID: <19700101000000.";
  assert_memory_equal(sa.s, before_id, sizeof before_id - 1);
  char *behind_id = memchr(sa.s + sizeof before_id, '\n', sa.len - sizeof before_id);
  assert_memory_equal(behind_id - 17, ".qmail@h.example>", 17);
  assert_true(bytes_end(&sa));
  assert_string_equal(behind_id + 1, "Auto-Submitted: auto-replied\n"
                   "MIME-Version: 1.0\n"
                   "Content-Type: text/plain; charset=utf-8\n"
                   "Content-Transfer-Encoding: 8bit\n"
                   "\n"
                   "Hi. This is the qmail-send program at h.example.\n"
                   "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
                   "This is a permanent error; I've given up. Sorry it didn't work out.\n"
                   "\n");
  assert_int_equal(bounce_break(&sa, &names), 1);
  assert_text(&sa, "--- Below this line is a copy of the message.\n\nReturn-Path: <\"a b\"@c>\n");
  names = names_of(&from, &host, "postmaster@c", "");
  assert_int_equal(bounce_break(&sa, &names), 1);
  assert_text(&sa, "--- Below this line is the original bounce.\n\nReturn-Path: <>\n");
  stralloc_free(&sa);
  stralloc_free(&from);
  stralloc_free(&host);
}

/* A sender with a newline must not write header lines of its own. */
static void test_header_injection(void **state)
{
  (void)state;
  stralloc sa = STRALLOC_ZERO, from = STRALLOC_ZERO, host = STRALLOC_ZERO;
  assert_int_equal(bytes_set(&from, "x"), 1);
  assert_int_equal(bytes_set(&host, "h"), 1);
  struct bounce_names names = names_of(&from, &host, "a@b\nBcc: evil", "a@b\nBcc: evil");
  assert_int_equal(bounce_head(&sa, &names, 0), 1);
  assert_int_equal(bytes_end(&sa), 1);
  assert_null(strstr(sa.s, "\nBcc"));
  assert_int_equal(bounce_break(&sa, &names), 1);
  assert_int_equal(bytes_end(&sa), 1);
  assert_null(strstr(sa.s, "\nBcc"));
  stralloc_free(&sa);
  stralloc_free(&from);
  stralloc_free(&host);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_verp),
    cmocka_unit_test(test_paragraph),
    cmocka_unit_test(test_frame),
    cmocka_unit_test(test_header_injection)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
