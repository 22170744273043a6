/* rule_records: the texts that rules become, each with its instructions, and which of several for one text counts:
   that of the narrowest line, of equally narrow ones the first. tcpserver itself prefers the longest text. */

#ifndef MAILTREE_RULE_RECORDS_H
#define MAILTREE_RULE_RECORDS_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "rule_address.h"
#include "rule_line.h"

/* Offsets into the texts. */
struct rule_record {
  size_t key, key_len, instructions, instructions_len;
  size_t line, beaten_by;       /* 0: it counts */
  unsigned bits;
};

struct rule_records {
  struct rule_record *list;     /* in the order of lines */
  size_t count, room;
  stralloc texts;
};
#define RULE_RECORDS_ZERO { 0, 0, 0, STRALLOC_ZERO }

void rule_records_add(struct rule_records *to, struct rule_line const *rule, struct rule_address const *a,
                      size_t line);
void rule_records_choose(struct rule_records *r);

/* Whether nothing counts of a line, and which other one does instead. *at goes through the list with the lines. */
size_t rule_records_beaten(struct rule_records const *r, size_t line, size_t *at);

/* As lines for tcprules(1). */
void rule_records_write(stralloc *to, struct rule_records const *r);

void rule_records_free(struct rule_records *r);

#endif
