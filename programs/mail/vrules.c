#include <skalibs/bytestr.h>

#include "fields.h"
#include "number.h"
#include "vrules.h"

static bool set_extensions(struct vrules *rules, struct field value)
{
  rules->extensions = field_is(value, "yes");
  return rules->extensions || field_is(value, "no");
}

static bool set_overquota(struct vrules *rules, struct field value)
{
  uint64_t days;
  if (!value.len || number_scan(value.s, value.len, &days) != value.len || days > VRULES_OVERQUOTA_MAX) return false;
  rules->overquota = (uint32_t)days;
  return true;
}

static struct { char const *word; bool (*set)(struct vrules *rules, struct field value); } const known[] = {
  { "extensions", set_extensions },
  { "overquota", set_overquota },
};

static bool take_line(struct vrules *rules, struct field line)
{
  struct field const word = field_word(&line), value = field_word(&line);
  if (!word.len || *word.s == '#') return true;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (field_is(word, known[i].word)) return known[i].set(rules, value) && !field_word(&line).len;
  return false;
}

size_t vrules_parse(struct vrules *rules, char const *s, size_t len)
{
  size_t number = 1;
  for (size_t at = 0, n; at < len; at += n + 1, number++) {
    n = byte_chr(s + at, len - at, '\n');
    if (!take_line(rules, (struct field){ s + at, n })) return number;
  }
  return 0;
}
