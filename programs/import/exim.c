#include <string.h>
#include <unistd.h>

#include "main_cf.h"
#include "map_lines.h"
#include "source.h"
#include "systems.h"
#include "text.h"

#define CONF "/etc/exim4/update-exim4.conf.conf"

typedef struct field field;
typedef struct harvest_place place;

static struct harvest *h;
static struct main_cf cf = MAIN_CF_ZERO;
static field mailname;

/* A setting of Debian's file, without its quotes. */
static field setting(place *from, char const *name)
{
  struct main_cf_setting const *one = main_cf_find(&cf, name, strlen(name));
  field f = { "", 0 };
  *from = (place){ CONF, one ? one->line : 0 };
  if (!one) return f;
  f = (field){ cf.text.s + one->value, one->value_len };
  if (f.len > 1 && (*f.s == '\'' || *f.s == '"') && f.s[f.len - 1] == *f.s) f = (field){ f.s + 1, f.len - 2 };
  return f;
}

static bool is_true(char const *name)
{
  place from;
  return field_is(setting(&from, name), "true");
}

/* The next of a list: between semicolons, or colons where it has none of these; <; in front is no part of it. */
static field item_next(field *rest)
{
  char const sign = memchr(rest->s, ';', rest->len) ? ';' : ':';
  size_t i = 0;
  if (rest->len > 1 && *rest->s == '<') *rest = (field){ rest->s + 2, rest->len - 2 };
  while (rest->len && (*rest->s == ' ' || *rest->s == sign)) rest->s++, rest->len--;
  while (i < rest->len && rest->s[i] != sign) i++;
  field f = { rest->s, i };
  *rest = (field){ rest->s + i, rest->len - i };
  while (f.len && f.s[f.len - 1] == ' ') f.len--;
  return f;
}

static void each_item(char const *name, void (*each)(place, field))
{
  place from;
  field rest = setting(&from, name);
  for (field f; (f = item_next(&rest)).len;) each(from, f);
}

static void put_local(place from, field name)
{
  harvest_put(h, HARVEST_LOCALS, from, name);
  harvest_put(h, HARVEST_RCPTHOSTS, from, name);
}

/* *.example.org is all below it; what else has a star is no name. */
static void put_relayed(place from, field name)
{
  if (name.len > 2 && name.s[0] == '*' && name.s[1] == '.') name = (field){ name.s + 1, name.len - 1 };
  if (memchr(name.s, '*', name.len) || memchr("@!/^", *name.s, 4)) harvest_leave(h, from, name, "control/rcpthosts has domains, and .domain for all below one");
  else harvest_put(h, HARVEST_RCPTHOSTS, from, name);
}

static void put_network(place from, field network) { import_network(h, from, network); }

/* ---- tables ---- */

static void each_line(char const *path, void (*each)(place, field, field))
{
  stralloc text = STRALLOC_ZERO;
  if (source_exists(path) && source_read(&text, h, (place){ path, 0 }, path)) {
    struct map_lines lines = { .in = { text.s, text.len }, .colons = true };
    while (map_lines_next(&lines))
      if (lines.key.len) each((place){ path, lines.number }, lines.key, lines.value);
    stralloc_free(&lines.text);
  }
  stralloc_free(&text);
}

static void put_sender(place from, field key, field value) { import_sender(h, from, key, value, mailname); }

static void put_hubbed(place from, field key, field value)
{
  field hop = field_word(&value);
  if (memchr(key.s, '*', key.len)) put_relayed(from, key);
  if (key.len > 2 && key.s[0] == '*' && key.s[1] == '.') key = (field){ key.s + 1, key.len - 1 };
  harvest_put(h, HARVEST_RCPTHOSTS, from, key);
  char const *more = memchr(hop.s, ':', hop.len);
  import_route(h, from, key, (field){ hop.s, more && hop.len && *hop.s != '[' ? (size_t)(more - hop.s) : hop.len });
}

static void put_client(place from, field key, field value)
{
  (void)value;
  import_access(h, from, IMPORT_CLIENT, key, field_of("REJECT"));
}

static void put_unwanted(place from, field key, field value)
{
  (void)value;
  import_access(h, from, IMPORT_SENDER, key, field_of("REJECT"));
}

static void leave_password(place from, field key, field value)
{
  (void)value;
  harvest_leave(h, from, key, "control/smtpauth has lines relay:user:password:, and nobody but root may read it");
}

/* ---- all ---- */

static void take_mailname(void)
{
  static stralloc line = STRALLOC_ZERO;
  place from = { "/etc/mailname", 1 };
  if (!source_line(&line, h, from.path)) return;
  mailname = (field){ line.s, line.len };
  if (is_true("dc_mailname_in_oh")) put_local(from, mailname);
  harvest_put(h, HARVEST_DEFAULTHOST, from, mailname);
}

