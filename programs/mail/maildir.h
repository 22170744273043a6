/* maildir: put a message into a Maildir so that neither a crash nor a power cut loses or tears it. */

#ifndef MAILTREE_MAILDIR_H
#define MAILTREE_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum maildir_result { MAILDIR_OK, MAILDIR_NO_DIRECTORY /* chdir failed for good */, MAILDIR_CANNOT_READ, MAILDIR_TROUBLE };

/* Delivers into directory dir, named from the working directory or absolute: head (head_len bytes), then all of the
   message on descriptor message_fd from its first byte. The file appears in new/ whole, named
   TIME.MmicrosPpidQn.HOST,S=SIZE, mode 0600 less umask, and is on disk together with its name when MAILDIR_OK is
   returned (one fsync, patience_us microseconds after the link, so that the acceptance of the next message may share
   its commit). On any other result nothing is visible; errno tells why. */
enum maildir_result maildir_deliver(char const *dir, char const *head, size_t head_len, int message_fd,
                                    uint32_t patience_us);

#endif
