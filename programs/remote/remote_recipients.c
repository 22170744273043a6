#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "remote_recipients.h"
#include "remote_report.h"
#include "text.h"

struct recipient {
  enum standing standing;
  bool answered;            /* by the server, in so many words: */
  size_t text, len;         /* in texts */
};

static struct recipient *all;
static size_t *chosen;
static size_t count;
static stralloc texts = STRALLOC_ZERO;

static void make_room(size_t wanted)
{
  static size_t room = 0;
  if (wanted <= room) return;
  struct recipient *recipients = realloc(all, wanted * sizeof *all);
  if (recipients) all = recipients;
  size_t *numbers = realloc(chosen, wanted * sizeof *chosen);
  if (numbers) chosen = numbers;
  if (!recipients || !numbers) report_nomem();
  room = wanted;
}

void recipients_begin(size_t wanted)
{
  make_room(wanted);
  count = wanted;
  texts.len = 0;
  for (size_t i = 0; i < count; i++) all[i] = (struct recipient){ .standing = UNASKED };
}

size_t recipients_choose(size_t most)
{
  size_t n = 0;
  for (size_t i = 0; i < count && n < most; i++)
    if (all[i].standing == UNASKED || all[i].standing == ONE_TOO_MANY) chosen[n++] = i;
  return n;
}

size_t recipient_chosen(size_t i)
{
  return chosen[i];
}

void recipient_stands(size_t i, enum standing standing, char const *text, size_t len)
{
  all[i] = (struct recipient){ .standing = standing, .text = texts.len, .len = len };
  text_addb(&texts, text, len);
}

void recipient_was_answered(size_t i, enum standing standing, char const *text, size_t len)
{
  recipient_stands(i, standing, text, len);
  all[i].answered = true;
}

size_t recipients_count(enum standing standing)
{
  size_t n = 0;
  for (size_t i = 0; i < count; i++) n += all[i].standing == standing;
  return n;
}

void recipients_become(enum standing from, enum standing to)
{
  for (size_t i = 0; i < count; i++)
    if (all[i].standing == from) all[i].standing = to;
}

void recipients_all_stand(enum standing from, enum standing to, char const *text, size_t len)
{
  for (size_t i = 0; i < count; i++)
    if (all[i].standing == from) recipient_stands(i, to, text, len);
}

static char letter_of(enum standing standing)
{
  static char const letters[] = {
    [TAKEN] = 'r', [DELIVERED] = 'r', [ONE_TOO_MANY] = 's', [PUT_OFF] = 's', [ANSWERED_NO] = 'h', [REFUSED] = 'h'
  };
  return letters[standing];
}

/* qmail-rspawn adds the message's text unless the message fared better (remote_judge.c). */
static bool sees_message(char letter, char message)
{
  return message == 'D' || (message == 'Z' && letter == 's');
}

static void report(struct recipient const *r, char message, char const *without)
{
  static stralloc text = STRALLOC_ZERO;
  char letter = letter_of(r->standing);
  text.len = 0;
  if (letter != 'r') text_addb(&text, texts.s + r->text, r->len);
  if (letter != 'r' && r->answered && !sees_message(letter, message)) text_add(&text, without);
  report_recipient(letter, text.s, text.len);
}

void recipients_report(char message, char const *without)
{
  for (size_t i = 0; i < count && all[i].standing != UNASKED; i++) report(all + i, message, without);
}
