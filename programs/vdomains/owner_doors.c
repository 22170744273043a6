#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "owned.h"
#include "owner_doors.h"
#include "service.h"

enum { WAITING_MAX = 64 };      /* connections to one door that nobody has taken yet */

/* ---- who owns domains ---- */

struct account { uid_t uid; gid_t gid; size_t place; };
struct account_list { struct account *all; size_t count, room; };

/* Of two lines of the same account the first stays the first. */
static int compare_accounts(void const *a, void const *b)
{
  struct account const *x = a, *y = b;
  if (x->uid != y->uid) return (x->uid > y->uid) - (x->uid < y->uid);
  return (x->place > y->place) - (x->place < y->place);
}

static bool account_add(struct account_list *l, struct user const *user)
{
  if (l->count && l->all[l->count - 1].uid == user->uid) return true;
  if (l->count == l->room) {
    size_t room = l->room ? 2 * l->room : 64;
    struct account *all = reallocarray(l->all, room, sizeof *all);
    if (!all) return false;
    l->all = all;
    l->room = room;
  }
  l->all[l->count] = (struct account){ user->uid, user->gid, l->count };
  l->count++;
  return true;
}

static void sort_accounts(struct account_list *l)
{
  size_t n = 0;
  if (l->count) qsort(l->all, l->count, sizeof *l->all, compare_accounts);
  for (size_t i = 0; i < l->count; i++)
    if (!n || l->all[n - 1].uid != l->all[i].uid) l->all[n++] = l->all[i];
  l->count = n;
}

static bool find_accounts(struct account_list *l, uid_t not_of)
{
  stralloc table = STRALLOC_ZERO;
  struct user user = USER_ZERO;
  size_t at = 0;
  int r = owned_read(&table) ? 1 : -1;
  while (r == 1 && (r = owned_next(&user, &table, &at)) == 1)
    if (user.uid != not_of && !account_add(l, &user)) r = -1;
  int e = errno;
  stralloc_free(&table);
  users_free(&user);
  sort_accounts(l);
  errno = e;
  return r == 0;
}

/* ---- doors ---- */

static struct service door_service(struct owner_door const *door, char path[USERS_PATH_SIZE])
{
  users_owner_path(path, door->verb, door->uid);
  return (struct service){ .path = path, .mode = 0666, .owner = -1, .group = -1, .waiting = WAITING_MAX };
}

bool owner_door_watch(struct owner_doors const *d, struct owner_door *door, bool want)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = door };
  if (want == door->is_watched || door->listener == -1) return true;
  if (epoll_ctl(d->epoll, want ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, door->listener, &event) == -1) return false;
  door->is_watched = want;
  return true;
}

static bool door_open(struct owner_doors const *d, struct owner_door *door)
{
  char path[USERS_PATH_SIZE];
  struct service const s = door_service(door, path);
  if (door->listener == -1) door->listener = service_listen(&s, 0);
  return door->listener != -1 && (door->worker || owner_door_watch(d, door, true));
}

/* A child that has not yet become its program has the socket, too: so closing it does not end what epoll tells of it. */
static void door_shut(struct owner_doors const *d, struct owner_door *door)
{
  char path[USERS_PATH_SIZE];
  struct service const s = door_service(door, path);
  owner_door_watch(d, door, false);
  if (door->listener != -1) service_end(&s, door->listener);
  door->listener = -1;
  door->is_watched = false;
}

static struct owner_door *door_new(struct account const *account, enum users_verb verb)
{
  struct owner_door *door = calloc(1, sizeof *door);
  if (door) *door = (struct owner_door){ .uid = account->uid, .verb = verb, .listener = -1 };
  return door;
}

/* ---- the old ones and the new ---- */

struct merge {
  struct owner_door **old;
  size_t left;
  bool is_whole;
};

/* A door of the next account is of no use to this one. */
static bool comes_before(struct owner_door const *door, uid_t uid, enum users_verb verb)
{
  return door->uid < uid || (door->uid == uid && door->verb < verb);
}

static void let_go(struct owner_doors *to, struct owner_door *door)
{
  door_shut(to, door);
  if (door->worker) to->all[to->count++] = door;
  else free(door);
}

static struct owner_door *next_old(struct merge *m)
{
  m->left--;
  return *m->old++;
}

static void take_over(struct owner_doors *to, struct merge *m, struct account const *account, enum users_verb verb)
{
  while (m->left && comes_before(*m->old, account->uid, verb)) let_go(to, next_old(m));
  bool is_there = m->left && (*m->old)->uid == account->uid && (*m->old)->verb == verb;
  struct owner_door *door = is_there ? next_old(m) : door_new(account, verb);
  if (!door) {
    m->is_whole = false;
    return;
  }
  door->gid = account->gid;
  to->all[to->count++] = door;
  if (!door_open(to, door)) m->is_whole = false;
}

static bool merge(struct owner_doors *d, struct account_list const *l)
{
  struct owner_doors to = { calloc(2 * l->count + d->count + 1, sizeof *to.all), 0, d->epoll };
  struct merge m = { d->all, d->count, true };
  if (!to.all) return false;
  for (size_t i = 0; i < l->count; i++) {
    if (to.count + 2 > OWNER_DOORS_MAX) m.is_whole = false, errno = EMFILE;
    else for (int verb = USERS_WHO; verb <= USERS_PASSWORD; verb++) take_over(&to, &m, l->all + i, (enum users_verb)verb);
  }
  while (m.left) let_go(&to, next_old(&m));
  free(d->all);
  *d = to;
  return m.is_whole;
}

bool owner_doors_renew(struct owner_doors *d, uid_t not_of)
{
  struct account_list accounts = { 0 };
  if (d->epoll == -1) d->epoll = epoll_create1(EPOLL_CLOEXEC);
  bool done = d->epoll != -1 && find_accounts(&accounts, not_of) && merge(d, &accounts);
  int e = errno;
  free(accounts.all);
  errno = e;
  return done;
}

/* ---- the beginning and the end ---- */

bool owner_doors_clear(void)
{
  DIR *list = opendir(USERS_OWNERS);
  bool done = list;
  for (struct dirent const *entry; done && (entry = readdir(list));)
    if (entry->d_name[0] != '.') done = unlinkat(dirfd(list), entry->d_name, 0) == 0;
  if (list) closedir(list);
  return done;
}

void owner_doors_shut(struct owner_doors const *d)
{
  for (size_t i = 0; i < d->count; i++) door_shut(d, d->all[i]);
}
