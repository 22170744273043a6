/* Splitting into tokens and printing them: what is fine stays, what is not gets quoted. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "text.h"
#include "token.h"

static genalloc tokens = GENALLOC_ZERO;
static stralloc printed = STRALLOC_ZERO, meant = STRALLOC_ZERO;

#define CUT(s) (s), sizeof(s) - 1

/* Tokens are shown printed and with '|' between them. */
static struct { char const *s; size_t len; enum token_result result; char const *printed, *meant; } const cases[] = {
  { CUT(""),                           TOKEN_OK,     "", "" },
  { CUT(" \t "),                       TOKEN_OK,     "", "" },
  { CUT("\""),                         TOKEN_SYNTAX, 0, 0 },
  { CUT("\"a"),                        TOKEN_SYNTAX, 0, 0 },
  { CUT("\"a\\"),                      TOKEN_SYNTAX, 0, 0 },
  { CUT("\"a\\\""),                    TOKEN_SYNTAX, 0, 0 },
  { CUT("("),                          TOKEN_SYNTAX, 0, 0 },
  { CUT("(()"),                        TOKEN_SYNTAX, 0, 0 },
  { CUT("(\\)"),                       TOKEN_SYNTAX, 0, 0 },
  { CUT(")"),                          TOKEN_SYNTAX, 0, 0 },
  { CUT("a )"),                        TOKEN_SYNTAX, 0, 0 },
  { CUT("]"),                          TOKEN_SYNTAX, 0, 0 },
  { CUT("["),                          TOKEN_SYNTAX, 0, 0 },
  { CUT("[1.2"),                       TOKEN_SYNTAX, 0, 0 },
  { CUT("a\\"),                        TOKEN_SYNTAX, 0, 0 },
  { CUT("\\"),                         TOKEN_SYNTAX, 0, 0 },
  { CUT("a\0b"),                       TOKEN_SYNTAX, 0, 0 },
  { CUT("\0"),                         TOKEN_SYNTAX, 0, 0 },
  { CUT("\"a\0b\""),                   TOKEN_SYNTAX, 0, 0 },
  { CUT("a\\\0"),                      TOKEN_SYNTAX, 0, 0 },
  { CUT("(\0)"),                       TOKEN_SYNTAX, 0, 0 },
  { CUT("a\\@b"),                      TOKEN_OK,     "\"a@b\"", "a@b" },
  { CUT("a\\ b"),                      TOKEN_OK,     "\"a b\"", "a b" },
  { CUT("a\\\\b"),                     TOKEN_OK,     "\"a\\\\b\"", "a\\b" },
  { CUT("a)b"),                        TOKEN_OK,     "\"a\\)b\"", "a)b" },
  { CUT("a]b"),                        TOKEN_OK,     "\"a\\]b\"", "a]b" },
  { CUT("a\001b"),                     TOKEN_OK,     "\"a\001b\"", "a\001b" },
  { CUT("a\177"),                      TOKEN_OK,     "\"a\177\"", "a\177" },
  { CUT("J\303\266rg"),                TOKEN_OK,     "J\303\266rg", "J\303\266rg" },
  { CUT("\344\345"),                   TOKEN_OK,     "\344\345", "\344\345" },
  { CUT("\"J\303\266rg \\\"x\\\"\""),  TOKEN_OK,     "\"J\303\266rg \\\"x\\\"\"", "J\303\266rg \"x\"" },
  { CUT("\"a(b)[c]\""),                TOKEN_OK,     "\"a(b)[c]\"", "a(b)[c]" },
  { CUT("\"\""),                       TOKEN_OK,     "\"\"", "" },
  { CUT("\"a\"b\"c\""),                TOKEN_OK,     "\"a\"|b|\"c\"", "a|b|c" },
  { CUT("(a(b)c)d"),                   TOKEN_OK,     "(a(b)c)|d", "(a(b)c)|d" },
  { CUT("(a\\\\(b))d"),                TOKEN_OK,     "(a\\\\(b))|d", "(a\\(b))|d" },
  { CUT("(a\\(b)d"),                   TOKEN_OK,     "(a\\(b)|d", "(a(b)|d" },
  { CUT("[1.2.3.4]"),                  TOKEN_OK,     "[1.2.3.4]", "[1.2.3.4]" },
  { CUT("[a\\]b]"),                    TOKEN_OK,     "[a\\]b]", "[a]b]" },
  { CUT("a@b.c,<d>:;"),                TOKEN_OK,     "a|@|b|.|c|,|<|d|>|:|;", "a|@|b|.|c|,|<|d|>|:|;" },
  { CUT("a\tb\r\nc"),                  TOKEN_OK,     "a|b|c", "a|b|c" },
  { CUT("=?utf-8?Q?a,_b?="),           TOKEN_OK,     "\"=?utf-8?Q?a,_b?=\"", "=?utf-8?Q?a,_b?=" },
  { CUT("=?utf-8?q?=41?= x"),          TOKEN_OK,     "=?utf-8?q?=41?=|x", "=?utf-8?q?=41?=|x" },
  { CUT("=?utf-8*de?B?QQ==?=<"),       TOKEN_OK,     "=?utf-8*de?B?QQ==?=|<", "=?utf-8*de?B?QQ==?=|<" },
  { CUT("=?u?X?a.b?="),                TOKEN_OK,     "\"=?u?X?a\"|.|b?=", "=?u?X?a|.|b?=" },
  { CUT("=?u?Q?a.b?=c"),               TOKEN_OK,     "\"=?u?Q?a\"|.|b?=c", "=?u?Q?a|.|b?=c" },
  { CUT("=?u?Q?a b?="),                TOKEN_OK,     "\"=?u?Q?a\"|b?=", "=?u?Q?a|b?=" },
  { CUT("=?u?Q?"),                     TOKEN_OK,     "\"=?u?Q?\"", "=?u?Q?" },
  { CUT("=?u?Q?" "?="),                   TOKEN_OK,     "=?u?Q?" "?=", "=?u?Q?" "?=" },
  { CUT("=?u Q?a?="),                  TOKEN_OK,     "\"=?u\"|Q?a?=", "=?u|Q?a?=" },
  { CUT("=?u\0Q?a?="),                 TOKEN_SYNTAX, 0, 0 },
  { CUT("=?" "?Q?a?="),                   TOKEN_OK,     "\"=?" "?Q?a?=\"", "=?" "?Q?a?=" },
};

