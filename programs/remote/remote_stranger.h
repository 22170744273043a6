/* remote_stranger: how qmail-remote is told that nothing is known of the host, which it then gives little time. */

#ifndef MAILTREE_REMOTE_STRANGER_H
#define MAILTREE_REMOTE_STRANGER_H

#define STRANGER_VARIABLE "QMAILSTRANGER"     /* set at its start, */
#define STRANGER_OPTION "-n"                  /* or, for a further delivery, in front of the arguments */

#endif
