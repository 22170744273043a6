/* verbs: what a client may say, a function for each, and the table of them. */

#ifndef MAILTREE_SMTP_VERBS_H
#define MAILTREE_SMTP_VERBS_H

#include <stddef.h>

/* Each is handed its argument: all behind the blanks. */
void verb_helo(char const *arg, size_t len);
void verb_ehlo(char const *arg, size_t len);
void verb_mail(char const *arg, size_t len);
void verb_rcpt(char const *arg, size_t len);
void verb_data(char const *arg, size_t len);

/* The greeting stands behind 220, 221 and 250. */
void hello_say_greeting(char const *code, char const *behind);

/* Does what the line asks for. */
void verbs_obey(char const *line, size_t len);

#endif
