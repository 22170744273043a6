/* preline: run a program with the lines of a mailbox in front of the message.

   runs as   whose .qmail file it is
   reads     the message on descriptor 0; UFLINE, RPLINE and DTLINE
   changes   nothing itself
   exits     as the program does; 100 wrong use, 111 it cannot be run, it crashed, or trouble of this machine
*/

#include "line_program.h"
#include "mark.h"

MARK("preline");

int main(int argc, char const *const *argv)
{
  return line_preline(argc, argv);
}
