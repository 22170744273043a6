#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "delivery_wire.h"

static void pack(stralloc *to, size_t count, char const *address)
{
  static struct wire_command c;
  c = (struct wire_command){ .stranger = count > 1, .messid = "5/457", .sender = "s@x", .destination = "mx.y", .count = count };
  for (size_t i = 0; i < count; i++) c.recipients[i] = (struct wire_recipient){ (unsigned)i * 9, address, "" };
  assert_true(wire_command_pack(to, &c));
}

static void a_command_comes_through(void **state)
{
  (void)state;
  static struct wire_command c;
  for (size_t count = 1; count <= WIRE_RECIPIENTS_MAX; count += 33) {
    stralloc bytes = STRALLOC_ZERO;
    pack(&bytes, count, "r@y");
    size_t len = bytes.len;
    pack(&bytes, 1, "next@y");
    for (size_t n = 0; n < len; n++) assert_int_equal(wire_command_unpack(&c, bytes.s, n), 0);
    assert_int_equal(wire_command_unpack(&c, bytes.s, bytes.len), len);
    assert_int_equal(c.stranger, count > 1);
    assert_string_equal(c.messid, "5/457");
    assert_string_equal(c.sender, "s@x");
    assert_string_equal(c.destination, "mx.y");
    assert_int_equal(c.count, count);
    for (size_t i = 0; i < count; i++) {
      assert_int_equal(c.recipients[i].slot, i * 9);
      assert_string_equal(c.recipients[i].address, "r@y");
    }
    assert_int_equal(wire_command_unpack(&c, bytes.s + len, bytes.len - len), bytes.len - len);
    assert_string_equal(c.recipients[0].address, "next@y");
    stralloc_free(&bytes);
  }
}

static void extras_come_through(void **state)
{
  (void)state;
  static struct wire_command c;
  stralloc bytes = STRALLOC_ZERO, lines = STRALLOC_ZERO;
  for (int stranger = 0; stranger < 2; stranger++) {
    bytes.len = lines.len = 0;
    c = (struct wire_command){ .stranger = stranger, .messid = "5/457", .sender = "s@x", .destination = "mx.y", .count = 2,
                               .extras = "eid rFULL", .recipients = { { 3, "a@y", "" }, { 5, "b@y", "nNEVER" } } };
    assert_true(wire_command_pack(&bytes, &c));
    for (size_t n = 0; n < bytes.len; n++) assert_int_equal(wire_command_unpack(&c, bytes.s, n), 0);
    assert_int_equal(wire_command_unpack(&c, bytes.s, bytes.len), bytes.len);
    assert_int_equal(c.stranger, stranger);
    assert_string_equal(c.extras, "eid rFULL");
    assert_string_equal(c.recipients[0].extras, "");
    assert_string_equal(c.recipients[1].address, "b@y");
    assert_string_equal(c.recipients[1].extras, "nNEVER");
    assert_true(wire_command_extras(&lines, &c));
    assert_string_equal(lines.s, "eid rFULL\n\nnNEVER");
  }
  bytes.len = 0;
  pack(&bytes, 1, "r@y");
  assert_int_equal(wire_command_unpack(&c, bytes.s, bytes.len), bytes.len);
  assert_null(c.extras);
  stralloc_free(&bytes);
  stralloc_free(&lines);
}

static void an_identity_comes_through(void **state)
{
  (void)state;
  static struct wire_command c;
  for (int kind = 0; kind < 4; kind++) {
    stralloc bytes = STRALLOC_ZERO;
    c = (struct wire_command){ .stranger = kind & 1, .messid = "5/457", .sender = "s@x", .destination = "mx.y", .identity = "h\n192.0.2.1",
                               .extras = kind & 2 ? "eid" : 0, .count = 1, .recipients = { { 3, "a@y", kind & 2 ? "nNEVER" : "" } } };
    assert_true(wire_command_pack(&bytes, &c));
    for (size_t n = 0; n < bytes.len; n++) assert_int_equal(wire_command_unpack(&c, bytes.s, n), 0);
    assert_int_equal(wire_command_unpack(&c, bytes.s, bytes.len), bytes.len);
    assert_string_equal(c.identity, "h\n192.0.2.1");
    assert_true(c.stranger == (kind & 1) && !strcmp(c.destination, "mx.y") && (c.extras != 0) == (kind >= 2));
    assert_string_equal(c.recipients[0].extras, kind & 2 ? "nNEVER" : "");
    stralloc_free(&bytes);
  }
}

