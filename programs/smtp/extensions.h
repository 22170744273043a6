/* extensions: what EHLO announces. A new one is a row. */

#ifndef MAILTREE_SMTP_EXTENSIONS_H
#define MAILTREE_SMTP_EXTENSIONS_H

/* The lines behind the greeting in the answer to EHLO; the last one ends it. */
void extensions_say(void);

#endif
