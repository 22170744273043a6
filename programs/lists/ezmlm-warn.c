/* ezmlm-warn: tell subscribers of a mailing list that mail to them came back, and try once more whether they are there.

   runs as   who owns the list
   reads     DIR/bounce, DIR/digest/bounce, texts
   changes   the files of bounces that are old enough go, each when its mail is queued; those of others who are subscribed no more
   exits     0 done, or it is not yet time; 100 there is no such list, or a text is missing; 111 trouble

   A mail is queued before its file goes: whoever is stopped in between warns once more, and nobody is forgotten.
*/

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "bounce_files.h"
#include "cookie.h"
#include "list_answer.h"
#include "list_file.h"
#include "list_mail.h"
#include "list_options.h"
#include "list_unsubscribe.h"
#include "list_words.h"
#include "membership.h"
#include "number.h"
#include "replace.h"
#include "subscribers.h"
#include "text.h"

#define USAGE "ezmlm-warn [-dD] [-l seconds] [-t days] dir"

enum {
  DAY = 86400, DAYS_MAX = 100000, ROUNDS = 50, CLEANING_WAIT = 100000, NUMBERS_LIVES = 3,
  HEAD_MAX = 1 << 17                  /* bytes of a bounce that are looked at */
};

struct warning {
  struct list list;
  bool digest;
  char const *place;
  struct subscribers *subscribers;
  uint64_t now, timeout, wait, copylines;
};

static char const *table_of(struct warning const *w)
{
  return w->digest ? "digest" : ".";
}

/* ---- the mail ---- */

static struct kind { enum bounce_file file; char const *word, *text, *subject, *action; bool numbers; } const kinds[] = {
  { BOUNCE_FIRST, "-return-warn-", "bounce-warn", "SUB_WARNING", "W", true },
  { BOUNCE_OF_WARNING, "-return-probe-", "bounce-probe", "SUB_PROBE", "P", false }
};

static void add_numbers(stralloc *to, struct warning const *w, struct field address, struct list_tags const *tags)
{
  char path[BOUNCE_PATH_MAX];
  bounce_numbers_path(path, w->place, address);
  list_text_needed(to, &w->list, w->digest ? "dig-bounce-num" : "bounce-num", tags);
  if (list_file_read(to, path, BOUNCE_NUMBERS_MAX + 64) == -1 && errno != EFBIG) list_die_system(&w->list, "ERR_READ", path);
}

static void make_text(stralloc *to, struct warning const *w, struct kind const *kind, struct field address)
{
  struct list_tags const tags = { .table = table_of(w), .target = address };
  list_text_needed(to, &w->list, "top", &tags);
  list_text_needed(to, &w->list, kind->text, &tags);
  if (kind->numbers) add_numbers(to, w, address, &tags);
  list_text_needed(to, &w->list, "bounce-bottom", &tags);
}

/* L-return-warn-TIME.COOKIE-user=host@H */
static void add_sender(stralloc *to, struct warning const *w, struct kind const *kind, struct field address)
{
  char date[UINT64_FMT], cookie[COOKIE_LENGTH];
  struct field const key = { w->list.key.s, w->list.key.len }, when = { date, uint64_fmt(date, w->now) };
  struct list_tags const target = { .target = address };
  cookie_make(cookie, key, when, address, *kind->action);
  list_name(to, &w->list, table_of(w));
  text_add(to, kind->word), text_addb(to, when.s, when.len), text_add(to, "."), text_addb(to, cookie, sizeof cookie), text_add(to, "-");
  list_tags_fill(to, field_of("<#t#>"), &w->list, &target);
  text_add(to, "@"), text_addx(to, &w->list.host);
}

static void put_fields(struct warning const *w, struct kind const *kind, struct field address, char const *boundary)
{
  stralloc subject = STRALLOC_ZERO, from = STRALLOC_ZERO, page = STRALLOC_ZERO;
  list_tags_fill(&from, field_of("From: <#L#>-help@<#H#>\n"), &w->list, 0);
  list_mail_addx(&from);
  list_mail_address("To", address);
  if (list_unsubscribe_page(&page, &w->list, table_of(w), w->now, address)) list_unsubscribe_fields(&w->list, table_of(w), address, &page);
  list_answer_fields(&w->list, boundary);
  list_say(&subject, &w->list, kind->subject, 0);
  list_mail_field(&w->list, "Subject", (struct field){ subject.s, subject.len });
  list_mail_add("\n");
  stralloc_free(&subject), stralloc_free(&from), stralloc_free(&page);
}

