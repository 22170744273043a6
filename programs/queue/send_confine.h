/* send_confine: what qmail-send gives up as soon as it need not start qmail-queue by itself. */

#ifndef MAILTREE_QUEUE_SEND_CONFINE_H
#define MAILTREE_QUEUE_SEND_CONFINE_H

/* The service that takes bounces may come up after us, or never: that is looked at from time to time. */
void confine_when_possible(void);

#endif
