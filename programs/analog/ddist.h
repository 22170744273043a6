/* ddist: how long successful deliveries took, as a distribution. */

#ifndef MAILTREE_DDIST_H
#define MAILTREE_DDIST_H

#include <skalibs/stralloc.h>

#include "record.h"

void ddist_count(struct record const *record);

/* A line for each percentage from 10 on at which there is a value: doneby, avg, pct. */
void ddist_rows(stralloc *to);

#endif
