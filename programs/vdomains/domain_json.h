/* domain_json: a virtual domain as lines of JSON, for another host, a backup, a program:

     {"domain":"example.net","dir":"/home/vpopmail/domains/example.net","format":1}
     {"alias_domain":"www.example.net"}
     {"file":".qmailadmin-limits","text":"default_quota 1000\n"}
     {"user":"joe","password":"$y$...","uid":1,"flags":2,"comment":"Joe","quota":"10485760S",
      "host":"mail2.example.net"}
     {"alias":"sales","text":"&joe@example.net\n"}
     {"end":5}

   The end has the number of lines before it. A text that is no UTF-8 stands as base64 behind a name that ends in 64,
   "comment64". Pure; what is written is read as the same. */

#ifndef MAILTREE_VDOMAINS_DOMAIN_JSON_H
#define MAILTREE_VDOMAINS_DOMAIN_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "vpasswd.h"

enum {
  DOMAIN_JSON_FORMAT = 1,
  DOMAIN_JSON_LINE_MAX = 8 << 20        /* bytes: an alias of a megabyte, each of which may be six */
};

enum domain_line_kind {
  DOMAIN_LINE_DOMAIN, DOMAIN_LINE_ALIAS_DOMAIN, DOMAIN_LINE_FILE, DOMAIN_LINE_USER, DOMAIN_LINE_ALIAS, DOMAIN_LINE_END,
  DOMAIN_LINE_KINDS
};

struct domain_line {
  enum domain_line_kind kind;
  struct field name;            /* of all but user and end */
  struct field text;            /* of a file and an alias; of the domain its directory */
  struct vpasswd record;        /* of a user, without dir */
  struct field host;            /* of a user: on which his mailbox is; empty: where the others are */
  uint64_t count;               /* of the end */
  void *tree;                   /* holds what was read */
};

/* The names that a kind is told by, and its text; null where it has none. */
struct domain_line_keys { char const *name, *text; };
extern struct domain_line_keys const domain_line_keys[DOMAIN_LINE_KINDS];

/* Appends the line with its end. Ends the program without memory. */
void domain_json_add(stralloc *to, struct domain_line const *line);

enum domain_json_result {
  DOMAIN_JSON_OK,
  DOMAIN_JSON_WRONG,            /* no such line, or of a format that comes later */
  DOMAIN_JSON_NO_MEMORY
};

/* Reads a line without its end; what is not known in it is passed over. domain_json_free forgets it, whatever the result. */
enum domain_json_result domain_json_read(struct domain_line *line, char const *s, size_t len);
void domain_json_free(struct domain_line *line);

#endif
