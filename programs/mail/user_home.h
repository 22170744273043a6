/* user_home: the directory of a user of a virtual domain: USER, 0750, with Maildir/{tmp,new,cur}, 0700. */

#ifndef MAILTREE_USER_HOME_H
#define MAILTREE_USER_HOME_H

#include <stdbool.h>

#include "vcode.h"

/* A file in a home: from where its user has logged in last; its time tells when. Of a new user it says USER_HOME_NEVER, and the time
   of his making. */
#define USER_HOME_LOGIN "lastauth"
#define USER_HOME_NEVER "0.0.0.0"

/* Makes it below the directory that parent holds, as the process that calls, and durable with all its names. What a
   command that was killed left of the same home, without any message or other file, is completed; any other directory of
   that name is VCODE_USER_DIR_EXISTS. VCODE_MAKE_USER_DIRS with errno when it cannot be made. */
enum vcode user_home_make(int parent, char const *name);

/* The same, but the caller sees to it that what was made is on disk: one of many. */
enum vcode user_home_make_unsynced(int parent, char const *name);

/* Notes in a home that is new that nobody has logged in yet. False with errno. */
bool user_home_note_new(int parent, char const *name);

/* Makes what is missing of the home of a user who has a record, durably, and leaves the rest as it is. False with errno. */
bool user_home_complete(int parent, char const *name);

#endif
