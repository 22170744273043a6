/* The client's side of SMTP: how each step ends, what was said, and when an answer is out of step. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../fuzz/server.h"

#include "smtp_client.h"

#define HI "220 hi\r\n"
#define PLAIN HI "250 mx\r\n"
#define PIPE HI "250-mx\r\n250-SIZE\r\n250-8BITMIME\r\n250 PIPELINING\r\n"
#define MAIL "MAIL FROM:<s@x>\r\n"
#define RCPT "RCPT TO:<a@y>\r\nRCPT TO:<b@y>\r\n"

static struct smtp_client client;
static char answers[64];          /* a letter for each recipient heard of */
static bool unreadable, impatient;
static size_t pieces;

static char const *recipient(size_t i)
{
  static char const *const recipients[] = { "a@y", 0, "b@y" };
  return recipients[i];
}

static void heard(size_t i, struct smtp_reply const *reply)
{
  assert_int_equal(i, strlen(answers));
  answers[i] = !reply ? '-' : reply->code < 300 ? 'y' : 'n';
}

static bool begin(void)
{
  pieces = 0;
  return !unreadable;
}

static ssize_t next(char const **piece)
{
  if (impatient && pieces) server_speak();
  *piece = pieces ? "t" : "a\n.\n";
  return pieces < 2 ? (pieces++ ? 1 : 4) : 0;
}

static enum smtp_outcome whole_session(void)
{
  static struct smtp_source const source = { begin, next };
  static struct smtp_envelope const envelope = {
    .sender = "s@x", .size = 9, .eight_bit = true, .count = 3, .recipient = recipient, .heard = heard
  };
  enum smtp_outcome o = smtp_client_greet(&client, "me");
  if (o == SMTP_OK) o = smtp_client_envelope(&client, &envelope);
  if (o == SMTP_OK) o = smtp_client_message(&client, &source);
  if (o == SMTP_OK) o = smtp_client_verdict(&client);
  return o;
}

static void open_session(char const *says)
{
  static struct smtp_times const times = { 5, 5, 5, 60, 60 };
  int fd = server_open((struct part){ says, strlen(says) });
  memset(answers, 0, sizeof answers);
  smtp_client_begin(&client, fd, fd, &times);
}

static char const *close_session(void)
{
  static char sent[4096];
  close(client.net.in);
  sent[server_close(sent, sizeof sent)] = 0;
  return sent;
}

