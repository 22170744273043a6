/* spawn: the frame of qmail-lspawn and qmail-rspawn. Reads commands (delivery_wire.h) on descriptor 0, starts
   a child for each, collects what it says, and reports on descriptor 1.

   A child finds the message alone on descriptor 0 (a seekable descriptor that begins at the message's first byte
   and ends at its last), and the report pipe on 1 and 2. A report leaves when the child is reaped and its
   output has ended; a background grandchild that keeps the pipe delays it.

   A child whose program takes the invitation of agent.h stays for further deliveries; then what it answers stands for
   the wait status, and all else is the same. */

#ifndef MAILTREE_SPAWN_H
#define MAILTREE_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include "agent_pool.h"
#include "control.h"
#include "delivery_wire.h"
#include "spawn_reports.h"

/* What a spawner says of itself. */
struct spawn_role {
  /* In the child, descriptors arranged, signals as the child should have them: turn into the delivery program, or answer
     a question, a command without messid. Does not return. Once it knows what an agent would be about it says so with
     agent_offer, while it is still what the spawner is. */
  void (*become_delivery)(struct wire_command const *command, struct agent_invitation const *invitation);

  /* Turns wait status and output of a child into one report for each recipient of its command: calls
     spawn_report for each index. */
  void (*judge)(struct spawn_reports *to, struct wire_command const *command, int wstat, char const *output, size_t len);

  struct control const *controls;      /* its own files, read beside the frame's; null: none */

  /* Seconds after which a delivery is ended by force; null, or 0: never. */
  unsigned long const *seconds_max;

  /* Whether a delivery that begins while so many others run may wait before it commits its work (commit_delay.h).
     Null: never. */
  bool (*may_wait)(size_t running);

  /* Whether so few places are left when so many deliveries hold one that qmail-send is to be told of light ones, which need
     none. Null: there are no light ones. */
  bool (*places_are_scarce)(size_t held);

  size_t output_max;          /* bytes of a child's output that are kept */
  char const *output_cut;     /* text put at the end of what was cut */

  /* The path of the program that deliveries run just now; null: not to be found. */
  char const *(*program)(void);

  /* Files, null-ended; when one changes, all agents go and forget is called (if it is not null). */
  char const *const *watched;
  void (*forget)(void);

  /* The name of that program of ours (mark.h) that can be an agent. */
  char const *agent;

  /* What become_delivery said of an agent that has come forward, and as whom it did: to its key. False when it is not
     who it should be, or without memory. */
  bool (*learn)(struct wire_command const *command, char const *about, size_t len, uid_t uid, stralloc *key);

  /* The key of the agents that can do this, and the arguments. False: not known, or no memory. */
  bool (*request)(struct wire_command const *command, stralloc *key, stralloc *arguments);
};

/* The loop. Control files are read, and HOME/queue/mess is entered here. Returns the exit code: 0 when the command
   pipe ended and all children are done, 111 when it cannot begin or the commands make no sense. */
int spawn_main(struct spawn_role const *role);

#endif
