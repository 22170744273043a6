/* The server's side of SCRAM (RFC 5802): a client-first, a server-first, a client-final with the proof, and the server's own. */

#include <stdio.h>
#include <string.h>

#include "sasl_internal.h"
#include "scram.h"

enum { FIRST, SALTED, FINAL, SIGNED };

enum { NONCE_LEAST = 8, NONCE_MAX = 256, BINDING_MAX = 256, PROOF = BASE64_LEN(SCRAM_DIGEST) };

/* ---- reading ---- */

/* Up to the comma, which is cut as well; false: there is none. */
static bool cut(struct field *part, struct field *rest)
{
  char const *comma = rest->len ? memchr(rest->s, ',', rest->len) : 0;
  if (!comma) return false;
  *part = (struct field){ rest->s, (size_t)(comma - rest->s) };
  rest->s += part->len + 1;
  rest->len -= part->len + 1;
  return true;
}

/* The value of an attribute: "x=value". */
static bool value(struct field *to, struct field part, char attribute)
{
  if (part.len < 2 || part.s[0] != attribute || part.s[1] != '=') return false;
  *to = (struct field){ part.s + 2, part.len - 2 };
  return true;
}

static bool is_nonce(struct field f)
{
  if (f.len < NONCE_LEAST || f.len > NONCE_MAX) return false;
  for (size_t i = 0; i < f.len; i++)
    if (f.s[i] < 0x21 || f.s[i] > 0x7e || f.s[i] == ',') return false;
  return true;
}

/* "=2C" is a comma, "=3D" the sign itself. How many bytes; 0: it is no name. */
static size_t name_decode(char to[CREDENTIALS_MAX], struct field f)
{
  size_t len = 0;
  for (size_t i = 0; i < f.len; i++) {
    char c = f.s[i];
    if (!c || len == CREDENTIALS_MAX) return 0;
    if (c == '=') {
      if (f.len - i < 3 || (memcmp(f.s + i, "=2C", 3) != 0 && memcmp(f.s + i, "=3D", 3) != 0)) return 0;
      c = f.s[i + 1] == '2' ? ',' : '=';
      i += 2;
    }
    to[len++] = c;
  }
  return len;
}

/* ---- the channel ---- */

/* Who could bind the login to the channel and thinks that we cannot was told so by somebody in between. */
static bool choose_binding(struct sasl *s, struct field flag)
{
  struct field const *const all[] = { &s->side.exporter, &s->side.endpoint };
  static char const *const names[] = { "p=tls-exporter", "p=tls-server-end-point" };
  if (s->mechanism->bit == SASL_SCRAM) return field_is(flag, "n") || (field_is(flag, "y") && !s->side.exporter.len && !s->side.endpoint.len);
  for (size_t i = 0; i < 2; i++)
    if (field_is(flag, names[i])) s->scram.binding = *all[i];
  return s->scram.binding.len && s->scram.binding.len <= BINDING_MAX;
}

/* ---- what was said ---- */

static bool put(struct sasl_scram *x, struct field f)
{
  if (f.len > SASL_EXCHANGE_MAX - x->len) return false;
  if (f.len) memcpy(x->exchange + x->len, f.s, f.len);
  x->len += f.len;
  return true;
}

static bool keep_head(struct sasl_scram *x, char const *text, size_t len)
{
  if (len > SASL_HEAD_MAX) return false;
  memcpy(x->head, text, len);
  x->head_len = len;
  return true;
}

/* ---- client-first: gs2-header n=name,r=nonce ---- */

static bool is_same_name(struct sasl const *s, struct field other)
{
  char name[CREDENTIALS_MAX];
  size_t len = name_decode(name, other);
  return len == s->credentials.login_len && !memcmp(name, s->login, len);
}

static bool read_first(struct sasl *s, char const *text, size_t len)
{
  struct field rest = { text, len }, flag, other, part, name, nonce, acts_for;
  if (!cut(&flag, &rest) || !choose_binding(s, flag) || !cut(&other, &rest)) return false;
  struct field const bare = rest;
  if (!keep_head(&s->scram, text, (size_t)(bare.s - text)) || !cut(&part, &rest) || !value(&name, part, 'n')) return false;
  s->credentials = (struct credentials){ .login = s->login, .login_len = name_decode(s->login, name), .stamp = "" };
  if (!s->credentials.login_len) return false;
  if (other.len && !(value(&acts_for, other, 'a') && is_same_name(s, acts_for))) return false;
  if (!cut(&part, &rest)) part = rest;
  if (!value(&nonce, part, 'r') || !is_nonce(nonce)) return false;
  s->scram.nonce = nonce;
  return put(&s->scram, bare);
}

