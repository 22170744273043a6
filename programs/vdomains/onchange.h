/* onchange: a script of the site is told of each change of virtual domains: etc/onchange below the home of vpopmail.

     onchange add_user joe@example.net - -

   It is called once a change is on disk and in force, and has ONCHANGE_SECONDS. Whatever becomes of it, the change stands:
   its failure is one line on descriptor 2. Who stands for root is vpopmail there, since the script is vpopmail's. */

#ifndef MAILTREE_VDOMAINS_ONCHANGE_H
#define MAILTREE_VDOMAINS_ONCHANGE_H

#include "fields.h"
#include "named.h"

#define ONCHANGE_FILE "onchange"
enum { ONCHANGE_SECONDS = 30 };

/* An argument that is not needed is null. */
void onchange(char const *what, char const *first, char const *second);

/* Of user@domain. */
void onchange_user(char const *what, struct field user, char const *domain, char const *second);

/* After a command with this exit code, which is returned: only what was done is told. Of the user; or of each of the domain
   who is there. */
int onchange_after(int status, char const *what, struct named const *named);

#endif
