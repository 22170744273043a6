/* progress: who works long tells it to who looks at a terminal. */

#ifndef MAILTREE_LISTS_PROGRESS_H
#define MAILTREE_LISTS_PROGRESS_H

#include <stdint.h>

/* At message N, of so many; 0: nobody knows. Not oftener than a few times a second. */
void progress(uint64_t number, uint64_t of);

/* The line ends, if there is one. */
void progress_end(void);

#endif
