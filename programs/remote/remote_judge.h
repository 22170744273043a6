/* remote_judge: from the end of a qmail-remote to one report for each of its recipients. */

#ifndef MAILTREE_REMOTE_JUDGE_H
#define MAILTREE_REMOTE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "delivery_wire.h"

struct judgement {
  char letter;                 /* K, Z or D */
  char outcome;                /* of delivery_wire.h */
  unsigned most;               /* likewise */
  size_t len;
  char text[WIRE_REPORT_MAX];
};

/* The report for recipient number i of count: wait status and output (remote_report.h) of the program; cut tells that
   the output was longer. */
void judge_recipient(struct judgement *j, int wstat, char const *output, size_t len, bool cut, size_t i, size_t count);

/* What it said of where mail for a host goes (record W): the length of the name, at *name in the output. Empty when it
   said nothing of the kind, as another program in its place will. */
size_t judge_where(char const **name, int wstat, char const *output, size_t len);

#endif