static void only_the_end_has_no_recipients(void **state)
{
  (void)state;
  static struct wire_command c;
  stralloc bytes = STRALLOC_ZERO;
  assert_true(wire_command_pack(&bytes, &WIRE_END));
  assert_int_equal(wire_command_unpack(&c, bytes.s, bytes.len), bytes.len);
  assert_true(wire_is_end(&c));
  bytes.len = 0;
  pack(&bytes, 1, "r@y");
  assert_int_equal(wire_command_unpack(&c, bytes.s, bytes.len), bytes.len);
  assert_false(wire_is_end(&c));
  stralloc_free(&bytes);
}

static void the_largest_command_fits(void **state)
{
  (void)state;
  static struct wire_command c;
  stralloc bytes = STRALLOC_ZERO;
  char address[1003];
  memset(address, 'a', 1002);
  address[1002] = 0;
  pack(&bytes, WIRE_RECIPIENTS_MAX, address);
  assert_true(bytes.len <= WIRE_COMMAND_MAX);
  assert_int_equal(wire_command_unpack(&c, bytes.s, bytes.len), bytes.len);
  stralloc_free(&bytes);
}

#define BYTES(s) s, sizeof s - 1
static struct { char const *s; size_t len; long wanted; } const commands[] = {
  { BYTES(""), 0 },
  { BYTES("\0\0\0"), 0 },
  { BYTES("\0\0\0\0"), -1 },
  { BYTES("\1\0\0\0"), 0 },
  { BYTES("\1\0\0\0-"), -1 },
  { BYTES("\2\0\0\0-x"), -1 },
  { BYTES("\3\0\0\0-\0\0"), -1 },
  { BYTES("\4\0\0\0-\0\0\0"), 8 },
  { BYTES("\5\0\0\0-a\0\0\0"), -1 },
  { BYTES("\5\0\0\0-\0a\0\0"), -1 },
  { BYTES("\5\0\0\0-\0\0a\0"), -1 },
  { BYTES("\6\0\0\0-\0\0\0\1\0"), -1 },
  { BYTES("\7\0\0\0-\0\0\0\1\0\0"), 11 },
  { BYTES("\7\0\0\0?\0\0\0\1\0\0"), 11 },
  { BYTES("\7\0\0\0x\0\0\0\1\0\0"), -1 },
  { BYTES("\7\0\0\0+\0\0\0\1\0\0"), -1 },
  { BYTES("\10\0\0\0+\0\0\0\0\1\0\0"), -1 },
  { BYTES("\11\0\0\0+\0\0\0\0\1\0\0\0"), 13 },
  { BYTES("\11\0\0\0!\0\0\0\0\1\0\0\0"), 13 },
  { BYTES("\4\0\0\0+\0\0\0"), -1 },
  { BYTES("\4\0\0\0a\0\0\0"), -1 },
  { BYTES("\7\0\0\0a\0\0\0\1\0\0"), -1 },
  { BYTES("\12\0\0\0ax\0\0\0h\0\1\0\0"), 14 },
  { BYTES("\13\0\0\0cx\0\0\0h\0\1\0y\0"), 15 },
  { BYTES("\7\0\0\0e\0\0\0\1\0\0"), -1 },
  { BYTES("\7\0\0\0-\0\0\0\1\0\0more"), 11 },
  { BYTES("\10\0\0\0-\0\0\0\1\0\0\0"), -1 },
  { BYTES("\11\0\0\0-a\0b\0\0\1\0c\0"), -1 },
  { BYTES("\12\0\0\0-a\0b\0\0\1\0c\0"), 14 },
  { BYTES("\377\377\377\377"), -1 }
};

