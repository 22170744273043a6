/* output: what a program prints, gathered. Trouble ends it: "PROG: fatal: unable to write output: reason", 111. */

#ifndef MAILTREE_OUTPUT_H
#define MAILTREE_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "text.h"

enum { OUTPUT_BLOCK = 65536 };

extern stralloc output;

void output_flush(void);

/* To be called when a line is complete. */
static inline void output_line(void)
{
  text_addc(&output, '\n');
  if (output.len >= OUTPUT_BLOCK) output_flush();
}

static inline void output_word(struct field word)
{
  text_addc(&output, ' ');
  text_addb(&output, word.s, word.len);
}

#endif
