/* A line, as each of the small parts of lists reads it: what they hand out lies in it. */

#include "fuzz.h"

#include "cron_entry.h"
#include "digest_due.h"
#include "dispatch.h"
#include "named_program.h"

static void is_inside(struct field f, struct part in)
{
  assert(!f.len || (f.s >= in.s && f.s + f.len <= in.s + in.len));
}

static void names_become_shorter(struct field text)
{
  size_t len = text.len + 1, before = len;
  while (dispatch_name(text, &len)) {
    assert(len && len < before && len <= text.len && !memchr(text.s, '/', len));
    before = len;
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct part in = whole(data, size);
  struct field const text = { in.s, in.len };
  struct field rest = text, found;
  struct cron_right right;
  struct digest_last last;
  struct dispatched to;
  struct cron_entry const e = { .local = field_of("a"), .host = field_of("b"), .user = field_of("c"), .bouncehost = field_of("d") };
  while (named_program(&found, &rest)) is_inside(found, in);
  dispatch(&to, text);
  is_inside(to.rest, in);
  names_become_shorter(text);
  digest_last_scan(&last, in.s, in.len);
  if (cron_right_read(&right, text)) {
    is_inside(right.lists, in);
    cron_right_allows(&right, text, right.host);
  }
  if (cron_entry_is_for(text, &e)) assert(times(in.s, in.len, " a-dig-") && times(in.s, in.len, "%"));
  if (cron_entry_is_of(text, &e)) assert(times(in.s, in.len, "%Return-path: <c@d>") == 1 || in.len > 19);
  assert(!cron_word_ok(text) || !holds(in.s, in.len, '%'));
  return 0;
}
