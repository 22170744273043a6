/* whose_internal: what the files of whose share. */

#ifndef MAILTREE_WHOSE_INTERNAL_H
#define MAILTREE_WHOSE_INTERNAL_H

#include "whose.h"

/* Which file in the home of w->user speaks for the address: its name in w->file, or none. */
enum whose_kind whose_look_at_home(struct whose *w);

/* Whether that file, which is in the home, hands all mail on. */
bool whose_is_forward(struct whose const *w);

typedef enum whose_kind whose_look(struct whose *w, char const *box, enum whose_depth depth);

/* What look says at the door within WHOSE_SECONDS, in a process of its own; nothing but the kind is told. */
enum whose_kind whose_look_apart(whose_look *look, struct whose *w, char const *box);

#endif
