/* certificate: one certificate with its key, from its files, ready for handshakes. */

#ifndef MAILTREE_TLS_CERTIFICATE_H
#define MAILTREE_TLS_CERTIFICATE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "certificate_name.h"

enum {
  CERTIFICATE_NAMES = 200,              /* of one certificate that are looked at */
  CERTIFICATE_PATH = TLS_NAME_MAX + 32  /* bytes of a path */
};

/* What tells whether a file has become another one: of the file itself, where links lead. */
struct certificate_stamp {
  dev_t device;
  ino_t inode;
  off_t size;
  struct timespec changed;
};

enum { OF_CHAIN, OF_KEY, OF_STAPLE, CERTIFICATE_FILES };

struct certificate {
  char stem[TLS_NAME_MAX + 1];          /* NAME of NAME.pem */
  char path[CERTIFICATE_FILES][CERTIFICATE_PATH];
  struct certificate_stamp stamp[CERTIFICATE_FILES];
  SSL_CTX *context;                     /* null: not loaded */
  char **names;                         /* as certificate_name makes them: its file's and those it says itself */
  size_t count;
  unsigned char *staple;                /* an OCSP response in DER, or null */
  long staple_len;
};

/* A certificate NAME of the directory, NAME.pem and what belongs to it, with the stamps of its files. A key that has no file
   of its own stands in that of the chain. False when there is no such, with ENOENT, or when it cannot be told. */
bool certificate_find(struct certificate *c, char const *directory, char const *stem);

/* Whether one of its files is another than at that time. */
bool certificate_is_as(struct certificate const *c, struct certificate const *before);

/* Loads it into a new context. Null, or what is wrong with it; then nothing is loaded. */
char const *certificate_load(struct certificate *c, SSL_CTX *(*new_context)(void));

/* Whether it is in force now, by its dates. */
bool certificate_is_in_date(struct certificate const *c);

void certificate_free(struct certificate *c);

#endif
