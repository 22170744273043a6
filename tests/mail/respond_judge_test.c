/* Which messages a robot answers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "address.h"
#include "respond_judge.h"
#include "text.h"

static struct { char const *sender; enum respond_verdict verdict; } const senders[] = {
  { "joe@example.org",                RESPOND_ANSWER },
  { "",                               RESPOND_SILENCE },
  { "#@[]",                           RESPOND_SILENCE },
  { "joe",                            RESPOND_SILENCE },
  { "@example.org",                   RESPOND_SILENCE },
  { "joe@",                           RESPOND_SILENCE },
  { "MAILER-DAEMON@example.org",      RESPOND_SILENCE },
  { "Mailer-Daemon-x@example.org",    RESPOND_SILENCE },
  { "daemon@example.org",             RESPOND_ANSWER },
  { "owner-list@example.org",         RESPOND_SILENCE },
  { "list-OWNER@example.org",         RESPOND_SILENCE },
  { "list-request@example.org",       RESPOND_SILENCE },
  { "requests@example.org",           RESPOND_ANSWER },
  { "homeowner@example.org",          RESPOND_ANSWER },
  { "list-return-12-joe=a.example@b", RESPOND_SILENCE },
  { "list-bounces+joe=a.example@b",   RESPOND_SILENCE },
  { "list-bounces@b",                 RESPOND_SILENCE },
  { "noreply@example.org",            RESPOND_SILENCE },
  { "noreply2@example.org",           RESPOND_ANSWER },
  { "a\nb@example.org",               RESPOND_SILENCE },
  { "Me@example.net",                 RESPOND_SILENCE },       /* who would answer */
  { "J\303\266rg@example.org",        RESPOND_ANSWER },
};

static void senders_are_people_or_not(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
    char const *why = 0;
    enum respond_verdict verdict = respond_judge_sender(&why, field_of(senders[i].sender), field_of("me@EXAMPLE.net"));
    if (verdict != senders[i].verdict || !why != (verdict == RESPOND_ANSWER)) fail_msg("%s", senders[i].sender);
  }
}

static void a_sender_has_a_limit(void **state)
{
  (void)state;
  char sender[ADDRESS_MAX + 2];
  char const *why;
  memset(sender, 'x', sizeof sender);
  sender[1] = '@';
  for (int over = -1; over <= 1; over++)
    assert_int_equal(respond_judge_sender(&why, (struct field){ sender, (size_t)(ADDRESS_MAX + over) }, field_of("a@b")),
                     over <= 0 ? RESPOND_ANSWER : RESPOND_SILENCE);
}

static struct { char const *header; enum respond_verdict verdict; } const headers[] = {
  { "",                                             RESPOND_ANSWER },
  { "Subject: hello\nTo: a@b\n",                    RESPOND_ANSWER },
  { "delivered-to: autoresponder\n",                RESPOND_LOOP },
  { "Delivered-To: Autoresponder2\n",               RESPOND_ANSWER },
  { "List-Id: <x>\nDelivered-To: Autoresponder\n",  RESPOND_LOOP },
  { "Auto-Submitted: no\n",                         RESPOND_ANSWER },
  { "Auto-Submitted:\n NO (really); x=y\n",         RESPOND_ANSWER },
  { "Auto-Submitted: auto-generated\n",             RESPOND_SILENCE },
  { "Auto-Submitted: auto-replied; owner=x\n",      RESPOND_SILENCE },
  { "Auto-Submitted: none\n",                       RESPOND_SILENCE },
  { "Auto-Submitted:\n",                            RESPOND_SILENCE },
  { "Precedence: bulk\n",                           RESPOND_SILENCE },
  { "precedence :  Junk\n",                         RESPOND_SILENCE },
  { "Precedence: list (x)\n",                       RESPOND_SILENCE },
  { "Precedence: first-class\n",                    RESPOND_ANSWER },
  { "Precedence: bulky\n",                          RESPOND_ANSWER },
  { "Mailing-List: x\n",                            RESPOND_SILENCE },
  { "X: y\n Mailing-List: x\n",                     RESPOND_ANSWER },
  { "LIST-ID: <x>\n",                               RESPOND_SILENCE },
  { "List-Unsubscribe: <x>\n",                      RESPOND_SILENCE },
  { "List-Idea: x\n",                               RESPOND_ANSWER },
  { "X-Auto-Response-Suppress: DR, OOF\n",          RESPOND_SILENCE },
  { "X-Auto-Response-Suppress: All\n",              RESPOND_SILENCE },
  { "X-Auto-Response-Suppress: DR,RN\n",            RESPOND_ANSWER },
  { "Content-Type: multipart/report; x=y\n",        RESPOND_SILENCE },
  { "Content-Type: multipart/mixed\n",              RESPOND_ANSWER },
  { "X-Spam-Flag: YES\n",                           RESPOND_SILENCE },
  { "X-Spam-Flag: NO\n",                            RESPOND_ANSWER },
  { "\nPrecedence: bulk\n",                         RESPOND_ANSWER },       /* body */
};

static void read_header(struct mail_header *h, char const *s)
{
  char space[64];
  buffer in;
  FILE *file = tmpfile();
  assert_non_null(file);
  assert_true(fputs(s, file) >= 0);
  rewind(file);
  lseek(fileno(file), 0, SEEK_SET);
  buffer_init(&in, &buffer_read, fileno(file), space, sizeof space);
  assert_int_equal(mail_header_read(h, &in), MAIL_HEADER_OK);
  fclose(file);
}

static void headers_tell(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    struct mail_header h = MAIL_HEADER_ZERO;
    char const *why = 0;
    read_header(&h, headers[i].header);
    enum respond_verdict verdict = respond_judge_header(&why, &h);
    if (verdict != headers[i].verdict || !why != (verdict == RESPOND_ANSWER)) fail_msg("%s", headers[i].header);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(senders_are_people_or_not),
    cmocka_unit_test(a_sender_has_a_limit),
    cmocka_unit_test(headers_tell)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
