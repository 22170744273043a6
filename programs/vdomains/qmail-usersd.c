/* qmail-usersd: the one who knows the users of virtual domains: who is there and has room, and whose password is right.

   runs as   vpopmail, started by its service; never root. Or, started by qmail-ownersd with a word, as the account that owns
             virtual domains: then for these alone, until nobody has come for a while (owner_work.h)
   reads     questions on HOME/run/users/socket and HOME/run/users/password (users_wire.h), from whom SO_PEERCRED names;
             HOME/users/cdb, HOME/control/usersbackend, the directories of virtual domains; HOME/control/concurrencylogins, domainquotas,
             rehashlogins, roaming and usersaskers once
   changes   HOME/run/users; ledgers of mailboxes that it counts, lastauth in the home of who has logged in; where that is
             wanted, his password is stored in a better form, and etc/open-smtp says from where he came
   logs      each refused login, without the password; each change that a command has made
   exits     0 after TERM, when what was asked is answered; 111 when the machine fails it

   The first process only keeps its workers in number and never reads a foreign byte. A worker answers one
   question at a time; who is of us and asks again and again stays connected with it. To verify a password takes some
   50 milliseconds of a processor and 16 MB, by design: so there is a socket of its own for that, with few workers, and who asks at
   the other one never waits for it.

   Who the users are that a server keeps is asked of a helper, qmail-store-NAME, which alone is linked with a library for it. It
   is one of our processes: it comes and goes with the service, comes again when it dies, and is there only where
   control/usersbackend names its server.
*/

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "answer.h"
#include "answer_password.h"
#include "answer_who.h"
#include "asker.h"
#include "confine.h"
#include "control.h"
#include "crowd.h"
#include "die.h"
#include "domain_room.h"
#include "helpers.h"
#include "new_hash.h"
#include "owned.h"
#include "owner_work.h"
#include "roaming.h"
#include "served.h"
#include "service.h"
#include "site.h"
#include "tokens.h"
#include "users_wire.h"
#include "workers.h"

#define SOCKET_LOCK USERS_PLACE "/lock"

enum {
  WHO_WORKERS = 8,              /* half of which one domain can keep busy */
  LOGIN_WORKERS_MAX = 64,
  WAITING_MAX = 256             /* connections that no worker has taken yet; beyond, who connects waits for a place */
};

/* ---- control ---- */

static unsigned long logins, rehash, roaming, whole_domains;
static size_t helpers;
static stralloc servers = STRALLOC_ZERO;

static struct control const controls[] = {
  /* file                 kind            goes to   when absent */
  { "concurrencylogins",  CONTROL_NUMBER, &logins,  "4" },
  { "domainquotas",       CONTROL_NUMBER, &whole_domains, "0" },
  { "rehashlogins",       CONTROL_NUMBER, &rehash,  "0" },
  { "roaming",            CONTROL_NUMBER, &roaming, "0" },
  { "usersaskers",        CONTROL_LINE,   &servers, "dovecot" },
  { 0 }
};

/* ---- what is given up ---- */

/* Domains may lie anywhere, and come while we run: modes say what we may read. What is to be written is below the home of
   our account, or where domains of ours lie now. */
static void give_up_the_rest(void)
{
  enum { ALL = CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE, FIXED = 3 };
  struct confine_path paths[FIXED + OWNED_PLACES_MAX + 1] = { { "/", CONFINE_READ }, { site_find()->home, ALL }, { USERS_PLACE, ALL } };
  stralloc places = STRALLOC_ZERO;
  size_t count = FIXED;
  if (!owned_places(&places, geteuid(), site_find()->home))
    strerr_warnwusys("find where domains lie, so logins are noted in ", site_find()->home, " alone");
  for (size_t at = 0; at < places.len; at += strlen(places.s + at) + 1) paths[count++] = (struct confine_path){ places.s + at, ALL };
  confine_or_warn(&(struct confinement){ .paths = paths, .ports = CONFINE_NO_PORTS, .calls = helpers_calls() });
  stralloc_free(&places);
}

