/* seats: who may occupy how many of a service's workers at once. The table is shared by all workers; each writes only
   its own seat, and clears it when it is done. */

#ifndef MAILTREE_SEATS_H
#define MAILTREE_SEATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct seat {
  pid_t worker;               /* the master's: who serves here */
  _Atomic bool taken;
  _Atomic bool by_us;         /* by the mail system or root: no bound but the number of seats */
  _Atomic uid_t uid;
};

/* Occupies seat number mine for a client, if he has a seat to his share: of all seats users have half, one user a
   quarter, at least one. Two who come at the same time may both be refused, never both be let in beyond a share. */
bool seat_take(struct seat *seats, size_t count, size_t mine, uid_t uid, bool by_us);
void seat_leave(struct seat *seat);

#endif
