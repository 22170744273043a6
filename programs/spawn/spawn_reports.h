/* spawn_reports: what qmail-send is told (delivery_wire.h), kept until it has read it. */

#ifndef MAILTREE_SPAWN_REPORTS_H
#define MAILTREE_SPAWN_REPORTS_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "delivery_wire.h"

struct spawn_reports {       /* nobody else looks inside */
  stralloc unsent;
  bool unwanted;             /* qmail-send is gone */
};

/* The greeting. False without memory. */
bool spawn_reports_begin(struct spawn_reports *to);

/* Bytes that wait to be read. */
size_t spawn_reports_waiting(struct spawn_reports const *to);

/* To descriptor 1, which does not block, as much as it takes. */
void spawn_reports_flush(struct spawn_reports *to);

/* The report of recipient number i of the command. Letter K, Z or D; or all that can be reported, where the slot is
   filled in. */
void spawn_report(struct spawn_reports *to, struct wire_command const *command, size_t i, char letter, char const *text,
                  size_t len);
void spawn_report_in_full(struct spawn_reports *to, struct wire_command const *command, size_t i,
                          struct wire_report report);

/* Texts of the spawner's own begin with their letter. */
void spawn_report_text(struct spawn_reports *to, struct wire_command const *command, size_t i, char const *letter_and_text);
void spawn_report_all(struct spawn_reports *to, struct wire_command const *command, char const *letter_and_text);

#endif
