#include <string.h>
#include <sys/wait.h>

#include "remote_judge.h"
#include "remote_report.h"

static char const crashed[] = "Zqmail-remote crashed.\n";
static char const unable_now[] = "ZUnable to run qmail-remote.\n";
static char const unable[] = "DUnable to run qmail-remote.\n";
static char const said_nothing[] = "Zqmail-remote produced no output.\n";
static char const said_too_much[] = "Zqmail-remote produced too much output.\n";
static char const left_out[] = "Zqmail-remote said nothing about this recipient.\n";

/* A record of the output; the letter is 0 where there is none. */
struct record {
  char letter;
  char const *text;
  size_t len;
};

static struct record record_at(char const *output, size_t len, size_t *at)
{
  struct record r = { 0, 0, 0 };
  if (*at >= len) return r;
  char const *nul = memchr(output + *at, 0, len - *at);
  size_t end = nul ? (size_t)(nul - output) : len;
  if (end > *at) r = (struct record){ output[*at], output + *at + 1, end - *at - 1 };
  *at = end + 1;
  return r;
}

static bool is_of_message(struct record r)
{
  return r.letter == 'K' || r.letter == 'Z' || r.letter == 'D';
}

/* The message's record, and record number i if it lies before it. */
static void find_records(char const *output, size_t len, size_t i, struct record *recipient, struct record *message)
{
  size_t at = 0;
  *recipient = *message = (struct record){ 0, 0, 0 };
  for (size_t n = 0; at < len; n++) {
    struct record r = record_at(output, len, &at);
    if (is_of_message(r)) {
      *message = r;
      return;
    }
    if (n == i) *recipient = r;
  }
}

static unsigned number_of(struct record r)
{
  unsigned n = 0;
  for (size_t i = 0; i < r.len && n <= WIRE_RECIPIENTS_MAX; i++) {
    if (r.text[i] < '0' || r.text[i] > '9') return 0;
    n = 10 * n + (unsigned)(r.text[i] - '0');
  }
  return n <= WIRE_RECIPIENTS_MAX ? n : 0;
}

static void learn(struct judgement *j, struct record r)
{
  if (r.letter == REPORT_REACHED) j->outcome = WIRE_REACHED;
  if (r.letter == REPORT_UNREACHED) j->outcome = WIRE_UNREACHED;
  if (r.letter == REPORT_MOST) j->most = number_of(r);
  if (r.letter == REPORT_PASSED_ON && j->letter == 'K') j->outcome = WIRE_PASSED_ON;
}

/* What was learnt of the server stands behind the message's record. A program that does not say so, or fails, leaves it
   unknown: no text is searched for it, since texts quote servers. */
static void learn_all(struct judgement *j, char const *output, size_t len)
{
  bool behind = false;
  for (size_t at = 0; at < len;) {
    struct record r = record_at(output, len, &at);
    if (behind) learn(j, r);
    behind = behind || is_of_message(r);
  }
}

/* K is better than Z, Z is better than D. Nothing said of the message counts as D. */
static int rank(char letter)
{
  return letter == 'K' ? 1 : letter == 'Z' ? 0 : -1;
}

static void add_text(struct judgement *j, char const *text, size_t len)
{
  size_t room = sizeof j->text - j->len;
  if (len > room) len = room;
  if (len) memcpy(j->text + j->len, text, len);
  j->len += len;
}

static void set(struct judgement *j, char const *letter_and_text)
{
  j->letter = letter_and_text[0];
  j->len = 0;
  add_text(j, letter_and_text + 1, strlen(letter_and_text) - 1);
}

/* What became of the program as a whole; null when its output is worth reading. */
static char const *failure(int wstat, size_t len)
{
  if (WIFSIGNALED(wstat)) return crashed;
  if (WEXITSTATUS(wstat) == 111) return unable_now;
  if (WEXITSTATUS(wstat)) return unable;
  return len ? 0 : said_nothing;
}

/* The recipient's record decides: s puts off, h refuses, anything else leaves it to the message's result. Among several
   recipients, only r does so: what is no record may hide one. */
static char decide(struct record recipient, char message_letter, size_t count)
{
  if (recipient.letter == 's') return 'Z';
  if (recipient.letter == 'h') return 'D';
  if (recipient.letter && recipient.letter != 'r' && count > 1 && message_letter == 'K') return 'Z';
  return message_letter;
}

/* The texts of both records, unless the message fared better than the recipient: who was refused need not read that the
   message was accepted. */
static void join(struct judgement *j, struct record recipient, struct record message, size_t count)
{
  char message_letter = message.letter ? message.letter : 'D';
  j->letter = decide(recipient, message_letter, count);
  j->len = 0;
  add_text(j, recipient.text, recipient.len);
  if (!recipient.letter || rank(message_letter) <= rank(j->letter)) add_text(j, message.text, message.len);
}

void judge_recipient(struct judgement *j, int wstat, char const *output, size_t len, bool cut, size_t i, size_t count)
{
  struct record recipient, message;
  char const *problem = failure(wstat, len);
  find_records(output, len, i, &recipient, &message);
  if (!problem && !message.letter && cut) problem = said_too_much;
  /* A program that knows of one recipient only must not make the others vanish. */
  if (!problem && !recipient.letter && i > 0 && message.letter == 'K') problem = left_out;
  j->outcome = WIRE_UNKNOWN;
  j->most = 0;
  if (problem) set(j, problem);
  else join(j, recipient, message, count);
  if (!problem) learn_all(j, output, len);
}

size_t judge_where(char const **name, int wstat, char const *output, size_t len)
{
  size_t at = 0;
  struct record r = record_at(output, len, &at);
  *name = "";
  if (failure(wstat, len) || r.letter != 'W' || r.len > WIRE_DESTINATION_MAX) return 0;
  *name = r.text;
  return r.len;
}
