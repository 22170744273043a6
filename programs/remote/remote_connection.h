/* remote_connection: a connection between the reaching of a host and a session on it, and while it is left for another
   message: two descriptors, who it is, how secret it is. */

#ifndef MAILTREE_REMOTE_CONNECTION_H
#define MAILTREE_REMOTE_CONNECTION_H

#include <stdbool.h>

#include <skalibs/ip46.h>

#include "tls_wire.h"

/* Who can read along, and how the server has shown who it is. */
struct secrecy {
  bool encrypted;
  enum tls_proof proof;
};

enum { CONNECTION_TOLD_MAX = 512 };

struct connection {
  int in, out;              /* the same socket, or those of the TLS service in between; -1: there is none */
  ip46 address;             /* of the server, */
  char ip[IP46_FMT + 1];    /* and as text */
  unsigned port;
  struct secrecy secrecy;
  char proven[TLS_NAME_MAX + 1];      /* whose TLSA records it agrees with, or whose name it has, whatever the mail's domain; or empty */
  bool logged_in;           /* the server knows who we are */
  bool speaks_qmtp;         /* the caller's, behind connection_make: nothing is said between messages */
  char told[CONNECTION_TOLD_MAX];     /* a line for the report of who got a message so; empty: there is nothing to say */
};

#define CONNECTION_NONE { .in = -1, .out = -1 }

enum connection_result {
  CONNECTION_MADE,
  CONNECTION_FAILED,        /* errno: what the host, or the way to it, says */
  CONNECTION_NOT_FROM_HERE, /* the address it was to come from is none of ours */
  CONNECTION_NO_RESOURCES   /* errno: what this machine says */
};

/* None yet, but who it will be to. */
void connection_is_to(struct connection *c, ip46 const *ip, unsigned port);

/* Makes a plain one, within so many seconds, from an address of ours or, null, from the one that the system chooses. Whatever
   comes of it, *c tells who it was to be to. */
enum connection_result connection_make(struct connection *c, ip46 const *source, ip46 const *ip, unsigned port, unsigned seconds);

/* Looks, once and before rights are given up, whether this host has an address of IPv6 that others can see. */
void connection_look_around(void);

/* Whether a host like this one can ever come to that address: none of IPv6 where IPv6 is not spoken. A route that is away comes back. */
bool connection_has_a_way(ip46 const *ip);

/* From the hands of *from, which has none afterwards, into those of *to. */
void connection_move(struct connection *to, struct connection *from);

void connection_close(struct connection *c);

/* Whether what asks for so much secrecy may go over what has so much. */
bool secrecy_suffices(struct secrecy const *has, struct secrecy const *asked);

#endif
