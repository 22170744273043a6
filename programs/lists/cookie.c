#include <string.h>

#include "cookie.h"
#include "number.h"

/* The key, hashed four times, is the seed. */
static void seed_of(uint32_t seed[32], struct field key)
{
  struct surf s;
  unsigned char out[SURF_BYTES];
  memset(seed, 0, 32 * sizeof *seed);
  for (unsigned times = 0; times < 4; times++) {
    surf_begin(&s, seed);
    surf_add(&s, key.s, key.len);
    surf_end(&s, out);
    for (unsigned i = 0; i < 32; i++) seed[i] = (seed[i] << 8) + out[i];
  }
}

void cookie_make(char cookie[COOKIE_LENGTH], struct field key, struct field date, struct field address, char action)
{
  uint32_t seed[32];
  struct surf s;
  unsigned char out[SURF_BYTES];
  seed_of(seed, key);
  surf_begin(&s, seed);
  surf_add(&s, date.s, date.len);
  surf_add(&s, "", 1);
  surf_add(&s, address.s, address.len);
  surf_add(&s, "", 1);
  surf_add(&s, &action, 1);
  surf_end(&s, out);
  surf_letters(cookie, out);
}

struct field cookie_key(struct field key, char const *table)
{
  static char const *const shorter[] = { "digest", "allow", "deny" };
  for (size_t i = 0; i < sizeof shorter / sizeof *shorter; i++)
    if (!strcmp(table, shorter[i])) key.len -= key.len < i + 1 ? key.len : i + 1;
  return key;
}

bool cookie_is(struct field cookie, struct field key, struct field date, struct field address, char action)
{
  char right[COOKIE_LENGTH];
  unsigned differ = 0;
  if (cookie.len != COOKIE_LENGTH) return false;
  cookie_make(right, key, date, address, action);
  for (size_t i = 0; i < COOKIE_LENGTH; i++) differ |= (unsigned char)(right[i] ^ cookie.s[i]);
  return !differ;
}

bool cookie_read(struct dated_cookie *c, struct field *rest)
{
  size_t digits = number_scan(rest->s, rest->len, &c->when);
  if (!digits || rest->len < digits + 1 + COOKIE_LENGTH || rest->s[digits] != '.') return false;
  c->date = (struct field){ rest->s, digits };
  c->cookie = (struct field){ rest->s + digits + 1, COOKIE_LENGTH };
  rest->s += digits + 1 + COOKIE_LENGTH;
  rest->len -= digits + 1 + COOKIE_LENGTH;
  return true;
}

bool cookie_fresh(struct dated_cookie const *c, uint64_t now, uint64_t seconds)
{
  return c->when <= now && now - c->when <= seconds;
}
