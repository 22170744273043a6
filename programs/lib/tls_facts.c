#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "tls_facts.h"

enum { BINDING_MAX = 64 };      /* bytes */

enum form { TEXT, NUMBER, RESUMED, HEX };

static char const *const fact_names[] = {
  "SSL_PROTOCOL", "SSL_CIPHER", "SSL_CIPHER_USEKEYSIZE", "SSL_TLS_SNI_SERVERNAME", "SSL_SESSION_RESUMED",
  "TLS_EXPORTER", "TLS_SERVER_END_POINT"
};

static struct { enum form form; size_t of; } const facts[] = {
  { TEXT,    offsetof(struct tls_answer, protocol) },
  { TEXT,    offsetof(struct tls_answer, cipher) },
  { NUMBER,  offsetof(struct tls_answer, bits) },
  { TEXT,    offsetof(struct tls_answer, name) },
  { RESUMED, offsetof(struct tls_answer, resumed) },
  { HEX,     offsetof(struct tls_answer, exporter) },
  { HEX,     offsetof(struct tls_answer, endpoint) }
};
enum { FACTS = sizeof facts / sizeof *facts };

static void const *of(struct tls_answer const *a, size_t i)
{
  return (char const *)a + facts[i].of;
}

/* ---- to the environment ---- */

static void hex(char *to, struct field f)
{
  static char const digits[] = "0123456789abcdef";
  for (size_t i = 0; i < f.len; i++) {
    *to++ = digits[(unsigned char)f.s[i] >> 4];
    *to++ = digits[f.s[i] & 15];
  }
  *to = 0;
}

/* Empty: not known. */
static void write_fact(char value[TLS_ANSWER_MAX], struct tls_answer const *a, size_t i)
{
  struct field f = { 0 };
  if (facts[i].form == TEXT || facts[i].form == HEX) memcpy(&f, of(a, i), sizeof f);
  if (f.len > BINDING_MAX && facts[i].form == HEX) f.len = 0;
  if (facts[i].form == NUMBER) f = part_number(value, *(uint32_t const *)of(a, i));
  if (facts[i].form == RESUMED) f = field_of(*(uint32_t const *)of(a, i) ? "Resumed" : "Initial");
  if (f.len >= TLS_ANSWER_MAX) f.len = 0;
  if (facts[i].form == HEX) hex(value, f);
  else {
    if (f.len) memmove(value, f.s, f.len);
    value[f.len] = 0;
  }
}

bool tls_facts_set(struct tls_answer const *a)
{
  char value[TLS_ANSWER_MAX];
  for (size_t i = 0; i < FACTS; i++) {
    write_fact(value, a, i);
    if ((*value ? setenv(fact_names[i], value, 1) : unsetenv(fact_names[i])) == -1) return false;
  }
  return true;
}

/* ---- from it ---- */

static int digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct field unhex(char *to, char const *s)
{
  size_t len = strlen(s) / 2;
  if (strlen(s) % 2 || len > BINDING_MAX) return (struct field){ "", 0 };
  for (size_t i = 0; i < len; i++) {
    int high = digit(s[2 * i]), low = digit(s[2 * i + 1]);
    if (high < 0 || low < 0) return (struct field){ "", 0 };
    to[i] = (char)(high << 4 | low);
  }
  return (struct field){ to, len };
}

bool tls_facts_learn(struct tls_answer *a)
{
  static char bytes[FACTS][BINDING_MAX];
  *a = (struct tls_answer){ .said = TLS_DONE };
  for (size_t i = 0; i < FACTS; i++) {
    char const *value = getenv(fact_names[i]);
    if (!value) continue;
    struct field const text = facts[i].form == HEX ? unhex(bytes[i], value) : field_of(value);
    uint32_t number = facts[i].form == RESUMED && !strcmp(value, "Resumed");
    if (facts[i].form == NUMBER && !part_number_read(&number, text)) number = 0;
    if (facts[i].form == TEXT || facts[i].form == HEX) memcpy((char *)a + facts[i].of, &text, sizeof text);
    else memcpy((char *)a + facts[i].of, &number, sizeof number);
  }
  return a->protocol.len > 0;
}
