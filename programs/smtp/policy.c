#include <unistd.h>

#include <skalibs/strerr.h>

#include "control.h"
#include "home.h"
#include "policy.h"
#include "setting.h"

#define RECIPIENTS_DEFAULT "1000"     /* of one message */
#define ERRORS_DEFAULT "20"           /* replies 5xx in one session */
#define SESSION_DEFAULT "1800"        /* seconds for all of it, messages apart that come fast enough */
#define TIMEOUT_DEFAULT "1200"        /* seconds for each wait */

struct policy policy;

static struct control const controls[] = {
  /* file             kind            goes to                   when absent */
  { "smtpgreeting",   CONTROL_LINE,   &policy.greeting,         CONTROL_ME_NEEDED },
  { "localiphost",    CONTROL_LINE,   &policy.local_ip_host,    0 },
  { "timeoutsmtpd",   CONTROL_NUMBER, &policy.timeout,          TIMEOUT_DEFAULT },
  { "timeoutsession", CONTROL_NUMBER, &policy.session_seconds,  SESSION_DEFAULT },
  { "databytes",      CONTROL_NUMBER, &policy.databytes,        "0" },
  { "maxrecipients",  CONTROL_NUMBER, &policy.recipients_max,   RECIPIENTS_DEFAULT },
  { "maxerrors",      CONTROL_NUMBER, &policy.errors_max,       ERRORS_DEFAULT },
  { "badmailfrom",    CONTROL_NAMES,  &policy.unwanted.senders.names,    0 },
  { "badrcptto",      CONTROL_NAMES,  &policy.unwanted.recipients.names, 0 },
  { "badhelo",        CONTROL_NAMES,  &policy.unwanted.hellos.names,     0 },
  { "dnslists",       CONTROL_TEXT,   &policy.lists.text,       0 },
  { "moved",          CONTROL_MAP,    &policy.moved,            0 },
  { "rcpthosts",      CONTROL_NAMES,  &policy.rcpthosts.names,  0 },
  { 0 }
};

/* What rules may set for some clients, in place of the control file. */
static struct setting const settings[] = {
  /* variable         kind              goes to                          word */
  { "SMTPGREETING",   SETTING_LINE,     &policy.greeting,                0 },
  { "LOCALIPHOST",    SETTING_LINE,     &policy.local_ip_host,           0 },
  { "SMTPD_ETRN",     SETTING_LINE,     &policy.may_call,                0 },
  { "TIMEOUTSMTPD",   SETTING_NUMBER,   &policy.timeout,                 0 },
  { "TIMEOUTSESSION", SETTING_NUMBER,   &policy.session_seconds,         0 },
  { "DATABYTES",      SETTING_LIMIT,    &policy.databytes,               0 },
  { "MAXRECIPIENTS",  SETTING_NUMBER,   &policy.recipients_max,          0 },
  { "MAXERRORS",      SETTING_NUMBER,   &policy.errors_max,              0 },
  { "SMTPD_LIMITS",   SETTING_LINE,     &policy.limits,                  0 },
  { "RBLSMTPD",       SETTING_BLOCKING, &policy.blocked,                 0 },
  { "RBLSMTPD",       SETTING_IS,       &policy.lists.let_in,            "" },
  { "NORCPTCHECK",    SETTING_THERE,    &policy.mailboxes_unchecked,     0 },
  { "SMTPD_AUTH",     SETTING_HAS,      &policy.auth.off,                "off" },
  { "SMTPD_AUTH",     SETTING_HAS,      &policy.auth.clear,              "clear" },
  { "SMTPD_AUTH",     SETTING_HAS,      &policy.auth.required,           "required" },
  { "SMTPD_AUTH",     SETTING_HAS,      &policy.auth.cram_md5,           "cram-md5" },
  { "SMTPD_AUTH",     SETTING_HAS,      &policy.auth.scram,              "scram" },
  { "SMTPD_DNSLISTS", SETTING_HAS,      &policy.lists.off,               "off" },
  { "SMTPD_DNSLISTS", SETTING_HAS,      &policy.lists.only_told,         "log" },
  { "SMTPD_ATRN",     SETTING_IS,       &policy.may_turn,                "on" },
  { "SMTPD_DSN",      SETTING_IS,       &policy.dsn_off,                 "off" },
  { "SMTPD_UTF8",     SETTING_IS,       &policy.utf8_off,                "off" },
  { "SMTPD_HYPHEN",   SETTING_IS,       &policy.hyphens_allowed,         "allow" },
  { "SMTPD_HEADER",   SETTING_IS,       &policy.header_kept,             "keep" },
  { "SMTPD_BARE",     SETTING_IS,       &policy.bare_normalised,         "normalise" },
  { "SMTPD_RECEIVED", SETTING_HAS,      &policy.received.id,             "id" },
  { "SMTPD_RECEIVED", SETTING_HAS,      &policy.received.recipient,      "for" },
  { "SMTPD_RECEIVED", SETTING_HAS,      &policy.received.client_hidden,  "hide" },
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

bool policy_learn(void)
{
  return setting_load(settings);
}

bool policy_learn_anew(void)
{
  setting_forget(settings);
  unwanted_forget(&policy.unwanted.senders);
  unwanted_forget(&policy.unwanted.recipients);
  unwanted_forget(&policy.unwanted.hellos);
  policy.local_ip_host.len = policy.limits.len = policy.may_call.len = 0;
  return policy_read() && policy_learn();
}
