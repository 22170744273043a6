/* send_text: the texts qmail-send makes of addresses and reports. */

#ifndef MAILTREE_SEND_TEXT_H
#define MAILTREE_SEND_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "fields.h"

/* Whether the sender has the form x@h-@[] and becomes another one for each recipient. */
bool verp(char const *sender, size_t len);

/* Replaces *to by the sender for this recipient: of x@h-@[] and r@d, xr=d@h; any other sender as it is. */
void verp_expand(stralloc *to, char const *sender, char const *recipient);

/* The length of the sender as a bounce sees it: without the -@[] of x@h-@[]. */
size_t verp_stripped(char const *sender, size_t len);

/* Replaces *to by the paragraph of bounce/N about a recipient; host completes an address without '@'. */
void bounce_paragraph(stralloc *to, char const *recipient, stralloc const *host, char const *report, size_t len);

/* Appends a recipient as paragraphs have him. */
void bounce_address(stralloc *to, char const *recipient, stralloc const *host);

/* What a sender is told of: recipients who failed; who were reached, since he wished to know; who still wait. */
enum report_kind { REPORT_FAILURE, REPORT_SUCCESS, REPORT_DELAY, REPORT_KINDS };

enum { REPORT_BOUNDARY = 32 };      /* bytes of a boundary */

struct bounce_names {
  enum report_kind kind;
  stralloc const *from, *host;      /* of the From line */
  char const *to;                   /* the bounce goes there */
  size_t to_len;
  char const *sender;               /* of the message that failed, VERP form and all */
  bool is_double;                   /* that message was a bounce itself */
  bool headers_only;                /* of it no more goes back, */
  bool is_wide;                     /* and that has a header beyond ASCII (RFC 6532) */
  char const *boundary;             /* of a report in parts (RFC 6522), which no text has; null: the plain form */
  time_t retry_until;               /* for REPORT_DELAY */
};

/* Replaces *to by what a bounce begins with: header, greeting. 1, or 0 without memory. */
int bounce_head(stralloc *to, struct bounce_names const *names, time_t date);

/* Replaces *to by what stands between the paragraphs and the copy of the message; in a report of parts that is but the end
   of the first. 1/0. */
int bounce_break(stralloc *to, struct bounce_names const *names);

/* Each replaces *to by what comes then in a report of parts: the second, to which a group for each recipient belongs
   (status_text.h); what stands before the message; the end. 1/0. */
int report_fields(stralloc *to, struct bounce_names const *names, struct field envid, time_t arrival);
int report_original(stralloc *to, struct bounce_names const *names);
int report_end(stralloc *to, struct bounce_names const *names);

#endif
