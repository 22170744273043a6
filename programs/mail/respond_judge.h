/* respond_judge: whether a message is one that a robot may answer. Pure. RFC 3834 section 2, and what answers to whom in
   practice. */

#ifndef MAILTREE_RESPOND_JUDGE_H
#define MAILTREE_RESPOND_JUDGE_H

#include <stddef.h>

#include "fields.h"
#include "mail_header.h"

#define RESPOND_MARK "Autoresponder"        /* Delivered-To of our answers */

enum respond_verdict {
  RESPOND_ANSWER,
  RESPOND_SILENCE,          /* *why is set */
  RESPOND_LOOP              /* it is an answer of ours */
};

/* By the sender of the envelope alone; own is the address that would answer. */
enum respond_verdict respond_judge_sender(char const **why, struct field sender, struct field own);

/* By the header. */
enum respond_verdict respond_judge_header(char const **why, struct mail_header const *header);

#endif
