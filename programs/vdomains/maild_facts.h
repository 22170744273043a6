/* maild_facts: what vpopmaild's verbs tell of users and domains, a word and a value a line, as vpopmail's daemon has it. In the
   child that answers, as the owner of the domain and in its directory; they append, and end the program when they cannot. */

#ifndef MAILTREE_VDOMAINS_MAILD_FACTS_H
#define MAILTREE_VDOMAINS_MAILD_FACTS_H

#include "named.h"

/* "size 4711", "count 3" of the user; or of each of the domain, behind "user joe@example.net", and at last of all, behind
   "domain example.net". */
void maild_facts_size(stralloc *to, struct named const *named);

/* "time 1700000000" and "ip 192.0.2.1" of his last login; 0 and nothing for who never did. */
void maild_facts_login(stralloc *to, struct named const *named);

/* "domain", "path", "uid", "gid", and each "alias" of the domain; assign is the text of users/assign. */
void maild_facts_domain(stralloc *to, struct domain const *domain, stralloc const *assign);

/* The file of each mailing list, ".qmail-news". */
void maild_facts_lists(stralloc *to);

#endif
