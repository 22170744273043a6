/* qmail-qstat: count the messages in the queue.

   runs as   root or a member of group qmail, by hand or by a monitor
   reads     the names in HOME/queue/mess, and of each file whether it is spare
   prints    the family's two lines; the second is always 0: a message is preprocessed at its birth
   exits     0, 100 wrong use, 111 the queue cannot be read
*/

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "die.h"
#include "queue_path.h"
#include "queue_spare.h"

static unsigned long count(unsigned split)
{
  char path[QUEUE_PATH_MAX];
  uint64_t id;
  unsigned long n = 0;
  snprintf(path, sizeof path, "mess/%u", split);
  DIR *dir = opendir(path);
  if (!dir) strerr_diefusys(111, "open ", "queue/", path);
  errno = 0;
  for (struct dirent const *d; (d = readdir(dir)); errno = 0)
    n += queue_id_scan(d->d_name, strlen(d->d_name), &id) && !queue_spare_is(id);
  if (errno) strerr_diefusys(111, "read ", "queue/", path);
  closedir(dir);
  return n;
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-qstat";
  unsigned long n = 0;
  (void)argv;
  if (argc > 1) strerr_dieusage(100, PROG);
  enter_home();
  if (chdir("queue") == -1) strerr_diefusys(111, "chdir to ", "queue");
  for (unsigned split = 0; split < QUEUE_SPLIT; split++) n += count(split);
  printf("messages in queue: %lu\nmessages in queue but not yet preprocessed: 0\n", n);
  return fflush(stdout) ? 111 : 0;
}
