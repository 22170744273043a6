/* manage: what ezmlm-manage knows of a request, and how it replies. */

#ifndef MAILTREE_MANAGE_H
#define MAILTREE_MANAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "list.h"
#include "list_words.h"
#include "mail_header.h"
#include "manage_request.h"

struct manage {
  struct list list;
  struct manage_request request;
  stralloc sender, target;
  stralloc from;                        /* what the sender calls himself, on one line */
  struct mail_header header;            /* of the request; its body is still on descriptor 0 */
  uint64_t now;

  stralloc moderators;                  /* the table's name */
  bool has_modsub, has_remote;
  bool is_moderator;                    /* the sender; of who asks for something secret, the target; with deny, both */

  bool loud, bottom, gets, edits, lists, logs_from, notifies;
  bool sub_confirmed, unsub_confirmed, unsub_moderated;
  unsigned owner;                       /* 1: he is told of who could not unsubscribe; 2: of all changes */
};

struct reply {
  char const *name;                     /* for -a */
  char const *subject, *parameter;      /* the identifier; <#1#> of it, or null */
  struct field to;                      /* s null: not him whom it is about, who is in To all the same */
  struct field reply_to;                /* s null: none */
  bool welcome;                         /* with the way out: List-Unsubscribe */
  bool from_return;                     /* whose reply goes nowhere, as a reply to help would come back for ever */
  bool by_moderator;                    /* whose request is nobody else's business */
  struct list_tags tags;
};

/* A reply with the tags of the request. */
struct reply reply_about(struct manage const *m, char const *name, char const *subject, struct field to);

/* The fields and text/top; a text; a line; bytes. */
void reply_begin(struct manage *m, struct reply const *r);
void reply_text(struct manage const *m, struct reply const *r, char const *text);

/* text/bottom, the request, and the envelope's sender. The recipients and list_mail_close follow. */
void reply_end(struct manage *m, struct reply const *r);

/* All of it for a text and one recipient, who is in To. */
void reply_with(struct manage *m, struct reply const *r, char const *text);

/* L-owner@H as one more recipient. */
void reply_to_owner(struct manage const *m);

#endif
