/* tables: what the reports of qmailanalog count, by name: of whom, and in which columns. */

#ifndef MAILTREE_TABLES_H
#define MAILTREE_TABLES_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "record.h"

struct table;

/* Null when there is none of that name: deferrals, failures, successes, recipients, rhosts, rxdelay, senders, suids. */
struct table const *table_named(char const *name);

/* Whether its names are reasons: sentences with underscores for blanks. */
bool table_has_reasons(struct table const *table);

void table_count(struct table const *table, struct record const *record);

/* The names of its columns, and its rows in the order in which their names came; a line each. */
void table_heading(stralloc *to, struct table const *table);
void table_rows(stralloc *to, struct table const *table);

#endif
