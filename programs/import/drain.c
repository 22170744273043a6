#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "become.h"
#include "die.h"
#include "drain.h"
#include "handover.h"
#include "seen.h"
#include "text.h"

enum { FILE_MAX = 64 << 20, DEPTH_MAX = 4, STOP_TRIES = 300 };

/* ---- programs of the other system ---- */

/* What it writes on descriptor 1 comes from *out, when that is wanted. */
static pid_t start(char const *const *argv, int *out)
{
  int p[2] = { -1, -1 };
  if (out && pipe2(p, O_CLOEXEC) == -1) strerr_diefusys(111, "make a pipe");
  pid_t pid = fork();
  if (pid == -1) strerr_diefusys(111, "fork");
  if (pid == 0) {
    if (out && dup2(p[1], 1) == -1) _exit(111);
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    execvp(argv[0], (char *const *)argv);
    _exit(127);
  }
  if (out) {
    fd_close(p[1]);
    *out = p[0];
  }
  return pid;
}

static bool ended_well(pid_t pid)
{
  int wstat;
  while (waitpid(pid, &wstat, 0) == -1)
    if (errno != EINTR) strerr_diefusys(111, "wait for a child of ours");
  return WIFEXITED(wstat) && WEXITSTATUS(wstat) == 0;
}

static bool run(char const *const *argv)
{
  return ended_well(start(argv, 0));
}

static bool output_of(stralloc *to, char const *const *argv)
{
  int fd;
  to->len = 0;
  pid_t pid = start(argv, &fd);
  ssize_t r;
  do {
    text_room(to, 65536);
    r = fd_read(fd, to->s + to->len, 65536);
    if (r > 0) to->len += (size_t)r;
  } while (r > 0 && to->len < FILE_MAX);
  fd_close(fd);
  bool good = ended_well(pid) && r == 0;
  return good;
}

/* ---- stopping and starting ---- */

struct old_service { char const *system, *name, *pid_file, *program; };

static struct old_service const services[] = {
  { "postfix",  "postfix",  "/var/spool/postfix/pid/master.pid", "master" },
  { "exim",     "exim4",    "/run/exim4/exim.pid",               "exim" },
  { "sendmail", "sendmail", "/run/sendmail/mta/sendmail.pid",    "sendmail" },
  { 0, 0, 0, 0 }
};

static struct old_service const *service_of(char const *system)
{
  struct old_service const *s = services;
  while (s->system && strcmp(s->system, system) != 0) s++;
  return s->system ? s : 0;
}

static bool is_there(char const *path)
{
  struct stat st;
  return seen(&st, path);
}

static bool tell_service(char const *system, char const *verb)
{
  struct old_service const *s = service_of(system);
  stralloc script = STRALLOC_ZERO;
  bool done = false;
  if (!s) return false;
  text_set(&script, "/etc/init.d/");
  text_add(&script, s->name);
  text_z(&script);
  if (is_there("/run/systemd/system")) done = run((char const *const[]){ "systemctl", verb, s->name, 0 });
  else if (strcmp(system, "postfix") == 0) done = run((char const *const[]){ "postfix", verb, 0 });
  else if (is_there(script.s)) done = run((char const *const[]){ script.s, verb, 0 });
  stralloc_free(&script);
  return done;
}

/* A file may be older than the host's last start, and who owns its directory may write anything: the process has to be the service's. */
static bool is_of_service(struct old_service const *s, char const *digits)
{
  char exe[PATH_MAX];
  stralloc proc = STRALLOC_ZERO;
  text_set(&proc, "/proc/");
  text_addb(&proc, digits, strspn(digits, "0123456789"));
  text_add(&proc, "/exe");
  ssize_t len = readlink(text_z(&proc), exe, sizeof exe - 1);
  if (len == -1 && errno != ENOENT && errno != ESRCH) strerr_diefusys(111, "read ", proc.s);
  stralloc_free(&proc);
  exe[len > 0 ? len : 0] = 0;
  char const *slash = strrchr(exe, '/');
  return slash && strncmp(slash + 1, s->program, strlen(s->program)) == 0;
}

