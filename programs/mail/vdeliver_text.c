#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>

#include "bytes.h"
#include "dir_file.h"
#include "vdeliver_internal.h"

/* ---- texts ---- */

static int open_file(char const *path)
{
  struct stat st;
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))) return fd;
  fd_close(fd);
  errno = ENOENT;
  return -1;
}

int vdeliver_open_of_site(struct vdeliver const *v, char const *directory, char const *name)
{
  stralloc path = STRALLOC_ZERO;
  errno = ENOENT;
  if (!v->task.site) return -1;
  int fd = vdeliver_join(&path, v->task.site, directory, name, (char *)0) ? open_file(path.s) : -1;
  stralloc_free(&path);
  return fd;
}

int vdeliver_text_open(struct vdeliver const *v, char const *name)
{
  int fd = open_file(name);
  return fd == -1 ? vdeliver_open_of_site(v, "/domains/", name) : fd;
}

/* What is longer is cut; the report ends its lines itself. */
int vdeliver_text(struct vdeliver const *v, stralloc *to, char const *name, size_t max)
{
  int fd = vdeliver_text_open(v, name);
  if (fd == -1) return 0;
  ssize_t r = bytes_room(to, max) ? fd_read(fd, to->s + to->len, max) : -1;
  fd_close(fd);
  if (r > 0) to->len += (size_t)r;
  while (r > 0 && to->len && to->s[to->len - 1] == '\n') to->len--;
  return r > 0;
}

/* ---- rules ---- */

static bool parse_rules(struct vdeliver *v, struct vrules *rules, stralloc const *text, char const *file)
{
  size_t line = vrules_parse(rules, text->s, text->len);
  return !line || vdeliver_slip(v, file, line, "it says nothing that is known");
}

/* The file is closed. One that is not there says nothing. */
static bool take_rules(struct vdeliver *v, struct vrules *rules, int fd, char const *file)
{
  stralloc text = STRALLOC_ZERO;
  if (fd == -1) return errno == ENOENT || vdeliver_trouble(v, "open ", file);
  bool taken = dir_file_read_fd(&text, fd, VRULES_MAX) ? parse_rules(v, rules, &text, file) : vdeliver_trouble(v, "read ", file);
  fd_close(fd);
  stralloc_free(&text);
  return taken;
}

/* A domain that has an owner of its own may not see what the site says. */
static int open_rules_of_site(struct vdeliver const *v)
{
  int fd = vdeliver_open_of_site(v, "/etc/", VRULES_OF_SITE);
  if (fd == -1 && (errno == EACCES || errno == ENOTDIR)) errno = ENOENT;
  return fd;
}

bool vdeliver_rules(struct vrules *rules, void *with)
{
  struct vdeliver *v = with;
  return take_rules(v, rules, open_rules_of_site(v), "etc/" VRULES_OF_SITE)
      && take_rules(v, rules, open_file(VRULES_OF_DOMAIN), VRULES_OF_DOMAIN);
}
