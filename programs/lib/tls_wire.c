#include <string.h>

#include "netstrings.h"
#include "parts.h"
#include "tls_wire.h"

/* ---- the question ---- */

static char const *const sides[TLS_SIDES] = { [TLS_SERVER] = "server", [TLS_CLIENT] = "client" };

static char const *const proofs[TLS_PROOFS] = { [TLS_ANYBODY] = "anybody", [TLS_NAMED] = "named", [TLS_DANE] = "dane" };

static char const *const services[TLS_SERVICES] = {
  [TLS_SMTP] = "smtp", [TLS_POP3] = "pop3", [TLS_IMAP] = "imap", [TLS_UNNAMED] = "unnamed"
};

enum { SIDE, PROOF, SERVICE, MS, NAME, NAMES, TLSA, QUESTION_PARTS };

size_t tls_question_pack(char to[TLS_QUESTION_MAX], struct tls_question const *q)
{
  char number[PART_DIGITS];
  struct field const parts[QUESTION_PARTS] = {
    [SIDE] = field_of(sides[q->side]), [PROOF] = field_of(proofs[q->proof]),
    [SERVICE] = field_of(services[q->service]), [MS] = part_number(number, q->ms),
    [NAME] = q->name, [NAMES] = q->names, [TLSA] = q->tlsa
  };
  return netstrings_pack(to, TLS_QUESTION_MAX, parts, QUESTION_PARTS);
}

static bool name_is_good(struct field name)
{
  return name.len <= TLS_NAME_MAX && !(name.len && memchr(name.s, 0, name.len));
}

static bool names_are_good(struct field rest)
{
  char const *name;
  size_t count = 0;
  while (tls_name_next(&rest, &name)) count++;
  return !rest.len && count <= TLS_NAMES;
}

static bool tlsa_is_good(struct field rest)
{
  struct tls_tlsa r;
  size_t count = 0;
  while (tls_tlsa_next(&rest, &r)) count++;
  return !rest.len && count <= TLS_TLSA;
}

long tls_question_unpack(struct tls_question *q, char const *s, size_t len)
{
  struct field parts[QUESTION_PARTS];
  long n = netstrings_unpack(parts, QUESTION_PARTS, s, len, TLS_QUESTION_MAX);
  if (n <= 0) return n;
  size_t side = part_word_find(sides, TLS_SIDES, parts[SIDE]), proof = part_word_find(proofs, TLS_PROOFS, parts[PROOF]);
  size_t service = part_word_find(services, TLS_SERVICES, parts[SERVICE]);
  struct tls_question read = {
    .side = (enum tls_side)side, .proof = (enum tls_proof)proof, .service = (enum tls_service)service,
    .name = parts[NAME], .names = parts[NAMES], .tlsa = parts[TLSA]
  };
  if (side == TLS_SIDES || proof == TLS_PROOFS || service == TLS_SERVICES || !part_number_read(&read.ms, parts[MS])
      || !name_is_good(read.name) || !names_are_good(read.names) || !tlsa_is_good(read.tlsa)) return -1;
  *q = read;
  return n;
}

/* ---- names and records in it ---- */

static void skip(struct field *rest, size_t len)
{
  rest->s += len;
  rest->len -= len;
}

bool tls_name_next(struct field *rest, char const **name)
{
  char const *end = rest->len ? memchr(rest->s, 0, rest->len) : 0;
  size_t len = end ? (size_t)(end - rest->s) : 0;
  if (!len || len > TLS_NAME_MAX) return false;
  *name = rest->s;
  skip(rest, len + 1);
  return true;
}

size_t tls_tlsa_pack(char *to, size_t max, struct tls_tlsa const *r)
{
  if (r->data.len > UINT16_MAX || TLS_TLSA_HEAD + r->data.len > max) return 0;
  char const head[TLS_TLSA_HEAD] = {
    (char)r->usage, (char)r->selector, (char)r->type, (char)(r->data.len >> 8), (char)r->data.len
  };
  memcpy(to, head, sizeof head);
  if (r->data.len) memcpy(to + sizeof head, r->data.s, r->data.len);
  return sizeof head + r->data.len;
}

