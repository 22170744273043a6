/* at_home: rules for addresses, for who works in another directory than HOME. */

#ifndef MAILTREE_AT_HOME_H
#define MAILTREE_AT_HOME_H

#include "rewrite_rules.h"

/* Reads them, and stays where it is. Ends the program when it cannot. */
void at_home(struct rewrite_rules *rules);

#endif
