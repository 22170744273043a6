/* bounce_files: what a list keeps of bounces, in DIR/bounce, and of its digests in DIR/digest/bounce.

     d/A/dB.P     the first bounce of somebody: his address, a NUL, Return-Path, the bounce; at the time A times 10000 and B, by process P
     d/A/wB.P     the same of a warning that came back
     h/x/hREST    the numbers of his posts that bounced, a line each; x and REST are a hash of the address
     lastd        when bounces were last looked through
     lasth        the letter x that was last cleaned, then

   Each call ends the program with 111 when it fails. Whoever changes something holds the lock. */

#ifndef MAILTREE_BOUNCE_FILES_H
#define MAILTREE_BOUNCE_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "fields.h"
#include "list.h"

enum { BOUNCE_PATH_MAX = 96, BOUNCE_GROUP = 10000, BOUNCE_NUMBERS_MAX = 1 << 16 };

enum bounce_file { BOUNCE_FIRST = 'd', BOUNCE_OF_WARNING = 'w' };

/* Where: "bounce", or "digest/bounce" of the table digest; and their lock. */
char const *bounce_place(bool digest);
int bounce_lock(bool digest);

/* The file of an address's numbers. Pure. */
void bounce_numbers_path(char path[BOUNCE_PATH_MAX], char const *place, struct field address);

/* One more number, durably; it is there once. */
void bounce_numbers_add(char const *place, struct field address, struct field number);

/* Whether he has numbers. */
bool bounce_numbers_there(char const *place, struct field address);

/* Keeps a bounce, durably: pieces one behind the other, up to one without s. */
void bounce_keep(char const *place, enum bounce_file kind, uint64_t now, struct field const *pieces);

#endif
