/* extensions: what EHLO announces. A new one is a row. */

#ifndef MAILTREE_SMTP_EXTENSIONS_H
#define MAILTREE_SMTP_EXTENSIONS_H

/* Of those whose words stand behind an address (parameters.h) the ones that this client is offered, as a sum. */
unsigned extensions_of_parameters(void);

/* The lines behind the greeting in the answer to EHLO; the last one ends it. */
void extensions_say(void);

#endif