static enum sasl_said first(struct sasl *s, char const *text, size_t len)
{
  if (!text) return sasl_challenge(s, "", 0);
  if (!read_first(s, text, len)) return SASL_REFUSED;
  s->scram.nonce.s = s->scram.exchange + (s->scram.nonce.s - text - s->scram.head_len);
  s->at = SALTED;
  return SASL_WANTS_SALT;
}

/* ---- server-first: r=both nonces,s=salt,i=rounds ---- */

/* Of the stamp the part that is unique. */
static struct field own_nonce(struct sasl const *s)
{
  char const *stamp = s->side.stamp + (s->side.stamp[0] == '<');
  return (struct field){ stamp, strcspn(stamp, "@,") };
}

enum sasl_said sasl_salt(struct sasl *s, struct field salt, unsigned rounds)
{
  struct sasl_scram *x = &s->scram;
  struct field const own = own_nonce(s), theirs = x->nonce;
  char number[32];
  if (s->at != SALTED || own.len < NONCE_LEAST || !put(x, field_of(","))) return SASL_REFUSED;
  size_t const at = x->len;
  snprintf(number, sizeof number, ",i=%u", rounds);
  if (!put(x, field_of("r=")) || !put(x, theirs) || !put(x, own) || !put(x, field_of(",s=")) || !put(x, salt)
      || !put(x, field_of(number))) return SASL_REFUSED;
  x->nonce = (struct field){ x->exchange + at + 2, theirs.len + own.len };
  s->at = FINAL;
  return sasl_challenge(s, x->exchange + at, x->len - at);
}

/* ---- client-final: c=head and binding,r=both nonces,p=proof ---- */

static bool is_bound(struct sasl const *s, struct field coded)
{
  char bytes[BASE64_LEN(SASL_HEAD_MAX + BINDING_MAX)];
  size_t len;
  struct sasl_scram const *x = &s->scram;
  if (coded.len > sizeof bytes || !coded.len) return false;
  memcpy(bytes, coded.s, coded.len);
  return base64_decode(bytes, coded.len, &len) && len == x->head_len + x->binding.len
      && !memcmp(bytes, x->head, x->head_len)
      && (!x->binding.len || !memcmp(bytes + x->head_len, x->binding.s, x->binding.len));
}

/* The proof stands last. */
static bool cut_proof(struct field *proof, struct field *rest)
{
  char const *comma = rest->len ? memrchr(rest->s, ',', rest->len) : 0;
  if (!comma) return false;
  struct field const part = { comma + 1, (size_t)(rest->s + rest->len - comma - 1) };
  rest->len = (size_t)(comma - rest->s);
  return value(proof, part, 'p') && proof->len == PROOF && !memchr(proof->s, 0, PROOF);
}

static enum sasl_said final(struct sasl *s, char const *text, size_t len)
{
  struct sasl_scram *x = &s->scram;
  struct field proof, rest = { text, len }, part, channel, nonce;
  if (!len || !cut_proof(&proof, &rest)) return SASL_REFUSED;
  struct field const without = rest;
  if (!cut(&part, &rest) || !value(&channel, part, 'c') || !is_bound(s, channel)) return SASL_REFUSED;
  if (!cut(&part, &rest)) part = rest;
  if (!value(&nonce, part, 'r') || !field_same(nonce, x->nonce)) return SASL_REFUSED;
  if (!put(x, field_of(",")) || !put(x, without) || memchr(x->exchange, 0, x->len)) return SASL_REFUSED;
  s->credentials.password = proof.s;
  s->credentials.password_len = proof.len;
  s->credentials.stamp = x->exchange;
  s->credentials.stamp_len = x->len;
  s->at = SIGNED;
  return SASL_COMPLETE;
}

enum sasl_said sasl_scram(struct sasl *s, char const *text, size_t len)
{
  return s->at == FIRST ? first(s, text, len) : s->at == FINAL ? final(s, text, len) : SASL_REFUSED;
}

/* ---- server-final: v=signature ---- */

bool sasl_sign(struct sasl *s, struct field signature)
{
  char text[2 + PROOF] = "v=";
  if (s->at != SIGNED || !(s->mechanism->bit & (SASL_SCRAM | SASL_SCRAM_PLUS)) || signature.len != PROOF) return false;
  memcpy(text + 2, signature.s, PROOF);
  return sasl_challenge(s, text, sizeof text) == SASL_CHALLENGE;
}
