/* maild_files: files of a virtual domain by the paths of vpopmaild's protocol, domain/path or user@domain/path: below the directory of
   the domain, or the home of the user. The kernel sees to it that no path leads out of there and that no symbolic link is followed. */

#ifndef MAILTREE_VDOMAINS_MAILD_FILES_H
#define MAILTREE_VDOMAINS_MAILD_FILES_H

#include "named.h"

enum { MAILD_FILE_MAX = 1 << 20 };      /* bytes of one that is shown */

struct maild_file {
  struct named const *named;    /* without a user: the domain */
  char const *path;             /* below; empty: the directory itself */
  char const *to;               /* another name in the same directory; or what is to be written */
  size_t to_len;
};

/* In a child that is the owner of the domain, in its directory (named_work). Each returns 0, or ends the process with a refusal. */
int maild_file_list(void *file);        /* "NAME dir" and "NAME file" a line, on descriptor 1 */
int maild_file_stat(void *file);        /* "uid: 89" */
int maild_file_read(void *file);
int maild_file_write(void *file);       /* a new one, or the whole of an old one */
int maild_file_remove(void *file);
int maild_file_rename(void *file);
int maild_dir_make(void *file);
int maild_dir_remove(void *file);       /* with all that is in it */

#endif
