/* serialbsmtp: send messages of a Maildir as batches of SMTP commands to a program.

   runs as   whose Maildir it is, started by maildirserial
   reads     names of files on descriptor 0, the files
   changes   nothing itself; what became of each file goes to descriptor 1
   exits     0 all names are done, 100 wrong use, 111 the program cannot be run or did not take a batch
*/

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "batch.h"
#include "mark.h"
#include "serial_client.h"
#include "serial_message.h"
#include "text.h"

#define USAGE "serialbsmtp prefix helohost program [ arg ... ]"

MARK("serialbsmtp");

enum { WRONG = 100, TROUBLE = 111, ENOUGH = 10 << 20 };     /* bytes, behind which a batch ends */

static struct batch batch;
static stralloc held = STRALLOC_ZERO;           /* names of what is in this batch, each with its NUL; empty: there is none */
static uint64_t size;                           /* of it */
static struct serial_message message = SERIAL_MESSAGE_ZERO;

static void tell_all(char status, char const *text)
{
  for (size_t at = 0; at < held.len; at += strlen(held.s + at) + 1) serial_client_result(held.s + at, status, text, strlen(text));
  held.len = 0;
  size = 0;
}

/* No code of the program is about one message: what it does not take stays for the next time, or until it is too old. */
static void end_batch(bool whole)
{
  stralloc text = STRALLOC_ZERO;
  if (!held.len) return;
  int code = batch_end(&batch, whole);
  if (!code) {
    tell_all('K', "the batch was taken");
    return;
  }
  text_set(&text, "the batch was not taken: ");
  text_add(&text, code == BATCH_CRASHED ? "the program crashed, or did not read all" : "exit ");
  if (code != BATCH_CRASHED) text_addu(&text, (uint64_t)code);
  tell_all('Z', text_z(&text));
  strerr_dief(TROUBLE, text.s);
}

static bool put_text(void)
{
  char const *piece;
  uint64_t at = 0;
  ssize_t r;
  while ((r = serial_message_next(&message, &at, &piece)) > 0) batch_text(&batch, piece, (size_t)r);
  batch_text_end(&batch);
  return r == 0;
}

static void add(char const *name, char const *const *argv)
{
  static char const unsayable[] = "an address has bytes that end an SMTP command";
  if (!batch_is_sayable(&message.sender, &message.recipient)) {
    end_batch(true);                            /* results come in the order of the names */
    serial_client_result(name, 'D', unsayable, sizeof unsayable - 1);
    return;
  }
  if (!held.len && !batch_start(&batch, argv + 3, argv[2])) strerr_diefusys(TROUBLE, "fork");
  text_addb(&held, name, strlen(name) + 1);
  batch_envelope(&batch, &message.sender, &message.recipient);
  if (!put_text()) end_batch(false);
  size += message.size;
  if (size >= ENOUGH) end_batch(true);
}

int main(int argc, char const *const *argv)
{
  stralloc name = STRALLOC_ZERO;
  PROG = "serialbsmtp";
  if (argc < 4) strerr_dieusage(WRONG, USAGE);
  sig_ignore(SIGPIPE);
  while (serial_client_name(&name)) switch (serial_message_open(&message, name.s, argv[1])) {
    case SERIAL_OPENED: add(name.s, argv); break;
    case SERIAL_NOT_OURS: serial_client_not_ours(name.s); break;
    case SERIAL_UNREADABLE: end_batch(true); serial_client_unreadable(name.s); break;
  }
  end_batch(true);
  return 0;
}
