#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/genalloc.h>

#include "lines.h"
#include "serial_site.h"
#include "smtp_route.h"
#include "text.h"
#include "tls_policy.h"

enum { RELAYHOST_MAX = 1024 };

static char const no_directory[] = "it is no directory";
static char const no_maildir[] = "there is no directory Maildir in it";
static char const by_root[] = "Maildir belongs to root, who sends no mail: give it to an account";
static char const by_another[] = "Maildir belongs to somebody else than the directory it is in";
static char const by_others[] = "others may write in it";
static char const in_tls[] =
  "control/tlspolicy asks for TLS, which is not spoken to such a host: nothing is sent until a line of its own there says may";

/* ---- names ---- */

static int compare(void const *a, void const *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(stralloc *names, size_t count)
{
  stralloc sorted = STRALLOC_ZERO;
  char **list = memory_zeroed(count + 1, sizeof *list);
  for (size_t i = 0, at = 0; i < count; i++, at += strlen(names->s + at) + 1) list[i] = names->s + at;
  qsort(list, count, sizeof *list, compare);
  for (size_t i = 0; i < count; i++) text_addb(&sorted, list[i], strlen(list[i]) + 1);
  free(list);
  stralloc_free(names);
  *names = sorted;
}

int serial_site_names(stralloc *names)
{
  size_t count = 0;
  struct stat st;
  struct dirent const *d;
  DIR *dir = opendir(SERIAL_SITES);
  names->len = 0;
  if (!dir) return errno == ENOENT ? 0 : -1;
  while ((errno = 0, d = readdir(dir))) {
    if (*d->d_name == '.' || fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISDIR(st.st_mode)) continue;
    text_addb(names, d->d_name, strlen(d->d_name) + 1);
    count++;
  }
  int e = errno;
  closedir(dir);
  sort(names, count);
  errno = e;
  return e ? -1 : 1;
}

/* ---- one of them ---- */

static int open_below(int dir, char const *name)
{
  return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A Maildir of somebody else's could have been moved there. */
static char const *fault_of_owner(struct serial_site const *site, struct stat const *dir)
{
  if (!site->uid) return by_root;
  if (dir->st_uid && dir->st_uid != site->uid) return by_another;
  if (!dir->st_uid && dir->st_mode & 022) return by_others;
  return 0;
}

static char const *fault_of(struct serial_site *site)
{
  struct stat dir, maildir;
  if (fstat(site->dir, &dir) == -1) return no_directory;
  site->maildir = open_below(site->dir, "Maildir");
  if (site->maildir == -1 || fstat(site->maildir, &maildir) == -1) return no_maildir;
  site->uid = maildir.st_uid;
  site->gid = maildir.st_gid;
  return fault_of_owner(site, &dir);
}

char const *serial_site_open(struct serial_site *site, char const *name)
{
  int sites = open(SERIAL_SITES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  *site = (struct serial_site){ .dir = sites == -1 ? -1 : open_below(sites, name), .maildir = -1 };
  if (sites != -1) fd_close(sites);
  if (site->dir == -1) return no_directory;
  char const *fault = fault_of(site);
  if (fault) serial_site_close(site);
  return fault;
}

void serial_site_close(struct serial_site *site)
{
  if (site->dir != -1) fd_close(site->dir);
  if (site->maildir != -1) fd_close(site->maildir);
  site->dir = site->maildir = -1;
}

/* ---- what is in it ---- */

static bool look_in(struct serial_waiting *w, struct serial_site const *site, char const *part, size_t most)
{
  struct stat st;
  struct dirent const *d;
  int fd = open_below(site->maildir, part);
  DIR *dir = fd == -1 ? 0 : fdopendir(fd);
  if (!dir) return fd == -1 ? false : (fd_close(fd), false);
  while (w->messages < most && (d = readdir(dir))) {
    if (*d->d_name == '.' || fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1 || !S_ISREG(st.st_mode)) continue;
    if (!w->messages++ || st.st_mtime < w->oldest) w->oldest = st.st_mtime;
  }
  closedir(dir);
  return true;
}

bool serial_site_look(struct serial_waiting *w, struct serial_site const *site, size_t most)
{
  *w = (struct serial_waiting){ 0, 0 };
  return look_in(w, site, "new", most) && look_in(w, site, "cur", most);
}

/* A line that makes no sense stops mail here as elsewhere. */
char const *serial_site_refusal(struct nameset const *tlspolicy, char const *name)
{
  return policy_for(tlspolicy, name, 0).level >= POLICY_ENCRYPT ? in_tls : 0;
}

bool serial_site_relay(stralloc *host, unsigned *port, int relayhost, char const *name)
{
  char text[RELAYHOST_MAX];
  struct text_line line;
  struct smtp_route route;
  size_t at = 0;
  errno = 0;
  size_t len = allread(relayhost, text, sizeof text);
  if (errno && errno != EPIPE) return false;
  if (!lines_next(&line, text, len, &at) || !line.len) line = (struct text_line){ name, strlen(name) };
  smtp_route_parse(&route, line.s, line.len);
  text_setb(host, route.host, route.host_len);
  text_z(host);
  *port = route.port;
  if (host->len && *host->s != '-' && !memchr(host->s, ' ', host->len) && route.port && !route.tls) return true;
  errno = EINVAL;
  return false;
}
