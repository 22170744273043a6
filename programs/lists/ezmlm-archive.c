/* ezmlm-archive: which posts belong together, by thread, subject and author, for those who read an archive in a browser.

   runs as   the list's owner, from the list's .qmail files
   reads     archive/N/index, num, archnum
   changes   archive/threads, archive/subjects, archive/authors; then archnum
   exits     0, 99 an index is damaged, 100 there is nothing, 111 later

   archnum is written when all before is on disk, every ten seconds and at the end: cut off in between, the posts behind it are put in
   once more, which changes nothing, and mends what is torn. Who begins anew says so in archnum first.
*/

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "archive.h"
#include "crossing.h"
#include "list_file.h"
#include "list_options.h"
#include "list_words.h"
#include "made_directory.h"
#include "monotonic.h"
#include "progress.h"
#include "replace.h"
#include "text.h"
#include "threads.h"

#define USAGE "ezmlm-archive [-cCsSFT] [-f min] [-t max] dir"

enum { SETTLE_MS = 10000, INDEX_MAX = 1 << 22, THREADS_MAX = 1 << 26, NO_NUMBER = 0, MONTH_UNKNOWN = 197001 };

static struct list list = LIST_ZERO;
static bool anew;
static uint64_t first = NO_NUMBER, last = NO_NUMBER;

static struct list_option const options[] = {
  { 'c', OPTION_ON, &anew, 0 },  { 'C', OPTION_OFF, &anew, 0 },
  { 's', OPTION_IGNORED, 0, 0 }, { 'S', OPTION_IGNORED, 0, 0 },
  { 'f', OPTION_NUMBER, &first, 0 }, { 'F', OPTION_IGNORED, 0, 0 },
  { 't', OPTION_NUMBER, &last, 0 },  { 'T', OPTION_IGNORED, 0, 0 },
  { 0 }
};

static void read_file(stralloc *to, char const *path, size_t max)
{
  to->len = 0;
  if (list_file_read(to, path, max) == -1) list_die_system(&list, "ERR_READ", path);
}

static void write_file(char const *path, stralloc const *text)
{
  char aside[64];
  struct replacement r;
  snprintf(aside, sizeof aside, "%s.new", path);
  if (!replace_begin(&r, path, aside, 0644) || !replace_write(&r, text->s, text->len) || !replace_commit(&r)) replace_die(&r);
}

/* ---- threads: those of one month at a time ---- */

static struct threads threads = THREADS_ZERO;
static unsigned month = 0;              /* 0: none yet */
static char threads_path[64];

static void write_month(void)
{
  stralloc text = STRALLOC_ZERO;
  if (!month) return;
  threads_write(&text, &threads);
  if (!made_directory("archive/threads", "archive")) list_die_system(&list, "ERR_CREATE", "archive/threads");
  write_file(threads_path, &text);
  stralloc_free(&text);
}

static void begin_month(unsigned wanted)
{
  stralloc text = STRALLOC_ZERO;
  if (wanted == month) return;
  write_month();
  threads_forget(&threads);
  month = wanted;
  snprintf(threads_path, sizeof threads_path, "archive/threads/%u", month);
  read_file(&text, threads_path, THREADS_MAX);
  threads_read(&threads, (struct field){ text.s, text.len });
  stralloc_free(&text);
}

/* ---- one post ---- */

static void add_word(stralloc *to, struct field f, char end)
{
  text_addb(to, f.s, f.len);
  text_addc(to, end);
}

/* "NUMBER:MONTH:HASH TEXT" in the file of the other one, whose first line is "HASH TEXT". */
static void cross(char const *directory, uint64_t number, struct field own, struct field own_text, struct field other, struct field text)
{
  stralloc head = STRALLOC_ZERO, line = STRALLOC_ZERO;
  char path[64];
  add_word(&head, own, ' ');
  add_word(&head, own_text, '\n');
  text_addu(&line, number);
  text_addc(&line, ':');
  text_addu(&line, month);
  text_addc(&line, ':');
  add_word(&line, other, ' ');
  add_word(&line, text, '\n');
  struct crossing c = { directory, own, { head.s, head.len } };
  if (!crossing_put(&c, number, (struct field){ line.s, line.len }, path)) list_die_system(&list, "ERR_WRITE", path);
  stralloc_free(&head), stralloc_free(&line);
}

