#include <errno.h>

#include "control.h"
#include "send.h"

struct settings settings;
struct route_table routes;
unsigned tables_read;
uint64_t now;
bool stopping;

static void settings_free(struct settings *s)
{
  stralloc_free(&s->bouncefrom);
  stralloc_free(&s->bouncehost);
  stralloc_free(&s->bounceformat);
  stralloc_free(&s->bouncecopyto);
  stralloc_free(&s->doublebounceto);
  stralloc_free(&s->doublebouncehost);
  stralloc_free(&s->breakchars);
  nameset_free(&s->destinationconnections);
  nameset_free(&s->destinationrate);
  nameset_free(&s->destinationschedule);
  nameset_free(&s->destinationrecipients);
  nameset_free(&s->holdremote);
  sending_identities_free(&s->identities);
}

static int settings_read(struct settings *fresh, char const **culprit)
{
  struct control const controls[] = {
    /* file                     kind            goes to                             when absent */
    { "bouncefrom",             CONTROL_LINE,   &fresh->bouncefrom,                  "MAILER-DAEMON" },
    { "bouncehost",             CONTROL_LINE,   &fresh->bouncehost,                  CONTROL_ME },
    { "bounceformat",           CONTROL_LINE,   &fresh->bounceformat,                "mime" },
    { "bouncecopyto",           CONTROL_LINE,   &fresh->bouncecopyto,                0 },
    { "bouncemaxbytes",         CONTROL_NUMBER, &fresh->bouncemaxbytes,              "0" },
    { "doublebounceto",         CONTROL_LINE,   &fresh->doublebounceto,              "postmaster" },
    { "doublebouncehost",       CONTROL_LINE,   &fresh->doublebouncehost,            CONTROL_ME },
    { "breakchars",             CONTROL_LINE,   &fresh->breakchars,                  "-" },
    { "concurrencydestination", CONTROL_NUMBER, &fresh->concurrencydestination,      "10" },
    { "concurrencylocal",       CONTROL_NUMBER, &fresh->concurrency[CHANNEL_LOCAL],  "10" },
    { "concurrencyremote",      CONTROL_NUMBER, &fresh->concurrency[CHANNEL_REMOTE], "20" },
    { "destinationconnections", CONTROL_MAP,    &fresh->destinationconnections,      0 },
    { "destinationrate",        CONTROL_MAP,    &fresh->destinationrate,             0 },
    { "destinationrecipients",  CONTROL_MAP,    &fresh->destinationrecipients,       0 },
    { "destinationschedule",    CONTROL_MAP,    &fresh->destinationschedule,         0 },
    { "holdremote",             CONTROL_NAMES,  &fresh->holdremote,                  0 },
    { "domainbindings",         CONTROL_MAP,    &fresh->identities.bindings,         0 },
    { "domainhelohosts",        CONTROL_MAP,    &fresh->identities.helohosts,        0 },
    { "outgoingip",             CONTROL_LINE,   &fresh->identities.outgoingip,       0 },
    { "queuelifetime",          CONTROL_NUMBER, &fresh->queuelifetime,               "604800" },
    { "loghash",                CONTROL_NUMBER, &fresh->loghash,                     "0" },
    { "queuewarning",           CONTROL_NUMBER, &fresh->queuewarning,                "14400" },
    { "timeoutstop",            CONTROL_NUMBER, &fresh->timeoutstop,                 "30" },
    { 0 }
  };
  return control_load(controls, culprit);
}

int settings_load(char const **culprit)
{
  struct settings fresh = { .bouncefrom = STRALLOC_ZERO };
  /* route_load keeps the old tables when it fails, so it comes last. */
  if (!settings_read(&fresh, culprit) || !route_load(&routes, culprit)) {
    int e = errno;
    settings_free(&fresh);
    errno = e;
    return 0;
  }
  settings_free(&settings);
  settings = fresh;
  tables_read++;
  return 1;
}
