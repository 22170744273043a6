/* rights: qmail-qctl is started by root, but touches the queue only as those do whose files they are: a name that
   leads elsewhere then leads nowhere root could go. */

#ifndef MAILTREE_RIGHTS_H
#define MAILTREE_RIGHTS_H

enum rights {
  AS_CALLER,        /* root, or qmails */
  AS_SEND,          /* qmails: reads messages, writes bounce/ */
  AS_QUEUE          /* qmailq: changes messages */
};

/* Ends the program unless root or qmails called; goes on AS_SEND. */
void rights_begin(void);

/* Ends the program when that is impossible: only root can be qmailq. Keeps errno. */
void rights_take(enum rights r);

#endif
