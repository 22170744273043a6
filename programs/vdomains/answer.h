/* answer: one question to qmail-usersd, one answer. */

#ifndef MAILTREE_VDOMAINS_ANSWER_H
#define MAILTREE_VDOMAINS_ANSWER_H

#include <stdbool.h>
#include <sys/types.h>

#include "users_wire.h"

/* Reads a question that is asked at this door, says what the caller may know, and wipes it. What is no such question gets no answer.
   True: he has heard it, and may stay for another one. */
bool answer_question(int fd, uid_t caller, enum users_verb door);

/* To who cannot be served now. */
void answer_trouble(int fd);

#endif
