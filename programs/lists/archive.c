#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "archive.h"
#include "author.h"
#include "made_directory.h"
#include "number.h"
#include "replace.h"
#include "subject.h"
#include "text.h"

enum { NUM_MAX = 64, INDEX_MAX = 1 << 22 };

/* ---- names and numbers ---- */

void archive_post(char path[ARCHIVE_PATH_MAX], uint64_t number)
{
  snprintf(path, ARCHIVE_PATH_MAX, "archive/%llu/%02u", (unsigned long long)(number / ARCHIVE_GROUP), (unsigned)(number % ARCHIVE_GROUP));
}

void archive_group(char path[ARCHIVE_PATH_MAX], uint64_t number)
{
  snprintf(path, ARCHIVE_PATH_MAX, "archive/%llu", (unsigned long long)(number / ARCHIVE_GROUP));
}

void archive_index(char path[ARCHIVE_PATH_MAX], uint64_t number)
{
  snprintf(path, ARCHIVE_PATH_MAX, "archive/%llu/index", (unsigned long long)(number / ARCHIVE_GROUP));
}

bool archive_num_scan(struct archive_num *to, char const *s, size_t len)
{
  *to = (struct archive_num){ 0, 0 };
  size_t digits = number_scan(s, len, &to->number);
  if (!digits) return false;
  if (digits < len && s[digits] == ':') number_scan(s + digits + 1, len - digits - 1, &to->size);
  return true;
}

bool archive_num_read(struct archive_num *to, char const *file)
{
  char text[NUM_MAX];
  *to = (struct archive_num){ 0, 0 };
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd == -1) return errno == ENOENT;
  ssize_t r = fd_read(fd, text, sizeof text);
  fd_close(fd);
  if (r == -1) return false;
  /* a number that is lost must not begin anew */
  if (!archive_num_scan(to, text, (size_t)r)) return errno = EINVAL, false;
  return true;
}

bool archive_num_write(struct archive_num const *num)
{
  char text[NUM_MAX];
  struct replacement r;
  int len = snprintf(text, sizeof text, "%llu:%llu\n", (unsigned long long)num->number, (unsigned long long)num->size);
  return replace_begin(&r, "num", "numnew", 0644) && replace_write(&r, text, (size_t)len) && replace_commit(&r);
}

uint64_t archive_size(uint64_t bytes)
{
  return (bytes + 128) / 256;
}

/* ---- the index ---- */

static struct field line_of(char const *text, size_t len, size_t *at)
{
  char const *newline = memchr(text + *at, '\n', len - *at);
  struct field line = { text + *at, newline ? (size_t)(newline - text) - *at : len - *at };
  *at += line.len + (newline != 0);
  return line;
}

static bool is_hash(struct field f)
{
  if (f.len < SURF_LETTERS) return false;
  for (size_t i = 0; i < SURF_LETTERS; i++)
    if (f.s[i] < 'a' || f.s[i] > 'p') return false;
  return f.len == SURF_LETTERS || f.s[SURF_LETTERS] == ' ';
}

/* HASH, a blank, a text. */
static bool hashed(struct field *hash, struct field *text, struct field f)
{
  if (!is_hash(f)) return false;
  size_t skip = f.len > SURF_LETTERS ? SURF_LETTERS + 1 : SURF_LETTERS;
  *hash = (struct field){ f.s, SURF_LETTERS };
  *text = (struct field){ f.s + skip, f.len - skip };
  return true;
}

int index_next(struct index_entry *to, char const *text, size_t len, size_t *at)
{
  if (*at >= len) return 0;
  struct field line = line_of(text, len, at);
  size_t digits = number_scan(line.s, line.len, &to->number);
  if (!digits || line.len < digits + 2 || line.s[digits] != ':' || line.s[digits + 1] != ' ') return -1;
  if (!hashed(&to->subject_hash, &to->subject, (struct field){ line.s + digits + 2, line.len - digits - 2 })) return -1;
  if (*at >= len || text[*at] != '\t') return -1;
  line = line_of(text, len, at);
  char const *semicolon = memchr(line.s, ';', line.len);
  if (!semicolon) return -1;
  to->date = (struct field){ line.s + 1, (size_t)(semicolon - line.s) - 1 };
  return hashed(&to->author_hash, &to->author, (struct field){ semicolon + 1, line.len - (size_t)(semicolon - line.s) - 1 }) ? 1 : -1;
}

void index_date(stralloc *to, struct field received)
{
  char const *semicolon = received.len ? memrchr(received.s, ';', received.len) : 0;
  size_t const begun = to->len;
  if (!semicolon) return;
  subject_unfold(to, (struct field){ semicolon + 1, received.len - (size_t)(semicolon + 1 - received.s) });
  if (to->len - begun > SUBJECT_MAX) to->len = begun + SUBJECT_MAX;
}

