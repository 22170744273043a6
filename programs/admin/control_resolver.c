#include <string.h>

#include <skalibs/djbunix.h>

#include "control_check.h"
#include "resolv_conf.h"
#include "text.h"

static char const cannot_be_asked[] =
  ": this name server cannot be asked: write a number that is not of one link only (not fe80::)";

static void check_line(struct findings *to, size_t number, char const *line, size_t len)
{
  ip46 server;
  stralloc text = STRALLOC_ZERO;
  if (resolv_line(&server, line, len) != NO_NAME_SERVER) return;
  text_addb(&text, line, len);
  text_add(&text, cannot_be_asked);
  finding_add(to, &(struct finding){ .where = RESOLV_CONF, .line = number, .text = text_z(&text) });
  stralloc_free(&text);
}

void check_name_servers(struct findings *to)
{
  stralloc text = STRALLOC_ZERO;
  size_t number = 0;
  if (openslurpclose(&text, RESOLV_CONF))
    for (size_t at = 0, end; at < text.len; at = end + 1) {
      char const *newline = memchr(text.s + at, '\n', text.len - at);
      end = newline ? (size_t)(newline - text.s) : text.len;
      check_line(to, ++number, text.s + at, end - at);
    }
  stralloc_free(&text);
}
