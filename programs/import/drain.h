/* drain: what waits in another mail system's queue becomes ours, message by message. Each leaves the old queue only when ours has it
   on disk; who is stopped between the two delivers that one twice, and loses none. */

#ifndef MAILTREE_IMPORT_DRAIN_H
#define MAILTREE_IMPORT_DRAIN_H

#include <stdbool.h>
#include <stddef.h>

struct drain_count { size_t taken, left; };

/* Whether there is anything to take from a system of that name. */
bool drain_knows(char const *system);

/* Stops the system, or ends the program with 111, then hands on what it has. What could not be taken is told on descriptor 2; false: there
   was trouble with a directory. */
bool drain(char const *system, struct drain_count *count);

/* Starts the system again. */
bool drain_back(char const *system);

#endif
