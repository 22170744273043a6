#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "dotqmail.h"
#include "local_dotqmail.h"
#include "local_end.h"
#include "local_limits.h"
#include "temporary.h"
#include "text.h"

/* A descriptor, or -1 when there is no such file. Rights and passing trouble are no proof of absence. */
static int open_candidate(char const *file, struct stat *st)
{
  int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) {
    if (temporary(errno) || errno == EPERM || errno == EACCES)
      local_defer_errno("Unable to open ", file, "(#4.3.0)");
    return -1;
  }
  if (fstat(fd, st) == -1) local_defer_errno("Unable to stat ", file, "(#4.3.0)");
  if (S_ISREG(st->st_mode)) return fd;
  close(fd);
  return -1;
}

static void slurp(stralloc *to, int fd, char const *file, off_t size)
{
  if (size > DOTQMAIL_MAX) local_defer("Uh-oh: ", file, " is too large. (#4.3.0)");
  /* One byte more than there should be, so that a file that grows meanwhile is noticed. */
  if (!bytes_ready(to, (size_t)size + 1)) die_nomem();
  ssize_t r = fd_read(fd, to->s, (size_t)size + 1);
  if (r == -1) local_defer_errno("Unable to read ", file, "(#4.3.0)");
  if (r != size) local_defer("Uh-oh: ", file, " is being changed. (#4.2.1)");
  to->len = (size_t)r;
}

static bool try_candidate(struct dotqmail *to, stralloc const *file, mode_t forbidden)
{
  struct stat st;
  text_addb(&to->tried, file->s, file->len + 1);
  int fd = open_candidate(file->s, &st);
  if (fd == -1) return false;
  if (st.st_mode & forbidden) local_defer("Uh-oh: .qmail file is writable. (#4.7.0)");
  to->found = true;
  to->name = to->tried.s + to->tried.len - file->len - 1;
  to->forward_only = (st.st_mode & S_IXUSR) != 0;
  slurp(&to->text, fd, file->s, st.st_size);
  close(fd);
  return true;
}

void dotqmail_read(struct dotqmail *to, struct local_mail *m, mode_t forbidden)
{
  struct dotqmail_search search = { .dash = m->dash, .ext = m->ext, .name = STRALLOC_ZERO };
  int r;
  to->found = to->forward_only = false;
  to->text.len = to->tried.len = 0;
  while ((r = dotqmail_next(&search)) == 1 && !try_candidate(to, &search.name, forbidden));
  if (r == -1) die_nomem();
  m->default_part = r == 1 ? search.default_part : 0;
  stralloc_free(&search.name);
}

static bool exists(char const *file)
{
  struct stat st;
  if (stat(file, &st) == 0) return true;
  if (temporary(errno)) local_defer_errno("Unable to stat ", file, "(#4.3.0)");
  return false;
}

static bool owner_exists(struct local_mail const *m, char const *ending)
{
  stralloc file = STRALLOC_ZERO;
  if (!dotqmail_name(&file, m->dash, m->ext, strlen(m->ext), ending)) die_nomem();
  bool found = exists(file.s);
  stralloc_free(&file);
  return found;
}

void dotqmail_owners(struct local_mail const *m, bool *has_owner, bool *has_owner_default)
{
  *has_owner = owner_exists(m, "-owner");
  *has_owner_default = *has_owner && owner_exists(m, "-owner-default");
}
