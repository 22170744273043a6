/* surf: the hash that stands in cookies, archives and file names of mailing lists: 20 letters a to p of 32 bytes. Pure.

   D. J. Bernstein's SURF, used as a hash of bytes under a seed of 32 words. */

#ifndef MAILTREE_SURF_H
#define MAILTREE_SURF_H

#include <stddef.h>
#include <stdint.h>

enum { SURF_LETTERS = 20, SURF_BYTES = 32 };

struct surf {
  uint32_t seed[32], sum[8], in[12];
  unsigned used;                    /* bytes of the present block */
};

/* Begins a hash under this seed, 32 words; null is a seed of zeros. */
void surf_begin(struct surf *s, uint32_t const *seed);
void surf_add(struct surf *s, char const *text, size_t len);
void surf_end(struct surf *s, unsigned char out[SURF_BYTES]);

/* The low four bits of the first 20 bytes, as letters a to p; no NUL follows. */
void surf_letters(char letters[SURF_LETTERS], unsigned char const bytes[SURF_BYTES]);

/* The hash of a subject, an author or a boundary: seed zero, letters in lower case, blanks and tabs passed over. */
void surf_loose(char letters[SURF_LETTERS], char const *text, size_t len);

#endif
