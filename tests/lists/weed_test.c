/* What a list's program does not answer, as the header says it, the status part of a report, or a box of stars. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <cmocka.h>

#include "weed.h"

#define REPORT "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n"
#define STATUS(action) "\n--b\n\nYour mail.\nAction: failed\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns;x\n\n" \
  "Final-Recipient: rfc822;a@b\n" action "\n--b--\n"
#define MAILER "From: Mail Delivery Subsystem <MAILER-DAEMON@x>\n"
#define BOX "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n" \
  "    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n"

static struct { char const *message; enum weed_verdict verdict; } const messages[] = {
  { "", WEED_KEEP },
  { "Subject: subscribe\n\nbody\n", WEED_KEEP },
  { "Subject: success notice\n\n", WEED_DROP },
  { "subject: success notice\n\n", WEED_DROP },
  { "Subject:success notice\n\n", WEED_DROP },
  { "Subject: Success notice\n\n", WEED_KEEP },
  { "Subject: no success notice\n\n", WEED_KEEP },
  { "X: y\nSubject: deferral notice for you\n\n", WEED_DROP },
  { "Precedence: bulk\n\n", WEED_DROP },
  { "Precedence: junk\n", WEED_DROP },
  { "Precedence: list\n\n", WEED_DROP },
  { "Precedence: first-class\n\n", WEED_KEEP },
  { "Auto-Submitted: auto-replied\n\n", WEED_DROP },
  { "Mailing-List: x\n\n", WEED_DROP },
  { "List-ID: x\n\n", WEED_DROP },
  { "List-Id: x\n\n", WEED_DROP },
  { "LIST-ID :\n\n", WEED_DROP },
  { "List-IDs: x\n\n", WEED_KEEP },
  { "PRECEDENCE:  bulk\n\n", WEED_DROP },
  { "auto-submitted: auto-replied\n\n", WEED_DROP },
  { "List-Unsubscribe: x\n\n", WEED_DROP },
  { "Subject: Out of Office AutoReply: x\n\n", WEED_DROP },
  { "Subject: x\n Mailing-List: y\n\nMailing-List: z\n", WEED_KEEP },
  { REPORT STATUS("Action: failed\n"), WEED_KEEP },
  { REPORT STATUS("action:  Failed \n"), WEED_KEEP },
  { REPORT STATUS("Action: delayed\n"), WEED_DROP },
  { REPORT STATUS("Action: delivered\nAction: failed\n"), WEED_DROP },
  { REPORT STATUS("Status: 4.0.0\n"), WEED_KEEP },
  { REPORT "Auto-Submitted: auto-replied\n" STATUS("Action: failed\n"), WEED_KEEP },
  { REPORT "Auto-Submitted: auto-replied\n" STATUS("Status: 4.0.0\n"), WEED_DROP },
  { REPORT "List-ID: x\n" STATUS("Action: failed\n"), WEED_DROP },
  { "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n" STATUS("Action: delayed\n"), WEED_KEEP },
  { "Content-Type: multipart/report; report-type=delivery-status\n" STATUS("Action: delayed\n"), WEED_KEEP },
  { MAILER "Subject: Warning: could not send message for past 4 hours\n\nHello\n" BOX, WEED_DROP },
  { MAILER "Subject: Returned mail: warning: cannot send message\n\n" BOX, WEED_DROP },
  { MAILER "Subject: Returned mail: user unknown\n\n" BOX, WEED_KEEP },
  { "Subject: Warning: could not send message\n\n" BOX, WEED_KEEP },
  { MAILER "Subject: Warning: could not send message\n\n** stars\n** WARNING MESSAGE ONLY\nno\n**\n**\n", WEED_KEEP },
};

static char const *left;

static ssize_t read_left(int fd, struct iovec const *v, unsigned count)
{
  size_t len = strnlen(left, v->iov_len);
  (void)fd, (void)count;
  memcpy(v->iov_base, left, len);
  left += len;
  return (ssize_t)len;
}

static enum weed_verdict judge(char const *message)
{
  char space[BUFFER_INSIZE];
  buffer in = BUFFER_INIT(&read_left, 0, space, sizeof space);
  struct mail_header header = MAIL_HEADER_ZERO;
  struct line_pieces pieces;
  struct line_piece piece;
  struct weed w = { .verdict = WEED_OPEN };
  left = message;
  mail_header_read(&header, &in);
  weed_begin(&w, &header);
  line_pieces_begin(&pieces, &header.body_start, &in);
  while (w.verdict == WEED_OPEN && line_pieces_next(&pieces, &piece) == 1) weed_piece(&w, &piece);
  enum weed_verdict verdict = weed_end(&w);
  stralloc_free(&header.text);
  stralloc_free(&header.body_start);
  genalloc_free(struct mail_header_field, &header.fields);
  stralloc_free(&w.boundary);
  return verdict;
}

static void messages_are_judged(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
    if (judge(messages[i].message) != messages[i].verdict) fail_msg("%s", messages[i].message);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(messages_are_judged) };
  return cmocka_run_group_tests(tests, 0, 0);
}
