#include <string.h>

#include "record.h"
#include "stamp.h"
#include "words.h"

enum { WORDS = 11 };

static void read_message(struct record *r, struct field const w[WORDS])
{
  *r = (struct record){ .kind = RECORD_MESSAGE, .birth = w[1], .done = w[2], .bytes = word_number(w[3]), .sender = w[7],
                        .qp = w[8], .uid = w[9] };
  for (enum attempt a = 0; a < ATTEMPTS; a++) r->count[a] = word_number(w[4 + a]);
}

static void read_delivery(struct record *r, struct field const w[WORDS])
{
  char const *letter = w[1].len == 1 ? memchr(attempt_letters, w[1].s[0], ATTEMPTS) : 0;
  *r = (struct record){ .kind = letter ? RECORD_DELIVERY : RECORD_OTHER, .birth = w[2], .start = w[3], .done = w[4],
                        .bytes = word_number(w[5]), .sender = w[6], .recipient = w[7], .qp = w[8], .uid = w[9], .reason = w[10] };
  if (letter) r->result = (enum attempt)(letter - attempt_letters);
}

void record_read(struct record *record, struct field line)
{
  struct field words[WORDS];
  *record = (struct record){ .kind = RECORD_OTHER };
  if (line.len < 2 || line.s[1] != ' ' || (line.s[0] != 'm' && line.s[0] != 'd')) return;
  words_split(words, WORDS, line.s, line.len);
  if (line.s[0] == 'm') read_message(record, words);
  else read_delivery(record, words);
}

double record_seconds(struct field from, struct field to)
{
  return (double)(stamp_nanoseconds(to) - stamp_nanoseconds(from)) / 1e9;
}
