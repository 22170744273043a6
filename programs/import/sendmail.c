#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "map_lines.h"
#include "nameset.h"
#include "sendmail_cf.h"
#include "source.h"
#include "systems.h"
#include "text.h"

#define SENDMAIL_CF "/etc/mail/sendmail.cf"

typedef struct field field;
typedef struct harvest_place place;

static struct harvest *h;
static field origin;            /* the name of the host, or what it goes by */
static stralloc cf_text = STRALLOC_ZERO;
static struct nameset whole = NAMESET_ZERO;     /* domains all of which virtusertable gives away */

static field rest_from(field f, size_t n)
{
  return (field){ f.s + n, f.len - n };
}

static bool begins(field f, char const *with)
{
  return f.len >= strlen(with) && strncasecmp(f.s, with, strlen(with)) == 0;
}

/* ---- sendmail.cf ---- */

/* The last line of that kind and name. A value with a macro in it is not plain. */
static bool find(field *value, size_t *number, char kind, char const *name)
{
  struct sendmail_cf cf = { .in = { cf_text.s, cf_text.len } };
  bool found = false;
  while (sendmail_cf_next(&cf)) {
    if (cf.kind != kind || !field_is(cf.name, name)) continue;
    *value = cf.value;
    *number = cf.number;
    found = cf.value.len && !memchr(cf.value.s, '$', cf.value.len);
  }
  return found;
}

static void take_option(enum harvest_file to, char const *name, unsigned long unit)
{
  field value;
  place from = { SENDMAIL_CF, 0 };
  if (!find(&value, &from.line, 'O', name) || field_is(value, "0")) return;
  if (unit) import_time(h, to, from, value, unit);
  else harvest_put(h, to, from, value);
}

/* Names behind Cw. */
static void each_of_class(char const *class, void (*each)(place, field))
{
  struct sendmail_cf cf = { .in = { cf_text.s, cf_text.len } };
  while (sendmail_cf_next(&cf)) {
    if (cf.kind != 'C' || !field_is(cf.name, class) || memchr(cf.value.s, '$', cf.value.len)) continue;
    for (field word; (word = field_word(&cf.value)).len;) each((place){ SENDMAIL_CF, cf.number }, word);
  }
}

/* mailer:host, or host. */
static bool goes_by_smtp(field *hop)
{
  static char const *const mailers[] = { "smtp", "esmtp", "smtp8", "dsmtp", "relay" };
  char const *colon = hop->len ? memchr(hop->s, ':', hop->len) : 0;
  field mailer = { hop->s, colon ? (size_t)(colon - hop->s) : 0 };
  if (!colon || *hop->s == '[') return true;
  for (size_t i = 0; i < sizeof mailers / sizeof *mailers; i++)
    if (field_is(mailer, mailers[i])) return *hop = rest_from(*hop, mailer.len + 1), true;
  return false;
}

static void take_smart_host(void)
{
  field hop;
  place from = { SENDMAIL_CF, 0 };
  if (!find(&hop, &from.line, 'D', "S")) return;
  if (goes_by_smtp(&hop)) import_route(h, from, (field){ "", 0 }, hop);
  else harvest_leave(h, from, hop, "control/smtproutes knows SMTP only: a line : in control/virtualdomains and a program in a .qmail file do it");
}

/* ---- tables ---- */

static void each_line(char const *path, void (*each)(place, field key, field value))
{
  stralloc text = STRALLOC_ZERO;
  if (source_exists(path) && source_read(&text, h, (place){ path, 0 }, path)) {
    struct map_lines lines = { .in = { text.s, text.len } };
    while (map_lines_next(&lines))
      if (lines.key.len) each((place){ path, lines.number }, lines.key, lines.value);
    stralloc_free(&lines.text);
  }
  stralloc_free(&text);
}

