/* tokens: who has logged in may act for a while with what stands for his password: 128 bits by chance, in hexadecimal digits. They
   are in memory that the workers of a service share, and end with it. Nobody who reads that memory learns one: a digest is kept.

   A token is good for TOKEN_IDLE_MS after it was last used, and for TOKEN_LIFE_MS in all; where there are too many the one that
   was left alone longest goes. It belongs to what was stored of the password: when that changes it is no longer good. */

#ifndef MAILTREE_VDOMAINS_TOKENS_H
#define MAILTREE_VDOMAINS_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"

enum {
  TOKEN_TEXT = 32,              /* digits */
  TOKEN_NAME_MAX = 320,         /* bytes of user@domain */
  TOKENS_MAX = 4096,
  TOKENS_OF_ONE_MAX = 64,       /* of one user: his next one takes the place of one of his */
  TOKEN_IDLE_MS = 3600000,
  TOKEN_LIFE_MS = 43200000,
  TOKEN_DIGEST = 32
};

struct token_owner {
  char name[TOKEN_NAME_MAX];    /* user@domain */
  size_t len;
  char stored[TOKEN_DIGEST];    /* of what is stored of his password */
};

/* From now on this process and its children have tokens. False with errno. */
bool tokens_share(void);

/* A new one. False when there can be none: nothing is shared, or the name is too long. */
bool token_make(char text[TOKEN_TEXT], struct field user, struct field domain, struct field stored, int64_t now);

/* Whose it is, and it has been used. False: nobody's, or no longer. now is monotonic_ms. */
bool token_find(struct token_owner *owner, struct field text, int64_t now);

/* Whether his password is still stored as it was. */
bool token_is_good(struct token_owner const *owner, struct field stored);

/* False: there was none. */
bool token_forget(struct field text);

#endif
