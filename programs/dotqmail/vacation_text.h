/* vacation_text: the file that says what is answered, and when: a message with its header, as .vacation.msg has always been, and
   fields that are not sent: "Starts: 2026-07-01", "Ends: 2026-07-14", "Days: 7". Pure. */

#ifndef MAILTREE_DOTQMAIL_VACATION_TEXT_H
#define MAILTREE_DOTQMAIL_VACATION_TEXT_H

#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { VACATION_SUBJECT_MAX = 800, VACATION_DATE = 11 };     /* bytes of a stranger's subject; of a date, with its NUL */

struct vacation_text {
  stralloc text;                          /* what is sent */
  char starts[VACATION_DATE], ends[VACATION_DATE];      /* empty when not said; as texts they are in the order of days */
  uint64_t days;                          /* between two answers to one sender; 0 when not said */
  char const *fault;                      /* what is wrong with a field, or null */
};

/* Replaces *to. $SUBJECT in the file becomes the subject of the message that is answered, on one line. */
void vacation_text_read(struct vacation_text *to, struct field file, struct field subject);

#endif
