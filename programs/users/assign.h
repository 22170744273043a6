/* assign: lines of users/assign, and the records of users/cdb they become.

     =LOCAL:USER:UID:GID:HOME:DASH:EXT:     the address LOCAL
     +PREFIX:USER:UID:GID:HOME:DASH:PRE:    every address that begins with PREFIX

   A record's key is '!' and the lower-case address, then a NUL if it is a whole address; its data are the six other
   fields separated by NULs. The record with the empty key lists the last characters of all prefixes, so that
   qmail-lspawn tries only prefixes that can exist. */

#ifndef MAILTREE_USERS_ASSIGN_H
#define MAILTREE_USERS_ASSIGN_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { ASSIGN_FIELDS = 7, ASSIGN_LINE_MAX = 65536 };

struct assign {
  bool prefix;
  struct field local;                     /* without its sign */
  struct field data[ASSIGN_FIELDS - 1];   /* user uid gid home dash ext */
};

/* Reads a line without its newline. Null, or why it is bad. */
char const *assign_parse(struct assign *a, char const *line, size_t len);

/* Replaces *key and *data by the record. */
void assign_key(stralloc *key, struct assign const *a);
void assign_data(stralloc *data, struct assign const *a);

/* The last character of the prefix as lookups meet it, lower-case; -1 when it has none. */
int assign_wildcard(struct assign const *a);

#endif
