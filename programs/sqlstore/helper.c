#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "bytes.h"
#include "die.h"
#include "frames.h"
#include "helper.h"
#include "monotonic.h"
#include "passwd.h"
#include "peer.h"
#include "service.h"
#include "store_wire.h"
#include "users_wire.h"
#include "workers.h"

enum {
  WORKERS = 4,                /* and connections to the server */
  WAITING_MAX = 128,          /* clients that no worker has taken yet; beyond, who connects waits for a place */
  QUESTION_MS = 2000,         /* for a whole question: who asks had all of it before he came */
  CHANGES_MS = 10000,         /* for what is to be done, each */
  ANSWER_MS = 10000,          /* for what is sent at once */
  OUT_MAX = 1 << 16,
  FIND_SECONDS = 20,          /* whatever a library does: after these a worker ends, and another takes its place */
  LONG_SECONDS = 180          /* of lists and changes */
};

/* ---- the client ---- */

static long unpack(void *frame, char const *s, size_t len)
{
  return store_frame_unpack(frame, s, len);
}

static char space[2 * STORE_FRAME_MAX];
static struct {
  int fd;
  uid_t uid;
  struct frames in;
  stralloc out;
  bool is_told;               /* how it ended */
} client = { .in = { .unpack = unpack, .bytes = space, .size = sizeof space } };

static bool take(struct store_frame *f, int ms)
{
  return frames_next(&client.in, f, client.fd, monotonic_ms() + ms);
}

static bool flush(void)
{
  bool done = service_send(client.fd, client.out.s, client.out.len, monotonic_ms() + ANSWER_MS);
  client.out.len = 0;
  return done;
}

static bool say(struct store_frame const *f)
{
  static char frame[STORE_FRAME_MAX];
  size_t const len = store_frame_pack(frame, f);
  if (!len || !bytes_addb(&client.out, frame, len)) return false;
  return client.out.len < OUT_MAX || flush();
}

static void end(enum store_result r, uint32_t number)
{
  struct store_frame f = { .word = STORE_SAYS_DONE + (r - STORE_DONE), .number = number };
  if (r == STORE_TROUBLE) f.number = (uint32_t)errno;
  client.is_told = say(&f) && flush();
}

/* ---- for those who know users ---- */

bool helper_change(struct store_frame *f)
{
  return take(f, CHANGES_MS) && f->word >= STORE_SAYS_ADD && f->word <= STORE_SAYS_REMOVE;
}

