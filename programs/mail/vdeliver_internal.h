/* vdeliver_internal: what the files of vdeliver share. Functions that are false have decided. */

#ifndef MAILTREE_VDELIVER_INTERNAL_H
#define MAILTREE_VDELIVER_INTERNAL_H

#include "vdeliver.h"

/* Decides: the code, and the texts in a row up to a null. Always false. */
bool vdeliver_end(struct vdeliver *v, enum vdeliver_code code, ...) __attribute__((sentinel));

/* The same; the text is in v->text already. */
bool vdeliver_decide(struct vdeliver *v, enum vdeliver_code code);

/* Of a file that somebody wrote. */
bool vdeliver_slip(struct vdeliver *v, char const *file, size_t line, char const *fault);

bool vdeliver_no_memory(struct vdeliver *v);

/* "Unable to WHAT NAME: reason. (#4.3.0)" */
bool vdeliver_trouble(struct vdeliver *v, char const *what, char const *name);

/* to becomes the texts in a row up to a null, with an uncounted NUL. 1, or 0 without memory. */
int vdeliver_join(stralloc *to, ...) __attribute__((sentinel));

/* What the domain says about its mail, or the site: appends the beginning of the file of that name in the domain's
   directory, else in the directory domains below the home of vpopmail, without the newlines at its end. 0 when there is
   none that can be read and says something, or without memory. */
int vdeliver_text(struct vdeliver const *v, stralloc *to, char const *name, size_t max);

/* The same, opened; -1 when there is none. */
int vdeliver_text_open(struct vdeliver const *v, char const *name);

/* A file of that name in that directory, "/etc/", of the home of vpopmail; -1 with errno, ENOENT when there is none. */
int vdeliver_open_of_site(struct vdeliver const *v, char const *directory, char const *name);

/* What control/spamfilter and control/maildrop say, and the flags of the user, whose instructions are read, and of his domain. */
void vdeliver_hooks_find(struct vdeliver *v);

/* Makes what the filter says of the message descriptor 0, where there is one and all goes well. Decides when it is spam that is to be
   deleted. In any case vdeliver_unfilter makes descriptor 0 again what it was. */
bool vdeliver_filter(struct vdeliver *v);
void vdeliver_unfilter(struct vdeliver *v);

/* The rules of the domain, for vmailbox_find; with is the struct vdeliver. */
bool vdeliver_rules(struct vrules *rules, void *with);

/* Into the Maildir of that path, or his own; with the quota that goes with it. A user's own is made when it is not there. */
bool vdeliver_maildir(struct vdeliver *v, char const *path);

/* Makes the home that is not there, and tells the record when that knew none. */
bool vdeliver_home(struct vdeliver *v);

#endif
