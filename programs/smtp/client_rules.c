#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cdb_bytes.h"
#include "client_rules.h"

enum { KEY_MAX = 512 };

struct table { char const *s; size_t len; };

static int look(struct field *rule, struct table t, char const *before, char const *name, size_t name_len)
{
  char key[KEY_MAX];
  size_t n = strlen(before);
  if (n + name_len > sizeof key) return 0;
  memcpy(key, before, n);
  if (name_len) memcpy(key + n, name, name_len);
  return cdb_bytes_find(rule, t.s, t.len, key, n + name_len);
}

static int look_user(struct field *rule, struct table t, char const *info, char const *behind, char const *name)
{
  char key[KEY_MAX];
  size_t n = strlen(info), m = strlen(behind);
  if (n + m > sizeof key) return 0;
  memcpy(key, info, n);
  memcpy(key + n, behind, m + 1);
  return look(rule, t, key, name, strlen(name));
}

/* 10.1.2.3, then 10.1.2. and so on. */
static int look_networks(struct field *rule, struct table t, char const *ip)
{
  int r = 0;
  for (size_t n = strlen(ip); !r && n > 0; n--)
    if (ip[n - 1] == '.' || ip[n - 1] == ':') r = look(rule, t, "", ip, n);
  return r;
}

/* =.b.example for a.b.example, then =.example, then =. */
static int look_domains(struct field *rule, struct table t, char const *host)
{
  int r = 0;
  for (char const *s = host; !r && *s; s++)
    if (*s == '.') r = look(rule, t, "=", s, strlen(s));
  return r ? r : look(rule, t, "=", "", 0);
}

int client_rules_find(struct field *rule, char const *cdb, size_t len, struct client_facts const *c)
{
  struct table t = { cdb, len };
  int r = 0;
  if (c->info) r = look_user(rule, t, c->info, "@", c->ip);
  if (!r && c->info && c->host) r = look_user(rule, t, c->info, "@=", c->host);
  if (!r) r = look(rule, t, "", c->ip, strlen(c->ip));
  if (!r && c->host) r = look(rule, t, "=", c->host, strlen(c->host));
  if (!r) r = look_networks(rule, t, c->ip);
  if (!r && c->host) r = look_domains(rule, t, c->host);
  return r ? r : look(rule, t, "", "", 0);
}

bool client_rules_deny(struct field rule)
{
  return rule.len && *rule.s == 'D';
}

char const *client_rules_variable(struct field rule, size_t *at)
{
  while (*at < rule.len) {
    char const *s = rule.s + *at, *end = memchr(s, 0, rule.len - *at);
    if (!end) return 0;
    *at += (size_t)(end - s) + 1;
    if (*s == '+' && strchr(s + 1, '=')) return s + 1;
  }
  return 0;
}

static bool put(char const *variable, bool sets)
{
  char name[256];
  size_t n = strcspn(variable, "=");
  if (n >= sizeof name) return true;
  memcpy(name, variable, n);
  name[n] = 0;
  return (sets ? setenv(name, variable + n + 1, 1) : unsetenv(name)) == 0;
}

static bool put_all(struct field rule, bool sets)
{
  char const *variable;
  bool ok = true;
  for (size_t at = 0; ok && (variable = client_rules_variable(rule, &at)); ) ok = put(variable, sets);
  return ok;
}

bool client_rules_set(struct field rule)
{
  return put_all(rule, true);
}

bool client_rules_unset(struct field rule)
{
  return put_all(rule, false);
}
