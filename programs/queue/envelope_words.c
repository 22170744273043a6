#include "envelope_extra.h"
#include "envelope_words.h"
#include "notify.h"
#include "queue_message.h"
#include "text.h"

/* Of the records at the index those that belong to the one before. */
static void extras_at(stralloc *words, stralloc const *envelope, size_t at, bool of_recipient)
{
  struct queue_record r;
  words->len = 0;
  while (queue_envelope_next(envelope, &at, &r) && extra_is_known(r.letter, of_recipient))
    if (extra_fits(r.letter, r.text, r.len))
      while (!extra_add(words, r.letter, r.text, r.len)) memory_gone();
}

void envelope_words(stralloc *words, stralloc const *envelope)
{
  struct queue_record r;
  size_t at = 0;
  while (queue_envelope_next(envelope, &at, &r) && r.letter != 'F') ;
  extras_at(words, envelope, at, false);
}

void envelope_words_of(stralloc *words, stralloc const *envelope, size_t offset)
{
  struct queue_record r;
  queue_envelope_next(envelope, &offset, &r);
  extras_at(words, envelope, offset, true);
}

bool envelope_words_want_failure(stralloc const *words)
{
  unsigned wishes = extra_notify(words->s, words->len);
  return !wishes || wishes & NOTIFY_FAILURE;
}
