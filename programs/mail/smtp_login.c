#include <string.h>

#include "base64.h"
#include "smtp_client_internal.h"

enum {
  COMMAND_MAX = 512,        /* bytes of a line that every server takes (RFC 4954 section 4) */
  ROUNDS_MAX = 4            /* challenges of one exchange */
};

struct exchange {
  struct smtp_client *client;
  struct sasl_client *sasl;
  bool first_waits;         /* the first response was too long to go with the command */
};

static void say_response(struct exchange *l)
{
  static char text[BASE64_LEN(SASL_RESPONSE_MAX) + 1];
  text[base64_encode(text, l->sasl->response, l->sasl->len)] = 0;
  smtp_say(l->client, (char const *const[]){ text, 0 });
  explicit_bzero(text, sizeof text);
}

static void say_command(struct exchange *l)
{
  char text[COMMAND_MAX];
  struct sasl_client const *s = l->sasl;
  l->first_waits = s->has_first && strlen(s->name) + BASE64_LEN(s->len) + sizeof "AUTH  \r\n" > COMMAND_MAX;
  bool alone = !s->has_first || l->first_waits;
  text[alone ? 0 : base64_encode(text, s->response, s->len)] = 0;
  smtp_expect_silence(l->client);
  smtp_say(l->client, (char const *const[]){ "AUTH ", s->name, alone ? "" : " ", text, 0 });
  explicit_bzero(text, sizeof text);
}

/* Behind "334 ", in one line. */
static bool take_challenge(struct exchange *l)
{
  char text[SASL_CHALLENGE_MAX];
  struct smtp_reply const *r = &l->client->reply;
  size_t len = r->len > 4 ? r->len - 4 : 0, decoded;
  if (l->first_waits) return l->first_waits = false, true;
  if (r->lines != 1 || len > sizeof text) return false;
  if (len) memcpy(text, r->text + 4, len);
  while (len && (text[len - 1] == '\n' || text[len - 1] == ' ')) len--;
  return (!len || base64_decode(text, len, &decoded)) && sasl_client_answer(l->sasl, text, len ? decoded : 0);
}

static enum smtp_outcome give_up(struct smtp_client *c)
{
  smtp_say(c, (char const *const[]){ "*", 0 });
  smtp_hear(c);
  return SMTP_LOGIN_DOUBTFUL;
}

static enum smtp_outcome login(struct smtp_client *c, void const *sasl)
{
  struct exchange l = { .client = c, .sasl = *(struct sasl_client *const *)sasl };
  say_command(&l);
  for (unsigned i = 0; smtp_hear(c) == SMTP_GO_ON && i < ROUNDS_MAX; i++) {
    smtp_expect_silence(c);
    if (!take_challenge(&l)) return give_up(c);
    say_response(&l);
  }
  if (c->reply.code >= 400) return SMTP_LOGIN_REFUSED;
  if (c->reply.code != 235) return SMTP_SENSELESS;
  return sasl_client_is_content(l.sasl) ? SMTP_OK : SMTP_LOGIN_DOUBTFUL;
}

enum smtp_outcome smtp_client_login(struct smtp_client *c, struct sasl_client *sasl)
{
  return smtp_step_run(c, login, &sasl);
}
