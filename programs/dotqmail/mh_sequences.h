/* mh_sequences: which messages of an MH folder belong to a sequence, as .mh_sequences says: "unseen: 1-3 5". Pure. */

#ifndef MAILTREE_DOTQMAIL_MH_SEQUENCES_H
#define MAILTREE_DOTQMAIL_MH_SEQUENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is no range does not count. */
bool mh_sequence_has(char const *s, size_t len, char const *name, uint64_t number);

#endif
