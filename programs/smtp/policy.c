#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "bytes.h"
#include "control.h"
#include "home.h"
#include "policy.h"

#define RECIPIENTS_DEFAULT "1000"     /* of one message */
#define ERRORS_DEFAULT "20"           /* replies 5xx in one session */
#define SESSION_DEFAULT "1800"        /* seconds for all of it, messages apart that come fast enough */
#define TIMEOUT_DEFAULT "1200"        /* seconds for each wait */
enum { BLOCKING_MAX = 200 };          /* bytes of the text in RBLSMTPD */

struct policy policy = { .line_ends = BODY_STRICT };

static struct control const controls[] = {
  /* file             kind            goes to                   when absent */
  { "smtpgreeting",   CONTROL_LINE,   &policy.greeting,         CONTROL_ME_NEEDED },
  { "localiphost",    CONTROL_LINE,   &policy.local_ip_host,    0 },
  { "timeoutsmtpd",   CONTROL_NUMBER, &policy.timeout,          TIMEOUT_DEFAULT },
  { "timeoutsession", CONTROL_NUMBER, &policy.session_seconds,  SESSION_DEFAULT },
  { "databytes",      CONTROL_NUMBER, &policy.databytes,        "0" },
  { "maxrecipients",  CONTROL_NUMBER, &policy.recipients_max,   RECIPIENTS_DEFAULT },
  { "maxerrors",      CONTROL_NUMBER, &policy.errors_max,       ERRORS_DEFAULT },
  { "badmailfrom",    CONTROL_NAMES,  &policy.unwanted_senders, 0 },
  { "rcpthosts",      CONTROL_NAMES,  &policy.rcpthosts.names,  0 },
  { 0 }
};

/* What rules may set for some clients, in place of the control file. */
static struct setting { char const *variable; unsigned long *number; stralloc *line; } const settings[] = {
  { "SMTPGREETING",   0,                        &policy.greeting },
  { "LOCALIPHOST",    0,                        &policy.local_ip_host },
  { "TIMEOUTSMTPD",   &policy.timeout,          0 },
  { "TIMEOUTSESSION", &policy.session_seconds,  0 },
  { "DATABYTES",      &policy.databytes,        0 },
  { "MAXRECIPIENTS",  &policy.recipients_max,   0 },
  { "MAXERRORS",      &policy.errors_max,       0 },
  { 0 }
};

bool policy_read(void)
{
  char const *culprit;
  if (chdir(HOME) == -1) {
    strerr_warnwusys("chdir to ", HOME);
    return false;
  }
  if (!control_load(controls, &culprit)) {
    strerr_warnwusys("read ", culprit);
    return false;
  }
  return policy.local_ip_host.len || control_line(&policy.local_ip_host, "me") != -1;
}

/* Whether the word is in the text, words being separated by blanks. */
static bool has_word(char const *text, char const *word)
{
  size_t len = strlen(word);
  while (*text) {
    size_t n = strcspn(text, " ");
    if (n == len && !memcmp(text, word, len)) return true;
    text += n + strspn(text + n, " ");
  }
  return false;
}

static bool is_number(char const *s)
{
  return *s >= '0' && *s <= '9';
}

static bool learn_setting(struct setting const *to, char const *value)
{
  if (to->line) return !*value || bytes_set(to->line, value);
  if (is_number(value)) *to->number = strtoul(value, 0, 10);
  else if (to->number == &policy.databytes) policy.databytes = 0;     /* as the family has it: no limit */
  else strerr_warnw("no number: ", to->variable, "=", value);
  return true;
}

static bool learn_settings(void)
{
  for (struct setting const *s = settings; s->variable; s++) {
    char const *value = getenv(s->variable);
    if (value && !learn_setting(s, value)) return false;
  }
  return true;
}

/* The words of rblsmtpd: a text that begins with a hyphen means for ever. */
static bool learn_blocking(void)
{
  char const *text = getenv("RBLSMTPD");
  if (!text || !*text) return true;
  bool for_ever = *text == '-';
  bool done = bytes_set(&policy.blocked, for_ever ? "553 5.7.1 " : "451 4.7.1 ");
  text += for_ever;
  for (size_t i = 0; done && text[i] && i < BLOCKING_MAX; i++)
    done = bytes_addc(&policy.blocked, text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
  return done && bytes_end(&policy.blocked);
}

static void learn_received(void)
{
  char const *received = getenv("SMTPD_RECEIVED");
  if (!received) return;
  policy.received.id = has_word(received, "id");
  policy.received.recipient = has_word(received, "for");
  policy.received.client_hidden = has_word(received, "hide");
}

static bool variable_is(char const *name, char const *word)
{
  char const *value = getenv(name);
  return value && !strcmp(value, word);
}

bool policy_learn(void)
{
  learn_received();
  policy.mailboxes_unchecked = getenv("NORCPTCHECK") != 0;
  policy.hyphens_allowed = variable_is("SMTPD_HYPHEN", "allow");
  policy.header_kept = variable_is("SMTPD_HEADER", "keep");
  if (variable_is("SMTPD_BARE", "normalise")) policy.line_ends = BODY_NORMALISE;
  return learn_settings() && learn_blocking();
}
