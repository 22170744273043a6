/* condredirect: send the message to another address if a program says so.

   runs as   whose .qmail file it is
   reads     the message on descriptor 0, which it rewinds; SENDER and DTLINE
   changes   the queue
   exits     99 sent on, so that the rest of the .qmail file is skipped; 0 the program did not say so; 100, 111 trouble
*/

#include "line_program.h"
#include "mark.h"

MARK("condredirect");

int main(int argc, char const *const *argv)
{
  return line_condredirect(argc, argv);
}
