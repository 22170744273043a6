#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "control.h"
#include "counts_file.h"
#include "kept.h"
#include "nameset.h"

#define COUNTS LIMIT_PLACE "/counts"
#define ASIDE LIMIT_PLACE "/counts.new"

void counts_file_read(struct usages *all, uint64_t t)
{
  stralloc text = STRALLOC_ZERO;
  struct nameset_line line;
  size_t at = 0;
  if (control_slurp_path(&text, COUNTS) == -1) strerr_warnwusys("read ", COUNTS);
  while (nameset_line_next(&line, text.s, text.len, &at, false)) kept_read(all, line.name, line.name_len, t);
  stralloc_free(&text);
}

static bool write_all(int fd, struct usages *all, uint64_t t)
{
  static char space[65536];
  char line[KEPT_LINES_MAX];
  buffer b = BUFFER_INIT(&buffer_write, fd, space, sizeof space);
  enum limit_subject subject;
  size_t at = 0;
  for (struct usage *u; (u = usage_next(all, &subject, &at));) {
    size_t len = kept_line(line, subject, u, t);
    if (buffer_put(&b, line, len) != (ssize_t)len) return false;
  }
  return buffer_flush(&b);
}

void counts_file_write(struct usages *all, uint64_t t)
{
  int fd = open(ASIDE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool done = fd != -1 && write_all(fd, all, t);
  if (fd != -1) fd_close(fd);
  if (done && rename(ASIDE, COUNTS) == 0) return;
  strerr_warnwusys("write ", COUNTS);
  unlink(ASIDE);
}
