/* serial_site: a directory HOME/serialmail/HOST, in which mail waits for a host that is not always there:

     RELAYHOST         where it goes: a name or address, and a port, as in smtproutes; empty: HOST. Also the lock
     Maildir           of the account that owns the mail
     .qmail-default    ./Maildir/

   Its users have written some of it: no name in it is followed elsewhere. */

#ifndef MAILTREE_SERIAL_SITE_H
#define MAILTREE_SERIAL_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include <skalibs/stralloc.h>

#include "nameset.h"

#define SERIAL_SITES "serialmail"

enum { SERIAL_SITE_NAME_MAX = 255 };

struct serial_site {
  int dir, maildir;           /* open */
  uid_t uid;                  /* whose mail it is */
  gid_t gid;
};

/* Replaces *names by the directories there are, in the order of the alphabet, each with its NUL. 1; 0 when there is no
   HOME/serialmail, -1 with errno. The working directory is HOME. */
int serial_site_names(stralloc *names);

/* Null, or what is wrong with it; then nothing is open. */
char const *serial_site_open(struct serial_site *site, char const *name);
void serial_site_close(struct serial_site *site);

struct serial_waiting { size_t messages; time_t oldest; };    /* its mtime; 0 without messages */

/* Counts messages, at most so many; one is enough for who would only know whether there is one. False with errno. */
bool serial_site_look(struct serial_waiting *w, struct serial_site const *site, size_t most);

/* Null, or why nothing of it may be sent: control/tlspolicy, whose lines these are, asks for TLS, which is not spoken here. */
char const *serial_site_refusal(struct nameset const *tlspolicy, char const *name);

/* Where its mail goes. False with errno, EINVAL for what is no such line. The file is a user's: root only looks whether it is one. */
bool serial_site_relay(stralloc *host, unsigned *port, int relayhost, char const *name);

#endif
