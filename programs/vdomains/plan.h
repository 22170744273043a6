/* plan: what a command is about to change, step by step, as text.

   Several files make a virtual domain, and no system call changes them together. So what is to be done is written down
   first, and is on disk before the first step; whoever comes next does it again from the beginning, because each step
   done twice is done once. The text:

     WORD TAB PATH TAB OBJECT NEWLINE        for each step, in this order
     end TAB CHECKSUM NEWLINE                CRC-32 of all before, eight hex digits

   A text without a true end was never begun, and means nothing. Pure. */

#ifndef MAILTREE_VDOMAINS_PLAN_H
#define MAILTREE_VDOMAINS_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

enum plan_deed {
  PLAN_ADD,           /* the line OBJECT to the file PATH below HOME */
  PLAN_DROP,          /* each such line from it */
  PLAN_MOVE,          /* the directory PATH gets the name OBJECT beside it */
  PLAN_REMOVE,        /* the directory PATH with all that is in it; OBJECT is empty */
  PLAN_CARRY,         /* the directory PATH becomes OBJECT, anywhere on its file system; one that is not there has gone on */
  PLAN_PATHS,         /* what stands in the directory PATH leads to where the domain is: OBJECT is "OLD:NEW" (domain_carry.h) */
  PLAN_ROWS,          /* the same where a server keeps the users: OBJECT is "OLD:NEW:DOMAIN" */
  PLAN_OWN            /* the directory PATH with all that is in it has another owner: OBJECT is "OLD:UID:GID" */
};

struct plan_step { enum plan_deed deed; char const *path, *object; size_t path_len, object_len; };

enum { PLAN_MAX = 64 << 20 };   /* bytes of a plan that is read */

/* Whether the text can stand in a plan: no control character. */
bool plan_holds(char const *s, size_t len);

/* Appends a step; path and object hold what plan_holds says. Ends the program without memory. */
void plan_add(stralloc *plan, enum plan_deed deed, char const *path, char const *object);

/* Appends the end. */
void plan_end(stralloc *plan);

/* Whether the text is a plan from beginning to end, with no step in it that is none. */
bool plan_is_whole(char const *s, size_t len);

/* Reads the step at *at of a whole plan and moves *at behind it. False at the end. */
bool plan_next(struct plan_step *step, char const *s, size_t len, size_t *at);

#endif
