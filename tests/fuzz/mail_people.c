/* A text like /etc/passwd: the box is its first line. */

#include "fuzz.h"

#include "people.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  char box[64];
  char const *newline = size ? memchr(data, '\n', size) : 0;
  size_t len = newline ? (size_t)(newline - (char const *)data) : 0;
  if (!newline || len >= sizeof box) return 0;
  memcpy(box, data, len);
  box[len] = 0;
  if (people_have(newline + 1, size - len - 1, box)) assert(len < size && !strchr(box, ':'));
  return 0;
}
