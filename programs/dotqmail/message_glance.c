#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "message_glance.h"

static struct field trimmed(struct field f)
{
  while (f.len && strchr(" \t\r\n", *f.s) && *f.s) f.s++, f.len--;
  while (f.len && strchr(" \t\r\n", f.s[f.len - 1]) && f.s[f.len - 1]) f.len--;
  return f;
}

static bool take(struct field *to, struct field line, char const *name)
{
  size_t len = strlen(name);
  if (to->len || line.len <= len || line.s[len] != ':' || strncasecmp(line.s, name, len) != 0) return false;
  *to = trimmed((struct field){ line.s + len + 1, line.len - len - 1 });
  return true;
}

static struct field without_brackets(struct field f)
{
  if (f.len > 1 && *f.s == '<' && f.s[f.len - 1] == '>') return (struct field){ f.s + 1, f.len - 2 };
  return f;
}

void glance_take(struct glance *g, struct field message)
{
  *g = (struct glance){ .body = { "", 0 } };
  for (size_t at = 0; at < message.len;) {
    char const *end = memchr(message.s + at, '\n', message.len - at);
    struct field line = { message.s + at, end ? (size_t)(end - message.s) - at : message.len - at };
    at += line.len + (end != 0);
    if (!line.len || (line.len == 1 && *line.s == '\r')) {
      g->body = trimmed((struct field){ message.s + at, message.len - at });
      break;
    }
    bool known = take(&g->sender, line, "Return-Path") || take(&g->recipient, line, "Delivered-To")
              || take(&g->from, line, "From") || take(&g->subject, line, "Subject");
    (void)known;
  }
  g->sender = without_brackets(g->sender);
}
