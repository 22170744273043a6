#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "local_dotqmail.h"
#include "local_end.h"
#include "local_limits.h"
#include "temporary.h"
#include "text.h"

/* ".qmail", the dash, the first len bytes of ext made safe, and the ending. */
static void name(stralloc *to, struct local_mail const *m, size_t len, char const *ending)
{
  text_set(to, ".qmail");
  text_add(to, m->dash);
  size_t start = to->len;
  local_mail_safe(to, m->ext);
  to->len = start + len;
  text_add(to, ending);
  text_z(to);
}

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
  if (!stralloc_ready(to, (size_t)size + 1)) die_nomem();
  errno = 0;
  to->len = allread(fd, to->s, (size_t)size + 1);
  if (errno && errno != EPIPE) local_defer_errno("Unable to read ", file, "(#4.3.0)");
  if (to->len != (size_t)size) local_defer("Uh-oh: ", file, " is being changed. (#4.2.1)");
}

static bool try_candidate(struct dotqmail *to, stralloc const *file)
{
  struct stat st;
  text_addb(&to->tried, file->s, file->len + 1);
  int fd = open_candidate(file->s, &st);
  if (fd == -1) return false;
  if (st.st_mode & HOME_FORBIDDEN_BITS) local_defer("Uh-oh: .qmail file is writable. (#4.7.0)");
  to->found = true;
  to->forward_only = (st.st_mode & S_IXUSR) != 0;
  slurp(&to->text, fd, file->s, st.st_size);
  close(fd);
  return true;
}

void dotqmail_read(struct dotqmail *to, struct local_mail *m)
{
  stralloc file = STRALLOC_ZERO;
  m->default_part = 0;
  to->found = to->forward_only = false;
  to->text.len = to->tried.len = 0;
  size_t len = strlen(m->ext);
  name(&file, m, len, "");
  if (!try_candidate(to, &file))
    for (size_t i = len + 1; i--;) {
      if (i && m->ext[i - 1] != '-') continue;
      name(&file, m, i, "default");
      if (!try_candidate(to, &file)) continue;
      m->default_part = m->ext + i;
      break;
    }
  stralloc_free(&file);
}

static bool exists(char const *file)
{
  struct stat st;
  if (stat(file, &st) == 0) return true;
  if (temporary(errno)) local_defer_errno("Unable to stat ", file, "(#4.3.0)");
  return false;
}

void dotqmail_owners(struct local_mail const *m, bool *has_owner, bool *has_owner_default)
{
  stralloc file = STRALLOC_ZERO;
  name(&file, m, strlen(m->ext), "-owner");
  *has_owner = exists(file.s);
  name(&file, m, strlen(m->ext), "-owner-default");
  *has_owner_default = *has_owner && exists(file.s);
  stralloc_free(&file);
}
