/* agent_pool: the spawner's side of agents (agent.h): which there are, who is idle, when they go.

   An agent is a child the spawner started for a delivery, in the hope that it stays. It is known by its pid; once it
   has come forward it has a descriptor and a key, and serves only what has the same key. */

#ifndef MAILTREE_AGENT_POOL_H
#define MAILTREE_AGENT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include "delivery_wire.h"

enum {
  AGENTS_IDLE_MAX = 1000,
  AGENTS_MAX = WIRE_SLOTS_MAX + WIRE_QUESTIONS_MAX + AGENTS_IDLE_MAX
};

struct agent {
  pid_t pid;
  int fd;                   /* -1: it has not come forward, and perhaps never will */
  int about;                /* what its parent wrote of it (agent_offer), or -1 */
  unsigned generation;      /* of the world it was started in */
  void *job;                /* null when idle */
  uint64_t since;           /* idle since, milliseconds */
  stralloc key;
  int message;              /* the file it has kept, for writing; -1: none */
  int output;               /* the end for reading of the output it has kept, while it is idle; -1: none */
};

struct agent_pool {
  struct agent *agents[AGENTS_MAX];
  size_t count, idle;
  size_t most;              /* of all; at most AGENTS_MAX */
  size_t idle_max;
  uint64_t idle_time;       /* milliseconds after which an idle agent goes; 0: there are no agents */
};

/* ---- who there is ---- */

/* A new one, busy with the job; null when there is no room or memory: then about is left to the caller. */
struct agent *agent_add(struct agent_pool *pool, pid_t pid, int about, unsigned generation, void *job);

/* The idle agent with this key that was busy last, or null. */
struct agent *agent_idle(struct agent_pool const *pool, char const *key, size_t len);

/* It has done its job: idle from now on. If there are too many, the one that is idle for longest is ended. */
void agent_rest(struct agent_pool *pool, struct agent *agent, uint64_t now);

/* It is idle no more. */
void agent_employ(struct agent_pool *pool, struct agent *agent, void *job);

/* Takes it out of the pool and closes its descriptors, whereupon it ends. */
void agent_end(struct agent_pool *pool, struct agent *agent);
void agent_end_idle(struct agent_pool *pool);

/* Ends those whose time is over. Milliseconds until the next one's is, -1 when none is idle. */
int agent_expire(struct agent_pool *pool, uint64_t now);

/* ---- talking to them ---- */

/* A listening socket with a name, descriptor or -1. */
int agent_listen(void);

/* In a child before it execs, while it is still the spawner's: what the agent is about (which gives its key), and the
   invitation for the program in *st, set in the environment. Without an invitation (about -1) it removes any. */
void agent_offer(int about, char const *text, size_t len, struct stat const *st);

/* Lets one agent come forward, and tells as whom it did. Null when there is none at the door, or only somebody who
   is not in the pool; he is sent away. */
struct agent *agent_come_forward(struct agent_pool *pool, int listening, uid_t *uid, bool *more);

/* Reads what agent_offer wrote. False when there is nothing. */
bool agent_about(struct agent *agent, stralloc *text);

/* Hands over a job, and with what patience (agent.h). passed: message and output, or null when it has kept them.
   False when the agent cannot take it: it is to be ended then. */
bool agent_request(struct agent *agent, uint32_t patience_us, char const *arguments, size_t len, int const passed[2]);

/* Done: with a wait status, and with message and output kept or not. */
enum agent_state { AGENT_SILENT, AGENT_DONE, AGENT_GONE };
enum agent_state agent_hear(struct agent *agent, int *wstat, bool *kept);

#endif
