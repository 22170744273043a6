/* dir_lock: one at a time changes a table in a domain's directory. */

#ifndef MAILTREE_DIR_LOCK_H
#define MAILTREE_DIR_LOCK_H

/* Waits so many seconds for the lock of the file name in the directory, which is made when it is not there. It excludes
   programs of vpopmail, too: it is the lock of fcntl(2), but stays with the descriptor. Only the directory's owner and
   root can have it. Its descriptor, or -1 with errno, EWOULDBLOCK after the time. */
int dir_lock(int directory, char const *name, unsigned seconds);

#endif
