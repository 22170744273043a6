#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "accounts.h"
#include "queue_layout.h"
#include "queue_path.h"

enum { QUEUE_USER, SEND_USER, REMOTE_USER, USERS };
static char const *const users[USERS] = { [QUEUE_USER] = "qmailq", [SEND_USER] = "qmails", [REMOTE_USER] = "qmailr" };

/* The group of all is qmail. Directories of messages are setgid: qmail-queue has its caller's group, yet its files must
   be readable for the group qmail. mess itself too: unnamed files are born there. */
static struct item { char const *path; mode_t type; int user; mode_t mode; } const items[] = {
  { "queue",                S_IFDIR, QUEUE_USER,  00750 },
  { "queue/mess",           S_IFDIR, QUEUE_USER,  02750 },
  { "queue/mess/%u",        S_IFDIR, QUEUE_USER,  02750 },    /* one for each remainder */
  { "queue/bounce",         S_IFDIR, SEND_USER,   00700 },
  { "queue/success",        S_IFDIR, SEND_USER,   00700 },
  { "queue/deferred",       S_IFDIR, SEND_USER,   00700 },
  { "queue/corrupt",        S_IFDIR, QUEUE_USER,  00700 },
  { "queue/copies",         S_IFDIR, REMOTE_USER, 00700 },
  { "queue/lock",           S_IFDIR, QUEUE_USER,  00750 },
  { "queue/" QUEUE_CONTROL,   S_IFDIR, SEND_USER,   00700 },
  { "queue/" QUEUE_TRIGGER,   S_IFIFO, SEND_USER,   00622 },
  { "queue/" QUEUE_BACKLOG,   S_IFIFO, SEND_USER,   00640 },
  { "queue/" QUEUE_SENDMUTEX, S_IFREG, SEND_USER,   00600 },
  { "queue/" QUEUE_TCPTO,     S_IFREG, REMOTE_USER, 00644 },
  { "queue/" QUEUE_TLS_FAILED, S_IFREG, REMOTE_USER, 00644 },
  { "queue/" QUEUE_TLS_PROVEN, S_IFREG, REMOTE_USER, 00644 }
};

enum { PATH_LIMIT = 64, MODE_BITS = 07777 };

struct repair {
  queue_layout_told *told;
  uid_t uid[USERS];
  gid_t gid;
  int dir;                    /* the directory that holds what is looked at */
  char const *name;           /* its name there */
  bool just_made, queue_made, only_look;
};

static char path[PATH_LIMIT];

static bool create(struct repair const *r, struct item const *item)
{
  int fd;
  switch (item->type) {
    case S_IFDIR: return mkdirat(r->dir, r->name, 0700) == 0;
    case S_IFIFO: return mkfifoat(r->dir, r->name, 0600) == 0;
    default:
      fd = openat(r->dir, r->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
      if (fd != -1) fd_close(fd);
      return fd != -1;
  }
}

/* A second name of a file could be anybody's file, hard-linked here to have its owner changed. */
static bool is_right_thing(struct stat const *st, struct item const *item)
{
  return (st->st_mode & S_IFMT) == item->type && (item->type == S_IFDIR || st->st_nlink == 1);
}

/* Something else has the name: it goes, unless it is or should be a directory, which may hold mail. */
static bool make_place(struct repair const *r, struct item const *item)
{
  struct stat st;
  if (fstatat(r->dir, r->name, &st, AT_SYMLINK_NOFOLLOW) == -1) return errno == ENOENT;
  if (is_right_thing(&st, item)) return true;
  if (item->type == S_IFDIR) return (errno = ENOTDIR, false);
  if (S_ISDIR(st.st_mode)) return (errno = EISDIR, false);
  if (unlinkat(r->dir, r->name, 0) == -1) return false;
  r->told(path, "removed what was no file of the right type");
  return true;
}

/* What was made a moment ago has no owner and mode to correct, and a queue that was made has no parts to make. */
static void tell(struct repair const *r, char const *what)
{
  if (!r->just_made && !r->queue_made) r->told(path, what);
}

/* Mode after owner: chown takes setuid and setgid bits away. */
static bool correct(struct repair const *r, struct item const *item, int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1) return false;
  if (!is_right_thing(&st, item)) return (errno = EAGAIN, false);
  uid_t uid = r->uid[item->user];
  if (st.st_uid != uid || st.st_gid != r->gid) {
    if (fchown(fd, uid, r->gid) == -1 || fstat(fd, &st) == -1) return false;
    tell(r, "corrected the owner");
  }
  if ((st.st_mode & MODE_BITS) == item->mode) return true;
  if (fchmod(fd, item->mode) == -1) return false;
  tell(r, "corrected the mode");
  return true;
}

