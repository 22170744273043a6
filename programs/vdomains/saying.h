/* saying: a sentence that a command of virtual domains says on standard output: a line for people, or, for programs that have
   asked for JSON, an object in a line:

     remove joe@example.net          {"would":"remove joe@example.net"} */

#ifndef MAILTREE_VDOMAINS_SAYING_H
#define MAILTREE_VDOMAINS_SAYING_H

#include <stdbool.h>

/* From now on all of it is JSON. */
void saying_in_json(void);
bool saying_is_json(void);

/* What the sentence is, which only programs see: "error", "would" for what a dry run does not do, "says". Ends the program without
   memory. */
void saying(char const *kind, char const *sentence);

/* The same of its two halves. */
void saying_both(char const *kind, char const *begin, char const *end);

#endif
