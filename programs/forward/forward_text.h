/* forward_text: the text that setforward makes its table of: "target: instruction, instruction;". Pure. */

#ifndef MAILTREE_FORWARD_TEXT_H
#define MAILTREE_FORWARD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { FORWARD_TEXT_ADDRESS_MAX = 800 };

enum forward_text_result { FORWARD_TEXT_RECORD, FORWARD_TEXT_END, FORWARD_TEXT_WRONG, FORWARD_TEXT_NO_MEMORY };

struct forward_text {
  struct field in;
  size_t at, line;              /* where it is read; the number of that line */
  stralloc target, word;        /* in the making */
  stralloc owner, data;         /* of the record that was read: the sender, where has_owner, and instructions with NULs */
  bool has_target, has_owner;
  char const *fault;            /* of the line, when it is wrong */
};

void forward_text_begin(struct forward_text *t, struct field in);

/* The next target with all it has. */
enum forward_text_result forward_text_next(struct forward_text *t);

void forward_text_free(struct forward_text *t);

/* Appends as the text has it what may have any bytes. 1, or 0 without memory. */
int forward_text_quote(stralloc *to, struct field f);

#endif
