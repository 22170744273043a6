/* people: the accounts of ordinary people in a text like /etc/passwd (passwd(5)). */

#ifndef MAILTREE_PEOPLE_H
#define MAILTREE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

/* By Debian's policy (9.2.2). */
enum { PEOPLE_FROM = 1000, PEOPLE_TO = 59999 };

/* Whether one of these whole lines is the account of a person with that name. The box may be in any case; an account
   whose own name has capitals gets no mail, and is none. */
bool people_have(char const *lines, size_t len, char const *box);

/* The same of a file, of any size; a line of more than 16 KiB is passed over. False when the file cannot be read. */
bool people_in_file(char const *path, char const *box);

#endif
