/* warm_options: what qmail-warm(8) has to know of a command of tcpserver(1). */

#ifndef MAILTREE_SMTP_WARM_OPTIONS_H
#define MAILTREE_SMTP_WARM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct warm_options {
  char const *local;            /* -l */
  char const *rules;            /* -x; null: everybody may connect */
  unsigned children_max;        /* -c */
  int backlog;                  /* -b */
  uid_t uid;                    /* -u, -g; 0: as it is */
  gid_t gid;
  bool no_delay;                /* -D */
  bool verbose;                 /* -v */
  uint16_t port;
  char const *const *program;   /* with its arguments */
};

/* Whether argv is a command of tcpserver that asks for nothing but what is named here, for host 0 and a port of numbers,
   without questions to name and ident servers. For everything else, wrong usage too, there is tcpserver itself. */
bool warm_options_read(struct warm_options *o, int argc, char const *const *argv);

#endif
