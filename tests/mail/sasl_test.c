#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sasl.h"
#include "sasl_client.h"

#define STAMP "<1896.697170952@postoffice.reston.mci.net>"
#define STAMP_64 "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"

enum { ALL = SASL_PLAIN | SASL_LOGIN | SASL_CRAM_MD5 | SASL_SCRAM | SASL_SCRAM_PLUS };

static struct sasl_side const side = { .stamp = STAMP };

static char const *const words[] = {
  [SASL_CHALLENGE] = "challenge", [SASL_COMPLETE] = "complete", [SASL_GARBLED] = "garbled",
  [SASL_WANTS_SALT] = "wants salt",
  [SASL_CANCELLED] = "cancelled", [SASL_UNFIT] = "unfit", [SASL_REFUSED] = "refused"
};

static enum sasl_said said_first(struct sasl *s, char *line, size_t len)
{
  size_t name = strcspn(line, " ");
  struct sasl_mechanism const *m = sasl_find(line, name, ALL);
  assert_non_null(m);
  size_t at = name + (line[name] == ' ');
  return sasl_begin(s, m, &side, line + at, len - at);
}

/* What the server says to these lines, each with a blank between: its challenges, and how it ends. */
static void tell(char *to, struct sasl *s, char *lines)
{
  enum sasl_said said = SASL_CHALLENGE;
  bool first = true;
  *to = 0;
  for (char *line = lines, *next; line; line = next, first = false) {
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    said = first ? said_first(s, line, strlen(line)) : sasl_answer(s, line, strlen(line));
    if (said == SASL_CHALLENGE) sprintf(to + strlen(to), "[%s] ", s->challenge);
    else assert_null(next);
  }
  if (said != SASL_CHALLENGE) strcat(to, words[said]);
}

static void exchanges(void **state)
{
  struct { char const *lines, *said, *login; size_t login_len; char const *secret; size_t secret_len; } const cases[] = {
    { "PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm", "complete", "tim", 3, "tanstaaftanstaaf", 16 },
    { "plain AGpvZQB4", "complete", "joe", 3, "x", 1 },
    { "PLAIN am9lAGpvZQB4eQ==", "complete", "joe", 3, "xy", 2 },
    { "PLAIN AGoA//46ICU=", "complete", "j", 1, "\377\376: %", 5 },
    { "PLAIN\nAGpvZQB4", "[] complete", "joe", 3, "x", 1 },
    { "PLAIN\n", "[] refused", 0, 0, 0, 0 },
    { "PLAIN\n*", "[] cancelled", 0, 0, 0, 0 },
    { "PLAIN =", "refused", 0, 0, 0, 0 },
    { "PLAIN ====", "garbled", 0, 0, 0, 0 },
    { "PLAIN ===", "garbled", 0, 0, 0, 0 },
    { "PLAIN A===", "garbled", 0, 0, 0, 0 },
    { "PLAIN AA==", "refused", 0, 0, 0, 0 },
    { "PLAIN *", "garbled", 0, 0, 0, 0 },
    { "PLAIN AGpvZQB4=", "garbled", 0, 0, 0, 0 },
    { "PLAIN AGpv ZQB4", "garbled", 0, 0, 0, 0 },
    { "PLAIN AGpvZQB4\r", "garbled", 0, 0, 0, 0 },
    { "PLAIN AGpv=QB4", "garbled", 0, 0, 0, 0 },
    { "PLAIN AGoAeH==", "garbled", 0, 0, 0, 0 },               /* bits to spare that are not 0 */
    { "PLAIN AGoAeHk=", "complete", "j", 1, "xy", 2 },
    { "PLAIN am9l", "refused", 0, 0, 0, 0 },
    { "PLAIN AGpvZQ==", "refused", 0, 0, 0, 0 },
    { "PLAIN AGpvZQA=", "refused", 0, 0, 0, 0 },
    { "PLAIN AAB4", "refused", 0, 0, 0, 0 },
    { "PLAIN AAA=", "refused", 0, 0, 0, 0 },
    { "PLAIN YW5uAGpvZQB4", "refused", 0, 0, 0, 0 },           /* ann as joe */
    { "PLAIN am8Aam9lAHg=", "refused", 0, 0, 0, 0 },
    { "PLAIN AGpvZQB4AHk=", "refused", 0, 0, 0, 0 },           /* a third NUL */

    { "LOGIN\ndGlt\ndGFuc3RhYWY=", "[VXNlcm5hbWU6] [UGFzc3dvcmQ6] complete", "tim", 3, "tanstaaf", 8 },
    { "LOGIN dGlt\ndGFuc3RhYWY=", "[UGFzc3dvcmQ6] complete", "tim", 3, "tanstaaf", 8 },
    { "LOGIN =\ndGlt\ndGFuc3RhYWY=", "[VXNlcm5hbWU6] [UGFzc3dvcmQ6] complete", "tim", 3, "tanstaaf", 8 },
    { "LOGIN\n", "[VXNlcm5hbWU6] refused", 0, 0, 0, 0 },
    { "LOGIN\ndGlt\n", "[VXNlcm5hbWU6] [UGFzc3dvcmQ6] refused", 0, 0, 0, 0 },
    { "LOGIN\n*", "[VXNlcm5hbWU6] cancelled", 0, 0, 0, 0 },
    { "LOGIN\ndGlt\n*", "[VXNlcm5hbWU6] [UGFzc3dvcmQ6] cancelled", 0, 0, 0, 0 },
    { "LOGIN\ntim", "[VXNlcm5hbWU6] garbled", 0, 0, 0, 0 },
    { "LOGIN\ndAB0", "[VXNlcm5hbWU6] refused", 0, 0, 0, 0 },
    { "LOGIN dGlt\neAB4", "[UGFzc3dvcmQ6] refused", 0, 0, 0, 0 },

    { "CRAM-MD5\ndGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", "[" STAMP_64 "] complete", "tim", 3,
      "b913a602c7eda7a495b4e6e7334d3890", 32 },
    { "CRAM-MD5\nYSBiIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", "[" STAMP_64 "] complete", "a b", 3,
      "b913a602c7eda7a495b4e6e7334d3890", 32 },
    { "CRAM-MD5 dGlt", "unfit", 0, 0, 0, 0 },
    { "CRAM-MD5 =", "unfit", 0, 0, 0, 0 },
    { "CRAM-MD5\n", "[" STAMP_64 "] refused", 0, 0, 0, 0 },
    { "CRAM-MD5\ndGlt", "[" STAMP_64 "] refused", 0, 0, 0, 0 },
    { "CRAM-MD5\ndGltIGI5", "[" STAMP_64 "] refused", 0, 0, 0, 0 },
    { "CRAM-MD5\nIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", "[" STAMP_64 "] refused", 0, 0, 0, 0 },
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char lines[300], said[1000];
    struct sasl s;
    strcpy(lines, cases[i].lines);
    tell(said, &s, lines);
    assert_string_equal(said, cases[i].said);
    if (!cases[i].login) continue;
    assert_int_equal(s.credentials.login_len, cases[i].login_len);
    assert_memory_equal(s.credentials.login, cases[i].login, cases[i].login_len);
    assert_int_equal(s.credentials.password_len, cases[i].secret_len);
    assert_memory_equal(s.credentials.password, cases[i].secret, cases[i].secret_len);
  }
}

