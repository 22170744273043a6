#include <string.h>

#include "module_claim.h"

static bool line_cut(struct field *line, struct field *rest)
{
  char const *end = rest->len ? memchr(rest->s, '\n', rest->len) : 0;
  if (!end) return false;
  *line = (struct field){ rest->s, (size_t)(end - rest->s) };
  *rest = (struct field){ end + 1, rest->len - line->len - 1 };
  return !memchr(line->s, 0, line->len);
}

bool module_claim_parse(struct module_claim *claim, char const *s, size_t len)
{
  struct field rest = { s, len };
  return line_cut(&claim->service, &rest) && line_cut(&claim->type, &rest)
    && line_cut(&claim->user, &rest) && line_cut(&claim->password, &rest);
}
