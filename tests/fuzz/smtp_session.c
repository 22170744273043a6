/* A whole session with qmail-smtpd: a byte for what the queue program says and whether the client may relay, a byte for
   the pieces, all that the client sends. The program itself is compiled in, with its ends, its clock and its queue in
   our hands. However the bytes are cut, the replies are the same; what is queued has no CR in it and no control bytes in
   its addresses. */

#include <setjmp.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "fuzz.h"

static _Noreturn void over(int code);
#define _exit over
#define time(t) ((time_t)1)
#include "message.c"
#include "smtpd_serve.c"
#include "reply.c"

#include "smtp_queue.h"

static bool text_may_be(char const *s, size_t len)
{
  return !holds(s, len, '\r');
}

static bool extra_may_be(char letter, bool behind_recipients)
{
  return extra_is_known(letter, behind_recipients);
}

/* ---- the session ---- */

static void configure(void)
{
  if (policy.greeting.len) return;
  assert(bytes_set(&policy.greeting, "mail.example.org") && bytes_set(&policy.local_ip_host, "mail.example.org"));
  assert(bytes_ready(&session.command.address, ADDRESS_MAX));
  names(&policy.unwanted.senders.names, "spam@example.net\n@bad.example\n*z?@*\n!.fine.example\n");
  names(&policy.unwanted.recipients.names, "x*@example.org\n");
  names(&policy.unwanted.hellos.names, "friend\n.bad.example\n");
  assert(nameset_map(&policy.moved, "moved@example.org:m@example.net\n", 32));
  names(&policy.rcpthosts.names, "example.org\n.example.org\n");
  policy.databytes = 1000;
  policy.recipients_max = 3;
  policy.errors_max = 20;
  policy.mailboxes_unchecked = true;
  session.client.ip = "192.0.2.1";
  session.client.host = session.client.local = "mail.example.org";
}

static void fresh_state(void)
{
  session_forget_mail();
  session.hello.said = false;
  memset(&session.tally, 0, sizeof session.tally);
}

/* All that was said in the session, into *replies. */
static void hold(stralloc *replies, int in, int out, size_t read_max)
{
  struct stat st;
  fresh_state();
  assert(lseek(in, 0, SEEK_SET) == 0 && lseek(out, 0, SEEK_SET) == 0 && ftruncate(out, 0) == 0);
  net_init(&session.net, in, out, 1200, 0, reply_lost);
  session.net.read_max = read_max;
  if (!setjmp(end)) converse();
  assert(fstat(out, &st) == 0 && bytes_ready(replies, (size_t)st.st_size + 1));
  replies->len = (size_t)pread(out, replies->s, (size_t)st.st_size, 0);
}

static void check_replies(stralloc const *replies)
{
  assert(times(replies->s, replies->len, "\n") == times(replies->s, replies->len, "\r\n"));
  assert(times(replies->s, replies->len, "\r") == times(replies->s, replies->len, "\r\n"));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static int in = -1, out;
  static stralloc together = STRALLOC_ZERO, in_pieces = STRALLOC_ZERO;
  struct part text = whole(data, size);
  if (in == -1) {
    in = file_new();
    out = file_new();
  }
  configure();
  unsigned first = part_byte(&text);
  queue_says = first % (VERDICTS + 1);
  session.client.suffix = first / (VERDICTS + 1) % 2 ? "" : 0;
  size_t piece = 1 + part_byte(&text);
  file_fill(in, text.s, text.len);
  hold(&together, in, out, sizeof session.net.input);
  hold(&in_pieces, in, out, piece);
  check_replies(&together);
  assert(same_bytes(together.s, together.len, in_pieces.s, in_pieces.len));
  return 0;
}
