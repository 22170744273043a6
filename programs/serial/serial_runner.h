/* serial_runner: the process that sends what waits in one HOME/serialmail/HOST, and tells on descriptor 2 how it goes, each
   line with HOST in front. It is a child of its own, whose working directory is HOME: it becomes the owner of the mail, and takes the
   lock. */

#ifndef MAILTREE_SERIAL_RUNNER_H
#define MAILTREE_SERIAL_RUNNER_H

enum { SERIAL_RUN_DONE = 0, SERIAL_RUN_LEFT = 99 };       /* exits of maildirserial -1 with a connection that is good for more */

/* To where RELAYHOST says. Exits as maildirserial does, which it starts; 0 when somebody else has the lock. */
_Noreturn void serial_runner(char const *name, char const *helohost);

/* What it says on the door. */
enum serial_found { SERIAL_TROUBLE, SERIAL_BUSY, SERIAL_EMPTY, SERIAL_MAIL };

/* What it hears on it, in one byte: bits. */
enum { SERIAL_GOES_ON = 1 /* another one has said hello */, SERIAL_KEEPS = 2 /* another one follows */ };

/* Over a connection that is there, in network[0] and [1], and by SMTP. Says in one byte what it has found, and with mail waits for the
   byte that has it send, with the lock; the end of the door is the end of it. Exits as maildirserial -1 does. */
_Noreturn void serial_runner_turned(char const *name, char const *helohost, int door, int const network[2]);

#endif
