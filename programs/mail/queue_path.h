/* queue_path: names below HOME/queue. A message's number is a positive decimal; its file is mess/S/N
   with S = N mod QUEUE_SPLIT. */

#ifndef MAILTREE_QUEUE_PATH_H
#define MAILTREE_QUEUE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  QUEUE_SPLIT = 23,       /* directories below mess/ */
  QUEUE_PATH_MAX = 48     /* bytes that hold any of these paths and its NUL */
};

#define QUEUE_TRIGGER "lock/trigger"
#define QUEUE_BACKLOG "lock/backlog"
#define QUEUE_SENDMUTEX "lock/sendmutex"
#define QUEUE_TCPTO "lock/tcpto"
#define QUEUE_TLS_FAILED "lock/tlsfailed"
#define QUEUE_TLS_PROVEN "lock/tlsproven"
#define QUEUE_COPIES HOME "/queue/copies"
#define QUEUE_CONTROL "lock/control"
#define QUEUE_CONTROL_SOCKET QUEUE_CONTROL "/socket"

/* "5/457": the message as named between qmail-send and the spawners. */
void queue_path_id(char path[QUEUE_PATH_MAX], uint64_t id);

/* "mess/5/457" */
void queue_path_mess(char path[QUEUE_PATH_MAX], uint64_t id);

/* "bounce/457" */
void queue_path_bounce(char path[QUEUE_PATH_MAX], uint64_t id);

/* Reads a number that fills the len bytes: digits only, not 0, no sign, no leading zero, below 2^63. */
bool queue_id_scan(char const *s, size_t len, uint64_t *id);

#endif
