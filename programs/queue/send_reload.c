#include <fcntl.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "home.h"
#include "send.h"
#include "send_destination.h"
#include "send_jobs.h"
#include "send_log.h"
#include "send_reload.h"

/* An open directory can always be entered again, but for a machine in ruins. */
static void come_back(int queue)
{
  while (fchdir(queue) == -1) {
    log_line("alert: unable to switch back to queue directory; HELP! sleeping...");
    log_flush();
    sleep(10);
  }
  fd_close(queue);
}

bool controls_reload(void)
{
  char const *culprit;
  int queue = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (queue == -1 || chdir(HOME) == -1) {
    log_line("alert: unable to reread controls: unable to switch to home directory");
    if (queue != -1) fd_close(queue);
    return false;
  }
  bool read = settings_load(&culprit);
  if (!read) log_line("alert: unable to reread %s", culprit);
  destinations_limit_anew();
  destinations_wake_all();
  jobs_wake();
  come_back(queue);
  return read;
}
