/* local_known: which account an address belongs to, kept for some seconds after a delivery found out (qmail-lspawn). */

#ifndef MAILTREE_LOCAL_KNOWN_H
#define MAILTREE_LOCAL_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

enum {
  KNOWN_BOXES = 1024,       /* at most; two that fall on the same place drive each other out */
  KNOWN_SECONDS = 5         /* what the name service says may change unseen */
};

/* The record is text for users_parse. Without memory it is just not known. */
void known_learn(char const *box, size_t len, char const *record, size_t record_len, uint64_t now);

/* Null when it is not known, or no longer. Good until the next known_learn. */
stralloc const *known_find(char const *box, size_t len, uint64_t now);

void known_forget(void);

#endif
