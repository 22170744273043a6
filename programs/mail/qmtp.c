#include <string.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "qmtp.h"

static size_t digits_of(uint64_t number)
{
  char digits[UINT64_FMT];
  return uint64_fmt(digits, number);
}

static int add_length(stralloc *to, uint64_t len)
{
  char digits[UINT64_FMT];
  return bytes_addb(to, digits, uint64_fmt(digits, len)) && bytes_addc(to, ':');
}

static int add_netstring(stralloc *to, struct field f)
{
  return add_length(to, f.len) && bytes_addb(to, f.s, f.len) && bytes_addc(to, ',');
}

int qmtp_begin(stralloc *to, uint64_t len)
{
  return add_length(to, len + 1) && bytes_addc(to, '\n');
}

int qmtp_end(stralloc *to, struct field sender, struct field const *recipients, size_t count)
{
  uint64_t whole = 0;
  for (size_t i = 0; i < count; i++) whole += digits_of(recipients[i].len) + recipients[i].len + 2;
  if (!bytes_addc(to, ',') || !add_netstring(to, sender) || !add_length(to, whole)) return 0;
  for (size_t i = 0; i < count; i++)
    if (!add_netstring(to, recipients[i])) return 0;
  return bytes_addc(to, ',');
}

/* ---- answers ---- */

void qmtp_answer_start(struct qmtp_answer *a)
{
  a->left = 0;
  a->digits = 0;
  a->in_text = false;
  a->verdict = 0;
  a->len = 0;
}

/* A length has no needless 0 in front, and an empty answer is none. */
static enum qmtp_state take_length(struct qmtp_answer *a, char c)
{
  if (c == ':' && a->left) {
    a->in_text = true;
    return QMTP_MORE;
  }
  if (c < '0' || c > '9' || (c == '0' && !a->digits)) return QMTP_SENSELESS;
  a->digits++;
  a->left = 10 * a->left + (uint64_t)(c - '0');
  return a->left > QMTP_ANSWER_MAX ? QMTP_SENSELESS : QMTP_MORE;
}

enum qmtp_state qmtp_answer_take(struct qmtp_answer *a, char c)
{
  if (!a->in_text) return take_length(a, c);
  if (!a->left) return c == ',' ? QMTP_DONE : QMTP_SENSELESS;
  a->left--;
  if (a->verdict) {
    if (a->len < QMTP_TEXT_MAX) a->text[a->len++] = c;
    return QMTP_MORE;
  }
  if (!c || !strchr("KZD", c)) return QMTP_SENSELESS;
  a->verdict = c;
  return QMTP_MORE;
}
