/* serial_turn: a client who has logged in somewhere has the roles turned (turn_wire.h): he is sent what waits in directories of his. */

#ifndef MAILTREE_SERIAL_TURN_H
#define MAILTREE_SERIAL_TURN_H

/* In a child of its own, which leads a process group: one question, from its first byte to the end of the client. Each directory's mail
   is sent by a process that has become whose mail it is. Tells on descriptor 2 how it went. The working directory is HOME. */
_Noreturn void serial_turn(int control, char const *helohost);

#endif
