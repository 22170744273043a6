#include <stdbool.h>
#include <string.h>

#include "primary_verdict.h"

struct status { unsigned subject, detail; };

static bool digits(unsigned *n, struct field *rest)
{
  size_t i = 0;
  *n = 0;
  for (; i < rest->len && i < 3 && rest->s[i] >= '0' && rest->s[i] <= '9'; i++) *n = *n * 10 + (unsigned)(rest->s[i] - '0');
  *rest = (struct field){ rest->s + i, rest->len - i };
  return i > 0;
}

static bool dot(struct field *rest)
{
  if (!rest->len || *rest->s != '.') return false;
  *rest = (struct field){ rest->s + 1, rest->len - 1 };
  return true;
}

/* 5.SUBJECT.DETAIL */
static bool read_status(struct status *to, struct field from)
{
  unsigned class;
  return digits(&class, &from) && class == 5 && dot(&from) && digits(&to->subject, &from) && dot(&from) && digits(&to->detail, &from);
}

/* Behind the code, or as the family writes it: "(#5.1.1)", at the end. */
static bool find_status(struct status *to, struct field text)
{
  size_t const code = strlen("550 ");
  if (text.len > code && read_status(to, (struct field){ text.s + code, text.len - code })) return true;
  for (size_t i = text.len; i-- > 0; )
    if (text.s[i] == '#') return read_status(to, (struct field){ text.s + i + 1, text.len - i - 1 });
  return false;
}

enum { ANY = 1000 };

/* The first row that fits. Who directs mail by lists of recipients for others says 5.4.1 of who is in none. */
static struct { unsigned subject, detail; bool of_address; } const meanings[] = {
  { 0, ANY, true },
  { 1, 7, false }, { 1, 8, false }, { 1, ANY, true },
  { 2, 1, true },
  { 4, 1, true },
  { ANY, ANY, false }
};

static bool is_of_address(struct status const *s)
{
  size_t i = 0;
  while (!((meanings[i].subject == ANY || meanings[i].subject == s->subject) && (meanings[i].detail == ANY || meanings[i].detail == s->detail))) i++;
  return meanings[i].of_address;
}

enum primary_said primary_verdict(unsigned code, struct field text)
{
  struct status s;
  if (code / 100 == 2) return PRIMARY_KNOWN;
  if (code != 550 && code != 551 && code != 553) return PRIMARY_UNTOLD;
  return !find_status(&s, text) || is_of_address(&s) ? PRIMARY_NOBODY : PRIMARY_UNTOLD;
}
