#include <string.h>
#include <strings.h>

#include "sasl_internal.h"

static enum sasl_said challenge(struct sasl *s, char const *text)
{
  return sasl_challenge(s, text, strlen(text));
}

static bool is_text(char const *s, size_t len)
{
  return len && !memchr(s, 0, len);
}

/* ---- PLAIN: RFC 4616 ---- */

/* [other] NUL login NUL password; nobody acts for another one. */
static enum sasl_said plain(struct sasl *s, char const *text, size_t len)
{
  if (!text) return challenge(s, "");
  char const *end = text + len, *login = len ? memchr(text, 0, len) : 0;
  char const *password = login ? memchr(login + 1, 0, (size_t)(end - login - 1)) : 0;
  if (!password) return SASL_REFUSED;
  size_t const other_len = (size_t)(login++ - text), login_len = (size_t)(password++ - login);
  size_t const password_len = (size_t)(end - password);
  s->credentials = (struct credentials){ login, password, login_len, password_len, "", 0 };
  if (!login_len || !is_text(password, password_len)) return SASL_REFUSED;
  if (other_len && (other_len != login_len || memcmp(text, login, login_len) != 0)) return SASL_REFUSED;
  return SASL_COMPLETE;
}

/* ---- LOGIN, as Outlook has it; some wait for these very words ---- */

enum { LOGIN_NAME, LOGIN_ASKED, LOGIN_PASSWORD };

static enum sasl_said login(struct sasl *s, char const *text, size_t len)
{
  if (s->at == LOGIN_NAME && (!text || !len)) {
    s->at = LOGIN_ASKED;
    return challenge(s, "Username:");
  }
  if (s->at == LOGIN_PASSWORD) {
    s->credentials.password = text;
    s->credentials.password_len = len;
    return is_text(text, len) ? SASL_COMPLETE : SASL_REFUSED;
  }
  if (!is_text(text, len) || len > sizeof s->login) return SASL_REFUSED;
  memcpy(s->login, text, len);
  s->credentials = (struct credentials){ .login = s->login, .login_len = len, .stamp = "" };
  s->at = LOGIN_PASSWORD;
  return challenge(s, "Password:");
}

/* ---- CRAM-MD5: RFC 2195 ---- */

/* login SP digest; a login may have blanks. */
static enum sasl_said cram_md5(struct sasl *s, char const *text, size_t len)
{
  if (!text) return challenge(s, s->side.stamp);
  char const *blank = len ? memrchr(text, ' ', len) : 0;
  if (!blank) return SASL_REFUSED;
  size_t const login_len = (size_t)(blank - text), digest_len = len - login_len - 1;
  s->credentials = (struct credentials){ text, blank + 1, login_len, digest_len, s->side.stamp, strlen(s->side.stamp) };
  return is_text(text, login_len) && digest_len == 32 && is_text(blank + 1, digest_len) ? SASL_COMPLETE : SASL_REFUSED;
}

/* ---- the table ---- */

/* In the order in which clients are told of them. */
static struct sasl_mechanism const mechanisms[] = {
  /* name                  bit              server_first  step */
  { "SCRAM-SHA-256-PLUS",  SASL_SCRAM_PLUS, false,        sasl_scram },
  { "SCRAM-SHA-256",       SASL_SCRAM,      false,        sasl_scram },
  { "PLAIN",               SASL_PLAIN,      false,        plain },
  { "LOGIN",               SASL_LOGIN,      false,        login },
  { "CRAM-MD5",            SASL_CRAM_MD5,   true,         cram_md5 },
};
enum { MECHANISMS = sizeof mechanisms / sizeof *mechanisms };

struct sasl_mechanism const *sasl_find(char const *name, size_t len, unsigned set)
{
  for (size_t i = 0; i < MECHANISMS; i++) {
    struct sasl_mechanism const *m = mechanisms + i;
    if (m->bit & set && strlen(m->name) == len && !strncasecmp(m->name, name, len)) return m;
  }
  return 0;
}

char const *sasl_name(unsigned set, size_t n)
{
  for (size_t i = 0; i < MECHANISMS; i++)
    if (mechanisms[i].bit & set && !n--) return mechanisms[i].name;
  return 0;
}

/* ---- the exchange ---- */

static enum sasl_said take(struct sasl *s, char *line, size_t len)
{
  size_t decoded;
  bool exact = base64_is_exact(line, len);
  if (!base64_decode(line, len, &decoded) || !exact) return SASL_GARBLED;
  return s->mechanism->step(s, line, decoded);
}

enum sasl_said sasl_begin(struct sasl *s, struct sasl_mechanism const *mechanism, struct sasl_side const *side,
                          char *initial, size_t len)
{
  memset(s, 0, sizeof *s);
  s->mechanism = mechanism;
  s->side = *side;
  if (strlen(side->stamp) > SASL_STAMP_MAX) s->side.stamp = "";
  if (!len) return mechanism->step(s, 0, 0);
  if (mechanism->server_first) return SASL_UNFIT;
  return take(s, initial, len == 1 && *initial == '=' ? 0 : len);
}

enum sasl_said sasl_answer(struct sasl *s, char *line, size_t len)
{
  return len == 1 && *line == '*' ? SASL_CANCELLED : take(s, line, len);
}

void sasl_end(struct sasl *s)
{
  explicit_bzero(s, sizeof *s);
}
