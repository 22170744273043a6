#include <string.h>

#include <skalibs/allreadwrite.h>

#include "archive.h"
#include "list_mail.h"
#include "post.h"

_Noreturn void post_archive_failed(struct post const *p)
{
  char path[ARCHIVE_PATH_MAX];
  archive_post(path, p->number);
  list_die_system(&p->list, "ERR_WRITE", path);
}

void post_flush(struct post *p)
{
  if (p->archive_fd != -1 && allwrite(p->archive_fd, p->unwritten, p->used) < p->used) post_archive_failed(p);
  p->used = 0;
}

static void to_archive(struct post *p, char const *s, size_t len)
{
  while (len) {
    size_t n = sizeof p->unwritten - p->used;
    if (n > len) n = len;
    memcpy(p->unwritten + p->used, s, n);
    p->used += n;
    s += n;
    len -= n;
    if (p->used == sizeof p->unwritten) post_flush(p);
  }
}

void post_put(struct post *p, enum post_where where, char const *s, size_t len)
{
  if (where & TO_ARCHIVE && p->archive_fd != -1) to_archive(p, s, len);
  if (where & TO_QUEUE) list_mail_put(s, len);
}

void post_add(struct post *p, enum post_where where, char const *s)
{
  post_put(p, where, s, strlen(s));
}
