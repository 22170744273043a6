/* A whole report of any log, in all its forms: what was foreign neither ends a string nor a tag, nor moves a terminal. */

#include "fuzz.h"

#include "moment.h"
#include "reason_group.h"
#include "report.h"
#include "report_show.h"

static struct report report;

static void forget(void)
{
  report_log_end(&report);
  for (size_t part = 0; part < PARTS; part++) {
    for (size_t i = 0; i < report.parts[part].count; i++) free((char *)report.parts[part].rows[i].name.s);
    free(report.parts[part].rows);
    free(report.parts[part].slots);
  }
}

static void check_text(stralloc *out)
{
  report_text(out, &report);
  for (size_t i = 0; i < out->len; i++) assert(out->s[i] == '\n' || (out->s[i] >= 32 && out->s[i] < 127));
}

/* Tags are ours: the last words are, and as many open as close. */
static void check_html(stralloc *out)
{
  static char const end[] = "</body></html>\n";
  report_html(out, &report);
  assert(out->len > sizeof end && !memcmp(out->s + out->len - (sizeof end - 1), end, sizeof end - 1));
  assert(times(out->s, out->len, "<") == times(out->s, out->len, ">"));
  assert(!times(out->s, out->len, "<script") && times(out->s, out->len, "<tr>") == times(out->s, out->len, "</tr>"));
}

static void check_json(stralloc *out)
{
  report_json(out, &report);
  assert(out->s[0] == '{' && !memcmp(out->s + out->len - 3, "]}\n", 3));
  for (size_t i = 0; i + 1 < out->len; i++) assert((unsigned char)out->s[i] >= 32);
}

static void check_pieces(struct part all)
{
  stralloc group = STRALLOC_ZERO;
  char text[64];
  int64_t when;
  reason_group(&group, (struct field){ all.s, all.len });
  assert(group.len <= REASON_GROUP_MAX);
  stralloc_free(&group);
  snprintf(text, sizeof text, "%.*s", (int)(all.len < 60 ? all.len : 60), all.len ? all.s : "");
  if (moment_read(&when, text, 1795885200)) assert(when >= 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static void (*const checks[])(stralloc *) = { check_text, check_html, check_json };
  struct part rest = whole(data, size);
  unsigned days = part_byte(&rest);
  check_pieces(rest);
  report_begin(&report, "host", 901886192 - 86400 * (int64_t)days, 901967408 + 86400);
  while (rest.len) {
    struct part line = part_before(&rest, '\n');
    report_line(&report, (struct field){ line.s, line.len });
  }
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
    stralloc out = STRALLOC_ZERO;
    checks[i](&out);
    stralloc_free(&out);
  }
  forget();
  return 0;
}