static void names(void **state)
{
  (void)state;
  assert_string_equal(sasl_name(ALL, 0), "SCRAM-SHA-256-PLUS");
  assert_string_equal(sasl_name(ALL, 2), "PLAIN");
  assert_string_equal(sasl_name(ALL, 4), "CRAM-MD5");
  assert_null(sasl_name(ALL, 5));
  assert_string_equal(sasl_name(SASL_LOGIN, 0), "LOGIN");
  assert_null(sasl_name(0, 0));
  assert_non_null(sasl_find("LoGin", 5, ALL));
  assert_null(sasl_find("LOGIN", 5, SASL_PLAIN));
  assert_null(sasl_find("LOGI", 4, ALL));
  assert_null(sasl_find("", 0, ALL));
}

static void long_names_and_nothing_left(void **state)
{
  static char line[SASL_LINE_MAX];
  struct sasl s;
  (void)state;
  memset(line, 'A', sizeof line);
  for (size_t i = 3; i < sizeof line; i += 4) line[i] = 'B';
  assert_int_equal(sasl_begin(&s, sasl_find("LOGIN", 5, ALL), &side, line, sizeof line), SASL_REFUSED);
  memset(line, 'Y', sizeof line);
  assert_int_equal(sasl_begin(&s, sasl_find("LOGIN", 5, ALL), &side, line, BASE64_LEN(CREDENTIALS_MAX + 1)), SASL_REFUSED);
  memset(line, 'Y', sizeof line);
  assert_int_equal(sasl_begin(&s, sasl_find("LOGIN", 5, ALL), &side, line, 680), SASL_CHALLENGE);
  assert_int_equal(s.login[509], 0x18);
  sasl_end(&s);
  for (size_t i = 0; i < sizeof s; i++) assert_int_equal(((char *)&s)[i], 0);
}

