/* deferral: why recipients wait, for those who ask. queue/deferred/N has a line for each deferral, the last one of a
   recipient counts:

     fingerprint of the message, offset of the recipient in its envelope, Unix seconds, host, text

   with a blank between them; host and text as in the log. It is written without sync, since nothing depends on it: what a
   power cut or a full disk takes is told by the next deferral. But for one: with offset 0, where no recipient stands, the text
   says whether the sender was told of the delay ("told"), or is to be told after all ("again"). A number comes again: lines with another fingerprint
   are of another message. */

#ifndef MAILTREE_DEFERRAL_H
#define MAILTREE_DEFERRAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

enum {
  DEFERRAL_HOST_MAX = 100, DEFERRAL_TEXT_MAX = 400,   /* bytes that are kept */
  DEFERRAL_PATH_MAX = 48,
  DEFERRAL_FILE_MAX = 1 << 20     /* bytes; a file that long is begun anew */
};

struct deferral {
  uint32_t fingerprint;
  uint64_t offset, when;
  char const *host, *text;        /* not NUL-terminated; host "-" when there is none */
  size_t host_len, text_len;
};

void deferral_path(char path[DEFERRAL_PATH_MAX], uint64_t id);

/* Appends the line; host and text may be anything. 1, or 0 without memory. */
int deferral_pack(stralloc *to, struct deferral const *d);

/* Reads the line of len bytes, its newline not counted. False when it is none. */
bool deferral_unpack(struct deferral *d, char const *line, size_t len);

/* The last line about the recipient in what was read of a file. False when there is none. */
bool deferral_find(struct deferral *d, stralloc const *file, uint32_t fingerprint, uint64_t offset);

#endif
