/* token: the words and signs an address field is made of (RFC 5322 3.2, RFC 6532, RFC 2047).

   The text is unfolded first, so a token is a piece of it and nothing is copied. Bytes above 127 are letters
   like any others. An encoded word is one token, whatever stands between its marks. */

#ifndef MAILTREE_TOKEN_H
#define MAILTREE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

enum token_kind {
  TOKEN_ATOM, TOKEN_ENCODED, TOKEN_QUOTED, TOKEN_LITERAL,     /* words */
  TOKEN_DOT, TOKEN_AT,                                        /* links between words */
  TOKEN_COMMA, TOKEN_COLON, TOKEN_SEMICOLON, TOKEN_LEFT, TOKEN_RIGHT,
  TOKEN_COMMENT
};

struct token {
  char const *s;            /* with its quotes, brackets, parentheses and backslashes */
  size_t len;
  unsigned char kind;
  bool spaced;              /* there was white space before it */
  bool phrase;              /* belongs to a display name or the name of a group; set by addrlist */
  bool comma_missing;       /* a new member of the list begins here, although no comma says so; set by addrlist */
};

enum token_result {
  TOKEN_OK,
  TOKEN_SYNTAX,             /* unclosed comment, string or literal, stray ) or ], a NUL, a backslash at the end */
  TOKEN_DEPTH               /* comments nested more than TOKEN_DEPTH_MAX deep */
};

enum { TOKEN_DEPTH_MAX = 100 };

/* Appends the text of a folded field without its line ends; a bare CR becomes a space. */
void token_unfold(stralloc *to, char const *s, size_t len);

/* Replaces tokens (struct token) by those of the unfolded text, which must live as long as they. */
enum token_result token_split(genalloc *tokens, char const *s, size_t len);

static inline bool token_is_word(struct token const *t) { return t->kind <= TOKEN_LITERAL; }

/* Appends what a word means: without quotes and backslashes. A literal keeps its brackets. */
void token_value(stralloc *to, struct token const *t);

/* Appends a word, link or comment as it may stand in a header. What is fine already stays as it is; an atom with
   bytes that no atom may have becomes a quoted string, an encoded word does so outside of phrases only. */
void token_print(stralloc *to, struct token const *t);

/* Appends a text between two marks, with a backslash before each of " [ ] ( ) \, and a space for CR and LF. */
void token_enclose(stralloc *to, char open, char const *s, size_t len, char close);

#endif
