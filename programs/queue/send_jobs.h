/* send_jobs: chooses what is due and hands out its recipients.

   A job is one pass of one message through one channel: every recipient that is to do there is handed out
   once; when the last report is in, the message is done with the channel or waits for its next pass.

   Remote recipients go where their destination has room (send_destination.h). A message all of whose remote
   recipients are at one destination without room waits there, on disk but for its number. A job under way waits in
   memory for a destination that is busy; recipients at one that rests are left to the next pass. */

#ifndef MAILTREE_SEND_JOBS_H
#define MAILTREE_SEND_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "route.h"
#include "send_delivery.h"
#include "send_message.h"
#include "send_recipients.h"

struct job_window;

struct job {
  struct message *message;
  enum channel channel;
  uint64_t start;
  uint64_t retry;               /* the next pass, fixed when this one starts; where destinations have schedules of their own it is
                                   the first that is wanted for a deferred recipient, until then UINT64_MAX */
  bool last;                    /* the message is too old for another one, where they have none */
  bool first;                   /* it is the message's first one */
  bool all_out;                 /* nothing more to hand out */
  bool elsewhere;               /* it has recipients of the other channel too */
  bool single;                  /* each recipient has a command of his own */
  bool blocked;                 /* in the ring of those that wait for a destination */
  bool delay_matters;           /* somebody is to be told when recipients wait for another pass, */
  bool sender_is_local;         /* all of whom count then, or those who were to be told of */
  unsigned running;             /* reports to come */
  uint32_t deferred;            /* recipients that stay to do */
  struct recipients *recipients;        /* left when all is out */
  struct recipients_at at;      /* up to here they are in the window, or were */
  char const *sender;
  struct job_window *window;
  struct job *next, *previous;  /* jobs with something to hand out: a ring; ended jobs: a list */
};

/* Hands out what is due as far as there is room. True when more could be done at once. */
bool jobs_run(enum channel c);

/* The next time a pass of the channel can start; UINT64_MAX when only a report can bring that about. */
uint64_t jobs_next(enum channel c);

/* Whether there is no other pass for a recipient of the job. */
bool job_is_last(struct job const *job, struct slot const *slot);

/* A delivery is over. */
void job_reported(enum channel c, struct delivery_report const *r);

/* Nothing more of the message is handed out in the passes under way. */
void jobs_stop(struct message *m);

/* Destinations have room again. */
void jobs_wake(void);

/* Ends the passes whose last report is in. */
void jobs_end(void);

#endif
