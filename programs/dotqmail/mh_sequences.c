#include <string.h>

#include "fields.h"
#include "lines.h"
#include "mh_sequences.h"
#include "number.h"

static bool range_has(struct field f, uint64_t number)
{
  uint64_t first, last;
  size_t digits = number_scan(f.s, f.len, &first);
  if (!digits) return false;
  if (digits == f.len) return number == first;
  if (f.s[digits] != '-' || number_scan(f.s + digits + 1, f.len - digits - 1, &last) != f.len - digits - 1) return false;
  return f.len > digits + 1 && number >= first && number <= last;
}

bool mh_sequence_has(char const *s, size_t len, char const *name, uint64_t number)
{
  struct text_line line;
  size_t name_len = strlen(name), at = 0;
  while (lines_next(&line, s, len, &at)) {
    if (line.len <= name_len || memcmp(line.s, name, name_len) != 0 || line.s[name_len] != ':') continue;
    struct field rest = { line.s + name_len + 1, line.len - name_len - 1 }, word;
    while ((word = field_word(&rest)).len)
      if (range_has(word, number)) return true;
  }
  return false;
}
