/* message_glance: what of a message is shown on a screen. Pure. */

#ifndef MAILTREE_DOTQMAIL_MESSAGE_GLANCE_H
#define MAILTREE_DOTQMAIL_MESSAGE_GLANCE_H

#include "fields.h"

struct glance {
  struct field sender, recipient;       /* of Return-Path, without its brackets, and Delivered-To */
  struct field from, subject, body;
};

/* The message, or its beginning. Fields that are not there are empty; of several the first counts. */
void glance_take(struct glance *to, struct field message);

#endif
