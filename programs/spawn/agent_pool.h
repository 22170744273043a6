/* agent_pool: the spawner's side of agents (agent.h): which there are, who is idle, when they go.

   An agent is a child the spawner started for a delivery, in the hope that it stays. It has one end of a pair of
   sockets, and what it says there counts only if it comes from its pid. While it is still the spawner's child it says
   what it is about; when it has come forward it gets a key, and serves only what has the same key. */

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
  int fd;
  bool forward;             /* it has come forward; before, and perhaps for ever, it is just a program */
  stralloc about;           /* what agent_offer said, until then */
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

/* A new one, busy with the job, whose pid is to be filled in. *theirs is the end that its process shall have, close-on-exec.
   Null, and -1, when there is no room, memory or descriptor. */
struct agent *agent_add(struct agent_pool *pool, unsigned generation, void *job, int *theirs);

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

/* For a program that is about to be executed: its end of the pair, which it inherits then; -1: it is not invited. */
struct agent_invitation { int fd; struct stat const *program; };

/* In a child before it execs, while it is still the spawner's: what the agent is about (which gives its key), and the
   invitation, set in the environment. Where there is none, none that was there before stays. */
void agent_offer(struct agent_invitation const *invitation, char const *about, size_t len);

/* Hands over a job: how long it may delay its commit, whether it shall say that it is light (agent.h). passed: message and
   output, or null when it has kept them. False when the agent cannot take it: it is to be ended then. */
struct agent_terms { uint32_t commit_delay_us; bool is_asked; };
bool agent_request(struct agent *agent, struct agent_terms terms, char const *arguments, size_t len, int const passed[2]);

/* It has come forward, as this user; its job is light; or done, with a wait status, and with message and output kept or not. */
struct agent_word { uid_t uid; int wstat; bool kept; };
enum agent_state { AGENT_SILENT, AGENT_FORWARD, AGENT_WORKS_LIGHT, AGENT_DONE, AGENT_GONE };
enum agent_state agent_hear(struct agent *agent, struct agent_word *word);

#endif
