/* durable: the first half of making a new file durable. */

#ifndef MAILTREE_DURABLE_H
#define MAILTREE_DURABLE_H

#include <stdbool.h>

/* Writes the file's bytes to the disk and waits for them, but commits nothing: a name that the file gets afterwards
   cannot reach the disk before its bytes do, whoever commits the journal in between. The second half, after the link,
   is one fsync; together they cost no more than that fsync alone. False with errno: bytes may be lost, the file is
   not to be used. */
bool durable_bytes(int fd);

#endif
