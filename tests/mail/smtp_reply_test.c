/* What counts as a reply, what is kept of it, and where it ends. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "smtp_reply.h"

static struct smtp_reply r;

/* Feeds the bytes; *used is how many the reply took. */
static enum smtp_reply_state feed(char const *s, size_t len, size_t *used)
{
  enum smtp_reply_state state = SMTP_REPLY_MORE;
  smtp_reply_start(&r);
  for (*used = 0; *used < len && state == SMTP_REPLY_MORE; ++*used) state = smtp_reply_take(&r, s[*used]);
  return state;
}

static struct { char const *bytes; enum smtp_reply_state state; unsigned code; char const *text, *rest; } const cases[] = {
  { "",                              SMTP_REPLY_MORE,      0,   "",                        "" },
  { "250",                           SMTP_REPLY_MORE,      250, "250",                     "" },
  { "250-a\r\n",                     SMTP_REPLY_MORE,      250, "250-a\n",                 "" },
  { "\r\n",                          SMTP_REPLY_SENSELESS, 0,   "\n",                      "" },
  { "2\n",                           SMTP_REPLY_SENSELESS, 0,   0,                         "" },
  { "25\r\n",                        SMTP_REPLY_SENSELESS, 0,   0,                         "" },
  { "hello\r\n",                     SMTP_REPLY_SENSELESS, 0,   "hello\n",                 "" },
  { "150 a\r\n",                     SMTP_REPLY_SENSELESS, 0,   0,                         "" },
  { "650 a\r\n",                     SMTP_REPLY_SENSELESS, 0,   0,                         "" },
  { "2a0 a\r\n",                     SMTP_REPLY_SENSELESS, 0,   0,                         "" },
  { "250-a\r\n550 b\r\n",            SMTP_REPLY_SENSELESS, 0,   0,                         "" },
  { "250-a\r\n251 b\r\n",            SMTP_REPLY_SENSELESS, 0,   0,                         "" },
  { "250-a\r\nb\r\n",                SMTP_REPLY_SENSELESS, 0,   0,                         "" },
  { "250-a\r\n\r\n",                 SMTP_REPLY_SENSELESS, 0,   0,                         "" },
  { "250\r\n",                       SMTP_REPLY_DONE,      250, "250\n",                   "" },
  { "250\n",                         SMTP_REPLY_DONE,      250, "250\n",                   "" },
  { "250 \r\n",                      SMTP_REPLY_DONE,      250, "250 \n",                  "" },
  { "599 last\r\n250 x",             SMTP_REPLY_DONE,      599, "599 last\n",              "250 x" },
  { "200x\r\n",                      SMTP_REPLY_DONE,      200, "200x\n",                  "" },
  { "354 go\nmore",                  SMTP_REPLY_DONE,      354, "354 go\n",                "more" },
  { "250-a\r\n250-\r\n250 c\r\nx",   SMTP_REPLY_DONE,      250, "250-a\n250-\n250 c\n",    "x" },
  { "250-a\r\n250\r\n",              SMTP_REPLY_DONE,      250, "250-a\n250\n",            "" },
  { "2\r5\r0\r \ra\r\r\n",           SMTP_REPLY_DONE,      250, "250 a\n",                 "" },
  { "550 \x1b[2J\x7f\x01\t\xc3\r\n", SMTP_REPLY_DONE,      550, "550 ?[2J??\t\xc3\n",      "" },
};

static void replies(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t used;
    assert_int_equal(feed(cases[i].bytes, strlen(cases[i].bytes), &used), cases[i].state);
    assert_string_equal(cases[i].bytes + used, cases[i].rest);
    if (cases[i].state == SMTP_REPLY_DONE) assert_int_equal(r.code, cases[i].code);
    if (!cases[i].text) continue;
    assert_int_equal(r.len, strlen(cases[i].text));
    assert_memory_equal(r.text, cases[i].text, r.len);
  }
}

static void nul_is_shown(void **state)
{
  size_t used;
  (void)state;
  assert_int_equal(feed("250 a\0b\n", 8, &used), SMTP_REPLY_DONE);
  assert_memory_equal(r.text, "250 a?b\n", 8);
}

static enum smtp_reply_state line_of(size_t len)
{
  enum smtp_reply_state state = SMTP_REPLY_MORE;
  smtp_reply_start(&r);
  for (size_t i = 0; i < len && state == SMTP_REPLY_MORE; i++) state = smtp_reply_take(&r, i + 1 == len ? '\n' : "250 "[i < 4 ? i : 3]);
  return state;
}

