/* filters_max: how many filters there may be, for who runs them and for who looks whether control/filters is right. */

#ifndef MAILTREE_FILTERS_MAX_H
#define MAILTREE_FILTERS_MAX_H

enum { FILTERS_MAX = 16 };

#endif