static struct {
  char const *says;
  enum smtp_outcome outcome;
  enum smtp_stage stage;
  unsigned code;                /* of the reply; 0: any */
  char const *answers, *sent;
} const cases[] = {
  /* what it says to a server that takes one command after the other, and to one that takes them together */
  { PLAIN "250 s\r\n250 a\r\n250 b\r\n354 go\r\n250 ok\r\n", SMTP_OK, SMTP_DOT_SENT, 250, "y-y",
    "EHLO me\r\n" MAIL RCPT "DATA\r\na\r\n..\r\nt\r\n.\r\n" },
  { PIPE "250 s\n250 a\n550 b\n354 go\r\n250 ok\r\n", SMTP_OK, SMTP_DOT_SENT, 250, "y-n",
    "EHLO me\r\nMAIL FROM:<s@x> SIZE=9 BODY=8BITMIME\r\n" RCPT "DATA\r\na\r\n..\r\nt\r\n.\r\n" },
  { HI "500 what?\r\n250 mx\r\n250 s\r\n250 a\r\n250 b\r\n354 go\r\n452 full\r\n", SMTP_MESSAGE_FAILED, SMTP_DOT_SENT, 452,
    "y-y", "EHLO me\r\nHELO me\r\n" MAIL RCPT "DATA\r\na\r\n..\r\nt\r\n.\r\n" },
  /* a refusal at each step */
  { "554 no\r\n", SMTP_GREETING_FAILED, SMTP_GREETING, 554, "", "" },
  { HI "421 no\r\n", SMTP_NAME_REJECTED, SMTP_BEFORE_MAIL, 421, "", "EHLO me\r\n" },
  { HI "500 no\r\n550 no\r\n", SMTP_NAME_REJECTED, SMTP_BEFORE_MAIL, 550, "", "EHLO me\r\nHELO me\r\n" },
  { PLAIN "450 no\r\n", SMTP_SENDER_REJECTED, SMTP_BEFORE_MAIL, 450, "", "EHLO me\r\n" MAIL },
  { PLAIN "250 s\r\n450 a\r\n550 b\r\n", SMTP_NOBODY_TAKEN, SMTP_MAIL_ACCEPTED, 550, "n-n", "EHLO me\r\n" MAIL RCPT },
  { PLAIN "250 s\r\n250 a\r\n550 b\r\n451 no\r\n", SMTP_DATA_FAILED, SMTP_MAIL_ACCEPTED, 451, "y-n",
    "EHLO me\r\n" MAIL RCPT "DATA\r\n" },
  /* a server that goes on although it took nobody gets an empty message */
  { PIPE "250 s\n550 a\n550 b\n354 go\r\n", SMTP_NOBODY_TAKEN, SMTP_MAIL_ACCEPTED, 354, "n-n", 0 },
  /* gone */
  { "", SMTP_DIED, SMTP_GREETING, 0, "", "" },
  { PLAIN "250 s\r\n250 a\r\n", SMTP_DIED, SMTP_MAIL_ACCEPTED, 0, "y-", "EHLO me\r\n" MAIL RCPT },
  { PLAIN "250 s\r\n250 a\r\n250 b\r\n354 go\r\n", SMTP_DIED, SMTP_DOT_SENT, 0, "y-y", 0 },
  /* out of step */
  { "hello\r\n", SMTP_SENSELESS, SMTP_GREETING, 0, "", "" },
  { "220 hi\n220 hi\r\n", SMTP_SENSELESS, SMTP_BEFORE_MAIL, 220, "", "" },
  { HI "354 go\r\n", SMTP_SENSELESS, SMTP_BEFORE_MAIL, 354, "", "EHLO me\r\n" },
  { PLAIN "221 bye\r\n", SMTP_SENSELESS, SMTP_BEFORE_MAIL, 221, "", "EHLO me\r\n" MAIL },
  { PLAIN "250 s\n250 s\r\n", SMTP_SENSELESS, SMTP_MAIL_ACCEPTED, 250, "", "EHLO me\r\n" MAIL },
  { PLAIN "250 s\r\n250 a\r\n354 go\r\n", SMTP_SENSELESS, SMTP_MAIL_ACCEPTED, 354, "y-", "EHLO me\r\n" MAIL RCPT },
  { PLAIN "250 s\r\n250 a\r\n250 b\r\n250 go\r\n", SMTP_SENSELESS, SMTP_MAIL_ACCEPTED, 250, "y-y", 0 },
  { PLAIN "250 s\r\n250 a\r\n250 b\r\n354 go\n250 early\r\n", SMTP_SENSELESS, SMTP_SENDING, 354, "y-y", 0 },
  { PLAIN "250 s\r\n250 a\r\n250 b\r\n354 go\r\n354 go\r\n", SMTP_SENSELESS, SMTP_DOT_SENT, 354, "y-y", 0 },
};

static void steps(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    open_session(cases[i].says);
    assert_int_equal(whole_session(), cases[i].outcome);
    assert_int_equal(client.stage, cases[i].stage);
    if (cases[i].code) assert_int_equal(client.reply.code, cases[i].code);
    assert_string_equal(answers, cases[i].answers);
    char const *sent = close_session();
    if (cases[i].sent) assert_string_equal(sent, cases[i].sent);
  }
}

static void a_message_that_cannot_be_read_has_no_end(void **state)
{
  (void)state;
  unreadable = true;
  open_session(PLAIN "250 s\r\n250 a\r\n250 b\r\n354 go\r\n250 ok\r\n");
  assert_int_equal(whole_session(), SMTP_UNREADABLE);
  assert_string_equal(close_session(), "EHLO me\r\n" MAIL RCPT "DATA\r\n");
  unreadable = false;
}

static struct { char const *says; enum smtp_outcome outcome; char const *answers; bool in_step; } const questions[] = {
  { PLAIN "250 s\r\n250 a\r\n550 b\r\n221 bye\r\n", SMTP_OK, "y-n", true },
  { PIPE "250 s\n550 a\n550 b\r\n221 bye\r\n", SMTP_NOBODY_TAKEN, "n-n", true },
  { PIPE "250 s\n250 a\n250 b\n250 b\r\n221 bye\r\n", SMTP_OK, "y-y", false },
  { PLAIN "550 s\r\n221 bye\r\n", SMTP_SENDER_REJECTED, "", true },
};

