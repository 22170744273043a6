/* setting: read the environment by a table, as control reads files.

     static struct setting const settings[] = {
       { "DATABYTES",    SETTING_LIMIT, &databytes, 0 },
       { "SMTPD_HEADER", SETTING_IS,    &kept,      "keep" },
       { 0 }
     };
*/

#ifndef MAILTREE_SMTP_SETTING_H
#define MAILTREE_SMTP_SETTING_H

#include <stdbool.h>

enum { SETTING_BLOCKING_MAX = 200 };  /* bytes of the text in RBLSMTPD */

enum setting_kind {
  SETTING_LINE,       /* stralloc: the value, unless it is empty */
  SETTING_NUMBER,     /* unsigned long: its leading digits; without any nothing changes, and the log says so */
  SETTING_LIMIT,      /* the same, but no digit means no limit, 0 */
  SETTING_THERE,      /* bool: the variable is set */
  SETTING_IS,         /* bool: its value is the word */
  SETTING_HAS,        /* bool: the word is among those of its value, which are separated by blanks */
  SETTING_BLOCKING    /* struct refusal_made: what rblsmtpd would say */
};

struct setting {
  char const *variable;         /* null ends the table */
  enum setting_kind kind;
  void *to;                     /* stays as it is when the variable is not set */
  char const *word;
};

/* What a variable alone can bring about is so no longer. */
void setting_forget(struct setting const *table);

/* False without memory. */
bool setting_load(struct setting const *table);

#endif
