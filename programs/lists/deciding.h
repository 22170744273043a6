/* deciding: what ezmlm-moderate and ezmlm-confirm have in common: an address says which post, and what becomes of it. */

#ifndef MAILTREE_DECIDING_H
#define MAILTREE_DECIDING_H

#include "list.h"
#include "list_child.h"
#include "moderation.h"

/* Reads SENDER, LOCAL and DEFAULT, and which post is meant; yes and no are the words. Whether it was yes. Ends the program with
   100 for who is no sender, for another word, and for a wrong cookie. */
bool deciding_read(struct moderation_action *a, struct list const *l, char const *yes, char const *no);

/* The post as it is stored; -1: there is none. */
int deciding_open(struct list const *l, enum moderation_place place, char const *name);

/* Runs the command with the post, and its sender as SENDER. Ends the program where that was not successful. */
void deciding_run(struct list const *l, struct list_command const *c, int message);

/* The command that was given, or where there are no words a program of ours, which is named first, with its options (an empty one is
   none) and the list. Both end with null. */
void deciding_command(struct list_command *c, struct list const *l, char const *const *words, char const *const *otherwise);

#endif
