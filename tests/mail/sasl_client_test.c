/* What a client says to prove who it is, and what a server must show. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sasl_client.h"

#define FIELD(s) ((struct field){ s, sizeof (s) - 1 })
static char const nonce[SASL_NONCE + 1] = "rOprNGfwEbeRWgbNEkqO";
static struct sasl_client s;

static bool begins(char const *login, char const *secret, bool is_token, char const *offered, bool may_be_said)
{
  struct sasl_secret const who = {
    .login = { login, strlen(login) }, .secret = { secret, strlen(secret) }, .is_token = is_token, .host = FIELD("mx.example"), .port = 587
  };
  return sasl_client_begin(&s, &who, (struct field){ offered, strlen(offered) }, may_be_said, nonce);
}

static bool says(char const *text, size_t len)
{
  return s.len == len && !memcmp(s.response, text, len);
}
#define SAYS(text) says(text, sizeof (text) - 1)

static bool answers(char const *challenge)
{
  return sasl_client_answer(&s, challenge, strlen(challenge));
}

static struct { char const *offered; bool token, may_be_said; char const *name; } const choices[] = {
  { "PLAIN LOGIN SCRAM-SHA-256",        false, true,  "SCRAM-SHA-256" },
  { "LOGIN PLAIN",                      false, true,  "PLAIN" },
  { "login",                            false, true,  "LOGIN" },
  { "PLAIN LOGIN",                      false, false, 0 },
  { "PLAIN scram-sha-256",              false, false, "SCRAM-SHA-256" },
  { "SCRAM-SHA-256-PLUS SCRAM-SHA-1",   false, true,  0 },
  { "PLAIN XOAUTH2",                    true,  true,  "XOAUTH2" },
  { "XOAUTH2 OAUTHBEARER",              true,  true,  "OAUTHBEARER" },
  { "XOAUTH2 OAUTHBEARER",              true,  false, 0 },
  { "XOAUTH2",                          false, true,  0 },
  { "PLAIN",                            true,  true,  0 },
  { "",                                 false, true,  0 },
  { "  PLAINX  XPLAIN ",                false, true,  0 },
};

static void the_best_is_chosen(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
    bool chosen = begins("u", "p", choices[i].token, choices[i].offered, choices[i].may_be_said);
    if (chosen != !!choices[i].name || (chosen && strcmp(s.name, choices[i].name) != 0)) fail_msg("%s", choices[i].offered);
  }
}

static void plain_and_login(void **state)
{
  (void)state;
  assert_true(begins("tim", "tanstaaf", false, "PLAIN", true) && s.has_first && SAYS("\0tim\0tanstaaf"));
  assert_true(sasl_client_is_content(&s));
  assert_false(answers(""));
  assert_true(begins("tim", "tanstaaf", false, "LOGIN", true) && !s.has_first);
  assert_true(answers("Username:") && SAYS("tim") && !sasl_client_is_content(&s));
  assert_true(answers("whatever") && SAYS("tanstaaf") && sasl_client_is_content(&s));
  assert_false(answers("more?"));
}

static void tokens(void **state)
{
  (void)state;
  assert_true(begins("a@b", "T", true, "XOAUTH2", true) && SAYS("user=a@b\1auth=Bearer T\1\1"));
  assert_true(answers("{\"status\":\"401\"}") && s.len == 0);
  assert_false(answers("{}"));
  assert_true(begins("a,b=@c", "T", true, "OAUTHBEARER", true));
  assert_true(SAYS("n,a=a=2Cb=3D@c,\1host=mx.example\1port=587\1auth=Bearer T\1\1"));
  assert_true(answers("{\"status\":\"invalid_token\"}") && SAYS("\1"));
  assert_false(answers("{}"));
}

#define SERVER_FIRST "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define SERVER_LAST "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

/* The example of RFC 7677. */
static void scram(void **state)
{
  (void)state;
  assert_true(begins("user", "pencil", false, "SCRAM-SHA-256", false) && s.has_first && SAYS("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
  assert_true(answers(SERVER_FIRST));
  assert_true(SAYS("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
  assert_false(sasl_client_is_content(&s));
  assert_true(answers(SERVER_LAST) && s.len == 0 && sasl_client_is_content(&s));
  assert_false(answers(""));
}

static char const *const wrong_first[] = {
  "", "r=", "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=ROprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095", "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001",
  "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999", "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=04096",
  "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ=,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,i=4096",
  "m=x,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==", "e=other-error"
};

static void a_server_that_asks_for_too_little_is_told_nothing(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof wrong_first / sizeof *wrong_first; i++) {
    assert_true(begins("user", "pencil", false, "SCRAM-SHA-256", false));
    if (answers(wrong_first[i])) fail_msg("%s", wrong_first[i]);
  }
}

static char const *const wrong_last[] = {
  "", "v=", "e=invalid-proof", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4"
};

static void a_server_that_does_not_know_the_password_is_not_believed(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof wrong_last / sizeof *wrong_last; i++) {
    assert_true(begins("user", "pencil", false, "SCRAM-SHA-256", false) && answers(SERVER_FIRST));
    assert_false(answers(wrong_last[i]) || sasl_client_is_content(&s));
  }
}

static void what_cannot_be_said_is_not(void **state)
{
  (void)state;
  static char longest[SASL_SECRET_MAX + 2];
  memset(longest, 'x', SASL_SECRET_MAX);
  assert_true(begins("u", longest, false, "PLAIN", true) && begins("u", longest, true, "OAUTHBEARER", true));
  longest[SASL_SECRET_MAX] = 'x';
  assert_false(begins("u", longest, false, "PLAIN", true));
  assert_false(begins("", "p", false, "PLAIN", true) || begins("u", "", false, "PLAIN", true));
  assert_false(begins("u", "T\1x", true, "XOAUTH2", true) || begins("u\1", "T", true, "XOAUTH2", true));
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(the_best_is_chosen), cmocka_unit_test(plain_and_login), cmocka_unit_test(tokens), cmocka_unit_test(scram),
    cmocka_unit_test(a_server_that_asks_for_too_little_is_told_nothing),
    cmocka_unit_test(a_server_that_does_not_know_the_password_is_not_believed), cmocka_unit_test(what_cannot_be_said_is_not)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
