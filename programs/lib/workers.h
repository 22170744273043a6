/* workers: a service as a number of processes, each of which serves one client at a time, and where that is wanted keeps his
   connection. The first one never reads a foreign byte: it keeps their number, until TERM.

     workers_own_signals();
     service_open(...);
     workers_serve(&w, ...);
*/

#ifndef MAILTREE_WORKERS_H
#define MAILTREE_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "seats.h"
#include "service.h"

enum { WORKERS_IDLE_SECONDS = 5 };

struct workers {
  struct seat *seats;                     /* one for each, in memory that all of them share */
  size_t count;
  int (*begin)(size_t mine);              /* in a worker, first of all; gives the listener it serves */
  void (*serve)(int fd, size_t mine);     /* one client, who is hung up on afterwards; */
  bool (*serve_on)(int fd, size_t mine);  /* or, in its place, one question of a client: whether he stays for another (kept_clients.h) */
  void (*idle)(void);                     /* nobody has come for WORKERS_IDLE_SECONDS, and who stayed has been hung up on; or null */
};

/* Those that end a worker or the first process are waited for from now on, all others that somebody may send are
   ignored. */
void workers_own_signals(void);

/* Seats for so many. Ends the program without memory. */
struct seat *workers_seats(size_t count);

/* All of a service's life: starts them, says that so many who serve all comers listen at these doors, and replaces those that die, each
   time they die again within a second only once a second. At TERM nobody comes any more, and who is being served is served. */
void workers_serve(struct workers const *w, size_t announced, int const listeners[], struct service const doors[], size_t count);

#endif
