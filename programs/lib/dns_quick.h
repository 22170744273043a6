/* dns_quick: small questions, many at once, and nobody waits for more than he needs: what is asked now may be heard later.
   For a process that lives as long as a connection and asks whether a few names have an address. Over UDP, of the name
   servers of this host; what does not fit into 512 bytes is not heard. dns.h is for all else. */

#ifndef MAILTREE_DNS_QUICK_H
#define MAILTREE_DNS_QUICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/ip46.h>

#include "dns_message.h"

enum {
  DNS_QUICK_QUESTIONS = 96,
  DNS_QUICK_SERVERS = 3,        /* that are asked, as elsewhere on this host */
  DNS_QUICK_AGAIN_MS = 800      /* until the next one is asked as well */
};
enum dns_quick_type { DNS_QUICK_A = 1, DNS_QUICK_TXT = 16 };

struct dns_quick_question {
  uint16_t number;
  uint16_t type;
  bool is_open;
  unsigned tries;               /* at most one more than there are servers */
  int64_t sent;
  char name[DNS_NAME_MAX + 1];
};

struct dns_quick {
  /* What was asked in that place has this answer, or null: none that says anything. It may ask more. */
  void (*heard)(struct dns_quick *, size_t place, struct dns_message *answer);
  ip46 servers[DNS_QUICK_SERVERS];
  int fds[DNS_QUICK_SERVERS];   /* -1: not yet asked */
  size_t server_count, count, open;
  struct dns_quick_question questions[DNS_QUICK_QUESTIONS];
};

/* Looks who is to be asked. */
void dns_quick_begin(struct dns_quick *q, void (*heard)(struct dns_quick *, size_t, struct dns_message *));

/* Asks, and returns the question's place; DNS_QUICK_QUESTIONS when that cannot be asked. Never waits. */
size_t dns_quick_ask(struct dns_quick *q, char const *name, enum dns_quick_type type);

/* Until all has its answer, or so many milliseconds have passed; what has none by then is heard as null. */
void dns_quick_wait(struct dns_quick *q, int64_t ms);

/* What has no answer never was asked. */
void dns_quick_end(struct dns_quick *q);

/* ---- pure ---- */

enum { DNS_QUICK_PACKET = 12 + DNS_NAME_MAX + 1 + 4 };

/* The bytes of a question; how many, or 0 when that is no name. */
size_t dns_quick_packet(unsigned char to[DNS_QUICK_PACKET], uint16_t number, char const *name, enum dns_quick_type type);

/* Whether it answers that question, of whoever it comes. */
bool dns_quick_answers(struct dns_message *m, unsigned char const *s, size_t len, uint16_t number, char const *name, unsigned type);

#endif
