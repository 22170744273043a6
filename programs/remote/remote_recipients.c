#include <stdlib.h>

#include "remote_recipients.h"
#include "remote_report.h"

struct recipient {
  enum standing standing;
  size_t text, len;         /* in texts */
};

static struct recipient *all;
static size_t count;
static stralloc texts = STRALLOC_ZERO;

void recipients_begin(size_t wanted)
{
  static size_t room = 0;
  if (wanted > room) {
    struct recipient *more = realloc(all, wanted * sizeof *all);
    if (more) all = more;
    else report_nomem();
    room = wanted;
  }
  count = wanted;
  texts.len = 0;
  for (size_t i = 0; i < count; i++) all[i] = (struct recipient){ .standing = UNASKED };
}

void recipient_stands(size_t i, enum standing standing, char const *text, size_t len)
{
  all[i] = (struct recipient){ .standing = standing, .text = texts.len, .len = len };
  addb(&texts, text, len);
}

size_t recipients_count(enum standing standing)
{
  size_t n = 0;
  for (size_t i = 0; i < count; i++) n += all[i].standing == standing;
  return n;
}

void recipients_turn(enum standing from, enum standing to)
{
  for (size_t i = 0; i < count; i++)
    if (all[i].standing == from) all[i].standing = to;
}

void recipients_report(void)
{
  static char const letters[] = { [TAKEN] = 'r', [PUT_OFF] = 's', [ANSWERED_NO] = 'h', [REFUSED] = 'h' };
  for (size_t i = 0; i < count && all[i].standing != UNASKED; i++) {
    size_t len = all[i].standing == TAKEN ? 0 : all[i].len;
    report_recipient(letters[all[i].standing], texts.s + all[i].text, len);
  }
}
