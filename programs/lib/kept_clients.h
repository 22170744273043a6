/* kept_clients: who asks a worker may stay, and ask again on the same connection.

     kept_clients_begin(&k, listener);
     while ((fd = kept_clients_next(&k, &mask, ms)) != -1)
       if (...answer him...) kept_clients_keep(&k); else kept_clients_leave(&k);

   A new client comes before those who have stayed: he may have come because he was not served elsewhere. Who stays holds nothing
   but his place; when there are too many, he who has been silent longest is hung up on. So who asks again must be ready to find
   nobody there, and to come anew. */

#ifndef MAILTREE_KEPT_CLIENTS_H
#define MAILTREE_KEPT_CLIENTS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEPT_CLIENTS_MAX = 64 };

struct kept_clients {
  int epoll, listener;
  int fd;                   /* who is being served, and his place; KEPT_CLIENTS_MAX: he has none */
  size_t place;
  uint64_t turn;
  struct kept_client {
    int fd;                 /* -1: nobody */
    uint64_t turn;          /* when he was served last */
  } all[KEPT_CLIENTS_MAX];
};

/* Of several processes that do so with one listener, which becomes non-blocking, mostly one is woken for who comes. False with
   errno. */
bool kept_clients_begin(struct kept_clients *k, int listener);

/* The connection, close-on-exec, of who has come, or has something to say; who has hung up is forgotten. Signals are as mask has it
   while it waits. -1 with errno; EAGAIN: nobody, so many milliseconds long; -1 is for ever. */
int kept_clients_next(struct kept_clients *k, sigset_t const *mask, int ms);

/* He who came last stays, where that is possible, or is hung up on. */
void kept_clients_keep(struct kept_clients *k);
void kept_clients_leave(struct kept_clients *k);

/* Hangs up on all. */
void kept_clients_forget(struct kept_clients *k);

#endif
