#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "bytes.h"
#include "control.h"
#include "nameset.h"
#include "remote_judgement.h"
#include "remote_login.h"
#include "sasl_client.h"

/* ---- the file ---- */

bool login_parse(struct login *l, char const *s, size_t len)
{
  struct field parts[3];
  if (fields_split(parts, 3, s, len) != 3) return false;
  l->user = parts[0];
  l->secret = parts[2];
  l->is_token = field_is(parts[1], "token");
  return l->user.len && l->secret.len && (l->is_token || field_is(parts[1], "password"));
}

/* The last one counts, as in every map. */
static bool find(stralloc *to, stralloc const *file, char const *relay, size_t len)
{
  struct nameset_line line;
  bool found = true;
  for (size_t at = 0; nameset_line_next(&line, file->s, file->len, &at, true);)
    if (line.name_len == len && nameset_same(line.name, relay, len)) found = bytes_setb(to, line.value, line.value_len);
  return found;
}

static void wipe(stralloc *text)
{
  if (text->s) explicit_bzero(text->s, text->a);
  stralloc_free(text);
}

bool login_load(struct login *l, char const *relay, size_t len)
{
  stralloc file = STRALLOC_ZERO;
  l->text.len = 0;
  int r = control_slurp(&file, "smtpauth");
  bool found = r <= 0 ? r == 0 : find(&l->text, &file, relay, len);
  int e = errno;
  wipe(&file);
  errno = e;
  l->wanted = l->text.len > 0;
  if (!found || !l->wanted || login_parse(l, l->text.s, l->text.len)) return found;
  errno = EINVAL;
  return false;
}

/* ---- the exchange ---- */

/* Where nobody can listen: in TLS, or within this machine. */
static bool may_be_said(void)
{
  struct connection const *c = talk.session->connection;
  static char const here[16] = { [15] = 1 };
  if (c->secrecy.encrypted) return true;
  return c->address.is6 ? !memcmp(c->address.ip, here, sizeof here) : c->address.ip[0] == 127;
}

static bool make_nonce(char nonce[SASL_NONCE])
{
  static char const signs[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (getrandom(nonce, SASL_NONCE, 0) != SASL_NONCE) return false;
  for (size_t i = 0; i < SASL_NONCE; i++) nonce[i] = signs[nonce[i] & 63];
  return true;
}

/* A token is good for an hour or so: somebody else renews the file, and it is read each time. */
static bool read_token(stralloc *token, struct field file)
{
  stralloc path = STRALLOC_ZERO;
  token->len = 0;
  bool read = bytes_setb(&path, file.s, file.len) && bytes_z(&path) && control_slurp_path(token, path.s) == 1;
  stralloc_free(&path);
  while (read && token->len && (unsigned char)token->s[token->len - 1] <= ' ') token->len--;
  return read && token->len && !memchr(token->s, '\n', token->len);
}

static bool begin(struct sasl_client *s, struct login const *l, stralloc *token)
{
  char nonce[SASL_NONCE];
  char const *server = talk.session->server;
  struct sasl_secret who = {
    .login = l->user, .secret = l->secret, .is_token = l->is_token,
    .host = { server, strlen(server) }, .port = talk.session->connection->port
  };
  if (l->is_token && !read_token(token, l->secret)) return judgement_put_off(TOKEN_UNREADABLE, BARE);
  if (l->is_token) who.secret = (struct field){ token->s, token->len };
  struct field offered = smtp_reply_auth(talk.client.reply.text, talk.client.reply.len);
  if (!make_nonce(nonce) || !sasl_client_begin(s, &who, offered, may_be_said(), nonce)) return judgement_put_off(LOGIN_NOT_OFFERED, BARE);
  return true;
}

bool login_goes_on(void)
{
  static struct sasl_client sasl;
  static stralloc token = STRALLOC_ZERO;
  struct login const *l = talk.session->login;
  if (!l) return true;
  if (!begin(&sasl, l, &token)) return false;
  enum smtp_outcome o = smtp_client_login(&talk.client, &sasl);
  sasl_client_end(&sasl);
  if (token.s) explicit_bzero(token.s, token.a);
  talk.session->connection->logged_in = o == SMTP_OK;
  return judgement_goes_on(o);
}
