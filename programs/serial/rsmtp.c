/* rsmtp: put a batch of SMTP commands into the queue, such as comes by UUCP.

   runs as   who calls, such as uuxqt
   reads     the batch on descriptor 0 (RFC 2442); control/me, databytes
   changes   the queue
   exits     0 all of it is queued; 65 something in it never will be, and descriptor 2 tells what; 75 trouble: again;
             64 wrong use. What came before the trouble is queued, and again the next time
*/

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "batch_body.h"
#include "control.h"
#include "date.h"
#include "home.h"
#include "queue_client.h"
#include "screen.h"
#include "text.h"

enum { LINE_MAX_BYTES = 4096, RECIPIENTS_MAX = 10000, HOPS_MAX = 100 };

static stralloc me = STRALLOC_ZERO;
static unsigned long databytes;

static struct control const controls[] = {
  /* file         kind            goes to      when absent */
  { "me",         CONTROL_LINE,   &me,         CONTROL_NEEDED },
  { "databytes",  CONTROL_NUMBER, &databytes,  "0" },
  { 0 }
};

static stralloc helo = STRALLOC_ZERO, sender = STRALLOC_ZERO;
static stralloc recipients = STRALLOC_ZERO;     /* each with its NUL */
static size_t recipient_count;
static bool has_sender, is_bad;                 /* is_bad: something in the batch is wrong for good */

/* ---- complaints ---- */

static void complain(char const *what, char const *s, size_t len)
{
  stralloc line = STRALLOC_ZERO;
  screen_add(&line, (struct field){ s, len }, 200, '?');
  strerr_warnw(what, text_z(&line));
  stralloc_free(&line);
  is_bad = true;
}

static _Noreturn void trouble(char const *what)
{
  strerr_dief(EX_TEMPFAIL, what);
}

static void forget_envelope(void)
{
  has_sender = false;
  recipients.len = recipient_count = 0;
}

/* ---- lines ---- */

static int next_byte(void)
{
  char c;
  ssize_t r = buffer_get(buffer_0, &c, 1);
  if (r == -1) strerr_diefusys(EX_TEMPFAIL, "read the batch");
  return r ? (unsigned char)c : -1;
}

/* Without its end; of a longer one the beginning. False at the end of the batch. */
static bool next_line(char line[LINE_MAX_BYTES], size_t *len)
{
  int c;
  *len = 0;
  while ((c = next_byte()) != -1 && c != '\n')
    if (*len < LINE_MAX_BYTES) line[(*len)++] = (char)c;
  if (*len && line[*len - 1] == '\r') --*len;
  return c != -1 || *len;
}

/* ---- commands ---- */

static void on_hello(char const *s, size_t len)
{
  forget_envelope();
  helo.len = 0;
  for (size_t i = 0; i < len && i < 255; i++) text_addc(&helo, s[i] > 32 && s[i] < 127 && s[i] != '(' && s[i] != ')' ? s[i] : '?');
}

/* Control bytes would come to the shells and terminals of those the address is shown to. */
static bool is_clean(stralloc const *address)
{
  for (size_t i = 0; i < address->len; i++)
    if ((unsigned char)address->s[i] < ' ' || address->s[i] == 127) return false;
  return true;
}

static void on_mail(char const *s, size_t len)
{
  size_t rest;
  forget_envelope();
  int r = address_from_command(&sender, s, len, &rest);
  if (r == -1) trouble("out of memory");
  has_sender = r == 1 && is_clean(&sender);
  if (!has_sender) complain("this sender makes no sense: ", s, len);
}

static void on_recipient(char const *s, size_t len)
{
  static stralloc address = STRALLOC_ZERO;
  size_t rest;
  int r = address_from_command(&address, s, len, &rest);
  if (r == -1) trouble("out of memory");
  if (r != 1 || !address.len || !is_clean(&address)) complain("this recipient makes no sense: ", s, len);
  else if (++recipient_count > RECIPIENTS_MAX) complain("too many recipients, left out: ", s, len);
  else text_addb(&recipients, address.s, address.len), text_end(&recipients);
}

static void on_reset(char const *s, size_t len)
{
  (void)s, (void)len;
  forget_envelope();
}

static void on_nothing(char const *s, size_t len) { (void)s, (void)len; }

/* ---- a message ---- */

static struct queue_client queue;
static struct hops { size_t count, column; bool over, matches; } hops;     /* over: the header is */

/* Lines of the header that begin with Received: tell how far a message has come. */
static void count_hops(char const *s, size_t len)
{
  static char const name[] = "received:";
  for (size_t i = 0; i < len && !hops.over; i++) {
    if (s[i] == '\n') {
      hops.over = !hops.column;
      hops.column = 0;
      hops.matches = true;
      continue;
    }
    if (hops.column < sizeof name - 1 && (s[i] | 32) != name[hops.column]) hops.matches = false;
    if (++hops.column == sizeof name - 1) hops.count += hops.matches;
  }
}

