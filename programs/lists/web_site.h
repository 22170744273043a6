/* web_site: what a CGI program of lists has around it: settings, variables, standard output. */

#ifndef MAILTREE_WEB_SITE_H
#define MAILTREE_WEB_SITE_H

#include <stdint.h>

#include <skalibs/stralloc.h>

#include "fields.h"
#include "web_config.h"

/* The line of a list in .ezcgirc here, or in EZMLM_ETC/ezcgirc; 0: it has none, -1: there is no such file, or it cannot be read. */
int web_site_find(struct web_config *to, uint64_t list);

/* A variable of the environment; empty where it is not set. */
struct field web_site_variable(char const *name);

/* Ends the program with 111 when nobody takes it. */
void web_site_put(stralloc const *s);

/* A plain text with that status, and the end. Nothing of it comes from outside. */
_Noreturn void web_site_fail(char const *status, char const *why);

/* The same as one string, for who can only write. */
#define WEB_SITE_PLAIN "\nContent-Type: text/plain; charset=us-ascii\nCache-Control: no-cache\nX-Content-Type-Options: nosniff\n\n"
#define WEB_SITE_FAILURE(STATUS, WHY) "Status: " STATUS WEB_SITE_PLAIN WHY "\n"

#endif
