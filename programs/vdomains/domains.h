/* domains: a command does its work in each of several virtual domains, or in all of them. */

#ifndef MAILTREE_VDOMAINS_DOMAINS_H
#define MAILTREE_VDOMAINS_DOMAINS_H

/* Calls does(named), a struct named of the domain alone, as its owner in its directory, in a child each. Without names in
   every domain; who is not root in his. Aliases are passed over. A domain that is not there, or whose directory cannot be
   opened, is told of on descriptor 2, and the others have their turn. Returns the worst exit code of all. */
int domains_each(char *const *names, int count, int (*does)(void *named));

/* The worse one of two exit codes. */
int domains_worse(int a, int b);

#endif
