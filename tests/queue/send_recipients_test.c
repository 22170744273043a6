/* Each recipient is routed once, comes with his address in his channel, and anew when the tables were read again. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "envelope_words.h"
#include "fields.h"
#include "send.h"
#include "send_clean.h"
#include "send_recipients.h"

static char const envelope[] =
  "u1000\0p77\0Fs@else.example\0Tjoe@here.example\0Ddone@x.example\0Tr@x.example\0Tann@shop.example\0"
  "Tu%x.example@here.example\0Tbob\0v2";

static void tables(char const *locals, char const *virtual)
{
  nameset_free(&routes.locals);
  nameset_free(&routes.virtualdomains);
  assert_true(nameset_list(&routes.locals, locals, strlen(locals)));
  assert_true(nameset_map(&routes.virtualdomains, virtual, strlen(virtual)));
  tables_read++;
}

static int begin(void **state)
{
  (void)state;
  now = 1000000;
  tables("here.example\n", "shop.example:joe-shop\n");
  return bytes_set(&routes.envnoathost, "else.example") && nameset_list(&routes.percenthack, "here.example\n", 13) ? 0 : 1;
}

static struct recipients *read_envelope(void)
{
  struct recipients *r = recipients_new();
  assert_true(bytes_setb(&r->envelope, envelope, sizeof envelope));
  return r;
}

/* The addresses of the channel with the texts at their offsets. */
static char const *listed(struct recipients const *r, enum channel c)
{
  static stralloc text = STRALLOC_ZERO;
  struct recipients_at at = { 0, 0 };
  struct recipient next;
  text.len = 0;
  while (recipients_next(r, c, &at, &next))
    assert_true(bytes_addb(&text, next.address, next.address_len) && bytes_addc(&text, ' ')
                && bytes_add(&text, r->envelope.s + next.offset + 1) && bytes_addc(&text, '\n'));
  assert_true(bytes_z(&text));
  return text.s;
}

static void test_who_goes_where(void **state)
{
  (void)state;
  struct recipients *r = read_envelope();
  assert_string_equal(envelope_text(&r->envelope, 'F', "?"), "s@else.example");
  assert_string_equal(envelope_text(&r->envelope, 'p', "?"), "77");
  assert_string_equal(envelope_text(&r->envelope, 'q', "?"), "?");
  recipients_route(r);
  assert_int_equal(r->todo[CHANNEL_LOCAL], 2);
  assert_int_equal(r->todo[CHANNEL_REMOTE], 3);
  assert_true(!r->toward[CHANNEL_LOCAL] && !r->toward[CHANNEL_REMOTE]);
  for (int i = 0; i < 2; i++) {
    assert_string_equal(listed(r, CHANNEL_LOCAL),
                        "joe@here.example joe@here.example\njoe-shop-ann@shop.example ann@shop.example\n");
    assert_string_equal(listed(r, CHANNEL_REMOTE),
                        "r@x.example r@x.example\nu@x.example u%x.example@here.example\nbob@else.example bob\n");
  }
  recipients_leave(r);
}

static void test_anew_when_the_tables_were_read_again(void **state)
{
  (void)state;
  struct recipients *r = read_envelope();
  recipients_route(r);
  tables("x.example\n", "here.example:moved\n");
  assert_false(recipients_current(r));
  assert_string_equal(listed(r, CHANNEL_LOCAL), "moved-joe@here.example joe@here.example\nr@x.example r@x.example\n"
                                                "u@x.example u%x.example@here.example\n");
  assert_string_equal(listed(r, CHANNEL_REMOTE), "ann@shop.example ann@shop.example\nbob@else.example bob\n");
  recipients_leave(r);
  tables("here.example\n", "shop.example:joe-shop\n");
}

