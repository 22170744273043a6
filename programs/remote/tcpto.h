/* tcpto: hosts that did not answer a connection attempt are left alone for a while, and such with which TLS failed have
   their mail in plain text.

   Each of the files queue/lock/tcpto and queue/lock/tlsfailed holds TCPTO_RECORDS records of TCPTO_RECORD bytes:

     0-15   address, IPv4 as ::ffff:a.b.c.d
     16     count of recent timeouts, 0 to TCPTO_COUNT_MAX; 0: the record is free
     17-23  zero
     24-31  time of the last timeout that counted, Unix seconds, little-endian

   It is read and changed under an exclusive flock. Without the file, or with an empty one, nothing is remembered.
   The working directory is HOME. */

#ifndef MAILTREE_TCPTO_H
#define MAILTREE_TCPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/ip46.h>

#include "queue_path.h"

enum {
  TCPTO_RECORDS = 64,
  TCPTO_RECORD = 32,
  TCPTO_SIZE = TCPTO_RECORDS * TCPTO_RECORD,
  TCPTO_COUNT_MAX = 10,
  TCPTO_ENOUGH = 2,          /* timeouts after which a host is left alone */
  TCPTO_SAME = 120,          /* seconds in which several timeouts count as one */
  TCPTO_TLS_SECONDS = 3600   /* for which TLS is not tried again */
};

#define TCPTO_FILE "queue/" QUEUE_TCPTO
#define TCPTO_TLS_FILE "queue/" QUEUE_TLS_FAILED     /* a failed handshake in place of a timeout */

struct tcpto_entry {
  ip46 ip;
  unsigned count;
  uint64_t when;
};

struct tcpto_table {
  struct tcpto_entry entries[TCPTO_RECORDS];
  size_t count;
};

/* ---- arithmetic ---- */

/* Reads the records in len bytes; what is no record (a count above the greatest) is a free one. */
void tcpto_unpack(struct tcpto_table *table, char const *s, size_t len);
void tcpto_pack(char s[TCPTO_RECORD], struct tcpto_entry const *e);

/* Whether the table has timeouts of this address. */
bool tcpto_knows(struct tcpto_table const *table, ip46 const *ip);

/* Whether the address is to be left alone now: for 3840 to 5824 seconds, by the pid, so that not all come at once. */
bool tcpto_resting(struct tcpto_table const *table, ip46 const *ip, uint64_t now, uint64_t pid);

/* Whether its last timeout is less than so many seconds ago. */
bool tcpto_is_recent(struct tcpto_table const *table, ip46 const *ip, uint64_t now, uint64_t seconds);

/* Notes a timeout, or that the address answers again. Returns the index of the record that changed, or -1. */
int tcpto_note_timeout(struct tcpto_table *table, ip46 const *ip, uint64_t now);
int tcpto_note_answer(struct tcpto_table *table, ip46 const *ip);

/* ---- the file ---- */

/* The table as it is now; empty when there is none. */
void tcpto_load(struct tcpto_table *table, char const *file);

void tcpto_timed_out(char const *file, ip46 const *ip);
void tcpto_answered(char const *file, ip46 const *ip);

enum tcpto_trouble { TCPTO_FINE, TCPTO_CANNOT_OPEN, TCPTO_CANNOT_LOCK, TCPTO_CANNOT_READ, TCPTO_CANNOT_WRITE };

/* For those who tell what goes wrong, with errno. */
enum tcpto_trouble tcpto_read(struct tcpto_table *table, char const *file);
enum tcpto_trouble tcpto_clear(char const *file);

#endif
