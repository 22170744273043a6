/* list_unsubscribe: the fields by which the mail program of one reader takes him off the list. */

#ifndef MAILTREE_LIST_UNSUBSCRIBE_H
#define MAILTREE_LIST_UNSUBSCRIBE_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "list.h"

/* Replaces *to by the address of the page that RFC 8058 wants, where DIR/oneclick says where there is one. False, and *to empty: there is
   none. table: "" or "." the list itself, "digest". */
bool list_unsubscribe_page(stralloc *to, struct list const *l, char const *table, uint64_t now, struct field reader);

/* Writes List-Unsubscribe, by mail and by that page, unless it is empty; and List-Unsubscribe-Post with it. */
void list_unsubscribe_fields(struct list const *l, char const *table, struct field reader, stralloc const *page);

#endif
