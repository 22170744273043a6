/* systems: one function for each mail system whose configuration is read, and what they share. */

#ifndef MAILTREE_IMPORT_SYSTEMS_H
#define MAILTREE_IMPORT_SYSTEMS_H

#include "harvest.h"

void import_exim(struct harvest *h);
void import_postfix(struct harvest *h);
void import_sendmail(struct harvest *h);
void import_smail(struct harvest *h);

/* ---- recipients with another address ---- */

/* Mail for the domain is that of users/virtual. */
void import_virtual_domain(struct harvest *h, struct harvest_place from, struct field domain);

/* Mail for the whole domain goes to the same names at another one. */
void import_domain_elsewhere(struct harvest *h, struct harvest_place from, struct field domain, struct field other);

/* An address of a domain that is known by now has these: user@virtual, @virtual, user@local, user, or whatever else, which is left.
   An address without a domain gets that of origin. */
void import_virtual_address(struct harvest *h, struct harvest_place from, struct field key, struct field targets, struct field origin);

/* The end of it: domains that were named are looked up from here on. */
void import_know_domains(struct harvest *h);
bool import_is_local(struct field domain);

/* ---- the world ---- */

/* Where a domain's mail goes: [host]:port, host:port, or nothing for what DNS says. Of a whole domain "", ".domain" or "domain". */
void import_route(struct harvest *h, struct harvest_place from, struct field domain, struct field hop);

/* A network that may relay. */
void import_network(struct harvest *h, struct harvest_place from, struct field network);

/* How a sender is called outside. */
void import_sender(struct harvest *h, struct harvest_place from, struct field name, struct field address, struct field origin);

/* So many seconds, minutes, hours, days or weeks, by the letter behind the number; without one of that unit. */
void import_time(struct harvest *h, enum harvest_file to, struct harvest_place from, struct field f, unsigned long unit);

enum import_whom { IMPORT_CLIENT, IMPORT_SENDER, IMPORT_RECIPIENT };

/* What an access table says of him. */
void import_access(struct harvest *h, struct harvest_place from, enum import_whom whom, struct field key, struct field action);

/* The domain behind an address's last @; empty when there is none. */
struct field import_domain_of(struct field address);

/* ---- aliases ---- */

/* Takes the file as /etc/aliases, or, where there is one already, adds its lines. */
void import_aliases(struct harvest *h, struct harvest_place from, char const *path);

/* The same of its text. Pure. */
void import_alias_text(struct harvest *h, char const *path, struct field text);

/* Adds a line. */
void import_alias(struct harvest *h, struct field name, struct field targets);

#endif
