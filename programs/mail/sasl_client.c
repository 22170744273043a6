#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "sasl_client.h"
#include "scram.h"

/* ---- the response ---- */

static bool put(struct sasl_client *s, char const *text, size_t len)
{
  if (len > sizeof s->response - s->len) return false;
  if (len) memcpy(s->response + s->len, text, len);
  s->len += len;
  return true;
}

static bool put_text(struct sasl_client *s, char const *text)
{
  return put(s, text, strlen(text));
}

static bool put_field(struct sasl_client *s, struct field f)
{
  return put(s, f.s, f.len);
}

static bool put_base64(struct sasl_client *s, unsigned char const *bytes, size_t len)
{
  char text[BASE64_LEN(SCRAM_DIGEST)];
  return put(s, text, base64_encode(text, (char const *)bytes, len));
}

/* "," and "=" in a name. */
static bool put_name(struct sasl_client *s)
{
  for (size_t i = 0; i < s->who.login.len; i++) {
    char c = s->who.login.s[i];
    if (!(c == ',' ? put_text(s, "=2C") : c == '=' ? put_text(s, "=3D") : put(s, &c, 1))) return false;
  }
  return true;
}

/* ---- PLAIN and LOGIN ---- */

static bool plain(struct sasl_client *s, char const *challenge, size_t len)
{
  (void)challenge, (void)len;
  s->content = true;
  return s->at == 0 && put(s, "", 1) && put_field(s, s->who.login) && put(s, "", 1) && put_field(s, s->who.secret);
}

/* The server's words are for people. */
static bool login(struct sasl_client *s, char const *challenge, size_t len)
{
  (void)challenge, (void)len;
  s->content = s->at == 1;
  return s->at < 2 && put_field(s, s->at ? s->who.secret : s->who.login);
}

/* ---- tokens: a second challenge tells in JSON what is wrong, and wants an answer before it is said in plain words ---- */

static bool xoauth2(struct sasl_client *s, char const *challenge, size_t len)
{
  (void)challenge, (void)len;
  s->content = true;
  if (s->at) return s->at == 1;
  return put_text(s, "user=") && put_field(s, s->who.login) && put_text(s, "\1auth=Bearer ") && put_field(s, s->who.secret)
      && put_text(s, "\1\1");
}

static bool oauthbearer(struct sasl_client *s, char const *challenge, size_t len)
{
  char port[16];
  (void)challenge, (void)len;
  s->content = true;
  if (s->at) return s->at == 1 && put_text(s, "\1");
  snprintf(port, sizeof port, "\1port=%u", s->who.port);
  return put_text(s, "n,a=") && put_name(s) && put_text(s, ",\1host=") && put_field(s, s->who.host)
      && put_text(s, port) && put_text(s, "\1auth=Bearer ") && put_field(s, s->who.secret) && put_text(s, "\1\1");
}

/* ---- SCRAM-SHA-256 (RFC 5802, 7677) ---- */

/* An attribute "a=value" that must come next; it is taken out of the rest. */
static bool take(struct field *value, struct field *rest, char attribute)
{
  if (rest->len < 2 || rest->s[0] != attribute || rest->s[1] != '=') return false;
  char const *comma = memchr(rest->s, ',', rest->len);
  size_t len = comma ? (size_t)(comma - rest->s) : rest->len;
  *value = (struct field){ rest->s + 2, len - 2 };
  rest->s += comma ? len + 1 : len;
  rest->len -= comma ? len + 1 : len;
  return true;
}

struct server_first {
  struct field nonce, salt;
  unsigned rounds;
};

static bool read_server_first(struct server_first *f, struct sasl_client const *s, char salt[SCRAM_SALT_MAX], char const *text, size_t len)
{
  struct field rest = { text, len }, coded, rounds;
  size_t salt_len;
  if (!take(&f->nonce, &rest, 'r') || !take(&coded, &rest, 's') || !take(&rounds, &rest, 'i')) return false;
  if (f->nonce.len <= SASL_NONCE || memcmp(f->nonce.s, s->nonce, SASL_NONCE) != 0) return false;
  if (!coded.len || coded.len > SCRAM_SALT_MAX) return false;
  memcpy(salt, coded.s, coded.len);
  if (!base64_decode(salt, coded.len, &salt_len) || !salt_len) return false;
  f->salt = (struct field){ salt, salt_len };
  f->rounds = scram_rounds(rounds);
  return f->rounds != 0;
}

static bool put_first(struct sasl_client *s)
{
  return put_text(s, "n=") && put_name(s) && put_text(s, ",r=") && put(s, s->nonce, SASL_NONCE);
}

/* What both sides prove to have heard: our first message, the server's, our last without the proof. The response has it for a
   moment; where the last begins is told. */
static bool write_exchange(struct sasl_client *s, struct server_first const *f, char const *challenge, size_t len, size_t *last)
{
  if (!put_first(s) || !put_text(s, ",") || !put(s, challenge, len) || !put_text(s, ",")) return false;
  *last = s->len;
  return put_text(s, "c=biws,r=") && put_field(s, f->nonce);
}

