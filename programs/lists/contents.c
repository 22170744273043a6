#include <string.h>

#include "archive.h"
#include "contents.h"
#include "list_file.h"
#include "list_words.h"
#include "text.h"

struct contents_entry *contents_entry(struct contents *c, size_t i)
{
  return genalloc_s(struct contents_entry, &c->entries) + i;
}

struct field contents_subject(struct contents const *c, struct contents_entry const *e) { return (struct field){ c->text.s + e->subject, e->subject_len }; }
struct field contents_date(struct contents const *c, struct contents_entry const *e) { return (struct field){ c->text.s + e->date, e->date_len }; }
struct field contents_author(struct contents const *c, struct contents_entry const *e) { return (struct field){ c->text.s + e->author, e->author_len }; }

static size_t keep(struct contents *c, struct field f)
{
  size_t const at = c->text.len;
  text_addb(&c->text, f.s, f.len);
  return at;
}

static void add(struct contents *c, struct index_entry const *from)
{
  struct contents_entry to = { .number = from->number, .subject_len = from->subject.len, .date_len = from->date.len, .author_len = from->author.len };
  memcpy(to.hash, from->subject_hash.s, sizeof to.hash);
  to.subject = keep(c, from->subject);
  to.date = keep(c, from->date);
  to.author = keep(c, from->author);
  while (!genalloc_append(struct contents_entry, &c->entries, &to)) memory_gone();
}

static bool read_group(struct contents *c, stralloc const *index, uint64_t from, uint64_t to, char const *hash)
{
  struct index_entry entry;
  int r;
  for (size_t at = 0; (r = index_next(&entry, index->s, index->len, &at)) == 1; )
    if (entry.number >= from && entry.number <= to && (!hash || !memcmp(hash, entry.subject_hash.s, SURF_LETTERS))) add(c, &entry);
  return r == 0;
}

bool contents_read(struct contents *c, struct list const *l, uint64_t from, uint64_t to, char const *hash)
{
  stralloc index = STRALLOC_ZERO;
  char path[ARCHIVE_PATH_MAX];
  bool whole = true;
  for (uint64_t group = from / ARCHIVE_GROUP; group <= to / ARCHIVE_GROUP; group++) {
    index.len = 0;
    archive_index(path, group * ARCHIVE_GROUP);
    if (list_file_read(&index, path, LIST_FILE_MAX) == -1) list_die_system(l, "ERR_READ", path);
    if (!read_group(c, &index, from, to, hash)) whole = false;
  }
  text_z(&c->text);
  stralloc_free(&index);
  return whole;
}

void contents_free(struct contents *c)
{
  stralloc_free(&c->text);
  genalloc_free(struct contents_entry, &c->entries);
}
