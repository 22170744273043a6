/* ranked: the rows of a table, each a line, in order. */

#ifndef MAILTREE_RANKED_H
#define MAILTREE_RANKED_H

#include <skalibs/stralloc.h>

enum ranked_by { RANKED_NAME, RANKED_NAME_NUMBER, RANKED_FIRST_NUMBER };   /* the last word, its number, that of the first */

/* Rows of which that is the same are ordered by all of their bytes, as sort(1) does it. */
void ranked(stralloc *rows, enum ranked_by by);

#endif
