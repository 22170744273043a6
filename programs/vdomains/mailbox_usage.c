#include <errno.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "mailbox_usage.h"
#include "maildirsize.h"
#include "maildirsize_count.h"
#include "tree.h"

static int maildir_open(struct field dir)
{
  static stralloc path = STRALLOC_ZERO;
  if (!bytes_setb(&path, dir.s, dir.len) || !bytes_add(&path, "/Maildir") || !bytes_z(&path)) return -1;
  return tree_open(path.s);
}

static bool measure(struct quota_usage *usage, int maildir, struct quota const *limit)
{
  struct maildirsize ledger;
  struct maildirsize_count count = MAILDIRSIZE_COUNT_ZERO;
  if (quota_is_none(limit)) {
    bool counted = maildirsize_count(&count, maildir);
    *usage = count.usage;
    maildirsize_count_free(&count);
    return counted;
  }
  if (!maildirsize_open(&ledger, maildir, limit, 0)) return false;
  *usage = ledger.usage;
  maildirsize_close(&ledger);
  return true;
}

bool mailbox_usage(struct quota_usage *usage, struct vpasswd const *record)
{
  struct quota limit;
  *usage = (struct quota_usage){ .bytes = 0 };
  quota_parse(&limit, record->quota.s, record->quota.len);
  if (!record->dir.len) return true;
  int maildir = maildir_open(record->dir);
  if (maildir == -1) return errno == ENOENT;
  bool measured = measure(usage, maildir, &limit);
  int e = errno;
  fd_close(maildir);
  errno = e;
  return measured;
}
