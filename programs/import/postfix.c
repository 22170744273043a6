#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "main_cf.h"
#include "map_lines.h"
#include "postfix.h"
#include "source.h"
#include "systems.h"
#include "text.h"

#define MAIN_CF "/etc/postfix/main.cf"

static struct harvest *h;
static struct main_cf cf = MAIN_CF_ZERO;
static stralloc origin_text = STRALLOC_ZERO;
static struct field origin;     /* for addresses without a domain */

typedef struct field field;
typedef struct harvest_place place;

static field rest_from(field f, size_t n)
{
  return (field){ f.s + n, f.len - n };
}

/* ---- one line each ---- */

static void take_one(enum harvest_file to, place from, field f)
{
  field word = field_word(&f);
  harvest_put(h, to, from, word);
}

static void take_me(place from, field f) { take_one(HARVEST_ME, from, f); }
static void take_helo(place from, field f) { take_one(HARVEST_HELOHOST, from, f); }
static void take_source(place from, field f) { take_one(HARVEST_OUTGOINGIP, from, f); }
static void take_always_bcc(place from, field f) { take_one(HARVEST_QUEUEEXTRA, from, f); }

static void take_size(place from, field f)
{
  if (!field_is(f, "0")) take_one(HARVEST_DATABYTES, from, f);
}

static void take_lifetime(place from, field f) { import_time(h, HARVEST_QUEUELIFETIME, from, f, 86400); }

static void take_warning(place from, field f) { import_time(h, HARVEST_QUEUEWARNING, from, f, 3600); }

/* myorigin may be the name of a file. */
static void take_origin(place from, field f)
{
  static stralloc line = STRALLOC_ZERO;
  if (f.len && *f.s == '/') {
    stralloc path = STRALLOC_ZERO;
    text_setb(&path, f.s, f.len);
    f = source_line(&line, h, text_z(&path)) ? (field){ line.s, line.len } : (field){ 0 };
    stralloc_free(&path);
  }
  if (!f.len) return;
  text_setb(&origin_text, f.s, f.len);
  origin = (field){ origin_text.s, origin_text.len };
  size_t me = h->text[HARVEST_ME].len;
  if (me != f.len + 1 || strncasecmp(h->text[HARVEST_ME].s, f.s, f.len) != 0) harvest_put(h, HARVEST_DEFAULTHOST, from, f);
}

static void take_domain(place from, field f)
{
  struct main_cf_setting const *append = main_cf_find(&cf, "append_dot_mydomain", 19);
  if (append && append->value_len == 3) harvest_put(h, HARVEST_DEFAULTDOMAIN, from, f);
}

/* Addresses with - keep their meaning here, on which ~alias stands. */
static void take_delimiter(place from, field f)
{
  stralloc chars = STRALLOC_ZERO;
  text_set(&chars, "-");
  for (size_t i = 0; i < f.len; i++)
    if (!memchr(chars.s, f.s[i], chars.len)) text_addc(&chars, f.s[i]);
  if (chars.len > 1) harvest_put(h, HARVEST_BREAKCHARS, from, (field){ chars.s, chars.len });
  stralloc_free(&chars);
}

static void take_home_mailbox(place from, field f)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, "./");
  text_addb(&line, f.s, f.len);
  if (*f.s == '/') harvest_leave(h, from, f, "control/defaultdelivery names a place below the home directory");
  else harvest_put(h, HARVEST_DEFAULTDELIVERY, from, (field){ line.s, line.len });
  stralloc_free(&line);
}

static void take_relayhost(place from, field f) { import_route(h, from, (field){ "", 0 }, map_value_next(&f)); }

/* ---- lists of domains ---- */

static void put_local(place from, field domain)
{
  if (memchr(domain.s, '@', domain.len)) return;
  harvest_put(h, HARVEST_LOCALS, from, domain);
  harvest_put(h, HARVEST_RCPTHOSTS, from, domain);
}

/* There a name means all below it, too. */
static void put_relayed(place from, field domain)
{
  stralloc below = STRALLOC_ZERO;
  if (*domain.s != '.') {
    harvest_put(h, HARVEST_RCPTHOSTS, from, domain);
    text_addc(&below, '.');
  }
  text_addb(&below, domain.s, domain.len);
  harvest_put(h, HARVEST_RCPTHOSTS, from, (field){ below.s, below.len });
  stralloc_free(&below);
}

