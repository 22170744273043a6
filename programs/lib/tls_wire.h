/* tls_wire: what the service that speaks TLS, qmail-tlsd, is asked, and what it says. One connection to HOME/run/tls/socket
   is one network connection.

     question   netstrings (netstrings.h), seven, with two descriptors (SCM_RIGHTS): the network's, and the end of a socket
                pair on which the one who asks will go on in plain text
     answer     thirteen netstrings: first that the service is ready, or not; then, after one byte TLS_GO, what
                became of the handshake

   Until TLS_GO the service neither reads nor writes the network, so that 220 and STARTTLS can be said meanwhile; from then
   on the one who asks does not. Pure; tls_ask.h does it. */

#ifndef MAILTREE_TLS_WIRE_H
#define MAILTREE_TLS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

#define TLS_PLACE "run/tls"                     /* below HOME */
#define TLS_SOCKET TLS_PLACE "/socket"
#define TLS_CERTIFICATE TLS_PLACE "/certificate"        /* a file that is there while the service has one to show */

enum {
  TLS_QUESTION_MAX = 16384,     /* bytes, all of it */
  TLS_ANSWER_MAX = 4096,
  TLS_NAME_MAX = 255,
  TLS_NAMES = 8,                /* that a question may allow */
  TLS_TLSA = 64,                /* records that a question may bring */
  TLS_GO = 'Y'
};

enum tls_side { TLS_SERVER, TLS_CLIENT, TLS_SIDES };

/* What the client of a mail server wants to know of it, and what it knows then. A server asks for TLS_ANYBODY. */
enum tls_proof {
  TLS_ANYBODY,          /* it may be anybody: nobody listens in passing, that is all */
  TLS_NAMED,            /* a certificate that an authority of this system gave to one of the names */
  TLS_DANE,             /* one that a TLSA record agrees with */
  TLS_PROOFS
};

/* What is spoken inside. A client that names a protocol (ALPN) for which that is not one is turned away. */
enum tls_service { TLS_SMTP, TLS_POP3, TLS_IMAP, TLS_UNNAMED, TLS_SERVICES };

struct tls_question {
  enum tls_side side;
  enum tls_proof proof;         /* without it no connection; what can be proven besides is told all the same */
  enum tls_service service;
  uint32_t ms;                  /* for the handshake */
  struct field name;            /* client: the name that is called (SNI); server: of the certificate for who calls none */
  struct field names;           /* client: that the certificate may have, each with a NUL behind it */
  struct field tlsa;            /* client: records, as tls_tlsa_pack writes them */
};

enum tls_said {
  TLS_READY,            /* the service waits for TLS_GO */
  TLS_DONE,             /* what is on the plain descriptor is on the network in TLS */
  TLS_FAILED,           /* the other one speaks no TLS that we do, or hung up */
  TLS_UNPROVEN,         /* he does, but is not who he should be */
  TLS_TROUBLE,          /* of this machine: no service, no certificate, no place, no time */
  TLS_WORDS
};

/* Why a proof is lacking. */
enum tls_flaw {
  TLS_NO_FLAW,
  TLS_OTHER_NAME,       /* the certificate is for somebody else */
  TLS_OUT_OF_DATE,      /* or was, or will be */
  TLS_UNKNOWN_ISSUER,   /* no authority of this system stands behind it */
  TLS_NO_TLSA_AGREES,
  TLS_OTHER_FLAW,
  TLS_FLAWS
};

struct tls_answer {
  enum tls_said said;
  enum tls_proof proof;                 /* what is known of the other one, also where less was asked for */
  enum tls_flaw flaw;
  uint32_t resumed;                     /* 1: with the keys of an earlier connection */
  uint32_t bits;                        /* of the cipher's key */
  struct field protocol, cipher;        /* "TLSv1.3", "TLS_AES_256_GCM_SHA384" */
  struct field name;                    /* that the client has called; empty: none */
  struct field certificate;             /* whose it is: on the client's side the name that was found in it, on the server's that of its file */
  struct field alpn;                    /* the protocol that was agreed on; empty: none */
  struct field exporter, endpoint;      /* channel bindings (RFC 9266, RFC 5929), as bytes; empty: there is none */
  struct field why;                     /* in words, unless TLS_READY or TLS_DONE without a flaw */
};

/* Writes at most the bound; returns how many bytes, or 0 when it does not fit. */
size_t tls_question_pack(char to[TLS_QUESTION_MAX], struct tls_question const *q);
size_t tls_answer_pack(char to[TLS_ANSWER_MAX], struct tls_answer const *a);

/* How many bytes it has; 0: there is more to come; -1: it is none, and none can become of it. Texts lie in s. A question's
   names and records are good throughout. */
long tls_question_unpack(struct tls_question *q, char const *s, size_t len);
long tls_answer_unpack(struct tls_answer *a, char const *s, size_t len);

/* The next of a question's names, ended by NUL. False when there is no more, or it is none: empty, or too long. */
bool tls_name_next(struct field *rest, char const **name);

struct tls_tlsa {
  unsigned char usage, selector, type;
  struct field data;
};

enum { TLS_TLSA_HEAD = 5 };     /* bytes of a record before its data: the three, and two of length */

/* Behind each other they are a question's tlsa. How many bytes, or 0 when they are more than max. */
size_t tls_tlsa_pack(char *to, size_t max, struct tls_tlsa const *r);
bool tls_tlsa_next(struct field *rest, struct tls_tlsa *r);

#endif
