/* server: an SMTP server within the process of its client, whose answers are known beforehand: whenever the client waits
   for input it says the next one, and behind the last it closes. A line that ends in CR LF is said alone, one that ends
   in a bare LF together with the next. */

#ifndef MAILTREE_FUZZ_SERVER_H
#define MAILTREE_FUZZ_SERVER_H

#include <poll.h>
#include <sys/socket.h>

#include "fuzz.h"

static struct part server_says;
static int server_end = -1;

static inline size_t server_answer_length(void)
{
  size_t i = 0;
  while (i < server_says.len && (server_says.s[i] != '\n' || i == 0 || server_says.s[i - 1] != '\r')) i++;
  return i < server_says.len ? i + 1 : i;
}

/* Says the next answer. What the client says is little and always has room. */
static inline void server_speak(void)
{
  size_t len = server_answer_length();
  if (!len) shutdown(server_end, SHUT_WR);
  else assert(send(server_end, server_says.s, len, MSG_NOSIGNAL) == (ssize_t)len);
  server_says.s += len;
  server_says.len -= len;
}

/* In place of the library's: nobody waits. */
int poll(struct pollfd *x, nfds_t count, int milliseconds)
{
  (void)milliseconds;
  assert(count == 1);
  x->revents = POLLIN;
  server_speak();
  return 1;
}

/* The client's end of a connection to it. */
static inline int server_open(struct part says)
{
  int ends[2];
  assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  server_says = says;
  server_end = ends[1];
  return ends[0];
}

/* All that it has heard; it is gone afterwards. */
static inline size_t server_close(char *heard, size_t max)
{
  size_t len = 0;
  for (ssize_t r; (r = recv(server_end, heard + len, max - len, MSG_DONTWAIT)) > 0;) len += (size_t)r;
  assert(len < max);
  close(server_end);
  return len;
}

#endif
