/* resolv_conf: the name servers of this host, from /etc/resolv.conf as resolv.conf(5) has it. */

#ifndef MAILTREE_RESOLV_CONF_H
#define MAILTREE_RESOLV_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include <skalibs/ip46.h>

#define RESOLV_CONF "/etc/resolv.conf"

enum {
  NAME_SERVERS_MAX = 8,
  RESOLV_CONF_MAX = 65536    /* bytes that are read */
};

enum resolv_line {
  OTHER_LINE,
  NAME_SERVER,
  NO_NAME_SERVER            /* names one that cannot be asked */
};

/* What a line says, without its end. A link-local server (fe80::1, with an interface behind it or not) cannot be asked:
   the library that asks knows no interfaces. 0.0.0.0 and :: mean this host. */
enum resolv_line resolv_line(ip46 *server, char const *line, size_t len);

/* The servers of a whole file that can be asked, at most NAME_SERVERS_MAX; their number. */
size_t resolv_servers(ip46 servers[NAME_SERVERS_MAX], char const *s, size_t len);

/* The one that DNSCACHEIP names; else the same of /etc/resolv.conf; of this host where nothing can be read. */
size_t resolv_conf_servers(ip46 servers[NAME_SERVERS_MAX]);

/* Whether all of them are on this machine: what they say comes over no network. */
bool resolv_servers_are_here(ip46 const *servers, size_t count);

#endif
