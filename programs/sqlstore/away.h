/* away: whether the database is away, as all processes of a helper know it. While it is, nobody but the keeper (keeper.h)
   asks it about users, so that nobody waits for it in vain. */

#ifndef MAILTREE_SQLSTORE_AWAY_H
#define MAILTREE_SQLSTORE_AWAY_H

#include <stdbool.h>

/* From now on children share what is known. False without memory. */
bool away_share(void);

/* A question had no answer, for this errno; and one had. */
void away_begin(int error);
void away_end(void);

/* With errno. Who keeps nobody informed is believed for a few seconds. */
bool away_is(void);

/* What is used for an answer, and how old it is: the first time of each time that it is away that is told. */
void away_used(char const *what, long age);

/* Wakes the keeper, and waits for that. */
void away_ring(void);
void away_listen(int ms);

#endif
