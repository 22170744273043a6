/* checksum: CRC-32 as in zlib; 0 to begin with, then what the call before returned. */

#ifndef MAILTREE_CHECKSUM_H
#define MAILTREE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint32_t checksum(uint32_t so_far, char const *s, size_t len);

#endif
