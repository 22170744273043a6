/* qmail-smtpd: take mail from the network by SMTP and hand it to qmail-queue.

   runs as   qmaild, started by tcpserver, one process for one connection
   reads     commands and messages on fd 0, what tcpserver says in the environment, files in control; to tell
             whether a recipient exists, what routes and delivers reads: users/cdb, accounts, names in homes
   asks      qmail-authd who may log in, qmail-limitd how much may be sent, name servers who is on lists
   changes   nothing itself; qmail-queue writes the queue. Replies go to fd 1, the log to fd 2
   exits     0 after QUIT, 1 when the connection ended in another way
*/

#include "mark.h"
#include "smtpd_serve.h"

MARK("qmail-smtpd");

int main(void)
{
  smtpd_serve();
}
