/* agent: the side of a delivery program that may stay for further deliveries (design: warm processes).

   A spawner that would like its child to stay says so in the environment:

     QMAILAGENT=version:device:inode:name

   name is an abstract Unix socket (SOCK_SEQPACKET) of the spawner; device and inode are those of the program it has
   just executed. A program that is not that file takes no part: so a wrapper that ends in our program is asked for
   each delivery, and nothing but the variable reaches it. Who connects is known by its pid. The first delivery is the
   one the process was started with: arguments, message on 0, output on 1 and 2. Then, on the socket:

     spawner to agent    arguments without the program's name, each with its NUL; message and output as SCM_RIGHTS
     agent to spawner    AGENT_ANSWER bytes: the wait status of the delivery, little-endian, for each delivery

   Each delivery is made by a child of the agent that ends with it, so that nothing of one is left for the next.
   Either side ends it by closing. */

#ifndef MAILTREE_AGENT_H
#define MAILTREE_AGENT_H

#include "delivery_wire.h"

#define AGENT_VARIABLE "QMAILAGENT"
#define AGENT_VERSION "1"

enum {
  AGENT_ANSWER = 4,                               /* bytes */
  AGENT_ARGS_MAX = WIRE_RECIPIENTS_MAX + 10,
  AGENT_REQUEST_MAX = WIRE_COMMAND_MAX + 16384,   /* bytes of arguments */
  AGENT_NAME_MAX = 100
};

/* What an agent holds on to between deliveries, if anything. All run in the agent, not in its children. */
struct agent_keeper {
  void (*begin)(void);       /* before the first child */
  void (*after)(void);       /* a child has ended */
  int (*watched)(void);      /* a descriptor that becomes readable when what is kept is lost, or -1 */
  void (*lost)(void);        /* it did */
  void (*end)(void);         /* the agent goes */
};

/* Returns at once when this process has only the delivery it was started with. Otherwise it returns in a child for
   each delivery, with arguments, descriptors 0, 1 and 2, environment and all else as if just started. */
void agent_serve(int *argc, char const *const **argv, struct agent_keeper const *keeper);

#endif
