/* What a message brings in its header, however it is cut into pieces. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "header.h"

enum { DATE = 1, ID = 2, NONE = 4, OPEN = 8 };

/* The text up to the end of its header, the rest, what it has. */
static struct { char const *header, *rest; unsigned has; } const messages[] = {
  { "", "", OPEN },
  { "", "\n", 0 },
  { "Date: x\n", "\nMessage-ID: y\n\n", DATE },
  { "Date: x\nMessage-ID: y\n", "", DATE | ID | OPEN },
  { "DATE:\nmessage-id \t:y\n", "\nbody\n", DATE | ID },
  { "Subject: a\n Date: b\n\tMessage-ID: c\n", "\n", 0 },
  { "Dat: x\nDates: x\nXDate: x\nMessage-IDs: y\nMessage-I: y\n", "\n", 0 },
  { "Resent-Date: x\nResent-Message-ID: y\n", "\n", 0 },
  { "X-Very-Long-Name-Of-A-Field: y\nMessage-ID: z\n", "\n", ID },
  { "hello\nDate: x\n", "\n", DATE | NONE },
  { "hello you: x\n", "\n", NONE },
  { ": x\n", "\n", NONE },
  { "Date\n", "\n", NONE },
  { "Date \n", "\n", NONE },
  { "D\303\244te: x\n", "\n", NONE },
  { "From joe Mon\n", "\n", NONE },
  { " x\n", "\n", 0 },
  { "Subject: x", "", OPEN },
};

static void fields_are_seen(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
    for (size_t piece = 1; piece < 20; piece++) {
      char text[256];
      struct header h = { 0 };
      strcpy(text, messages[i].header);
      strcat(text, messages[i].rest);
      size_t len = strlen(text), at = 0, in_header = 0;
      for (; at < len && !h.over; at += piece)
        in_header += header_take(&h, text + at, len - at < piece ? len - at : piece);
      assert_int_equal(in_header, strlen(messages[i].header));
      assert_int_equal((h.has_date ? DATE : 0) | (h.has_id ? ID : 0) | (h.is_none ? NONE : 0) | (h.over ? 0 : OPEN),
                       messages[i].has);
    }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(fields_are_seen) };
  return cmocka_run_group_tests(tests, 0, 0);
}
