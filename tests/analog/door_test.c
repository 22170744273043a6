/* What those who let in say; and foreign text in HTML. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "door.h"
#include "html.h"
#include "text.h"

static struct { char const *line; enum door_kind kind; char const *ip, *user, *reason; } const cases[] = {
  { "qmail-smtpd: refused from 192.0.2.7 at RCPT sender <a@b> recipient <c:_d>: 550 5.1.1 no: x", DOOR_MAIL_REFUSED, "192.0.2.7", "", "550 5.1.1 no: x" },
  { " qmail-smtpd: refused from 2001:db8::1 at MAIL: 553 no", DOOR_MAIL_REFUSED, "2001:db8::1", "", "553 no" },
  { "qmail-smtpd: accepted from 192.0.2.7 sender <a@b> recipients 1 bytes 3 qp 4", DOOR_OTHER, 0, 0, 0 },
  { "qmail-popup: ip 192.0.2.7 user joe: refused", DOOR_LOGIN_REFUSED, "192.0.2.7", "joe", "refused" },
  { "qmail-popup: ip 192.0.2.7 user joe: session over", DOOR_OTHER, 0, 0, 0 },
  { "qmail-popup: ip 192.0.2.7 user a:b::: refused", DOOR_LOGIN_REFUSED, "192.0.2.7", "a:b::", "refused" },
  { "qmail-authd: refused from 192.0.2.7 by smtp user joe: wrong password", DOOR_LOGIN_REFUSED, "192.0.2.7", "joe", "wrong password" },
  { "qmail-authd: refused from 192.0.2.7 by pop3 user joe: wrong password", DOOR_OTHER, 0, 0, 0 },
  { "qmail-authd: penalty for 192.0.2.7: 60 seconds", DOOR_OTHER, 0, 0, 0 },
  { "qmail-smtpd: refused", DOOR_OTHER, 0, 0, 0 },
  { "other: refused from 1", DOOR_OTHER, 0, 0, 0 },
  { "", DOOR_OTHER, 0, 0, 0 },
};

static void lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct door_line d = door_read((struct field){ cases[i].line, strlen(cases[i].line) });
    if (d.kind != cases[i].kind) fail_msg("%s: %d", cases[i].line, d.kind);
    if (d.kind == DOOR_OTHER) continue;
    struct { struct field is; char const *wanted; } const parts[] = {
      { d.ip, cases[i].ip }, { d.user, cases[i].user }, { d.reason, cases[i].reason }
    };
    for (size_t p = 0; p < 3; p++)
      if (parts[p].is.len != strlen(parts[p].wanted) || memcmp(parts[p].is.s, parts[p].wanted, parts[p].is.len))
        fail_msg("%s: %.*s", cases[i].line, (int)parts[p].is.len, parts[p].is.s);
  }
}

static struct { char const *text, *html; } const texts[] = {
  { "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;" },
  { "\x01\n\x7f", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
  { "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x8E", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x8E" },
  { "\xE9" "a\xC2\x9B\xEF\xBF\xBF", "\xEF\xBF\xBD" "a\xEF\xBF\xBD\xEF\xBF\xBD" },
};

static void html(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    stralloc to = STRALLOC_ZERO;
    html_text(&to, texts[i].text, strlen(texts[i].text));
    assert_string_equal(text_z(&to), texts[i].html);
    stralloc_free(&to);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines), cmocka_unit_test(html) };
  return cmocka_run_group_tests(tests, 0, 0);
}
