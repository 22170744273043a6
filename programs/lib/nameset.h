/* nameset: the lines of a control file as a set of names, or as a map from names to values.

   Names compare without regard to ASCII case. Built once from text, then only asked; a lookup costs
   one hash, whatever the size of the set. Of a large text there may be a cdb (nameset_cdb.h), which is the set then. */

#ifndef MAILTREE_NAMESET_H
#define MAILTREE_NAMESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct nameset {
  stralloc text;          /* the cleaned lines, one after the other; owned */
  struct nameset_entry *entries;
  uint32_t *slots;        /* open addressing, 0 is free, else 1 + index into entries */
  size_t count;
  size_t slot_count;
  bool is_raw;            /* text holds the lines as they are, and nothing is found before nameset_index */
  char const *cdb;        /* or the bytes of a cdb, which is all there is */
  size_t cdb_len;
  bool is_mapped;         /* they are a map of the file, else they are in text */
};
#define NAMESET_ZERO { .text = STRALLOC_ZERO }

struct nameset_entry {
  size_t name, name_len;    /* offsets into text; of a set that is a cdb there are none */
  size_t value, value_len;
};

/* Replaces the set by the lines of s. Trailing blanks are cut, empty lines and lines beginning with '#'
   are skipped, the last line needs no newline. 1, or 0 without memory (the set is then empty). */
int nameset_list(struct nameset *set, char const *s, size_t len);

/* The same for lines "name:value": the value is all behind the first colon; lines without a colon are
   skipped; of equal names the last line wins. An empty name is a name. */
int nameset_map(struct nameset *set, char const *s, size_t len);

/* Makes the map that the lines of a raw set are. 1, or 0 without memory (the set is then empty). */
int nameset_index(struct nameset *set);

bool nameset_has(struct nameset const *set, char const *name, size_t len);

/* The value of a name, not terminated, owned by the set, empty for a list. 1; 0 when the name is not in the set; -1 when
   the cdb is damaged. */
int nameset_find(struct nameset const *set, char const *name, size_t len, struct field *value);

/* The same of what speaks for a domain: the domain itself, else its longest suffix that begins with a dot (".b.c" before
   ".c" for a.b.c). */
int nameset_find_domain(struct nameset const *set, char const *domain, size_t len, struct field *value);

/* The value; null when the name is not in the set. */
char const *nameset_value(struct nameset const *set, char const *name, size_t len, size_t *value_len);

/* How both are read: the next name, and of a map what is behind its colon, from *at on, which moves behind the line.
   False at the end. Nothing is terminated. */
struct nameset_line { char const *name, *value; size_t name_len, value_len; };
bool nameset_line_next(struct nameset_line *line, char const *s, size_t len, size_t *at, bool is_map);

bool nameset_same(char const *a, char const *b, size_t len);   /* without regard to ASCII case */

void nameset_free(struct nameset *set);

#endif
