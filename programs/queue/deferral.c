#include <stdio.h>
#include <string.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "deferral.h"
#include "log_text.h"

enum { DIGITS_MAX = 19 };

void deferral_path(char path[DEFERRAL_PATH_MAX], uint64_t id)
{
  snprintf(path, DEFERRAL_PATH_MAX, "deferred/%llu", (unsigned long long)id);
}

static int add_number(stralloc *to, uint64_t number)
{
  char digits[UINT64_FMT];
  return bytes_addb(to, digits, uint64_fmt(digits, number)) && bytes_addc(to, ' ');
}

int deferral_pack(stralloc *to, struct deferral const *d)
{
  return add_number(to, d->fingerprint) && add_number(to, d->offset) && add_number(to, d->when)
      && (d->host_len ? log_text(to, d->host, d->host_len, DEFERRAL_HOST_MAX) : bytes_addc(to, '-')) && bytes_addc(to, ' ')
      && log_text(to, d->text, d->text_len, DEFERRAL_TEXT_MAX) && bytes_addc(to, '\n');
}

/* ---- reading ---- */

/* A word and the blank behind it; *s moves. */
static bool word(char const **s, char const *end, char const **at, size_t *len)
{
  char const *blank = memchr(*s, ' ', (size_t)(end - *s));
  if (!blank || blank == *s) return false;
  *at = *s;
  *len = (size_t)(blank - *s);
  *s = blank + 1;
  return true;
}

static bool number(char const **s, char const *end, uint64_t *to)
{
  char const *digits;
  size_t len;
  if (!word(s, end, &digits, &len) || len > DIGITS_MAX) return false;
  *to = 0;
  for (size_t i = 0; i < len; i++) {
    if (digits[i] < '0' || digits[i] > '9') return false;
    *to = 10 * *to + (uint64_t)(digits[i] - '0');
  }
  return true;
}

bool deferral_unpack(struct deferral *d, char const *line, size_t len)
{
  uint64_t fingerprint;
  char const *s = line, *end = line + len;
  if (!len || !number(&s, end, &fingerprint) || fingerprint > UINT32_MAX || !number(&s, end, &d->offset)
      || !number(&s, end, &d->when) || !word(&s, end, &d->host, &d->host_len)) return false;
  d->fingerprint = (uint32_t)fingerprint;
  d->text = s;
  d->text_len = (size_t)(end - s);
  return true;
}

bool deferral_find(struct deferral *d, stralloc const *file, uint32_t fingerprint, uint64_t offset)
{
  struct deferral one;
  bool found = false;
  for (size_t at = 0; at < file->len;) {
    char const *newline = memchr(file->s + at, '\n', file->len - at);
    if (!newline) break;
    size_t len = (size_t)(newline - (file->s + at));
    if (deferral_unpack(&one, file->s + at, len) && one.fingerprint == fingerprint && one.offset == offset) {
      *d = one;
      found = true;
    }
    at += len + 1;
  }
  return found;
}
