/* mbox_lock: the lock of an mbox, as qmail-local takes it. */

#ifndef MAILTREE_DOTQMAIL_MBOX_LOCK_H
#define MAILTREE_DOTQMAIL_MBOX_LOCK_H

/* Waits for it. "PROG: fatal: PATH is locked by another program", exit 111, after half a minute. */
void mbox_lock(int fd, char const *path);

#endif