/* Its text, where K of sendmail.cf says that it is, without .db, or at the usual place. */
static void each_in_table(char const *name, char const *usual, void (*each)(place, field, field))
{
  field value;
  size_t number;
  stralloc path = STRALLOC_ZERO;
  if (find(&value, &number, 'K', name) && *value.s == '/') text_setb(&path, value.s, value.len);
  else text_set(&path, usual);
  if (path.len > 3 && memcmp(path.s + path.len - 3, ".db", 3) == 0) path.len -= 3;
  each_line(text_z(&path), each);
  stralloc_free(&path);
}

/* ---- who is here ---- */

static void put_local(place from, field name)
{
  if (nameset_has(&whole, name.s, name.len)) return;
  harvest_put(h, HARVEST_LOCALS, from, name);
  harvest_put(h, HARVEST_RCPTHOSTS, from, name);
}

static void put_local_line(place from, field name, field value)
{
  (void)value;
  put_local(from, name);
}

static void put_relayed(place from, field name, field value)
{
  stralloc below = STRALLOC_ZERO;
  (void)value;
  if (!name.len) return;
  import_access(h, from, IMPORT_CLIENT, name, field_of("RELAY"));
  text_set(&below, ".");
  text_addb(&below, name.s, name.len);
  if (*name.s != '.' && !(name.s[name.len - 1] >= '0' && name.s[name.len - 1] <= '9')) harvest_put(h, HARVEST_RCPTHOSTS, from, (field){ below.s, below.len });
  stralloc_free(&below);
}

static void see_whole(place from, field key, field value)
{
  (void)value;
  if (*key.s == '@' && key.len > 1) import_virtual_domain(h, from, rest_from(key, 1));
}

static void see_rest(place from, field key, field value)
{
  field domain = import_domain_of(key);
  (void)value;
  if (domain.len && !import_is_local(domain)) import_virtual_domain(h, from, domain);
}

/* @domain %1@other is the whole domain; error: is a refusal. */
static void put_virtual(place from, field key, field value)
{
  if (begins(value, "error:") && *key.s != '@') harvest_put(h, HARVEST_BADRCPTTO, from, key);
  else if (begins(value, "error:")) return;
  else if (*key.s == '@' && begins(value, "%1@")) import_domain_elsewhere(h, from, rest_from(key, 1), rest_from(value, 3));
  else if (memchr(value.s, '%', value.len)) harvest_leave(h, from, key, "%1 and its like are carried over in @domain %1@other alone: a .qmail file has $DEFAULT");
  else import_virtual_address(h, from, key, value, origin);
}

static void put_sender(place from, field key, field value) { import_sender(h, from, key, value, origin); }

static void put_alias(place from, field key, field value)
{
  (void)from;
  import_alias(h, key, value);
}

static void put_mailer(place from, field key, field value)
{
  if (goes_by_smtp(&value)) import_route(h, from, key, value);
  else harvest_leave(h, from, key, "control/smtproutes knows SMTP only: a line in control/virtualdomains and a program in a .qmail file do it");
}

static void leave_domain(place from, field key, field value)
{
  (void)value;
  harvest_leave(h, from, key, "domains are not rewritten: a virtual domain leads its mail on");
}

/* From:, To: and Connect: in front; without a word it is both who connects and who sends. */
static void put_access(place from, field key, field value)
{
  static struct { char const *tag; enum import_whom whom; } const tags[] = { { "Connect:", IMPORT_CLIENT }, { "From:", IMPORT_SENDER }, { "To:", IMPORT_RECIPIENT } };
  bool relays = begins(value, "RELAY"), refuses = begins(value, "REJECT") || begins(value, "ERROR:") || begins(value, "DISCARD") || (value.len && *value.s == '5');
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
    if (!begins(key, tags[i].tag)) continue;
    key = rest_from(key, strlen(tags[i].tag));
    if (relays && tags[i].whom != IMPORT_SENDER) put_relayed(from, key, value);
    else import_access(h, from, tags[i].whom, key, value);
    return;
  }
  if (memchr(key.s, ':', key.len)) harvest_leave(h, from, key, "what limits a client is in control/limits and man qmail-smtpd");
  else if (relays) put_relayed(from, key, value);
  else if (refuses) import_access(h, from, key.s[key.len - 1] >= '0' && key.s[key.len - 1] <= '9' ? IMPORT_CLIENT : IMPORT_SENDER, key, value);
  else harvest_leave(h, from, key, "only refusals and RELAY are carried over");
}