static void send(struct warning const *w, struct kind const *kind, struct field address, struct field bounce)
{
  stralloc text = STRALLOC_ZERO, sender = STRALLOC_ZERO;
  struct field const beginning = message_beginning(bounce, w->copylines);
  make_text(&text, w, kind, address);
  add_sender(&sender, w, kind, address);
  list_mail_open(&w->list);
  char const *boundary = list_mail_begin(&w->list, LIST_MAIL_NOTICE);
  put_fields(w, kind, address, boundary);
  list_answer_text(&w->list, boundary);
  list_mail_addx(&text);
  list_answer_message(&w->list, boundary);
  list_mail_put(beginning.s, beginning.len);
  list_answer_end(&w->list, boundary);
  list_mail_sender((struct field){ sender.s, sender.len });
  list_mail_to(address);
  list_mail_close();
  stralloc_free(&text), stralloc_free(&sender);
}

/* ---- one file ---- */

static void forget(char const *path)
{
  if (unlink(path) == -1 && errno != ENOENT) list_die_system(0, "ERR_DELETE", path);
}

static void read_head(stralloc *to, char const *path)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  to->len = 0;
  text_room(to, HEAD_MAX);
  ssize_t r = fd == -1 ? -1 : fd_read(fd, to->s, HEAD_MAX);
  if (r == -1) list_die_system(0, "ERR_READ", path);
  to->len = (size_t)r;
  fd_close(fd);
}

static bool subscribed(struct warning const *w, struct field address)
{
  stralloc kept = STRALLOC_ZERO;
  bool const is = membership_own(w->subscribers, address, &kept);
  stralloc_free(&kept);
  return is;
}

/* A file without an address is none of ours. */
static void look_at(struct warning const *w, struct kind const *kind, char const *path)
{
  static stralloc head = STRALLOC_ZERO;
  char numbers[BOUNCE_PATH_MAX];
  read_head(&head, path);
  struct field const address = { head.s, strnlen(head.s, head.len) };
  size_t const behind = address.len < head.len ? address.len + 1 : head.len;
  if (subscribed(w, address)) send(w, kind, address, (struct field){ head.s + behind, head.len - behind });
  bounce_numbers_path(numbers, w->place, address);
  if (kind->numbers) forget(numbers);
  forget(path);
}

/* ---- all that are old enough ---- */

/* A directory; null where there is none. */
static DIR *open_directory(char const *path)
{
  DIR *d = opendir(path);
  if (!d && errno != ENOENT) list_die_system(0, "ERR_OPEN", path);
  return d;
}

/* The next entry but . and .. and hidden ones; null at the end. */
static char const *next_name(DIR *d, char const *path)
{
  struct dirent const *entry;
  do {
    errno = 0;
    entry = readdir(d);
    if (!entry && errno) list_die_system(0, "ERR_READ", path);
  } while (entry && *entry->d_name == '.');
  return entry ? entry->d_name : 0;
}

static bool is_due(struct warning const *w, uint64_t when)
{
  return when <= w->now && w->now - when >= w->timeout;
}

/* What a process that was stopped has left, W..., is older than its lock. */
static void look_at_entry(struct warning const *w, char const *group_path, uint64_t group, char const *name)
{
  char path[PATH_MAX + NAME_MAX + 2];
  uint64_t second;
  snprintf(path, sizeof path, "%s/%s", group_path, name);
  if (*name == 'W') forget(path);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if ((char)kinds[i].file == *name && number_scan(name + 1, strlen(name + 1), &second) && is_due(w, group * BOUNCE_GROUP + second))
      look_at(w, &kinds[i], path);
}

static void look_through_group(struct warning const *w, char const *path, uint64_t group)
{
  DIR *d = open_directory(path);
  if (!d) return;
  for (char const *name; (name = next_name(d, path)); ) look_at_entry(w, path, group, name);
  closedir(d);
  rmdir(path);        /* while something is in it, it stays */
}

static void look_through(struct warning const *w)
{
  char bounces[BOUNCE_PATH_MAX], path[PATH_MAX];
  uint64_t group;
  snprintf(bounces, sizeof bounces, "%s/d", w->place);
  DIR *d = open_directory(bounces);
  if (!d) return;
  for (char const *name; (name = next_name(d, bounces)); ) {
    size_t const digits = number_scan(name, strlen(name), &group);
    if (!digits || group > UINT64_MAX / BOUNCE_GROUP - 1 || !is_due(w, group * BOUNCE_GROUP)) continue;
    snprintf(path, sizeof path, "%s/%s", bounces, name);
    if (!name[digits]) look_through_group(w, path, group);
    else if (name[digits] == '_') forget(path);
  }
  closedir(d);
}

