/* primary_hosts: who is asked about a domain. Working directory HOME. */

#ifndef MAILTREE_PRIMARY_HOSTS_H
#define MAILTREE_PRIMARY_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <skalibs/ip46.h>
#include <skalibs/stralloc.h>

enum { HOSTS_MAX = 4, HOSTS_DNS_SECONDS = 4 };

struct primary_host { ip46 ip; uint16_t port; };

/* As whom, from control files. */
struct primary_self { stralloc helo, sender; };
extern struct primary_self primary_self;

enum hosts_found {
  HOSTS_FOUND,
  HOSTS_NONE,           /* the domain is not named, has only a list, or its mail comes here and goes nowhere from here */
  HOSTS_UNTOLD          /* a name server does not answer, or a control file cannot be read, which is told */
};

/* The host that control/primary names; else the relay of control/smtproutes; else those of the domain's MX that are better than this
   one. Never this host itself. At most HOSTS_MAX, in the order in which they are to be tried. Reads the control files anew. */
enum hosts_found hosts_of(struct primary_host to[HOSTS_MAX], size_t *count, char const *domain);

#endif
