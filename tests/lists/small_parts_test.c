/* Parts of the small programs of lists: when a digest is due, which file an address means, entries of a crontab, and what lines
   of .qmail files name. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cron_entry.h"
#include "digest_due.h"
#include "dispatch.h"
#include "named_program.h"
#include "text.h"

/* ---- digests ---- */

static struct { char const *now, *last; struct digest_limits limits; bool due; } const digests[] = {
  { "10:100", "", { 0, 0, 0 }, false },
  { "30:0", "", { 64, 30, 0 }, true },
  { "29:255", "", { 64, 30, 0 }, false },
  { "1:256", "", { 64, 30, 0 }, true },
  { "40:300:9000", "11:45:9000", { 64, 30, 48 }, false },
  { "41:300:9000", "11:45:9000", { 64, 30, 48 }, true },
  { "1:0:172800", "1:0:0", { 0, 0, 48 }, true },
  { "1:0:172799", "1:0:0", { 0, 0, 48 }, false },
  { "5:5:5", "9:9:9", { 1, 1, 1 }, false },
  { "1:0", "0", { 0, UINT64_MAX, 0 }, false },
  { "18446744073709551615:1", "x", { 0, UINT64_MAX, 0 }, true },
};

static void digests_are_due_when_they_are(void **state)
{
  struct digest_last now, last;
  (void)state;
  for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
    digest_last_scan(&now, digests[i].now, strlen(digests[i].now));
    digest_last_scan(&last, digests[i].last, strlen(digests[i].last));
    if (digest_due(&now, &last, &digests[i].limits) != digests[i].due) fail_msg("%s", digests[i].now);
  }
}

/* ---- dispatch ---- */

static struct { char const *rest, *file, *left; } const addresses[] = {
  { "", "editor", 0 },
  { "owner", "owner", 0 },
  { "Owner", "owner", 0 },
  { "owners", "manager", "owners" },
  { "digest-owner", "owner", 0 },
  { "return-5-a=b", "bouncer", "5-a=b" },
  { "return-", "manager", "return-" },
  { "digest-return-5-a=b", "digest/bouncer", "5-a=b" },
  { "confirm-1.2.x", "confirmer", "1.2.x" },
  { "discard-1.2.x", "confirmer", "1.2.x" },
  { "accept-1.2.x", "moderator", "1.2.x" },
  { "REJECT-1.2.x", "moderator", "1.2.x" },
  { "subscribe", "manager", "subscribe" },
  { "sc.1.abc-a=b", "manager", "sc.1.abc-a=b" },
};

static void an_address_means_a_file(void **state)
{
  struct dispatched to;
  (void)state;
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    dispatch(&to, field_of(addresses[i].rest));
    if (strcmp(to.file, addresses[i].file) || to.is_plain != !addresses[i].left) fail_msg("%s", addresses[i].rest);
    if (addresses[i].left && !field_is(to.rest, addresses[i].left)) fail_msg("%s", addresses[i].rest);
  }
}

static struct { char const *text, *names; } const names[] = {
  { "a-b-c", "a-b-c,a-b,a," }, { "a", "a," }, { "a-", "a-,a," }, { "a--b", "a--b,a-,a," }, { "-a", "-a," }, { "", "" }, { ".a-b", "" }, { "a-../b", "" },
};

static void a_list_may_have_these_names(void **state)
{
  stralloc got = STRALLOC_ZERO;
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct field const text = field_of(names[i].text);
    size_t len = text.len + 1;
    got.len = 0;
    while (dispatch_name(text, &len)) {
      text_addb(&got, text.s, len);
      text_add(&got, ",");
    }
    if (strcmp(text_z(&got), names[i].names)) fail_msg("%s: %s", names[i].text, got.s);
  }
  stralloc_free(&got);
}

/* ---- cron ---- */

static struct { char const *line, *local, *host; bool reads, allows; } const rights[] = {
  { "joe:joe:example.org:5", "joe", "example.org", true, true },
  { "joe:joe:example.org:5", "Joe-poems", "EXAMPLE.org", true, true },
  { "joe:joe:example.org:5", "joey", "example.org", true, false },
  { "joe:joe:example.org:5", "joe-poems", "example.net", true, false },
  { "joe:joe:example.org:5:prose,poems", "joe-poems", "example.org", true, true },
  { "joe:joe:example.org:5:prose,poems", "joe-poem", "example.org", true, false },
  { "joe:joe:example.org:5:prose,poems", "joe", "example.org", true, false },
  { "joe::example.org:5", "anything", "example.org", true, true },
  { "joe::example.org:5:sos", "sos", "example.org", true, true },
  { "joe::example.org:", "x", "y", false, false },
  { "joe::example.org:five", "x", "y", false, false },
  { "joe::example.org", "x", "y", false, false },
  { "::example.org:5", "x", "y", false, false },
};

