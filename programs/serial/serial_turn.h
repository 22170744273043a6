/* serial_turn: a client who has logged in somewhere has the roles turned (turn_wire.h): he is sent what waits in directories of his. */

#ifndef MAILTREE_SERIAL_TURN_H
#define MAILTREE_SERIAL_TURN_H

enum { SERIAL_TURN_SECONDS_MAX = 604800 };

/* In a child of its own, which leads a process group: one question, from its first byte to the end of the client, or that of the
   seconds, with all of the group. Each directory's mail is sent by a process that has become whose mail it is. Tells on descriptor 2 how
   it went. The working directory is HOME. */
_Noreturn void serial_turn(int control, char const *helohost, unsigned seconds);

#endif
