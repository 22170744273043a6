/* lock: whole-file locks that other programs (setlock, qmail, ezmlm) respect: flock(2), never fcntl.

   A lock belongs to the open description: it is kept across fork and exec and ends when the last
   descriptor of it is closed. */

#ifndef MAILTREE_LOCK_H
#define MAILTREE_LOCK_H

#include <stdbool.h>

/* Waits for the exclusive lock. False with errno when locking is impossible here. */
bool lock_wait(int fd);

/* Takes the exclusive lock if nobody has any. False with errno EWOULDBLOCK when somebody has. */
bool lock_try(int fd);

/* Waits so many seconds for the exclusive lock of a file that nobody else can open, and so hold; it is made when it is
   not there. Its descriptor, or -1 with errno, EWOULDBLOCK after the time. */
int lock_own_file(char const *path, unsigned seconds);

/* The same for a program that cannot do without: waits a minute, then ends with 111 and says who has it. The lock ends
   with the process. The path is from HOME. */
void lock_own_file_or_die(char const *path);

/* Takes a shared lock if nobody has the exclusive one. False with errno EWOULDBLOCK when somebody has. */
bool lock_try_shared(int fd);

#endif
