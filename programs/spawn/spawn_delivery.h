/* spawn_delivery: one command under way, from its arrival to its report, and the slots that are taken. */

#ifndef MAILTREE_SPAWN_DELIVERY_H
#define MAILTREE_SPAWN_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <skalibs/stralloc.h>

#include "delivery_wire.h"
#include "spawn_message.h"
#include "spawn_reports.h"

enum { SPAWN_CRASHED = 9 };        /* the wait status of what a signal ended */

struct spawn_delivery {
  struct wire_command command;     /* its texts lie in bytes */
  stralloc bytes;
  int64_t begun;                   /* microseconds: spawn_start.c */
  uint32_t commit_delay_us;        /* spawn_start.c */
  size_t in_memory;                /* spawn_memory_take: spawn_start.c */

  /* Its process and what it says. pid is 0 when it is reaped, or when its agent has answered; output_fd is -1 when the
     output has ended. Set by spawn_start.c, ended here. */
  pid_t pid;
  int wstat, output_fd;
  stralloc output;
  bool cut;                        /* it said more than is kept */
  bool light;                      /* it does nothing but fill Maildirs */
  bool unanswered;                 /* spawn_agents.c: its agent is gone, or is to go, without having answered */

  /* Its end by force: spawn_deadline.c */
  int64_t end;                     /* then the next step is due, milliseconds */
  size_t steps;                    /* that were taken */
  char const *because;             /* the report then, letter and text */
};

struct spawn_deliveries {          /* written here alone */
  struct spawn_delivery *running[SPAWN_SLOTS];
  size_t count, light;
  bool slot_taken[SPAWN_SLOTS];
};

/* Of the bytes of a command. Null without memory. */
struct spawn_delivery *spawn_delivery_new(char const *s, size_t len);

/* Its slots are free again, and its memory is given back. */
void spawn_delivery_free(struct spawn_deliveries *all, struct spawn_copies *copies, struct spawn_delivery *d);

/* Takes the slots of a command. Recipients that cannot be served are answered at once and leave it. */
void spawn_slots_take(struct spawn_deliveries *all, struct spawn_reports *to, struct wire_command *c);

/* It runs; it runs no more and is the caller's. */
void spawn_delivery_runs(struct spawn_deliveries *all, struct spawn_delivery *d, pid_t pid, int output);
struct spawn_delivery *spawn_delivery_take_ended(struct spawn_deliveries *all);

/* Whose process that is, or null. */
struct spawn_delivery *spawn_delivery_of(struct spawn_deliveries const *all, pid_t pid);

/* Its process has ended so, or its agent says so. */
void spawn_delivery_ended(struct spawn_delivery *d, int wstat);

/* It turns out to be light: whether that is news. */
bool spawn_delivery_is_light(struct spawn_deliveries *all, struct spawn_delivery *d);

/* Reads as much of its output as a pipe holds, and keeps so many bytes in all. */
void spawn_delivery_read(struct spawn_delivery *d, size_t most);

/* If something was cut, the output ends with this text instead; null: it does not matter. */
void spawn_delivery_mark_cut(struct spawn_delivery *d, char const *text);

void spawn_close(int *fd);         /* if it is one; then it is -1 */

#endif
