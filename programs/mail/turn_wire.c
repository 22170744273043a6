#include <string.h>

#include "call_wire.h"
#include "netstrings.h"
#include "parts.h"
#include "turn_wire.h"

/* ---- domains ---- */

bool turn_domain_next(struct field *rest, struct field *domain)
{
  if (!rest->len) return false;
  char const *comma = memchr(rest->s, ',', rest->len);
  size_t len = comma ? (size_t)(comma - rest->s) : rest->len;
  size_t gone = comma ? len + 1 : len;
  *domain = (struct field){ rest->s, len };
  *rest = (struct field){ rest->s + gone, rest->len - gone };
  return true;
}

bool turn_domains_read(struct field list)
{
  struct field domain;
  struct call c;
  if (!list.len || list.len > TURN_DOMAINS_MAX || list.s[list.len - 1] == ',') return false;
  while (turn_domain_next(&list, &domain))
    if (!call_read(&c, domain) || c.below) return false;
  return true;
}

/* ---- the question ---- */

enum { CHANNEL_CLEAR, CHANNEL_SECRET, CHANNELS };
static char const *const channels[CHANNELS] = { [CHANNEL_CLEAR] = "clear", [CHANNEL_SECRET] = "secret" };

enum { LOGIN, DOMAINS, CLIENT, CHANNEL, PARTS };

/* It goes into the environment. */
static bool is_address(struct field f)
{
  static char const letters[] = "0123456789abcdefABCDEF.:";
  for (size_t i = 0; i < f.len; i++)
    if (!memchr(letters, f.s[i], sizeof letters - 1)) return false;
  return f.len <= TURN_CLIENT_MAX;
}

static bool makes_sense(struct turn const *t)
{
  return t->login.len && t->login.len <= TURN_LOGIN_MAX && (!t->domains.len || turn_domains_read(t->domains)) && is_address(t->client);
}

size_t turn_question_pack(char to[TURN_QUESTION_MAX], struct turn const *t)
{
  struct field const parts[PARTS] = {
    [LOGIN] = t->login, [DOMAINS] = t->domains, [CLIENT] = t->client, [CHANNEL] = field_of(channels[t->secret ? CHANNEL_SECRET : CHANNEL_CLEAR])
  };
  return makes_sense(t) ? netstrings_pack(to, TURN_QUESTION_MAX, parts, PARTS) : 0;
}

long turn_question_unpack(struct turn *t, char const *s, size_t len)
{
  struct field parts[PARTS];
  long n = netstrings_unpack(parts, PARTS, s, len, TURN_QUESTION_MAX);
  if (n <= 0) return n;
  size_t channel = part_word_find(channels, CHANNELS, parts[CHANNEL]);
  *t = (struct turn){ parts[LOGIN], parts[DOMAINS], parts[CLIENT], channel == CHANNEL_SECRET };
  return channel < CHANNELS && makes_sense(t) ? n : -1;
}

/* ---- the answer ---- */

bool turn_said_read(enum turn_said *said, char byte)
{
  static char const letters[] = { TURN_GO, TURN_NO_MAIL, TURN_REFUSED, TURN_TROUBLE };
  *said = (enum turn_said)byte;
  return memchr(letters, byte, sizeof letters);
}
