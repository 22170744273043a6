/* limit_wire: what the service that counts, qmail-limitd, is asked, and what it says. A connection to HOME/run/limits/socket is a
   session's: it asks as often as it must, and what it was granted and has not used is given back when it ends.

     question   netstrings (netstrings.h), eight: the verb, and what it is about
     answer     six: what is said, seconds, messages, recipients, whether the domain mattered, a text

   What means nothing to a verb is empty or 0. Pure; limit_ask.h does it. */

#ifndef MAILTREE_MAIL_LIMIT_WIRE_H
#define MAILTREE_MAIL_LIMIT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

#define LIMIT_PLACE "run/limits"                /* below HOME */
#define LIMIT_SOCKET LIMIT_PLACE "/socket"
#define LIMIT_ADDRESSES LIMIT_PLACE "/addresses"        /* is there while any address has a limit: else nobody asks for his */

enum {
  LIMIT_QUESTION_MAX = 2048,    /* bytes, all of it */
  LIMIT_ANSWER_MAX = 65536,
  LIMIT_NAME_MAX = 255,         /* of a login or a domain; longer ones are not counted */
  LIMIT_ALL = 0xffffffff        /* granted: as many as he likes */
};

enum limit_verb {
  LIMIT_CONNECT,        /* one has connected from this address: may he, and what may he send? */
  LIMIT_SEND,           /* what may he send: who has logged in, with this domain of senders; or without a login, the address? */
  LIMIT_DONE,           /* so much was sent: there is no answer */
  LIMIT_LIST,           /* who is near a limit, a line for each */
  LIMIT_CLEAR,          /* forget what this one, or for an empty login everybody, has done */
  LIMIT_VERBS
};

struct limit_question {
  enum limit_verb verb;
  struct field class;                   /* by which lines of control/limits; empty: by those of no class */
  struct field address, login, domain;
  uint32_t messages, recipients;        /* sent since the question before */
  uint32_t wanted;                      /* recipients of the message in hand */
};

enum limit_said {
  LIMIT_GRANTED,        /* so many messages, to so many recipients in all, in the next seconds; also: it is done */
  LIMIT_MUST_WAIT,      /* for so many seconds, by the limit in text */
  LIMIT_WORDS
};

struct limit_answer {
  enum limit_said said;
  uint32_t seconds, messages, recipients;
  uint32_t by_domain;                   /* 1: another domain is another question */
  struct field text;
};

/* Writes at most the bound; returns how many bytes, or 0 when it does not fit. */
size_t limit_question_pack(char to[LIMIT_QUESTION_MAX], struct limit_question const *q);
size_t limit_answer_pack(char to[LIMIT_ANSWER_MAX], struct limit_answer const *a);

/* How many bytes it has; 0: there is more to come; -1: it is none, and none can become of it. Texts lie in s. */
long limit_question_unpack(struct limit_question *q, char const *s, size_t len);
long limit_answer_unpack(struct limit_answer *a, char const *s, size_t len);

#endif
