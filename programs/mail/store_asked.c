/* The stores that are kept by a server: a helper, which alone speaks with it, is asked. Whatever goes wrong on the way is
   trouble, and never a fact about a user or about somebody's rights. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "home.h"
#include "kept_call.h"
#include "monotonic.h"
#include "service.h"
#include "store_wire.h"
#include "users_wire.h"
#include "vpasswd_text.h"

enum {
  FIND_MS = 4000,             /* less than who waits at the door does */
  LIST_MS = 60000,
  EDIT_MS = 60000,            /* after the last of what is to be done */
  ANSWER_MAX = 1 << 30,       /* bytes */
  OUT_MAX = 1 << 16           /* sent at once */
};

struct asking {
  int fd;
  int64_t deadline;
  stralloc *heard;
  size_t end, last_len;       /* where the frame begins that tells how it ended, and its length */
  struct store_frame last;
};

static enum store_result trouble(int error)
{
  errno = !error || error == EACCES || error == EPERM ? EREMOTEIO : error;
  return STORE_TROUBLE;
}

/* ---- the conversation ---- */

static bool begin(struct asking *a, struct store_domain const *domain, stralloc *heard, unsigned ms)
{
  char path[sizeof HOME USERS_PLACE + 32] = HOME "/" USERS_PLACE "/";
  strncat(path, domain->store->name, 16);
  heard->len = 0;
  *a = (struct asking){ .fd = service_call(path, ms), .deadline = monotonic_ms() + ms, .heard = heard };
  if (a->fd == -1) errno = ECONNREFUSED;
  return a->fd != -1;
}

/* Who hangs up before he has heard it all has said why. */
static bool say(struct asking const *a, stralloc const *out)
{
  errno = 0;
  if (service_send(a->fd, out->s, out->len, a->deadline) || errno == EPIPE) return true;
  return errno = ETIMEDOUT, false;
}

static bool add(stralloc *out, struct store_frame const *f)
{
  static char frame[STORE_FRAME_MAX];
  size_t const len = store_frame_pack(frame, f);
  if (!len) errno = EMSGSIZE;
  bool added = len && bytes_addb(out, frame, len);
  explicit_bzero(frame, len);
  return added;
}

static bool ask(struct asking const *a, struct store_frame const *question)
{
  stralloc out = STRALLOC_ZERO;
  bool asked = add(&out, question) && say(a, &out);
  stralloc_free(&out);
  return asked;
}

static bool hear_more(struct asking *a)
{
  stralloc *heard = a->heard;
  if (heard->len > ANSWER_MAX) return errno = EFBIG, false;
  if (!bytes_room(heard, STORE_FRAME_MAX)) return false;
  if (!service_comes(a->fd, a->deadline)) return errno = ETIMEDOUT, false;
  if (service_take(a->fd, heard->s, heard->a, &heard->len)) return true;
  return errno = ECONNRESET, false;
}

/* All of it, up to how it ended. */
static bool hear(struct asking *a)
{
  for (;;) {
    long const n = store_frame_unpack(&a->last, a->heard->s + a->end, a->heard->len - a->end);
    if (n == -1) return errno = EPROTO, false;
    a->last_len = n > 0 ? (size_t)n : 0;
    if (n > 0 && a->last.word != STORE_SAYS_RECORD) return true;
    a->end += (size_t)n;
    if (!n && !hear_more(a)) return false;
  }
}

static enum store_result result_of(struct asking const *a)
{
  if (a->last.word < STORE_SAYS_DONE) return trouble(EPROTO);
  if (a->last.word == STORE_SAYS_TROUBLE) return trouble((int)a->last.number);
  return STORE_DONE + (a->last.word - STORE_SAYS_DONE);
}

static enum store_result end(struct asking *a, bool heard)
{
  enum store_result r = heard ? result_of(a) : trouble(errno);
  int e = errno;
  if (a->fd != -1) fd_close(a->fd);
  errno = e;
  return r;
}

/* ---- the connection that stays ---- */

/* To the helper that was asked last. */
static struct kept_call kept = KEPT_CALL_NONE;
static struct store const *kept_to;

