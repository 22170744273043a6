#include <string.h>

#include "door.h"
#include "words.h"

enum { WORDS = 8 };

/* What stands behind the first ": " that comes behind the name of the program. Foreign text has no blanks in these logs. */
static struct field behind_colon(struct field line, size_t at)
{
  for (; at + 1 < line.len; at++)
    if (line.s[at] == ':' && line.s[at + 1] == ' ') return (struct field){ line.s + at + 2, line.len - at - 2 };
  return (struct field){ "", 0 };
}

static struct field without_colon(struct field word)
{
  if (word.len && word.s[word.len - 1] == ':') word.len--;
  return word;
}

/* qmail-smtpd: refused from IP at VERB sender <A> recipient <B>: REPLY */
static struct door_line of_smtpd(struct field line, struct field const w[WORDS])
{
  struct door_line d = { DOOR_OTHER, w[3], { "", 0 }, behind_colon(line, strlen("qmail-smtpd: ")) };
  if (word_is(w[1], "refused") && word_is(w[2], "from")) d.kind = DOOR_MAIL_REFUSED;
  return d;
}

/* qmail-popup: ip IP user NAME: refused */
static struct door_line of_popup(struct field line, struct field const w[WORDS])
{
  struct door_line d = { DOOR_OTHER, w[2], without_colon(w[4]), behind_colon(line, strlen("qmail-popup: ")) };
  if (word_is(w[1], "ip") && word_is(w[3], "user") && word_is(d.reason, "refused")) d.kind = DOOR_LOGIN_REFUSED;
  return d;
}

/* qmail-authd: refused from IP by SERVICE user NAME: REASON. Of POP3 qmail-popup tells, too, and is believed. */
static struct door_line of_authd(struct field line, struct field const w[WORDS])
{
  struct door_line d = { DOOR_OTHER, w[3], without_colon(w[7]), behind_colon(line, strlen("qmail-authd: ")) };
  if (word_is(w[1], "refused") && word_is(w[2], "from") && word_is(w[4], "by") && !word_begins(w[5], "pop"))
    d.kind = DOOR_LOGIN_REFUSED;
  return d;
}

struct door_line door_read(struct field line)
{
  static struct { char const *program; struct door_line (*reads)(struct field, struct field const *); } const doors[] = {
    { "qmail-smtpd:", of_smtpd }, { "qmail-popup:", of_popup }, { "qmail-authd:", of_authd }
  };
  struct field words[WORDS];
  words_split(words, WORDS, line.s, line.len);
  for (size_t i = 0; i < sizeof doors / sizeof *doors; i++)
    if (word_is(words[0], doors[i].program)) return doors[i].reads(line, words);
  return (struct door_line){ DOOR_OTHER, { "", 0 }, { "", 0 }, { "", 0 } };
}
