/* autorespond: a robot or a vacation notice in a line of a .qmail file.

   runs as   whose .qmail file it is; for a user of a virtual domain the owner of the domain
   reads     the message on descriptor 0; the text of the answer; who has been answered
   changes   a directory with a file for each answer, of which there are 2000 at most
   exits     0 answered, or nothing to answer, 100 the message has been answered before: a loop, 111 trouble, try again
*/

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "respond.h"

#define USAGE "autorespond seconds number textfile directory [ 0 | 1 [ + | $ | sender ] ]"

enum { LATER = 111 };

static struct respond_task wanted = { .arsender = "$", .quotes = true };

/* ---- what is asked ---- */

static void read_number(uint64_t *to, char const *s)
{
  if (!uint640_scan(s, to)) strerr_dieusage(LATER, USAGE);
}

static void read_arguments(int argc, char const *const *argv)
{
  if (argc < 5 || argc > 7) strerr_dieusage(LATER, USAGE);
  read_number(&wanted.seconds, argv[1]);
  read_number(&wanted.number, argv[2]);
  wanted.text = argv[3];
  wanted.directory = argv[4];
  if (argc > 5) wanted.quotes = strcmp(argv[5], "0") != 0;
  if (argc > 6) wanted.arsender = argv[6];
}

int main(int argc, char const *const *argv)
{
  PROG = "autorespond";
  read_arguments(argc, argv);
  wanted.own = respond_own_address();
  return respond(&wanted);
}