static bool begin_again(struct asking *a, struct store_domain const *domain, stralloc *heard, int64_t deadline)
{
  if (kept_to != domain->store) kept_call_end(&kept);
  kept_to = domain->store;
  heard->len = 0;
  *a = (struct asking){ .deadline = deadline, .heard = heard };
  a->fd = kept_call_again(&kept, &a->deadline);
  return a->fd != -1;
}

/* Whatever went wrong on it, a new one tells. */
static bool heard_again(struct asking *a, struct store_frame const *question)
{
  bool const heard = ask(a, question) && hear(a) && a->end + a->last_len == a->heard->len;
  a->fd = -1;
  if (!heard) kept_call_failed(&kept);
  return heard;
}

static enum store_result end_anew(struct asking *a, bool heard, bool stays)
{
  if (heard && stays) {
    kept_call_hold(&kept, a->fd);
    a->fd = -1;
  }
  return end(a, heard);
}

/* ---- when all its places are taken ---- */

enum { PAUSE_MS = 10, PAUSE_LATEST_MS = 80 };

/* Who has so many questions there already is told so, and has been heard nothing of: he comes again. */
static bool comes_again(enum store_result r, int *pause, int64_t deadline)
{
  if (r != STORE_TROUBLE || errno != EAGAIN || monotonic_ms() + *pause > deadline) return false;
  poll(0, 0, *pause);
  if (*pause < PAUSE_LATEST_MS) *pause *= 2;
  return true;
}

/* ---- one user ---- */

static enum store_result find_at_once(struct store_domain const *domain, struct vpasswd *record, stralloc *space, struct field name,
                                      unsigned ms)
{
  struct asking a = { .fd = -1 };
  struct store_frame f = {
    .word = STORE_SAYS_FIND, .number = domain->age, .domain = field_of(domain->name), .edit.record.name = name
  };
  if (!name.len || name.len > VPASSWD_LINE_MAX) return STORE_NO_USER;
  f.stays = true;
  bool const heard = begin_again(&a, domain, space, monotonic_ms() + ms) && heard_again(&a, &f);
  f.stays = kept_call_wanted(&kept);
  enum store_result r = heard ? end(&a, true) : end_anew(&a, begin(&a, domain, space, ms) && ask(&a, &f) && hear(&a), f.stays);
  if (r != STORE_DONE && r != STORE_LATELY) return r;
  if (store_frame_unpack(&f, space->s, a.end) != (long)a.end || !a.end) return trouble(EPROTO);
  *record = f.edit.record;
  return r;
}

static enum store_result find(struct store_domain const *domain, struct vpasswd *record, stralloc *space, struct field name)
{
  int64_t const deadline = monotonic_ms() + FIND_MS;
  int pause = PAUSE_MS;
  enum store_result r = find_at_once(domain, record, space, name, FIND_MS);
  while (comes_again(r, &pause, deadline)) {
    int64_t const left = deadline - monotonic_ms();
    r = find_at_once(domain, record, space, name, left > 0 ? (unsigned)left : 1);
  }
  return r;
}

/* ---- all users ---- */

static int compare_records(void const *a, void const *b)
{
  struct vpasswd const *x = a, *y = b;
  int r = vpasswd_text_compare(x->name, y->name);
  return r ? r : (x->name.s > y->name.s) - (x->name.s < y->name.s);
}

static size_t take_records(struct vpasswd *records, struct asking const *a)
{
  struct store_frame f;
  size_t count = 0;
  for (size_t at = 0; at < a->end; count++) {
    at += (size_t)store_frame_unpack(&f, a->heard->s + at, a->end - at);
    if (records) records[count] = f.edit.record;
  }
  return count;
}

static enum store_result call_each(struct asking const *a, store_each *each, void *with)
{
  size_t const count = take_records(0, a);
  struct vpasswd *records = calloc(count ? count : 1, sizeof *records);
  if (!records) return STORE_TROUBLE;
  take_records(records, a);
  qsort(records, count, sizeof *records, compare_records);
  for (size_t i = 0; i < count; i++)
    if ((!i || vpasswd_text_compare(records[i - 1].name, records[i].name) != 0) && !each(with, records + i)) break;
  free(records);
  return STORE_DONE;
}

