/* send_stop: the end of qmail-send. Running deliveries are waited for, but not for ever: another qmail-send is to come, and
   mail waits for it. After control/timeoutstop seconds the spawners are told to end what still runs, by force; that
   defers it. Who does not even end then is left alone. */

#ifndef MAILTREE_SEND_STOP_H
#define MAILTREE_SEND_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Does what is due. True when nothing more is waited for; only while stopping. */
bool stop_run(void);

/* When it is to be called again, at the latest. */
uint64_t stop_next(void);

#endif
