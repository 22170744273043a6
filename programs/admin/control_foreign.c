#include <string.h>

#include "control_check.h"

static char const REFUSED[] = "; recipients who do not exist are refused without it";
static char const LIST[] = "; badmailfrom and badrcptto take * and ?, and ! spares";
static char const FILTER[] = "; a filter is a program named by QMAILQUEUE";
static char const RELAY[] = "; RELAYCLIENT in /etc/tcp.smtp says who may relay";
static char const LIMIT[] = "; maxerrors and maxrecipients limit a client";
static char const BINDING[] = "; outgoingip and domainbindings take addresses of both kinds";
static char const NONE[] = "; there is nothing like it";

/* Files that patches of other qmails read, and what does the same here. */
static struct { char const *name, *here; } const foreign[] = {
  { "badloadertypes", FILTER }, { "badmailfrompatterns", LIST }, { "badmailto", LIST }, { "badmimetypes", FILTER }, { "badmxnotok", NONE },
  { "badrcptpatterns", LIST }, { "badrcpttopatterns", LIST },
  { "bindroutes", NONE }, { "blacklists", "; dnslists names lists that are asked" },
  { "brtlimit", LIMIT }, { "clientcert.pem", NONE },
  { "dh1024.pem", NONE }, { "dh2048.pem", NONE }, { "dh512.pem", NONE },
  { "dkimdomains", NONE }, { "dkimkeys", NONE },
  { "domainbindings6", BINDING }, { "goodmailaddr", NONE }, { "goodrcptto", REFUSED }, { "greetdelay", NONE },
  { "helohostbindings", "; domainhelohosts names this host by the sender" },
  { "holdlocal", "; concurrencylocal 0 holds deliveries" },
  { "holdremote", "; concurrencyremote 0 holds deliveries" },
  { "maxrcpt", LIMIT }, { "maxrcpts", LIMIT }, { "mfcheck", NONE }, { "moreipme", NONE }, { "notipme", NONE },
  { "notlshosts", NONE }, { "outgoingip6", BINDING }, { "outgoingips", BINDING },
  { "recipients", REFUSED }, { "recipients.cdb", REFUSED },
  { "relayclients", RELAY }, { "relaydomains", RELAY }, { "relaymailfrom", RELAY },
  { "rsa512.pem", NONE }, { "signatures", FILTER },
  { "simcontrol", FILTER }, { "simcontrol.cdb", FILTER }, { "simversions", FILTER }, { "simversions.cdb", FILTER },
  { "smtpauth", NONE }, { "smtpauthusers", NONE }, { "smtpplugins", NONE },
  { "spfbehavior", NONE }, { "spfexp", NONE }, { "spfguess", NONE }, { "spfrules", NONE },
  { "taps", "; queueextra copies mail, also by sender and recipient" }, { "tarpitcount", LIMIT }, { "tarpitdelay", LIMIT },
  { "tlsclientciphers", NONE }, { "tlsclients", NONE }, { "tlshosts", NONE }, { "tlsserverciphers", NONE },
  { 0, 0 }
};

bool check_control_foreign(struct findings *to, char const *name)
{
  size_t i = 0;
  while (foreign[i].name && strcmp(foreign[i].name, name) != 0) i++;
  if (!foreign[i].name) return false;
  problem(to, name, "patches of other qmails read it, nobody does here", foreign[i].here, ": remove the file");
  return true;
}
