#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#include "bytes.h"
#include "cdb_bytes.h"
#include "nameset_cdb.h"

static unsigned char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : (unsigned char)c;
}

bool nameset_same(char const *a, char const *b, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

static uint32_t hash(char const *s, size_t len)
{
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < len; i++) h = (h ^ lower(s[i])) * 16777619u;
  return h;
}

/* The slot that holds the name, or the free one where it would go. There is always a free one. */
static uint32_t *slot_of(struct nameset const *set, char const *name, size_t len)
{
  size_t i = hash(name, len) & (set->slot_count - 1);
  for (;;) {
    uint32_t *slot = set->slots + i;
    if (!*slot) return slot;
    struct nameset_entry const *e = &set->entries[*slot - 1];
    if (e->name_len == len && nameset_same(set->text.s + e->name, name, len)) return slot;
    i = (i + 1) & (set->slot_count - 1);
  }
}

static int find_entry(struct nameset const *set, char const *name, size_t len, struct field *value)
{
  uint32_t slot = set->count ? *slot_of(set, name, len) : 0;
  if (!slot) return 0;
  struct nameset_entry const *e = &set->entries[slot - 1];
  *value = (struct field){ set->text.s + e->value, e->value_len };
  return 1;
}

/* No domain of mail, and no address, is longer. */
static int find_record(struct nameset const *set, char const *name, size_t len, struct field *value)
{
  char key[NAMESET_CDB_NAME_MAX + 1];
  if (len > NAMESET_CDB_NAME_MAX) return 0;
  key[0] = NAMESET_CDB_NAME;
  for (size_t i = 0; i < len; i++) key[i + 1] = (char)lower(name[i]);
  return cdb_bytes_find(value, set->cdb, set->cdb_len, key, len + 1);
}

int nameset_find(struct nameset const *set, char const *name, size_t len, struct field *value)
{
  return set->cdb ? find_record(set, name, len, value) : find_entry(set, name, len, value);
}

static size_t count_lines(char const *s, size_t len)
{
  size_t lines = 1;
  for (size_t i = 0; i < len; i++) lines += s[i] == '\n';
  return lines;
}

static int reserve(struct nameset *set, char const *s, size_t len)
{
  size_t lines = count_lines(s, len);
  set->slot_count = 4;
  while (set->slot_count < 2 * lines) set->slot_count *= 2;
  set->entries = calloc(lines, sizeof *set->entries);
  set->slots = calloc(set->slot_count, sizeof *set->slots);
  if (set->entries && set->slots && bytes_setb(&set->text, s, len)) return 1;
  nameset_free(set);
  return 0;
}

static void add(struct nameset *set, struct nameset_entry e)
{
  uint32_t *slot = slot_of(set, set->text.s + e.name, e.name_len);
  if (!*slot) *slot = (uint32_t)++set->count;
  set->entries[*slot - 1] = e;
}

bool nameset_line_next(struct nameset_line *line, char const *s, size_t len, size_t *at, bool is_map)
{
  while (*at < len) {
    char const *begin = s + *at, *newline = memchr(begin, '\n', len - *at);
    char const *end = newline ? newline : s + len;
    *at = (size_t)(end - s) + 1;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t')) end--;
    if (end == begin || *begin == '#') continue;
    char const *colon = is_map ? memchr(begin, ':', (size_t)(end - begin)) : end;
    if (!colon) continue;
    char const *value = is_map ? colon + 1 : end;
    *line = (struct nameset_line){ begin, value, (size_t)(colon - begin), (size_t)(end - value) };
    return true;
  }
  return false;
}

static int build(struct nameset *set, char const *s, size_t len, bool is_map)
{
  struct nameset_line l;
  nameset_free(set);
  if (!reserve(set, s, len)) return 0;
  for (size_t at = 0; nameset_line_next(&l, s, len, &at, is_map);)
    add(set, (struct nameset_entry){ .name = (size_t)(l.name - s), .name_len = l.name_len,
                                     .value = (size_t)(l.value - s), .value_len = l.value_len });
  return 1;
}

int nameset_index(struct nameset *set)
{
  if (!set->is_raw) return 1;
  stralloc text = set->text;
  set->text = (stralloc)STRALLOC_ZERO;
  int r = build(set, text.s, text.len, true);
  stralloc_free(&text);
  return r;
}

int nameset_list(struct nameset *set, char const *s, size_t len) { return build(set, s, len, false); }
int nameset_map(struct nameset *set, char const *s, size_t len) { return build(set, s, len, true); }

bool nameset_has(struct nameset const *set, char const *name, size_t len)
{
  struct field value;
  return nameset_find(set, name, len, &value) == 1;
}

char const *nameset_value(struct nameset const *set, char const *name, size_t len, size_t *value_len)
{
  struct field value;
  if (nameset_find(set, name, len, &value) != 1) return 0;
  *value_len = value.len;
  return value.s;
}

int nameset_find_domain(struct nameset const *set, char const *domain, size_t len, struct field *value)
{
  int r = 0;
  for (size_t i = 0; !r && i < len; i++)
    if (!i || domain[i] == '.') r = nameset_find(set, domain + i, len - i, value);
  return r;
}

void nameset_free(struct nameset *set)
{
  free(set->entries);
  free(set->slots);
  stralloc_free(&set->text);
  if (set->is_mapped) munmap((void *)set->cdb, set->cdb_len);
  *set = (struct nameset)NAMESET_ZERO;
}
