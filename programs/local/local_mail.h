/* local_mail: what qmail-local was told about one delivery, and the texts that follow from it. No input or output. */

#ifndef MAILTREE_LOCAL_MAIL_H
#define MAILTREE_LOCAL_MAIL_H

#include <time.h>

#include <skalibs/stralloc.h>

struct local_mail {
  char const *user, *home, *local, *dash, *ext, *host, *sender, *default_delivery;
  char const *default_part;      /* the end of ext that "default" in the .qmail file's name stands for, or null */
  /* Each with an uncounted NUL behind it. */
  stralloc extras;               /* what belongs to the message and its recipient (envelope_extra.h); mostly nothing */
  stralloc new_sender;           /* envelope sender of forwards */
  stralloc delivered_to, return_path, from_line;     /* header lines and mbox line, each with its newline */
};

/* Builds the three lines. Dies without memory. */
void local_mail_lines(struct local_mail *m, time_t now);

/* The sender of forwards: the address of -owner, when has_owner; its VERP form, when has_owner_default too. */
void local_mail_new_sender(struct local_mail *m, int has_owner, int has_owner_default);

/* HOST without its last n labels, as a length; as long as the host when there are not so many dots. */
size_t local_mail_host_without(char const *host, int n);

/* EXT behind its n-th hyphen, empty when there are fewer. */
char const *local_mail_ext_behind(char const *ext, int n);

#endif
