/* turn_ask: for who has a client that wants the roles turned (turn_wire.h).

     int control;
     switch (turn_ask(&turn, in, out, &control)) ...
     case TURN_GO: ...tell him, then hear and say nothing more... turn_wait(control);
*/

#ifndef MAILTREE_TURN_ASK_H
#define MAILTREE_TURN_ASK_H

#include "turn_wire.h"

/* in, out: where the client is heard and spoken to; they stay open here. After TURN_GO what *control is belongs to turn_wait. Who does
   not answer in time has said TURN_TROUBLE. */
enum turn_said turn_ask(struct turn const *t, int in, int out, int *control);

/* Until the client is done with, however long that takes. */
void turn_wait(int control);

#endif
