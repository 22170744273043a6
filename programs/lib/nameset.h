/* nameset: the lines of a control file as a set of names, or as a map from names to values.

   Names compare without regard to ASCII case. Built once from text, then only asked; a lookup costs
   one hash, whatever the size of the set. */

#ifndef MAILTREE_NAMESET_H
#define MAILTREE_NAMESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

struct nameset {
  stralloc text;          /* the cleaned lines, one after the other; owned */
  struct nameset_entry *entries;
  uint32_t *slots;        /* open addressing, 0 is free, else 1 + index into entries */
  size_t count;
  size_t slot_count;
};
#define NAMESET_ZERO { .text = STRALLOC_ZERO }

struct nameset_entry {
  size_t name, name_len;    /* offsets into text */
  size_t value, value_len;
};

/* Replaces the set by the lines of s. Trailing blanks are cut, empty lines and lines beginning with '#'
   are skipped, the last line needs no newline. 1, or 0 without memory (the set is then empty). */
int nameset_list(struct nameset *set, char const *s, size_t len);

/* The same for lines "name:value": the value is all behind the first colon; lines without a colon are
   skipped; of equal names the last line wins. An empty name is a name. */
int nameset_map(struct nameset *set, char const *s, size_t len);

bool nameset_has(struct nameset const *set, char const *name, size_t len);

/* The entry of a name, null when it is not in the set. Its offsets count from set->text.s. */
struct nameset_entry const *nameset_entry_of(struct nameset const *set, char const *name, size_t len);

/* The value of a name, not terminated, owned by the set; null when the name is not in it. */
char const *nameset_value(struct nameset const *set, char const *name, size_t len, size_t *value_len);

/* The entry that speaks for a domain: the domain itself, else its longest suffix that begins with a
   dot (".b.c" before ".c" for a.b.c). Null when none does. */
struct nameset_entry const *nameset_domain(struct nameset const *set, char const *domain, size_t len);

/* How both are read: the next name, and of a map what is behind its colon, from *at on, which moves behind the line.
   False at the end. Nothing is terminated. */
struct nameset_line { char const *name, *value; size_t name_len, value_len; };
bool nameset_line_next(struct nameset_line *line, char const *s, size_t len, size_t *at, bool is_map);

bool nameset_same(char const *a, char const *b, size_t len);   /* without regard to ASCII case */

void nameset_free(struct nameset *set);

#endif
