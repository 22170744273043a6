/* net: one side of a conversation in lines, under deadlines, with bounds.

   Replies are gathered and leave before the program waits for input, so pipelined commands are answered in
   one packet. Descriptors stay blocking (they are shared with whoever execs or is exec'd); every wait is a
   poll. When the peer is gone or late, `lost` is called; it must not return, so that the story of a
   protocol is not buried under error branches. */

#ifndef MAILTREE_NET_H
#define MAILTREE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum net_part { NET_HEARD, NET_HEARD_LINE, NET_SAID };     /* some input; a line of it without its end; some output */

enum net_loss { NET_EOF, NET_TIMEOUT, NET_SESSION_OVER, NET_ERROR /* errno */ };

struct net {
  int in, out;
  unsigned timeout;           /* seconds for each wait */
  time_t session_end;         /* monotonic seconds after which NET_SESSION_OVER is the answer; 0: never */
  long long allowed_until;    /* monotonic milliseconds after which NET_TIMEOUT is, whatever moves; 0: never */
  void (*lost)(struct net *, enum net_loss);
  void (*overhears)(enum net_part, char const *s, size_t len);    /* all that is read and said, in its order; null: nobody does */
  size_t read_max;            /* bytes taken at once: all of input unless changed */
  bool rest_is_for_another;   /* takes no byte behind the line it reads: a later program wants them */
  size_t begin, end;          /* unread input */
  size_t used;                /* unsent output */
  char input[8192];
  char output[8192];
};

/* Sets up; session_seconds 0 means no limit for the whole. */
void net_init(struct net *n, int in, int out, unsigned timeout, unsigned session_seconds,
              void (*lost)(struct net *, enum net_loss));

/* What has come and what has not yet gone never was: the descriptors lead to somebody else now. */
void net_forget(struct net *n);

/* From now on so many seconds, all waits together: who sends or takes a byte now and then is no better than who is
   silent. */
void net_allow(struct net *n, unsigned seconds);

enum net_line { NET_LINE, NET_TOO_LONG };

/* One line up to LF into line, without its LF and without a CR before it; bare_lf tells that the CR was
   missing. A line of more than max bytes is read to its end and thrown away: NET_TOO_LONG. */
enum net_line net_line(struct net *n, char *line, size_t max, size_t *len, bool *bare_lf);

/* Makes at least one byte of input available: n->input[n->begin] to n->input[n->end - 1]. */
void net_fill(struct net *n);

/* The next byte of input. */
static inline char net_getc(struct net *n)
{
  if (n->begin == n->end) net_fill(n);
  return n->input[n->begin++];
}

/* So much of the input is done with. */
void net_pass(struct net *n, size_t len);

void net_put(struct net *n, char const *s, size_t len);
void net_puts(struct net *n, char const *s);

/* Sends what was gathered. net_fill does this first. */
void net_flush(struct net *n);

/* Sends what was gathered and lets the peer wait, not beyond the end of the session; for 0 seconds does neither. */
void net_pause(struct net *n, unsigned seconds);

#endif
