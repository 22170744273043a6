/* serial_return: give a message back to its sender. */

#ifndef MAILTREE_SERIAL_RETURN_H
#define MAILTREE_SERIAL_RETURN_H

#include <stdbool.h>

#include "fields.h"
#include "serial_message.h"

/* Control files; the working directory is HOME. Ends the program where they cannot be read. */
void serial_return_begin(void);

enum serial_returned {
  SERIAL_RETURNED,          /* *qp is set */
  SERIAL_DISCARDED,         /* it was a bounce of a bounce, or nobody wants the bounces that nobody else takes */
  SERIAL_NOT_RETURNED       /* in both cases *why is set */
};

/* Why it failed is told by the text, and that it is too old by the other. */
enum serial_returned serial_return(struct serial_message const *m, struct field text, bool is_late, unsigned long *qp,
                                   char const **why);

#endif
