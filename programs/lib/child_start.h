/* child_start: child_spawn0 and its kin of skalibs, which releases declare in different headers: 2.14 in cspawn.h, 2.13 in djbunix.h. */

#ifndef MAILTREE_CHILD_START_H
#define MAILTREE_CHILD_START_H

#include <skalibs/djbunix.h>
#if __has_include(<skalibs/cspawn.h>)
#include <skalibs/cspawn.h>
#endif

#endif
