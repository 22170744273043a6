/* queue_exit: with what qmail-queue, or a program in its place, exits, and what that says to who injected the message.
   The page of qmail-queue lists the same; a test holds those who say a code, those who hear it, and the page together. */

#ifndef MAILTREE_QUEUE_EXIT_H
#define MAILTREE_QUEUE_EXIT_H

/* What qmail-queue says, and the service in its place. */
enum queue_exit {
  QUEUE_EXIT_ACCEPTED = 0,
  QUEUE_EXIT_TOO_LONG = 11,             /* an address, or the envelope as a whole */
  QUEUE_EXIT_NO_MEMORY = 51,
  QUEUE_EXIT_TIMEOUT = 52,
  QUEUE_EXIT_CANNOT_WRITE = 53,
  QUEUE_EXIT_CANNOT_READ = 54,          /* also: end of file before the end of the envelope */
  QUEUE_EXIT_CANNOT_CONFIGURE = 55,
  QUEUE_EXIT_NO_HOME = 61,
  QUEUE_EXIT_NO_QUEUE = 62,
  QUEUE_EXIT_CANNOT_CREATE = 63,
  QUEUE_EXIT_CANNOT_LINK = 64,
  QUEUE_EXIT_BUG = 81,
  QUEUE_EXIT_MALFORMED = 91,
  QUEUE_EXIT_NO_ACCOUNT = 111           /* said by accounts.h */
};

/* What only others say: queue programs of a site, of older systems, of mail by QMQP; the last one the injector himself. */
enum queue_exit_of_others {
  QUEUE_EXIT_REFUSED = 31,
  QUEUE_EXIT_CANNOT_CONNECT = 56,
  QUEUE_EXIT_CANNOT_MARK = 65,
  QUEUE_EXIT_CANNOT_ANNOUNCE = 66,
  QUEUE_EXIT_REFUSED_NOW = 71,
  QUEUE_EXIT_SERVER_TIMEOUT = 72,
  QUEUE_EXIT_SERVER_REFUSED = 73,
  QUEUE_EXIT_SERVER_FAILED = 74,
  QUEUE_EXIT_OWN_TEXT = 82,             /* the verdict is on descriptor 6 */
  QUEUE_EXIT_TOO_LONG_THERE = 115,
  QUEUE_EXIT_NOT_STARTED = 120
};

/* D (for ever) or Z (for now), a text, and its status: "Dtext (#5.1.3)". For ACCEPTED the empty string, for OWN_TEXT what
   holds when there is none. Codes that nobody has named are for ever from 11 to 40. */
char const *queue_exit_verdict(int code);

#endif
