/* limit_line: a line of control/limits: how much of what an address, a login or a domain may do in a time.

     [CLASS:] SUBJECT [NAME] WHAT NUMBER/PERIOD      address messages 100/hour
     [CLASS:] SUBJECT [NAME] free                    login shop@example.net free

   Pure. */

#ifndef MAILTREE_MAIL_LIMIT_LINE_H
#define MAILTREE_MAIL_LIMIT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

enum { LIMIT_MOST = 1000000000 };       /* greater numbers are none */

enum limit_subject { LIMIT_ADDRESS, LIMIT_LOGIN, LIMIT_DOMAIN, LIMIT_SUBJECTS };
enum limit_what { LIMIT_CONNECTIONS, LIMIT_MESSAGES, LIMIT_RECIPIENTS, LIMIT_WHATS };
enum limit_period { LIMIT_MINUTE, LIMIT_HOUR, LIMIT_DAY, LIMIT_PERIODS };

extern char const *const limit_subjects[LIMIT_SUBJECTS], *const limit_whats[LIMIT_WHATS], *const limit_periods[LIMIT_PERIODS];
extern uint32_t const limit_seconds[LIMIT_PERIODS];

struct limit_line {
  struct field class;           /* empty: for those who belong to none */
  enum limit_subject subject;
  struct field name;            /* empty: for each of them. An address or network; a login, or @ and the domain of many; a domain */
  bool is_free;                 /* without any limit, and the rest means nothing */
  enum limit_what what;
  enum limit_period period;
  uint32_t most;                /* 0: no limit */
};

/* Null; or what is wrong with the line. */
char const *limit_line_read(struct limit_line *l, char const *s, size_t len);

#endif
