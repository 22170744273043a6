#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "addrlist.h"
#include "dmarc.h"
#include "dns.h"
#include "number.h"
#include "replace.h"
#include "subject.h"
#include "text.h"

static char const memory_file[] = "dmarc";

/* ---- a policy ---- */

static struct field trimmed(struct field f)
{
  while (f.len && strchr(" \t\r\n", *f.s)) f.s++, f.len--;
  while (f.len && strchr(" \t\r\n", f.s[f.len - 1])) f.len--;
  return f;
}

static bool same_word(struct field f, char const *word)
{
  return f.len == strlen(word) && !strncasecmp(f.s, word, f.len);
}

/* The next "name=value" up to a semicolon. */
static bool next_tag(struct field *name, struct field *value, struct field *rest)
{
  if (!rest->len) return false;
  char const *end = memchr(rest->s, ';', rest->len);
  size_t len = end ? (size_t)(end - rest->s) : rest->len;
  char const *equals = memchr(rest->s, '=', len);
  size_t name_len = equals ? (size_t)(equals - rest->s) : len;
  *name = trimmed((struct field){ rest->s, name_len });
  *value = equals ? trimmed((struct field){ equals + 1, len - name_len - 1 }) : (struct field){ "", 0 };
  rest->s += len + (end != 0);
  rest->len -= len + (end != 0);
  return true;
}

enum dmarc dmarc_policy(struct field text)
{
  struct field name, value;
  if (!next_tag(&name, &value, &text) || !same_word(name, "v") || !field_is(value, "DMARC1")) return DMARC_UNKNOWN;
  while (next_tag(&name, &value, &text))
    if (same_word(name, "p")) return same_word(value, "reject") || same_word(value, "quarantine") ? DMARC_STRICT : DMARC_OPEN;
  return DMARC_OPEN;
}

/* ---- whose ---- */

bool dmarc_domain(stralloc *to, struct field from)
{
  struct addrlist list = ADDRLIST_ZERO;
  stralloc line = STRALLOC_ZERO;
  size_t const begun = to->len;
  subject_unfold(&line, from);
  text_z(&line);
  size_t count = addrlist_parse(&list, line.s, line.len) == ADDRLIST_OK ? addrlist_count(&list) : 0;
  if (count) {
    struct addrlist_span const *span = addrlist_span(&list, count - 1);
    bool behind = false;
    for (size_t i = span->first; i < span->end; i++) {
      struct token const *t = genalloc_s(struct token, &list.tokens) + i;
      if (t->kind == TOKEN_AT) behind = true, to->len = begun;
      else if (behind && t->kind != TOKEN_COMMENT) token_value(to, t);
    }
  }
  addrlist_free(&list);
  stralloc_free(&line);
  for (size_t i = begun; i < to->len; i++)
    if (to->s[i] >= 'A' && to->s[i] <= 'Z') to->s[i] |= 32;
  return to->len > begun;
}

/* ---- memory ---- */

struct remembered { uint64_t when; bool strict; struct field domain; };

static bool next_line(struct remembered *to, struct field *rest)
{
  while (rest->len) {
    char const *end = memchr(rest->s, '\n', rest->len);
    struct field line = { rest->s, end ? (size_t)(end - rest->s) : rest->len };
    rest->s += line.len + (end != 0);
    rest->len -= line.len + (end != 0);
    size_t digits = end ? number_scan(line.s, line.len, &to->when) : 0;
    if (!digits || line.len < digits + 4 || line.s[digits] != ' ' || line.s[digits + 2] != ' ') continue;
    to->strict = line.s[digits + 1] == '1';
    to->domain = (struct field){ line.s + digits + 3, line.len - digits - 3 };
    return true;
  }
  return false;
}

static bool is_fresh(struct remembered const *r, uint64_t now)
{
  return r->when <= now && now - r->when < DMARC_LIFE;
}

bool dmarc_recall(enum dmarc *to, struct field memory, struct field domain, uint64_t now)
{
  struct remembered r;
  while (next_line(&r, &memory)) {
    if (!field_same(r.domain, domain) || !is_fresh(&r, now)) continue;
    *to = r.strict ? DMARC_STRICT : DMARC_OPEN;
    return true;
  }
  return false;
}

static void add_line(stralloc *to, struct remembered const *r)
{
  text_addu(to, r->when);
  text_add(to, r->strict ? " 1 " : " 0 ");
  text_addb(to, r->domain.s, r->domain.len);
  text_addc(to, '\n');
}

/* The new line first: when there are too many, the oldest are forgotten. */
void dmarc_remember(stralloc *to, struct field memory, struct field domain, enum dmarc policy, uint64_t now)
{
  struct remembered r = { now, policy == DMARC_STRICT, domain };
  size_t const begun = to->len;
  add_line(to, &r);
  while (next_line(&r, &memory) && to->len - begun + r.domain.len + 24 < DMARC_CACHE_MAX)
    if (is_fresh(&r, now) && !field_same(r.domain, domain)) add_line(to, &r);
}

static struct field read_memory(char space[DMARC_CACHE_MAX])
{
  ssize_t r = openreadnclose(memory_file, space, DMARC_CACHE_MAX);
  return (struct field){ space, r > 0 ? (size_t)r : 0 };
}

/* ---- asking ---- */

static void hear(void *arg, char const *s, size_t len)
{
  enum dmarc *policy = arg, heard = dmarc_policy((struct field){ s, len });
  if (heard == DMARC_STRICT || (heard == DMARC_OPEN && *policy == DMARC_UNKNOWN)) *policy = heard;
}

/* What nobody says is open; UNKNOWN: nobody answers. */
static enum dmarc ask_servers(struct field domain)
{
  stralloc name = STRALLOC_ZERO;
  enum dmarc policy = DMARC_UNKNOWN;
  if (domain.len + 7 > DNS_NAME_MAX || !dns_init(DMARC_SECONDS)) return domain.len + 7 > DNS_NAME_MAX ? DMARC_OPEN : DMARC_UNKNOWN;
  text_add(&name, "_dmarc.");
  text_addb(&name, domain.s, domain.len);
  enum dns_result r = dns_texts(text_z(&name), hear, &policy);
  stralloc_free(&name);
  if (r == DNS_SOFT || r == DNS_NOMEM) return DMARC_UNKNOWN;
  return policy == DMARC_STRICT ? DMARC_STRICT : DMARC_OPEN;
}

struct dmarc_answer dmarc_ask(struct field domain)
{
  char space[DMARC_CACHE_MAX];
  struct dmarc_answer answer = { DMARC_UNKNOWN, false };
  if (!dmarc_recall(&answer.policy, read_memory(space), domain, (uint64_t)time(0)))
    answer = (struct dmarc_answer){ ask_servers(domain), true };
  return answer;
}

void dmarc_keep(struct field domain, struct dmarc_answer answer)
{
  char space[DMARC_CACHE_MAX];
  stralloc text = STRALLOC_ZERO;
  if (!answer.is_new || answer.policy == DMARC_UNKNOWN || memchr(domain.s, '\n', domain.len)) return;
  dmarc_remember(&text, read_memory(space), domain, answer.policy, (uint64_t)time(0));
  /* It is no loss: no fsync. */
  if (openwritenclose_unsafe("dmarcnew", text.s, text.len)) rename("dmarcnew", memory_file);
  stralloc_free(&text);
}
