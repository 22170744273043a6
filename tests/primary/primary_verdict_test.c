/* What an answer to RCPT says about an address. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "primary_verdict.h"

static struct { char const *text; enum primary_said said; } const answers[] = {
  { "250 ok",                                          PRIMARY_KNOWN },
  { "251 2.1.5 will go on",                            PRIMARY_KNOWN },
  { "252 who knows",                                   PRIMARY_KNOWN },
  { "450 4.2.0 greylisted",                            PRIMARY_UNTOLD },
  { "451 4.1.1 not now",                               PRIMARY_UNTOLD },
  { "550 no such user",                                PRIMARY_NOBODY },
  { "550 5.1.1 no such user",                          PRIMARY_NOBODY },
  { "550-5.1.1 The address\n550 5.1.1 is not there",   PRIMARY_NOBODY },
  { "550 5.1.10 RESOLVER.ADR.RecipientNotFound",       PRIMARY_NOBODY },
  { "550 5.1.7 sender",                                PRIMARY_UNTOLD },
  { "550 5.1.8 sender's domain",                       PRIMARY_UNTOLD },
  { "550 5.2.1 disabled",                              PRIMARY_NOBODY },
  { "550 5.2.2 full",                                  PRIMARY_UNTOLD },
  { "550 5.4.1 Recipient address rejected",            PRIMARY_NOBODY },
  { "550 5.4.4 no route",                              PRIMARY_UNTOLD },
  { "550 5.7.1 no",                                    PRIMARY_UNTOLD },
  { "550 5.0.0 unknown",                               PRIMARY_NOBODY },
  { "550 4.1.1 unknown",                               PRIMARY_NOBODY },
  { "551 not here",                                    PRIMARY_NOBODY },
  { "552 5.1.1 full",                                  PRIMARY_UNTOLD },
  { "553 sorry, not in my list (#5.7.1)",              PRIMARY_UNTOLD },
  { "550 sorry, no mailbox here by that name (#5.1.1)", PRIMARY_NOBODY },
  { "550 mailbox #5 (#5.2.1)",                         PRIMARY_NOBODY },
  { "550 mailbox #5",                                  PRIMARY_NOBODY },
  { "554 5.1.1 no",                                    PRIMARY_UNTOLD },
  { "550",                                             PRIMARY_NOBODY },
  { "550 ",                                            PRIMARY_NOBODY },
  { "550 5",                                           PRIMARY_NOBODY },
  { "550 5.7",                                         PRIMARY_NOBODY },
  { "550 5.7.",                                        PRIMARY_NOBODY },
  { "550 #",                                           PRIMARY_NOBODY },
};

static void verdicts(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    size_t len = strlen(answers[i].text);
    char *exact = malloc(len);
    memcpy(exact, answers[i].text, len);
    enum primary_said said = primary_verdict((unsigned)atoi(answers[i].text), (struct field){ exact, len });
    if (said != answers[i].said) fail_msg("%s: %c", answers[i].text, said);
    free(exact);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(verdicts) };
  return cmocka_run_group_tests(tests, 0, 0);
}
