/* Lines of /etc/resolv.conf, the odd ones first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "resolv_conf.h"

static struct { char const *line; enum resolv_line what; char const *server; } const cases[] = {
  { "nameserver fe80::1%eth0",           NO_NAME_SERVER, 0 },
  { "nameserver fe80::1",                NO_NAME_SERVER, 0 },
  { "nameserver febf::1",                NO_NAME_SERVER, 0 },
  { "nameserver 2001:db8::1%eth0",       NO_NAME_SERVER, 0 },
  { "nameserver 127.0.0.1#53",           NAME_SERVER,    "127.0.0.1" },
  { "nameserver 127.0.0.1 # this host",  NAME_SERVER,    "127.0.0.1" },
  { "nameserver\t127.0.0.1\r",           NAME_SERVER,    "127.0.0.1" },
  { "nameserver   192.0.2.1  192.0.2.2", NAME_SERVER,    "192.0.2.1" },
  { "nameserver 192.0.2.1",              NAME_SERVER,    "192.0.2.1" },
  { "nameserver 2001:db8::1",            NAME_SERVER,    "2001:db8::1" },
  { "nameserver fec0::1",                NAME_SERVER,    "fec0::1" },
  { "nameserver 0.0.0.0",                NAME_SERVER,    "127.0.0.1" },
  { "nameserver ::",                     NAME_SERVER,    "127.0.0.1" },
  { "nameserver",                        NO_NAME_SERVER, 0 },
  { "nameserver ",                       NO_NAME_SERVER, 0 },
  { "nameserver # none",                 NO_NAME_SERVER, 0 },
  { "nameserver ns.example.net",         NO_NAME_SERVER, 0 },
  { "nameserver 192.0.2.256",            NO_NAME_SERVER, 0 },
  { "nameserver [192.0.2.1]:53",         NO_NAME_SERVER, 0 },
  { "nameservers 192.0.2.1",             OTHER_LINE,     0 },
  { " nameserver 192.0.2.1",             OTHER_LINE,     0 },
  { "Nameserver 192.0.2.1",              OTHER_LINE,     0 },
  { "#nameserver 192.0.2.1",             OTHER_LINE,     0 },
  { "search example.net",                OTHER_LINE,     0 },
  { "names",                             OTHER_LINE,     0 },
  { "",                                  OTHER_LINE,     0 },
};

static void lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[IP46_FMT + 1];
    ip46 ip;
    /* In a block of its own size, so that a byte read behind it is an error for the sanitizer. */
    size_t len = strlen(cases[i].line);
    char *exact = malloc(len + !len);
    memcpy(exact, cases[i].line, len);
    enum resolv_line r = resolv_line(&ip, exact, len);
    if (r != cases[i].what) fail_msg("%s: %d", cases[i].line, (int)r);
    if (r == NAME_SERVER) text[ip46_fmt(text, &ip)] = 0;
    if (r == NAME_SERVER && strcmp(text, cases[i].server) != 0) fail_msg("%s: %s", cases[i].line, text);
    free(exact);
  }
}

static size_t count(char const *text)
{
  ip46 servers[NAME_SERVERS_MAX];
  return resolv_servers(servers, text, strlen(text));
}

static void files(void **state)
{
  (void)state;
  char many[20 * (NAME_SERVERS_MAX + 1)] = "";
  assert_int_equal(count(""), 0);
  assert_int_equal(count("\n\n"), 0);
  assert_int_equal(count("nameserver 192.0.2.1"), 1);
  assert_int_equal(count("nameserver fe80::1%eth0\nsearch x\nnameserver 192.0.2.1\n"), 1);
  for (int i = 0; i < NAME_SERVERS_MAX - 1; i++) strcat(many, "nameserver 1.2.3.4\n");
  assert_int_equal(count(many), NAME_SERVERS_MAX - 1);
  strcat(many, "nameserver 1.2.3.4\n");
  assert_int_equal(count(many), NAME_SERVERS_MAX);
  strcat(many, "nameserver 1.2.3.4\n");
  assert_int_equal(count(many), NAME_SERVERS_MAX);
}

static struct { char const *text; bool here; } const places[] = {
  { "nameserver 127.0.0.1\n",                            true },
  { "nameserver 127.0.0.53\nnameserver ::1\n",           true },
  { "nameserver 0.0.0.0\n",                              true },
  { "nameserver 127.0.0.1\nnameserver 192.0.2.1\n",      false },
  { "nameserver 192.0.2.1\noptions trust-ad\n",          false },
  { "nameserver 2001:db8::1\n",                          false },
  { "nameserver ::127.0.0.1\n",                          false },
  { "nameserver 128.0.0.1\n",                            false },
  { "",                                                  false },
};

static void where_they_are(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    ip46 servers[NAME_SERVERS_MAX];
    size_t found = resolv_servers(servers, places[i].text, strlen(places[i].text));
    if (resolv_servers_are_here(servers, found) != places[i].here) fail_msg("%s", places[i].text);
  }
}

static void the_environment_may_name_one(void **state)
{
  ip46 servers[NAME_SERVERS_MAX];
  char text[IP46_FMT];
  (void)state;
  setenv("DNSCACHEIP", "192.0.2.53", 1);
  assert_int_equal(resolv_conf_servers(servers), 1);
  text[ip46_fmt(text, servers)] = 0;
  assert_string_equal(text, "192.0.2.53");
  size_t of_file = (setenv("DNSCACHEIP", "name.example", 1), resolv_conf_servers(servers));
  unsetenv("DNSCACHEIP");
  assert_int_equal(resolv_conf_servers(servers), of_file);
}

int main(void)
{
  struct CMUnitTest const tests[] = { cmocka_unit_test(lines), cmocka_unit_test(files), cmocka_unit_test(where_they_are),
                                     cmocka_unit_test(the_environment_may_name_one) };
  return cmocka_run_group_tests(tests, 0, 0);
}
