/* spawn_watch: whether files that matter to agents are still the same. Whoever changes a program, an account or a
   control file need not tell us. */

#ifndef MAILTREE_SPAWN_WATCH_H
#define MAILTREE_SPAWN_WATCH_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

enum { SPAWN_WATCHED_MAX = 20 };

struct spawn_stamp { dev_t dev; ino_t ino; off_t size; struct timespec changed, modified; };

struct spawn_watch {
  struct spawn_stamp program, files[SPAWN_WATCHED_MAX];     /* as last seen; all zero: there was none */
};

/* Whether one is another than last time. Program null: there is none; files end with a null. *st is what the program
   is now, all zero when there is none. */
bool spawn_watch_sees_change(struct spawn_watch *w, char const *program, char const *const *files, struct stat *st);

#endif
