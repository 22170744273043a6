/* contents: what the index of an archive says of some messages. */

#ifndef MAILTREE_CONTENTS_H
#define MAILTREE_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "fields.h"
#include "list.h"
#include "surf.h"

struct contents_entry {
  uint64_t number;
  char hash[SURF_LETTERS];                  /* of its subject */
  size_t subject, subject_len, date, date_len, author, author_len;      /* in the text */
  bool shown;                               /* for who goes through them */
};

struct contents { genalloc entries; stralloc text; };
#define CONTENTS_ZERO { .text = STRALLOC_ZERO }

/* Adds the entries of these messages, of those with this subject's hash alone where that is not null. False: an index is damaged;
   what stands before that place is there. Ends the program with 111 when one cannot be read. */
bool contents_read(struct contents *c, struct list const *l, uint64_t from, uint64_t to, char const *hash);

static inline size_t contents_count(struct contents const *c) { return genalloc_len(struct contents_entry, &c->entries); }
struct contents_entry *contents_entry(struct contents *c, size_t i);
struct field contents_subject(struct contents const *c, struct contents_entry const *e);
struct field contents_date(struct contents const *c, struct contents_entry const *e);
struct field contents_author(struct contents const *c, struct contents_entry const *e);

void contents_free(struct contents *c);

#endif
