/* list_words: what a list says. Settings and texts in files, single sentences by identifier, and the tags in all of them.

   Looked up in the list's directory, then in the one that DIR/ezmlmrc names, then in EZMLM_ETC/default; what single sentences are
   found nowhere are those of this program. */

#ifndef MAILTREE_LIST_WORDS_H
#define MAILTREE_LIST_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "list.h"

/* What tags stand for. What is null, or 0, prints question marks; A and t in a setting end the program. */
struct list_tags {
  char const *table;                /* "." or "", "digest", "allow", "deny": for <#l#> and command addresses */
  struct field target;              /* <#A#> <#a#> <#t#> */
  struct field confirm;             /* <#R#> <#r#> <#c#> */
  struct field cookie, time;        /* <#C#> <#T#> */
  struct field action;              /* <#X#>: "sc.", "accept-" */
  struct field number;              /* <#n#>, digits */
  struct field parameter[10];       /* <#0#> to <#9#> of a sentence */
};

/* Replaces each tag of the text. Pure. */
void list_tags_fill(stralloc *to, struct field text, struct list const *l, struct list_tags const *tags);

/* Whether a tag stands there, and its letter. Pure. */
bool list_tag_at(struct field text, size_t at, char *letter);

/* A setting of one line: the first that is no comment and not empty, without blanks at its end, its tags replaced. *to is replaced.
   False, and *to empty: there is none. Ends the program when it cannot be read. */
bool list_setting(stralloc *to, struct list const *l, char const *name, struct list_tags const *tags);

/* A setting of several lines, each ended by a NUL. */
bool list_settings(stralloc *to, struct list const *l, char const *name, struct list_tags const *tags);

/* A text (text/NAME) as a reader sees it: comments gone, sections chosen, tags and !A, !R lines replaced, with a last newline.
   Appends. False: there is no such text. */
bool list_text(stralloc *to, struct list const *l, char const *name, struct list_tags const *tags);

/* The same of one that must be there: else list_die_missing. */
void list_text_needed(stralloc *to, struct list const *l, char const *name, struct list_tags const *tags);

/* Whose words it is where no list is named, as in parts that do not know one; it must not go away. list_enter says so. */
void list_words_are_of(struct list const *l);

/* Appends the sentence of that identifier ("SUB_WELCOME", "ERR_BOUNCE", "TXT_BY"); an unknown one is itself. */
void list_say(stralloc *to, struct list const *l, char const *identifier, struct list_tags const *tags);

/* "PROG: fatal: SENTENCE" and the end; with parameters <#1#>, <#2#> (null: none). l may be null: the list that has been entered. */
_Noreturn void list_die(int code, struct list const *l, char const *identifier, char const *one, char const *two);

/* The same with the system's reason behind it, exit 111. */
_Noreturn void list_die_system(struct list const *l, char const *identifier, char const *one);

/* "PROG: fatal: DIR/NAME does not exist", exit 100; but trouble, 111, where there is something that could not be read, such as a link to
   what is away, or where the directory of all texts is away. */
_Noreturn void list_die_missing(struct list const *l, char const *name);

/* "PROG: info: SENTENCE" and "PROG: warning: SENTENCE", and with the system's reason. */
void list_inform(struct list const *l, char const *identifier, char const *one);
void list_warn(struct list const *l, char const *identifier, char const *one);
void list_warn_system(struct list const *l, char const *identifier, char const *one);

#endif