/* ---- numbers that nobody asked about any more ---- */

static void forget_old(struct warning const *w, char const *path)
{
  struct stat st;
  if (stat(path, &st) == 0 && (uint64_t)st.st_mtime + NUMBERS_LIVES * w->timeout <= w->now) forget(path);
}

static void clean_letter(struct warning const *w, char letter)
{
  char directory[BOUNCE_PATH_MAX], path[PATH_MAX];
  snprintf(directory, sizeof directory, "%s/h/%c", w->place, letter);
  DIR *d = open_directory(directory);
  if (!d) return;
  for (char const *name; (name = next_name(d, directory)); ) {
    snprintf(path, sizeof path, "%s/%s", directory, name);
    forget_old(w, path);
  }
  closedir(d);
}

static void write_state(struct warning const *w, char const *name, char const *text)
{
  char path[BOUNCE_PATH_MAX], aside[BOUNCE_PATH_MAX];
  struct replacement r;
  snprintf(path, sizeof path, "%s/%s", w->place, name);
  snprintf(aside, sizeof aside, "%s/%s.new", w->place, name);
  if (!replace_begin(&r, path, aside, 0644) || !replace_write(&r, text, strlen(text)) || !replace_commit(&r)) replace_die(&r);
}

static void read_state(stralloc *to, struct warning const *w, char const *name, struct stat *st)
{
  char path[BOUNCE_PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", w->place, name);
  if (stat(path, st) == -1) *st = (struct stat){ 0 };
  if (list_file_read(to, path, BOUNCE_PATH_MAX) == -1) list_die_system(0, "ERR_READ", path);
}

/* One letter of the sixteen a day. */
static void clean(struct warning const *w)
{
  stralloc last = STRALLOC_ZERO;
  struct stat st;
  read_state(&last, w, "lasth", &st);
  if ((uint64_t)st.st_mtime > w->now || w->now - (uint64_t)st.st_mtime >= CLEANING_WAIT) {
    char const letter[] = { last.len && *last.s >= 'a' && *last.s < 'p' ? (char)(*last.s + 1) : 'a', 0 };
    clean_letter(w, *letter);
    write_state(w, "lasth", letter);
  }
  stralloc_free(&last);
}

/* ---- the list, and its digests ---- */

static bool lately(struct warning const *w)
{
  stralloc text = STRALLOC_ZERO;
  struct stat st;
  uint64_t last = 0;
  read_state(&text, w, "lastd", &st);
  bool const is = number_scan(text.len ? text.s : "", text.len, &last) && last <= w->now && w->now - last < w->wait;
  stralloc_free(&text);
  return is;
}

static void note_run(struct warning const *w)
{
  char text[UINT64_FMT + 2];
  snprintf(text, sizeof text, "%llu\n", (unsigned long long)w->now);
  write_state(w, "lastd", text);
}

/* Who has no directory for bounces has no bounces. */
static void warn_all(struct warning *w, bool digest)
{
  struct stat st;
  w->digest = digest;
  w->place = bounce_place(digest);
  if (stat(w->place, &st) == -1 && (errno == ENOENT || errno == ENOTDIR)) return;
  int const lock = bounce_lock(digest);
  if (!lately(w)) {
    w->subscribers = subscribers_open(&w->list, digest ? "digest" : ".", 0);
    note_run(w);
    look_through(w);
    clean(w);
    subscribers_close(w->subscribers);
  }
  fd_close(lock);
}

int main(int argc, char const *const *argv)
{
  static struct warning w;
  bool only_digest = false, only_main = false;
  uint64_t days = 10, wait = UINT64_MAX;
  struct list_option const options[] = {
    { 'd', OPTION_ON, &only_digest, 0 }, { 'D', OPTION_ON, &only_main, 0 },
    { 'l', OPTION_NUMBER, &wait, 0 }, { 't', OPTION_NUMBER, &days, 0 }, { 0 }
  };
  PROG = "ezmlm-warn";
  list_options(&w.list, argc, argv, options, LIST_NEEDED, USAGE);
  if (list_flag(&w.list, "nowarn")) return 0;
  w.now = (uint64_t)time(0);
  w.timeout = (days < DAYS_MAX ? days : DAYS_MAX) * DAY;
  w.wait = wait == UINT64_MAX ? w.timeout / ROUNDS : wait;
  w.copylines = list_copylines(&w.list);
  if (!only_digest) warn_all(&w, false);
  if (!only_main) warn_all(&w, true);
  return 0;
}
