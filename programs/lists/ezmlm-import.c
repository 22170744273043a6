/* ezmlm-import: messages of an mbox become the next posts of a list's archive.

   runs as   the list's owner
   reads     the mbox, or descriptor 0
   changes   archive/, num
   exits     0, 111 nothing has come

   All posts are on disk before num knows of them: cut before that, a second run begins where this one began.
*/

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "archive.h"
#include "line_pieces.h"
#include "list_options.h"
#include "list_words.h"
#include "progress.h"

#define USAGE "ezmlm-import dir [mbox]"

static struct list list = LIST_ZERO;
static struct list_option const options[] = { { 0 } };

struct import {
  struct archive_num num;       /* of the message that is written */
  int fd;                       /* of it; -1: none yet */
  bool in_body;
  uint64_t body;
  size_t used;
  char unwritten[65536];
};

static _Noreturn void failed(char const *identifier, uint64_t number)
{
  char path[ARCHIVE_PATH_MAX];
  archive_post(path, number);
  list_die_system(&list, identifier, path);
}

static void flush(struct import *m)
{
  if (allwrite(m->fd, m->unwritten, m->used) < m->used) failed("ERR_WRITE", m->num.number);
  m->used = 0;
}

static void put(struct import *m, char const *s, size_t len)
{
  if (len > sizeof m->unwritten - m->used) flush(m);
  memcpy(m->unwritten + m->used, s, len);
  m->used += len;
}

static void end_message(struct import *m)
{
  if (m->fd == -1) return;
  flush(m);
  if (!archive_complete_later(m->fd)) failed("ERR_WRITE", m->num.number);
  m->num.size += archive_size(m->body);
  m->fd = -1;
  progress(m->num.number, 0);
}

static void begin_message(struct import *m)
{
  end_message(m);
  m->num.number++;
  m->fd = archive_create(m->num.number);
  if (m->fd == -1) failed("ERR_CREATE", m->num.number);
  m->in_body = false;
  m->body = 0;
}

static void take(struct import *m, struct line_piece const *piece)
{
  if (piece->begins && piece->len >= 5 && !memcmp(piece->s, "From ", 5)) {
    begin_message(m);
    return;
  }
  if (m->fd == -1) return;
  put(m, piece->s, piece->len);
  if (m->in_body) m->body += piece->len;
  else if (piece->begins && piece->len == 1) m->in_body = true;
}

static void open_input(char const *mbox)
{
  int fd = mbox ? open(mbox, O_RDONLY | O_CLOEXEC) : 0;
  if (fd == -1 || (fd && dup2(fd, 0) == -1)) list_die_system(&list, "ERR_OPEN", mbox);
}

static void read_all(struct import *m)
{
  static struct line_pieces lines;
  struct line_piece piece;
  bool skips = false;           /* the rest of a line that began a message */
  int r;
  line_pieces_begin(&lines, 0, buffer_0);
  while ((r = line_pieces_next(&lines, &piece)) == 1) {
    uint64_t number = m->num.number;
    if (piece.begins || !skips) take(m, &piece);
    skips = (m->num.number != number || (skips && !piece.begins)) && !piece.ends;
  }
  if (r == -1) list_die_system(&list, "ERR_READ_INPUT", 0);
  end_message(m);
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-import";
  static struct import m = { .fd = -1 };
  int at = list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  open_input(argv[at]);
  list_lock("lock");
  if (!archive_num_read(&m.num, "num")) list_die_system(&list, "ERR_READ", "num");
  uint64_t before = m.num.number;
  read_all(&m);
  progress_end();
  if (m.num.number == before) return 0;
  if (!archive_sync()) list_die_system(&list, "ERR_SYNC", "archive");
  if (!archive_num_write(&m.num)) list_die_system(&list, "ERR_WRITE", "num");
  return 0;
}
