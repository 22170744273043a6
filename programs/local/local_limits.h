/* local_limits: every bound of qmail-local, as its manual page lists them. */

#ifndef MAILTREE_LOCAL_LIMITS_H
#define MAILTREE_LOCAL_LIMITS_H

enum {
  DOTQMAIL_MAX = 16 << 20,            /* bytes of a .qmail file */
  LOCAL_MEMORY_MAX = 256 << 20,       /* bytes of data qmail-local itself may use; programs are not bound by it */
  MBOX_LOCK_SECONDS = 30,
  MBOX_TRIES = 5,                     /* times a file is opened that was replaced before it was locked */
  DOTLOCK_STALE_SECONDS = 300,        /* age of a FILE.lock whose maker is gone */
  MAILDIR_SECONDS = 86400
};

#endif