/* ---- the workers ---- */

/* Anybody may connect: who he is decides what he is told. */
static struct service const doors[USERS_DOORS] = {
  [USERS_WHO] = { .path = USERS_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX },
  [USERS_PASSWORD] = { .path = USERS_PASSWORD_SOCKET, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX }
};
static int listeners[USERS_DOORS], only_one;
static struct workers workers;
static struct crowd_mark *marks;

static enum users_verb verb_of(size_t mine)
{
  return mine < WHO_WORKERS ? USERS_WHO : USERS_PASSWORD;
}

/* A helper needs what no worker does: where there is one, each gives it up for himself. */
static int begin(size_t mine)
{
  if (mine >= WHO_WORKERS + logins) helper_run(mine - (WHO_WORKERS + logins));
  if (helpers) give_up_the_rest();
  enum users_verb verb = verb_of(mine);
  if (verb == USERS_WHO) crowd_join(marks, WHO_WORKERS, mine);
  else crowd_join(marks + WHO_WORKERS, logins, mine - WHO_WORKERS);
  close(only_one);
  close(listeners[verb == USERS_WHO ? USERS_PASSWORD : USERS_WHO]);
  return listeners[verb];
}

/* The seats of each socket are shared out among those who come to it. */
static bool take_seat(size_t mine, uid_t caller)
{
  bool is_login = verb_of(mine) == USERS_PASSWORD;
  size_t first = is_login ? WHO_WORKERS : 0;
  return seat_take(workers.seats + first, is_login ? logins : WHO_WORKERS, mine - first, caller, asker_is_of_us(caller));
}

static bool serve(int fd, size_t mine)
{
  uid_t caller;
  if (!service_peer(fd, &caller)) return false;
  if (!take_seat(mine, caller)) {
    answer_trouble(fd);
    return false;
  }
  bool const stays = answer_question(fd, caller, verb_of(mine));
  seat_leave(workers.seats + mine);
  return stays;
}

/* ---- the beginning ---- */

static void read_controls(void)
{
  enter_home();
  control_load_or_die(controls);
  if (logins < 1) logins = 1;
  if (logins > LOGIN_WORKERS_MAX) logins = LOGIN_WORKERS_MAX;
  answer_password_rehashes(rehash != 0);
  new_hash_form();
  roaming_set(roaming);
  answer_who_counts_domains(whole_domains != 0);
  helpers = helpers_read();
}

static void know_what_is_needed(void)
{
  umask(033);
  workers_own_signals();
  read_controls();
  asker_know_accounts(&servers);
  site_find();
}

static void serve_all(void)
{
  only_one = service_be_alone(SOCKET_LOCK);
  service_open(listeners, doors, USERS_DOORS, 0);
  size_t const count = WHO_WORKERS + logins + helpers;
  workers = (struct workers){
    .seats = workers_seats(count), .count = count, .begin = begin, .serve_on = serve, .idle = served_forget
  };
  marks = crowd_marks(WHO_WORKERS + logins);
  if (!marks || !domain_room_share()) die_nomem();
  if (!tokens_share()) strerr_diefusys(111, "make room for tokens");
  if (!helpers) give_up_the_rest();
  workers_serve(&workers, WHO_WORKERS + logins, listeners, doors, USERS_DOORS);
}

/* Only qmail-ownersd starts it so. */
static enum users_verb verb_named(char const *word)
{
  if (strcmp(word, "password") == 0) return USERS_PASSWORD;
  if (strcmp(word, "who") != 0) strerr_dieusage(100, PROG);
  return USERS_WHO;
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-usersd";
  if (argc > 2) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: vpopmail is the user");
  if (argc == 2) {
    enum users_verb verb = verb_named(argv[1]);
    know_what_is_needed();
    owner_work(verb);
    return 0;
  }
  know_what_is_needed();
  serve_all();
  return 0;
}
