/* Requests of ezmlm-manage in addresses, what it keeps of them in files, logs that are searched, texts that come back. */

#include "fuzz.h"

#include "answer_limit.h"
#include "confirm_limit.h"
#include "edited_text.h"
#include "log_pattern.h"
#include "manage_from.h"
#include "manage_request.h"

static void check_request(struct field text, stralloc *out)
{
  struct manage_request r;
  if (!manage_request_scan(&r, text)) return;
  assert(r.target.len <= text.len && r.argument.len <= text.len);
  if (r.dated) assert(r.cookie.cookie.len == COOKIE_LENGTH);
  out->len = 0;
  manage_request_address(out, r.target);
  out->len = 0;
  if (manage_request_file(out, r.argument)) assert(!memchr(out->s, '/', out->len) && !memchr(out->s, '.', out->len));
}

static void check_answers(stralloc *out, struct field lines, struct field who)
{
  struct answer const a = { who, who, lines.len };
  struct answer_bounds b;
  answer_bounds_read(&b, lines);
  assert(b.all <= ANSWERS_A_MINUTE_MAX);
  answer_limit_of(lines, &a, &b, 5000);
  answer_limit_lines(out, lines, &a, 5000);
  assert(answer_limit_of((struct field){ out->s, out->len }, &a, &(struct answer_bounds){ 1, 1 }, 5000) != ANSWER_MAY);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static stralloc out = STRALLOC_ZERO, again = STRALLOC_ZERO;
  static char const hash[] = "aaaaaaaaaaaaaaaaaaaa";
  struct part rest = whole(data, size);
  struct part const first = part_before(&rest, '\n');
  struct field const head = { first.s, first.len }, text = { rest.s, rest.len };
  check_request(head, &out);
  confirm_limit_of(text, hash, 5000);
  confirm_limit_lines(&out, text, hash, 5000, true);
  assert(confirm_limit_of((struct field){ out.s, out.len }, hash, 5000) == CONFIRM_ASKED);
  check_answers(&out, text, head);
  manage_from_lines(&out, text, 5000, field_of("a@b"), field_of("a"));
  again.len = 0;
  assert(manage_from_find(&again, (struct field){ out.s, out.len }, 5000, field_of("a@b")));
  if (size < 4096) log_pattern_in(text, head);
  out.len = 0;
  edited_text_read(&out, text, &(struct edited_marks){ head, field_of("END") });
  return 0;
}
