/* service: a supervised program that others on this machine ask something through a Unix socket.

     static struct service const door = { .path = "run/NAME/socket", .mode = 0666, .owner = -1, .group = -1, .waiting = 64 };
     int listener = service_listen(&door, 0);            who finds the socket finds one that somebody listens on
     int fd = accept4(listener, 0, 0, SOCK_CLOEXEC);
     if (service_peer(fd, &uid) && ...may he?...
         && service_receive(fd, request, sizeof request, deadline) == SERVICE_RECEIVED) service_say(fd, answer, len);
     service_end(&door, listener);

   Whoever may ask is held to a deadline and to as many bytes as there is room for, and can hold up nobody by not reading.
   Either a process waits for one client at a time (service_receive), or a loop has many of them (service_take). */

#ifndef MAILTREE_SERVICE_H
#define MAILTREE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct service {
  char const *path;
  mode_t mode;          /* of the socket: write for those who may connect */
  uid_t owner;          /* of the socket; (uid_t)-1, (gid_t)-1: whose it is when we make it */
  gid_t group;
  int waiting;          /* connections nobody has taken yet; beyond, connecting waits or fails */
};

/* Made as PATH.new, its mode and owner set, and renamed when somebody listens. The listener, close-on-exec, with flags as
   of socket(2) (SOCK_NONBLOCK); or -1 with errno, and nothing is left at either name that was made here. */
int service_listen(struct service const *s, int flags);

/* A supervised program is one: holds the lock of this name, below HOME, as long as a process has the descriptor that comes back. Ends
   the program with 111 and one line when another one runs, or nobody can tell. */
int service_be_alone(char const *lock);

/* Nobody comes any more. */
void service_end(struct service const *s, int listener);

/* All doors of a service: its listeners, or the end of the program with 111 and one line; "N WHAT listen on HOME/run/a and HOME/run/b",
   where no number is "listens on"; and nobody comes any more. */
void service_open(int listeners[], struct service const doors[], size_t count, int flags);
void service_announce(char const *what, size_t number, struct service const doors[], size_t count);
void service_close(int const listeners[], struct service const doors[], size_t count);

/* For who asks: a connection, or -1 with errno. Where too many wait already, the kernel has us wait for a place among them,
   no longer than so many milliseconds, which also bound each sending. */
int service_call(char const *path, unsigned ms);

/* Who has connected. False when that cannot be told: then he is nobody. */
bool service_peer(int fd, uid_t *uid);

enum service_result {
  SERVICE_RECEIVED,
  SERVICE_GONE,         /* he has closed, or the connection is broken */
  SERVICE_LATE
};

/* Waits until there is something to read, or an end, until the deadline, in terms of monotonic_ms. False after it. */
bool service_comes(int fd, int64_t deadline);

/* Waits for all of these bytes, until the deadline. */
enum service_result service_receive(int fd, char *to, size_t len, int64_t deadline);

/* Takes what has come behind the *len bytes that are there, without waiting. False when he is gone, or has sent more
   than size bytes. */
bool service_take(int fd, char *bytes, size_t size, size_t *len);

/* Waits for a line of at most size bytes with its newline, and nothing behind it, so many milliseconds; its length without that. */
bool service_receive_line(int fd, char *to, size_t size, size_t *len, int ms);

/* Sends all of it, until the deadline. */
bool service_send(int fd, char const *s, size_t len, int64_t deadline);

/* Answers. Nothing is waited for: an answer is shorter than any socket's buffer. False when he does not read. */
bool service_say(int fd, char const *s, size_t len);

#endif