static struct field without_re(struct field subject)
{
  bool has = subject.len >= 4 && !memcmp(subject.s, "Re: ", 4);
  return has ? (struct field){ subject.s + 4, subject.len - 4 } : subject;
}

static void add_post(struct index_entry const *e)
{
  struct field subject = without_re(e->subject);
  unsigned when = threads_month(e->date);
  begin_month(when ? when : month ? month : MONTH_UNKNOWN);
  threads_add(&threads, e->number, e->subject_hash, subject);
  cross("subjects", e->number, e->subject_hash, subject, e->author_hash, e->author);
  cross("authors", e->number, e->author_hash, e->author, e->subject_hash, subject);
  progress(e->number, last);
}

/* ---- all of them ---- */

/* Whether all of the index could be read. */
static bool add_group(uint64_t group)
{
  stralloc text = STRALLOC_ZERO;
  struct index_entry entry;
  char path[ARCHIVE_PATH_MAX];
  bool whole = true;
  size_t at = 0;
  int r;
  archive_index(path, group * ARCHIVE_GROUP);
  read_file(&text, path, INDEX_MAX);
  while ((r = index_next(&entry, text.s, text.len, &at))) {
    if (r == -1) whole = false;
    else if (entry.number / ARCHIVE_GROUP == group && entry.number >= first && entry.number <= last) add_post(&entry);
  }
  if (!whole) list_inform(&list, "ERR_BAD_INDEX", 0);
  stralloc_free(&text);
  return whole;
}

/* ---- how far it is ---- */

static void choose_range(uint64_t number)
{
  struct archive_num done;
  if (!archive_num_read(&done, "archnum")) list_die_system(&list, "ERR_READ", "archnum");
  /* with a number that is lost nothing of what there is can be told from what is missing */
  if (!first && !done.number) anew = true;
  if (anew) first = 1;
  else if (first) first -= first % ARCHIVE_GROUP;
  else first = done.number + 1;
  if (!last || last > number) last = number;
}

static void write_archnum(uint64_t done)
{
  stralloc text = STRALLOC_ZERO;
  text_addu(&text, done);
  text_addc(&text, '\n');
  write_file("archnum", &text);
  stralloc_free(&text);
}

/* All up to this post is in, and on disk. */
static void settle(uint64_t done)
{
  write_month();
  if (!archive_sync()) list_die_system(&list, "ERR_SYNC", "archive");
  write_archnum(done);
}

static void forget_all(void)
{
  static char const *const places[] = { "archive/threads", "archive/subjects", "archive/authors" };
  write_archnum(0);
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    if (rm_rf(places[i]) == -1 && errno != ENOENT) list_die_system(&list, "ERR_DELETE", places[i]);
}

static bool add_groups(void)
{
  bool whole = true;
  int64_t next = monotonic_ms() + SETTLE_MS;
  for (uint64_t group = first / ARCHIVE_GROUP; group <= last / ARCHIVE_GROUP; group++) {
    whole = add_group(group) && whole;
    if (group == last / ARCHIVE_GROUP || monotonic_ms() < next) continue;
    settle(group * ARCHIVE_GROUP + ARCHIVE_GROUP - 1);
    next = monotonic_ms() + SETTLE_MS;
  }
  return whole;
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-archive";
  struct archive_num num;
  list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  if (!archive_num_read(&num, "num")) list_die_system(&list, "ERR_READ", "num");
  if (!num.number) list_die(LIST_REFUSED, &list, "ERR_EMPTY_LIST", 0, 0);
  list_lock("archive/lock");
  choose_range(num.number);
  if (anew) forget_all();
  bool const whole = add_groups();
  progress_end();
  if (first <= last) settle(last);
  return whole ? 0 : LIST_STOP;
}
