#include <stdio.h>
#include <string.h>

#include "main_cf.h"
#include "map_lines.h"
#include "source.h"
#include "systems.h"
#include "text.h"

typedef struct field field;
typedef struct harvest_place place;

static struct harvest *h;
static struct main_cf cf = MAIN_CF_ZERO;
static char const *config;      /* its file */

static char const *const places[] = { "/etc/smail/config", "/usr/lib/smail/config", "/usr/local/lib/smail/config" };

static field setting(place *from, char const *name)
{
  struct main_cf_setting const *one = main_cf_find(&cf, name, strlen(name));
  field f = { "", 0 };
  *from = (place){ config, one ? one->line : 0 };
  if (!one) return f;
  f = (field){ cf.text.s + one->value, one->value_len };
  if (f.len > 1 && *f.s == '"' && f.s[f.len - 1] == '"') f = (field){ f.s + 1, f.len - 2 };
  return f;
}

/* Between colons. */
static void each_name(char const *name, void (*each)(place, field))
{
  place from;
  field rest = setting(&from, name), parts[256];
  size_t count = rest.len ? fields_split(parts, sizeof parts / sizeof *parts, rest.s, rest.len) : 0;
  for (size_t i = 0; i < count; i++)
    if (parts[i].len) each(from, parts[i]);
}

static void put_local(place from, field name)
{
  harvest_put(h, HARVEST_LOCALS, from, name);
  harvest_put(h, HARVEST_RCPTHOSTS, from, name);
}

static void put_relayed(place from, field name) { harvest_put(h, HARVEST_RCPTHOSTS, from, name); }

/* The first of hostnames that is a full name. */
static void put_name(place from, field name)
{
  put_local(from, name);
  if (memchr(name.s, '.', name.len)) harvest_put(h, HARVEST_ME, from, name);
}

static void put_one(enum harvest_file to, char const *name)
{
  place from;
  field f = setting(&from, name);
  harvest_put(h, to, from, f);
}

/* 100k, 2M */
static void take_size(void)
{
  place from;
  field f = setting(&from, "max_message_size");
  unsigned long n = 0;
  size_t i = 0;
  char text[24];
  for (; i < f.len && i < 9 && f.s[i] >= '0' && f.s[i] <= '9'; i++) n = n * 10 + (unsigned long)(f.s[i] - '0');
  if (i < f.len) n *= f.s[i] == 'k' || f.s[i] == 'K' ? 1024 : f.s[i] == 'm' || f.s[i] == 'M' ? 1048576 : 1;
  if (n) harvest_put(h, HARVEST_DATABYTES, from, (field){ text, (size_t)snprintf(text, sizeof text, "%lu", n) });
}

static void take_smart_host(void)
{
  place from, of_transport;
  field path = setting(&from, "smart_path"), transport = setting(&of_transport, "smart_transport");
  stralloc hop = STRALLOC_ZERO;
  bool by_smtp = !transport.len || (transport.len >= 4 && (memcmp(transport.s, "smtp", 4) == 0 || memcmp(transport.s, "inet", 4) == 0));
  if (!path.len) return;
  text_set(&hop, "[");
  text_addb(&hop, path.s, path.len);
  text_add(&hop, "]");
  if (by_smtp && !memchr(path.s, '!', path.len)) import_route(h, from, (field){ "", 0 }, (field){ hop.s, hop.len });
  else harvest_leave(h, from, path, "what goes by UUCP: a line :alias-uucp in control/virtualdomains, and uux in ~alias/.qmail-uucp-default");
  stralloc_free(&hop);
}

static void take_postmaster(void)
{
  place from;
  field f = setting(&from, "postmaster_address");
  if (f.len) import_alias(h, field_of("postmaster"), f);
}

/* maps/table: a host, and the transport that takes its mail. */
static void take_table(char const *path)
{
  stralloc text = STRALLOC_ZERO;
  if (source_exists(path) && source_read(&text, h, (place){ path, 0 }, path)) {
    struct map_lines lines = { .in = { text.s, text.len } };
    while (map_lines_next(&lines))
      harvest_leave(h, (place){ path, lines.number }, lines.key, "of SMTP it is a line in control/smtproutes, of anything else one in control/virtualdomains and a program in a .qmail file");
    stralloc_free(&lines.text);
  }
  stralloc_free(&text);
}

static void leave_rest(void)
{
  static char const *const known[] = {
    "hostname", "hostnames", "more_hostnames", "domains", "visible_name", "auth_domains", "max_message_size", "smart_path", "smart_transport", "postmaster_address"
  };
  static char const *const files[] = { "/etc/smail/routers", "/etc/smail/transports", "/etc/smail/directors", "/etc/smail/maps/forcepaths", "/etc/smail/methods" };
  for (size_t i = 0; i < main_cf_count(&cf); i++) {
    field name = main_cf_name(&cf, main_cf_get(&cf, i));
    size_t k = 0;
    while (k < sizeof known / sizeof *known && !field_is(name, known[k])) k++;
    if (k == sizeof known / sizeof *known) harvest_leave(h, (place){ config, main_cf_get(&cf, i)->line }, name, "doc/FROM-SENDMAIL says what there is");
  }
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (source_exists(files[i])) harvest_leave(h, (place){ files[i], 0 }, field_of("routers, transports and directors"), "doc/FROM-SENDMAIL says what stands for each of them");
}

void import_smail(struct harvest *to)
{
  stralloc text = STRALLOC_ZERO;
  size_t i = 0;
  h = to;
  while (i + 1 < sizeof places / sizeof *places && !source_exists(places[i])) i++;
  config = source_exists(places[i]) ? places[i] : places[0];
  if (!source_read(&text, h, (place){ config, 0 }, config)) return;
  main_cf_read(&cf, text.s, text.len);
  each_name("hostnames", put_name);
  each_name("hostname", put_name);
  put_local((place){ config, 0 }, field_of("localhost"));
  each_name("more_hostnames", put_local);
  each_name("auth_domains", put_relayed);
  put_one(HARVEST_DEFAULTHOST, "visible_name");
  put_one(HARVEST_DEFAULTDOMAIN, "domains");
  take_size();
  take_smart_host();
  char const *aliases = source_exists("/usr/lib/aliases") && !source_exists("/etc/aliases") ? "/usr/lib/aliases" : "/etc/aliases";
  if (source_exists(aliases)) import_aliases(h, (place){ aliases, 0 }, aliases);
  take_postmaster();
  take_table("/etc/smail/maps/table");
  leave_rest();
  stralloc_free(&text);
}
