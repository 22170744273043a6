#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "batch.h"
#include "text.h"

static _Noreturn void be_program(char const *const *argv, int in)
{
  signal(SIGPIPE, SIG_DFL);
  if (fd_move(0, in) == -1) strerr_diefusys(111, "set up descriptors");
  execvp(argv[0], (char *const *)argv);
  strerr_diefusys(111, "run ", argv[0]);
}

static void flush(struct batch *b)
{
  if (!b->failed && allwrite(b->fd, b->buffer, b->used) < b->used) b->failed = true;
  b->used = 0;
}

static void put(struct batch *b, char const *s, size_t len)
{
  for (size_t n; len; s += n, len -= n) {
    if (b->used == sizeof b->buffer) flush(b);
    n = sizeof b->buffer - b->used;
    if (n > len) n = len;
    memcpy(b->buffer + b->used, s, n);
    b->used += n;
  }
}

static void say(struct batch *b, char const *word, char const *s, size_t len, char const *end)
{
  put(b, word, strlen(word));
  put(b, s, len);
  put(b, end, strlen(end));
}

bool batch_start(struct batch *b, char const *const *argv, char const *helohost)
{
  int in[2];
  if (pipecoe(in) == -1) return false;
  b->pid = fork();
  if (b->pid == 0) be_program(argv, in[0]);
  close(in[0]);
  b->fd = in[1];
  b->failed = false;
  b->used = 0;
  if (b->pid == -1) return close(b->fd), false;
  say(b, "HELO ", helohost, strlen(helohost), "\r\n");
  return true;
}

/* ---- a message ---- */

static void quote(stralloc *to, stralloc const *address)
{
  to->len = 0;
  while (!address_quote(to, address->s, address->len)) memory_gone();
}

bool batch_is_sayable(stralloc const *sender, stralloc const *recipient)
{
  stralloc quoted = STRALLOC_ZERO;
  quote(&quoted, sender);
  bool good = address_is_sayable(quoted.s, quoted.len);
  quote(&quoted, recipient);
  good = good && address_is_sayable(quoted.s, quoted.len);
  stralloc_free(&quoted);
  return good;
}

void batch_envelope(struct batch *b, stralloc const *sender, stralloc const *recipient)
{
  stralloc quoted = STRALLOC_ZERO;
  quote(&quoted, sender);
  say(b, "MAIL FROM:<", quoted.s, quoted.len, ">\r\n");
  quote(&quoted, recipient);
  say(b, "RCPT TO:<", quoted.s, quoted.len, ">\r\nDATA\r\n");
  stralloc_free(&quoted);
  b->at = BODY_LINE_START;
}

void batch_text(struct batch *b, char const *s, size_t len)
{
  enum { PIECE = 8192 };
  char encoded[SMTP_BODY_GROWTH * PIECE];
  for (size_t n; len; s += n, len -= n) {
    n = len < PIECE ? len : PIECE;
    put(b, encoded, smtp_body_encode(&b->at, encoded, s, n));
  }
}

void batch_text_end(struct batch *b)
{
  char end[SMTP_BODY_END_MAX];
  put(b, end, smtp_body_finish(b->at, end));
}

int batch_end(struct batch *b, bool whole)
{
  int wstat;
  if (whole) {
    say(b, "QUIT", "", 0, "\r\n");
    flush(b);
  } else {
    kill(b->pid, SIGKILL);
  }
  close(b->fd);
  if (wait_pid(b->pid, &wstat) == -1 || !WIFEXITED(wstat)) return BATCH_CRASHED;
  return WEXITSTATUS(wstat) ? WEXITSTATUS(wstat) : b->failed ? BATCH_CRASHED : 0;
}
