#include <string.h>

#include "list_lines.h"
#include "number.h"
#include "web_config.h"

/* What stands before the next separator; *rest moves behind it. */
static struct field part(struct field *rest, char separator)
{
  char const *end = rest->len ? memchr(rest->s, separator, rest->len) : 0;
  struct field const f = { rest->s, end ? (size_t)(end - rest->s) : rest->len };
  rest->s += f.len + (end != 0), rest->len -= f.len + (end != 0);
  return f;
}

static bool read_line(struct web_config *to, struct field line)
{
  *to = (struct web_config){ 0 };
  size_t const digits = number_scan(line.s, line.len, &to->list);
  if (!digits || digits == line.len) return false;
  char const separator = line.s[digits];
  line.s += digits + 1, line.len -= digits + 1;
  part(&line, separator);
  to->dir = part(&line, separator);
  to->address = part(&line, separator);
  to->links = part(&line, separator);
  to->charset = part(&line, separator);
  to->stylesheet = part(&line, separator);
  to->banner = line;
  if (to->address.len && *to->address.s == '-') to->hides = true, to->address.s++, to->address.len--;
  return to->dir.len;
}

bool web_config_find(struct web_config *to, struct field text, uint64_t list)
{
  struct field line;
  while (list_line_next(&line, &text))
    if (read_line(to, line) && (!list || to->list == list)) return true;
  return false;
}

bool web_config_link(struct field *text, struct field *url, struct field *rest)
{
  while (rest->len) {
    *url = part(rest, ',');
    *text = part(url, '=');
    if (url->len) {
      if (!text->len) *text = *url;
      return true;
    }
  }
  return false;
}