static void a_question_has_no_message(void **state)
{
  static struct smtp_envelope const envelope = { .sender = "s@x", .count = 3, .recipient = recipient, .heard = heard, .asks_only = true };
  (void)state;
  for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
    open_session(questions[i].says);
    assert_int_equal(smtp_client_greet(&client, "me"), SMTP_OK);
    assert_int_equal(smtp_client_envelope(&client, &envelope), questions[i].outcome);
    assert_string_equal(answers, questions[i].answers);
    assert_int_equal(smtp_client_part(&client), questions[i].in_step);
    char const *sent = close_session();
    assert_null(strstr(sent, "DATA"));
    assert_non_null(strstr(sent, "QUIT\r\n"));
  }
}

static struct { char const *early; enum smtp_outcome outcome; unsigned code; } const earlies[] = {
  { "554 no\r\n", SMTP_BROKE_OFF, 554 }, { "452 no\r\n", SMTP_BROKE_OFF, 452 }, { "554 no\r\n250 ok", SMTP_BROKE_OFF, 554 },
  { "554 no\r\n250 ok\r\n", SMTP_SENSELESS, 250 }, { "250 ok\r\n", SMTP_SENSELESS, 250 }, { "554", SMTP_DIED, 0 }
};

/* Before the message is whole: a refusal, if the server goes with it. */
static void an_early_answer(void **state)
{
  (void)state;
  impatient = true;
  for (size_t i = 0; i < sizeof earlies / sizeof *earlies; i++) {
    char says[256];
    snprintf(says, sizeof says, PLAIN "250 s\r\n250 a\r\n250 b\r\n354 go\r\n%s", earlies[i].early);
    open_session(says);
    assert_int_equal(whole_session(), earlies[i].outcome);
    assert_int_equal(client.stage, SMTP_SENDING);
    if (earlies[i].code) assert_int_equal(client.reply.code, earlies[i].code);
    assert_null(strstr(close_session(), "\r\n.\r\n"));
  }
  impatient = false;
}

/* ---- what is proven, and how one parts ---- */

static void an_answer_to_data_proves_those_before(void **state)
{
  (void)state;
  open_session(PIPE "250 s\n250 a\n550 b\n354 go\r\n250 ok\r\n");
  assert_int_equal(whole_session(), SMTP_OK);
  assert_true(client.proven && smtp_client_is_idle(&client));
  close_session();
  open_session(PIPE "250 s\n550 a\n550 b\n503 no\r\n250 reset\r\n");
  assert_int_equal(whole_session(), SMTP_NOBODY_TAKEN);
  assert_false(client.proven);
  assert_int_equal(smtp_client_reset(&client), SMTP_OK);
  assert_true(client.proven);
  close_session();
}

static struct { char const *quit; bool in_step; } const partings[] = {
  { "221 bye\r\n", true }, { "421 bye\r\n", true }, { "", true }, { "250 bye\r\n", true }, { "500 what?\r\n", true },
  { "250 bye\n221 bye\r\n", false }, { "250 s\r\n221 bye\r\n", false }, { "hello\r\n", false }
};

static void parting_in_step(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof partings / sizeof *partings; i++) {
    char says[256];
    snprintf(says, sizeof says, PLAIN "550 s\r\n%s", partings[i].quit);
    open_session(says);
    assert_int_equal(whole_session(), SMTP_SENDER_REJECTED);
    assert_int_equal(smtp_client_part(&client), partings[i].in_step);
    close_session();
  }
}

static void a_connection_that_was_left_goes_on(void **state)
{
  static struct smtp_times const times = { 5, 5, 5, 60, 60 };
  struct smtp_reply reset;
  (void)state;
  smtp_reply_start(&reset);
  assert_int_equal(smtp_reply_take(&reset, '2'), SMTP_REPLY_MORE);
  int fd = server_open((struct part){ "50 ok\r\n", 7 });
  assert_int_equal(smtp_client_resume(&client, fd, fd, &times, SMTP_OFFERS_SIZE, &reset, false), SMTP_OK);
  assert_true(client.stage == SMTP_BEFORE_MAIL && client.offered == SMTP_OFFERS_SIZE && client.reply.code == 250);
  close_session();
  reset.code = 421;
  fd = server_open((struct part){ "", 0 });
  assert_int_equal(smtp_client_resume(&client, fd, fd, &times, 0, &reset, true), SMTP_RESET_FAILED);
  close_session();
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(steps), cmocka_unit_test(a_question_has_no_message), cmocka_unit_test(a_message_that_cannot_be_read_has_no_end),
    cmocka_unit_test(an_early_answer), cmocka_unit_test(an_answer_to_data_proves_those_before), cmocka_unit_test(parting_in_step),
    cmocka_unit_test(a_connection_that_was_left_goes_on),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
