/* What of a command is shown in a log that others read: no password, and nothing that may be one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture.h"

/* A line that begins with > was answered; behind | nothing is shown. */
static char const *const sessions[][10] = {
  { "EHLO me.example", "xyz", "MAIL FROM:<a@b>", 0 },
  { "auth plain| AGpvZQBzZWNyZXQ=", 0 },
  { "AUTH LOGIN", ">334 VXNlcm5hbWU6", "|am9l", ">334 UGFzc3dvcmQ6", "|c2VjcmV0", ">535 no", "QUIT", 0 },
  { "AUTH LOGIN| am9l", 0 },
  { "AUTH| AGpvZQBzZWNyZXQ=", 0 },
  { "  AUTH\tPLAIN| \tx", 0 },
  { "AUTH| PLAINx y", 0 },
  { "AUTH|PLAIN x", 0 },
  { "PASS| my secret", ">-ERR no", "|my secret", "USER joe", "PASS", 0 },
  { "pass|word", 0 },
  { "APOP joe| c4c9334bac560ecc979e58001b3e22fb", 0 },
  { "AUTH PLAIN", ">+ ", "|AGpvZQBzZWNyZXQ=", ">+OK", "LIST", 0 },
  { "AUTH LOGIN", ">502 no", "|am9l", ">502 no", "|c2VjcmV0", "RSET", "*", "RCPT TO:<a@b>", "|MAILBOX x", 0 },
  { "AUTH LOGIN", ">334 x", ">334 y", "|RSET", "RSET", 0 },
  { "", 0 },
  { " ", 0 },
};

static void one(struct capture_state *s, char const *line)
{
  char const *bar = strchr(line, '|');
  char text[100];
  size_t shown = bar ? (size_t)(bar - line) : strlen(line), len = shown;
  memcpy(text, line, shown);
  if (bar) len += (size_t)(stpcpy(text + shown, bar + 1) - (text + shown));
  char *exact = malloc(len + !len);
  memcpy(exact, text, len);
  size_t is = capture_shown(s, exact, len);
  if (is != shown) fail_msg("%s: %zu", line, is);
  free(exact);
}

static void what_is_shown(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
    struct capture_state s = { .in_exchange = false };
    for (char const *const *line = sessions[i]; *line; line++)
      if (**line == '>') capture_answered(&s, *line + 1, strlen(*line + 1));
      else one(&s, *line);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(what_is_shown) };
  return cmocka_run_group_tests(tests, 0, 0);
}
