/* remote_confine: what qmail-remote gives up (confine.h). */

#ifndef MAILTREE_REMOTE_CONFINE_H
#define MAILTREE_REMOTE_CONFINE_H

/* An agent that has met its spawner: for itself and all its deliveries, whose ports it does not know. */
void remote_confine_agent(void);

/* A delivery that has read the control files, and nothing that comes from outside: all the rest. */
void remote_confine_delivery(unsigned port);

#endif
