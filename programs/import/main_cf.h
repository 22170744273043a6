/* main_cf: Postfix's main.cf: names and values, and what $name in a value stands for. Pure. */

#ifndef MAILTREE_IMPORT_MAIN_CF_H
#define MAILTREE_IMPORT_MAIN_CF_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include "fields.h"

enum { MAIN_CF_VALUE_MAX = 1 << 20, MAIN_CF_DEPTH = 20, MAIN_CF_STEPS = 100000 };
/* bytes of an expanded value; how deep names stand in names; how many there are in all */

struct main_cf_setting { size_t name, name_len, value, value_len, line; };      /* offsets into text */

struct main_cf {
  stralloc text;
  genalloc settings;            /* struct main_cf_setting, in their order */
};
#define MAIN_CF_ZERO { STRALLOC_ZERO, GENALLOC_ZERO }

/* Adds the settings of the file. Of equal names the last one counts, as there. */
void main_cf_read(struct main_cf *cf, char const *s, size_t len);

/* Adds one that counts where the file has none; main_cf_read comes after. */
void main_cf_default(struct main_cf *cf, char const *name, char const *value);

/* The setting that counts; null: there is none. */
struct main_cf_setting const *main_cf_find(struct main_cf const *cf, char const *name, size_t len);

static inline size_t main_cf_count(struct main_cf const *cf) { return genalloc_len(struct main_cf_setting, &cf->settings); }

static inline struct main_cf_setting const *main_cf_get(struct main_cf const *cf, size_t i)
{
  return genalloc_s(struct main_cf_setting const, &cf->settings) + i;
}

static inline struct field main_cf_name(struct main_cf const *cf, struct main_cf_setting const *one)
{
  return (struct field){ cf->text.s + one->name, one->name_len };
}

/* Replaces *to by the value with $name, ${name}, $(name), ${name?text} and ${name:text} expanded. False: they are too deep, too long,
   or make no sense; what could be expanded is there. */
bool main_cf_value(stralloc *to, struct main_cf const *cf, struct main_cf_setting const *one);

#endif
