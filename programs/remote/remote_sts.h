/* remote_sts: by which servers a domain wants its mail taken, by its MTA-STS policy (RFC 8461): from the file that qmail-stsd keeps, which
   is asked where that is not there or old. */

#ifndef MAILTREE_REMOTE_STS_H
#define MAILTREE_REMOTE_STS_H

#include <stdbool.h>

#include "sts.h"

/* Whether there are such files: one access(2). Working directory HOME, before the process is confined. */
bool sts_is_here(void);

/* The policy that holds for a domain; null when none does. Looked at once, until it is to be forgotten; who speaks no TLS asks nobody for
   it, but heeds the file. */
struct sts_policy const *sts_of(char const *domain, bool may_ask);

/* Whether it had one whose time is over, and nobody can tell what came of it. */
bool sts_is_lost(void);

/* Whether there may be one, and its file cannot be read now: then it is not known what the domain asks for. */
bool sts_is_hidden(void);

/* The next call is about another domain. */
void sts_forget(void);

#endif
