/* open_smtp: the addresses from which users have logged in lately, one a line, as vpopmail keeps them:

     192.0.2.1:allow,RELAYCLIENT="",RBLSMTPD="" TAB 1700000000

   What is no such line is somebody's, and stays. Pure. */

#ifndef MAILTREE_VDOMAINS_OPEN_SMTP_H
#define MAILTREE_VDOMAINS_OPEN_SMTP_H

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum {
  OPEN_SMTP_MAX = 4 << 20,      /* bytes of the file */
  OPEN_SMTP_IP_MAX = 45         /* bytes of an address */
};

struct open_smtp {
  struct field line;            /* with its newline, if it has one */
  struct field ip;              /* empty: the line is something else */
  uint64_t time;
};

/* Takes the first line of the text; false when there is none. */
bool open_smtp_next(struct open_smtp *entry, struct field *text);

/* The address of a client as it stands in a line: an IPv4 one without "::ffff:". Empty for what is none. */
struct field open_smtp_ip(struct field client);

/* When somebody has logged in from there; 0: never. */
uint64_t open_smtp_find(struct field text, struct field ip);

/* Appends the text without lines that are older than oldest and those of ip, and with a line of ip and now, unless ip is
   empty. False without memory. */
bool open_smtp_write(stralloc *to, struct field text, struct field ip, uint64_t now, uint64_t oldest);

#endif
