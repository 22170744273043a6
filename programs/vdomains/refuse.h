/* refuse: how the commands of virtual domains end when they do not do it. */

#ifndef MAILTREE_VDOMAINS_REFUSE_H
#define MAILTREE_VDOMAINS_REFUSE_H

#include <stddef.h>

#include "vcode.h"

/* "Error: TEXT" on descriptor 1, where scripts look for it, or {"error":"TEXT"} for those that have asked for JSON (saying.h), and the
   exit code of vcode.h: the old one where the environment says VPOPMAIL_EXIT=old. */
_Noreturn void refuse(enum vcode code);

/* From now on a refusal tells this line of a list, "Error: line 3: TEXT"; 0: none. */
void refuse_at_line(size_t line);

/* The same with a text of the command's own; the exit code is that of code. */
_Noreturn void refuse_saying(enum vcode code, char const *text);

/* The text as it is, where vpopmail's command ended with 255 for whatever it was; that is the old code. */
enum { REFUSE_NO = 1, REFUSE_CALLER = 100, REFUSE_MACHINE = 111 };
_Noreturn void refuse_in_words(int status, char const *text);

/* The text, and no more; "Error: " at its beginning is for people. */
void refuse_text(char const *text);

/* The exit code alone: the command has said why. */
_Noreturn void refuse_quietly(enum vcode code);

/* Returns for VCODE_OK only. */
void refuse_unless_ok(enum vcode code);

/* Only root changes what belongs to several accounts. */
void refuse_unless_root(void);

#endif
