#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <skalibs/types.h>

#include "home.h"
#include "map_lines.h"
#include "nameset.h"
#include "network.h"
#include "systems.h"
#include "text.h"

static struct nameset locals = NAMESET_ZERO, virtuals = NAMESET_ZERO;
static struct field const nothing = { "", 0 };

struct field import_domain_of(struct field f)
{
  char const *at = f.len ? memrchr(f.s, '@', f.len) : 0;
  return at ? (struct field){ at + 1, (size_t)(f.s + f.len - at) - 1 } : nothing;
}

/* ---- recipients with another address ---- */

void import_know_domains(struct harvest *h)
{
  if (!nameset_list(&locals, h->text[HARVEST_LOCALS].s, h->text[HARVEST_LOCALS].len) ||
      !nameset_map(&virtuals, h->text[HARVEST_VIRTUALDOMAINS].s, h->text[HARVEST_VIRTUALDOMAINS].len)) memory_gone();
}

bool import_is_local(struct field domain)
{
  return nameset_has(&locals, domain.s, domain.len);
}

void import_virtual_domain(struct harvest *h, struct harvest_place from, struct field domain)
{
  harvest_map(h, HARVEST_VIRTUALDOMAINS, from, domain, field_of("alias-virtual"));
  harvest_put(h, HARVEST_RCPTHOSTS, from, domain);
  harvest_alias_file(h, ".qmail-virtual-default", "| fastforward -d " HOME "/users/virtual.cdb\n");
}

static void add_name_of_file(stralloc *to, struct field domain)
{
  for (size_t i = 0; i < domain.len; i++) text_addc(to, domain.s[i] == '.' ? ':' : domain.s[i]);
}

static bool is_domain(struct field f)
{
  for (size_t i = 0; i < f.len; i++) {
    char c = f.s[i];
    bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || (c == '.' && i);
    if (!fits) return false;
  }
  return f.len > 0 && f.len < 200;
}

/* The addresses that have a line of their own go first. */
void import_domain_elsewhere(struct harvest *h, struct harvest_place from, struct field domain, struct field other)
{
  stralloc prefix = STRALLOC_ZERO, name = STRALLOC_ZERO, lines = STRALLOC_ZERO;
  if (!is_domain(domain) || !is_domain(other)) {
    harvest_leave(h, from, domain, "it is no domain");
    return;
  }
  text_set(&prefix, "alias-to-");
  text_addb(&prefix, other.s, other.len);
  text_set(&name, ".qmail-to-");
  add_name_of_file(&name, other);
  text_add(&name, "-default");
  text_set(&lines, "| fastforward -p -d " HOME "/users/virtual.cdb\n| forward \"$DEFAULT\"@");
  text_addb(&lines, other.s, other.len);
  text_add(&lines, "\n");
  harvest_map_again(h, HARVEST_VIRTUALDOMAINS, from, domain, (struct field){ prefix.s, prefix.len });
  harvest_put(h, HARVEST_RCPTHOSTS, from, domain);
  harvest_alias_file(h, text_z(&name), text_z(&lines));
  stralloc_free(&prefix);
  stralloc_free(&name);
  stralloc_free(&lines);
}

/* As setforward reads them: a backslash before each byte that means something. */
static void add_quoted(stralloc *to, struct field f)
{
  for (size_t i = 0; i < f.len; i++) {
    if ((unsigned char)f.s[i] <= ' ' || strchr(",:;\\#", f.s[i])) text_addc(to, '\\');
    text_addc(to, f.s[i]);
  }
}

/* False when there is none that can be carried over. */
static bool add_targets(stralloc *to, struct field rest, struct field origin)
{
  bool any = false;
  for (struct field t; (t = map_value_next(&rest)).len; any = true) {
    if (memchr("/|:\"@", *t.s, 5)) return false;
    if (any) text_add(to, ", ");
    else text_addc(to, ' ');
    add_quoted(to, t);
    if (memchr(t.s, '@', t.len)) continue;
    text_addc(to, '@');
    add_quoted(to, origin);
  }
  if (any) text_addc(to, ';');
  return any;
}

