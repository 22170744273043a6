/* overall: zoverall, what there was in all. */

#ifndef MAILTREE_OVERALL_H
#define MAILTREE_OVERALL_H

#include <skalibs/stralloc.h>

#include "record.h"

void overall_count(struct record const *record);
void overall_show(stralloc *to);

#endif
