/* onchange: each change of virtual domains is told to the service qmail-users, which logs it with who made it, and to a script of
   the site: etc/onchange below the home of vpopmail.

     onchange add_user joe@example.net - -

   The script is called once a change is on disk and in force, and has ONCHANGE_SECONDS. Whatever becomes of it, the change stands:
   its failure is one line on descriptor 2. Who stands for root is vpopmail there, since the script is vpopmail's. */

#ifndef MAILTREE_VDOMAINS_ONCHANGE_H
#define MAILTREE_VDOMAINS_ONCHANGE_H

#include "fields.h"
#include "named.h"

#define ONCHANGE_FILE "onchange"
enum { ONCHANGE_SECONDS = 30 };

/* Tells both, the log of the service qmail-users and the script, of a change by its name (vchange.h): on what, and with what, or
   null. That the service does not answer is a warning: the change stands. */
void onchange(char const *name, char const *first, char const *second);

/* Of user@domain. */
void onchange_user(char const *name, struct field user, char const *domain, char const *second);

/* After a command with this exit code, which is returned: only what was done is told. Of the user; or the log of the domain,
   and the script of each in it. With what, or null, is for the log. */
int onchange_after(int status, char const *name, struct named const *named, char const *second);

/* One of the two alone, for many users at once. The script hears a word of its own. */
void onchange_log(char const *name, char const *first, char const *second);
void onchange_script(char const *what, char const *first, char const *second);
void onchange_script_user(char const *what, struct field user, char const *domain);

#endif