/* ---- all ---- */

static void take_name(void)
{
  static stralloc name = STRALLOC_ZERO;
  char host[256] = "";
  field value;
  place from = { SENDMAIL_CF, 0 };
  if (find(&value, &from.line, 'D', "j")) text_setb(&name, value.s, value.len);
  else if (!*source_root || !source_line(&name, h, "/etc/hostname")) text_set(&name, gethostname(host, sizeof host - 1) ? "" : host);
  origin = (field){ name.s, name.len };
  if (!name.len || !memchr(name.s, '.', name.len)) return;
  harvest_put(h, HARVEST_ME, from, origin);
  put_local(from, origin);
}

/* DM: mail of this host says that it is from there. */
static void take_masquerade(void)
{
  field other;
  place from = { SENDMAIL_CF, 0 };
  stralloc us = STRALLOC_ZERO, them = STRALLOC_ZERO;
  if (!find(&other, &from.line, 'D', "M")) return;
  text_set(&us, "@");
  text_addb(&us, origin.s, origin.len);
  text_set(&them, "@");
  text_addb(&them, other.s, other.len);
  harvest_put(h, HARVEST_DEFAULTHOST, from, other);
  if (origin.len) harvest_map(h, HARVEST_GENERICFROM, from, (field){ us.s, us.len }, (field){ them.s, them.len });
  stralloc_free(&us);
  stralloc_free(&them);
}

static void take_aliases(void)
{
  field value;
  size_t number;
  stralloc path = STRALLOC_ZERO;
  if (find(&value, &number, 'O', "AliasFile") && *value.s == '/') text_setb(&path, value.s, value.len);
  else text_set(&path, source_exists("/etc/mail/aliases") && !source_exists("/etc/aliases") ? "/etc/mail/aliases" : "/etc/aliases");
  text_z(&path);
  if (source_exists(path.s)) import_aliases(h, (place){ path.s, 0 }, path.s);
  stralloc_free(&path);
}

static void know_whole(void)
{
  stralloc *text = &h->text[HARVEST_VIRTUALDOMAINS];
  if (!nameset_map(&whole, text->s, text->len)) memory_gone();
}

void import_sendmail(struct harvest *to)
{
  h = to;
  if (source_exists(SENDMAIL_CF)) source_read(&cf_text, h, (place){ SENDMAIL_CF, 0 }, SENDMAIL_CF);
  else harvest_leave(h, (place){ SENDMAIL_CF, 0 }, field_of("sendmail.cf"), "there is no such file: tables are looked for at their usual places");
  each_in_table("virtuser", "/etc/mail/virtusertable", see_whole);
  know_whole();
  take_name();
  put_local((place){ SENDMAIL_CF, 0 }, field_of("localhost"));
  each_of_class("w", put_local);
  each_line("/etc/mail/local-host-names", put_local_line);
  each_line("/etc/mail/relay-domains", put_relayed);
  take_aliases();
  import_know_domains(h);
  each_in_table("virtuser", "/etc/mail/virtusertable", see_rest);
  import_know_domains(h);
  each_in_table("virtuser", "/etc/mail/virtusertable", put_virtual);
  each_in_table("access", "/etc/mail/access", put_access);
  each_in_table("mailertable", "/etc/mail/mailertable", put_mailer);
  take_smart_host();
  each_in_table("generics", "/etc/mail/genericstable", put_sender);
  each_line("/etc/mail/genericfrom", put_sender);
  each_line("/etc/mail/xaliases", put_alias);
  take_masquerade();
  each_in_table("domaintable", "/etc/mail/domaintable", leave_domain);
  take_option(HARVEST_DATABYTES, "MaxMessageSize", 0);
  take_option(HARVEST_QUEUELIFETIME, "Timeout.queuereturn", 86400);
  take_option(HARVEST_QUEUEWARNING, "Timeout.queuewarn", 3600);
}
