/* remote_confine: what qmail-remote gives up (confine.h). */

#ifndef MAILTREE_REMOTE_CONFINE_H
#define MAILTREE_REMOTE_CONFINE_H

#include <stdbool.h>

/* When the control files have been read, and nothing that comes from outside. With tls the service that speaks it can be
   asked, with sts policies of domains be read, with a directory its files: a token is replaced there again and again. With bound it may choose from which of its
   addresses it comes. */
void remote_confine(unsigned port, unsigned other, bool tls, bool sts, char const *directory, bool bound);

#endif
