#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "accounts.h"
#include "mess_check.h"
#include "queue_path.h"

enum {
  PATH_LIMIT = 512,
  STRANGERS_TOLD = 10,          /* names that are none of a message, each told with its own line */
  SPLIT_DIGITS = 3,
  MESS_MODE = 0640, BOUNCE_MODE = 0600, MODE_BITS = 07777
};

/* ---- what is found ---- */

struct finding { unsigned long count; uint64_t first; };

static struct check {
  queue_layout_told *told;
  bool only_look;
  uid_t queue_user, send_user;
  gid_t group;
  int mess;                     /* the directory */
  struct finding rights, place;
  unsigned long strangers;
} k;

static char path[PATH_LIMIT];

static void count(struct finding *f, uint64_t id)
{
  if (!f->count++) f->first = id;
}

static void stranger(char const *dir, char const *name, char const *what)
{
  char where[PATH_LIMIT];
  if (k.strangers++ >= STRANGERS_TOLD) return;
  snprintf(where, sizeof where, "%.40s/%.200s", dir, name);
  for (char *s = where; *s; s++)
    if (*s < 33 || *s > 126) *s = '_';
  k.told(where, what);
}

static void tell(char const *dir, struct finding const *f, char const *found, char const *mended)
{
  char text[PATH_LIMIT];
  if (!f->count) return;
  snprintf(text, sizeof text, "%s %lu file%s, %llu the first%s", k.only_look ? found : mended, f->count,
           f->count == 1 ? "" : "s", (unsigned long long)f->first, k.only_look ? ": qmail-queuecheck mends that" : "");
  k.told(dir, text);
}

static void tell_strangers(char const *dir)
{
  char text[PATH_LIMIT];
  if (k.strangers > STRANGERS_TOLD) {
    snprintf(text, sizeof text, "%lu more names that nobody looks at", k.strangers - STRANGERS_TOLD);
    k.told(dir, text);
  }
  k.strangers = 0;
}

/* ---- rights ---- */

struct rights { uid_t uid; gid_t gid; mode_t mode; };

static bool right(struct stat const *st, struct rights const *r)
{
  return st->st_uid == r->uid && st->st_gid == r->gid && (st->st_mode & MODE_BITS) == r->mode;
}

/* A second name could be anybody's file, linked here to have its owner changed; so could a file be put in the place of the
   one that was looked at. */
static bool mend_rights(int dir, char const *name, struct rights const *r)
{
  struct stat st;
  int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd == -1) return errno == ENOENT;
  bool ok = fstat(fd, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_nlink != 1
            || (fchown(fd, r->uid, r->gid) == 0 && fchmod(fd, r->mode) == 0));
  fd_close(fd);
  return ok;
}

/* ---- places ---- */

/* False when a message of that number is there already. */
static bool mend_place(int dir, char const *name, uint64_t id)
{
  char split[SPLIT_DIGITS + 1];
  snprintf(split, sizeof split, "%u", (unsigned)(id % QUEUE_SPLIT));
  int to = openat(k.mess, split, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (to == -1) return false;
  bool ok = renameat2(dir, name, to, name, RENAME_NOREPLACE) == 0 && fsync(to) == 0;
  fd_close(to);
  return ok;
}

/* ---- one name ---- */

/* False when it cannot be looked at. Messages come and go: one that is gone is no trouble. *id is 0 where none is. */
static bool look_at_file(int dir, char const *where, char const *name, struct rights const *r, uint64_t *id)
{
  struct stat st;
  *id = 0;
  if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1) return errno == ENOENT;
  if (!S_ISREG(st.st_mode) || !queue_id_scan(name, strlen(name), id)) {
    stranger(where, name, "nobody looks at this name");
    return true;
  }
  if (right(&st, r)) return true;
  if (st.st_nlink != 1) {
    stranger(where, name, "the owner, group or mode is wrong, but the file has a second name");
    return true;
  }
  count(&k.rights, *id);
  return k.only_look || mend_rights(dir, name, r);
}

static bool look_at_message(int dir, int split, char const *name)
{
  struct rights const r = { k.queue_user, k.group, MESS_MODE };
  uint64_t id;
  if (!look_at_file(dir, path, name, &r, &id)) return false;
  if (!id || (int)(id % QUEUE_SPLIT) == split) return true;
  if (k.only_look || mend_place(dir, name, id)) count(&k.place, id);
  else if (errno != ENOENT) stranger(path, name, "in the wrong directory, and its own has this name already");
  return true;
}

static bool look_at_failures(int dir, int split, char const *name)
{
  struct rights const r = { k.send_user, k.group, BOUNCE_MODE };
  uint64_t id;
  (void)split;
  return look_at_file(dir, path, name, &r, &id);
}

/* ---- directories ---- */

static bool each_name(int at, char const *name, int split, bool (*look)(int dir, int split, char const *name))
{
  struct dirent const *d;
  int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd == -1 ? 0 : fdopendir(fd);
  if (!dir) return false;
  bool ok = true;
  while (ok && (d = readdir(dir)))
    if (d->d_name[0] != '.') ok = look(fd, split, d->d_name);
  closedir(dir);
  return ok;
}

