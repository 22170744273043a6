/* sasl_internal: what sasl.c and the mechanisms in files of their own know of each other. */

#ifndef MAILTREE_SASL_INTERNAL_H
#define MAILTREE_SASL_INTERNAL_H

#include "sasl.h"

struct sasl_mechanism {
  char const *name;
  unsigned bit;
  bool server_first;
  /* What the client said last, decoded; null: nothing yet. */
  enum sasl_said (*step)(struct sasl *s, char const *text, size_t len);
};

enum sasl_said sasl_challenge(struct sasl *s, char const *text, size_t len);

/* SCRAM-SHA-256 and SCRAM-SHA-256-PLUS. */
enum sasl_said sasl_scram(struct sasl *s, char const *text, size_t len);

#endif
