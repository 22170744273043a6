/* list_request: a line in which somebody asks something of a list, as majordomo had it. Pure. */

#ifndef MAILTREE_LIST_REQUEST_H
#define MAILTREE_LIST_REQUEST_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "fields.h"

struct request_name { struct field box, host; };      /* box.s null: not named; host.s null: without a host */

struct list_request {
  struct field word;                /* of an address: what follows the list's name, before the next hyphen */
  struct request_name list, user;
  bool is_address;                  /* the line was one; list.box is then all of its box, until list_request_split */
};

/* "command", "command user@host", "command list@host user@host", or an address of a list that is all of it. Of a single name behind the
   command global says what it is: the list. False: it has a character that no such line has, or too many words. */
bool list_request_scan(struct list_request *r, struct field line, bool global);

/* Of a line that is an address, where a list of that name is meant by it: "name-word-user=host". */
bool list_request_split(struct list_request *r, struct field name);

/* "which-user=host"; false as above. */
bool list_request_command(struct list_request *r, struct field text);

/* What the word is called here: "sub" is "subscribe". Appends, in lower case. */
void list_request_word(stralloc *to, struct field word);

#endif