static void rights_are_read(void **state)
{
  struct cron_right r;
  (void)state;
  for (size_t i = 0; i < sizeof rights / sizeof *rights; i++) {
    bool reads = cron_right_read(&r, field_of(rights[i].line));
    if (reads != rights[i].reads) fail_msg("%s", rights[i].line);
    if (reads && cron_right_allows(&r, field_of(rights[i].local), field_of(rights[i].host)) != rights[i].allows)
      fail_msg("%s: %s", rights[i].line, rights[i].local);
  }
}

static struct { char const *time, *hours, *days, *line; } const times[] = {
  { "04:12", "24", "", "12 4 * * *" }, { "04:12", "1", "", "12 * * * *" }, { "04:12", "0", "", "12 * * * *" },
  { "04:12", "6", "", "12 4,10,16,22 * * *" }, { "23:00", "12", "", "0 11,23 * * *" },
  { "5:07", "2", "", "7 1,3,5,7,9,11,13,15,17,19,21,23 * * *" }, { "04:12", "3", "", "12 1,4,7,10,13,16,19,22 * * *" },
  { "04:12", "48", "", "12 4 * * 1,3,5" }, { "04:12", "72", "", "12 4 * * 1,4" }, { "04:12", "168", "", "12 4 * * 1" },
  { "04:12", "24", "0,6", "12 4 * * 0,6" },
  { "24:00", "24", "", 0 }, { "4:60", "24", "", 0 }, { "4", "24", "", 0 }, { "04:1", "24", "", 0 }, { "04:12 ", "24", "", 0 },
  { "04:12", "5", "", 0 }, { "04:12", "4", "", 0 }, { "04:12", "", "", 0 }, { "04:12", "24x", "", 0 }, { "04:12", "24", "1,", 0 },
  { "04:12", "24", "8", 0 }, { "04:12", "24", "12", 0 },
};

static struct cron_entry entry(char const *local, char const *user)
{
  return (struct cron_entry){ .local = field_of(local), .host = field_of("example.org"), .code = field_of("secret"),
                              .user = field_of(user), .bouncehost = field_of("b.example") };
}

static void entries_are_written_and_known_again(void **state)
{
  (void)state;
  struct cron_entry const ours = entry("sos", "joe"), other = entry("so", "jo");
  for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
    stralloc got = STRALLOC_ZERO, wanted = STRALLOC_ZERO;
    struct cron_when when = { .days = field_of(times[i].days) };
    bool ok = cron_time_read(&when, times[i].time) && cron_hours_read(&when, times[i].hours) && (!*times[i].days || cron_days_ok(times[i].days));
    if (ok != (times[i].line != 0)) fail_msg("%s %s %s", times[i].time, times[i].hours, times[i].days);
    if (!ok) continue;
    cron_entry_add(&got, &when, "/inject", &ours);
    text_set(&wanted, times[i].line);
    text_add(&wanted, " /inject sos-dig-secret@example.org%Return-path: <joe@b.example>\n");
    assert_string_equal(text_z(&got), text_z(&wanted));
    struct field const line = { got.s, got.len - 1 };
    assert_true(cron_entry_is_for(line, &ours) && cron_entry_is_of(line, &ours));
    assert_false(cron_entry_is_for(line, &other) || cron_entry_is_of(line, &other));
    stralloc_free(&got);
    stralloc_free(&wanted);
  }
}

/* ---- lines ---- */

static struct { char const *line, *programs; } const lines[] = {
  { "/usr/local/bin/ezmlm/ezmlm-manage '/l/sos'", "/usr/local/bin/ezmlm/ezmlm-manage," },
  { "/b/ezmlm-get '/l/s o s' || exit 0", "/b/ezmlm-get," },
  { "/b/ezmlm-return -D /l/sos", "/b/ezmlm-return," },
  { "if test -e '/l/sos/sublist'; then /b/ezmlm-a '/l/sos'; else /b/ezmlm-b -x '/l/sos'; fi", "/b/ezmlm-a,/b/ezmlm-b," },
  { "/b/ezmlm-confirm '/l/sos' /b/ezmlm-store -Y '/l/sos'", "/b/ezmlm-confirm,/b/ezmlm-store," },
  { "(/b/ezmlm-x)", "/b/ezmlm-x," },
  { "/b/ezmlm-weed", "/b/ezmlm-weed," },
  { "ezmlm-manage '/l/sos'", "" },
  { "/b/ezmlm-", "" },
  { "/b/ezmlm-get '/l/sos", "/b/ezmlm-get," },
  { "", "" },
};

static void lines_name_programs(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    stralloc got = STRALLOC_ZERO;
    struct field rest = field_of(lines[i].line), path;
    while (named_program(&path, &rest)) {
      text_addb(&got, path.s, path.len);
      text_add(&got, ",");
    }
    if (strcmp(text_z(&got), lines[i].programs)) fail_msg("%s: %s", lines[i].line, got.s);
    stralloc_free(&got);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(digests_are_due_when_they_are),
    cmocka_unit_test(an_address_means_a_file),
    cmocka_unit_test(a_list_may_have_these_names),
    cmocka_unit_test(rights_are_read),
    cmocka_unit_test(entries_are_written_and_known_again),
    cmocka_unit_test(lines_name_programs),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
