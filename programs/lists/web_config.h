/* web_config: a line of .ezcgirc: LISTNO;UID;DIR;LOCAL@HOST;[TEXT]=URL,...;CHARSET;STYLESHEET;BANNER, where ';' is what follows
   the digits of LISTNO. Pure. */

#ifndef MAILTREE_WEB_CONFIG_H
#define MAILTREE_WEB_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"

struct web_config {
  uint64_t list;
  bool hides;                   /* addresses: a '-' before the list's */
  struct field dir, address, links, charset, stylesheet, banner;      /* empty: none */
};

/* Of the list; 0 is the first one. False: there is no such line. */
bool web_config_find(struct web_config *to, struct field text, uint64_t list);

/* The next TEXT=URL of links; *rest moves behind it. */
bool web_config_link(struct field *text, struct field *url, struct field *rest);

#endif
