/* send_delivery: the two spawners and the deliveries they carry. */

#ifndef MAILTREE_SEND_DELIVERY_H
#define MAILTREE_SEND_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#include "delivery_wire.h"
#include "route.h"
#include "send_destination.h"
#include "send_outbox.h"

/* What the spawner does at a time: some recipients of one message, at one destination. This is what the limits
   count; on the wire and in the log each recipient is a delivery of its own. */
struct command {
  unsigned left;                /* reports to come */
  struct destination *destination;
  enum newness newness;         /* of the message */
  bool light;                   /* it holds no place any more */
  enum destination_outcome outcome;
  uint64_t begun;
  struct command *next_free;
};

/* One delivery: one recipient of one message. */
struct slot {
  struct message *message;      /* whose pass under way this belongs to; null: free */
  struct command *command;
  size_t offset;                /* of its record in the envelope */
  stralloc recipient;           /* as in the envelope, NUL-terminated */
  stralloc address;             /* rewritten, NUL-terminated */
  stralloc extras;              /* words of envelope_extra.h; mostly none */
  unsigned long number;         /* in the log */
  unsigned index;               /* on the wire */
};

struct spawner {
  struct outbox commands;
  int reports_fd;
  bool alive;
  unsigned slots;               /* what it can carry */
  unsigned running;             /* deliveries */
  struct command *free_command;
  struct slot *slot;            /* array of that many */
  unsigned *free;               /* indexes not in use: free[0] to free[slots - running - 1] */
  stralloc reports;             /* bytes that came */
  size_t reports_at;            /* of them understood */
};

extern struct spawner spawners[CHANNELS];

/* Hears how much each spawner can carry. False when one says nothing. */
bool spawners_begin(void);

/* How many recipients the next command of the channel may have; 0 when none may start now. */
unsigned delivery_room(enum channel c);

/* A free slot for this recipient of a message; it is to be given back when its report is dealt with, or at once. */
struct slot *delivery_slot(enum channel c, struct message *m, size_t offset, char const *recipient, size_t len);
void delivery_give_back(enum channel c, struct slot *slot);

/* Sends one command for these slots of one message and logs the beginning of each. extras: words of the message. */
void delivery_start(enum channel c, char const *sender, stralloc const *extras, struct destination *d,
                    struct slot *const *slots, size_t count);

/* Asks qmail-rspawn where mail for the domain goes, or qmail-lspawn whose the address is. */
void delivery_ask(enum channel c, unsigned number, char const *name);

/* ---- reports ---- */

/* What a spawner has said; its texts are good until the next delivery_reports_read. */
struct delivery_report {
  struct slot *slot;            /* null: this answers a question */
  unsigned question;            /* of that number */
  char const *host;             /* where the command went, "" for local mail */
  char letter, outcome;
  unsigned most;
  char const *text;
  size_t len;
};

/* Reads what has come. A spawner that is gone or talks nonsense is no longer alive. */
void delivery_reports_read(enum channel c);

/* The next of what was read. False when there is no whole one. */
bool delivery_report_next(enum channel c, struct delivery_report *r);

/* What the report says of the destination counts. */
void delivery_count(struct delivery_report const *r);

/* Its command is light. */
void delivery_is_light(enum channel c, struct slot const *slot);

/* Whether that was the last report of the command; then the command is over, and its destination is told how it ended. */
bool delivery_command_ended(enum channel c, struct slot const *slot);

/* A report or an answer that nobody waits for. */
void log_unexpected(void);

/* Of spawners that are alive. */
unsigned deliveries_running(void);

/* Tells the spawners to end what runs, by force: reports come for all of it. */
void deliveries_end(void);

/* The status tells how long the longest has been running, if that is very long. Does what is due; when it is due next. */
void deliveries_look(void);
uint64_t deliveries_look_next(void);

/* The spawner is gone: says so, and that the end has come. */
void spawner_lost(enum channel c);

/* The recipients of a message that are under way: their offsets, the least first, good until the next call. */
size_t deliveries_of(struct message const *m, size_t const **offsets);

/* "status: local a/A remote b/B": commands that run and may run; and what else is to be known of them. */
void log_status(void);

#endif
