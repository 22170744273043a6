#include <string.h>

#include "bulk_line.h"

enum { ADDRESS, PASSWORD, COMMENT, QUOTA, PARTS };

enum bulk_line_result bulk_line_parse(struct bulk_line *to, char const *s, size_t len)
{
  struct field parts[PARTS + 1] = { { "", 0 } };
  if (len && s[len - 1] == '\r') len--;
  if (!len || s[0] == '#') return BULK_LINE_NOTHING;
  size_t n = fields_split(parts, PARTS + 1, s, len);
  *to = (struct bulk_line){ parts[ADDRESS], parts[PASSWORD], parts[COMMENT], parts[QUOTA] };
  bool fits = len <= BULK_LINE_MAX && n > PASSWORD && n <= PARTS && !memchr(s, 0, len);
  return fits && to->address.len && to->password.len ? BULK_LINE_USER : BULK_LINE_WRONG;
}

static bool is_name(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    bool letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z');
    if (!letter && !(s[i] >= '0' && s[i] <= '9') && !strchr("-._", s[i])) return false;
  }
  return len;
}

bool bulk_line_is_hash(struct field password)
{
  char const *end = password.len ? memchr(password.s + 1, password.s[0] == '{' ? '}' : '$', password.len - 1) : 0;
  return end && (password.s[0] == '{' || password.s[0] == '$') && is_name(password.s + 1, (size_t)(end - password.s - 1));
}