static void text_is_bounded(void **state)
{
  (void)state;
  assert_int_equal(line_of(SMTP_REPLY_TEXT_MAX - 1), SMTP_REPLY_DONE);
  assert_int_equal(r.len, SMTP_REPLY_TEXT_MAX - 1);
  assert_int_equal(line_of(SMTP_REPLY_TEXT_MAX), SMTP_REPLY_DONE);
  assert_int_equal(r.len, SMTP_REPLY_TEXT_MAX);
  assert_int_equal(line_of(SMTP_REPLY_TEXT_MAX + 1), SMTP_REPLY_DONE);
  assert_int_equal(r.len, SMTP_REPLY_TEXT_MAX);
}

static void length_is_bounded(void **state)
{
  (void)state;
  assert_int_equal(line_of(SMTP_REPLY_BYTES_MAX - 1), SMTP_REPLY_DONE);
  assert_int_equal(line_of(SMTP_REPLY_BYTES_MAX), SMTP_REPLY_DONE);
  assert_int_equal(line_of(SMTP_REPLY_BYTES_MAX + 1), SMTP_REPLY_SENSELESS);
}

static enum smtp_reply_state lines(unsigned count)
{
  enum smtp_reply_state state = SMTP_REPLY_MORE;
  smtp_reply_start(&r);
  for (unsigned i = 0; i < count && state == SMTP_REPLY_MORE; i++)
    for (char const *s = i + 1 == count ? "250 \n" : "250-\n"; *s && state == SMTP_REPLY_MORE; s++) state = smtp_reply_take(&r, *s);
  return state;
}

static void lines_are_bounded(void **state)
{
  (void)state;
  assert_int_equal(lines(SMTP_REPLY_LINES_MAX - 1), SMTP_REPLY_DONE);
  assert_int_equal(lines(SMTP_REPLY_LINES_MAX), SMTP_REPLY_DONE);
  assert_int_equal(lines(SMTP_REPLY_LINES_MAX + 1), SMTP_REPLY_SENSELESS);
}

static struct { char const *text; unsigned offered; } const offers[] = {
  { "250 mx\n",                                               0 },
  { "250 SIZE\n",                                             0 },
  { "250-SIZE\n250 x\n",                                      0 },
  { "250-mx\n250 size\n",                                     SMTP_OFFERS_SIZE },
  { "250-mx\n250 SIZE 1000\n",                                SMTP_OFFERS_SIZE },
  { "250-mx\n250 SIZE",                                       SMTP_OFFERS_SIZE },
  { "250-mx\n250-SIZEX\n250-XSIZE\n250 SIZ\n",                0 },
  { "250-mx\n250-PIPELINING\n250-8bitMIME\n250 SIZE 0\n",     SMTP_OFFERS_SIZE | SMTP_OFFERS_8BITMIME | SMTP_OFFERS_PIPELINING },
  { "250-mx\n250\n",                                          0 },
};

static void extensions(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof offers / sizeof *offers; i++)
    assert_int_equal(smtp_reply_extensions(offers[i].text, strlen(offers[i].text)), offers[i].offered);
}

static struct { char const *reply; bool too_many; } const refusals[] = {
  { "552 too many recipients\r\n", true },
  { "552 5.5.3 too many recipients\r\n", true },
  { "552 5.2.2 full\r\n", true },
  { "552\r\n", true },
  { "452 too many recipients\r\n", true },
  { "452 4.5.3 too many recipients\r\n", true },
  { "452-4.5.3 too many\r\n452 4.5.3 recipients\r\n", true },
  { "452 4.5 recipients\r\n", true },
  { "452\r\n", true },
  { "452 4.2.2 full\r\n", false },
  { "452 4.5.30 hm\r\n", false },
  { "452 4.3.1 full\r\n", false },
  { "451 4.5.3 too many recipients\r\n", true },
  { "451 later\r\n", false },
  { "450 later\r\n", false },
  { "550 5.5.3 too many recipients\r\n", true },
  { "550 5.1.1 nobody\r\n", false },
  { "550 nobody\r\n", false },
  { "553 5.5.3 odd\r\n", false },
  { "250 4.5.3 fine\r\n", false },
};

static void one_too_many(void **state)
{
  static struct smtp_reply r;
  (void)state;
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    smtp_reply_start(&r);
    for (char const *c = refusals[i].reply; *c; c++) smtp_reply_take(&r, *c);
    if (smtp_reply_says_too_many(&r) != refusals[i].too_many) fail_msg("%s", refusals[i].reply);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(replies), cmocka_unit_test(nul_is_shown), cmocka_unit_test(text_is_bounded),
    cmocka_unit_test(length_is_bounded), cmocka_unit_test(lines_are_bounded), cmocka_unit_test(extensions), cmocka_unit_test(one_too_many),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
