/* agent: the side of a delivery program that may stay for further deliveries (README.md here).

   A spawner that would like its child to stay says so in the environment:

     QMAILAGENT=version:device:inode:descriptor

   descriptor is one end of a pair of sockets (SOCK_SEQPACKET), whose other end the spawner alone has: nobody can take
   its place. device and inode are those of the program it has just executed. A program that is not that file takes no
   part: so a wrapper that ends in our program is asked for each delivery. A program that is none of ours (mark.h) is
   offered nothing. The first delivery is the one the process was started with: arguments, message on 0, output on 1
   and 2. On the socket:

     agent to spawner    when it begins: a byte, AGENT_HERE
     spawner to agent    AGENT_HEAD bytes: commit delay in microseconds, little-endian, and a letter, AGENT_LIGHT when
                         it is to be told of a light delivery; arguments without the program's name, each with its
                         NUL; message and output as SCM_RIGHTS, or, to an agent that has kept them, nothing: then the
                         new message lies in the same file
     agent to spawner    when it knows that the delivery is light, if that was asked for, and of the first one in any
                         case: a byte, AGENT_LIGHT
     agent to spawner    AGENT_ANSWER bytes for each delivery: its wait status, little-endian, and a letter, 'k' when
                         the agent has kept the message and the output it was sent and nobody else ever had them,
                         else '-': then it has let go of both

   An agent that ends while it has a delivery gives its answer by that: its exit code counts, as of a program that never
   stayed, but for 0. Either side ends it by closing. */

#ifndef MAILTREE_AGENT_H
#define MAILTREE_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "delivery_wire.h"

#define AGENT_VARIABLE "QMAILAGENT"
#define AGENT_VERSION "6"

enum {
  AGENT_HERE = 'a',
  AGENT_LIGHT = 'l',
  AGENT_ANSWER = 4 + 1,                           /* bytes */
  AGENT_ARGS_MAX = WIRE_RECIPIENTS_MAX + 10,
  AGENT_REQUEST_MAX = WIRE_COMMAND_MAX + 16384,   /* bytes of arguments */
  AGENT_HEAD = 4 + 1                              /* bytes */
};

struct agent_work {
  /* One delivery. It returns, or calls agent_deliver_next, when it is over, and leaves nothing behind but what the next
     one is glad to find. */
  void (*deliver)(int argc, char const *const *argv);

  /* What an agent holds on to between deliveries, if anything; each may be null. */
  void (*after)(void);       /* a delivery is over */
  int (*watched)(void);      /* a descriptor that becomes readable when something happens to what is kept, or -1 */
  void (*lost)(void);        /* it did: what is kept may be lost */
  void (*end)(void);         /* the agent goes */
};

/* Has the delivery done that this process was started with, and, if it is to stay, those that follow, each with
   arguments, descriptors 0, 1 and 2 of its own. Returns when there are no more for this process. */
void agent_run(int argc, char const *const *argv, struct agent_work const *work);

/* From within deliver: ends it from wherever it is, with exit code 0 where no other follows. */
_Noreturn void agent_deliver_next(void);

/* Whether this process is an agent. */
bool agent_stays(void);

/* How many microseconds this delivery may wait before it has its work committed to disk (commit_delay.h). Who asks first
   has it all; from then on it is 0, so that a delivery into several Maildirs waits once. */
uint32_t agent_take_commit_delay_us(void);

/* From within deliver, when it has turned out that it does nothing but fill Maildirs: whoever counts programs need not count
   it. */
void agent_is_light(void);

/* From within deliver, when the delivery wants a process of its own: makes a child for it, in a process group of its own.
   False in the child, which goes on, for this delivery only, and where there is no agent. True in the agent when the child
   has ended: deliver returns at once. A SIGTERM to the agent meanwhile is meant for that group, a second one kills it. */
bool agent_leave_to_child(void);

#endif