static void put_virtual(struct harvest *h, struct harvest_place from, struct field key, struct field targets, struct field origin)
{
  stralloc value = STRALLOC_ZERO, name = STRALLOC_ZERO;
  add_quoted(&name, key);
  if (add_targets(&value, targets, origin)) harvest_map(h, HARVEST_VIRTUAL, from, (struct field){ name.s, name.len }, (struct field){ value.s, value.len });
  else harvest_leave(h, from, key, "what follows is not a list of addresses: a .qmail file in ~alias can say it");
  stralloc_free(&value);
  stralloc_free(&name);
}

/* As /etc/aliases has them. */
static void put_alias(struct harvest *h, struct harvest_place from, struct field key, struct field targets)
{
  stralloc list = STRALLOC_ZERO;
  for (struct field t; (t = map_value_next(&targets)).len;) {
    if (list.len) text_add(&list, ", ");
    text_addb(&list, t.s, t.len);
  }
  if (list.len && !memchr(key.s, ':', key.len)) import_alias(h, key, (struct field){ list.s, list.len });
  else harvest_leave(h, from, key, "it has no address");
  stralloc_free(&list);
}

void import_virtual_address(struct harvest *h, struct harvest_place from, struct field key, struct field targets, struct field origin)
{
  struct field domain = import_domain_of(key);
  bool is_whole = key.len && *key.s == '@', is_virtual = nameset_has(&virtuals, domain.s, domain.len);
  if (is_whole && is_virtual && targets.len > 1 && *targets.s == '@')
    import_domain_elsewhere(h, from, domain, (struct field){ targets.s + 1, targets.len - 1 });
  else if (domain.len && is_virtual) put_virtual(h, from, key, targets, origin);
  else if (is_whole) harvest_leave(h, from, key, "a whole domain can be given away when it is in control/virtualdomains and not in locals");
  else if (!domain.len || import_is_local(domain)) put_alias(h, from, key, targets);
  else harvest_leave(h, from, key, "the domain is not of this host, and nobody's mail to it is changed here");
}

/* ---- the world ---- */

/* Cuts ":port" off. */
static struct field port_of(struct field *hop)
{
  char const *colon = memrchr(hop->s, ':', hop->len), *bracket = memrchr(hop->s, ']', hop->len);
  if (!colon || (bracket && bracket > colon)) return nothing;
  struct field port = { colon + 1, (size_t)(hop->s + hop->len - colon) - 1 };
  hop->len = (size_t)(colon - hop->s);
  return port;
}

static char const *port_number(struct field port)
{
  static struct { char const *name, *number; } const known[] = { { "smtp", "25" }, { "submission", "587" }, { "smtps", "465" }, { "submissions", "465" } };
  static char text[8];
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (field_is(port, known[i].name)) return known[i].number;
  if (!port.len || port.len > 5) return 0;
  memcpy(text, port.s, port.len);
  text[port.len] = 0;
  return strspn(text, "0123456789") == port.len ? text : 0;
}

static bool is_bare_address(struct field f)
{
  struct network n;
  return network_of(&n, f.s, f.len);
}

/* The host of [host], which is asked itself; for one without brackets its MX would be. */
static struct field host_of(struct field hop, bool *by_mx)
{
  *by_mx = false;
  if (hop.len > 1 && *hop.s == '[' && hop.s[hop.len - 1] == ']') hop = (struct field){ hop.s + 1, hop.len - 2 };
  else *by_mx = hop.len && !is_bare_address(hop);
  if (hop.len > 5 && strncasecmp(hop.s, "ipv6:", 5) == 0) hop = (struct field){ hop.s + 5, hop.len - 5 };
  return hop;
}

