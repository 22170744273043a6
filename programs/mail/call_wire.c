#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "call_wire.h"

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_domain(struct field f)
{
  if (!f.len || f.len > CALL_DOMAIN_MAX) return false;
  for (size_t i = 0; i < f.len; i++) {
    bool dot = f.s[i] == '.';
    if (!dot && !is_letter(f.s[i])) return false;
    if (dot && (!i || i + 1 == f.len || f.s[i - 1] == '.')) return false;
  }
  return true;
}

bool call_read(struct call *to, struct field text)
{
  to->below = text.len && *text.s == '@';
  to->domain = (struct field){ text.s + to->below, text.len - to->below };
  return is_domain(to->domain);
}

bool call_is_for(struct call const *c, char const *name, size_t len)
{
  size_t n = c->domain.len;
  if (len < n || strncasecmp(name + len - n, c->domain.s, n) != 0) return false;
  return len == n || (c->below && name[len - n - 1] == '.');
}

bool call_is_allowed(struct call const *c, struct field rules)
{
  struct field word;
  struct call rule;
  while ((word = field_word(&rules)).len)
    if (call_read(&rule, word) && call_is_for(&rule, c->domain.s, c->domain.len) && (rule.below || !c->below)) return true;
  return false;
}

size_t call_request_pack(char to[CALL_REQUEST_MAX], struct call const *c)
{
  size_t len = 0;
  if (c->below) to[len++] = '@';
  memcpy(to + len, c->domain.s, c->domain.len);
  len += c->domain.len;
  to[len++] = 0;
  return len;
}

long call_request_unpack(struct call *c, char const *s, size_t len)
{
  size_t bound = len < CALL_REQUEST_MAX ? len : CALL_REQUEST_MAX;
  char const *end = bound ? memchr(s, 0, bound) : 0;
  if (!end) return bound < CALL_REQUEST_MAX ? 0 : -1;
  return call_read(c, (struct field){ s, (size_t)(end - s) }) ? (long)(end - s) + 1 : -1;
}

size_t call_answer_pack(char to[CALL_ANSWER_MAX], enum call_said said, uint32_t messages)
{
  return (size_t)snprintf(to, CALL_ANSWER_MAX, "%c%" PRIu32, (char)said, messages) + 1;
}

static bool number(uint32_t *to, char const *s, size_t len)
{
  uint64_t n = 0;
  if (!len || len > 10) return false;
  for (size_t i = 0; i < len; i++) {
    if (s[i] < '0' || s[i] > '9') return false;
    n = 10 * n + (uint64_t)(s[i] - '0');
  }
  *to = (uint32_t)n;
  return n <= UINT32_MAX;
}

long call_answer_unpack(enum call_said *said, uint32_t *messages, char const *s, size_t len)
{
  static char const letters[] = { CALL_DONE, CALL_TOO_SOON, CALL_TROUBLE };
  size_t bound = len < CALL_ANSWER_MAX ? len : CALL_ANSWER_MAX;
  char const *end = bound ? memchr(s, 0, bound) : 0;
  if (!end) return bound < CALL_ANSWER_MAX ? 0 : -1;
  if (end == s || !memchr(letters, *s, sizeof letters) || !number(messages, s + 1, (size_t)(end - s) - 1)) return -1;
  *said = (enum call_said)*s;
  return (long)(end - s) + 1;
}
