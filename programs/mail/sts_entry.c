#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "literal.h"
#include "netstrings.h"
#include "parts.h"
#include "sts_entry.h"

bool sts_domain(char name[STS_DOMAIN_MAX + 1], char const *domain)
{
  ip46 ip;
  size_t len = strlen(domain);
  if (len && domain[len - 1] == '.') len--;
  if (!len || len > STS_DOMAIN_MAX || *domain == '.' || !memchr(domain, '.', len) || literal_number(&ip, domain, len)) return false;
  for (size_t i = 0; i < len; i++) {
    char c = domain[i];
    if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')) return false;
    name[i] = c;
  }
  name[len] = 0;
  return !strstr(name, "..");
}

enum { AGAIN, FETCHED, ID, TEXT, PARTS };

size_t sts_entry_pack(char *to, size_t max, struct sts_entry const *e)
{
  char digits[2][PART_DIGITS];
  struct field const parts[PARTS] = {
    [AGAIN] = part_number(digits[0], e->again), [FETCHED] = part_number(digits[1], e->fetched), [ID] = e->id, [TEXT] = e->text
  };
  return netstrings_pack(to, max, parts, PARTS);
}

bool sts_entry_unpack(struct sts_entry *e, char const *s, size_t len)
{
  struct field parts[PARTS];
  struct sts_entry read = { 0 };
  if (netstrings_unpack(parts, PARTS, s, len, STS_ENTRY_MAX) != (long)len || !len) return false;
  if (!part_number_read(&read.again, parts[AGAIN]) || !part_number_read(&read.fetched, parts[FETCHED])) return false;
  if (parts[ID].len > STS_ID_MAX) return false;
  read.id = parts[ID];
  read.text = parts[TEXT];
  *e = read;
  return true;
}

bool sts_entry_load(struct sts_entry *e, struct sts_policy *p, char bytes[STS_ENTRY_MAX], char const *name)
{
  char path[sizeof STS_PLACE + STS_DOMAIN_MAX + 2];
  snprintf(path, sizeof path, "%s/%s", STS_PLACE, name);
  ssize_t len = openreadnclose(path, bytes, STS_ENTRY_MAX);
  if (len >= 0 || errno == ENOENT) errno = 0;
  return len > 0 && sts_entry_unpack(e, bytes, (size_t)len) && sts_policy_read(p, e->text.s, e->text.len);
}

/* A clock that was set back makes no policy hold for longer. */
bool sts_entry_holds(struct sts_entry const *e, struct sts_policy const *p, uint64_t now)
{
  return now < (uint64_t)e->fetched + p->max_age && e->fetched <= now + STS_AGE_MAX;
}
