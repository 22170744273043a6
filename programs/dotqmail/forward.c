/* forward: send the message on to other addresses.

   runs as   whose .qmail file it is
   reads     the message on descriptor 0, to its end; NEWSENDER and DTLINE
   changes   the queue
   exits     0 queued, 100 or 111 as the queue says
*/

#include "line_program.h"
#include "mark.h"

MARK("forward");

int main(int argc, char const *const *argv)
{
  return line_forward(argc, argv);
}
