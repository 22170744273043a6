/* list: the directory of a mailing list. A program enters it and stays there: names in it are relative to the working directory.

   Whoever reads of a list reads it here. The directory belongs to who runs the program, which is the list's owner. */

#ifndef MAILTREE_LIST_H
#define MAILTREE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum {
  LIST_ADDRESS_MAX = 400,           /* bytes of a subscriber's address */
  LIST_KEY_LEAST = 4, LIST_KEY_MAX = 65536, LIST_FILE_MAX = 1 << 20     /* bytes of a setting or text */
};

enum { LIST_STOP = 99, LIST_REFUSED = 100, LIST_TROUBLE = 111 };     /* exit codes of programs in .qmail lines; 0 goes on */

struct list {
  char const *dir;                  /* as the command line has it */
  stralloc key;
  stralloc local, host;             /* outlocal, outhost: L and H */
  stralloc charset;                 /* without its suffix; us-ascii where there is none */
  char encoding;                    /* 'Q', 'B' or 0 */
  stralloc listid;                  /* empty: none */
  stralloc flags, config;           /* the letters of DIR/flags, of F: in DIR/config; empty: no such file (list_flag.h) */
  stralloc elsewhere;               /* the directory that DIR/ezmlmrc names, empty: none */
};
#define LIST_ZERO { .dir = 0 }

/* What -V says; who has tools for the family looks at its third word. */
#define LIST_VERSION "ezmlm-idx-7.2.2"

/* Enters the directory and reads what every program needs; ends the program when there is no such list: 100 where key, outlocal or
   outhost is missing, 111 where it cannot be read. Sets the umask to 022. */
void list_enter(struct list *l, char const *dir);

/* Appends L, or L-TABLE for the table digest, allow or deny; ".", "" and null are the list itself. Pure. */
void list_name(stralloc *to, struct list const *l, char const *table);

/* The state of a flag (modpost, public, ...): DIR/flags, else DIR/config, else whether there is a file of that name. */
bool list_flag(struct list const *l, char const *name);

/* The same of a letter or digit of ezmlm-make, as sections of texts ask; letters e v z and digits 1 2 4 count as set. */
bool list_letter(struct list const *l, char letter);

/* Locks a file of the directory (lock, mod/lock, lockbounce), which is made 0600 where there is none; waits. The descriptor
   holds the lock; it ends with the process. Ends the program when that is impossible: 111. */
int list_lock(char const *name);

/* Where the installation has programs and settings: EZMLM_BIN and EZMLM_ETC say otherwise. */
char const *list_bin(void);
char const *list_etc(void);

#endif
