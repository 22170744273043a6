/* maildirwatch: show what is new in a Maildir, again and again, on a terminal.

   runs as   the user whose mail it is
   reads     MAILDIR from the environment, the Maildir
   changes   nothing
   exits     111 when the Maildir or the terminal is gone, 100 for wrong use
*/

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "fields.h"
#include "maildir_files.h"
#include "message_glance.h"
#include "screen.h"
#include "text.h"

#define CLEAR "\033[H\033[J"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

enum { WRONG = 100, TROUBLE = 111, SECONDS = 30, SEEN_MAX = 65536, TEXT_SHOWN = 158, SHOWN_MAX = 80 };

static void show(stralloc *to, struct field message)
{
  struct glance g;
  glance_take(&g, message);
  text_add(to, "FROM ");
  screen_add(to, g.sender, SHOWN_MAX, ' ');
  text_add(to, " TO ");
  screen_add(to, g.recipient, SHOWN_MAX, ' ');
  text_add(to, "\n" BOLD);
  screen_add(to, g.from, SHOWN_MAX, ' ');
  text_add(to, PLAIN "\n");
  size_t begin = to->len;
  screen_add(to, g.subject, TEXT_SHOWN, ' ');
  if (g.subject.len) text_add(to, " ");
  size_t used = to->len - begin;
  if (used < TEXT_SHOWN) screen_add(to, g.body, TEXT_SHOWN - used, ' ');
  text_add(to, "\n\n");
}

static void show_file(stralloc *to, char const *name)
{
  static char space[SEEN_MAX];
  int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return;
  size_t len = allread(fd, space, sizeof space);
  fd_close(fd);
  show(to, (struct field){ space, len });
}

static void show_all(void)
{
  struct maildir_files files = MAILDIR_FILES_ZERO;
  stralloc screen = STRALLOC_ZERO;
  if (!maildir_files_add(&files, "new", time(0) + 1)) strerr_diefusys(TROUBLE, "scan ", "new");
  maildir_files_sort(&files);
  text_add(&screen, CLEAR);
  for (size_t i = 0; i < maildir_files_count(&files); i++) show_file(&screen, maildir_files_name(&files, i));
  if (allwrite(1, screen.s, screen.len) < screen.len) strerr_diefusys(TROUBLE, "write output");
  stralloc_free(&screen);
  stralloc_free(&files.names);
  genalloc_free(struct maildir_file, &files.list);
}

int main(int argc, char const *const *argv)
{
  char const *maildir = getenv("MAILDIR");
  (void)argv;
  PROG = "maildirwatch";
  if (argc != 1) strerr_dieusage(WRONG, "maildirwatch");
  if (!maildir) strerr_dief(TROUBLE, "MAILDIR not set");
  if (chdir(maildir) == -1) strerr_diefusys(TROUBLE, "chdir to ", maildir);
  for (;;) {
    show_all();
    sleep(SECONDS);
  }
}
