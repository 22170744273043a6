/* bouncesaying: refuse the message with a text, always or if a program says so.

   runs as   whose .qmail file it is
   reads     nothing itself; the program has the message on descriptor 0
   changes   nothing
   exits     100 refused, 0 the program did not say so, 111 it could not say
*/

#include "line_program.h"
#include "mark.h"

MARK("bouncesaying");

int main(int argc, char const *const *argv)
{
  return line_bouncesaying(argc, argv);
}
