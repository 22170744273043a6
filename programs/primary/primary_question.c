#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/socket.h>
#include <skalibs/tai.h>

#include "bytes.h"
#include "log_text.h"
#include "monotonic.h"
#include "primary_question.h"
#include "primary_verdict.h"
#include "smtp_client.h"

static struct smtp_client client;
static struct primary_question *asked;
static char const *server;

/* ---- why ---- */

static void note(char to[QUESTION_WHY_MAX], char const *text)
{
  snprintf(to, QUESTION_WHY_MAX, "%s %s", server, text);
}

static void note_reply(char to[QUESTION_WHY_MAX], struct smtp_reply const *r)
{
  stralloc text = STRALLOC_ZERO;
  size_t end = r->len && r->text[r->len - 1] == '\n' ? r->len - 1 : r->len;
  bool made = log_text(&text, r->text, end, QUESTION_WHY_MAX) && bytes_z(&text);
  snprintf(to, QUESTION_WHY_MAX, "%s says %s", server, made ? text.s : "no");
  stralloc_free(&text);
}

/* What stands behind the last recipient. */
static char *why_not(void)
{
  return asked->why[QUESTION_RECIPIENTS];
}

/* ---- the conversation ---- */

static char const *recipient(size_t i)
{
  return asked->recipients[i];
}

static void heard(size_t i, struct smtp_reply const *reply)
{
  asked->said[i] = primary_verdict(reply->code, (struct field){ reply->text, reply->len });
  note_reply(asked->why[i], reply);
}

static bool is_answer(enum smtp_outcome o)
{
  return o == SMTP_OK || o == SMTP_NOBODY_TAKEN;
}

static void tell_failure(enum smtp_outcome o)
{
  if (o == SMTP_DIED) note(why_not(), "breaks off, or is silent");
  else if (o == SMTP_SENSELESS) note(why_not(), "makes no sense");
  else note_reply(why_not(), &client.reply);
}

/* Behind QUIT it is seen whether each answer was to what it seemed to be. */
static bool converse(void)
{
  struct smtp_envelope const envelope = {
    .sender = primary_self.sender.s, .count = asked->count, .recipient = recipient, .heard = heard, .asks_only = true
  };
  enum smtp_outcome o = smtp_client_greet(&client, primary_self.helo.s);
  if (o == SMTP_OK) o = smtp_client_envelope(&client, &envelope);
  if (!is_answer(o)) tell_failure(o);
  if (smtp_client_part(&client)) return is_answer(o);
  tell_failure(SMTP_SENSELESS);
  return false;
}

static int connect_to(struct primary_host const *h, unsigned seconds)
{
  tain deadline;
  int fd = socket_tcp46_nbcoe(h->ip.is6);
  tain_now_g();
  tain_addsec_g(&deadline, (int)(seconds < QUESTION_CONNECT_SECONDS ? seconds : QUESTION_CONNECT_SECONDS));
  if (fd != -1 && socket_deadlineconnstamp46_g(fd, &h->ip, h->port, &deadline)) return fd;
  note(why_not(), strerror(errno));
  if (fd != -1) close(fd);
  return -1;
}

static bool ask_there(struct primary_host const *h, unsigned seconds)
{
  struct smtp_times const times = { .answer = seconds, .dot = seconds, .data = seconds, .envelope = seconds, .whole = seconds };
  int fd = connect_to(h, seconds);
  if (fd == -1) return false;
  smtp_client_begin(&client, fd, fd, &times);
  bool answered = converse();
  close(fd);
  return answered;
}

bool question_ask(struct primary_question *q, struct primary_host const *h, int64_t deadline)
{
  static char name[IP46_FMT + 1];
  int64_t left = (deadline - monotonic_ms()) / 1000;
  asked = q;
  server = name;
  name[ip46_fmt(name, &h->ip)] = 0;
  for (size_t i = 0; i < q->count; i++) q->said[i] = PRIMARY_UNTOLD;
  if (left > 0) return ask_there(h, (unsigned)left);
  note(why_not(), "was not asked, there was no time left");
  return false;
}