static void test_kept_until_somebody_changes_the_file_or_the_tables(void **state)
{
  (void)state;
  struct message *m = message_add(7), *other = message_add(8);
  struct recipients *r = read_envelope();
  recipients_route(r);
  assert_null(recipients_kept(m));
  recipients_keep(m, r);
  recipients_leave(r);
  assert_null(recipients_kept(other));
  for (int i = 0; i < 2; i++) {
    assert_ptr_equal(recipients_kept(m), r);
    recipients_leave(r);
  }
  ask_mark_done(m, 5);
  assert_null(recipients_kept(m));
  recipients_keep(m, recipients_share(r));
  tables_read++;
  assert_null(recipients_kept(m));
  message_forget(m);
  message_forget(other);
}

/* Of many messages the latest; none is taken for another. */
static void test_kept_as_far_as_there_is_room(void **state)
{
  (void)state;
  enum { MANY = 1000 };
  unsigned count = 0;
  for (uint64_t i = 1; i <= MANY; i++) {
    struct recipients *r = read_envelope();
    assert_true(bytes_addc(&r->envelope, 'x') && bytes_addc(&r->envelope, (char)('0' + i % 10)) && bytes_end(&r->envelope));
    recipients_route(r);
    recipients_keep(message_add(i), r);
    recipients_leave(r);
  }
  for (uint64_t i = 1; i <= MANY; i++) {
    struct recipients *r = recipients_kept(message_find(i));
    assert_true(i < MANY || r);
    if (r) {
      assert_int_equal(*envelope_text(&r->envelope, 'x', ""), '0' + (char)(i % 10));
      recipients_leave(r);
      count++;
    }
    message_forget(message_find(i));
  }
  assert_true(count >= 100 && count < 300);
}

static void test_a_long_envelope_is_not_kept(void **state)
{
  (void)state;
  struct message *m = message_add(9);
  struct recipients *r = read_envelope();
  for (int i = 0; i < 10000; i++) assert_true(bytes_addb(&r->envelope, "Ta@b", 5));
  recipients_route(r);
  assert_int_equal(r->todo[CHANNEL_REMOTE], 10003);
  recipients_keep(m, r);
  assert_null(recipients_kept(m));
  recipients_leave(r);
  message_forget(m);
}

static struct { char const *envelope; size_t len; size_t offset; char const *message, *recipient; } const extras[] = {
#define ENVELOPE(s) s, sizeof s
  { ENVELOPE("u1\0p2\0Fs@x\0Ta@y\0v2"), 11, "", "" },
  { ENVELOPE("u1\0p2\0Fs@x\0eid\0rHDRS\0i\0Ta@y\0nNEVER\0orfc822;a\0Tb@y\0v2"), 23, "eid rHDRS i", "nNEVER orfc822;a" },
  { ENVELOPE("u1\0p2\0Fs@x\0eid\0Ta@y\0nNEVER\0Tb@y\0v2"), 27, "eid", "" },
  { ENVELOPE("u1\0p2\0Fs@x\0ea b\0rfull\0Ta@y\0nMAYBE\0v2"), 22, "", "" }
};

static void test_what_belongs_to_whom(void **state)
{
  (void)state;
  stralloc envelope = STRALLOC_ZERO, words = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
    assert_true(bytes_setb(&envelope, extras[i].envelope, extras[i].len));
    envelope_words(&words, &envelope);
    assert_true(field_is((struct field){ words.s, words.len }, extras[i].message));
    assert_int_equal(envelope.s[extras[i].offset], 'T');
    envelope_words_of(&words, &envelope, extras[i].offset);
    assert_true(field_is((struct field){ words.s, words.len }, extras[i].recipient));
  }
  stralloc_free(&envelope);
  stralloc_free(&words);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_who_goes_where),
    cmocka_unit_test(test_what_belongs_to_whom),
    cmocka_unit_test(test_anew_when_the_tables_were_read_again),
    cmocka_unit_test(test_kept_until_somebody_changes_the_file_or_the_tables),
    cmocka_unit_test(test_kept_as_far_as_there_is_room),
    cmocka_unit_test(test_a_long_envelope_is_not_kept)
  };
  return cmocka_run_group_tests(tests, begin, 0);
}
