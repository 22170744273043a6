#include <strings.h>

#include "addressed.h"
#include "addrlist.h"
#include "text.h"

static bool ends_with(struct field f, struct field end)
{
  return f.len >= end.len && !strncasecmp(f.s + f.len - end.len, end.s, end.len);
}

/* The local part in *box, the host in *domain. */
static void split(stralloc *box, stralloc *domain, struct addrlist const *list, struct addrlist_span const *span)
{
  stralloc *to = box;
  box->len = domain->len = 0;
  for (size_t i = span->first; i < span->end; i++) {
    struct token const *t = genalloc_s(struct token, &list->tokens) + i;
    if (t->kind == TOKEN_COMMENT) continue;
    if (t->kind == TOKEN_AT && to == box) to = domain;
    else token_value(to, t);
  }
  text_z(box);
  text_z(domain);
}

static bool in_list(struct addrlist const *list, struct field local, struct field host)
{
  stralloc box = STRALLOC_ZERO, domain = STRALLOC_ZERO;
  bool found = false;
  for (size_t i = 0; i < addrlist_count(list) && !found; i++) {
    split(&box, &domain, list, addrlist_span(list, i));
    found = domain.len == host.len && !strncasecmp(domain.s, host.s, host.len) && ends_with((struct field){ box.s, box.len }, local);
  }
  stralloc_free(&box);
  stralloc_free(&domain);
  return found;
}

static bool ends_host(char c)
{
  return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.');
}

/* In what is no list of addresses, the bytes are looked for. */
static bool in_text(struct field f, struct field local, struct field host)
{
  for (size_t i = local.len; i + host.len < f.len; i++)
    if (f.s[i] == '@' && !strncasecmp(f.s + i + 1, host.s, host.len) && (i + 1 + host.len == f.len || ends_host(f.s[i + 1 + host.len]))
        && ends_with((struct field){ f.s, i }, local))
      return true;
  return false;
}

bool addressed_to(struct field value, struct field local, struct field host)
{
  struct addrlist list = ADDRLIST_ZERO;
  stralloc line = STRALLOC_ZERO;
  token_unfold(&line, value.s, value.len);
  text_z(&line);
  bool is_list = addrlist_parse(&list, line.s, line.len) == ADDRLIST_OK;
  bool found = is_list ? in_list(&list, local, host) : in_text((struct field){ line.s, line.len }, local, host);
  addrlist_free(&list);
  stralloc_free(&line);
  return found;
}
