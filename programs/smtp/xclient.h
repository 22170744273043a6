/* xclient: the attributes of XCLIENT, by which Postfix and filters tell whose session it is. Pure. */

#ifndef MAILTREE_SMTP_XCLIENT_H
#define MAILTREE_SMTP_XCLIENT_H

#include <stdbool.h>
#include <stddef.h>

enum { XCLIENT_VALUE_MAX = 255 };

enum xclient_attribute {
  XCLIENT_NAME, XCLIENT_ADDR, XCLIENT_PORT, XCLIENT_PROTO, XCLIENT_HELO, XCLIENT_DESTADDR, XCLIENT_DESTPORT,
  XCLIENT_ATTRIBUTES
};

struct xclient {
  bool is_said[XCLIENT_ATTRIBUTES];
  char value[XCLIENT_ATTRIBUTES][XCLIENT_VALUE_MAX + 1];      /* empty: not known */
};

/* Their names, a blank before each, for EHLO. */
extern char const XCLIENT_NAMES[];

/* "NAME=value ...", each at most once, values as xtext. Addresses are written as tcpserver writes them. False when it
   cannot be meant. */
bool xclient_read(struct xclient *to, char const *s, size_t len);

#endif
