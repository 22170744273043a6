/* mbox2maildir: bring the messages of an mbox into a Maildir.

   runs as   the user whose mail it is, or root, who becomes him when the mbox is open
   reads     the mbox, under its lock
   changes   the Maildir; the mbox stays
   exits     0, 100 wrong use, or the file is no mbox, 111 trouble, and then nothing has come
*/

#include <fcntl.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "import.h"
#include "mbox_lock.h"
#include "mbox_message.h"
#include "text.h"

#define USAGE "mbox2maildir mbox maildir"

enum { WRONG = 100 };

/* Of UW-IMAP, which keeps its own things in a message at the beginning. */
static bool is_internal(struct field text)
{
  struct field subject = import_header(text, "Subject");
  return (import_header(text, "X-IMAP").len || import_header(text, "X-IMAPbase").len)
      && subject.len && memmem(subject.s, subject.len, "FOLDER INTERNAL DATA", 20);
}

static void return_path(stralloc *to, struct mbox_message const *m)
{
  to->len = 0;
  if (import_header(m->text, "Return-Path").len) return;
  text_add(to, "Return-Path: <");
  if (!field_is(m->sender, "MAILER-DAEMON")) text_addb(to, m->sender.s, m->sender.len);
  text_add(to, ">\n");
}

static void bring(struct mbox_message const *m)
{
  static stralloc head = STRALLOC_ZERO;
  if (is_internal(m->text)) return;
  return_path(&head, m);
  struct import_message message = { .head = { head.s, head.len }, .text = m->text, .is_quoted = true, .when = m->when };
  import_status(&message);
  import_add(&message);
}

static int open_mbox(char const *path)
{
  int fd = import_open(path, O_RDONLY | O_NONBLOCK);
  mbox_lock(fd, path);
  return fd;
}

int main(int argc, char const *const *argv)
{
  struct mbox_message m;
  enum mbox_result r;
  size_t at = 0;
  PROG = "mbox2maildir";
  if (argc != 3) strerr_dieusage(WRONG, USAGE);
  int fd = open_mbox(argv[1]);
  import_begin(argv[2]);
  struct field all = import_map(fd, argv[1]);
  while ((r = mbox_next(&m, all.s, all.len, &at)) == MBOX_MESSAGE) bring(&m);
  if (r == MBOX_IS_NONE) strerr_dief(WRONG, argv[1], " is no mbox: it does not begin with a line From");
  import_end();
  return 0;
}