/* The process that its file names; 0: there is none. */
static pid_t running(struct old_service const *s)
{
  char text[32];
  unsigned long pid;
  int fd = open(s->pid_file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 && errno != ENOENT) strerr_diefusys(111, "open ", s->pid_file);
  if (fd == -1) return 0;
  ssize_t len = fd_read(fd, text, sizeof text - 1);
  if (len == -1) strerr_diefusys(111, "read ", s->pid_file);
  fd_close(fd);
  if (len <= 0) return 0;
  text[len] = 0;
  char const *digits = text + strspn(text, " ");
  bool is_one = ulong_scan(digits, &pid) && pid > 1 && pid < INT_MAX && kill((pid_t)pid, 0) == 0;
  return is_one && is_of_service(s, digits) ? (pid_t)pid : 0;
}

/* By its service, or, where it was started by hand, by a signal; it has its time to end. */
static bool stop(char const *system)
{
  struct old_service const *s = service_of(system);
  if (!s) return false;
  if (running(s) || is_there("/run/systemd/system")) tell_service(system, "stop");
  pid_t pid = running(s);
  if (pid) kill(pid, SIGTERM);
  for (int i = 0; i < STOP_TRIES && running(s); i++) usleep(100000);
  return !running(s);
}

/* ---- files of a spool ---- */

static int open_spooled(char const *path, struct stat *st)
{
  int fd = open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd == -1) return -1;
  if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) && st->st_nlink == 1 && st->st_size <= FILE_MAX) return fd;
  fd_close(fd);
  return errno = EINVAL, -1;
}

static bool read_from(stralloc *to, int fd)
{
  struct stat st;
  to->len = 0;
  if (fstat(fd, &st) == -1) return false;
  text_room(to, (size_t)st.st_size + 1);
  errno = 0;
  to->len = allread(fd, to->s, (size_t)st.st_size);
  bool good = to->len == (size_t)st.st_size;
  errno = EIO;
  return good;
}

static bool read_spooled(stralloc *to, char const *path)
{
  struct stat st;
  int fd = open_spooled(path, &st);
  to->len = 0;
  if (fd == -1) return false;
  bool good = read_from(to, fd);
  fd_close(fd);
  errno = EIO;
  return good;
}

/* Whoever delivers it just now holds one of these, and may have put another file in its place when he let go. It is locked before
   anything is read of who has got it, and opened once: the end of another descriptor would be that of the lock. */
static bool is_held(int fd, char const *path)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  struct stat ours, there;
  if (fcntl(fd, F_SETLK, &lock) == -1 || flock(fd, LOCK_EX | LOCK_NB) == -1) return true;
  return fstat(fd, &ours) == -1 || lstat(path, &there) == -1 || ours.st_ino != there.st_ino;
}

static void leave(struct drain_count *count, char const *path, char const *why)
{
  strerr_warnw(path, ": left where it is: ", why);
  count->left++;
}

static void forget(char const *path)
{
  if (unlink(path) == -1 && errno != ENOENT) strerr_diefusys(111, "remove ", path);
}