/* Heard to the end first: what is done with each may take its time, and may ask again. */
static enum store_result list(struct store_domain const *domain, store_each *each, void *with)
{
  struct asking a = { .fd = -1 };
  stralloc heard = STRALLOC_ZERO;
  struct store_frame const question = { .word = STORE_SAYS_LIST, .number = domain->age, .domain = field_of(domain->name) };
  int64_t const deadline = monotonic_ms() + LIST_MS;
  int pause = PAUSE_MS;
  enum store_result r;
  do r = end(&a, begin(&a, domain, &heard, LIST_MS) && ask(&a, &question) && hear(&a));
  while (comes_again(r, &pause, deadline));
  if ((r == STORE_DONE || r == STORE_LATELY) && call_each(&a, each, with) != STORE_DONE) r = STORE_TROUBLE;
  stralloc_free(&heard);
  return r;
}

/* ---- changes ---- */

static int compare_edits(void const *a, void const *b)
{
  struct store_edit const *const *x = a, *const *y = b;
  int r = vpasswd_text_compare((*x)->record.name, (*y)->record.name);
  return r ? r : (*x > *y) - (*x < *y);
}

/* Not a question for a server, and not worth one of its transactions. */
static enum store_result refuse_twice(struct store_edit const *edits, size_t count, size_t *culprit)
{
  struct store_edit const **sorted = calloc(count ? count : 1, sizeof *sorted);
  enum store_result r = STORE_DONE;
  if (!sorted) return STORE_TROUBLE;
  for (size_t i = 0; i < count; i++) sorted[i] = edits + i;
  qsort(sorted, count, sizeof *sorted, compare_edits);
  for (size_t i = 1; i < count && r == STORE_DONE; i++) {
    if (vpasswd_text_compare(sorted[i - 1]->record.name, sorted[i]->record.name) != 0) continue;
    *culprit = (size_t)(sorted[i] - edits);
    r = STORE_EXISTS;
  }
  free(sorted);
  return r;
}

static bool ask_edits(struct asking *a, struct store_domain const *domain, struct store_edit const *edits, size_t count)
{
  stralloc out = STRALLOC_ZERO;
  struct store_frame f = { .word = STORE_SAYS_EDIT, .number = (uint32_t)count, .domain = { domain->name, strlen(domain->name) } };
  bool asked = add(&out, &f);
  for (size_t i = 0; asked && i < count; i++) {
    f = (struct store_frame){ .word = STORE_SAYS_ADD + (edits[i].deed - STORE_ADD), .edit = edits[i] };
    asked = add(&out, &f);
    if (!asked || out.len < OUT_MAX) continue;
    a->deadline = monotonic_ms() + EDIT_MS;
    asked = say(a, &out);
    out.len = 0;
  }
  asked = asked && say(a, &out);
  stralloc_free(&out);
  return asked;
}

static enum store_result edit(struct store_domain const *domain, struct store_edit const *edits, size_t count, size_t *culprit)
{
  struct asking a = { .fd = -1 };
  stralloc heard = STRALLOC_ZERO;
  *culprit = 0;
  enum store_result r = refuse_twice(edits, count, culprit);
  if (r != STORE_DONE) return r;
  int64_t const deadline = monotonic_ms() + EDIT_MS;
  int pause = PAUSE_MS;
  do r = end(&a, begin(&a, domain, &heard, EDIT_MS) && ask_edits(&a, domain, edits, count) && hear(&a));
  while (comes_again(r, &pause, deadline));
  if (r != STORE_DONE && r != STORE_TROUBLE && a.last.number < count) *culprit = a.last.number;
  stralloc_free(&heard);
  return r;
}

struct store const store_sqlite = { .name = "sqlite", .is_apart = true, .find = find, .list = list, .edit = edit };
struct store const store_mysql = { .name = "mysql", .is_apart = true, .find = find, .list = list, .edit = edit };
struct store const store_pgsql = { .name = "pgsql", .is_apart = true, .find = find, .list = list, .edit = edit };
struct store const store_ldap = { .name = "ldap", .is_apart = true, .find = find, .list = list };
