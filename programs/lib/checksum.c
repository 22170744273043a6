/* A file of its own because zlib.h and skalibs define the same type names. */
#include <zlib.h>

#include "checksum.h"

uint32_t checksum(uint32_t so_far, char const *s, size_t len)
{
  return (uint32_t)crc32_z(so_far, (unsigned char const *)s, len);
}
