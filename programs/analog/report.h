/* report: a time of the mail system in numbers: what is shown to people, as JSON, as HTML and to Prometheus is one
   structure and the tables that name its parts. */

#ifndef MAILTREE_REPORT_H
#define MAILTREE_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "fields.h"
#include "matching.h"
#include "tally.h"

enum { REPORT_TOP = 10, REPORT_SLOTS_MAX = 400, REPORT_COLUMNS = 3 };

enum report_total {
  TOTAL_TAKEN, TOTAL_BYTES, TOTAL_DELIVERED, TOTAL_FAILED, TOTAL_DEFERRED, TOTAL_REFUSED, TOTAL_LOGINS, TOTALS
};
enum report_slot_value { SLOT_TAKEN, SLOT_DELIVERED, SLOT_FAILED, SLOT_DEFERRED, SLOT_VALUES };
enum report_part { PART_SLOWEST, PART_SENDERS, PART_RECIPIENTS, PART_FAILURES, PART_DEFERRALS, PART_REFUSED, PART_LOGINS, PARTS };

struct report {
  char const *host;
  int64_t since, until;                     /* seconds; until is not in it */
  int64_t begin, step;                      /* of the slots: hours, or longer times */
  size_t slots;
  uint64_t totals[TOTALS], slot[REPORT_SLOTS_MAX][SLOT_VALUES];
  struct tally parts[PARTS];
  struct matching matching;
};

struct report_word { char const *name, *text; };         /* for programs, and for people */
extern struct report_word const report_totals[TOTALS], report_slot_values[SLOT_VALUES];

struct report_column {
  struct report_word word;
  double (*of)(struct tally_sums const *);
  int decimals;
};

/* Its rows are ordered by the first column, the largest first. */
struct report_part_kind {
  struct report_word word;
  char const *row;                          /* what a row is */
  struct report_column columns[REPORT_COLUMNS];
};
extern struct report_part_kind const report_parts[PARTS];

void report_begin(struct report *report, char const *host, int64_t since, int64_t until);

/* The next line of a log. Another log begins after report_log_end. */
void report_line(struct report *report, struct field line);
void report_log_end(struct report *report);

/* The first rows of a part in their order; how many. */
size_t report_top(struct tally_row const *top[REPORT_TOP], struct report const *report, enum report_part part);

#endif
