#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "list_file.h"
#include "list_words.h"
#include "replace.h"
#include "subscribers.h"
#include "subscribers_file.h"
#include "subscribers_records.h"
#include "text.h"

enum { FIRST = '@', BLOCK = 65536 };

struct hash_file { char name[2]; stralloc path, aside, text; };

static void file_named(struct hash_file *f, char const *directory, unsigned hash)
{
  *f = (struct hash_file){ .name = { (char)(FIRST + hash) } };
  text_add(&f->path, directory), text_add(&f->path, "/"), text_add(&f->path, f->name);
  text_addx(&f->aside, &f->path), text_add(&f->aside, "n");
  text_z(&f->path), text_z(&f->aside);
}

/* What is gathered: each file that was looked at, once. */
static struct gathered { bool known, changed; stralloc text; } files[SUBSCRIBERS_HASHES];
static bool gathering;

static void file_read(struct hash_file *f, char const *directory, unsigned hash)
{
  struct gathered *g = files + hash;
  file_named(f, directory, hash);
  f->text = g->text;
  if (g->known) return;
  f->text = (stralloc)STRALLOC_ZERO;
  int r = list_file_read(&f->text, f->path.s, SUBSCRIBERS_FILE_MAX);
  if (r == -1) list_die_system(0, "ERR_READ", f->path.s);
  if (r == 0) f->text.len = 0;
}

static void file_free(struct hash_file *f)
{
  stralloc_free(&f->path), stralloc_free(&f->aside), stralloc_free(&f->text);
}

/* Somebody who reads it meanwhile sees the old one or the new one, and so does who comes after a power cut. */
static void file_write(struct hash_file const *f)
{
  struct replacement r = REPLACEMENT_ZERO;
  if (!replace_begin(&r, f->path.s, f->aside.s, 0644)) replace_die(&r);
  if (f->text.len && !replace_write(&r, f->text.s, f->text.len)) replace_die(&r);
  if (!replace_commit(&r)) replace_die(&r);
}

/* The end of a look at it, or of a change. */
static void file_done(struct hash_file *f, bool changed)
{
  struct gathered *g = files + (f->name[0] - FIRST);
  if (changed && !gathering) file_write(f);
  if (gathering) {
    *g = (struct gathered){ true, g->changed || changed, f->text };
    f->text = (stralloc)STRALLOC_ZERO;
  }
  file_free(f);
}

void subscribers_files_gather(void)
{
  gathering = true;
}

void subscribers_files_write(char const *directory)
{
  struct hash_file f;
  gathering = false;
  for (unsigned hash = 0; hash < SUBSCRIBERS_HASHES; hash++) {
    struct gathered *g = files + hash;
    if (!g->known) continue;
    file_named(&f, directory, hash);
    f.text = g->text;
    if (g->changed) file_write(&f);
    file_free(&f);
    *g = (struct gathered){ .known = false };
  }
}

static bool record_is(struct field record, struct field address)
{
  struct field there;
  return subscribers_record_address(&there, record) && subscribers_same(there, address);
}

/* The next record of that address from *rest on. */
static bool record_find(struct field *record, struct field *rest, struct field address)
{
  while (subscribers_record(record, rest))
    if (record_is(*record, address)) return true;
  return false;
}

static struct field all_of(stralloc const *s)
{
  return (struct field){ s->s, s->len };
}

bool subscribers_file_have(char const *directory, unsigned hash, struct field address, stralloc *found)
{
  struct hash_file f;
  struct field rest, record;
  file_read(&f, directory, hash);
  rest = all_of(&f.text);
  bool const have = record_find(&record, &rest, address);
  if (have && found) text_setb(found, record.s + 1, record.len - 2);
  file_done(&f, false);
  return have;
}

/* ---- changing it ---- */

/* Before what has no NUL, where there is such: that is nobody's address, and must not become one. */
static void insert(stralloc *text, struct field address)
{
  stralloc record = STRALLOC_ZERO;
  char const *last = text->len ? memrchr(text->s, 0, text->len) : 0;
  text_add(&record, "T"), text_addb(&record, address.s, address.len), text_end(&record);
  while (!bytes_insertb(text, last ? (size_t)(last - text->s) + 1 : 0, record.s, record.len)) memory_gone();
  stralloc_free(&record);
}

bool subscribers_file_add(char const *directory, unsigned hash, struct field address)
{
  struct hash_file f;
  struct field rest, record;
  file_read(&f, directory, hash);
  rest = all_of(&f.text);
  bool const is_new = !record_find(&record, &rest, address);
  if (is_new) insert(&f.text, address);
  file_done(&f, is_new);
  return is_new;
}

static void take_out(stralloc *text, struct field record)
{
  size_t const at = (size_t)(record.s - text->s);
  text->len -= record.len;
  memmove(text->s + at, text->s + at + record.len, text->len - at);
}

bool subscribers_file_remove(char const *directory, unsigned hash, struct field address)
{
  struct hash_file f;
  struct field rest, record;
  bool is_there = false;
  file_read(&f, directory, hash);
  for (rest = all_of(&f.text); record_find(&record, &rest, address); is_there = true) {
    take_out(&f.text, record);
    rest.s = record.s;
  }
  file_done(&f, is_there);
  return is_there;
}

/* ---- all of it ---- */

struct reading { char block[BLOCK]; size_t used; };

/* Hands the whole records of the block; what is left begins the next one. A record that fills it is nobody's address, but what
   follows its NUL is. */
static uint64_t take_records(struct reading *in, void (*put)(void *to, struct field address), void *to)
{
  struct field rest = { in->block, in->used }, record, address;
  uint64_t count = 0;
  while (subscribers_record(&record, &rest)) {
    if (!subscribers_record_address(&address, record)) continue;
    count++;
    if (put) put(to, address);
  }
  if (rest.len == BLOCK) rest.len = 1, in->block[0] = '\n';
  else memmove(in->block, rest.s, rest.len);
  in->used = rest.len;
  return count;
}

uint64_t subscribers_file_each(char const *directory, unsigned hash, void (*put)(void *to, struct field address), void *to)
{
  static struct reading in;
  struct hash_file f;
  uint64_t count = 0;
  ssize_t r;
  file_named(&f, directory, hash);
  int fd = open(f.path.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 && errno != ENOENT && errno != ENOTDIR) list_die_system(0, "ERR_OPEN", f.path.s);
  in.used = 0;
  while (fd != -1 && (r = fd_read(fd, in.block + in.used, BLOCK - in.used)) != 0) {
    if (r == -1) list_die_system(0, "ERR_READ", f.path.s);
    in.used += (size_t)r;
    count += take_records(&in, put, to);
  }
  if (fd != -1) fd_close(fd);
  file_free(&f);
  return count;
}
