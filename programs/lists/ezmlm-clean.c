/* ezmlm-clean: posts on which nobody has decided in time go, back to their authors.

   runs as   the list's owner, from the list's .qmail files, or from cron
   reads     the list's settings, mod/
   changes   mod/pending, mod/unconfirmed, mod/accepted, mod/rejected; queues mails
   exits     0, 111 something could not be done: the next run does it
*/

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "list_options.h"
#include "list_words.h"
#include "moderation.h"
#include "number.h"

#define USAGE "ezmlm-clean [-mMrR] dir"

enum { HOURS = 120, HOURS_LEAST = 24, HOURS_MOST = 240, HOUR = 3600 };

static struct list list = LIST_ZERO;
static bool is_inline, drops;
static uint64_t hours;

static struct list_option const options[] = {
  { 'm', OPTION_OFF, &is_inline, 0 }, { 'M', OPTION_ON, &is_inline, 0 },
  { 'r', OPTION_OFF, &drops, 0 },     { 'R', OPTION_ON, &drops, "noreturnposts" },
  { 0 }
};

static uint64_t seconds_kept(void)
{
  stralloc value = STRALLOC_ZERO;
  if (list_setting(&value, &list, "modtime", 0)) number_scan(value.s, value.len, &hours);
  stralloc_free(&value);
  if (!hours) hours = HOURS;
  return HOUR * (hours < HOURS_LEAST ? HOURS_LEAST : hours > HOURS_MOST ? HOURS_MOST : hours);
}

/* What a moderator was asked about has the execute bit. */
static void send_back(char const *path, struct stat const *st)
{
  if (drops || !(st->st_mode & S_IXUSR)) return;
  int message = open(path, O_RDONLY | O_CLOEXEC);
  if (message == -1) list_die_system(&list, "ERR_OPEN", path);
  moderation_return(&list, message, &(struct moderation_return){ "mod-timeout", 0, { "", 0 }, is_inline });
  fd_close(message);
}

/* A file that may not be written is left alone. */
static void clean(enum moderation_place place, char const *name, uint64_t before)
{
  char path[MOD_PATH_MAX];
  struct stat st;
  uint64_t when = 0;
  number_scan(name, strlen(name), &when);
  if (*name == '.' || when >= before || strlen(name) >= MOD_NAME_MAX) return;
  moderation_path(path, place, name);
  if (stat(path, &st) == -1) {
    if (errno != ENOENT) list_die_system(&list, "ERR_STAT", path);
    return;
  }
  if (!S_ISREG(st.st_mode) || !(st.st_mode & S_IWUSR)) return;
  if (place == MOD_PENDING) send_back(path, &st);
  if (unlink(path) == -1 && errno != ENOENT) list_die_system(&list, "ERR_DELETE", path);
}

/* The list is made so; anything else may pass. */
static void not_opened(char const *path)
{
  if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) list_die_system(&list, "ERR_OPEN", path);
  list_warn_system(&list, "ERR_OPEN", path);
}

static void clean_place(enum moderation_place place, uint64_t before)
{
  char path[MOD_PATH_MAX];
  struct dirent *entry;
  moderation_path(path, place, "");
  DIR *dir = opendir(path);
  if (!dir) {
    not_opened(path);
    return;
  }
  while ((errno = 0, entry = readdir(dir))) clean(place, entry->d_name, before);
  if (errno) list_die_system(&list, "ERR_READ", path);
  closedir(dir);
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-clean";
  list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  sig_altignore(SIGPIPE);
  uint64_t now = (uint64_t)time(0), kept = seconds_kept();
  uint64_t before = now > kept ? now - kept : 0;
  if (access("mod", F_OK) == -1) list_warn_system(&list, "ERR_OPEN", "mod");
  else {
    list_lock("mod/lock");
    for (enum moderation_place place = 0; place < MOD_PLACES; place++) clean_place(place, before);
  }
  return 0;
}
