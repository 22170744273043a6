/* postfix: the forms of lists and tables in Postfix's main.cf, and what becomes of parameters that are not carried over. */

#ifndef MAILTREE_IMPORT_POSTFIX_H
#define MAILTREE_IMPORT_POSTFIX_H

#include "harvest.h"

/* The next word of a list, between blanks and commas; what is in braces is one. Empty: no more. */
struct field postfix_word(struct field *rest);

/* Each word of a list of domains or networks: it may name a file or a table. */
void postfix_list(struct harvest *h, struct harvest_place from, struct field list, void (*each)(struct harvest_place, struct field));

/* Each line of each table of a list, type:file or inline:{...}; of types that have no text it is told. */
void postfix_maps(struct harvest *h, struct harvest_place from, struct field list,
                  void (*each)(struct harvest_place, struct field key, struct field value));

/* The file of a table that has a text; null: it has none. Good until the next call. */
char const *postfix_path(struct field table);

/* What is to be done about a parameter instead. Null: nothing, it makes no difference here. */
char const *postfix_instead(struct field name, struct field value);

/* Services of master.cf that do not come with it. */
void postfix_services(struct harvest *h);

#endif
