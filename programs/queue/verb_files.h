/* verb_files: the verbs of qmail-qctl on the files of a queue whose qmail-send does not run, and is kept from starting.

   The end of a message is left to qmail-send's next start: it finds nobody to do, and bounces, logs and removes. */

#ifndef MAILTREE_VERB_FILES_H
#define MAILTREE_VERB_FILES_H

#include "verb_wire.h"

/* Durable when it returns. With VERB_FAILED errno tells why. */
struct verb_answer verb_files_do(struct verb_request const *r);

#endif
