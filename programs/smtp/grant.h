/* grant: what this session may still send by the word of qmail-limitd, who is asked when somebody connects whose address has a
   limit, when somebody who has logged in sends, and when what was granted is used up or old. While nobody answers nothing is
   limited. */

#ifndef MAILTREE_SMTP_GRANT_H
#define MAILTREE_SMTP_GRANT_H

#include <stddef.h>

#include <skalibs/stralloc.h>

struct refusal;

/* One has connected, or is now known to be another one: why he may not; null: he may. */
struct refusal const *grant_refusal_of_client(void);

/* Why no message from this sender is taken now, or none with one more recipient. */
struct refusal const *grant_refusal_of_message(stralloc const *sender);
struct refusal const *grant_refusal_of_recipient(void);

/* Somebody has logged in: what was granted was for somebody else. */
void grant_forget(void);

/* A message was taken. */
void grant_use(size_t recipients);

/* The session ends: tells what was used. */
void grant_end(void);

#endif
