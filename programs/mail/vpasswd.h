/* vpasswd: one user of a virtual domain, as a line of vpasswd and as a value of vpasswd.cdb, whose key is the name and
   whose value is what follows the first colon:

     name:password:uid:flags:comment:dir:quota[:clear]

   uid is no user of the system: 1 is POP, 2 APOP; flags stand in vflags.h. virtual-domains(7). */

#ifndef MAILTREE_VPASSWD_H
#define MAILTREE_VPASSWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"

enum { VPASSWD_LINE_MAX = 65535 };      /* bytes of a line, its end not counted */

/* Nothing is ended by a NUL. */
struct vpasswd {
  struct field name, hash, comment, dir, quota, clear;
  uint32_t uid, flags;
  bool has_clear;                       /* an empty clear field is one, too */
};

enum vpasswd_result {
  VPASSWD_RECORD,
  VPASSWD_NONE,         /* no name, or fewer than six colons: no user */
  VPASSWD_DAMAGED       /* a user nobody can tell about: a number that is none, a NUL, too long a line */
};

/* Reads a line, with or without its end, which may be LF or CR LF. The record points into it; the clear field is the
   last and keeps its colons. */
enum vpasswd_result vpasswd_parse(struct vpasswd *record, char const *line, size_t len);

/* Reads a value of vpasswd.cdb. */
enum vpasswd_result vpasswd_parse_value(struct vpasswd *record, struct field name, char const *value, size_t len);

/* The first field that no line may hold, in words: it has a colon (but for the clear one), a CR, LF or NUL, or the name
   is empty. Null: all may. */
char const *vpasswd_unfit(struct vpasswd const *record);

/* The first field longer than the commands take: older programs read no more. Null: none is. */
char const *vpasswd_overlong(struct vpasswd const *record);

/* Appends the line with its LF, the name in lower case; or the value. 1; or 0 with errno, EINVAL for what is unfit
   and for a line that is too long. */
int vpasswd_format(stralloc *to, struct vpasswd const *record);
int vpasswd_format_value(stralloc *to, struct vpasswd const *record);

#endif
