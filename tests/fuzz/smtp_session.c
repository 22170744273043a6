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

static jmp_buf end;

static _Noreturn void over(int code)
{
  longjmp(end, code + 1);
}

/* ---- the queue ---- */

static char const *const verdicts[] = { "", "", "", "Dno (#5.7.1)", "Znot now", "Z", "D\r\nx" };
enum { VERDICTS = sizeof verdicts / sizeof *verdicts };

static bool has_control_bytes(char const *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)s[i] < ' ' || s[i] == 127) return true;
  return false;
}

static unsigned queue_says;
static size_t queued_recipients;
static stralloc queued = STRALLOC_ZERO;

bool queue_client_starts_nothing(void)
{
  return false;
}

int queue_client_open(struct queue_client *q)
{
  q->failed = false;
  queued.len = queued_recipients = 0;
  return queue_says < VERDICTS;
}

void queue_client_put(struct queue_client *q, char const *s, size_t len)
{
  assert(!q->failed && bytes_addb(&queued, s, len));
}

void queue_client_fail(struct queue_client *q)
{
  q->failed = true;
}

void queue_client_from(struct queue_client *q, char const *s, size_t len)
{
  assert(!q->failed && !has_control_bytes(s, len) && !holds(queued.s, queued.len, '\r'));
}

void queue_client_to(struct queue_client *q, char const *s, size_t len)
{
  assert(!q->failed && len && !has_control_bytes(s, len));
  queued_recipients++;
}

bool queue_client_takes_extras(void)
{
  return true;
}

void queue_client_extra(struct queue_client *q, enum envelope_extra letter, char const *value, size_t len)
{
  assert(!q->failed && extra_fits((char)letter, value, len) && extra_is_known((char)letter, queued_recipients > 0));
}

char const *queue_client_close(struct queue_client *q)
{
  assert(q->failed || (queued_recipients == session.mail.count && session.mail.count <= policy.recipients_max));
  return q->failed ? "Zqq read error (#4.3.0)" : verdicts[queue_says];
}

unsigned long queue_client_qp(struct queue_client *q)
{
  (void)q;
  return 1;
}

/* ---- the session ---- */

static void names(struct nameset *set, char const *text)
{
  assert(nameset_list(set, text, strlen(text)));
}

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
