/* A message with 8-bit text in 7 bits: which parts are encoded, how, and what cannot be done. In the cases '#' stands for 990
   letters. Each is fed whole and byte by byte. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "remote_seven.h"

enum { MANY = 990, TEXT_MAX = 20000 };

#define TEXT "Content-Type: text/plain; charset=utf-8\n"
#define EIGHT "Content-Transfer-Encoding: 8bit\n"
#define SEVEN "Content-Transfer-Encoding: 7bit\n"
#define QUOTED "Content-Transfer-Encoding: quoted-printable\n"
#define MIXED(b) "Content-Type: multipart/mixed; boundary=" b "\n"

static struct { char const *message, *converted; } const cases[] = {
  /* one part */
  { TEXT EIGHT "\nh\303\274 = x\n",             TEXT QUOTED "\nh=C3=BC =3D x\n" },
  { TEXT "\nh\303\274",                         TEXT QUOTED "\nh=C3=BC\n" },
  { EIGHT TEXT "A: b\n\n\303\r\n.\r-\n",        TEXT "A: b\n" QUOTED "\n=C3\n.\n-\n" },
  { "MIME-Version: 1.0\n\n\303\n",              "MIME-Version: 1.0\n" QUOTED "\n=C3\n" },
  { TEXT "\n\303 \n\t\n  x\177\1\n",            TEXT QUOTED "\n=C3=20\n=09\n  x=7F=01\n" },
  { TEXT EIGHT "\nabc\n",                       TEXT SEVEN "\nabc\n" },
  { "A: b\n\nabc\n",                            "A: b\n\nabc\n" },
  { "A: b\n",                                   "A: b\n" },
  { "",                                         "" },
  { TEXT "\n#123456789\n",                      TEXT QUOTED "\nxxx" /* and so on */ },
  /* a border is none where a line was only broken */
  { TEXT "\n\303aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghh--b\n",
    TEXT QUOTED "\n=C3aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghh=\n=2D-b\n" },
  /* parts: only those that need it */
  { MIXED("b") EIGHT "\npre\n--b\n\nabc\n--b \n" TEXT EIGHT "\n\303\n--b\n" TEXT "\nxyz\n--b--\nepi\n",
    MIXED("b") SEVEN "\npre\n--b\n\nabc\n--b \n" TEXT QUOTED "\n=C3\n--b\n" TEXT "\nxyz\n--b--\nepi\n" },
  { MIXED("\"b c\"") "\n--b c\nContent-Type: multipart/alternative;\n (x \"y (boundary\\)=c)) boundary=b\n\n--b\n\n\303\n--b--\n--b c--\n",
    MIXED("\"b c\"") "\n--b c\nContent-Type: multipart/alternative;\n (x \"y (boundary\\)=c)) boundary=b\n\n--b\n" QUOTED "\n=C3\n--b--\n--b c--\n" },
  { MIXED("o") "\n--o\n" MIXED("i") "\n--i\n\n\303\n--o\n\n\304\n--o--\n",
    MIXED("o") "\n--o\n" MIXED("i") "\n--i\n" QUOTED "\n=C3\n--o\n" QUOTED "\n=C4\n--o--\n" },
  { MIXED("b") "\n--b\n--b\n\n\303\n--bb\n--b-\n",   MIXED("b") "\n--b\n--b\n" QUOTED "\n=C3\n--bb\n--b-\n" },
  /* a message within */
  { MIXED("b") "\n--b\nContent-Type: message/rfc822\n" EIGHT "\nSubject: x\n" TEXT "\n\303\n--b--\n",
    MIXED("b") "\n--b\nContent-Type: message/rfc822\n" SEVEN "\nSubject: x\n" TEXT QUOTED "\n=C3\n--b--\n" },
  { MIXED("b") "\n--b\nContent-Type: message/global\n" EIGHT "\nSubject: \303\n\nx\n--b--\n",
    MIXED("b") "\n--b\nContent-Type: message/global\n" QUOTED "\nSubject: =C3\n\nx\n--b--\n" },
  { MIXED("b") "\n--b\nContent-Type: message/global-headers\n\nSubject: \303\n--b--\n",
    MIXED("b") "\n--b\nContent-Type: message/global-headers\n" QUOTED "\nSubject: =C3\n--b--\n" },
  { "Content-Type: multipart/digest; boundary=b\n\n--b\n\n" TEXT "\n\303\n--b--\n",
    "Content-Type: multipart/digest; boundary=b\n\n--b\n\n" TEXT QUOTED "\n=C3\n--b--\n" },
  /* what is signed or encoded may be there while it has no 8-bit bytes */
  { MIXED("o") EIGHT "\n--o\nContent-Type: multipart/signed; boundary=i\n\n--i\n" TEXT EIGHT "\nabc\n--i--\n--o\n\n\303\n--o--\n",
    MIXED("o") SEVEN "\n--o\nContent-Type: multipart/signed; boundary=i\n\n--i\n" TEXT EIGHT "\nabc\n--i--\n--o\n" QUOTED "\n=C3\n--o--\n" },
  { MIXED("b") "\n--b\nContent-Transfer-Encoding: base64\n\nQUJD\n--b\n\n\303\n--b--\n",
    MIXED("b") "\n--b\nContent-Transfer-Encoding: base64\n\nQUJD\n--b\n" QUOTED "\n=C3\n--b--\n" },
  /* what cannot be done */
  { "A: b\n\n\303\n", 0 },
  { "Subject: \303\n" TEXT "\nx\n", 0 },
  { TEXT "Content-Transfer-Encoding: base64\n\n\303\n", 0 },
  { TEXT "Content-Transfer-Encoding: x-uuencode\n\n\303\n", 0 },
  { "Content-Type: application/pkcs7-mime\n\n\303\n", 0 },
  { "Content-Type: message/delivery-status\n\n\303\n", 0 },
  { "Content-Type: multipart/signed; boundary=b\n\n--b\n" TEXT "\n\303\n--b--\n", 0 },
  { "Content-Type: multipart/encrypted; boundary=b\n\n--b\n" MIXED("c") "\n--c\n\n\303\n--b--\n", 0 },
  { "Content-Type: multipart/mixed\n\n--b\n\n\303\n", 0 },
  { "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\n\303\n", 0 },
  { MIXED("b; boundary=c") "\n--b\n\n\303\n", 0 },
  { TEXT TEXT "\n\303\n", 0 },
  { TEXT EIGHT QUOTED "\n\303\n", 0 },
  { MIXED("b") "\n\303\n--b\n\nx\n--b--\n", 0 },
  { MIXED("b") "\n--b\n\nx\n--b--\n\303\n", 0 },
  { MIXED("b") "\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n\303\n--b--\n", 0 },
  { MIXED("b") "\n--b\nContent-Type: message/rfc822\n" QUOTED "\nSubject: x\n" TEXT "\n\303\n--b--\n", 0 },
};

