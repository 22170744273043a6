/* relayed: whether an address is known where its mail goes on to, by control/primary and what that says (primary.h). */

#ifndef MAILTREE_SMTP_RELAYED_H
#define MAILTREE_SMTP_RELAYED_H

#include "fields.h"

enum relayed {
  RELAYED_TAKEN,        /* it is known, or its domain is not named, or nobody can tell */
  RELAYED_NOBODY,
  RELAYED_UNREADABLE    /* errno; a control file is, which is told */
};

/* Working directory HOME. The files are read at the first call, and then believed. Who once has not answered in time is not asked again. */
enum relayed relayed_said(struct field address);

#endif
