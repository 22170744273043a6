#include <string.h>

#include "serial_head.h"

static char const return_path[] = "Return-Path: <";
static char const delivered_to[] = "Delivered-To: ";

/* Behind these words the rest of the line, from *at on, which moves behind its newline. */
static int take_line(struct field *rest, char const *s, size_t len, size_t *at, char const *words)
{
  size_t n = strlen(words);
  if (len - *at < n || memcmp(s + *at, words, n) != 0) return 0;
  rest->s = s + *at + n;
  char const *end = memchr(rest->s, '\n', len - *at - n);
  if (!end) return 0;
  rest->len = (size_t)(end - rest->s);
  *at += n + rest->len + 1;
  return 1;
}

enum serial_head_result serial_head_read(struct serial_head *h, char const *s, size_t len, char const *prefix)
{
  size_t n = strlen(prefix);
  h->len = 0;
  if (!take_line(&h->sender, s, len, &h->len, return_path)) return SERIAL_HEAD_NONE;
  if (!h->sender.len || h->sender.s[--h->sender.len] != '>') return SERIAL_HEAD_NONE;
  if (!take_line(&h->recipient, s, len, &h->len, delivered_to)) return SERIAL_HEAD_NONE;
  if (memchr(s, 0, h->len)) return SERIAL_HEAD_NONE;
  if (h->recipient.len < n || memcmp(h->recipient.s, prefix, n) != 0) return SERIAL_HEAD_OTHER;
  h->recipient.s += n;
  h->recipient.len -= n;
  return SERIAL_HEAD_OK;
}
