/* nameset_cdb: a large control file as a cdb beside it, so that nobody reads all of its lines for one question.

   The text stays the truth. In the cdb stands of which text it was made: kind, size, time of change and of status (which
   nobody can set back), checksum. One that is not of the text as it stands, or is damaged, is as if it were not there. A
   text of less than NAMESET_CDB_MIN bytes needs none.

     control/virtualdomains  ->  control/virtualdomains.cdb     key '=' and the name in small letters, value what is behind
                                                                the colon; key empty: of which text */

#ifndef MAILTREE_NAMESET_CDB_H
#define MAILTREE_NAMESET_CDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "nameset.h"

enum {
  NAMESET_CDB_MIN = 65536,      /* bytes of a text for which a cdb is made, and looked for */
  NAMESET_CDB_NAME = '=',
  NAMESET_CDB_NAME_MAX = 1000,  /* bytes of a name; a text with a longer one has no cdb */
  NAMESET_CDB_PATH_MAX = 256,
  NAMESET_CDB_STAMP_MAX = 128,
  NAMESET_CDB_SUM = 8           /* hex digits of the checksum */
};

/* The text at the path has this status. Makes the set of its cdb; false when there is none that counts. */
bool nameset_cdb_open(struct nameset *set, char const *path, struct stat const *text, bool is_map);

/* Whether each record in the cdb of a set is found by its key. */
bool nameset_cdb_is_sound(struct nameset const *set);

/* Takes the cdb of a set into memory, for a program that stays: nothing that happens to the file later touches it. False, with
   an empty set, without memory. */
bool nameset_cdb_keep(struct nameset *set);

/* What says of which text: without the checksum, which follows. */
size_t nameset_cdb_stamp(char stamp[NAMESET_CDB_STAMP_MAX], struct stat const *text, bool is_map);

size_t nameset_cdb_sum(char digits[NAMESET_CDB_SUM + 1], stralloc const *text);

enum nameset_cdb_made {
  NAMESET_CDB_MADE,
  NAMESET_CDB_FRESH,            /* it was there */
  NAMESET_CDB_NEEDLESS,         /* the text is small, or not there: the cdb, if there was one, is gone */
  NAMESET_CDB_UNFIT,            /* a name is too long: the same */
  NAMESET_CDB_FAILED            /* errno and *what: "write ", "control/x.cdb" */
};

/* Makes the cdb of the text at the path. Who calls holds a lock, and is linked with libcdb. */
enum nameset_cdb_made nameset_cdb_make(char const *path, bool is_map, char const **doing, char const **what);

enum nameset_cdb_state { NAMESET_CDB_GOOD, NAMESET_CDB_NONE, NAMESET_CDB_MISSING, NAMESET_CDB_OTHER };

/* What about the cdb of the text at the path, looking at all of both: it counts, and looked at from end to end is of this text; none is needed and
   there is none; there is none, and there might; it does not count. */
enum nameset_cdb_state nameset_cdb_look(char const *path, bool is_map);

#endif