void import_route(struct harvest *h, struct harvest_place from, struct field domain, struct field hop)
{
  stralloc route = STRALLOC_ZERO;
  bool by_mx;
  struct field port = port_of(&hop), host = host_of(hop, &by_mx);
  char const *number = port.len ? port_number(port) : "";
  bool brackets = memchr(host.s, ':', host.len) || (host.len && is_bare_address(host));
  if (!number) {
    harvest_leave(h, from, port, "this port has no number that is known: put the route into control/smtproutes");
    return;
  }
  if (brackets) text_addc(&route, '[');
  text_addb(&route, host.s, host.len);
  if (brackets) text_addc(&route, ']');
  if (*number) {
    text_addc(&route, ':');
    text_add(&route, number);
  }
  harvest_map(h, HARVEST_SMTPROUTES, from, domain, (struct field){ route.s, route.len });
  if (by_mx) harvest_leave(h, from, host, "carried over, but smtproutes goes to the addresses of a host, and not to those of its MX records: name the hosts");
  stralloc_free(&route);
}

static bool is_loopback(struct network const *n)
{
  static struct network four, six;
  return (network_read(&four, "127.0.0.0/8", 11) && network_has(&four, n)) || (network_of(&six, "::1", 3) && network_has(&six, n));
}

/* tcpserver compares the text of an address, in which zeros are left out: a part of it stands for a network only where it has none. */
static bool has_text(struct network const *n)
{
  if (network_is_ip4(n) || n->bits == NETWORK_BITS) return true;
  for (unsigned i = 0; i < n->bits / 16; i++)
    if (!n->ip[2 * i] && !n->ip[2 * i + 1]) return false;
  return n->bits % 16 == 0;
}

/* ::ffff:192.0.2.0/120 is 192.0.2.0/24. */
static bool read_network(struct network *n, struct field f)
{
  static char const mapped[] = "::ffff:";
  char text[NETWORK_FMT];
  unsigned bits;
  bool is_mapped = f.len > sizeof mapped && f.len < sizeof text && strncasecmp(f.s, mapped, sizeof mapped - 1) == 0 && memchr(f.s, '.', f.len);
  if (!is_mapped) return network_read(n, f.s, f.len);
  memcpy(text, f.s + sizeof mapped - 1, f.len - sizeof mapped + 1);
  text[f.len - sizeof mapped + 1] = 0;
  char *slash = strchr(text, '/');
  if (!slash || !uint_scan(slash + 1, &bits) || bits < NETWORK_BITS_OF_IP4) return network_read(n, f.s, f.len);
  slash[1 + uint_fmt(slash + 1, bits - NETWORK_BITS_OF_IP4)] = 0;
  return network_read(n, text, strlen(text));
}

void import_network(struct harvest *h, struct harvest_place from, struct field network)
{
  struct network n;
  char text[NETWORK_FMT];
  stralloc rule = STRALLOC_ZERO;
  if (!read_network(&n, network)) {
    harvest_leave(h, from, network, "it is no network: a line in /etc/tcp.smtp says who may relay, man qmail-rules");
    return;
  }
  if (is_loopback(&n)) return;
  if (n.bits <= (network_is_ip4(&n) ? (unsigned)NETWORK_BITS_OF_IP4 : 0)) {
    harvest_leave(h, from, network, "everybody could relay");
    return;
  }
  if (!has_text(&n)) {
    harvest_leave(h, from, network, "tcpserver cannot tell this network: larger and smaller ones can stand in /etc/tcp.smtp, as qmail-rules says");
    return;
  }
  text_addb(&rule, text, network_fmt(text, &n));
  text_add(&rule, ":allow,RELAYCLIENT=\"\"");
  harvest_put(h, HARVEST_RULES, from, (struct field){ rule.s, rule.len });
  stralloc_free(&rule);
}

void import_sender(struct harvest *h, struct harvest_place from, struct field name, struct field address, struct field origin)
{
  stralloc whole = STRALLOC_ZERO;
  text_setb(&whole, address.s, address.len);
  if (!memchr(address.s, '@', address.len)) {
    text_addc(&whole, '@');
    text_addb(&whole, origin.s, origin.len);
  }
  harvest_map(h, HARVEST_GENERICFROM, from, name, (struct field){ whole.s, whole.len });
  stralloc_free(&whole);
}

