#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "confine.h"
#include "home.h"
#include "queue_client.h"
#include "send.h"
#include "send_confine.h"
#include "send_log.h"

enum { LOOK_AGAIN = 10 };       /* seconds */

/* Control files may be links to anywhere: modes say what may be read. */
static struct confine_path const paths[] = {
  { "/",           CONFINE_READ },
  { HOME "/queue", CONFINE_WRITE | CONFINE_CHANGE },
  { HOME "/run/send", CONFINE_CHANGE },
  { "/dev/null",   CONFINE_WRITE },
  { 0 }
};

/* The queue service is all that is called. */
static struct confinement const confinement = { .paths = paths, .ports = CONFINE_NO_PORTS, .calls = CONFINE_HERE };

void confine_when_possible(void)
{
  static bool done = false;
  static uint64_t next = 0;
  if (done || now < next) return;
  next = now + LOOK_AGAIN;
  if (!queue_client_starts_nothing()) return;
  done = true;
  char const *lacking = confine(&confinement);
  if (lacking) log_line("warning: unable to confine itself by %s: %s", lacking, strerror(errno));
}