static void prove(struct sasl_client *s, struct server_first const *f, unsigned char proof[SCRAM_DIGEST])
{
  unsigned char client[SCRAM_DIGEST];
  struct scram_keys keys;
  struct field exchange = { s->response, s->len };
  scram_keys(client, &keys, s->who.secret, f->salt, f->rounds);
  scram_prove(proof, client, &keys, exchange);
  scram_sign(s->expected, &keys, exchange);
  explicit_bzero(client, sizeof client);
  explicit_bzero(&keys, sizeof keys);
}

static bool scram_last(struct sasl_client *s, char const *challenge, size_t len)
{
  char salt[SCRAM_SALT_MAX];
  unsigned char proof[SCRAM_DIGEST];
  struct server_first f;
  size_t last;
  if (!read_server_first(&f, s, salt, challenge, len) || !write_exchange(s, &f, challenge, len, &last)) return false;
  prove(s, &f, proof);
  s->len -= last;
  memmove(s->response, s->response + last, s->len);
  return put_text(s, ",p=") && put_base64(s, proof, SCRAM_DIGEST);
}

static bool scram_verify(struct sasl_client *s, char const *challenge, size_t len)
{
  char text[BASE64_LEN(SCRAM_DIGEST)];
  struct field rest = { challenge, len }, v;
  size_t text_len = base64_encode(text, (char const *)s->expected, SCRAM_DIGEST);
  s->content = take(&v, &rest, 'v') && v.len == text_len && !memcmp(v.s, text, text_len);
  return s->content;
}

static bool scram(struct sasl_client *s, char const *challenge, size_t len)
{
  switch (s->at) {
    case 0: return put_text(s, "n,,") && put_first(s);
    case 1: return scram_last(s, challenge, len);
    case 2: return scram_verify(s, challenge, len);
    default: return false;
  }
}

/* ---- which one ---- */

enum { IS_SAID = 1, IS_TOKEN = 2, SERVER_BEGINS = 4 };

struct sasl_way {
  char const *name;
  unsigned kind;
  bool (*answer)(struct sasl_client *s, char const *challenge, size_t len);
};

/* The best comes first. */
static struct sasl_way const ways[] = {
  { "SCRAM-SHA-256", 0,                       scram },
  { "PLAIN",         IS_SAID,                 plain },
  { "LOGIN",         IS_SAID | SERVER_BEGINS, login },
  { "OAUTHBEARER",   IS_SAID | IS_TOKEN,      oauthbearer },
  { "XOAUTH2",       IS_SAID | IS_TOKEN,      xoauth2 }
};
enum { WAYS = sizeof ways / sizeof *ways };

static bool is_offered(char const *name, struct field offered)
{
  size_t len = strlen(name);
  for (size_t i = 0, end; i < offered.len; i = end + 1) {
    char const *blank = memchr(offered.s + i, ' ', offered.len - i);
    end = blank ? (size_t)(blank - offered.s) : offered.len;
    if (end - i == len && !strncasecmp(offered.s + i, name, len)) return true;
  }
  return false;
}

static struct sasl_way const *choose(bool is_token, struct field offered, bool may_be_said)
{
  for (size_t i = 0; i < WAYS; i++) {
    bool fits = is_token == !!(ways[i].kind & IS_TOKEN) && (may_be_said || !(ways[i].kind & IS_SAID));
    if (fits && is_offered(ways[i].name, offered)) return ways + i;
  }
  return 0;
}

/* A NUL would end the name in one place and not in another, and so would the signs that separate. */
static bool is_sayable(struct sasl_secret const *w)
{
  return w->login.len && w->login.len <= SASL_LOGIN_MAX && w->secret.len && w->secret.len <= SASL_SECRET_MAX
      && w->host.len <= SASL_LOGIN_MAX && !memchr(w->login.s, 0, w->login.len) && !memchr(w->secret.s, 0, w->secret.len)
      && !memchr(w->login.s, 1, w->login.len) && !memchr(w->secret.s, 1, w->secret.len);
}

static bool step(struct sasl_client *s, char const *challenge, size_t len)
{
  s->len = 0;
  if (!s->way->answer(s, challenge, len)) return false;
  s->at++;
  return true;
}

bool sasl_client_begin(struct sasl_client *s, struct sasl_secret const *who, struct field offered, bool may_be_said,
                       char const nonce[SASL_NONCE])
{
  memset(s, 0, sizeof *s);
  s->who = *who;
  s->way = is_sayable(who) ? choose(who->is_token, offered, may_be_said) : 0;
  if (!s->way) return false;
  s->name = s->way->name;
  memcpy(s->nonce, nonce, SASL_NONCE);
  s->has_first = !(s->way->kind & SERVER_BEGINS);
  return !s->has_first || step(s, "", 0);
}

bool sasl_client_answer(struct sasl_client *s, char const *challenge, size_t len)
{
  return len <= SASL_CHALLENGE_MAX && step(s, challenge, len);
}

bool sasl_client_is_content(struct sasl_client const *s)
{
  return s->content;
}

void sasl_client_end(struct sasl_client *s)
{
  explicit_bzero(s, sizeof *s);
}
