/* takeover_find: the files of an old queue, wherever they lie: unsplit, or split by any number.

   Before they are read, the directories of an old queue's states (todo, intd, info, local, remote, pid) move to
   takeover/KIND.G, G a generation from 0 on. From then on no old qmail-queue, still running perhaps, can commit a
   message: what is in todo is all there will ever be, and its caller hears of a temporary failure.

   Working directory HOME/queue. Every function ends the program with 111 when the system fails it. */

#ifndef MAILTREE_TAKEOVER_FIND_H
#define MAILTREE_TAKEOVER_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum old_kind { OLD_MESS, OLD_TODO, OLD_INTD, OLD_INFO, OLD_LOCAL, OLD_REMOTE, OLD_PID, OLD_KINDS };

enum { OLD_UNSPLIT = -1, OLD_PATH_MAX = 80 };

struct old_file {
  uint64_t id;
  int kind;
  int generation;
  int split;            /* or OLD_UNSPLIT */
};

/* All files of one number. */
struct old_message {
  uint64_t id;
  struct old_file const *files;
  size_t count;
};

/* Its file of a kind, or null. */
struct old_file const *old_file_of(struct old_message const *m, int kind);

/* "todo" */
char const *old_kind_name(int kind);

/* "takeover/info.0/3/457", "mess/457" */
void old_path(char path[OLD_PATH_MAX], struct old_file const *f);

/* Moves the old directories; false when there is nothing old here. */
bool old_gather(void);

/* All files, by number, then kind. The array is the caller's for good. */
struct old_file *old_find(size_t *count);

/* Removes pid files and what directories are empty; warns of those that are not. */
void old_remove_directories(void);

#endif