static void sync_directory_of(char const *path)
{
  stralloc directory = STRALLOC_ZERO;
  text_setb(&directory, path, (size_t)(strrchr(path, '/') - path));
  int fd = open(text_z(&directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1 || fsync(fd) == -1) strerr_diefusys(111, "sync ", directory.s);
  fd_close(fd);
  stralloc_free(&directory);
}

/* "…/1abc-H" to "…/1abc-D", "…/qfX" to "…/dfX". */
static void other_name(stralloc *to, char const *path, char const *name, char first, char last)
{
  size_t at = strlen(path);
  text_set(to, path);
  if (first) to->s[at - strlen(name)] = first;
  if (last) to->s[at - 1] = last;
  text_z(to);
}

static struct spooled message;

/* The body's file, from there on; it goes last, since nobody misses it. */
static void hand_on(struct drain_count *count, char const *path, int body_fd, char const *body, off_t from, char const *journal)
{
  if (message.recipients.len && (lseek(body_fd, from, SEEK_SET) == -1 || !handover(&message, body_fd, path, 0, 0))) {
    leave(count, path, "it is not queued");
    return;
  }
  forget(path);
  forget(body);
  if (journal) forget(journal);
  sync_directory_of(path);
  count->taken += message.recipients.len > 0;
}

/* The lock of a message is on its body. */
static void take_exim(struct drain_count *count, char const *path, char const *name)
{
  static stralloc h = STRALLOC_ZERO, j = STRALLOC_ZERO, body = STRALLOC_ZERO, journal = STRALLOC_ZERO;
  struct stat st;
  size_t len = strlen(name);
  if (len < 3 || strcmp(name + len - 2, "-H") != 0) return;
  other_name(&body, path, name, 0, 'D');
  other_name(&journal, path, name, 0, 'J');
  int fd = open_spooled(body.s, &st);
  if (fd == -1) leave(count, path, "its body is not there");
  else if (is_held(fd, body.s)) leave(count, path, "somebody is at work on it");
  else if (!read_spooled(&j, journal.s) && errno != ENOENT) leave(count, journal.s, "it cannot be read");
  else if (!read_spooled(&h, path)) leave(count, path, "it cannot be read");
  else if (!spooled_read_exim(&message, (struct field){ h.s, h.len }, (struct field){ j.s, j.len })) leave(count, path, message.fault);
  else hand_on(count, path, fd, body.s, (off_t)len + 1, journal.s);
  if (fd != -1) fd_close(fd);
}

static void take_sendmail(struct drain_count *count, char const *path, char const *name)
{
  static stralloc qf = STRALLOC_ZERO, body = STRALLOC_ZERO;
  if (strncmp(name, "qf", 2) != 0) return;
  struct stat st, of_body;
  int fd = open_spooled(path, &st);
  other_name(&body, path, name, 'd', 0);
  int body_fd = open_spooled(body.s, &of_body);
  if (fd != -1 && is_held(fd, path)) leave(count, path, "somebody is at work on it");
  else if (fd == -1 || !read_from(&qf, fd)) leave(count, path, "it cannot be read");
  else if (!spooled_read_sendmail(&message, (struct field){ qf.s, qf.len })) leave(count, path, message.fault);
  else if (body_fd == -1) leave(count, path, "its body is not there");
  else hand_on(count, path, body_fd, body.s, 0, 0);
  if (fd != -1) fd_close(fd);
  if (body_fd != -1) fd_close(body_fd);
}

/* ---- Postfix: its own programs read the files ---- */

struct running { pid_t pid; };

static bool is_whole(void *source)
{
  struct running *r = source;
  return ended_well(r->pid);
}

static void take_postfix(struct drain_count *count, char const *path, char const *name)
{
  static stralloc shown = STRALLOC_ZERO;
  struct running content;
  int body;
  struct stat st;
  if (stat(path, &st) == -1) {
    leave(count, path, "it cannot be seen");
    return;
  }
  if (!(st.st_mode & S_IXUSR)) return;          /* nobody was told that it is accepted */
  if (!output_of(&shown, (char const *const[]){ "postcat", "-e", "--", path, 0 })) {
    leave(count, path, "postcat cannot read it");
    return;
  }
  if (!spooled_read_postfix(&message, (struct field){ shown.s, shown.len })) {
    leave(count, path, message.fault);
    return;
  }
  if (message.recipients.len) {
    content.pid = start((char const *const[]){ "postcat", "-bh", "--", path, 0 }, &body);
    bool queued = handover(&message, body, path, is_whole, &content);
    fd_close(body);
    if (!queued) {
      leave(count, path, "it is not queued");
      return;
    }
  }
  forget(path);
  sync_directory_of(path);
  count->taken += message.recipients.len > 0;
  (void)name;
}

/* ---- all ---- */

struct spool {
  char const *system, *path;
  void (*take)(struct drain_count *, char const *path, char const *name);
};

static struct spool const spools[] = {
  { "postfix",  "/var/spool/postfix/maildrop", take_postfix },
  { "postfix",  "/var/spool/postfix/incoming", take_postfix },
  { "postfix",  "/var/spool/postfix/active",   take_postfix },
  { "postfix",  "/var/spool/postfix/deferred", take_postfix },
  { "postfix",  "/var/spool/postfix/hold",     take_postfix },
  { "exim",     "/var/spool/exim4/input",      take_exim },
  { "sendmail", "/var/spool/mqueue",           take_sendmail },
  { "sendmail", "/var/spool/mqueue-client",    take_sendmail },
  { 0, 0, 0 }
};

/* Large queues have directories in directories, named by a letter. */
static void walk(struct spool const *spool, char const *path, struct drain_count *count, unsigned depth)
{
  struct dirent **entries;
  stralloc inner = STRALLOC_ZERO;
  int n = scandir(path, &entries, 0, alphasort);
  if (n == -1 && errno != ENOENT && errno != ENOTDIR) strerr_diefusys(111, "read directory ", path);
  for (int i = 0; i < n; i++) {
    struct stat st;
    text_set(&inner, path);
    text_add(&inner, "/");
    text_add(&inner, entries[i]->d_name);
    bool exists = *entries[i]->d_name != '.' && lstat(text_z(&inner), &st) == 0;
    if (*entries[i]->d_name != '.' && !exists && errno != ENOENT) leave(count, inner.s, "it cannot be seen");
    if (exists && S_ISDIR(st.st_mode) && depth < DEPTH_MAX) walk(spool, inner.s, count, depth + 1);
    else if (exists && S_ISREG(st.st_mode)) spool->take(count, inner.s, entries[i]->d_name);
    free(entries[i]);
  }
  if (n >= 0) free(entries);
  stralloc_free(&inner);
}

/* The directory may be written by its owner, so that every name in it may lead anywhere: root does nothing there, he does. */
static void walk_as_owner(struct spool const *spool, int to)
{
  struct drain_count count = { 0, 0 };
  struct stat st;
  bool there = seen_itself(&st, spool->path);
  if (!there && errno != ENOENT) strerr_diefusys(111, "stat ", spool->path);
  if (there && st.st_uid && !become(st.st_uid, st.st_gid)) strerr_diefusys(111, "become the owner of ", spool->path);
  if (there) walk(spool, spool->path, &count, 0);
  if (allwrite(to, (char const *)&count, sizeof count) < sizeof count) _exit(111);
  _exit(0);
}

static bool take_spool(struct spool const *spool, struct drain_count *count)
{
  struct drain_count part = { 0, 0 };
  int p[2];
  if (pipe2(p, O_CLOEXEC) == -1) strerr_diefusys(111, "make a pipe");
  pid_t pid = fork();
  if (pid == -1) strerr_diefusys(111, "fork");
  if (pid == 0) walk_as_owner(spool, p[1]);
  fd_close(p[1]);
  size_t got = allread(p[0], (char *)&part, sizeof part);
  fd_close(p[0]);
  count->taken += part.taken;
  count->left += part.left;
  return ended_well(pid) && got == sizeof part;
}

bool drain(char const *system, struct drain_count *count)
{
  bool good = true;
  *count = (struct drain_count){ 0, 0 };
  if (!stop(system)) strerr_dief(111, "unable to stop ", system);
  for (struct spool const *s = spools; s->system; s++)
    if (strcmp(s->system, system) == 0 && !take_spool(s, count)) good = false;
  return good;
}

bool drain_knows(char const *system)
{
  return service_of(system) != 0;
}

bool drain_back(char const *system)
{
  return tell_service(system, "start");
}
