/* subscribers_records: what stands in a file of subscribers, "Taddress" and a NUL each. Pure. */

#ifndef MAILTREE_SUBSCRIBERS_RECORDS_H
#define MAILTREE_SUBSCRIBERS_RECORDS_H

#include <stdbool.h>

#include "fields.h"

/* The next record with its T and its NUL, whatever stands in it; *rest moves behind it. False where no NUL is left. */
bool subscribers_record(struct field *record, struct field *rest);

/* The address in a record; false where it is none that somebody can have subscribed. */
bool subscribers_record_address(struct field *address, struct field record);

/* Whether that can be subscribed: it has an '@', is not too long, and holds no NUL or newline. */
bool subscribers_is_address(struct field address);

/* Whether both are the same, case aside. */
bool subscribers_same(struct field a, struct field b);

#endif
