#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rule_records.h"
#include "text.h"

static void add_instructions(stralloc *to, struct rule_line const *rule)
{
  struct rule_variable v;
  text_add(to, rule->is_deny ? "deny" : "allow");
  for (size_t at = 0; rule_line_variable(&v, rule, &at);) {
    text_add(to, ",");
    text_addb(to, v.name, v.name_len);
    text_add(to, "=");
    text_addc(to, v.quote);
    text_addb(to, v.value, v.value_len);
    text_addc(to, v.quote);
  }
}

static struct rule_record *new_record(struct rule_records *r)
{
  if (r->count == r->room) {
    r->room = r->room ? 2 * r->room : 256;
    struct rule_record *longer = reallocarray(r->list, r->room, sizeof *longer);
    if (!longer) die_nomem();
    r->list = longer;
  }
  return &r->list[r->count++];
}

void rule_records_add(struct rule_records *to, struct rule_line const *rule, struct rule_address const *a,
                      size_t line)
{
  struct rule_record record = { .instructions = to->texts.len, .line = line, .bits = a->bits };
  add_instructions(&to->texts, rule);
  record.instructions_len = to->texts.len - record.instructions;
  char const *key = a->keys.s;
  for (size_t i = 0; i < a->count; i++) {
    record.key = to->texts.len;
    record.key_len = strlen(key);
    text_addb(&to->texts, key, record.key_len);
    *new_record(to) = record;
    key += record.key_len + 1;
  }
}

static int compare_keys(char const *texts, struct rule_record const *a, struct rule_record const *b)
{
  int order = memcmp(texts + a->key, texts + b->key, a->key_len < b->key_len ? a->key_len : b->key_len);
  return order ? order : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

/* The one that counts comes first. */
static int by_key(void const *x, void const *y, void *texts)
{
  struct rule_record const *a = x, *b = y;
  int order = compare_keys(texts, a, b);
  if (order) return order;
  if (a->bits != b->bits) return a->bits > b->bits ? -1 : 1;
  return (a->key > b->key) - (a->key < b->key);
}

static int by_line(void const *x, void const *y)
{
  struct rule_record const *a = x, *b = y;
  return (a->key > b->key) - (a->key < b->key);
}

void rule_records_choose(struct rule_records *r)
{
  if (!r->count) return;
  qsort_r(r->list, r->count, sizeof *r->list, by_key, r->texts.s);
  struct rule_record const *winner = r->list;
  for (struct rule_record *one = r->list + 1; one < r->list + r->count; one++)
    if (compare_keys(r->texts.s, winner, one) == 0) one->beaten_by = winner->line;
    else winner = one;
  qsort(r->list, r->count, sizeof *r->list, by_line);
}

size_t rule_records_beaten(struct rule_records const *r, size_t line, size_t *at)
{
  bool counts = false;
  size_t by = 0;
  while (*at < r->count && r->list[*at].line < line) ++*at;
  for (; *at < r->count && r->list[*at].line == line; ++*at) {
    by = r->list[*at].beaten_by;
    counts |= !by;
  }
  return counts ? 0 : by;
}

void rule_records_write(stralloc *to, struct rule_records const *r)
{
  for (size_t i = 0; i < r->count; i++) {
    struct rule_record const *one = r->list + i;
    if (one->beaten_by) continue;
    text_addb(to, r->texts.s + one->key, one->key_len);
    text_add(to, ":");
    text_addb(to, r->texts.s + one->instructions, one->instructions_len);
    text_add(to, "\n");
  }
}

void rule_records_free(struct rule_records *r)
{
  stralloc_free(&r->texts);
  free(r->list);
}
