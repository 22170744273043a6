/* vdeliver: one message to one address of a virtual domain, whose directory is the working directory, as its owner.

     vdeliver_begin(&v, &task);        finds out what is to be done; nothing is delivered
     if (!v.is_short) ...it starts processes: the caller may want one of its own for it
     vdeliver_finish(&v);              does it
     ...v.code, v.text

   The program vdelivermail does just this, and so does qmail-local where a .qmail file names that program. How each kind of
   user and of nobody is served stands in vdelivermail(8). The caller ignores SIGPIPE and has umask 077. */

#ifndef MAILTREE_VDELIVER_H
#define MAILTREE_VDELIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "quota.h"
#include "vdelivermail_line.h"
#include "vmailbox.h"

enum {
  VDELIVER_QMAIL_MAX = 1 << 20,       /* bytes of a user's .qmail */
  VDELIVER_REPORT_MAX = 2000          /* bytes of .over-quota.msg and .no-user.msg that are told */
};

enum vdeliver_code { VDELIVER_DONE = 0, VDELIVER_ENOUGH = 99, VDELIVER_BOUNCE = 100, VDELIVER_LATER = 111 };

/* The message is descriptor 0, a file. */
struct vdeliver_task {
  struct vdelivermail_line const *line;       /* what becomes of mail for nobody */
  char const *ext, *host, *sender;
  char const *domain;                         /* whose users they are; host may be an alias of it */
  char const *return_path, *delivered_to;     /* lines for the header, or null */
  char const *extras;                         /* what goes along with forwards (envelope_extra.h), or null */
  char const *domain_dir;                     /* the path of the working directory */
  char const *site;                           /* the home of vpopmail; null: not known */
  bool (*environment)(stralloc *to);          /* appends that of programs, "NAME=VALUE" NUL; false without memory */
  void (*prepare)(void);                      /* before a program is started, in its process too; or null */
};

/* Which domain that is: qmail-local runs with its real name as the name of the user. */
char const *vdeliver_domain(char const *user, char const *host);

struct vdeliver {
  /* The result. Before vdeliver_finish it counts when is_decided. */
  enum vdeliver_code code;
  stralloc text;                              /* for the report, with an uncounted NUL; may be empty */
  bool is_decided, is_short;

  /* For maildirs, to be set in between. */
  uint32_t patience_us;

  /* What is to be done. */
  struct vdeliver_task task;
  stralloc name, address;                     /* ext, and ext@host, in lower case */
  struct vmailbox box;
  bool is_users, is_homeless;                 /* a user's; of whom nobody knows where he lives */
  stralloc home;
  struct quota quota;
  stralloc instructions;                      /* of his .qmail; empty: into his Maildir */
  bool is_filtered, deletes_spam;             /* his mail goes first through the filter of spam */
  char const *maildrop;                       /* a command, in place of his Maildir; or null */
  int unfiltered;                             /* the message as it came, while what the filter says is descriptor 0; or -1 */
  stralloc forwards;                          /* addresses, each with its NUL */
};
#define VDELIVER_ZERO { .code = VDELIVER_LATER, .text = STRALLOC_ZERO }

/* The memory of *v serves the next message. */
void vdeliver_begin(struct vdeliver *v, struct vdeliver_task const *task);
void vdeliver_finish(struct vdeliver *v);

#endif
