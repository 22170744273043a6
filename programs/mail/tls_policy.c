#include <string.h>

#include "tls_policy.h"

static char const *const words[] = {
  [POLICY_NONE] = "none", [POLICY_MAY] = "may", [POLICY_PUBLISHED] = "published", [POLICY_ENCRYPT] = "encrypt",
  [POLICY_VERIFY] = "verify", [POLICY_DANE] = "dane"
};

/* Names say who it should be, which is of no use to who does not ask. */
struct tls_policy policy_parse(char const *s, size_t len)
{
  struct field rest = { s, len }, word = field_word(&rest), first = rest;
  struct tls_policy p = { .level = POLICY_NONE };
  while (p.level < POLICY_SENSELESS
         && !(word.len == strlen(words[p.level]) && nameset_same(word.s, words[p.level], word.len))) p.level++;
  if (field_word(&first).len) p.names = rest;
  if (p.names.len && p.level != POLICY_VERIFY) p.level = POLICY_SENSELESS;
  return p;
}

char const *policy_word(enum policy_level level)
{
  return level < POLICY_SENSELESS ? words[level] : "";
}

/* Of one name with a dot at its end and without it (RFC 1034 3.1): whoever writes it gets no other policy by that. */
static size_t name_len(char const *host)
{
  size_t len = strlen(host);
  return len && host[len - 1] == '.' ? len - 1 : len;
}

static bool find_line(struct field *line, struct nameset const *lines, char const *host, struct smtp_route const *relay)
{
  int found = nameset_find_domain(lines, host, name_len(host), line);
  if (!found && relay) found = nameset_find_domain(lines, relay->host, relay->host_len, line);
  return found ? found == 1 : nameset_find(lines, "", 0, line) == 1;
}

struct tls_policy policy_for(struct nameset const *lines, char const *host, struct smtp_route const *relay)
{
  struct field line;
  return find_line(&line, lines, host, relay) ? policy_parse(line.s, line.len) : (struct tls_policy){ .level = POLICY_PUBLISHED };
}

struct tls_policy policy_of_relay(struct nameset const *lines, struct smtp_route const *relay, enum policy_level otherwise)
{
  struct field line;
  bool found = nameset_find_domain(lines, relay->host, relay->host_len, &line) == 1;
  return found ? policy_parse(line.s, line.len) : (struct tls_policy){ .level = otherwise };
}

size_t policy_names(char *to, size_t max, struct field names)
{
  size_t len = 0, count = 0;
  for (struct field name; (name = field_word(&names)).len; len += name.len + 1) {
    if (++count > TLS_NAMES || name.len > TLS_NAME_MAX || name.len + 1 > max - len) return 0;
    memcpy(to + len, name.s, name.len);
    to[len + name.len] = 0;
  }
  return len;
}
