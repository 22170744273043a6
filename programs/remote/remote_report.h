/* remote_report: what qmail-remote says on descriptor 1: records, each a letter, a text and a NUL. One for each
   recipient that was answered, in the order of the arguments: r accepted, h refused, s put off. Then one for the
   message: K accepted, Z try again, D never. Behind that, where it is known, one that tells whether a server was reached:
   a it answered, u none could be reached or it went away; its text is empty. And n, when it was learnt how many
   recipients a transaction may have: the number. And p, without text, when the server that accepted the message was told
   what its sender wishes to be told. Or just one record, W: where mail for a host goes (remote_where.h). */

#ifndef MAILTREE_REMOTE_REPORT_H
#define MAILTREE_REMOTE_REPORT_H

#include <skalibs/stralloc.h>

/* Before all else: nothing has been said yet. */
void report_begin(void);

enum report_contact { REPORT_REACHED = 'a', REPORT_UNREACHED = 'u' };
enum { REPORT_MOST = 'n', REPORT_PASSED_ON = 'p' };

/* Whether a server was reached. Of several, one is enough. */
void report_contact(enum report_contact contact);

/* The server takes no more recipients in one transaction. */
void report_most(size_t most);

/* The message is accepted by a server that takes care of its sender's wishes (RFC 3461). */
void report_passed_on(void);

/* A recipient's record; texts end in a newline. */
void report_recipient(char letter, char const *text, size_t len);

/* The message's record, then the end of the delivery (agent.h), always with exit code 0. */
_Noreturn void report_message(char letter, char const *text, size_t len);
_Noreturn void report_text(char letter, char const *text);

/* "ZOut of memory" in place of whatever was to be reported of the message; qmail-remote's memory_gone (memory.h). */
_Noreturn void report_nomem(void);

#endif
