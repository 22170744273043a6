/* fixed: a number with so many decimals. */

#ifndef MAILTREE_FIXED_H
#define MAILTREE_FIXED_H

#include <skalibs/stralloc.h>

void fixed_add(stralloc *to, double number, int decimals);

#endif
