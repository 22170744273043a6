/* What smtp_session.c and smtp_netmail.c have instead of the end of the program and of the queue. It stands behind the program's source;
   they say themselves what may be queued. */

#ifndef MAILTREE_FUZZ_SMTP_QUEUE_H
#define MAILTREE_FUZZ_SMTP_QUEUE_H

/* Whether this may be queued, and this letter, before or behind the recipients. */
static bool text_may_be(char const *s, size_t len);
static bool extra_may_be(char letter, bool behind_recipients);

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
  assert(!q->failed && !has_control_bytes(s, len) && text_may_be(queued.s, queued.len));
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
  assert(!q->failed && extra_fits((char)letter, value, len) && extra_may_be((char)letter, queued_recipients > 0));
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

static void names(struct nameset *set, char const *text)
{
  assert(nameset_list(set, text, strlen(text)));
}

#endif