/* A ';' would end the date early. */
static void add_date(stralloc *to, struct field date)
{
  for (size_t i = 0; i < date.len; i++)
    if (date.s[i] != ';' && date.s[i] != '\n') text_addc(to, date.s[i]);
}

void index_add_dated(stralloc *to, uint64_t number, struct index_fields const *fields, struct field date)
{
  stralloc subject = STRALLOC_ZERO;
  char hash[SURF_LETTERS];
  unsigned what = subject_normal(&subject, fields->subject, fields->prefix);
  text_z(&subject);
  surf_loose(hash, subject.s, subject.len);
  text_addu(to, number);
  text_add(to, ": ");
  text_addb(to, hash, sizeof hash);
  text_add(to, what & SUBJECT_IS_REPLY ? " Re: " : " ");
  text_addx(to, &subject);
  text_add(to, "\n\t");
  add_date(to, date);
  author_hash(hash, fields->from);
  text_addc(to, ';');
  text_addb(to, hash, sizeof hash);
  text_addc(to, ' ');
  author_name(to, fields->from);
  text_addc(to, '\n');
  stralloc_free(&subject);
}

void index_add(stralloc *to, uint64_t number, struct index_fields const *fields)
{
  stralloc date = STRALLOC_ZERO;
  index_date(&date, fields->received);
  text_z(&date);
  index_add_dated(to, number, fields, (struct field){ date.s, date.len });
  stralloc_free(&date);
}

/* ---- files ---- */

static bool closed(int fd, bool done)
{
  int e = errno;
  fd_close(fd);
  errno = e;
  return done;
}

int archive_create(uint64_t number)
{
  char path[ARCHIVE_PATH_MAX];
  archive_group(path, number);
  if (!made_directory("archive", ".") || !made_directory(path, "archive")) return -1;
  archive_post(path, number);
  /* What an attempt left that was given up may be complete: a reader that has it open keeps it. */
  if (unlink(path) == -1 && errno != ENOENT) return -1;
  return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
}

bool archive_complete_later(int fd)
{
  return closed(fd, fchmod(fd, ARCHIVE_WHOLE) == 0);
}

bool archive_sync(void)
{
  int fd = open("archive", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd != -1 && closed(fd, syncfs(fd) == 0);
}

bool archive_complete(int fd, uint64_t number)
{
  char path[ARCHIVE_PATH_MAX];
  archive_group(path, number);
  return closed(fd, fchmod(fd, ARCHIVE_WHOLE) == 0 && fsync(fd) == 0) && directory_synced(path);
}

/* Where the entries of lower numbers end. */
static size_t end_of_lower(stralloc const *text, uint64_t number)
{
  struct index_entry entry;
  size_t end = 0;
  for (size_t at = 0; at < text->len; end = at) {
    if (index_next(&entry, text->s, text->len, &at) == 1 && (entry.number >= number || text->s[at - 1] != '\n')) return end;
    if (at <= text->len && text->s[at - 1] != '\n') return end;
  }
  return end;
}

static bool read_index(stralloc *to, int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  if (st.st_size > INDEX_MAX) return errno = EFBIG, false;
  text_room(to, (size_t)st.st_size + 1);
  ssize_t r = pread(fd, to->s, (size_t)st.st_size, 0);
  if (r == -1) return false;
  to->len = (size_t)r;
  return true;
}

static bool put_entry(int fd, uint64_t number, struct field entry)
{
  stralloc old = STRALLOC_ZERO;
  bool done = read_index(&old, fd);
  off_t end = done ? (off_t)end_of_lower(&old, number) : 0;
  stralloc_free(&old);
  return done && ftruncate(fd, end) == 0 && lseek(fd, end, SEEK_SET) == end
      && allwrite(fd, entry.s, entry.len) == entry.len && fsync(fd) == 0;
}

/* The first entry gives the file its name, once in a hundred posts. */
static bool named(int fd, uint64_t number)
{
  struct stat st;
  char path[ARCHIVE_PATH_MAX];
  archive_group(path, number);
  return fstat(fd, &st) == 0 && (st.st_size || directory_synced(path));
}

bool archive_index_put(uint64_t number, struct field entry)
{
  char path[ARCHIVE_PATH_MAX];
  archive_index(path, number);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd == -1) return false;
  return closed(fd, named(fd, number) && put_entry(fd, number, entry));
}

void archive_forget(uint64_t number)
{
  char path[ARCHIVE_PATH_MAX];
  archive_index_put(number, (struct field){ "", 0 });
  archive_post(path, number);
  unlink(path);
}