bool helper_is_alone(void)
{
  char c;
  return recv(client.fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static struct peer_domain asked = PEER_DOMAIN_ZERO;

struct field helper_place(void)
{
  return (struct field){ asked.home.s, asked.home.len };
}

bool helper_is_of_another(void)
{
  return asked.is_anothers;
}

/* ---- questions ---- */

static struct helper const *helper;

static bool say_record(void *nothing, struct vpasswd const *record)
{
  struct store_frame f = { .word = STORE_SAYS_RECORD };
  (void)nothing;
  f.edit.record = *record;
  return say(&f);
}

static void find(struct field domain, struct field name, uint32_t age)
{
  struct vpasswd record;
  enum store_result r = helper->find(&record, domain, name, age);
  if ((r == STORE_DONE || r == STORE_LATELY) && !say_record(0, &record)) return;
  end(r, 0);
}

static void list(struct field domain, uint32_t age)
{
  end(helper->list(domain, say_record, 0, age), 0);
}

/* Who changes users here has not asked what kind of store it is. */
static void edit(struct field domain, uint32_t count)
{
  uint32_t culprit = 0;
  enum store_result r = STORE_TROUBLE;
  errno = EROFS;
  if (!helper->edit || helper->edit(domain, count, &r, &culprit)) end(r, culprit);
}

static void answer(struct store_frame const *question)
{
  static stralloc name = STRALLOC_ZERO;
  enum peer_result may = peer_may(client.uid, &asked, question->domain);
  struct field const domain = { asked.real.s, asked.real.len };
  errno = may == PEER_MAY_NOT ? EREMOTEIO : errno;
  if (may != PEER_MAY || !bytes_setb(&name, question->edit.record.name.s, question->edit.record.name.len)) {
    end(STORE_TROUBLE, 0);
    return;
  }
  case_lowerb(name.s, name.len);
  alarm(question->word == STORE_SAYS_FIND ? FIND_SECONDS : LONG_SECONDS);
  switch (question->word) {
    case STORE_SAYS_FIND: find(domain, (struct field){ name.s, name.len }, question->number); break;
    case STORE_SAYS_LIST: list(domain, question->number); break;
    case STORE_SAYS_EDIT: edit(domain, question->number); break;
    default: break;
  }
  alarm(0);
}

/* ---- the workers ---- */

static struct service door = { .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX };
static int listener, only_one;
static struct workers workers;

/* The one behind those who are asked is asked nothing. */
static int begin(size_t mine)
{
  close(only_one);
  if (mine == WORKERS) helper->keep();
  if (helper->begin) helper->begin(mine);
  return listener;
}

/* Who is not of us has his place for one question. */
static bool may_stay(struct store_frame const *question)
{
  return client.is_told && question->stays && question->word == STORE_SAYS_FIND && client.in.at == client.in.len && peer_is_of_us(client.uid);
}

static bool serve(int fd, size_t mine)
{
  struct store_frame question;
  client.fd = fd;
  client.in.at = client.in.len = client.out.len = 0;
  client.is_told = false;
  if (!service_peer(fd, &client.uid)) return false;
  if (!seat_take(workers.seats, WORKERS, mine, client.uid, peer_is_of_us(client.uid))) {
    errno = EAGAIN;
    end(STORE_TROUBLE, 0);
    return false;
  }
  bool const asked = take(&question, QUESTION_MS) && !helper_is_alone();
  if (asked) answer(&question);
  bool const stays = asked && may_stay(&question);
  explicit_bzero(space, client.in.len);
  seat_leave(workers.seats + mine);
  return stays;
}

/* ---- the beginning ---- */

char const *helper_home(void)
{
  static stralloc home = STRALLOC_ZERO;
  struct passwd const *pw;
  if (home.len) return home.s;
  if (passwd_find(&pw, "vpopmail") != PASSWD_FOUND || pw->pw_dir[0] != '/') strerr_dief(111, "no account vpopmail with a home");
  if (!bytes_set(&home, pw->pw_dir) || !bytes_z(&home)) die_nomem();
  return home.s;
}

static void open_socket(char const *name)
{
  static char path[64], lock[64];
  snprintf(path, sizeof path, USERS_PLACE "/%s", name);
  snprintf(lock, sizeof lock, USERS_PLACE "/%s.lock", name);
  only_one = service_be_alone(lock);
  door.path = path;
  service_open(&listener, &door, 1, 0);
}

static void serve_until_term(struct confinement const *confinement)
{
  size_t const count = WORKERS + (helper->keep != 0);
  workers_own_signals();
  enter_home();
  if (helper->prepare) helper->prepare();
  open_socket(helper->name);
  workers = (struct workers){ .seats = workers_seats(count), .count = count, .begin = begin, .serve_on = serve };
  confine_or_warn(confinement);
  workers_serve(&workers, WORKERS, &listener, &door, 1);
}

int helper_main(int argc, char const *const *argv, struct helper const *h, struct confinement const *confinement)
{
  bool is_check = argc == 2 && strcmp(argv[1], HELPER_CHECK) == 0;
  if (argc > 1 && !is_check) strerr_dieusage(100, PROG);
  if (geteuid() == 0) strerr_dief(100, "refusing to run as root: vpopmail is the user");
  umask(077);
  helper = h;
  if (is_check) return helper->check();
  serve_until_term(confinement);
  return 0;
}
