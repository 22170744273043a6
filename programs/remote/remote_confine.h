/* remote_confine: what qmail-remote gives up (confine.h). */

#ifndef MAILTREE_REMOTE_CONFINE_H
#define MAILTREE_REMOTE_CONFINE_H

/* When the control files have been read, and nothing that comes from outside. */
void remote_confine(unsigned port);

#endif
