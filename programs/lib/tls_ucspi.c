#include <string.h>

#include <skalibs/types.h>

#include "tls_ucspi.h"

enum { DESCRIPTOR_MAX = 65535 };

static struct { char const *name; size_t to; } const variables[] = {
  { "SSL_PROTOCOL=",           offsetof(struct tls_answer, protocol) },
  { "SSL_CIPHER=",             offsetof(struct tls_answer, cipher) },
  { "SSL_TLS_SNI_SERVERNAME=", offsetof(struct tls_answer, name) }
};
enum { VARIABLES = sizeof variables / sizeof *variables };

static void take(struct tls_answer *a, char const *s, size_t len)
{
  for (size_t i = 0; i < VARIABLES; i++) {
    size_t n = strlen(variables[i].name);
    if (len >= n && memcmp(s, variables[i].name, n) == 0)
      *(struct field *)((char *)a + variables[i].to) = (struct field){ s + n, len - n };
  }
}

/* No variable at all is two NULs. */
size_t tls_ucspi_answer(struct tls_answer *a, char const *s, size_t len)
{
  size_t begin = 0;
  *a = (struct tls_answer){ .said = TLS_DONE };
  for (;;) {
    char const *end = begin < len ? memchr(s + begin, 0, len - begin) : 0;
    if (!end) return 0;
    size_t after = (size_t)(end - s) + 1;
    if (after == begin + 1 && begin) return after;
    take(a, s + begin, after - 1 - begin);
    begin = after;
  }
}

int tls_ucspi_descriptor(char const *number)
{
  unsigned n;
  return number && uint0_scan(number, &n) && n <= DESCRIPTOR_MAX ? (int)n : -1;
}
