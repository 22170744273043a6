#include <stdbool.h>
#include <stddef.h>

#include <skalibs/types.h>

#include "auth.h"
#include "client.h"
#include "extensions.h"
#include "parameters.h"
#include "policy.h"
#include "queue_client.h"
#include "reply.h"
#include "sasl.h"
#include "session.h"
#include "verbs.h"
#include "xclient.h"

struct extension {
  char const *word;
  bool (*is_offered)(void);     /* null: always */
  void (*say_more)(void);       /* what follows the word, with a blank before it; null: nothing */
};

static void say_databytes(void)
{
  char number[1 + ULONG_FMT] = " ";
  if (policy.databytes) net_put(&session.net, number, 1 + ulong_fmt(number + 1, policy.databytes));
}

static bool auth_is_offered(void)
{
  return auth_mechanisms() != 0;
}

static void say_mechanisms(void)
{
  char const *name;
  for (size_t i = 0; (name = sasl_name(auth_mechanisms(), i)); i++) {
    net_puts(&session.net, " ");
    net_puts(&session.net, name);
  }
}

/* What a queue program of the site's own would not pass on is not promised. */
static bool dsn_is_offered(void)
{
  return !policy.dsn_off && queue_client_takes_extras();
}

static bool utf8_is_offered(void)
{
  return !policy.utf8_off && queue_client_takes_extras();
}

unsigned extensions_of_parameters(void)
{
  return (dsn_is_offered() ? PARAMETERS_DSN : 0U) | (utf8_is_offered() ? PARAMETERS_UTF8 : 0U);
}

static void say_attributes(void)
{
  net_puts(&session.net, XCLIENT_NAMES);
}

static bool etrn_is_offered(void)
{
  return policy.may_call.len > 0;
}

static bool atrn_is_offered(void)
{
  return policy.may_turn;
}

static struct extension const extensions[] = {
  /* word                   offered              more */
  { "PIPELINING",           0,                   0 },
  { "8BITMIME",             0,                   0 },
  { "SIZE",                 0,                   say_databytes },
  { "DSN",                  dsn_is_offered,      0 },
  { "SMTPUTF8",             utf8_is_offered,     0 },
  { "AUTH",                 auth_is_offered,     say_mechanisms },
  { "STARTTLS",             starttls_is_offered, 0 },
  { "XCLIENT",              client_may_say_xclient, say_attributes },
  { "ETRN",                 etrn_is_offered,     0 },
  { "ATRN",                 atrn_is_offered,     0 },
  { "CHUNKING",             0,                   0 },
  { "ENHANCEDSTATUSCODES",  0,                   0 },
};
enum { EXTENSIONS = sizeof extensions / sizeof *extensions };

/* A line can only be said when it is known whether another follows. */
static void say(struct extension const *e, bool is_last)
{
  net_puts(&session.net, is_last ? "250 " : "250-");
  net_puts(&session.net, e->word);
  if (e->say_more) e->say_more();
  reply_line("");
}

void extensions_say(void)
{
  struct extension const *before = 0;
  for (size_t i = 0; i < EXTENSIONS; i++) {
    struct extension const *e = extensions + i;
    if (e->is_offered && !e->is_offered()) continue;
    if (before) say(before, false);
    before = e;
  }
  say(before, true);
}
