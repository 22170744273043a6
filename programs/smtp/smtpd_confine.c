#include <stdbool.h>
#include <stddef.h>

#include <skalibs/stralloc.h>

#include "client.h"
#include "confine.h"
#include "control.h"
#include "home.h"
#include "nsswitch.h"
#include "queue_client.h"
#include "smtpd_confine.h"

enum { DNS_PORT = 53 };

/* What may be read modes say. Programs are those of this system, for qmail-getpw, and only without their setuid bits. Whoever
   needs more adds a row: here, or to the ports, or a word to the calls. */
static struct confine_path const paths[] = {
  { "/",             CONFINE_READ },
  { "/dev/null",     CONFINE_WRITE },
  { HOME "/bin",     CONFINE_RUN },
  { CONFINE_LOADER,  CONFINE_RUN },
  { 0 }
};
static uint16_t const ports[] = { DNS_PORT, 0 };
enum { CALLS = CONFINE_PROGRAMS | CONFINE_INTERNET | CONFINE_HERE };

/* The name service that qmail-getpw asks may be on another host. */
static bool accounts_are_here(void)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  if (control_slurp_path(&text, "/etc/nsswitch.conf") == -1) return false;
  struct nsswitch_list const list = nsswitch_list("passwd", text.s, text.len);
  return !nsswitch_asks_afar(&list);
}

void smtpd_confine(void)
{
  if (client_may_say_xclient() || !queue_client_starts_nothing()) return;
  confine(&(struct confinement){ .paths = paths, .ports = accounts_are_here() ? ports : 0, .calls = CALLS });
}
