/* send_log: the log of qmail-send. Its lines are an interface: qmail-send(8). */

#ifndef MAILTREE_SEND_LOG_H
#define MAILTREE_SEND_LOG_H

#include <stddef.h>

/* One line, its newline added. A line longer than LOG_LINE_MAX is cut. It is written at once, or, after log_gather,
   with its neighbours by log_flush. */
void log_line(char const *format, ...) __attribute__((format(printf, 1, 2)));

/* Foreign bytes made harmless; good until the next call. */
char const *log_safe(char const *s, size_t len);

/* From now on lines are gathered. Whoever waits, forks or ends calls log_flush before. */
void log_gather(void);

void log_flush(void);

/* From now on the log is another descriptor, and each line is written at once. */
void log_to(int fd);

/* Says that memory is out and sleeps; whoever needs some then tries again: memory_gone of qmail-send. */
void wait_for_memory(void);

enum { LOG_LINE_MAX = 16384 };

#endif
