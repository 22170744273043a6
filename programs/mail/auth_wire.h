/* auth_wire: what the service that knows who may log in, qmail-authd, is asked, and what it says. One connection to
   HOME/run/auth/socket is one question; those that nobody has to be asked about have run/auth/quick, too, where they do not
   wait behind passwords.

     question   netstrings (netstrings.h), seven: the verb, and what it is about
     answer     four: what is said, seconds, a name, a text

   What means nothing to a verb is empty or 0. Who gets no whole answer knows nothing. Pure; auth_ask.h does it. */

#ifndef MAILTREE_AUTH_WIRE_H
#define MAILTREE_AUTH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"
#include "users_wire.h"

#define AUTH_PLACE "run/auth"                   /* below HOME */
#define AUTH_SOCKET AUTH_PLACE "/socket"
#define AUTH_QUICK AUTH_PLACE "/quick"

enum {
  AUTH_QUESTION_MAX = 4096,     /* bytes, all of it */
  AUTH_ANSWER_MAX = 65536
};

enum auth_verb {
  AUTH_PASSWORD,        /* is this the password of who logs in so? */
  AUTH_SALT,            /* how does he prove that it is his? (SCRAM) */
  AUTH_MAY_TRY,         /* may this client try this one? For who checks passwords himself; text is a mark of it */
  AUTH_HAS_FAILED,      /* it was wrong; the secret is that mark, so that nobody need keep a password for this */
  AUTH_LIST,            /* which addresses must wait, a line for each */
  AUTH_EMPTY,           /* let this address, or for an empty one all, try again */
  AUTH_VERBS
};

struct auth_question {
  enum auth_verb verb;
  enum users_access access;             /* for what he logs in */
  struct field login;
  struct field secret, challenge;       /* as a password checker is told them; or a proof, and of what it is one */
  struct field client_ip, local_ip;
};

enum auth_said {
  AUTH_LET_IN,          /* login is whom he has proven to be, text what proves us to him, if he came with a proof; to AUTH_SALT
                           text is the salt and seconds are the rounds; also to AUTH_MAY_TRY and whatever else is done */
  AUTH_WRONG,           /* the password, or the name: nobody is told which. Who answers him waits for the seconds first */
  AUTH_DENIED,          /* he may not use this service */
  AUTH_MUST_WAIT,       /* too many wrong ones came from his address: no password counts for the seconds */
  AUTH_TROUBLE,         /* it cannot be told now; with seconds where it looked like a guess: who answers waits for them, too */
  AUTH_WORDS
};

struct auth_answer {
  enum auth_said said;
  uint32_t seconds;
  struct field login;                   /* of AUTH_LET_IN: an account, or user@domain by its real name */
  struct field text;
};

/* Whether the answer is in our own memory. */
bool auth_is_quick(enum auth_verb verb);

/* Writes at most the bound; returns how many bytes, or 0 when it does not fit. */
size_t auth_question_pack(char to[AUTH_QUESTION_MAX], struct auth_question const *q);
size_t auth_answer_pack(char to[AUTH_ANSWER_MAX], struct auth_answer const *a);

/* How many bytes it has; 0: there is more to come; -1: it is none, and none can become of it. Texts lie in s. */
long auth_question_unpack(struct auth_question *q, char const *s, size_t len);
long auth_answer_unpack(struct auth_answer *a, char const *s, size_t len);

#endif
