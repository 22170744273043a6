#include <string.h>

#include <skalibs/bytestr.h>

#include "fields.h"
#include "number.h"
#include "vrules.h"

static bool is(struct field word, char const *text)
{
  return word.len == strlen(text) && !memcmp(word.s, text, word.len);
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static struct field next_word(struct field *line)
{
  while (line->len && is_blank(*line->s)) line->s++, line->len--;
  struct field word = { line->s, 0 };
  while (word.len < line->len && !is_blank(word.s[word.len])) word.len++;
  line->s += word.len;
  line->len -= word.len;
  return word;
}

static bool set_extensions(struct vrules *rules, struct field value)
{
  rules->extensions = is(value, "yes");
  return rules->extensions || is(value, "no");
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
  struct field const word = next_word(&line), value = next_word(&line);
  if (!word.len || *word.s == '#') return true;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (is(word, known[i].word)) return known[i].set(rules, value) && !next_word(&line).len;
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
