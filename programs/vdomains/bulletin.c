#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>

#include "bulletin.h"
#include "date.h"
#include "mail_header.h"
#include "maildir.h"
#include "quota.h"
#include "text.h"
#include "tree.h"

/* ---- the message ---- */

/* What lacks a date gets one; what has no header at all is a text, and gets an end of the header. */
static bool make_head(struct bulletin *b)
{
  struct mail_header header = MAIL_HEADER_ZERO;
  struct field unused;
  char space[4096];
  buffer in;
  buffer_init(&in, &buffer_read, b->fd, space, sizeof space);
  if (mail_header_read(&header, &in) == MAIL_HEADER_UNREADABLE) return false;
  if (!mail_header_find(&unused, &header, "Date")) {
    text_add(&b->head, "Date: ");
    if (!date_header(&b->head, time(0))) die_nomem();
    text_addc(&b->head, '\n');
  }
  if (!mail_header_count(&header) && header.body_start.len) text_addc(&b->head, '\n');
  stralloc_free(&header.text);
  stralloc_free(&header.body_start);
  genalloc_free(struct mail_header_field, &header.fields);
  return true;
}

enum bulletin_opened bulletin_open(struct bulletin *b, char const *path)
{
  struct stat st;
  b->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (b->fd == -1 || fstat(b->fd, &st) == -1) return BULLETIN_UNREADABLE;
  if (!S_ISREG(st.st_mode)) return BULLETIN_NO_FILE;
  if (!st.st_size) return BULLETIN_EMPTY;
  return make_head(b) ? BULLETIN_OPEN : BULLETIN_UNREADABLE;
}

/* ---- one file for all ---- */

static bool copy(int from, int to)
{
  char block[65536];
  for (off_t at = 0;;) {
    ssize_t r = pread(from, block, sizeof block, at);
    if (r == -1 && errno == EINTR) continue;
    if (r <= 0) return r == 0 && fsync(to) == 0;
    if (allwrite(to, block, (size_t)r) != (size_t)r) return false;
    at += r;
  }
}

void bulletin_share(struct bulletin *b, int directory)
{
  b->shared = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (b->shared == -1 || copy(b->fd, b->shared)) return;
  fd_close(b->shared);
  b->shared = -1;
}

/* ---- a mailbox ---- */

static int enter_all(int home)
{
  static char const *const parts[] = { "tmp", "new", "cur" };
  int maildir = tree_enter(home, "Maildir", 0700);
  for (size_t i = 0; maildir != -1 && i < sizeof parts / sizeof *parts; i++) {
    int part = tree_enter(maildir, parts[i], 0700);
    if (part != -1) fd_close(part);
    else {
      int e = errno;
      fd_close(maildir);
      maildir = -1;
      errno = e;
    }
  }
  return maildir;
}

static int maildir_enter(struct field dir)
{
  static stralloc path = STRALLOC_ZERO;
  char const *name;
  text_setb(&path, dir.s, dir.len);
  int parent = tree_open_parent(text_z(&path), &name);
  if (parent == -1) return -1;
  int home = tree_enter(parent, name, 0750);
  int maildir = home == -1 ? -1 : enter_all(home);
  int e = errno;
  if (home != -1) fd_close(home);
  fd_close(parent);
  errno = e;
  return maildir;
}

/* A file has only so many names, and none on another disk. */
static enum maildir_result put(struct bulletin const *b, char const *address, struct quota const *limit)
{
  static stralloc head = STRALLOC_ZERO;
  uint64_t percent;
  enum maildir_result r = MAILDIR_TROUBLE;
  struct maildir_delivery wanted = { .dir = ".", .head = "", .message_fd = b->shared };
  if (b->shared != -1) r = maildir_link_within(&wanted, limit, &percent);
  if (b->shared != -1 && (r != MAILDIR_TROUBLE || (errno != EMLINK && errno != EXDEV))) return r;
  text_set(&head, "");
  if (b->shared == -1) {
    text_add(&head, "To: ");
    text_add(&head, address);
    text_addc(&head, '\n');
    text_addx(&head, &b->head);
  }
  wanted = (struct maildir_delivery){ .dir = ".", .head = head.s, .head_len = head.len, .message_fd = b->fd };
  return maildir_deliver_within(&wanted, limit, &percent);
}

enum bulletin_result bulletin_deliver(struct bulletin const *b, struct vpasswd const *record, char const *address)
{
  struct quota limit;
  if (!record->dir.len) return BULLETIN_NO_HOME;
  int maildir = maildir_enter(record->dir);
  if (maildir == -1) return BULLETIN_TROUBLE;
  quota_parse(&limit, record->quota.s, record->quota.len);
  enum maildir_result r = fchdir(maildir) == -1 ? MAILDIR_TROUBLE : put(b, address, &limit);
  int e = errno;
  fd_close(maildir);
  errno = e;
  return r == MAILDIR_OK ? BULLETIN_DELIVERED : r == MAILDIR_OVER_QUOTA ? BULLETIN_FULL : BULLETIN_TROUBLE;
}
