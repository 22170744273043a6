/* send_message: what qmail-send remembers of each queued message, found by number and by time.

   Some 130 bytes a message; recipients stay on disk. */

#ifndef MAILTREE_SEND_MESSAGE_H
#define MAILTREE_SEND_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "route.h"

enum message_state {
  UNSEEN,       /* its number is known; the file waits to be looked at */
  WAITING,      /* has recipients to do: scheduled or being delivered */
  FINISHED,     /* has none; its bounce, if any, is not queued */
  BOUNCING,     /* a child is at work on its bounce */
  REMOVING,     /* its removal is asked for, or to be asked again */
  DAMAGED,      /* its moving to corrupt/ is asked for, or to be asked again */
  FORGOTTEN,    /* nobody knows of it any longer */
  STATES
};

/* A number that is heard of while its old bearer is being removed. */
enum again { NOT_AGAIN, AGAIN_FOUND, AGAIN_ANNOUNCED };

struct job;
struct heap;

struct message {
  struct message *next;             /* in its row of the table */
  uint64_t id;
  uint64_t birth;                   /* as far as it counts for the message's age, by our clock */
  uint64_t due[CHANNELS];           /* the time in a heap; outside of heaps what the footer says */
  struct job *job[CHANNELS];        /* the pass under way */
  uint64_t toward[CHANNELS];        /* the only account, or domain, of its recipients, as its key; 0: not known, or several */
  struct heap *in[CHANNELS];        /* where a pass waits, but for ready and parked */
  uint32_t place[CHANNELS];         /* 1 + index in a heap, 0 outside */
  uint32_t pending;                 /* requests to qmail-clean under way */
  uint32_t undone;                  /* recipients to do; known from the first pass on */
  uint32_t unmarked;                /* offset of the last recipient, done but not marked; 0 for none */
  uint32_t fingerprint;             /* of its file: a number comes again */
  unsigned char state : 4;          /* enum message_state */
  unsigned char again : 4;          /* enum again */
  unsigned char kept;               /* 1 + place of its recipients in memory (send_recipients.h), 0 for nowhere */
  bool first[CHANNELS];             /* the next pass of the channel is the first */
  bool held[CHANNELS];              /* due, but requests are pending, or it is claimed */
  bool announced : 1;               /* by its writer, after the fsync */
  bool verified : 1;                /* durable and with the right checksums */
  bool deferred : 1;                /* perhaps there is a file that tells why it waits */
  bool told : 1;                    /* its sender knows that it waits */
  bool successes : 1;               /* perhaps there are successes that he wishes to be told of */
  bool on_hold : 1;                 /* by the administrator: no pass begins before he releases it */
  unsigned char claim;              /* 1 + index of the connection that is at work on it (send_asker.h), 0 for none */
};

/* The one way from state to state; which of them there are is a table, in README.md too. On any other way our memory
   is wrong: then qmail-send ends at once, so that the next one begins with what the disk says. */
void message_enter(struct message *m, enum message_state state);

/* ---- the table ---- */

struct message *message_find(uint64_t id);

/* A new UNSEEN message. */
struct message *message_add(uint64_t id);

/* Everything of the message but its number as if new. It is in no heap and has no job. */
void message_reset(struct message *m);

/* Out of the table and of the heaps, and freed. */
void message_forget(struct message *m);

/* ---- the heaps: the message with the least due[key] is first; of equals the older ---- */

struct heap {
  struct message **at;
  size_t count, room;
  size_t *sum;          /* of the counts of several heaps, of which each counts for SUMMED_MOST at most; null: of none */
  int key;              /* which of a message's due and place this heap goes by */
};

struct message *heap_first(struct heap const *h);
void heap_add(struct heap *h, struct message *m);
void heap_remove(struct heap *h, struct message *m);

/* Every message in the heap gets this time, unless its own is earlier. */
void heap_all_due(struct heap *h, uint64_t when);

/* ---- the plan: a message is in at most one heap of each key ---- */

enum newness { NEW, OLD, NEWNESSES };

enum { SUMMED_MOST = 512 };                     /* so one mailbox that is slow is not as many that wait for the disk */
extern size_t local_and_new;                    /* messages in heaps, whatever they wait for, whose local recipients nobody has tried */

extern struct heap ready[CHANNELS][NEWNESSES];  /* WAITING, by channel; NEW before the first pass */
extern struct heap chores;                      /* any other state: to be looked at again */
extern struct heap bounces;                     /* FINISHED, waiting for a child to be free */
extern struct heap parked[CHANNELS];            /* WAITING and on hold: never due */

/* The next pass of the channel; on hold it waits for the release. */
void schedule(struct message *m, enum channel c, uint64_t when);

/* The same, in another heap with the channel as its key; the next schedule or unschedule takes it out again. */
void schedule_in(struct message *m, enum channel c, uint64_t when, struct heap *h);

/* Out of the plan of the channel. */
void unschedule(struct message *m, enum channel c);

bool scheduled(struct message const *m, enum channel c);

/* A request of the message has been answered: what was held because of it goes on. */
void pending_done(struct message *m);

/* The same for the end of a claim. */
void unclaim(struct message *m);

/* Puts the message on hold, or releases it: what is scheduled moves. */
void set_hold(struct message *m, bool on_hold);

/* A look at the message that is not a pass. */
void schedule_chore(struct message *m, uint64_t when);

#endif