bool tls_tlsa_next(struct field *rest, struct tls_tlsa *r)
{
  unsigned char const *s = (unsigned char const *)rest->s;
  if (rest->len < TLS_TLSA_HEAD) return false;
  size_t len = (size_t)s[3] << 8 | s[4];
  if (rest->len - TLS_TLSA_HEAD < len) return false;
  *r = (struct tls_tlsa){ s[0], s[1], s[2], { rest->s + TLS_TLSA_HEAD, len } };
  skip(rest, TLS_TLSA_HEAD + len);
  return true;
}

/* ---- the answer ---- */

static char const *const words[TLS_WORDS] = {
  [TLS_READY] = "ready", [TLS_DONE] = "done", [TLS_FAILED] = "failed", [TLS_UNPROVEN] = "unproven", [TLS_TROUBLE] = "trouble"
};

static char const *const flaws[TLS_FLAWS] = {
  [TLS_NO_FLAW] = "", [TLS_OTHER_NAME] = "name", [TLS_OUT_OF_DATE] = "date", [TLS_UNKNOWN_ISSUER] = "issuer",
  [TLS_NO_TLSA_AGREES] = "tlsa", [TLS_OTHER_FLAW] = "other"
};

enum {
  SAID, PROVEN, FLAW, RESUMED, BITS, PROTOCOL, CIPHER, CALLED, CERTIFICATE, ALPN, EXPORTER, ENDPOINT, WHY, ANSWER_PARTS
};

size_t tls_answer_pack(char to[TLS_ANSWER_MAX], struct tls_answer const *a)
{
  char numbers[2][PART_DIGITS];
  struct field const parts[ANSWER_PARTS] = {
    [SAID] = field_of(words[a->said]), [PROVEN] = field_of(proofs[a->proof]), [FLAW] = field_of(flaws[a->flaw]),
    [RESUMED] = part_number(numbers[0], a->resumed), [BITS] = part_number(numbers[1], a->bits),
    [PROTOCOL] = a->protocol, [CIPHER] = a->cipher, [CALLED] = a->name, [CERTIFICATE] = a->certificate, [ALPN] = a->alpn,
    [EXPORTER] = a->exporter, [ENDPOINT] = a->endpoint, [WHY] = a->why
  };
  return netstrings_pack(to, TLS_ANSWER_MAX, parts, ANSWER_PARTS);
}

long tls_answer_unpack(struct tls_answer *a, char const *s, size_t len)
{
  struct field parts[ANSWER_PARTS];
  long n = netstrings_unpack(parts, ANSWER_PARTS, s, len, TLS_ANSWER_MAX);
  if (n <= 0) return n;
  size_t said = part_word_find(words, TLS_WORDS, parts[SAID]), proof = part_word_find(proofs, TLS_PROOFS, parts[PROVEN]);
  size_t flaw = part_word_find(flaws, TLS_FLAWS, parts[FLAW]);
  struct tls_answer read = {
    .said = (enum tls_said)said, .proof = (enum tls_proof)proof, .flaw = (enum tls_flaw)flaw,
    .protocol = parts[PROTOCOL], .cipher = parts[CIPHER], .name = parts[CALLED], .certificate = parts[CERTIFICATE],
    .alpn = parts[ALPN], .exporter = parts[EXPORTER], .endpoint = parts[ENDPOINT], .why = parts[WHY]
  };
  if (said == TLS_WORDS || proof == TLS_PROOFS || flaw == TLS_FLAWS || !part_number_read(&read.resumed, parts[RESUMED])
      || read.resumed > 1 || !part_number_read(&read.bits, parts[BITS])) return -1;
  *a = read;
  return n;
}
