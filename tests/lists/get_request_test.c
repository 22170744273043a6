/* Addresses of ezmlm-get, and which messages they mean. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "get_request.h"

static struct { char const *text; enum get_word word; char format; uint64_t from, to; bool open; char const *code; } const requests[] = {
  { "get", GET_MESSAGES, 0, 0, 0, false, 0 },
  { "GET.5", GET_MESSAGES, 0, 5, 0, false, 0 }, { "get5", GET_MESSAGES, 0, 5, 0, false, 0 }, { "get-5_9", GET_MESSAGES, 0, 5, 9, false, 0 },
  { "get_5.9", GET_MESSAGES, 0, 5, 9, false, 0 }, { "getv.5", GET_MESSAGES, 'v', 5, 0, false, 0 }, { "getR5-9", GET_MESSAGES, 'r', 5, 9, false, 0 },
  { "getz.5", GET_MESSAGES, 0, 5, 0, false, 0 }, { "get._5", GET_MESSAGES, 0, 0, 5, true, 0 }, { "get.5-joe=x.org", GET_MESSAGES, 0, 5, 0, false, 0 },
  { "get-joe=x.org", GET_MESSAGES, 0, 0, 0, false, 0 }, { "get.99999999999999999999999", GET_MESSAGES, 0, UINT64_MAX, 0, false, 0 },
  { "getting", GET_NOTHING, 0, 0, 0, false, 0 }, { "ge", GET_NOTHING, 0, 0, 0, false, 0 }, { "", GET_NOTHING, 0, 0, 0, false, 0 },
  { "digest", GET_MESSAGES, 0, 0, 0, false, 0 }, { "digest.5", GET_MESSAGES, 0, 5, 0, false, 0 }, { "digest-5", GET_MESSAGES, 0, 5, 0, false, 0 },
  { "digest-subscribe", GET_NOTHING, 0, 0, 0, false, 0 }, { "digest-", GET_NOTHING, 0, 0, 0, false, 0 }, { "digests-x", GET_MESSAGES, 0, 0, 0, false, 0 },
  { "dig.secret", GET_DIGEST, 0, 0, 0, false, "secret" }, { "DIG-Secretv", GET_DIGEST, 0, 0, 0, false, "Secretv" }, { "dig", GET_DIGEST, 0, 0, 0, false, "" },
  { "digsecret", GET_NOTHING, 0, 0, 0, false, 0 },
  { "index", GET_INDEX, 0, 0, 0, false, 0 }, { "index.100_300", GET_INDEX, 0, 100, 300, false, 0 }, { "indexn.1", GET_INDEX, 'n', 1, 0, false, 0 },
  { "thread.17", GET_THREAD, 0, 17, 0, false, 0 }, { "threadx.17", GET_THREAD, 'x', 17, 0, false, 0 }, { "thread", GET_THREAD, 0, 0, 0, false, 0 },
  { "subscribe", GET_NOTHING, 0, 0, 0, false, 0 },
};

static void addresses_are_read(void **state)
{
  struct get_request r;
  (void)state;
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
    get_request_read(&r, field_of(requests[i].text));
    if (r.word != requests[i].word) fail_msg("%s", requests[i].text);
    if (r.word == GET_NOTHING) continue;
    if (r.format != requests[i].format || r.from != requests[i].from || r.to != requests[i].to || r.open != requests[i].open) fail_msg("%s", requests[i].text);
    assert_true(!requests[i].code || field_is(r.code, requests[i].code));
  }
}

static struct { char const *code, *wanted; bool is; char format; } const codes[] = {
  { "secret", "secret", true, 0 }, { "SECRET", "secret", true, 0 }, { "secretv", "Secret", true, 'v' }, { "secretR", "secret", true, 'r' },
  { "secretz", "secret", false, 0 }, { "secretvz", "secret", true, 'v' }, { "secre", "secret", false, 0 }, { "", "secret", false, 0 }, { "", "", false, 0 }, { "v", "", false, 0 },
};

static void a_digest_wants_its_code(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    char format = 0;
    assert_int_equal(get_code_is(field_of(codes[i].code), field_of(codes[i].wanted), &format), codes[i].is);
    assert_int_equal(format, codes[i].format);
  }
}

static struct { char const *text; uint64_t num, digested, from, to; } const messages[] = {
  { "get", 17, 0, 1, 17 }, { "get", 100, 0, 71, 100 }, { "get", 100, 90, 90, 100 }, { "get", 100, 100, 100, 100 }, { "get", 500, 90, 401, 500 },
  { "get", 100, 200, 100, 100 }, { "get.5", 100, 90, 5, 5 }, { "get.5_9", 100, 90, 5, 9 }, { "get.9_5", 100, 90, 5, 9 }, { "get.5_999", 100, 90, 5, 100 },
  { "get.5_999", 1000, 90, 5, 104 }, { "get._5", 100, 90, 1, 5 }, { "get._500", 1000, 90, 1, 100 }, { "get.99999_1", 100, 90, 60, 100 }, { "get.99999", 100, 0, 70, 100 },
  { "get.99999", 1000, 20, 1, 100 }, { "get.99999", 20, 10, 1, 20 }, { "get.0", 10, 5, 5, 10 }, { "get.7_0", 10, 5, 7, 7 }, { "get", 1, 0, 1, 1 }, { "get.1", 1, 1, 1, 1 },
}, entries[] = {
  { "index", 17, 0, 1, 17 }, { "index", 250, 0, 100, 250 }, { "index", 201, 0, 100, 201 }, { "index", 300, 0, 200, 300 }, { "index.5", 250, 0, 1, 99 },
  { "index.120_130", 250, 0, 100, 199 }, { "index.130_120", 250, 0, 100, 199 }, { "index.99_100", 250, 0, 1, 199 }, { "index.1_9999", 9999, 0, 1, 1999 },
  { "index.500", 250, 0, 100, 250 }, { "index._5", 250, 0, 1, 99 },
};

static void ranges_are_what_somebody_means(void **state)
{
  struct get_request r;
  (void)state;
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
    get_request_read(&r, field_of(messages[i].text));
    struct get_range const range = get_messages(&r, &(struct get_state){ messages[i].num, messages[i].digested });
    if (range.from != messages[i].from || range.to != messages[i].to)
      fail_msg("%zu %s: %d to %d", i, messages[i].text, (int)range.from, (int)range.to);
  }
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
    get_request_read(&r, field_of(entries[i].text));
    struct get_range const range = get_entries(&r, &(struct get_state){ entries[i].num, 0 });
    if (range.from != entries[i].from || range.to != entries[i].to) fail_msg("%zu %s: %d to %d", i, entries[i].text, (int)range.from, (int)range.to);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(addresses_are_read), cmocka_unit_test(a_digest_wants_its_code), cmocka_unit_test(ranges_are_what_somebody_means)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