static void put_virtual_domain(place from, field domain) { import_virtual_domain(h, from, domain); }
static void put_network(place from, field network) { import_network(h, from, network); }

static void put_mailbox_domain(place from, field domain)
{
  harvest_leave(h, from, domain, "vadddomain makes a domain with mailboxes, vadduser each of them, man virtual-domains; the Maildirs are copied into the new homes");
}

static void put_known_domain(place from, field domain)
{
  harvest_map(h, HARVEST_PRIMARY, from, domain, field_of("list"));
}

static void take_destination(place from, field f) { postfix_list(h, from, f, put_local); }
static void take_relay_domains(place from, field f) { postfix_list(h, from, f, put_relayed); }
static void take_networks(place from, field f) { postfix_list(h, from, f, put_network); }
static void take_mailbox_domains(place from, field f) { postfix_list(h, from, f, put_mailbox_domain); }

/* By default a domain is one where a key of the maps says so: "example.org anything". */
static bool domains_are_in_maps(void)
{
  struct main_cf_setting const *s = main_cf_find(&cf, "virtual_alias_domains", 21);
  return !s || (s->value_len && memchr(cf.text.s + s->value, '$', s->value_len));
}

static void see_virtual_key(place from, field key, field value)
{
  (void)value;
  if (!memchr(key.s, '@', key.len) && memchr(key.s, '.', key.len)) import_virtual_domain(h, from, key);
}

static void take_virtual_domains(place from, field f)
{
  if (!domains_are_in_maps()) postfix_list(h, from, f, put_virtual_domain);
}

/* ---- maps ---- */

static void put_virtual(place from, field key, field value)
{
  bool is_domain = !memchr(key.s, '@', key.len) && memchr(key.s, '.', key.len);
  if (!is_domain || !domains_are_in_maps()) import_virtual_address(h, from, key, value, origin);
}

static void put_sender(place from, field key, field value) { import_sender(h, from, key, value, origin); }

static void put_moved(place from, field key, field value)
{
  field domain = import_domain_of(key);
  stralloc name = STRALLOC_ZERO;
  text_setb(&name, key.s, key.len);
  if (!domain.len) {
    text_addc(&name, '@');
    text_addb(&name, origin.s, origin.len);
  }
  if (*key.s == '@' || memchr(value.s, ' ', value.len)) harvest_leave(h, from, key, "control/moved has an address and where he is now");
  else harvest_map(h, HARVEST_MOVED, from, (field){ name.s, name.len }, value);
  stralloc_free(&name);
}

static void put_copy(place from, char const *word, field key, field value)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, word);
  text_addb(&line, key.s + (*key.s == '@'), key.len - (*key.s == '@'));
  text_addc(&line, ':');
  text_addb(&line, value.s, value.len);
  if (memchr(key.s, '@', key.len) && !memchr(value.s, ' ', value.len)) harvest_put(h, HARVEST_QUEUEEXTRA, from, (field){ line.s, line.len });
  else harvest_leave(h, from, key, "control/queueextra copies mail from or to an address or a domain, to one recipient a line");
  stralloc_free(&line);
}

static void put_copy_from(place from, field key, field value) { put_copy(from, "from:", key, value); }
static void put_copy_to(place from, field key, field value) { put_copy(from, "to:", key, value); }

static void put_known(place from, field key, field value)
{
  (void)value;
  harvest_put(h, HARVEST_VALIDRCPTTO, from, key);
}

static void put_mailbox(place from, field key, field value)
{
  (void)value;
  harvest_leave(h, from, key, "vadduser makes this mailbox");
}

/* smtp:[host]:port, relay:host, :[host]. */
static void put_transport(place from, field key, field value)
{
  char const *colon = memchr(value.s, ':', value.len);
  field kind = { value.s, colon ? (size_t)(colon - value.s) : value.len }, hop = rest_from(value, colon ? kind.len + 1 : value.len);
  bool goes_out = !kind.len || field_is(kind, "smtp") || field_is(kind, "relay");
  if (memchr(key.s, '@', key.len)) harvest_leave(h, from, key, "control/smtproutes has domains; for an address, control/virtualdomains and a .qmail file");
  else if (!goes_out) harvest_leave(h, from, key, "control/smtproutes knows SMTP only: a line in control/virtualdomains and a program in a .qmail file do it, man qmail-lmtp for LMTP");
  else if (kind.len || hop.len) import_route(h, from, field_is(key, "*") ? (field){ "", 0 } : key, hop);
}

