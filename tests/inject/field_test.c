/* Fields by their names. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "field.h"
#include "mail_header.h"

static struct { char const *line; enum field_kind field; unsigned treatment; } const names[] = {
  { "to:",                  FIELD_TO,             ADDRESSES | RECIPIENTS | COUNTED },
  { "TO :",                 FIELD_TO,             ADDRESSES | RECIPIENTS | COUNTED },
  { "cC:",                  FIELD_CC,             ADDRESSES | RECIPIENTS | COUNTED },
  { "Bcc:",                 FIELD_BCC,            ADDRESSES | RECIPIENTS | DROPPED },
  { "Too:",                 FIELD_OTHER,          0 },
  { "T:",                   FIELD_OTHER,          0 },
  { "X-To:",                FIELD_OTHER,          0 },
  { "message-id\t:",        FIELD_MESSAGE_ID,     0 },
  { "Resent-Bcc:",          FIELD_RESENT_BCC,     ADDRESSES | RECIPIENTS | DROPPED | RESENT },
  { "Return-Path:",         FIELD_RETURN_PATH,    ADDRESSES | DROPPED },
  { "content-LENGTH:",      FIELD_CONTENT_LENGTH, DROPPED },
};

static void names_are_known_in_any_case(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t body, len = mail_header_name_length(names[i].line, strlen(names[i].line), &body);
    struct field_rule const *rule = field_rule(names[i].line, len);
    if (rule->field != names[i].field || rule->treatment != names[i].treatment) fail_msg("%s", names[i].line);
    assert_int_equal(body, strlen(names[i].line));
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(names_are_known_in_any_case)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
