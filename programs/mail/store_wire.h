/* store_wire: what a server's helper (store_asked.c, programs/sqlstore) is asked about users, and what it says. One
   connection to HOME/run/users/NAME, NAME the store's, is one question; but where there is a "+" in front of it, another one may
   come when it has been answered, as long as the helper has not hung up:

     find DOMAIN NAME            (record), and how it ended
     list DOMAIN                 any number of records, and how it ended
     edit DOMAIN N               how it ended, after N frames of what is to be done: add, change, alter, remove

   All frames have one form (netstrings.h), and what means nothing to one is empty or 0. Who does not hear how it ended knows
   nothing. Pure. */

#ifndef MAILTREE_STORE_WIRE_H
#define MAILTREE_STORE_WIRE_H

#include "store.h"

enum { STORE_FRAME_MAX = VPASSWD_LINE_MAX + 512 };    /* bytes: whatever fits a line of vpasswd, and a domain */

enum store_word {
  /* questions */
  STORE_SAYS_FIND,        /* number: the enum store_age that will do */
  STORE_SAYS_LIST,        /* as well */
  STORE_SAYS_EDIT,        /* number: how many */
  /* what is to be done: in the order of enum store_deed */
  STORE_SAYS_ADD,
  STORE_SAYS_CHANGE,
  STORE_SAYS_ALTER,
  STORE_SAYS_REMOVE,
  /* answers */
  STORE_SAYS_RECORD,
  /* how it ended: in the order of enum store_result; number: the edit at fault, of trouble the errno */
  STORE_SAYS_DONE,
  STORE_SAYS_NO_USER,
  STORE_SAYS_EXISTS,
  STORE_SAYS_UNFIT,
  STORE_SAYS_TROUBLE,
  STORE_SAYS_LATELY,
  STORE_WORDS
};

/* Of edit.deed the word tells. */
struct store_frame {
  enum store_word word;
  uint32_t number;
  struct field domain;
  struct store_edit edit;
  bool stays;               /* who asks, for another question */
};

/* How many bytes, or 0 when it does not fit. */
size_t store_frame_pack(char to[STORE_FRAME_MAX], struct store_frame const *f);

/* How many bytes it has; 0: there is more to come; -1: it is none, and none can become of it. Texts lie in s. */
long store_frame_unpack(struct store_frame *f, char const *s, size_t len);

#endif
