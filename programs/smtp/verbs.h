/* verbs: what a client may say, a function for each, and the table of them. */

#ifndef MAILTREE_SMTP_VERBS_H
#define MAILTREE_SMTP_VERBS_H

#include <stdbool.h>
#include <stddef.h>

/* Each is handed its argument: all behind the blanks. */
void verb_helo(char *arg, size_t len);
void verb_ehlo(char *arg, size_t len);
void verb_auth(char *arg, size_t len);
void verb_mail(char *arg, size_t len);
void verb_rcpt(char *arg, size_t len);
void verb_data(char *arg, size_t len);
void verb_bdat(char *arg, size_t len);
void verb_starttls(char *arg, size_t len);
void verb_xclient(char *arg, size_t len);
void verb_etrn(char *arg, size_t len);
void verb_atrn(char *arg, size_t len);

/* Whether TLS can be had and is not on already. */
bool starttls_is_offered(void);

/* The greeting stands behind 220, 221 and 250. */
void hello_say_greeting(char const *code, char const *behind);

/* A line that cannot be obeyed, since it is too long or broken, would have been BDAT: what follows it is text. */
bool verbs_lose_a_chunk(char const *line, size_t len);

/* Does what the line asks for. */
void verbs_obey(char *line, size_t len);

#endif
