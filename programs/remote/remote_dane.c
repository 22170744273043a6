#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dane.h"
#include "remote_dane.h"
#include "remote_report.h"
#include "tls_wire.h"

enum { PLACE_MAX = DNS_NAME_MAX + sizeof "_65535._tcp.", NAMES_MAX = 4 };

static struct dane known;
static bool is_known;
static uint32_t host;           /* of whom */
static struct dane_records records;

void dane_forget(void)
{
  is_known = false;
}

/* ---- records ---- */

static enum dns_result look(char const *name, unsigned port)
{
  static char place[PLACE_MAX], base[DNS_NAME_MAX + 1];
  snprintf(place, sizeof place, "_%u._tcp.%s", port, name);
  snprintf(base, sizeof base, "%s", name);
  known.place = place;
  known.base = base;
  return strlen(place) <= DNS_NAME_MAX ? dns_tlsa(&records, place) : DNS_NO_DATA;
}

static char const *canonical_of(struct dns_addresses const *found, struct dns_address const *a)
{
  return a->host < genalloc_len(char *, &found->canonicals) ? genalloc_s(char *, &found->canonicals)[a->host] : 0;
}

/* An alias: of whom it is one, or if there are none, as it is called (RFC 7672 2.2.2). */
static enum dane_wish ask(struct dns_addresses const *found, struct dns_address const *a, char const *server, unsigned port)
{
  char const *canonical = canonical_of(found, a);
  enum dns_result r = canonical ? look(canonical, port) : DNS_NO_DATA;
  if (r == DNS_NO_DATA) r = look(server, port);
  if (r == DNS_NOMEM) report_nomem();
  if (r == DNS_NO_DATA) return DANE_SILENT;
  if (r != DNS_OK) return DANE_UNKNOWN;
  return records.len ? DANE_PROVEN : DANE_ENCRYPTED;
}

/* ---- names ---- */

/* One that is there already says nothing new; one that is too long is nobody's. */
static void add_name(struct field *names, char *to, char const *name)
{
  size_t len = name ? strlen(name) : 0;
  if (len && name[len - 1] == '.') len--;
  if (!len || len > TLS_NAME_MAX) return;
  struct field rest = *names;
  for (char const *other; tls_name_next(&rest, &other);)
    if (strlen(other) == len && !strncasecmp(other, name, len)) return;
  memcpy(to + names->len, name, len);
  to[names->len + len] = 0;
  names->len += len + 1;
}

/* For who signed it (usage 2); the server's own one may have any (RFC 7672 3.2.2). */
static struct field names_for(struct dns_addresses const *found, struct dns_address const *a, char const *server, char const *domain)
{
  static char text[NAMES_MAX * (TLS_NAME_MAX + 1)];
  struct field names = { text, 0 };
  add_name(&names, text, known.base);
  add_name(&names, text, server);
  add_name(&names, text, canonical_of(found, a));
  add_name(&names, text, domain);
  return names;
}

struct dane const *dane_of(struct dns_addresses const *found, struct dns_address const *a, char const *server, char const *domain,
                           unsigned port)
{
  if (is_known && host == a->host && a->proven) return &known;
  known = (struct dane){ .wish = DANE_SILENT };
  is_known = a->proven && *server;
  host = a->host;
  if (!is_known) return &known;
  known.wish = ask(found, a, server, port);
  known.names = names_for(found, a, server, domain);
  known.tlsa = (struct field){ records.packed, known.wish == DANE_PROVEN ? records.len : 0 };
  return &known;
}