static void take_virtual_maps(place from, field f)
{
  if (domains_are_in_maps()) postfix_maps(h, from, f, see_virtual_key);
  import_know_domains(h);
  postfix_maps(h, from, f, put_virtual);
}

static void take_senders(place from, field f) { postfix_maps(h, from, f, put_sender); }
static void take_moved(place from, field f) { postfix_maps(h, from, f, put_moved); }
static void take_copies_from(place from, field f) { postfix_maps(h, from, f, put_copy_from); }
static void take_copies_to(place from, field f) { postfix_maps(h, from, f, put_copy_to); }
static void take_transport(place from, field f) { postfix_maps(h, from, f, put_transport); }
static void take_mailboxes(place from, field f) { postfix_maps(h, from, f, put_mailbox); }

static void take_canonical(place from, field f)
{
  harvest_leave(h, from, f, "carried over for senders; recipients are never rewritten: /etc/aliases leads their old names on");
  take_senders(from, f);
}

static void take_known(place from, field f)
{
  struct main_cf_setting const *domains = main_cf_find(&cf, "relay_domains", 13);
  static stralloc value = STRALLOC_ZERO;
  postfix_maps(h, from, f, put_known);
  if (!domains || !h->text[HARVEST_VALIDRCPTTO].len) return;
  main_cf_value(&value, &cf, domains);
  postfix_list(h, from, (field){ value.s, value.len }, put_known_domain);
}

static void take_aliases(place from, field f)
{
  for (field word; (word = map_value_next(&f)).len;) {
    char const *path = postfix_path(word);
    if (path) import_aliases(h, from, path);
    else harvest_leave(h, from, word, "aliases are read from /etc/aliases alone");
  }
}

/* ---- restrictions ---- */

static struct { char const *name; enum import_whom whom; } const checks[] = {
  { "check_client_access", IMPORT_CLIENT }, { "check_sender_access", IMPORT_SENDER }, { "check_recipient_access", IMPORT_RECIPIENT }
};
static enum import_whom whom;

static void put_access(place from, field key, field value) { import_access(h, from, whom, key, value); }

static bool is_usual(field word)
{
  static char const *const usual[] = {
    "permit", "permit_mynetworks", "permit_sasl_authenticated", "reject_unauth_destination", "defer_unauth_destination", "reject_unauth_pipelining",
    "reject_unlisted_recipient", "reject_non_fqdn_sender", "reject_non_fqdn_recipient", "reject", "permit_auth_destination"
  };
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
    if (field_is(word, usual[i])) return true;
  return false;
}

static void take_restrictions(place from, field f)
{
  for (field word; (word = postfix_word(&f)).len;) {
    size_t i = 0;
    while (i < sizeof checks / sizeof *checks && !field_is(word, checks[i].name)) i++;
    if (i < sizeof checks / sizeof *checks) {
      whom = checks[i].whom;
      postfix_maps(h, from, postfix_word(&f), put_access);
    } else if (field_is(word, "reject_rbl_client")) {
      harvest_leave(h, from, postfix_word(&f), "control/dnslists has lines zone:codes:refuse, man qmail-smtpd");
    } else if (!is_usual(word)) {
      harvest_leave(h, from, word, "what qmail-smtpd checks is in man qmail-smtpd");
    }
  }
}

/* ---- the parameters that are carried over, in an order in which each finds what it needs ---- */

static struct { char const *name; void (*take)(place from, field value); } const parameters[] = {
  { "myhostname", take_me },
  { "mydomain", take_domain },
  { "myorigin", take_origin },
  { "mydestination", take_destination },
  { "relay_domains", take_relay_domains },
  { "virtual_alias_domains", take_virtual_domains },
  { "virtual_mailbox_domains", take_mailbox_domains },
  { "alias_maps", take_aliases },
  { "virtual_alias_maps", take_virtual_maps },
  { "virtual_maps", take_virtual_maps },
  { "virtual_mailbox_maps", take_mailboxes },
  { "sender_canonical_maps", take_senders },
  { "smtp_generic_maps", take_senders },
  { "canonical_maps", take_canonical },
  { "relocated_maps", take_moved },
  { "sender_bcc_maps", take_copies_from },
  { "recipient_bcc_maps", take_copies_to },
  { "always_bcc", take_always_bcc },
  { "relay_recipient_maps", take_known },
  { "transport_maps", take_transport },
  { "relayhost", take_relayhost },
  { "mynetworks", take_networks },
  { "message_size_limit", take_size },
  { "maximal_queue_lifetime", take_lifetime },
  { "delay_warning_time", take_warning },
  { "smtp_helo_name", take_helo },
  { "smtp_bind_address", take_source },
  { "recipient_delimiter", take_delimiter },
  { "home_mailbox", take_home_mailbox },
  { "smtpd_client_restrictions", take_restrictions },
  { "smtpd_helo_restrictions", take_restrictions },
  { "smtpd_sender_restrictions", take_restrictions },
  { "smtpd_recipient_restrictions", take_restrictions },
  { "smtpd_relay_restrictions", take_restrictions },
};

