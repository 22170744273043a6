/* home: where the system is installed. The Makefile's PREFIX decides; everything else is relative to it. */

#ifndef MAILTREE_HOME_H
#define MAILTREE_HOME_H

#ifndef HOME
#define HOME "/var/qmail"
#endif

#endif
