/* A whole session with qmail-qmtpd: a byte for what the queue program says and whether the client may relay, a byte for the
   pieces, all that the client sends. The program itself is compiled in, with its ends, its clock and its queue in our hands.
   However the bytes are cut, the answers are the same netstrings; what is queued has no control bytes in its addresses. */

#include <setjmp.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "fuzz.h"

static _Noreturn void over(int code);
#define main qmtpd_main
#define _exit over
#define time(t) ((time_t)1)
#include "message.c"
#include "netmail.c"
#include "qmail-qmtpd.c"
#include "reply.c"
#include "netstring_length.h"

#include "smtp_queue.h"

static bool text_may_be(char const *s, size_t len)
{
  (void)s, (void)len;
  return true;
}

static bool extra_may_be(char letter, bool behind_recipients)
{
  (void)letter;
  return !behind_recipients;
}

/* ---- the session ---- */

static void configure(void)
{
  if (policy.greeting.len) return;
  assert(bytes_set(&policy.greeting, "mail.example.org"));
  names(&policy.unwanted.senders.names, "spam@example.net\n@bad.example\n");
  names(&policy.unwanted.recipients.names, "x*@example.org\n");
  names(&policy.rcpthosts.names, "example.org\n.example.org\n");
  policy.databytes = 1000;
  policy.recipients_max = 3;
  policy.errors_max = 4;
  policy.mailboxes_unchecked = policy.header_kept = true;
  session.protocol = SESSION_QMTP;
  session.client.ip = "192.0.2.1";
  session.client.host = session.client.local = "mail.example.org";
}

static int converse(int in, int out, size_t read_max)
{
  session_forget_mail();
  memset(&session.tally, 0, sizeof session.tally);
  net_init(&session.net, in, out, 1200, 0, lost);
  session.net.read_max = read_max;
  int code = setjmp(end);
  if (!code) take_packages();
  return code - 1;
}

static int hold(stralloc *replies, int in, int out, size_t read_max)
{
  struct stat st;
  assert(lseek(in, 0, SEEK_SET) == 0 && lseek(out, 0, SEEK_SET) == 0 && ftruncate(out, 0) == 0);
  int code = converse(in, out, read_max);
  assert(code == 0 || code == 100 || code == 111);
  assert(fstat(out, &st) == 0 && bytes_ready(replies, (size_t)st.st_size + 1));
  replies->len = (size_t)pread(out, replies->s, (size_t)st.st_size, 0);
  return code;
}

/* All that was said is netstrings of one line that begin with a verdict. */
static void check_replies(stralloc const *replies)
{
  for (size_t at = 0; at < replies->len;) {
    struct netstring_length n = { 0 };
    enum netstring_length_said said = NETSTRING_MORE;
    while (said == NETSTRING_MORE) assert(at < replies->len), said = netstring_length_take(&n, replies->s[at++]);
    assert(said == NETSTRING_KNOWN && n.bytes && at + n.bytes < replies->len && replies->s[at + n.bytes] == ',');
    assert(memchr("KZD", replies->s[at], 3) && !has_control_bytes(replies->s + at, n.bytes));
    at += n.bytes + 1;
  }
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
  session.client.suffix = first / (VERDICTS + 1) % 2 ? "@x" : 0;
  size_t piece = 1 + part_byte(&text);
  file_fill(in, text.s, text.len);
  int code = hold(&together, in, out, sizeof session.net.input);
  assert(hold(&in_pieces, in, out, piece) == code);
  check_replies(&together);
  assert(same_bytes(together.s, together.len, in_pieces.s, in_pieces.len));
  return 0;
}
