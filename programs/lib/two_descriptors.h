/* two_descriptors: where one hears and where one speaks, handed to another process of this machine with the first bytes that it is told
   (SCM_RIGHTS, unix(7)). The socket is one of Unix. */

#ifndef MAILTREE_TWO_DESCRIPTORS_H
#define MAILTREE_TWO_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The bytes, at least one, are fewer than any socket's buffer holds. They stay open here. */
bool two_descriptors_send(int fd, void const *bytes, size_t len, int const descriptors[2]);

/* What has come, without waiting, at most size bytes: how many; the descriptors are close-on-exec. 0 when there are not exactly two with
   the first of it, or nobody is there; whatever came in vain is closed. */
size_t two_descriptors_take(int fd, void *to, size_t size, int descriptors[2]);

#endif
