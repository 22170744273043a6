/* except: turn the answer of a program round: refuse the message if it says yes.

   runs as   whose .qmail file it is
   reads     nothing itself; the program has the message on descriptor 0
   changes   nothing
   exits     100 the program said yes, 0 it did not, 111 it could not say
*/

#include "line_program.h"
#include "mark.h"

MARK("except");

int main(int argc, char const *const *argv)
{
  return line_except(argc, argv);
}
