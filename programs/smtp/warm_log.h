/* warm_log: lines in the log, each by one write, so that those of many processes do not mix. */

#ifndef MAILTREE_SMTP_WARM_LOG_H
#define MAILTREE_SMTP_WARM_LOG_H

/* "tcpserver: " and what the format makes of the rest, cut at some 500 bytes, and a newline, to standard error. */
void warm_log(char const *format, ...) __attribute__((format(printf, 1, 2)));

#endif
