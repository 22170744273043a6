#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>

#include "serial_client.h"
#include "text.h"

enum { TROUBLE = 111, NAME_MAX_BYTES = 4096 };

bool serial_client_name(stralloc *name)
{
  name->len = 0;
  int r = skagetln(buffer_0, name, 0);
  if (r == -1 && errno != EPIPE) strerr_diefusys(TROUBLE, "read names");
  if (name->len > NAME_MAX_BYTES) strerr_dief(TROUBLE, "a name is too long");
  return r == 1;
}

static char shown(char c)
{
  return c < 32 || c > 126 ? '?' : c;
}

void serial_client_result(char const *name, char status, char const *text, size_t len)
{
  static stralloc line = STRALLOC_ZERO;
  text_setb(&line, name, strlen(name) + 1);
  text_addc(&line, status);
  for (size_t i = 0; i < len && i < SERIAL_TEXT_MAX; i++) text_addc(&line, shown(text[i]));
  text_addc(&line, '\n');
  if (allwrite(1, line.s, line.len) < line.len) strerr_diefusys(TROUBLE, "write results");
}

void serial_client_said(char const *name, char status, char const *recipient, struct field text)
{
  static stralloc line = STRALLOC_ZERO;
  char const *ip = getenv("TCPREMOTEIP");
  line.len = 0;
  if (ip) {
    text_add(&line, ip);
    if (recipient) text_add(&line, " to: "), text_add(&line, recipient);
    text_add(&line, " said: ");
  }
  text_addb(&line, text.s, text.len);
  serial_client_result(name, status, line.s, line.len);
}

void serial_client_unreadable(char const *name)
{
  static stralloc line = STRALLOC_ZERO;
  text_set(&line, "unable to read the message: ");
  text_add(&line, strerror(errno));
  serial_client_result(name, 'Z', line.s, line.len);
}

void serial_client_not_ours(char const *name)
{
  strerr_warnw(name, " is left out: it does not begin with Return-Path and a Delivered-To that is for here");
}