static void broken_commands_are_noticed(void **state)
{
  (void)state;
  static struct wire_command c;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    /* In a block of its own size, so that a byte read behind it is an error for the sanitizer. */
    char *exact = malloc(commands[i].len + !commands[i].len);
    memcpy(exact, commands[i].s, commands[i].len);
    long r = wire_command_unpack(&c, exact, commands[i].len);
    if (r != commands[i].wanted) fail_msg("case %zu: %ld", i, r);
    free(exact);
  }
}

static void too_many_recipients(void **state)
{
  (void)state;
  static struct wire_command c;
  static char bytes[4 + 4 + 3 * (WIRE_RECIPIENTS_MAX + 1)] = { [4] = '-' };
  size_t len = sizeof bytes - 4;
  bytes[0] = (char)(len & 255);
  bytes[1] = (char)(len >> 8);
  assert_int_equal(wire_command_unpack(&c, bytes, sizeof bytes), -1);
  len -= 3;
  bytes[0] = (char)(len & 255);
  bytes[1] = (char)(len >> 8);
  assert_int_equal(wire_command_unpack(&c, bytes, sizeof bytes - 3), sizeof bytes - 3);
}

static void a_report_comes_through(void **state)
{
  (void)state;
  struct wire_report r;
  static char text[WIRE_REPORT_MAX + 5];
  memset(text, 'x', sizeof text);
  static struct { size_t len, kept; } const lengths[] = {
    { 0, 0 }, { 1, 1 }, { WIRE_REPORT_MAX - 1, WIRE_REPORT_MAX - 1 }, { WIRE_REPORT_MAX, WIRE_REPORT_MAX },
    { WIRE_REPORT_MAX + 1, WIRE_REPORT_MAX }
  };
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    stralloc bytes = STRALLOC_ZERO;
    struct wire_report const said = {
      .slot = 999, .letter = 'Z', .outcome = WIRE_UNREACHED, .most = (unsigned)i, .text = text, .len = lengths[i].len
    };
    assert_true(wire_report_pack(&bytes, &said));
    for (size_t n = 0; n < bytes.len; n++) assert_int_equal(wire_report_unpack(&r, bytes.s, n), 0);
    assert_int_equal(wire_report_unpack(&r, bytes.s, bytes.len), bytes.len);
    assert_int_equal(r.slot, 999);
    assert_int_equal(r.letter, 'Z');
    assert_int_equal(r.outcome, WIRE_UNREACHED);
    assert_int_equal(r.most, i);
    assert_int_equal(r.len, lengths[i].kept);
    assert_memory_equal(r.text, text, r.len);
    stralloc_free(&bytes);
  }
}

static void an_endless_report_is_broken(void **state)
{
  (void)state;
  struct wire_report r;
  static char bytes[5 + WIRE_REPORT_MAX + 2];
  memset(bytes, 'x', sizeof bytes);
  assert_int_equal(wire_report_unpack(&r, bytes, 5 + WIRE_REPORT_MAX), 0);
  assert_int_equal(wire_report_unpack(&r, bytes, 5 + WIRE_REPORT_MAX + 1), -1);
  bytes[sizeof bytes - 1] = 0;
  assert_int_equal(wire_report_unpack(&r, bytes, sizeof bytes), -1);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_command_comes_through), cmocka_unit_test(extras_come_through), cmocka_unit_test(an_identity_comes_through),
    cmocka_unit_test(only_the_end_has_no_recipients), cmocka_unit_test(the_largest_command_fits),
    cmocka_unit_test(broken_commands_are_noticed), cmocka_unit_test(too_many_recipients),
    cmocka_unit_test(a_report_comes_through), cmocka_unit_test(an_endless_report_is_broken)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
