#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "parts.h"
#include "tlsrpt.h"

static char const *const policies[TLSRPT_POLICIES] = { "no-policy-found", "tlsa", "sts" };

static char const *const results[TLSRPT_RESULTS] = {
  "success", "starttls-not-supported", "certificate-host-mismatch", "certificate-not-trusted", "certificate-expired", "validation-failure",
  "tlsa-invalid", "dnssec-invalid", "dane-required", "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"
};

static char const *or_dash(char const *s)
{
  return s && *s ? s : "-";
}

/* Blanks are between words and nowhere else. */
static void clean(char *word)
{
  for (; *word; word++)
    if (*word <= 32 || *word > 126) *word = '?';
}

size_t tlsrpt_write(char *to, size_t max, struct tlsrpt_session const *s)
{
  char domain[256], server[256];
  if ((size_t)snprintf(domain, sizeof domain, "%s", or_dash(s->domain)) >= sizeof domain) return 0;
  if ((size_t)snprintf(server, sizeof server, "%s", or_dash(s->server)) >= sizeof server) return 0;
  clean(domain);
  clean(server);
  int len = snprintf(to, max, "%s %s %s %s %s", policies[s->policy], domain, server, or_dash(s->ip), results[s->result]);
  return len > 0 && (size_t)len < max ? (size_t)len : 0;
}

enum { POLICY, DOMAIN, SERVER, IP, RESULT, WORDS };

bool tlsrpt_is_line(char const *s, size_t len)
{
  struct field words[WORDS + 1] = { { 0 } }, rest = { s, len };
  size_t bytes = WORDS - 1, count = 0;
  if (len > TLSRPT_LINE_MAX) return false;
  for (size_t i = 0; i < len; i++)
    if (s[i] < 32 || s[i] > 126) return false;
  while (count <= WORDS && (words[count] = field_word(&rest)).len) bytes += words[count++].len;
  return count == WORDS && bytes == len && part_word_find(policies, TLSRPT_POLICIES, words[POLICY]) < TLSRPT_POLICIES
      && part_word_find(results, TLSRPT_RESULTS, words[RESULT]) < TLSRPT_RESULTS;
}
