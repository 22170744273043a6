/* Names of where mail goes: the same for the same servers, whatever order they come in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "remote_where.h"

struct exchanger { uint32_t preference; char const *host, *ip; };

/* Hosts in the order given, an address each; one host's addresses follow each other. */
static struct { char const *domain; struct exchanger found[5]; char const *name; } const cases[] = {
  { "x.example",  { { 0, "", "192.0.2.1" } },                                                     "192.0.2.1" },
  { "x.example",  { { 0, "x.example", "192.0.2.1" } },                                            "192.0.2.1" },
  { "X.Example.", { { 0, "mail.x.eXample", "192.0.2.2" }, { 0, "mail.x.example", "192.0.2.1" } }, "192.0.2.1,192.0.2.2" },
  { "x.example",  { { 0, "x.example", "2001:db8::1" } },                                          "2001:db8::1" },
  { "x.example",  { { 0, "notx.example", "192.0.2.1" } },                                         "notx.example" },
  { "",           { { 0, "mx.example", "192.0.2.1" } },                                           "mx.example" },
  { "x.example",  { { 10, "MX.p.example", "192.0.2.1" }, { 10, "MX.p.example", "192.0.2.2" } },   "mx.p.example" },
  { "x.example",  { { 10, "b.p.example", "192.0.2.1" }, { 10, "a.p.example", "192.0.2.2" } },     "a.p.example,b.p.example" },
  { "x.example",  { { 10, "a.p.example", "192.0.2.2" }, { 10, "b.p.example", "192.0.2.1" } },     "a.p.example,b.p.example" },
  { "x.example",  { { 1, "b.p.example", "192.0.2.2" }, { 2, "a.p.example", "192.0.2.1" } },       "b.p.example>a.p.example" },
  { "x.example",  { { 5, "b.p.example", "192.0.2.2" }, { 9, "b.p.example", "192.0.2.1" } },       "b.p.example>b.p.example" },
  { "x.example",  { { 1, "b.p.example", "192.0.2.2" }, { 9, "x.example", "192.0.2.1" } },         "b.p.example>192.0.2.1" },
};

static void add(struct dns_addresses *to, struct exchanger const *e)
{
  struct dns_address a = { .preference = e->preference };
  a.ip.is6 = strchr(e->ip, ':') != 0;
  assert_int_equal(inet_pton(a.ip.is6 ? AF_INET6 : AF_INET, e->ip, a.ip.ip), 1);
  if (*e->host) {
    char *host = strdup(e->host);
    a.host = (uint32_t)genalloc_len(char *, &to->names);
    assert_true(genalloc_append(char *, &to->names, &host));
  }
  assert_true(genalloc_append(struct dns_address, &to->list, &a));
}

static void names(void **state)
{
  char name[WIRE_DESTINATION_MAX];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct dns_addresses found = DNS_ADDRESSES_ZERO;
    for (struct exchanger const *e = cases[i].found; e < cases[i].found + 5 && e->ip; e++) add(&found, e);
    size_t len = where_exchangers(name, &found, cases[i].domain);
    if (len != strlen(cases[i].name) || memcmp(name, cases[i].name, len)) fail_msg("case %zu: %.*s", i, (int)len, name);
    dns_addresses_free(&found);
  }
}

static void what_is_too_long_has_no_name(void **state)
{
  struct dns_addresses found = DNS_ADDRESSES_ZERO;
  char name[WIRE_DESTINATION_MAX], host[256];
  size_t whole = 0;
  (void)state;
  for (int i = 0; i < 9; i++) {
    int len = snprintf(host, sizeof host, "%d%0*d.example", i, 90, 0);
    whole += (size_t)len + (i > 0);
    add(&found, &(struct exchanger){ 0, host, "192.0.2.1" });
    assert_int_equal(where_exchangers(name, &found, "x.example"), whole <= WIRE_DESTINATION_MAX ? whole : 0);
  }
  snprintf(host, sizeof host, "%0*d", WIRE_DESTINATION_MAX - (int)whole - 1, 0);
  assert_true(strlen(host) > 1);
  add(&found, &(struct exchanger){ 0, host, "192.0.2.1" });
  assert_int_equal(where_exchangers(name, &found, "x.example"), WIRE_DESTINATION_MAX);
  add(&found, &(struct exchanger){ 9, "y", "192.0.2.1" });
  assert_int_equal(where_exchangers(name, &found, "x.example"), 0);
  dns_addresses_free(&found);
}

static struct { char const *relay, *name; } const relays[] = {
  { "Relay.Example", "relay.example:25" }, { "relay.example:25", "relay.example:25" }, { "[2001:db8::1]:26", "[2001:db8::1]:26" },
  { "relay:x", "relay:0" }
};

static void relays_have_names(void **state)
{
  char name[WIRE_DESTINATION_MAX];
  struct smtp_route relay;
  (void)state;
  for (size_t i = 0; i < sizeof relays / sizeof *relays; i++) {
    smtp_route_parse(&relay, relays[i].relay, strlen(relays[i].relay));
    size_t len = where_relay(name, &relay);
    assert_int_equal(len, strlen(relays[i].name));
    assert_memory_equal(name, relays[i].name, len);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(names), cmocka_unit_test(what_is_too_long_has_no_name), cmocka_unit_test(relays_have_names)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
