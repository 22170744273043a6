/* serial_head: the two lines that qmail-local puts before a message in a Maildir, which say from whom and for whom it is:

     Return-Path: <SENDER>
     Delivered-To: PREFIXRECIPIENT

   They are no part of what is sent. Pure. */

#ifndef MAILTREE_SERIAL_HEAD_H
#define MAILTREE_SERIAL_HEAD_H

#include <stddef.h>

#include "fields.h"

enum { SERIAL_HEAD_MAX = 8192 };      /* bytes of both lines */

struct serial_head {
  struct field sender;                /* as it stands between < and >, quotes and all */
  struct field recipient;             /* without the prefix */
  size_t len;                         /* of both lines */
};

enum serial_head_result {
  SERIAL_HEAD_OK,
  SERIAL_HEAD_NONE,                   /* the message does not begin so */
  SERIAL_HEAD_OTHER                   /* it is for somebody whose address does not begin with the prefix */
};

/* s: what the file begins with, SERIAL_HEAD_MAX bytes or all of it. */
enum serial_head_result serial_head_read(struct serial_head *h, char const *s, size_t len, char const *prefix);

#endif
