/* report_show: a report in each of its forms. */

#ifndef MAILTREE_REPORT_SHOW_H
#define MAILTREE_REPORT_SHOW_H

#include <skalibs/stralloc.h>

#include "report.h"

void report_text(stralloc *to, struct report const *report);          /* for a terminal: printable ASCII alone */
void report_json(stralloc *to, struct report const *report);
void report_html(stralloc *to, struct report const *report);          /* one file: no script, nothing from elsewhere */
void report_prometheus(stralloc *to, struct report const *report);    /* for the textfile collector of node-exporter */

#endif