/* Directories beyond the last split come from a queue that had more of them. */
static bool look_at_split(int dir, int unused, char const *name)
{
  struct stat st;
  uint64_t number = 0;
  (void)unused;
  snprintf(path, sizeof path, "queue/mess");
  bool is_number = !strcmp(name, "0") || queue_id_scan(name, strlen(name), &number);
  if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1) return errno == ENOENT;
  if (!S_ISDIR(st.st_mode)) return look_at_message(dir, -1, name);
  if (!is_number || strlen(name) > SPLIT_DIGITS) return (stranger(path, name, "nobody looks at this name"), true);
  snprintf(path, sizeof path, "queue/mess/%s", name);
  return each_name(dir, name, (int)number, look_at_message);
}

static bool check_mess(int queue)
{
  snprintf(path, sizeof path, "queue/mess");
  k.mess = openat(queue, "mess", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (k.mess == -1) return false;
  bool ok = each_name(queue, "mess", -1, look_at_split);
  fd_close(k.mess);
  tell("queue/mess", &k.rights, "wrong owner, group or mode:", "corrected owner, group and mode:");
  tell("queue/mess", &k.place, "in the wrong directory:", "moved to the right directory:");
  tell_strangers("queue/mess");
  return ok;
}

static bool check_texts(int queue, char const *name)
{
  char place[PATH_LIMIT];
  k.rights.count = 0;
  snprintf(place, sizeof place, "queue/%s", name);
  snprintf(path, sizeof path, "%s", place);
  bool ok = each_name(queue, name, 0, look_at_failures);
  tell(place, &k.rights, "wrong owner, group or mode:", "corrected owner, group and mode:");
  tell_strangers(place);
  return ok;
}

static bool check_bounce(int queue)
{
  return check_texts(queue, "bounce");
}

/* An older release has no such directory. */
static bool check_success(int queue)
{
  return check_texts(queue, "success") || errno == ENOENT;
}

/* Why a message waited that is no longer there is of interest to nobody. */
static bool look_at_deferrals(int dir, int split, char const *name)
{
  struct stat st;
  char mess[PATH_LIMIT];
  uint64_t id;
  (void)split;
  if (!queue_id_scan(name, strlen(name), &id)) return (stranger(path, name, "nobody looks at this name"), true);
  snprintf(mess, sizeof mess, "queue/mess/%u/%llu", (unsigned)(id % QUEUE_SPLIT), (unsigned long long)id);
  if (!k.only_look && lstat(mess, &st) == -1 && errno == ENOENT) unlinkat(dir, name, 0);
  return true;
}

static bool check_deferrals(int queue)
{
  snprintf(path, sizeof path, "queue/deferred");
  bool ok = each_name(queue, "deferred", 0, look_at_deferrals) || errno == ENOENT;
  tell_strangers("queue/deferred");
  return ok;
}

/* ---- the disk, and the program ---- */

static bool check_disk(void)
{
  static char const *const places[] = { "queue/mess", "queue/bounce", "queue/lock", 0 };
  for (char const *const *p = places; *p; p++) {
    if (access(*p, W_OK) == 0 || errno != EROFS) continue;
    k.told(*p, "the file system is read-only");
    return false;
  }
  return true;
}

/* A host without a queue of its own hands all its mail over to another one. */
static bool hands_over(char const *program)
{
  static char const client[] = "qmail-qmqpc";
  char to[sizeof client];
  ssize_t len = readlink(program, to, sizeof to);
  return len == sizeof client - 1 && !memcmp(to, client, sizeof client - 1);
}

static void check_program(void)
{
  static char const program[] = "bin/qmail-queue";
  struct stat st;
  struct statvfs fs;
  if (hands_over(program)) return;
  if (stat(program, &st) == -1 || statvfs(program, &fs) == -1) return;      /* others tell that it is missing */
  if (st.st_uid != k.queue_user || !(st.st_mode & S_ISUID)) k.told(program, "not setuid qmailq: it accepts no mail");
  else if (fs.f_flag & ST_NOSUID) k.told(program, "the file system is mounted nosuid: it accepts no mail");
}

/* ---- all ---- */

bool mess_is_old(void)
{
  static char const *const places[] = {
    "queue/takeover", "queue/todo", "queue/intd", "queue/info", "queue/local", "queue/remote", 0
  };
  struct stat st;
  for (char const *const *p = places; *p; p++) {
    if (lstat(*p, &st) == 0) return true;
    if (errno != ENOENT) strerr_diefusys(111, "stat ", *p);
  }
  return false;
}

bool mess_check(queue_layout_told *told, bool only_look, char const **culprit)
{
  k = (struct check){ .told = told, .queue_user = account_uid("qmailq"), .send_user = account_uid("qmails"),
                      .group = account_gid("qmail") };
  *culprit = path;
  check_program();
  k.only_look = !check_disk() || only_look;
  snprintf(path, sizeof path, "queue");
  int queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (queue == -1) return false;
  bool ok = check_mess(queue) && check_bounce(queue) && check_success(queue) && check_deferrals(queue);
  fd_close(queue);
  return ok;
}
