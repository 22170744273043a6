/* spawn_state: all that changes while a spawner runs, in one structure, and who writes which part of it. */

#ifndef MAILTREE_SPAWN_STATE_H
#define MAILTREE_SPAWN_STATE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "agent_pool.h"
#include "delivery_wire.h"
#include "commit_delay.h"
#include "spawn.h"
#include "spawn_delivery.h"
#include "spawn_message.h"
#include "spawn_reports.h"
#include "spawn_watch.h"

enum { AT_COMMANDS, AT_REPORTS, AT_SIGNALS, AT_OUTPUTS };

struct spawn {
  struct spawn_reports reports;           /* spawn_reports.c */
  struct spawn_copies copies;             /* spawn_message.c */
  struct spawn_deliveries deliveries;     /* spawn_delivery.c */
  struct commit_delay commit_delay;       /* commit_delay.c */
  stralloc key, arguments;                /* spawn_start.c: of the agent that is looked for */

  struct {                                /* spawn_agents.c; its limits: spawn.c */
    struct agent_pool pool;
    bool wanted;
    bool looked;                          /* since commands were read; spawn.c: not yet */
    unsigned generation;                  /* how often the world has changed */
    struct spawn_watch watch;
    struct stat program;                  /* the file that is executed */
    bool program_ours;
  } agents;

  /* spawn.c, at the start */
  struct spawn_role const *role;
  uid_t message_owner;
  struct rlimit descriptors_before;       /* which children get back */
  int signals;                            /* readable when a child has ended */

  /* spawn.c, in the loop */
  struct {
    char bytes[WIRE_COMMAND_MAX + 65536];
    size_t len;
    bool ended, broken;
  } commands;
  struct pollfd polled[AT_OUTPUTS + SPAWN_SLOTS + AGENTS_MAX];
};

#endif
