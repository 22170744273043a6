#include <string.h>
#include <strings.h>

#include "bytes.h"
#include "date.h"
#include "received.h"

static char shown(char c)
{
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return c;
  if (c != 0 && strchr(".@%+/=:-[]", c)) return c;
  return '?';
}

static int word(stralloc *to, char const *s, size_t len)
{
  if (len > RECEIVED_WORD_MAX) len = RECEIVED_WORD_MAX;
  if (!bytes_room(to, len)) return 0;
  for (size_t i = 0; i < len; i++) to->s[to->len++] = shown(s[i]);
  return 1;
}

/* Only a client that calls itself otherwise than we call it is worth the word. */
static bool helo_differs(struct received const *r)
{
  if (!r->helo) return false;
  return strlen(r->remote_host) != r->helo_len || strncasecmp(r->helo, r->remote_host, r->helo_len) != 0;
}

static int from(stralloc *to, struct received const *r)
{
  if (!bytes_add(to, "Received: from ") || !word(to, r->remote_host, strlen(r->remote_host))) return 0;
  if (!helo_differs(r)) return 1;
  return bytes_add(to, " (HELO ") && word(to, r->helo, r->helo_len) && bytes_add(to, ")");
}

static int client(stralloc *to, struct received const *r)
{
  if (!bytes_add(to, " (")) return 0;
  if (r->remote_info && (!word(to, r->remote_info, strlen(r->remote_info)) || !bytes_add(to, "@"))) return 0;
  return word(to, r->remote_ip, strlen(r->remote_ip)) && bytes_add(to, ")\n");
}

/* Only ESMTP has names for what it was said over, and by whom. */
static int with(stralloc *to, struct received const *r)
{
  if (r->with) return bytes_add(to, " with ") && bytes_add(to, r->with);
  return bytes_add(to, r->utf8 ? " with UTF8SMTP" : r->extended ? " with ESMTP" : " with SMTP") &&
         bytes_add(to, r->extended && r->secret ? "S" : "") && bytes_add(to, r->extended && r->proven ? "A" : "");
}

static int by(stralloc *to, struct received const *r)
{
  return bytes_add(to, "  by ") && word(to, r->local_host, strlen(r->local_host)) && with(to, r);
}

static int more(stralloc *to, struct received const *r)
{
  if (r->id && (!bytes_add(to, " id ") || !word(to, r->id, strlen(r->id)))) return 0;
  if (!r->only_recipient) return 1;
  return bytes_add(to, " for <") && word(to, r->only_recipient, strlen(r->only_recipient)) && bytes_add(to, ">");
}

int received_field(stralloc *to, struct received const *r, time_t when)
{
  return from(to, r) && client(to, r) && by(to, r) && more(to, r) && bytes_add(to, "; ") &&
         date_header(to, when) && bytes_addc(to, '\n');
}
