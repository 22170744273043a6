/* moderation: posts that wait for a moderator or for their author, and what became of others.

   Each is a file TIME.PID in mod/pending or mod/unconfirmed; a file of that name, empty, in mod/accepted or mod/rejected says what a
   moderator has decided. The first line of a post that waits is Return-Path with its sender. */

#ifndef MAILTREE_MODERATION_H
#define MAILTREE_MODERATION_H

#include <stdbool.h>

#include <skalibs/stralloc.h>

#include "cookie.h"
#include "fields.h"
#include "list.h"

enum moderation_place { MOD_PENDING, MOD_UNCONFIRMED, MOD_ACCEPTED, MOD_REJECTED, MOD_PLACES };

enum { MOD_NAME_MAX = 48, MOD_PATH_MAX = 128 };

/* mod/pending/NAME; an empty name is the directory. */
void moderation_path(char path[MOD_PATH_MAX], enum moderation_place place, char const *name);

/* What an address like L-accept-TIME.PID.COOKIE@H wants: the last word before DEFAULT in LOCAL, and DEFAULT. */
struct moderation_action {
  struct field word;                  /* accept, reject, confirm, discard, or anything */
  char name[MOD_NAME_MAX];            /* TIME.PID */
  struct field cookie;
};

/* False: it is no such address. Pure. */
bool moderation_read(struct moderation_action *a, struct field local, struct field rest);

/* The cookie of a post by its name. */
void moderation_cookie(char cookie[COOKIE_LENGTH], struct list const *l, char const *name);
bool moderation_cookie_is(struct moderation_action const *a, struct list const *l);

/* Who sent a post that is stored; empty: nobody. */
void moderation_sender(stralloc *to, struct list const *l, int message);

/* A post that goes to people: as a part of its own, or behind the text; all of it or its header. */
struct enclosure { int message; bool is_inline, header_only; };

/* What stands behind the fields of a mail of the list: MIME fields, the text, and the post. */
void moderation_enclose(struct list const *l, char const *boundary, stralloc const *text, struct enclosure const *what);

/* Sends a post that is stored back to who sent it, with text/top and this text, and the comment (empty: none). Nothing is sent
   where it has no sender. */
struct moderation_return { char const *text, *reply_to; struct field comment; bool is_inline; };
void moderation_return(struct list const *l, int message, struct moderation_return const *how);

/* Appends the comment of a moderator: what stands between two lines with %%% near their beginning. Pure. */
void moderation_comment(stralloc *to, struct field body);

/* The post has been decided on: that is on disk before it goes. Ends the program when that fails. */
void moderation_decided(struct list const *l, enum moderation_place decision, char const *name);

/* It is there no more, on disk. */
void moderation_forget(struct list const *l, enum moderation_place place, char const *name);

#endif