static void put_received(void)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, "Received: from ");
  text_addb(&line, helo.len ? helo.s : "unknown", helo.len ? helo.len : 7);
  text_add(&line, "\n  by ");
  text_addx(&line, &me);
  text_add(&line, " with BSMTP; ");
  while (!date_header(&line, time(0))) memory_gone();
  text_add(&line, "\n");
  queue_client_put(&queue, line.s, line.len);
  stralloc_free(&line);
}

/* The whole text; false when the batch ends before it does. */
static bool copy_text(uint64_t *size, bool wanted)
{
  enum batch_body_state at = BATCH_LINE_START;
  char decoded[2 * BUFFER_INSIZE];
  size_t used;
  for (*size = 0; at != BATCH_BODY_DONE; buffer_rseek(buffer_0, used)) {
    if (!buffer_len(buffer_0)) {
      ssize_t r = buffer_fill(buffer_0);
      if (r == -1) strerr_diefusys(EX_TEMPFAIL, "read the batch");
      if (r == 0) return false;
    }
    struct iovec v[2];
    buffer_rpeek(buffer_0, v);
    if (v[0].iov_len > BUFFER_INSIZE) v[0].iov_len = BUFFER_INSIZE;
    size_t n = batch_body_decode(&at, decoded, v[0].iov_base, v[0].iov_len, &used);
    count_hops(decoded, n);
    *size += n;
    if (wanted && (!databytes || *size <= databytes)) queue_client_put(&queue, decoded, n);
  }
  return true;
}

static void put_envelope(void)
{
  queue_client_from(&queue, sender.s, sender.len);
  for (size_t i = 0; i < recipients.len; i += strlen(recipients.s + i) + 1)
    queue_client_to(&queue, recipients.s + i, strlen(recipients.s + i));
}

static void queue_it(void)
{
  uint64_t size;
  if (!queue_client_open(&queue)) strerr_diefusys(EX_TEMPFAIL, "start the queue program");
  put_received();
  bool whole = copy_text(&size, true);
  bool too_big = databytes && size > databytes, loops = hops.count >= HOPS_MAX;
  if (!whole || too_big || loops) queue_client_fail(&queue);
  put_envelope();
  char const *verdict = queue_client_close(&queue);
  if (!whole) strerr_dief(EX_DATAERR, "the batch ends within a message, which is not queued");
  if (too_big) complain("a message is too big, and not queued; its sender: ", sender.s, sender.len);
  else if (loops) complain("a message goes round in circles, and is not queued; its sender: ", sender.s, sender.len);
  else if (*verdict == 'D') complain(verdict + 1, "", 0);
  else if (*verdict) trouble(verdict + 1);
}

static void on_data(char const *s, size_t len)
{
  uint64_t size;
  (void)s, (void)len;
  hops = (struct hops){ .matches = true };
  if (has_sender && recipients.len) {
    queue_it();
  } else {
    complain("a message has no sender or no recipient", "", 0);
    if (!copy_text(&size, false)) strerr_dief(EX_DATAERR, "the batch ends within a message, which is not queued");
  }
  forget_envelope();
}

/* ---- the batch ---- */

static struct { char const *word; void (*does)(char const *, size_t); } const verbs[] = {
  { "HELO", on_hello }, { "EHLO", on_hello }, { "MAIL", on_mail }, { "RCPT", on_recipient }, { "DATA", on_data },
  { "RSET", on_reset }, { "NOOP", on_nothing }, { "TICK", on_nothing }, { "VERB", on_nothing }, { "HELP", on_nothing },
};

/* False for QUIT. */
static bool obey(char const *s, size_t len)
{
  size_t word = 0;
  while (word < len && s[word] != ' ') word++;
  size_t rest = word < len ? word + 1 : len;
  if (word == 4 && !strncasecmp(s, "QUIT", 4)) return false;
  for (size_t i = 0; word == 4 && i < sizeof verbs / sizeof *verbs; i++)
    if (!strncasecmp(s, verbs[i].word, 4)) {
      verbs[i].does(s + rest, len - rest);
      return true;
    }
  if (len) complain("no command of SMTP: ", s, len);
  return true;
}

static void read_controls(void)
{
  char const *culprit;
  if (chdir(HOME) == -1) strerr_diefusys(EX_TEMPFAIL, "chdir to " HOME);
  if (!control_load(controls, &culprit)) strerr_diefusys(EX_TEMPFAIL, "read ", culprit);
}

static void out_of_memory(void)
{
  trouble("out of memory");
}

int main(int argc, char const *const *argv)
{
  char line[LINE_MAX_BYTES];
  size_t len;
  PROG = "rsmtp";
  (void)argv;
  memory_gone = out_of_memory;
  if (argc != 1) strerr_dieusage(EX_USAGE, "rsmtp");
  sig_ignore(SIGPIPE);
  read_controls();
  while (next_line(line, &len) && obey(line, len)) ;
  return is_bad ? EX_DATAERR : 0;
}
