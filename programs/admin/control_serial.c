#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "control.h"
#include "control_check.h"
#include "serial_site.h"
#include "text.h"
#include "turn_places.h"

/* Where mail waits for hosts that are not always there: HOME/serialmail/HOST. */

enum { TOO_LONG = 1209600 };      /* seconds, after which maildirserial returns what was put off again and again */

static void add(struct findings *to, char const *name, char const *what, bool is_note)
{
  stralloc where = STRALLOC_ZERO;
  text_set(&where, SERIAL_SITES "/");
  text_add(&where, name);
  finding_add(to, &(struct finding){ .where = text_z(&where), .text = what, .is_note = is_note });
  stralloc_free(&where);
}

static bool is_file(int dir, char const *name)
{
  struct stat st;
  return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

/* A user of the place has written it: none of it is shown. */
static void check_relay(struct findings *to, struct serial_site const *site, char const *name)
{
  stralloc relay = STRALLOC_ZERO;
  unsigned port;
  if (!is_file(site->dir, "RELAYHOST")) {
    add(to, name, "it has no file RELAYHOST, so that nothing is sent", false);
    return;
  }
  int fd = openat(site->dir, "RELAYHOST", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1) return;
  if (!serial_site_relay(&relay, &port, fd, name) && errno == EINVAL)
    add(to, name, "RELAYHOST is no host, nor host:port, without options and TLS, so that nothing is sent", false);
  fd_close(fd);
  stralloc_free(&relay);
}

/* Only root sees what is in a Maildir. */
static void check_mail(struct findings *to, struct serial_site const *site, char const *name)
{
  struct serial_waiting w;
  if (geteuid() || !serial_site_look(&w, site, SIZE_MAX) || !w.messages) return;
  if (time(0) > w.oldest + TOO_LONG)
    add(to, name, "mail waits here for more than two weeks: its host was never there, and nobody is told", false);
}

static void check_secrecy(struct findings *to, char const *name)
{
  static struct nameset tlspolicy = NAMESET_ZERO;
  static struct control const lines[] = { { "tlspolicy", CONTROL_MAP, &tlspolicy, 0 }, { 0 } };
  char const *culprit;
  char const *why = control_load(lines, &culprit) ? serial_site_refusal(&tlspolicy, name) : 0;
  if (why) add(to, name, why, false);
}

static void check_site(struct findings *to, char const *name)
{
  struct serial_site site;
  char const *fault = serial_site_open(&site, name);
  if (fault) {
    add(to, name, fault, false);
    return;
  }
  check_relay(to, &site, name);
  check_secrecy(to, name);
  if (!is_file(site.dir, ".qmail-default")) add(to, name, "it has no .qmail-default, which puts mail into ./Maildir/", true);
  check_mail(to, &site, name);
  serial_site_close(&site);
}

void check_serial_sites(struct findings *to)
{
  stralloc names = STRALLOC_ZERO;
  if (serial_site_names(&names) == -1) finding_add(to, &(struct finding){ .where = SERIAL_SITES, .text = strerror(errno) });
  for (size_t i = 0; i < names.len; i += strlen(names.s + i) + 1) check_site(to, names.s + i);
  if (names.len && access("supervise/qmail-serial/down", F_OK) == 0)
    finding_add(to, &(struct finding){
      .where = SERIAL_SITES, .text = "mail may wait here, and the service that sends it is down: supervise/qmail-serial/down", .is_note = true });
  stralloc_free(&names);
}

/* ---- who calls for it ---- */

static void check_places(struct findings *to, struct control_line const *line, struct field words)
{
  struct turn_place p;
  stralloc place = STRALLOC_ZERO, what = STRALLOC_ZERO;
  while (turn_place_next(&words, &p) == 1) {
    text_set(&place, SERIAL_SITES "/");
    text_addb(&place, p.host.s, p.host.len);
    if (access(text_z(&place), F_OK) == 0) continue;
    text_set(&what, "there is no directory ");
    text_addx(&what, &place);
    text_add(&what, ", so that nobody can call for its mail");
    problem_line(to, "atrn", line, text_z(&what));
  }
  stralloc_free(&place);
  stralloc_free(&what);
}

void check_callers(struct findings *to, struct control_dir const *dir)
{
  struct control_line line;
  stralloc const *text = &control_state_of(dir, "atrn")->text;
  size_t lines = 0;
  for (size_t at = 0; control_next_entry(text, &at, &line); lines++) {
    char const *colon = memchr(line.s, ':', line.len);
    if (colon) check_places(to, &line, (struct field){ colon + 1, (size_t)(line.s + line.len - colon) - 1 });
  }
  if (lines && access("supervise/qmail-odmr/down", F_OK) == 0)
    finding_add(to, &(struct finding){
      .where = "supervise/qmail-odmr", .text = "somebody may call for his mail (control/atrn), and the service is down: supervise/qmail-odmr/down", .is_note = true });
}
