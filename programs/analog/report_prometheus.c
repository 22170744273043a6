#include "report_show.h"
#include "text.h"

/* Logs are forgotten in time, so that what they say can go down: these are gauges, of the time that was asked for. */
void report_prometheus(stralloc *to, struct report const *r)
{
  text_add(to, "# HELP mailtree_report_seconds How long a time the other numbers are of.\n"
               "# TYPE mailtree_report_seconds gauge\nmailtree_report_seconds ");
  text_addu(to, (uint64_t)(r->until - r->since));
  text_addc(to, '\n');
  for (enum report_total t = 0; t < TOTALS; t++) {
    text_add(to, "# HELP mailtree_report_");
    text_add(to, report_totals[t].name);
    text_add(to, " In that time: ");
    text_add(to, report_totals[t].text);
    text_add(to, ".\n# TYPE mailtree_report_");
    text_add(to, report_totals[t].name);
    text_add(to, " gauge\nmailtree_report_");
    text_add(to, report_totals[t].name);
    text_addc(to, ' ');
    text_addu(to, r->totals[t]);
    text_addc(to, '\n');
  }
}
