/* report_number: numbers as a report prints them. */

#ifndef MAILTREE_REPORT_NUMBER_H
#define MAILTREE_REPORT_NUMBER_H

#include <skalibs/stralloc.h>

void report_number(stralloc *to, double number, int decimals);

#endif
