/* mailbox: the messages of a Maildir, numbered for one POP3 session. The working directory is the Maildir.

   The list is made once, without a stat per message where the file's name tells what is needed, and never
   changes its numbers. Other programs may rename and remove messages meanwhile; nobody is locked out. */

#ifndef MAILTREE_POP3_MAILBOX_H
#define MAILTREE_POP3_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

enum {
  UID_MAX = 70,                     /* RFC 1939 section 7 */
  TMP_STALE = 36 * 3600             /* seconds after which nobody is still writing a file in tmp/ */
};

struct message {
  size_t path;                      /* "new/NAME" or "cur/NAME", offset into the mailbox's names */
  size_t base;                      /* NAME up to its first ':', what stays when flags change */
  uint64_t arrived;                 /* seconds */
  uint64_t size;                    /* bytes of the file */
  bool twin;                        /* another file with this base has its unique id */
  bool link;                        /* a symbolic link: no part of the mailbox's size */
  bool deleted;
  bool freed;                       /* removed by us, so that the mailbox has become smaller by its size */
};

struct mailbox {
  stralloc names;
  genalloc messages;                /* of struct message, in order of arrival */
  bool links;                       /* some may be symbolic links */
};
#define MAILBOX_ZERO { STRALLOC_ZERO, GENALLOC_ZERO, false }

/* Lists new/ and cur/. 1, or 0 with errno (ENOMEM, or what opendir said). */
int mailbox_scan(struct mailbox *box);

/* Removes from tmp/ what deliveries that died have left there. Trouble does not matter. */
void mailbox_clean_tmp(void);

size_t mailbox_count(struct mailbox const *box);
struct message *mailbox_message(struct mailbox const *box, size_t i);

/* The unique id of a message, no other's in the list: that of its name, or of its path if it is a twin. As name_uid. */
size_t mailbox_uid(struct mailbox const *box, struct message const *m, char *to);

/* A descriptor on the message's file, wherever another program has renamed it to; -1 when it is gone or cannot be
   opened. */
int mailbox_open(struct mailbox *box, struct message *m);

/* Removes the file, and notes in m whether that freed its size. True when it is no more, whoever removed it. */
bool mailbox_remove(struct mailbox *box, struct message *m);

/* Takes the message from new/ to cur/: seen by a mail reader, no flags. A failure does not matter. */
void mailbox_make_old(struct mailbox const *box, struct message const *m);

/* What file names tell, as pure functions. */

/* The delivery time a name begins with; false if it begins with no digit. */
bool name_arrived(char const *name, uint64_t *arrived);

/* The unique id of a base name: the name itself, or its SHA-256 in hex if RFC 1939 does not allow the name.
   Writes up to UID_MAX bytes and returns how many. */
size_t name_uid(char *to, char const *base);

#endif