/* 5d, 4h, 30m, 20s; a number alone means the unit of the parameter. */
void import_time(struct harvest *h, enum harvest_file to, struct harvest_place from, struct field f, unsigned long unit)
{
  static struct { char letter; unsigned long seconds; } const units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
  unsigned long n = 0;
  size_t i = 0;
  for (; i < f.len && i < 9 && f.s[i] >= '0' && f.s[i] <= '9'; i++) n = n * 10 + (unsigned long)(f.s[i] - '0');
  for (size_t u = 0; i < f.len && u < sizeof units / sizeof *units; u++)
    if (units[u].letter == f.s[i]) unit = units[u].seconds;
  char text[24];
  int len = snprintf(text, sizeof text, "%lu", n * unit);
  if (i && i + 1 >= f.len) harvest_put(h, to, from, (struct field){ text, (size_t)len });
  else harvest_leave(h, from, f, "it is no time");
}

/* ---- who may do what ---- */

/* A number from 100 on, or a word, turns him away. */
static bool is_refusal(struct field word)
{
  if (word.len == 3 && (*word.s == '4' || *word.s == '5')) return true;
  return (word.len >= 6 && strncasecmp(word.s, "REJECT", 6) == 0) || (word.len >= 6 && strncasecmp(word.s, "ERROR:", 6) == 0) ||
         (word.len == 5 && strncasecmp(word.s, "DEFER", 5) == 0) || (word.len == 7 && strncasecmp(word.s, "DISCARD", 7) == 0);
}

/* 192.168 and 192.168. are networks, and so is what network_read takes. False: it is none. */
static bool add_client(stralloc *to, struct field key)
{
  struct network n;
  char text[NETWORK_FMT];
  size_t dots = 0;
  if (network_read(&n, key.s, key.len)) return text_addb(to, text, network_fmt(text, &n)), true;
  while (key.len && key.s[key.len - 1] == '.') key.len--;
  for (size_t i = 0; i < key.len; i++)
    if (key.s[i] == '.') dots++;
    else if (key.s[i] < '0' || key.s[i] > '9') return false;
  if (!key.len || dots > 2) return false;
  text_addb(to, key.s, key.len);
  text_addc(to, '.');
  return true;
}

static void take_client(struct harvest *h, struct harvest_place from, struct field key, struct field word)
{
  stralloc rule = STRALLOC_ZERO;
  bool relays = word.len == 5 && strncasecmp(word.s, "RELAY", 5) == 0;
  bool loopback = key.len >= 3 && memcmp(key.s, "127", 3) == 0;
  if (relays && !add_client(&rule, key) && memchr(key.s, '.', key.len)) harvest_put(h, HARVEST_RCPTHOSTS, from, key);
  else if (relays && rule.len && !loopback) text_add(&rule, ":allow,RELAYCLIENT=\"\"");
  else if (!relays && is_refusal(word) && add_client(&rule, key)) text_add(&rule, ":deny");
  else {
    if (!relays) harvest_leave(h, from, key, "rules in /etc/tcp.smtp know addresses, and names behind = only: man qmail-rules");
    rule.len = 0;
  }
  harvest_put(h, HARVEST_RULES, from, (struct field){ rule.s, rule.len });
  stralloc_free(&rule);
}

void import_access(struct harvest *h, struct harvest_place from, enum import_whom whom, struct field key, struct field action)
{
  struct field rest = action, word = field_word(&rest);
  stralloc line = STRALLOC_ZERO;
  if (whom == IMPORT_CLIENT) {
    take_client(h, from, key, word);
    return;
  }
  if (!is_refusal(word)) {
    harvest_leave(h, from, key, "only refusals are carried over");
    return;
  }
  bool is_user = key.len && key.s[key.len - 1] == '@';
  if (!memchr(key.s, '@', key.len)) text_addc(&line, '@');
  text_addb(&line, key.s, key.len);
  if (is_user) text_addc(&line, '*');
  harvest_put(h, whom == IMPORT_SENDER ? HARVEST_BADMAILFROM : HARVEST_BADRCPTTO, from, (struct field){ line.s, line.len });
  stralloc_free(&line);
}
