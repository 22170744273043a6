/* vdelivermail_line: the line of a .qmail file that gives mail to a virtual domain's users.

     | /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox

   Who delivers need not start the program for it, and who answers at RCPT knows what becomes of an address that is
   nobody's. Pure. */

#ifndef MAILTREE_VDELIVERMAIL_LINE_H
#define MAILTREE_VDELIVERMAIL_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

/* What becomes of mail for nobody. */
enum vdelivermail_action {
  VDELIVERMAIL_BOUNCE,          /* bounce-no-mailbox */
  VDELIVERMAIL_DELETE,          /* delete */
  VDELIVERMAIL_DIRECTORY,       /* into the directory of that path */
  VDELIVERMAIL_FORWARD,         /* to that address */
  VDELIVERMAIL_FORWARD_SAME     /* $EXT@DOMAIN: to the same user at that domain */
};

struct vdelivermail_line {
  enum vdelivermail_action action;
  struct field program;         /* its path; whether it is the one that is known has to be looked at */
  struct field target;          /* the directory, the address or the domain */
};

/* The action that this word is, as an argument of the program; false for a word that is none. */
bool vdelivermail_line_action(struct vdelivermail_line *to, struct field word);

/* Whether a shell would start such a program with just such arguments: whatever holds more words, or a byte that means
   something to a shell, is not such a line. */
bool vdelivermail_line_parse(struct vdelivermail_line *to, char const *line, size_t len);

#endif