static char *expand(char const *s)
{
  char *to = malloc(TEXT_MAX), *at = to;
  for (; *s; s++)
    if (*s != '#') *at++ = *s;
    else for (int i = 0; i < MANY; i++) *at++ = 'x';
  *at = 0;
  return to;
}

static void run(struct seven *s, stralloc *to, char const *text, size_t piece)
{
  for (size_t i = 0, len = strlen(text), n; i < len; i += n) {
    n = len - i < piece ? len - i : piece;
    assert_true(seven_text(s, to, text + i, n));
  }
  assert_true(seven_end(s, to));
}

static void convert(char const *text, char const *converted, size_t piece)
{
  static struct seven s;
  stralloc out = STRALLOC_ZERO;
  seven_learn(&s);
  run(&s, &out, text, piece);
  assert_int_equal(out.len, 0);
  assert_int_equal(s.problem != 0, converted == 0);
  if (converted) {
    seven_write(&s);
    run(&s, &out, text, piece);
    if (strlen(text) < MANY) assert_int_equal(out.len, strlen(converted));
    if (converted[0]) assert_memory_equal(out.s, converted, strlen(converted));
  }
  stralloc_free(&out);
}

static void messages(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *text = expand(cases[i].message);
    convert(text, cases[i].converted, TEXT_MAX);
    convert(text, cases[i].converted, 1);
    free(text);
  }
}

static void add(stralloc *to, char const *s)
{
  stralloc_readyplus(to, strlen(s) + 1);
  memcpy(to->s + to->len, s, strlen(s) + 1);
  to->len += strlen(s);
}

/* Depth, parts, headers: one more than is allowed. */
static void bounds(void **state)
{
  stralloc deep = STRALLOC_ZERO, many = STRALLOC_ZERO, large = STRALLOC_ZERO;
  (void)state;
  for (int i = 0; i <= SEVEN_DEPTH_MAX; i++) add(&deep, MIXED("b") "\n--b\n");
  convert(deep.s, 0, TEXT_MAX);
  add(&many, MIXED("b") "\n");
  for (int i = 0; i < SEVEN_LEAVES_MAX; i++) add(&many, "--b\n\n");
  convert(many.s, many.s, TEXT_MAX);
  add(&many, "--b\n\n");
  convert(many.s, 0, TEXT_MAX);
  for (int i = 0; i <= SEVEN_HEADER_MAX / 64; i++)
    add(&large, "A: 3456789012345678901234567890123456789012345678901234567890123\n");
  convert(large.s, 0, TEXT_MAX);
  stralloc_free(&deep), stralloc_free(&many), stralloc_free(&large);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(messages), cmocka_unit_test(bounds) };
  return cmocka_run_group_tests(tests, 0, 0);
}