static bool is_carried(field name)
{
  for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
    if (field_is(name, parameters[i].name)) return true;
  return false;
}

static void take(char const *name, void (*how)(place, field))
{
  struct main_cf_setting const *one = main_cf_find(&cf, name, strlen(name));
  stralloc value = STRALLOC_ZERO;
  place from = { MAIN_CF, one ? one->line : 0 };
  if (!one) return;
  if (!main_cf_value(&value, &cf, one)) harvest_leave(h, from, field_of(name), "the names in its value cannot be made out");
  field f = { value.s, value.len };
  while (f.len && *f.s == ' ') f = rest_from(f, 1);
  while (f.len && f.s[f.len - 1] == ' ') f.len--;
  if (f.len) how(from, f);
  stralloc_free(&value);
}

static void leave_others(void)
{
  stralloc value = STRALLOC_ZERO, shown = STRALLOC_ZERO;
  for (size_t i = 0; i < main_cf_count(&cf); i++) {
    struct main_cf_setting const *one = main_cf_get(&cf, i);
    field name = main_cf_name(&cf, one);
    if (!one->line || is_carried(name) || main_cf_find(&cf, name.s, name.len) != one) continue;
    char const *instead = postfix_instead(name, (field){ cf.text.s + one->value, one->value_len });
    if (!instead) continue;
    main_cf_value(&value, &cf, one);
    text_setb(&shown, name.s, name.len);
    text_add(&shown, " = ");
    text_addx(&shown, &value);
    harvest_leave(h, (place){ MAIN_CF, one->line }, (field){ shown.s, shown.len }, instead);
  }
  stralloc_free(&value);
  stralloc_free(&shown);
}

/* ---- all ---- */

static void add_defaults(void)
{
  char name[256];
  stralloc line = STRALLOC_ZERO, domain = STRALLOC_ZERO;
  if (gethostname(name, sizeof name) == 0) name[sizeof name - 1] = 0;
  else *name = 0;
  bool told = *source_root && source_line(&line, h, "/etc/hostname");
  text_set(&domain, told ? line.s : name);
  char const *dot = strchr(text_z(&domain), '.');
  main_cf_default(&cf, "myhostname", dot ? domain.s : "");
  main_cf_default(&cf, "mydomain", dot ? dot + 1 : "localdomain");
  main_cf_default(&cf, "myorigin", "$myhostname");
  main_cf_default(&cf, "mydestination", "$myhostname, localhost.$mydomain, localhost");
  main_cf_default(&cf, "alias_maps", "hash:/etc/aliases");
  main_cf_default(&cf, "config_directory", "/etc/postfix");
  stralloc_free(&line);
  stralloc_free(&domain);
}

/* Without a word of main.cf it is what follows the first dot of the name. */
static void add_domain(void)
{
  struct main_cf_setting const *domain = main_cf_find(&cf, "mydomain", 8), *me = main_cf_find(&cf, "myhostname", 10);
  stralloc value = STRALLOC_ZERO;
  if (domain->line || !me->line || !main_cf_value(&value, &cf, me)) return;
  char const *dot = strchr(value.s, '.');
  if (dot) main_cf_default(&cf, "mydomain", dot + 1);
  stralloc_free(&value);
}

void import_postfix(struct harvest *to)
{
  stralloc text = STRALLOC_ZERO;
  h = to;
  add_defaults();
  if (!source_read(&text, h, (place){ MAIN_CF, 0 }, MAIN_CF)) return;
  main_cf_read(&cf, text.s, text.len);
  add_domain();
  for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) take(parameters[i].name, parameters[i].take);
  leave_others();
  postfix_services(h);
  stralloc_free(&text);
}
