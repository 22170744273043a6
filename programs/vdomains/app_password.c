#include <string.h>

#include <skalibs/types.h>

#include "app_password.h"
#include "bytes.h"
#include "number.h"

enum { PARTS = 5, GROUP = 5 };
enum { USER, NAME, SERVICES, MADE, HASH };

/* None that is taken for another. */
static char const alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

/* ---- the password ---- */

static bool is_between(char c)
{
  return c == '-' || c == ' ';
}

bool app_password_letters(char letters[APP_PASSWORD_LETTERS], char const *s, size_t len)
{
  size_t count = 0;
  for (size_t i = 0; i < len; i++) {
    if (is_between(s[i])) continue;
    if (count == APP_PASSWORD_LETTERS || !memchr(alphabet, s[i], sizeof alphabet - 1)) return false;
    letters[count++] = s[i];
  }
  return count == APP_PASSWORD_LETTERS;
}

void app_password_show(char shown[APP_PASSWORD_SIZE], unsigned char const random[APP_PASSWORD_LETTERS])
{
  char *to = shown;
  for (size_t i = 0; i < APP_PASSWORD_LETTERS; i++) {
    if (i && i % GROUP == 0) *to++ = '-';
    *to++ = alphabet[random[i] % (sizeof alphabet - 1)];
  }
  *to = 0;
}

/* ---- words ---- */

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool app_password_is_name(struct field name)
{
  if (!name.len || name.len > APP_PASSWORD_NAME_MAX || !is_letter(name.s[0])) return false;
  for (size_t i = 0; i < name.len; i++)
    if (!is_letter(name.s[i]) && name.s[i] != '.' && name.s[i] != '-') return false;
  return true;
}

static uint32_t service_of(struct field word)
{
  for (size_t i = 0; i < USERS_ACCESSES; i++)
    if (field_is(word, users_accesses[i])) return UINT32_C(1) << i;
  return 0;
}

bool app_password_services(uint32_t *services, struct field words)
{
  *services = 0;
  for (size_t at = 0, n; at <= words.len; at += n + 1) {
    char const *s = words.s + at, *comma = at < words.len ? memchr(s, ',', words.len - at) : 0;
    n = comma ? (size_t)(comma - s) : words.len - at;
    uint32_t one = service_of((struct field){ s, n });
    if (!one) return false;
    *services |= one;
  }
  return true;
}

int app_password_add_services(stralloc *to, uint32_t services)
{
  char const *before = "";
  for (size_t i = 0; i < USERS_ACCESSES; i++) {
    if (!(services & UINT32_C(1) << i)) continue;
    if (!bytes_add(to, before) || !bytes_add(to, users_accesses[i])) return 0;
    before = ",";
  }
  return 1;
}

/* ---- the line ---- */

static bool take_services(struct app_password *p, struct field words)
{
  p->opens = words.len && words.s[0] == '!';
  if (p->opens) words.s++, words.len--;
  return words.len && app_password_services(&p->services, words);
}

static bool take_number(uint64_t *to, struct field digits)
{
  return digits.len && number_scan(digits.s, digits.len, to) == digits.len && *to != UINT64_MAX;
}

bool app_password_parse(struct app_password *p, char const *line, size_t len)
{
  struct field parts[PARTS];
  if (fields_split(parts, PARTS, line, len) != PARTS) return false;
  struct app_password read = { .user = parts[USER], .name = parts[NAME], .hash = parts[HASH] };
  if (!read.user.len || !app_password_is_name(read.name) || !read.hash.len) return false;
  if (!take_services(&read, parts[SERVICES]) || !take_number(&read.made, parts[MADE])) return false;
  *p = read;
  return true;
}

int app_password_add(stralloc *to, struct app_password const *p)
{
  char digits[UINT64_FMT];
  size_t const n = uint64_fmt(digits, p->made), before = to->len;
  if (bytes_addb(to, p->user.s, p->user.len) && bytes_add(to, ":") && bytes_addb(to, p->name.s, p->name.len)
      && bytes_add(to, p->opens ? ":!" : ":") && app_password_add_services(to, p->services) && bytes_add(to, ":")
      && bytes_addb(to, digits, n) && bytes_add(to, ":") && bytes_addb(to, p->hash.s, p->hash.len) && bytes_add(to, "\n")) return 1;
  to->len = before;
  return 0;
}
