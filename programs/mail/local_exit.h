/* local_exit: exit codes by which qmail-getpw and the not yet transformed qmail-local tell their callers what was wrong,
   and qmail-local what there is to be told:
   qmail-lspawn, where a table holds what each means to the sender, and who asks beforehand (whose.h). qmail-getpw(8). */

#ifndef MAILTREE_LOCAL_EXIT_H
#define MAILTREE_LOCAL_EXIT_H

enum local_exit {
  /* Done, where the command had extras (envelope_extra.h) and the sender wishes to be told of success: */
  LOCAL_EXIT_PASSED_ON = 21,        /* to one other address, which answers for that */
  LOCAL_EXIT_EXPANDED = 22,         /* to several */
  LOCAL_EXIT_INTERNAL = 112,
  LOCAL_EXIT_ROOT = 113,
  LOCAL_EXIT_HOMES_AWAY = 115,      /* a home directory cannot be looked at just now */
  LOCAL_EXIT_NO_ALIAS = 116,
  LOCAL_EXIT_USERS_CDB = 117,
  LOCAL_EXIT_SYSTEM = 118,
  LOCAL_EXIT_NOMEM = 119,
  LOCAL_EXIT_NO_LOCAL_NOW = 120,    /* qmail-local cannot be executed */
  LOCAL_EXIT_NO_GETPW = 121,        /* qmail-getpw cannot be executed */
  LOCAL_EXIT_NO_LOCAL = 126,
  LOCAL_EXIT_NOT_BEGUN = 127        /* of the C library, or the loader, that had no memory or the like for a program */
};

#endif