/* ---- SCRAM ---- */

#define NONCE "rOprNGfwEbeRWgbNEkqO"

static size_t encode(char *to, char const *text, size_t len)
{
  return base64_encode(to, text, len);
}

/* As the first, or as the next thing that a client says in clear. */
static enum sasl_said say(struct sasl *s, char const *text, size_t len)
{
  static char line[SASL_LINE_MAX];
  return sasl_answer(s, line, encode(line, text, len));
}

static enum sasl_said first_of(struct sasl *s, char const *mechanism, struct sasl_side const *by, char const *text)
{
  static char line[SASL_LINE_MAX];
  return sasl_begin(s, sasl_find(mechanism, strlen(mechanism), ALL), by, line, encode(line, text, strlen(text)));
}

static void decoded(char *to, char const *challenge)
{
  size_t len;
  strcpy(to, challenge);
  assert_true(base64_decode(to, strlen(to), &len));
  to[len] = 0;
}

/* The client of our own that sends mail to others. */
static void both_sides_of_scram(void **state)
{
  static struct sasl_client c;
  static struct sasl s;
  char text[800];
  struct sasl_secret const who = { .login = field_of("a,b=c@example.org"), .secret = field_of("pencil") };
  struct scram_stored stored;
  char made[SCRAM_STORED_SIZE];
  unsigned char proof[SCRAM_DIGEST + 1], ours[SCRAM_DIGEST];
  size_t len;
  (void)state;
  assert_true(scram_stored_make(made, "pencil", 6) && scram_stored_read(&stored, made, strlen(made)));
  assert_true(sasl_client_begin(&c, &who, field_of("SCRAM-SHA-256"), false, NONCE));
  assert_int_equal(sasl_begin(&s, sasl_find("SCRAM-SHA-256", 13, ALL), &side, text, 0), SASL_CHALLENGE);
  assert_string_equal(s.challenge, "");
  assert_int_equal(say(&s, c.response, c.len), SASL_WANTS_SALT);
  assert_int_equal(s.credentials.login_len, who.login.len);
  assert_memory_equal(s.credentials.login, who.login.s, who.login.len);
  assert_int_equal(sasl_salt(&s, stored.salt, stored.rounds), SASL_CHALLENGE);
  decoded(text, s.challenge);
  assert_memory_equal(text, "r=" NONCE "1896.697170952,s=", 38);
  assert_true(sasl_client_answer(&c, text, strlen(text)));
  assert_int_equal(say(&s, c.response, c.len), SASL_COMPLETE);
  memcpy(text, s.credentials.password, s.credentials.password_len);
  assert_true(base64_decode(text, s.credentials.password_len, &len) && len == SCRAM_DIGEST);
  memcpy(proof, text, len);
  struct field const heard = { s.credentials.stamp, s.credentials.stamp_len };
  assert_true(scram_is_proof(proof, &stored.keys, heard));
  scram_sign(ours, &stored.keys, heard);
  assert_true(sasl_sign(&s, (struct field){ text, encode(text, (char *)ours, sizeof ours) }));
  decoded(text, s.challenge);
  assert_true(sasl_client_answer(&c, text, strlen(text)) && sasl_client_is_content(&c));
}

static struct sasl_side const bound = { .stamp = STAMP, .exporter = { "EXPO", 4 }, .endpoint = { "END", 3 } };

