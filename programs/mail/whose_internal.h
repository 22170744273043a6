/* whose_internal: what the files of whose share. */

#ifndef MAILTREE_WHOSE_INTERNAL_H
#define MAILTREE_WHOSE_INTERNAL_H

#include "whose.h"

/* Whether that file, which is in the home, hands all mail on. */
bool whose_is_forward(struct whose const *w);

/* Of an account whose file says nothing but fastforward: WHOSE_NOBODY where its table surely has nobody of that name. */
enum whose_kind whose_ask_table(struct whose *w, char const *box);

/* What the service of virtual users says of a box that users/assign gives to a virtual domain; WHOSE_NOT_MINE for any
   other box, and where there is no such service. */
enum whose_kind whose_ask_service(struct whose *w, char const *box);

typedef enum whose_kind whose_look(struct whose *w, char const *box, enum whose_depth depth);

/* What look says at the door within WHOSE_SECONDS, in a process of its own; nothing but the kind is told. */
enum whose_kind whose_look_apart(whose_look *look, struct whose *w, char const *box);

#endif
