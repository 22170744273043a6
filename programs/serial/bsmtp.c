/* bsmtp: hand the message to a program as batched SMTP, from a line of a .qmail file.

   runs as   whose .qmail file it is
   reads     the message on descriptor 0; SENDER, DEFAULT and HOST, or RECIPIENT; DTLINE
   changes   nothing itself
   exits     as the program does; 100 wrong use, or an address that SMTP cannot say; 111 trouble
*/

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "batch.h"
#include "line_message.h"
#include "mark.h"
#include "text.h"

#define USAGE "bsmtp helohost program [ arg ... ]"

MARK("bsmtp");

enum { NEVER = 100, LATER = 111 };

static struct batch batch;

/* To a .qmail-...-default the address behind its prefix, else all of it. */
static void find_recipient(stralloc *to)
{
  char const *part = getenv("DEFAULT");
  text_set(to, part ? part : line_variable("RECIPIENT"));
  if (!part) return;
  text_add(to, "@");
  text_add(to, line_variable("HOST"));
}

/* The line Delivered-To goes along: by it a loop is known. */
static bool copy_message(void)
{
  static char block[65536];
  char const *line = getenv("DTLINE");
  ssize_t r;
  if (line) batch_text(&batch, line, strlen(line));
  while ((r = fd_read(0, block, sizeof block)) > 0) batch_text(&batch, block, (size_t)r);
  batch_text_end(&batch);
  return r == 0;
}

int main(int argc, char const *const *argv)
{
  stralloc sender = STRALLOC_ZERO, recipient = STRALLOC_ZERO;
  PROG = "bsmtp";
  if (argc < 3) strerr_dieusage(NEVER, USAGE);
  sig_ignore(SIGPIPE);
  text_set(&sender, line_variable("SENDER"));
  find_recipient(&recipient);
  if (!batch_is_sayable(&sender, &recipient)) strerr_dief(NEVER, "an address has bytes that end an SMTP command (#5.1.3)");
  if (!batch_start(&batch, argv + 2, argv[1])) strerr_diefusys(LATER, "fork");
  batch_envelope(&batch, &sender, &recipient);
  bool whole = copy_message();
  int code = batch_end(&batch, whole);
  if (!whole) strerr_dief(LATER, "unable to read the message");
  if (code == BATCH_CRASHED) strerr_dief(LATER, "the program crashed, or did not read all");
  return code;
}
