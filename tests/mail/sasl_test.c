#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sasl.h"

#define STAMP "<1896.697170952@postoffice.reston.mci.net>"
#define STAMP_64 "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"

enum { ALL = SASL_PLAIN | SASL_LOGIN | SASL_CRAM_MD5 };

static char const *const words[] = {
  [SASL_CHALLENGE] = "challenge", [SASL_COMPLETE] = "complete", [SASL_GARBLED] = "garbled",
  [SASL_CANCELLED] = "cancelled", [SASL_UNFIT] = "unfit", [SASL_REFUSED] = "refused"
};

static enum sasl_said said_first(struct sasl *s, char *line, size_t len)
{
  size_t name = strcspn(line, " ");
  struct sasl_mechanism const *m = sasl_find(line, name, ALL);
  assert_non_null(m);
  size_t at = name + (line[name] == ' ');
  return sasl_begin(s, m, STAMP, line + at, len - at);
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
    char lines[300], said[600];
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
  assert_string_equal(sasl_name(ALL, 0), "PLAIN");
  assert_string_equal(sasl_name(ALL, 2), "CRAM-MD5");
  assert_null(sasl_name(ALL, 3));
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
  assert_int_equal(sasl_begin(&s, sasl_find("LOGIN", 5, ALL), "", line, sizeof line), SASL_REFUSED);
  memset(line, 'Y', sizeof line);
  assert_int_equal(sasl_begin(&s, sasl_find("LOGIN", 5, ALL), "", line, BASE64_LEN(CREDENTIALS_MAX + 1)), SASL_REFUSED);
  memset(line, 'Y', sizeof line);
  assert_int_equal(sasl_begin(&s, sasl_find("LOGIN", 5, ALL), "", line, 680), SASL_CHALLENGE);
  assert_int_equal(s.login[509], 0x18);
  sasl_end(&s);
  for (size_t i = 0; i < sizeof s; i++) assert_int_equal(((char *)&s)[i], 0);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(exchanges), cmocka_unit_test(names), cmocka_unit_test(long_names_and_nothing_left)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
