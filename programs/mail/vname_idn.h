/* vname_idn: domains as people write them. */

#ifndef MAILTREE_VNAME_IDN_H
#define MAILTREE_VNAME_IDN_H

#include <stddef.h>

#include <skalibs/stralloc.h>

#include "vcode.h"

/* Replaces *to by the domain as DNS and all tables have it: in lower case, a label of UTF-8 as its A-label (RFC 5891). */
enum vcode vname_idn_domain(stralloc *to, char const *s, size_t len);

#endif