static void show(void)
{
  printed.len = meant.len = 0;
  for (size_t i = 0; i < genalloc_len(struct token, &tokens); i++) {
    struct token const *t = genalloc_s(struct token, &tokens) + i;
    if (i) text_add(&printed, "|"), text_add(&meant, "|");
    token_print(&printed, t);
    token_value(&meant, t);
  }
}

static void tokens_are_found(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    enum token_result result = token_split(&tokens, cases[i].s, cases[i].len);
    if (result != cases[i].result) fail_msg("%s: result %d", cases[i].s, result);
    if (result != TOKEN_OK) continue;
    show();
    assert_string_equal(text_z(&printed), cases[i].printed);
    assert_string_equal(text_z(&meant), cases[i].meant);
  }
}

static void comments_nest_to_the_limit(void **state)
{
  (void)state;
  char s[2 * TOKEN_DEPTH_MAX + 2];
  for (size_t depth = TOKEN_DEPTH_MAX - 1; depth <= TOKEN_DEPTH_MAX + 1; depth++) {
    memset(s, '(', depth);
    memset(s + depth, ')', depth);
    assert_int_equal(token_split(&tokens, s, 2 * depth), depth <= TOKEN_DEPTH_MAX ? TOKEN_OK : TOKEN_DEPTH);
  }
}

static void encoded_words_are_bare_in_phrases(void **state)
{
  (void)state;
  static char const word[] = "=?utf-8?Q?a,_(b)?=";
  assert_int_equal(token_split(&tokens, word, strlen(word)), TOKEN_OK);
  assert_int_equal(genalloc_len(struct token, &tokens), 1);
  genalloc_s(struct token, &tokens)->phrase = true;
  printed.len = 0;
  token_print(&printed, genalloc_s(struct token, &tokens));
  assert_string_equal(text_z(&printed), word);
}

static void unfolding_takes_line_ends_only(void **state)
{
  (void)state;
  static struct { char const *in, *out; } const folded[] = {
    { "", "" }, { "\n", "" }, { "\r\n", "" }, { "\r", " " }, { "a\r\r\nb", "a b" },
    { " a,\n\tb\n", " a,\tb" }, { "\"a\r\n b\"", "\"a b\"" }, { "a\\\n b", "a\\ b" }
  };
  for (size_t i = 0; i < sizeof folded / sizeof *folded; i++) {
    printed.len = 0;
    token_unfold(&printed, folded[i].in, strlen(folded[i].in));
    assert_string_equal(text_z(&printed), folded[i].out);
  }
}

static void enclosed_text_cannot_end_early(void **state)
{
  (void)state;
  static char const text[] = "a\"b\\c(d)[e]\r\nBcc: f";
  printed.len = 0;
  token_enclose(&printed, '"', text, strlen(text), '"');
  assert_string_equal(text_z(&printed), "\"a\\\"b\\\\c\\(d\\)\\[e\\]  Bcc: f\"");
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(tokens_are_found),
    cmocka_unit_test(comments_nest_to_the_limit),
    cmocka_unit_test(encoded_words_are_bare_in_phrases),
    cmocka_unit_test(unfolding_takes_line_ends_only),
    cmocka_unit_test(enclosed_text_cannot_end_early)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
