/* maild_show: a user as vpopmaild shows him, a word and a value a line, and what of a record a client may change. */

#ifndef MAILTREE_VDOMAINS_MAILD_SHOW_H
#define MAILTREE_VDOMAINS_MAILD_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "vpasswd.h"

/* Appends "word value", a line. */
void maild_show_text(stralloc *to, char const *word, struct field value);
void maild_show_number(stralloc *to, char const *word, uint64_t value);

/* Appends his lines: compact has gidflags and a number, else a line for each flag; with_hash has the password's. */
void maild_show_user(stralloc *to, struct vpasswd const *record, char const *domain, bool compact, bool with_hash);

/* The bit of a flag that has this name there; 0: no flag has. */
uint32_t maild_show_flag(char const *name);

#endif
