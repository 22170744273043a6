/* send_report: the child that tells a sender what became of his message, and the postmaster where he wants to know.

   It ends with one of these codes; texts that were sent are gone when it is REPORT_DONE. */

#ifndef MAILTREE_SEND_REPORT_H
#define MAILTREE_SEND_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "send_text.h"

enum report_end { REPORT_DONE = 0, REPORT_LATER = 1, REPORT_STAYS = 2 };

/* "bounce/N", "success/N": the texts that wait to be told. */
enum { REPORT_PATH_MAX = 48 };
void report_path(char path[REPORT_PATH_MAX], enum report_kind kind, uint64_t id);

/* Opens them; -1 with errno. */
int report_open(enum report_kind kind, uint64_t id, int how);

/* What a child does: all that waits; or that recipients of the message with this fingerprint still wait, until then. */
_Noreturn void report_child(uint64_t id);
_Noreturn void report_delay_child(uint64_t id, uint32_t fingerprint, bool sender_is_local);

#endif