static void take_me(void)
{
  char host[256] = "";
  static stralloc line = STRALLOC_ZERO;
  if (*source_root) source_line(&line, h, "/etc/hostname");
  else if (gethostname(host, sizeof host - 1) == 0) text_set(&line, host);
  if (!line.len || !memchr(line.s, '.', line.len)) return;
  harvest_put(h, HARVEST_ME, (place){ "/etc/hostname", 1 }, (field){ line.s, line.len });
  put_local((place){ "/etc/hostname", 1 }, (field){ line.s, line.len });
}

/* host::port; where there is a list, the first. */
static void take_smart_host(void)
{
  place from;
  field hop = setting(&from, "dc_smarthost");
  stralloc text = STRALLOC_ZERO;
  char const *end = hop.len ? memchr(hop.s, ';', hop.len) : 0;
  if (end) harvest_leave(h, from, hop, "the first relay is carried over: control/smtproutes has one for each destination");
  if (end) hop.len = (size_t)(end - hop.s);
  for (size_t i = 0; i < hop.len; i++)
    if (i + 1 >= hop.len || hop.s[i] != ':' || hop.s[i + 1] != ':') text_addc(&text, hop.s[i]);
  if (text.len && *text.s != '[') {
    size_t host = text.len;
    char const *port = memchr(text.s, ':', text.len);
    if (port) host = (size_t)(port - text.s);
    if (!bytes_insertb(&text, host, "]", 1) || !bytes_insertb(&text, 0, "[", 1)) memory_gone();
  }
  if (text.len) import_route(h, from, (field){ "", 0 }, (field){ text.s, text.len });
  stralloc_free(&text);
}

/* Who sends is shown with the name of the site. */
static void take_visible_name(void)
{
  place from;
  field name = setting(&from, "dc_readhost");
  stralloc us = STRALLOC_ZERO, them = STRALLOC_ZERO;
  if (!name.len || !is_true("dc_hide_mailname") || !mailname.len) return;
  text_set(&us, "@");
  text_addb(&us, mailname.s, mailname.len);
  text_set(&them, "@");
  text_addb(&them, name.s, name.len);
  harvest_map(h, HARVEST_GENERICFROM, from, (field){ us.s, us.len }, (field){ them.s, them.len });
  stralloc_free(&us);
  stralloc_free(&them);
}

static void leave_rest(void)
{
  place from;
  field kind = setting(&from, "dc_eximconfig_configtype");
  if (field_is(kind, "none") || field_is(kind, "local")) harvest_leave(h, from, kind, "mail for other hosts goes out here: control/concurrencyremote 0 keeps it");
  if (field_is(kind, "satellite")) harvest_leave(h, from, kind, "mail for users of this host stays here: remove its names from control/locals, and a route takes it to the hub");
  field place_of = setting(&from, "dc_local_interfaces");
  if (place_of.len) harvest_leave(h, from, place_of, "tcpserver in supervise/qmail-smtpd/run says where it listens");
  if (source_exists("/etc/exim4/exim4.conf")) harvest_leave(h, (place){ "/etc/exim4/exim4.conf", 0 }, field_of("exim4.conf"), "a configuration of your own is not read");
  if (source_exists("/etc/exim4/exim4.conf.localmacros"))
    harvest_leave(h, (place){ "/etc/exim4/exim4.conf.localmacros", 0 }, field_of("macros"), "what they change is not carried over");
}

void import_exim(struct harvest *to)
{
  stralloc text = STRALLOC_ZERO;
  place from;
  h = to;
  if (!source_read(&text, h, (place){ CONF, 0 }, CONF)) return;
  main_cf_read(&cf, text.s, text.len);
  take_me();
  take_mailname();
  put_local((place){ CONF, 0 }, field_of("localhost"));
  each_item("dc_other_hostnames", put_local);
  each_item("dc_relay_domains", put_relayed);
  each_item("dc_relay_nets", put_network);
  if (source_exists("/etc/aliases")) import_aliases(h, (place){ "/etc/aliases", 0 }, "/etc/aliases");
  import_know_domains(h);
  each_line("/etc/exim4/hubbed_hosts", put_hubbed);
  if (!field_is(setting(&from, "dc_eximconfig_configtype"), "internet")) take_smart_host();
  each_line("/etc/email-addresses", put_sender);
  take_visible_name();
  each_line("/etc/exim4/local_host_blacklist", put_client);
  each_line("/etc/exim4/local_sender_blacklist", put_unwanted);
  each_line("/etc/exim4/passwd.client", leave_password);
  leave_rest();
  stralloc_free(&text);
}
