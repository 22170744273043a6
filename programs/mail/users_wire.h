/* users_wire: what the service that knows the users of virtual domains, qmail-usersd, is asked, and what it says. One
   connection to a socket below HOME/run/users is one question; but where there is a "+" in front of it, another one may come when
   it has been answered, as long as the service has not hung up.

     question   netstring of seven netstrings: the verb, and what it is about
     answer     netstring of seven netstrings: what is said, three numbers, three texts

   There are as many as there are (netstrings.h), whatever the verb, and what means nothing to it is empty or 0: a verb that
   comes later needs no other form. Who gets no whole answer knows nothing. Pure. */

#ifndef MAILTREE_USERS_WIRE_H
#define MAILTREE_USERS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

#define USERS_PLACE "run/users"                       /* below HOME; it is there where the service is installed */
#define USERS_SOCKET USERS_PLACE "/socket"
#define USERS_PASSWORD_SOCKET USERS_PLACE "/password" /* for USERS_PASSWORD, which takes its time */
#define USERS_OWNERS "run/owners"                     /* the same sockets for domains of each other account */

enum {
  USERS_QUESTION_MAX = 4096,      /* bytes, all of it */
  USERS_ANSWER_MAX = 8192,
  USERS_PATH_SIZE = 64            /* of a socket's name, with its NUL */
};

/* Among the flags of an answer: those of the site, which the account that answers cannot see, count besides. */
#define USERS_FLAGS_OF_SITE (UINT32_C(1) << 31)

enum users_verb {
  USERS_WHO,            /* is there this user, and has he room? name is user@domain, as a delivery has it */
  USERS_PASSWORD,       /* is this the password of who logs in as name? */
  USERS_DOORS,          /* so far each has a socket of its own; what follows is asked where users_door says */
  USERS_LOGIN = USERS_DOORS,    /* the same, and home of the answer is a token instead; empty where there can be none */
  USERS_TOKEN,          /* whose token is this secret, and may he use the service? */
  USERS_LOGOUT,         /* it is no longer anybody's */
  USERS_ACCOUNT,        /* who is it that would log in as name? As USERS_PASSWORD, but home begins with his quota and a colon */
  USERS_HOST,           /* on which host is his mailbox? As USERS_ACCOUNT, but home is the host; empty: on this one */
  USERS_ROAMING,        /* has somebody logged in lately from client_ip, so that he may send from there? */
  USERS_NOTED,          /* somebody has, in a domain of another account: for USERS_ROAMING */
  USERS_SALT,           /* how does who logs in as name prove his password? Asked where USERS_PASSWORD is */
  USERS_CHANGED,        /* it is to be logged that a command has changed name: challenge is what it did, secret with what */
  USERS_VERBS
};

/* Other names of the service for which somebody logs in are USERS_POP3, as everywhere. */
enum users_access { USERS_POP3, USERS_IMAP, USERS_SMTP, USERS_WEBMAIL, USERS_ACCESSES };
extern char const *const users_accesses[USERS_ACCESSES];       /* their names */

struct users_question {
  enum users_verb verb;
  enum users_access access;
  struct field name;
  struct field secret, challenge;       /* as a password checker is told them */
  struct field client_ip, local_ip;
  bool stays;           /* who asks, for another question */
};

/* What is said. Anything but the first few is no. */
enum users_said {
  /* yes */
  SAID_MAILBOX,        /* of a user */
  SAID_TAKEN,          /* nobody's mailbox, but something becomes of it: an alias, a program, a catch-all */
  SAID_UNSEEN,         /* of a domain that the service may not look into: somebody's, perhaps */
  SAID_LET_IN,         /* the password is right */
  /* no */
  SAID_NOBODY,
  SAID_LOCKED,
  SAID_FULL,           /* over quota, and that is a refusal for ever */
  SAID_FULL_NOW,       /* or for a while */
  SAID_WRONG,          /* the password, or the user: who asks is not told which */
  SAID_DENIED,         /* the user may not use this service */
  SAID_NOT_YOURS,      /* the one who asks may not know */
  /* not here */
  SAID_ELSEWHERE,      /* the domain is that of another account: uid's own service knows, and is asked about user@domain; gid is the account's, too;
                          flags are those of the whole site. Nobody who uses users_ask hears this */
  /* it cannot be told now */
  SAID_TROUBLE,
  SAID_WRONG_LATELY,   /* and the password is not what it was lately: trouble for who says it, a wrong one for who counts them */
  SAID_WORDS
};

struct users_answer {
  enum users_said said;                 /* to USERS_SALT: SAID_MAILBOX where he can prove it, with the salt in base64 as user, the
                                           rounds as uid. To a right proof, as a challenge's answer, home begins with ours in base64 and a colon */
  uint32_t uid, gid, flags;             /* of SAID_LET_IN, as the texts; flags of vflags.h */
  struct field user, domain, home;      /* the domain by its real name */
};

/* Where it is asked: USERS_WHO or USERS_PASSWORD. */
enum users_verb users_door(enum users_verb verb);

/* Whether it may be asked again when it is not known whether it has been answered. */
bool users_is_harmless(enum users_verb verb);

/* The socket, below HOME, where a question about a domain of this account is asked. */
void users_owner_path(char to[USERS_PATH_SIZE], enum users_verb verb, uint32_t uid);

/* The flag (vflags.h) that closes this service to a user. */
uint32_t users_closing_flag(enum users_access access);

/* Writes at most the bound; returns how many bytes, or 0 when it does not fit. */
size_t users_question_pack(char to[USERS_QUESTION_MAX], struct users_question const *q);
size_t users_answer_pack(char to[USERS_ANSWER_MAX], struct users_answer const *a);

/* How many bytes it has; 0: there is more to come; -1: it is none, and none can become of it. Texts lie in s. */
long users_question_unpack(struct users_question *q, char const *s, size_t len);
long users_answer_unpack(struct users_answer *a, char const *s, size_t len);

#endif
