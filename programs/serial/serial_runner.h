/* serial_runner: the process that sends what waits in one HOME/serialmail/HOST, and tells on descriptor 2 how it goes, each
   line with HOST in front. */

#ifndef MAILTREE_SERIAL_RUNNER_H
#define MAILTREE_SERIAL_RUNNER_H

/* In a child of its own: becomes the owner of the mail, takes the lock, starts maildirserial, and exits as that does; 0 when
   somebody else has the lock. The working directory is HOME. */
_Noreturn void serial_runner(char const *name, char const *helohost);

#endif
