/* alias_words: what stands in a line of /etc/aliases, of a list or of a .forward file: addresses, programs, files, lists to
   include. Commas, colons, semicolons and blanks separate. Pure but for what rewrite rules ask. */

#ifndef MAILTREE_ALIAS_WORDS_H
#define MAILTREE_ALIAS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "fields.h"
#include "rewrite.h"

enum alias_kind { ALIAS_ADDRESS, ALIAS_PROGRAM, ALIAS_FILE, ALIAS_INCLUDE, ALIAS_HOST /* @host: all addresses there */ };

enum { ALIAS_WORD_MAX = 800 };

struct alias_word {
  enum alias_kind kind;
  size_t plain, plain_len;          /* as it is meant, without quotes; of a program behind its |, of a list its file */
  size_t whole, whole_len;          /* an address with its host, completed */
};

struct alias_words {
  stralloc text;                    /* where they lie */
  genalloc list;                    /* struct alias_word, from right to left, as they are obeyed */
};
#define ALIAS_WORDS_ZERO { STRALLOC_ZERO, GENALLOC_ZERO }

/* Replaces the words by those of the line. False: it cannot be understood. */
bool alias_words_read(struct alias_words *to, char const *s, size_t len, struct rewrite_rules const *rules);

static inline size_t alias_words_count(struct alias_words const *w) { return genalloc_len(struct alias_word, &w->list); }

static inline struct alias_word const *alias_words_get(struct alias_words const *w, size_t i)
{
  return genalloc_s(struct alias_word const, &w->list) + i;
}

static inline struct field alias_plain(struct alias_words const *w, struct alias_word const *one)
{
  return (struct field){ w->text.s + one->plain, one->plain_len };
}

static inline struct field alias_whole(struct alias_words const *w, struct alias_word const *one)
{
  return (struct field){ w->text.s + one->whole, one->whole_len };
}

void alias_words_free(struct alias_words *w);

#endif
