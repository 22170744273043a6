/* table_wire: what a program of a mailing list (lists/subscribers_elsewhere.h) asks the helper of a database (sqlstore/table_helper.h)
   about its subscribers, and what that says. The program starts the helper, with a socket as its descriptors 0 and 1; a question is one
   frame, its answer any number of rows and how it ended:

     open    TEXT: where, as DIR/subdb has it; empty: as it says
     find    TABLE ADDRESS: a row for the address as it is kept, if it is
     each    TABLE NUMBER HIGH: a row for each address with a hash of these
     count   TABLE NUMBER HIGH: done's number says how many
     add     TABLE NUMBER HIGH ADDRESS TEXT: with that hash, and what the log has about it: sign, kind, who; done's number: 1, or 0
             where it was so already; HIGH: how many more of them, of the same table, come behind it before an answer to each is heard
     remove  TABLE NUMBER HIGH ADDRESS TEXT: likewise; of that hash alone, or with TABLE_ANY_HASH of any
     log     TABLE: a row for each line
     note    NUMBER HIGH ADDRESS TEXT: of a post: its number, how many got it, what has been done, its cookie
     begin, commit                   between them nothing is done before all of it is
     make, drop                      all tables of the list

   All frames have one form (netstrings.h), and what means nothing to one is empty or 0. Pure. */

#ifndef MAILTREE_TABLE_WIRE_H
#define MAILTREE_TABLE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

enum {
  TABLE_FRAME_MAX = 4096,     /* bytes: an address and what the log has of it, or a line of DIR/subdb */
  TABLE_ANY_HASH = 100,
  TABLE_TOGETHER = 32         /* changes that are asked before an answer is heard */
};

enum table_word {
  TABLE_SAYS_OPEN, TABLE_SAYS_FIND, TABLE_SAYS_EACH, TABLE_SAYS_COUNT, TABLE_SAYS_ADD, TABLE_SAYS_REMOVE, TABLE_SAYS_LOG,
  TABLE_SAYS_NOTE, TABLE_SAYS_BEGIN, TABLE_SAYS_COMMIT, TABLE_SAYS_MAKE, TABLE_SAYS_DROP,
  /* answers */
  TABLE_SAYS_ROW,
  TABLE_SAYS_DONE,
  TABLE_SAYS_UNFIT,           /* the database does not take such an address; text: the reason */
  TABLE_SAYS_TROUBLE,         /* text: the reason */
  TABLE_WORDS
};

struct table_frame {
  enum table_word word;
  uint32_t number, high;
  struct field table, address, text;      /* table: "" the list itself, "digest", "mod" */
};

/* How many bytes, or 0 when it does not fit. */
size_t table_frame_pack(char to[TABLE_FRAME_MAX], struct table_frame const *f);

/* How many bytes it has; 0: there is more to come; -1: it is none, and none can become of it. Texts lie in s. */
long table_frame_unpack(struct table_frame *f, char const *s, size_t len);

#endif
