/* own_disk: whether a file lies on a disk that this machine alone writes, so that what stat says of a name is so now. Of a disk
   that others write (NFS, CIFS, FUSE) the kernel answers from memory, up to a minute old. */

#ifndef MAILTREE_OWN_DISK_H
#define MAILTREE_OWN_DISK_H

#include <stdbool.h>

/* False of a kind of file system that is not known here. */
bool own_disk(int fd);

#endif