static void firsts_of_scram(void **state)
{
  static char longest[300];
  static struct { char const *mechanism; bool tls; char const *text; enum sasl_said said; } const cases[] = {
    { "SCRAM-SHA-256", false, "n,,n=user,r=" NONCE, SASL_WANTS_SALT },
    { "SCRAM-SHA-256", false, "n,,n=user,r=" NONCE ",x=later", SASL_WANTS_SALT },
    { "SCRAM-SHA-256", false, "n,a=user,n=user,r=" NONCE, SASL_WANTS_SALT },
    { "SCRAM-SHA-256", false, "n,a=other,n=user,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,user,n=user,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256", false, "y,,n=user,r=" NONCE, SASL_WANTS_SALT },
    { "SCRAM-SHA-256", true, "y,,n=user,r=" NONCE, SASL_REFUSED },       /* somebody has hidden -PLUS from him */
    { "SCRAM-SHA-256", true, "n,,n=user,r=" NONCE, SASL_WANTS_SALT },
    { "SCRAM-SHA-256", true, "p=tls-exporter,,n=user,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256-PLUS", true, "p=tls-exporter,,n=user,r=" NONCE, SASL_WANTS_SALT },
    { "SCRAM-SHA-256-PLUS", true, "p=tls-server-end-point,,n=user,r=" NONCE, SASL_WANTS_SALT },
    { "SCRAM-SHA-256-PLUS", true, "p=tls-unique,,n=user,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256-PLUS", true, "n,,n=user,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256-PLUS", false, "p=tls-exporter,,n=user,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,,m=x,n=user,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,,n=,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,,n=a=2Cb=3D,r=" NONCE, SASL_WANTS_SALT },
    { "SCRAM-SHA-256", false, "n,,n=a=2c,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,,n=a=,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,,n=a=2,r=" NONCE, SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,,n=user,r=short", SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,,n=user,r=a b c d e f g", SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,,n=user", SASL_REFUSED },
    { "SCRAM-SHA-256", false, "n,,", SASL_REFUSED }, { "SCRAM-SHA-256", false, "n", SASL_REFUSED },
    { "SCRAM-SHA-256", false, longest, SASL_REFUSED },
  };
  static struct sasl s;
  (void)state;
  memset(longest, 'x', sizeof longest - 1);
  memcpy(longest, "n,,n=user,r=", 12);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    print_message("%s %s\n", cases[i].mechanism, cases[i].text);
    assert_int_equal(first_of(&s, cases[i].mechanism, cases[i].tls ? &bound : &side, cases[i].text), cases[i].said);
  }
}

#define BOTH NONCE "1896.697170952"
#define PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

static void finals_of_scram(void **state)
{
  static struct { char const *text; enum sasl_said said; } const cases[] = {
    { "c=cD10bHMtZXhwb3J0ZXIsLEVYUE8=,r=" BOTH ",p=" PROOF, SASL_COMPLETE },
    { "c=cD10bHMtZXhwb3J0ZXIsLEVYUE8=,r=" BOTH ",x=later,p=" PROOF, SASL_COMPLETE },
    { "c=cD10bHMtZXhwb3J0ZXIsLA==,r=" BOTH ",p=" PROOF, SASL_REFUSED },          /* of no connection */
    { "c=cD10bHMtZXhwb3J0ZXIsLEVYUFA=,r=" BOTH ",p=" PROOF, SASL_REFUSED },      /* of another one */
    { "c=biws,r=" BOTH ",p=" PROOF, SASL_REFUSED },
    { "c=,r=" BOTH ",p=" PROOF, SASL_REFUSED },
    { "c=cD10bHMtZXhwb3J0ZXIsLEVYUE8=,r=" NONCE ",p=" PROOF, SASL_REFUSED },
    { "c=cD10bHMtZXhwb3J0ZXIsLEVYUE8=,r=" BOTH "x,p=" PROOF, SASL_REFUSED },
    { "c=cD10bHMtZXhwb3J0ZXIsLEVYUE8=,r=" BOTH, SASL_REFUSED },
    { "c=cD10bHMtZXhwb3J0ZXIsLEVYUE8=,r=" BOTH ",p=", SASL_REFUSED },
    { "c=cD10bHMtZXhwb3J0ZXIsLEVYUE8=,r=" BOTH ",p=" PROOF "x", SASL_REFUSED },
    { "r=" BOTH ",c=cD10bHMtZXhwb3J0ZXIsLEVYUE8=,p=" PROOF, SASL_REFUSED },
    { "p=" PROOF, SASL_REFUSED }, { "", SASL_REFUSED }, { ",,,", SASL_REFUSED },
  };
  static struct sasl s;
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    print_message("%s\n", cases[i].text);
    assert_int_equal(first_of(&s, "SCRAM-SHA-256-PLUS", &bound, "p=tls-exporter,,n=user,r=" NONCE), SASL_WANTS_SALT);
    assert_int_equal(say(&s, "x", 1), SASL_REFUSED);                    /* out of turn */
    assert_int_equal(sasl_salt(&s, field_of("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096), SASL_CHALLENGE);
    assert_false(sasl_sign(&s, field_of(PROOF)));
    assert_int_equal(say(&s, cases[i].text, strlen(cases[i].text)), cases[i].said);
    assert_int_equal(sasl_sign(&s, field_of(PROOF)), cases[i].said == SASL_COMPLETE);
    if (cases[i].said == SASL_COMPLETE) assert_int_equal(say(&s, cases[i].text, strlen(cases[i].text)), SASL_REFUSED);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(both_sides_of_scram), cmocka_unit_test(firsts_of_scram), cmocka_unit_test(finals_of_scram),
    cmocka_unit_test(exchanges), cmocka_unit_test(names), cmocka_unit_test(long_names_and_nothing_left)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
