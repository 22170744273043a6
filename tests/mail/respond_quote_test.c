/* What of a message is quoted. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "respond_quote.h"
#include "text.h"

#define TWO "Content-Type: multipart/alternative; boundary=\"b b\"\n"

static struct { char const *header, *body, *quoted; } const cases[] = {
  { "", "", "" },
  { "", "a\r\nb", "a\nb\n" },
  { "", "J\303\266rg\n", "J\303\266rg\n" },
  { "", "J\366rg\n", "" },
  { "", "a\33[2J\n", "" },
  { "Content-Type: text/plain; charset=ISO-8859-1\n", "J\366rg\n", "J\303\266rg\n" },
  { "Content-Type: text/plain; charset=koi8-r\n", "\366\n", "" },
  { "Content-Type: text/html\n", "<p>a\n", "" },
  { "Content-Transfer-Encoding: quoted-printable\n", "J=C3=b6rg =\nx=3D=zz \n=", "J\303\266rg x==zz\n" },
  { "Content-Transfer-Encoding: BASE64\n", "SsO2cm\r\ncK\r\n", "J\303\266rg\n" },
  { "Content-Transfer-Encoding: base64\n", "SsO2cmcK SsO", "J\303\266rg\n" },
  { "Content-Transfer-Encoding: base64\n", "!!!!", "" },
  { "Content-Transfer-Encoding: base64\n", "", "" },
  { TWO, "pre\n--b b\nContent-Type: text/html\n\n<p>\n--b b\nContent-Type: text/plain;\n charset=iso-8859-1\n\nJ\366rg\n--b b--\nend\n",
    "J\303\266rg\n" },
  { TWO, "--b b\n\nfirst\n--b bc\n--b b  \n\nsecond\n", "first\n--b bc\n" },
  { TWO, "--b b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Transfer-Encoding: quoted-printable\n\n=41\n--c--\n--b b--\n",
    "A\n" },
  { TWO, "--b b--\n\nepilogue\n", "" },
  { TWO, "no delimiter\n", "" },
  { "Content-Type: multipart/mixed\n", "--\n\na\n", "" },
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

static void texts_that_can_be_read(void **state)
{
  (void)state;
  stralloc quoted = STRALLOC_ZERO;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct mail_header h = MAIL_HEADER_ZERO;
    read_header(&h, cases[i].header);
    respond_quote(&quoted, &h, (struct field){ cases[i].body, strlen(cases[i].body) });
    assert_string_equal(text_z(&quoted), cases[i].quoted);
  }
}

static void parts_have_a_depth(void **state)
{
  (void)state;
  stralloc body = STRALLOC_ZERO, quoted = STRALLOC_ZERO;
  struct mail_header h = MAIL_HEADER_ZERO;
  read_header(&h, "Content-Type: multipart/mixed; boundary=b\n");
  for (int depth = RESPOND_QUOTE_DEPTH - 1; depth <= RESPOND_QUOTE_DEPTH + 1; depth++) {
    text_set(&body, "");
    for (int i = 1; i < depth; i++) {
      text_add(&body, i == 1 ? "--b\n" : "--b");
      if (i > 1) text_addu(&body, (uint64_t)i - 1), text_addc(&body, '\n');
      text_add(&body, "Content-Type: multipart/mixed; boundary=b");
      text_addu(&body, (uint64_t)i);
      text_add(&body, "\n\n");
    }
    text_add(&body, "--b");
    text_addu(&body, (uint64_t)depth - 1);
    text_add(&body, "\n\na\n");
    respond_quote(&quoted, &h, (struct field){ body.s, body.len });
    assert_string_equal(text_z(&quoted), depth <= RESPOND_QUOTE_DEPTH ? "a\n" : "");
  }
}

static void a_long_text_is_cut_between_characters(void **state)
{
  (void)state;
  stralloc body = STRALLOC_ZERO, quoted = STRALLOC_ZERO;
  struct mail_header h = MAIL_HEADER_ZERO;
  while (body.len < RESPOND_QUOTE_MAX - 1) text_addc(&body, 'x');
  text_add(&body, "\303\266");
  respond_quote(&quoted, &h, (struct field){ body.s, RESPOND_QUOTE_MAX });
  assert_int_equal(quoted.len, RESPOND_QUOTE_MAX);
  assert_int_equal(quoted.s[quoted.len - 1], '\n');
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(texts_that_can_be_read),
    cmocka_unit_test(parts_have_a_depth),
    cmocka_unit_test(a_long_text_is_cut_between_characters)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