/* queue itself may be a symbolic link to another disk: HOME is root's. */
static int open_item(struct repair const *r, struct item const *item)
{
  int how = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  if (item->type == S_IFDIR) how |= O_DIRECTORY;
  if (item != items) how |= O_NOFOLLOW;
  return openat(r->dir, r->name, how);
}

static void tell_made(struct repair *r, struct item const *item)
{
  bool is_queue = item == items;
  tell(r, is_queue ? "created, with all that belongs in it" : "created");
  r->just_made = true;
  if (is_queue) r->queue_made = true;
}

static bool repair_here(struct repair *r, struct item const *item)
{
  r->just_made = false;
  if (item != items && !make_place(r, item)) return false;
  int fd = open_item(r, item);
  if (fd == -1 && errno == ENOENT) {
    if (!create(r, item)) return false;
    tell_made(r, item);
    fd = open_item(r, item);
  }
  if (fd == -1) return false;
  bool done = correct(r, item, fd);
  fd_close(fd);
  return done;
}

/* The directory above the item, reached name by name. */
static int open_above(char const **name)
{
  char part[PATH_LIMIT];
  int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  char const *at = path, *slash;
  for (; dir != -1 && (slash = strchr(at, '/')); at = slash + 1) {
    snprintf(part, sizeof part, "%.*s", (int)(slash - at), at);
    int next = openat(dir, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (at == path ? 0 : O_NOFOLLOW));
    fd_close(dir);
    dir = next;
  }
  *name = at;
  return dir;
}

static void tell_what_must_be(struct repair const *r, char const *what, char const *right)
{
  char text[PATH_LIMIT];
  snprintf(text, sizeof text, "has wrong %s must be %s", what, right);
  r->told(path, text);
}

static char const *type_name(mode_t type)
{
  return type == S_IFDIR ? "a directory" : type == S_IFIFO ? "a FIFO" : "a file with one name";
}

static void look_at(struct repair const *r, struct item const *item, struct stat const *st)
{
  char mode[sizeof "07777"];
  snprintf(mode, sizeof mode, "%o", (unsigned)item->mode);
  if (!is_right_thing(st, item)) {
    tell_what_must_be(r, "type: it", type_name(item->type));
    return;
  }
  if (st->st_uid != r->uid[item->user]) tell_what_must_be(r, "owner: it", users[item->user]);
  if (st->st_gid != r->gid) tell_what_must_be(r, "group: it", "qmail");
  if ((st->st_mode & MODE_BITS) != item->mode) tell_what_must_be(r, "permissions: they", mode);
}

static bool look_here(struct repair const *r, struct item const *item)
{
  struct stat st;
  if (fstatat(r->dir, r->name, &st, item == items ? 0 : AT_SYMLINK_NOFOLLOW) == 0) look_at(r, item, &st);
  else if (errno != ENOENT) return false;
  else r->told(path, "does not exist");
  return true;
}

static bool repair(struct repair *r, struct item const *item)
{
  r->dir = open_above(&r->name);
  if (r->dir == -1) return r->only_look && (errno == ENOENT || errno == ENOTDIR);   /* what is above was told */
  bool done = r->only_look ? look_here(r, item) : repair_here(r, item);
  fd_close(r->dir);
  return done;
}

static bool repair_all(struct repair *r)
{
  for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
    unsigned times = strchr(items[i].path, '%') ? QUEUE_SPLIT : 1;
    for (unsigned n = 0; n < times; n++) {
      char const *percent = strchr(items[i].path, '%');
      if (percent) snprintf(path, sizeof path, "%.*s%u", (int)(percent - items[i].path), items[i].path, n);
      else snprintf(path, sizeof path, "%s", items[i].path);
      if (!repair(r, items + i)) return false;
    }
  }
  return true;
}

static bool begin(queue_layout_told *told, bool only_look, char const **culprit)
{
  struct repair r = { .told = told, .gid = account_gid("qmail"), .only_look = only_look };
  for (int i = 0; i < USERS; i++) r.uid[i] = account_uid(users[i]);
  mode_t old = umask(077);
  bool done = repair_all(&r);
  umask(old);
  *culprit = path;
  return done;
}

bool queue_layout_repair(queue_layout_told *told, char const **culprit)
{
  return begin(told, false, culprit);
}

bool queue_layout_look(queue_layout_told *told, char const **culprit)
{
  return begin(told, true, culprit);
}
