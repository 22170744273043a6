#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "number.h"
#include "text.h"
#include "threads.h"

enum { PLACES = 256 };

static struct thread *list_of(struct threads const *t) { return genalloc_s(struct thread, &t->list); }
static size_t count_of(struct threads const *t) { return genalloc_len(struct thread, &t->list); }

/* Letters a to p, four bits each. */
static size_t place_of(struct threads const *t, char const *hash)
{
  size_t n = 0;
  for (unsigned i = 0; i < 8; i++) n = n << 4 | (size_t)((hash[i] - 'a') & 15);
  return n & (t->size - 1);
}

/* Where the thread is, or would be. */
static uint32_t *find(struct threads const *t, char const *hash)
{
  size_t i = place_of(t, hash);
  while (t->places[i] && memcmp(list_of(t)[t->places[i] - 1].hash, hash, SURF_LETTERS) != 0) i = (i + 1) & (t->size - 1);
  return t->places + i;
}

static void grow(struct threads *t)
{
  if (t->size > 2 * count_of(t) + 2) return;
  free(t->places);
  t->size = t->size ? 2 * t->size : PLACES;
  while (!(t->places = calloc(t->size, sizeof *t->places))) memory_gone();
  for (size_t i = 0; i < count_of(t); i++) *find(t, list_of(t)[i].hash) = (uint32_t)i + 1;
}

static void insert(struct threads *t, struct thread thread, struct field subject)
{
  grow(t);
  uint32_t *place = find(t, thread.hash);
  if (*place) return;
  thread.subject = t->subjects.len;
  thread.subject_len = subject.len;
  text_addb(&t->subjects, subject.s, subject.len);
  while (!genalloc_append(struct thread, &t->list, &thread)) memory_gone();
  *place = (uint32_t)count_of(t);
}

static bool is_hash(char const *s)
{
  for (unsigned i = 0; i < SURF_LETTERS; i++)
    if (s[i] < 'a' || s[i] > 'p') return false;
  return true;
}

bool threads_line(struct thread *to, struct field *subject, struct field line)
{
  size_t at = number_scan(line.s, line.len, &to->last), digits;
  if (!at || line.len < at + 1 + SURF_LETTERS + 4 || line.s[at] != ':' || !is_hash(line.s + at + 1)) return false;
  memcpy(to->hash, line.s + at + 1, SURF_LETTERS);
  at += 1 + SURF_LETTERS;
  if (line.s[at] != ' ' || line.s[at + 1] != '[') return false;
  at += 2;
  digits = number_scan(line.s + at, line.len - at, &to->messages);
  at += digits;
  if (!digits || at >= line.len || line.s[at] != ']') return false;
  at += at + 1 < line.len && line.s[at + 1] == ' ' ? 2 : 1;
  *subject = (struct field){ line.s + at, line.len - at };
  return true;
}

void threads_read(struct threads *t, struct field text)
{
  while (text.len) {
    struct thread thread;
    struct field subject;
    char const *newline = memchr(text.s, '\n', text.len);
    size_t len = newline ? (size_t)(newline - text.s) : text.len;
    if (threads_line(&thread, &subject, (struct field){ text.s, len })) insert(t, thread, subject);
    len += newline != 0;
    text.s += len;
    text.len -= len;
  }
}

void threads_add(struct threads *t, uint64_t number, struct field hash, struct field subject)
{
  struct thread thread = { .last = number, .messages = 1 };
  grow(t);
  uint32_t place = *find(t, hash.s);
  if (!place) {
    memcpy(thread.hash, hash.s, SURF_LETTERS);
    insert(t, thread, subject);
    return;
  }
  struct thread *known = list_of(t) + place - 1;
  if (known->last >= number) return;
  known->last = number;
  known->messages++;
}

static int by_last(void const *a, void const *b)
{
  struct thread const *one = a, *other = b;
  return one->last < other->last ? -1 : one->last > other->last;
}

/* The list is sorted by it; what was found by hash is not any more. */
void threads_write(stralloc *to, struct threads *t)
{
  if (count_of(t)) qsort(list_of(t), count_of(t), sizeof(struct thread), by_last);
  for (size_t i = 0; i < count_of(t); i++) {
    struct thread const *thread = list_of(t) + i;
    text_addu(to, thread->last);
    text_addc(to, ':');
    text_addb(to, thread->hash, SURF_LETTERS);
    text_add(to, " [");
    text_addu(to, thread->messages);
    text_add(to, "] ");
    text_addb(to, t->subjects.s + thread->subject, thread->subject_len);
    text_addc(to, '\n');
  }
  if (t->places) memset(t->places, 0, t->size * sizeof *t->places);
  for (size_t i = 0; i < count_of(t); i++) *find(t, list_of(t)[i].hash) = (uint32_t)i + 1;
}

void threads_forget(struct threads *t)
{
  genalloc_free(struct thread, &t->list);
  stralloc_free(&t->subjects);
  free(t->places);
  *t = (struct threads)THREADS_ZERO;
}

/* ---- months ---- */

static struct field next_word(struct field *rest)
{
  static char const between[] = " \t,-/";
  while (rest->len && strchr(between, *rest->s)) rest->s++, rest->len--;
  struct field word = { rest->s, 0 };
  for (; rest->len && !strchr(between, *rest->s); rest->s++, rest->len--) word.len++;
  return word;
}

static unsigned month_of(struct field word)
{
  static char const months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (unsigned i = 0; word.len >= 3 && i < 12; i++)
    if (!strncasecmp(word.s, months + 3 * i, 3)) return i + 1;
  return 0;
}

unsigned threads_month(struct field date)
{
  struct field word;
  uint64_t year;
  while ((word = next_word(&date)).len) {
    unsigned month = month_of(word);
    if (!month) continue;
    word = next_word(&date);
    size_t digits = number_scan(word.s, word.len, &year);
    if (digits == 2 && digits == word.len) year += year < 70 ? 2000 : 1900;
    return (digits == 2 || digits == 4) && digits == word.len && year >= 1970 ? (unsigned)year * 100 + month : 0;
  }
  return 0;
}
