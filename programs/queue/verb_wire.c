#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "queue_path.h"
#include "verb_wire.h"

enum { FIELDS = 7 };

char const *const verb_words[VERBS] = {
  [VERB_HOLD] = "hold", [VERB_RELEASE] = "release", [VERB_REQUEUE] = "requeue", [VERB_DELETE] = "delete",
  [VERB_BOUNCE] = "bounce", [VERB_CLAIM] = "claim", [VERB_REDIRECT] = "redirect", [VERB_RELOAD] = "reload",
  [VERB_LOOK] = "look"
};

/* As queue_id_scan, but 0 is a number too. */
static bool number(char const *s, size_t len, uint64_t *to)
{
  if (len == 1 && *s == '0') {
    *to = 0;
    return true;
  }
  return queue_id_scan(s, len, to);
}

/* ---- requests ---- */

int verb_request_pack(stralloc *to, struct verb_request const *r)
{
  char id[24], fingerprint[24], qp[24];
  char const *const fields[FIELDS] = {
    verb_words[r->verb], id, fingerprint, r->choice.recipient, r->choice.domain, r->text, qp
  };
  size_t before = to->len;
  snprintf(id, sizeof id, "%" PRIu64, r->id);
  snprintf(fingerprint, sizeof fingerprint, "%" PRIu32, r->fingerprint);
  snprintf(qp, sizeof qp, "%" PRIu64, r->qp);
  for (size_t i = 0; i < FIELDS; i++)
    if (!bytes_addb(to, fields[i], strlen(fields[i]) + 1)) return 0;
  if (to->len - before <= VERB_REQUEST_MAX) return 1;
  to->len = before;
  errno = EMSGSIZE;
  return 0;
}

static bool verb(char const *word, enum verb *to)
{
  for (int v = 0; v < VERBS; v++)
    if (!strcmp(word, verb_words[v])) {
      *to = (enum verb)v;
      return true;
    }
  return false;
}

long verb_request_unpack(struct verb_request *r, char const *s, size_t len)
{
  char const *fields[FIELDS];
  uint64_t fingerprint;
  size_t at = 0, bound = len < VERB_REQUEST_MAX ? len : VERB_REQUEST_MAX;
  for (size_t i = 0; i < FIELDS; i++) {
    char const *nul = at < bound ? memchr(s + at, 0, bound - at) : 0;
    if (!nul) return bound < VERB_REQUEST_MAX ? 0 : -1;
    fields[i] = s + at;
    at = (size_t)(nul - s) + 1;
  }
  if (!verb(fields[0], &r->verb) || !queue_id_scan(fields[1], strlen(fields[1]), &r->id)
      || !number(fields[2], strlen(fields[2]), &fingerprint) || fingerprint > UINT32_MAX
      || !number(fields[6], strlen(fields[6]), &r->qp)) return -1;
  r->fingerprint = (uint32_t)fingerprint;
  r->choice = (struct verb_choice){ fields[3], fields[4] };
  r->text = fields[5];
  return (long)at;
}

/* ---- answers ---- */

size_t verb_answer_pack(char to[VERB_ANSWER_MAX], struct verb_answer const *a)
{
  return (size_t)snprintf(to, VERB_ANSWER_MAX, "%c %" PRIu64 " %" PRIu64 "%s%s", (char)a->result, a->recipients, a->under_way,
                          *a->rate ? " " : "", a->rate) + 1;
}

/* The number up to the byte that ends it; the index behind that, or 0. */
static size_t number_before(char const *s, size_t at, char end, uint64_t *to)
{
  char const *stop = strchr(s + at, end);
  return stop && number(s + at, (size_t)(stop - (s + at)), to) ? (size_t)(stop - s) + 1 : 0;
}

/* All that is left, which must be something. */
static size_t rate_before_end(struct verb_answer *a, char const *s, size_t at)
{
  size_t len = strlen(s + at);
  if (!len || len > VERB_RATE_MAX) return 0;
  memcpy(a->rate, s + at, len + 1);
  return at + len + 1;
}

long verb_answer_unpack(struct verb_answer *a, char const *s, size_t len)
{
  static char const results[] = { VERB_DONE, VERB_GONE, VERB_HELD, VERB_BUSY, VERB_FAILED };
  size_t at, bound = len < VERB_ANSWER_MAX ? len : VERB_ANSWER_MAX;
  if (!bound || !memchr(s, 0, bound)) return bound < VERB_ANSWER_MAX ? 0 : -1;
  if (!memchr(results, *s, sizeof results) || s[1] != ' ') return -1;
  a->result = (enum verb_result)*s;
  if (!(at = number_before(s, 2, ' ', &a->recipients))) return -1;
  *a->rate = 0;
  size_t after = number_before(s, at, ' ', &a->under_way);
  at = after ? rate_before_end(a, s, after) : number_before(s, at, 0, &a->under_way);
  return at ? (long)at : -1;
}
