/* maildir2mbox: move the messages of a Maildir into an mbox.

   runs as   the user whose mail it is
   reads     MAILDIR, MAIL and MAILTMP from the environment, the Maildir, the mbox
   changes   the mbox, which is replaced as a whole under its lock; then removes the messages from the Maildir
   exits     0, 111 trouble, and then nothing has been moved; what is in both is told
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "date.h"
#include "fields.h"
#include "maildir_files.h"
#include "mbox_lock.h"
#include "mbox_quote.h"
#include "replace.h"
#include "text.h"

enum { TROUBLE = 111 };

static char const *maildir, *mbox, *aside;
static struct replacement r = REPLACEMENT_ZERO;
static buffer out;
static char space[65536];

static char const *needed(char const *value, char const *name)
{
  if (!value) strerr_dief(TROUBLE, name, " not set");
  return value;
}

static void read_environment(void)
{
  maildir = needed(getenv("MAILDIR"), "MAILDIR");
  mbox = needed(getenv("MAIL"), "MAIL");
  aside = needed(getenv("MAILTMP"), "MAILTMP");
}

/* ---- what is moved ---- */

static void find_messages(struct maildir_files *files)
{
  time_t now = time(0);
  if (!maildir_files_add(files, "new", now)) strerr_diefusys(TROUBLE, "scan ", maildir, "/new");
  if (!maildir_files_add(files, "cur", now)) strerr_diefusys(TROUBLE, "scan ", maildir, "/cur");
  maildir_files_sort(files);
}

/* Of whoever died while he wrote: nobody reads them, and nobody will. */
static void remove_stale(void)
{
  enum { STALE_SECONDS = 36 * 3600 };
  struct maildir_files files = MAILDIR_FILES_ZERO;
  struct stat st;
  time_t now = time(0);
  maildir_files_add(&files, "tmp", now);
  for (size_t i = 0; i < maildir_files_count(&files); i++) {
    char const *name = maildir_files_name(&files, i);
    if (stat(name, &st) == 0 && st.st_atime < now - STALE_SECONDS) unlink(name);
  }
}

/* ---- writing ---- */

static _Noreturn void cannot(char const *what, char const *name)
{
  replace_forget(&r);
  strerr_diefusys(TROUBLE, what, name);
}

static void put(void *to, char const *s, size_t len)
{
  (void)to;
  if (buffer_put(&out, s, len) != (ssize_t)len) cannot("write ", aside);
}

/* A line that was never ended would swallow the next From_ line. */
static void put_old(int fd)
{
  char block[65536], last = '\n';
  ssize_t n;
  while ((n = fd_read(fd, block, sizeof block)) > 0) {
    put(0, block, (size_t)n);
    last = block[n - 1];
  }
  if (n == -1) cannot("read ", mbox);
  if (last != '\n') put(0, "\n", 1);
}

/* "Return-Path: <x>" is the first line of what qmail-local delivers. */
static struct field sender_in(char const *head, size_t len)
{
  static char const name[] = "Return-Path: <";
  size_t prefix = sizeof name - 1, line = 0;
  while (line < len && head[line] != '\n') line++;
  if (line <= prefix || line == len || memcmp(head, name, prefix) != 0 || head[line - 1] != '>') return field_of("XXX");
  return line == prefix + 1 ? field_of("MAILER-DAEMON") : (struct field){ head + prefix, line - prefix - 1 };
}

static void put_from_line(struct field sender, time_t when)
{
  stralloc line = STRALLOC_ZERO;
  text_add(&line, "From ");
  for (size_t i = 0; i < sender.len; i++) text_addc(&line, strchr(" \t\n", sender.s[i]) && sender.s[i] ? '-' : sender.s[i]);
  text_add(&line, " ");
  while (!date_mbox(&line, when)) memory_gone();
  text_add(&line, "\n");
  put(0, line.s, line.len);
  stralloc_free(&line);
}

static void put_message(char const *name, time_t when)
{
  char block[65536];
  struct mbox_quote quote = { .put = put };
  int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) cannot("open ", name);
  ssize_t n = fd_read(fd, block, sizeof block);
  if (n >= 0) put_from_line(sender_in(block, (size_t)n), when);
  for (; n > 0; n = fd_read(fd, block, sizeof block)) mbox_quote_feed(&quote, block, (size_t)n);
  if (n == -1) cannot("read ", name);
  fd_close(fd);
  mbox_quote_end(&quote);
  put(0, "\n", 1);
}

/* ---- the mbox ---- */

/* While a lock was waited for, another program may have replaced the file. */
static bool is_still_there(int fd)
{
  struct stat ours, named;
  return fstat(fd, &ours) == 0 && stat(mbox, &named) == 0 && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static int open_locked(void)
{
  for (;;) {
    int fd = open(mbox, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd == -1) strerr_diefusys(TROUBLE, "open ", mbox);
    mbox_lock(fd, mbox);
    if (is_still_there(fd)) return fd;
    fd_close(fd);
  }
}

static void move_all(struct maildir_files const *files)
{
  int old = open_locked();
  if (!replace_begin(&r, mbox, aside, 0600)) replace_die(&r);
  buffer_init(&out, &buffer_write, r.fd, space, sizeof space);
  put_old(old);
  for (size_t i = 0; i < maildir_files_count(files); i++)
    put_message(maildir_files_name(files, i), maildir_files_get(files, i)->when);
  if (!buffer_flush(&out)) cannot("write ", aside);
  if (!replace_commit(&r)) replace_die(&r);
}

static void remove_all(struct maildir_files const *files)
{
  for (size_t i = 0; i < maildir_files_count(files); i++)
    if (unlink(maildir_files_name(files, i)) == -1)
      strerr_warnwusys("delete ", maildir, "/", maildir_files_name(files, i), "; this message will be delivered twice");
}

/* Both names may be relative to where we were called. */
static char const *absolute(char const *path)
{
  stralloc whole = STRALLOC_ZERO;
  char *here = *path == '/' ? 0 : getcwd(0, 0);
  if (*path != '/' && !here) strerr_diefusys(TROUBLE, "find the working directory");
  if (here) text_add(&whole, here);
  if (here) text_add(&whole, "/");
  text_add(&whole, path);
  free(here);
  return text_z(&whole);
}

int main(void)
{
  struct maildir_files files = MAILDIR_FILES_ZERO;
  PROG = "maildir2mbox";
  umask(077);
  read_environment();
  mbox = absolute(mbox);
  aside = absolute(aside);
  if (chdir(maildir) == -1) strerr_diefusys(TROUBLE, "chdir to ", maildir);
  remove_stale();
  find_messages(&files);
  if (!maildir_files_count(&files)) return 0;
  move_all(&files);
  remove_all(&files);
  return 0;
}
