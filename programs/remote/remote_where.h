/* remote_where: the name of where mail for a domain goes, the same for domains whose mail goes to the very same servers.

   It is the exchangers in the order they are tried, as text: ',' between those of equal preference, '>' before those
   of a worse one. An exchanger is named by its name, which belongs to whoever runs it. A name within the domain says
   nothing of that (every customer of a provider may have a mail.customer.example): there the addresses stand. */

#ifndef MAILTREE_REMOTE_WHERE_H
#define MAILTREE_REMOTE_WHERE_H

#include <stddef.h>

#include "delivery_wire.h"
#include "dns.h"
#include "smtp_route.h"

/* Both return the length; 0 for one that would be longer than WIRE_DESTINATION_MAX. */
size_t where_exchangers(char name[WIRE_DESTINATION_MAX], struct dns_addresses const *found, char const *domain);
size_t where_relay(char name[WIRE_DESTINATION_MAX], struct smtp_route const *relay);

#endif
