/* Where the messages of an mbox lie, and what begins none. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "mbox_message.h"

static struct { char const *line, *sender; long when; } const lines[] = {
  { "From a@b Thu Jan  1 00:00:01 1970", "a@b", 1 },
  { "From a@b Thu Jan 01 00:00:01 1970", "a@b", 1 },
  { "From a@b  Thu Jan  1 00:00 1970\r", "a@b", 0 },
  { "From MAILER-DAEMON Fri Jul  8 12:08:34 2011", "MAILER-DAEMON", 1310126914 },
  { "From a@b Fri Jul  8 14:08:34 2011 +0200", "a@b", 1310126914 },
  { "From a@b Fri Jul  8 14:08:34 +0200 2011", "a@b", 1310126914 },
  { "From a@b Fri Jul  8 12:08:34 GMT 2011", "a@b", 1310126914 },
  { "From a@b Fri Jul  8 12:08:34 2011 remote from host", "a@b", 1310126914 },
  { "From a b@c Thu Jan  1 00:00:01 1970", "a b@c", 1 },
  { "From Mon Jan  1 00:00:00 1990 Thu Jan  1 00:00:01 1970", "Mon Jan  1 00:00:00 1990", 1 },
  { "From  Thu Jan  1 00:00:01 1970", "", 1 },
  { "From Thu Jan  1 00:00:01 1970", "", 1 },
  { "From a@b Thu Jan  1 00:00:01", 0, 0 },
  { "From a@b Thu Jan  1 24:00:01 1970", 0, 0 },
  { "From a@b Thu Jan 32 00:00:01 1970", 0, 0 },
  { "From a@b Thu Jan  1 00:00:01 1969", 0, 0 },
  { "From a@b Thu Jxn  1 00:00:01 1970", 0, 0 },
  { "From here on nothing is as it was.", 0, 0 },
  { "From: a@b Thu Jan  1 00:00:01 1970", 0, 0 },
  { ">From a@b Thu Jan  1 00:00:01 1970", 0, 0 },
  { "From ", 0, 0 },
  { "", 0, 0 },
};

static void what_begins_a_message(void **state)
{
  struct mbox_message m;
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    bool begins = mbox_from_line(&m, field_of(lines[i].line));
    if (begins != (lines[i].sender != 0)) fail_msg("%s", lines[i].line);
    if (!begins) continue;
    if (!field_is(m.sender, lines[i].sender)) fail_msg("%s: %.*s", lines[i].line, (int)m.sender.len, m.sender.s);
    if (m.when != lines[i].when) fail_msg("%s: %ld", lines[i].line, (long)m.when);
  }
}

#define A "From a@b Thu Jan  1 00:00:01 1970\n"

static struct { char const *mbox; char const *messages[4]; enum mbox_result end; } const boxes[] = {
  { "", { 0 }, MBOX_END },
  { "\n\n", { 0 }, MBOX_END },
  { "x\n", { 0 }, MBOX_IS_NONE },
  { A, { "" }, MBOX_END },
  { A "x", { "x" }, MBOX_END },
  { A "x\n", { "x\n" }, MBOX_END },
  { A "x\n\n", { "x\n" }, MBOX_END },
  { A "x\n\n\n", { "x\n\n" }, MBOX_END },
  { A "x\n\n" A "y\n\n", { "x\n", "y\n" }, MBOX_END },
  { A "x\n" A "y\n", { "x\n" A "y\n" }, MBOX_END },
  { A "\n" A "y\n", { "", "y\n" }, MBOX_END },
  { A A "y\n", { "", "y\n" }, MBOX_END },
  { A "x\n\nFrom here on\n\n" A "y\n", { "x\n\nFrom here on\n", "y\n" }, MBOX_END },
  { A "x\r\n\r\n" A "y\r\n", { "x\r\n", "y\r\n" }, MBOX_END },
  { "\n" A "x\n", { "x\n" }, MBOX_END },
};

static void where_messages_lie(void **state)
{
  struct mbox_message m;
  (void)state;
  for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
    size_t at = 0, n = 0, len = strlen(boxes[i].mbox);
    enum mbox_result r;
    for (; (r = mbox_next(&m, boxes[i].mbox, len, &at)) == MBOX_MESSAGE; n++)
      if (!boxes[i].messages[n] || !field_is(m.text, boxes[i].messages[n])) fail_msg("%zu %zu: %.*s", i, n, (int)m.text.len, m.text.s);
    assert_int_equal(r, boxes[i].end);
    assert_null(boxes[i].messages[n]);
  }
}

static struct { char const *quoted, *plain; } const texts[] = {
  { "", "" }, { ">From x", "From x" }, { ">>From \n>From\n> From \nFrom \n>From ", ">From \n>From\n> From \nFrom \nFrom " },
  { "a\n>>>", "a\n>>>" },
};

static void the_quotation_goes(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    stralloc plain = STRALLOC_ZERO;
    assert_true(mbox_unquote(&plain, field_of(texts[i].quoted)));
    assert_int_equal(plain.len, strlen(texts[i].plain));
    if (plain.len) assert_memory_equal(plain.s, texts[i].plain, plain.len);
    stralloc_free(&plain);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(what_begins_a_message), cmocka_unit_test(where_messages_lie), cmocka_unit_test(the_quotation_goes)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
