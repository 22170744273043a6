/* list_template: the language in which a template (ezmlmrc) tells ezmlm-make what a list consists of. Pure.

     </modpost#m/>                 lines that follow go to the file modpost, if the letter m is on
     <#7#>                         ... and what stands for something is replaced
     </-modpost#M/>                the file is removed, if it is off
     </+mod/pending/>              a directory
     </:-default/manager/>         a link: the dot-qmail file with -default behind its name leads to manager */

#ifndef MAILTREE_LIST_TEMPLATE_H
#define MAILTREE_LIST_TEMPLATE_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { TEMPLATE_LETTERS = 26, TEMPLATE_DIGITS = 10 };

/* What a template asks about, and prints. */
struct template_facts {
  bool letters[TEMPLATE_LETTERS];               /* a to z */
  struct field arguments[TEMPLATE_DIGITS];      /* of -0 to -9, empty: none; 1 and 2: words of dot (template_words) */
  bool editing, rewriting;                      /* an old list; what its owner may have changed, too */
  struct field dir, dot, local, host, code, programs, chosen;
};

enum template_kind {
  TEMPLATE_END, TEMPLATE_TEXT, TEMPLATE_FILE, TEMPLATE_REMOVE, TEMPLATE_DIRECTORY, TEMPLATE_LINK,
  TEMPLATE_PERIOD, TEMPLATE_UNENDED, TEMPLATE_NO_TARGET, TEMPLATE_NO_NAME, TEMPLATE_NO_FLAG      /* mistakes in the template */
};

struct template_step {
  enum template_kind kind;
  struct field line;                /* as it stands, without its newline */
  struct field name;                /* below the list; empty for a file: the one that is open */
  struct field link;                /* what stands behind dot */
  bool holds;                       /* its flags do; of a line of text always */
  bool spares;                      /* of a file: one that is there is left as it is */
};

/* The line that says for which version the template was written. */
struct field template_version(struct field *rest);

/* The next line that is no comment; *rest moves behind it. */
void template_next(struct template_step *step, struct field *rest, struct template_facts const *facts);

/* Appends a line of text with its tags replaced; others stay for who reads the file. */
void template_fill(stralloc *to, struct field line, struct template_facts const *facts);

/* Arguments 1 and 2: what stands in the dot-qmail file's name behind its first and second hyphen, if another follows. */
void template_words(struct template_facts *facts);

#endif
