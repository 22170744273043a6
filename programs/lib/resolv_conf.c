#include <stdlib.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "literal.h"
#include "resolv_conf.h"

static char const keyword[] = "nameserver";

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static bool is_all_zero(ip46 const *ip)
{
  static ip46 const zero = IP46_ZERO;
  return !memcmp(ip->ip, zero.ip, ip->is6 ? 16 : 4);
}

static bool is_link_local(ip46 const *ip)
{
  return ip->is6 && ip->ip[0] == (char)0xfe && (ip->ip[1] & (char)0xc0) == (char)0x80;
}

static bool is_loopback(ip46 const *ip)
{
  static char const six[16] = { [15] = 1 };
  return ip->is6 ? !memcmp(ip->ip, six, sizeof six) : ip->ip[0] == 127;
}

static void set_this_host(ip46 *server)
{
  static char const loopback[4] = { 127, 0, 0, 1 };
  ip46_from_ip4(server, loopback);
}

enum resolv_line resolv_line(ip46 *server, char const *line, size_t len)
{
  size_t at = sizeof keyword - 1;
  if (len < at || memcmp(line, keyword, at) != 0 || (at < len && !is_blank(line[at]))) return OTHER_LINE;
  while (at < len && is_blank(line[at])) at++;
  size_t end = at;
  while (end < len && !is_blank(line[end]) && line[end] != '#' && line[end] != ';') end++;
  if (!literal_number(server, line + at, end - at) || is_link_local(server)) return NO_NAME_SERVER;
  if (is_all_zero(server)) set_this_host(server);
  return NAME_SERVER;
}

size_t resolv_servers(ip46 servers[NAME_SERVERS_MAX], char const *s, size_t len)
{
  size_t count = 0;
  for (size_t at = 0, end; at < len && count < NAME_SERVERS_MAX; at = end + 1) {
    char const *newline = memchr(s + at, '\n', len - at);
    end = newline ? (size_t)(newline - s) : len;
    count += resolv_line(servers + count, s + at, end - at) == NAME_SERVER;
  }
  return count;
}

/* The one that the environment names, as programs that stand on djbdns have it. */
static bool chosen_server(ip46 *server)
{
  char const *chosen = getenv("DNSCACHEIP");
  return chosen && literal_number(server, chosen, strlen(chosen));
}

size_t resolv_conf_servers(ip46 servers[NAME_SERVERS_MAX])
{
  static char text[RESOLV_CONF_MAX];
  if (chosen_server(servers)) return 1;
  ssize_t len = openreadnclose(RESOLV_CONF, text, sizeof text);
  size_t count = len > 0 ? resolv_servers(servers, text, (size_t)len) : 0;
  if (count) return count;
  set_this_host(servers);
  return 1;
}

bool resolv_servers_are_here(ip46 const *servers, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (!is_loopback(servers + i)) return false;
  return count > 0;
}
