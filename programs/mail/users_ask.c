#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "home.h"
#include "kept_call.h"
#include "monotonic.h"
#include "service.h"
#include "users.h"
#include "users_ask.h"
#include "vflags.h"

enum {
  NEW_OWNER_TRIES = 50,         /* 20 ms apart */
  NOTE_MS = 1000
};

bool users_ask_is_possible(void)
{
  return access(HOME "/" USERS_PLACE, F_OK) == 0 || errno != ENOENT;
}

static char const *socket_of(enum users_verb verb)
{
  return users_door(verb) == USERS_PASSWORD ? HOME "/" USERS_PASSWORD_SOCKET : HOME "/" USERS_SOCKET;
}

static bool hear(struct users_heard *heard, int fd, int64_t deadline)
{
  size_t len = 0;
  for (;;) {
    long n = users_answer_unpack(&heard->answer, heard->bytes, len);
    if (n) return n == (long)len;
    if (!service_comes(fd, deadline) || !service_take(fd, heard->bytes, sizeof heard->bytes, &len)) return false;
  }
}

static bool exchange_on(struct users_heard *heard, struct users_question const *q, int fd, int64_t deadline)
{
  char question[USERS_QUESTION_MAX];
  size_t len = users_question_pack(question, q);
  bool heard_it = len && service_say(fd, question, len) && hear(heard, fd, deadline);
  explicit_bzero(question, len);
  return heard_it;
}

static int call(char const *path, int64_t deadline)
{
  int64_t const left = deadline - monotonic_ms();
  return left > 0 ? service_call(path, (unsigned)left) : -1;
}

static enum users_said said_of(struct users_heard *heard, bool heard_it)
{
  if (!heard_it) heard->answer = (struct users_answer){ .said = SAID_TROUBLE };
  return heard->answer.said;
}

static enum users_said ask_at(struct users_heard *heard, struct users_question const *q, char const *path, int64_t deadline)
{
  int fd = call(path, deadline);
  bool heard_it = fd != -1 && exchange_on(heard, q, fd, deadline);
  if (fd != -1) fd_close(fd);
  return said_of(heard, heard_it);
}

/* ---- the connection that stays ---- */

static struct kept_call kept = KEPT_CALL_NONE;

/* Whatever went wrong on it, a new one tells. */
static bool exchange_again(struct users_heard *heard, struct users_question const *q, int64_t deadline)
{
  int fd = kept_call_again(&kept, &deadline);
  if (fd == -1) return false;
  bool heard_it = exchange_on(heard, q, fd, deadline);
  if (!heard_it) kept_call_failed(&kept);
  return heard_it;
}

static bool exchange_anew(struct users_heard *heard, struct users_question const *q, int64_t deadline)
{
  int fd = call(socket_of(q->verb), deadline);
  if (fd == -1) return false;
  bool heard_it = exchange_on(heard, q, fd, deadline);
  if (heard_it && q->stays) kept_call_hold(&kept, fd);
  else fd_close(fd);
  return heard_it;
}

static enum users_said ask_service(struct users_heard *heard, struct users_question const *q, int64_t deadline)
{
  if (!users_is_harmless(q->verb)) return ask_at(heard, q, socket_of(q->verb), deadline);
  struct users_question again = *q;
  again.stays = true;
  bool heard_it = exchange_again(heard, &again, deadline);
  again.stays = kept_call_wanted(&kept);
  return said_of(heard, heard_it || exchange_anew(heard, &again, deadline));
}

/* ---- domains of other accounts ---- */

/* A domain that is new may be known before the socket of its account is there. */
static void wait_for(char const *path)
{
  for (int i = 0; i < NEW_OWNER_TRIES && access(path, F_OK) == -1 && errno == ENOENT; i++)
    nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, 0);
}

static void with_flags_of_site(struct users_answer *a, enum users_access access, uint32_t of_site)
{
  if (a->flags & USERS_FLAGS_OF_SITE) a->flags = (a->flags & ~USERS_FLAGS_OF_SITE) | of_site;
  if (a->said == SAID_LET_IN && a->flags & users_closing_flag(access)) a->said = SAID_DENIED;
}

static size_t full_name(char to[USERS_QUESTION_MAX], struct users_answer const *a)
{
  if (a->user.len + a->domain.len >= USERS_QUESTION_MAX) return 0;
  if (a->user.len) memcpy(to, a->user.s, a->user.len);
  to[a->user.len] = '@';
  memcpy(to + a->user.len + 1, a->domain.s, a->domain.len);
  return a->user.len + 1 + a->domain.len;
}

/* The account may not write down from where mail may be sent now. Nobody is refused because that fails. */
static void note_login(struct users_question const *q, struct users_answer const *a)
{
  static struct users_heard nothing;
  if (users_door(q->verb) != USERS_PASSWORD || a->said != SAID_LET_IN || q->access == USERS_SMTP || a->flags & VFLAG_NO_RELAY) return;
  ask_at(&nothing, &(struct users_question){ .verb = USERS_NOTED, .access = q->access, .client_ip = q->client_ip },
         socket_of(USERS_NOTED), monotonic_ms() + NOTE_MS);
}

static bool is(struct field f, char const *s, size_t len)
{
  return f.len == len && (!len || memcmp(f.s, s, len) == 0);
}

/* The processes of an account are in its hands: they speak for who was asked about, and root's table says whose that is.
   Else it could let anybody in as a user of a domain that is not its own. */
static bool is_of_owner(struct users_answer const *a, struct field asked)
{
  static stralloc prefix = STRALLOC_ZERO;
  static struct user owner = USER_ZERO;
  char const *at = asked.len ? memchr(asked.s, '@', asked.len) : 0;
  if (!at || !is(a->user, asked.s, (size_t)(at - asked.s))) return false;
  if (!bytes_setb(&prefix, at + 1, (size_t)(asked.s + asked.len - at - 1)) || !bytes_addc(&prefix, '-')) return false;
  return users_find_prefix(&owner, prefix.s, prefix.len) == USERS_FOUND
    && owner.uid == a->uid && owner.gid == a->gid && is(a->domain, owner.name.s, owner.name.len);
}

static enum users_said ask_owner(struct users_heard *heard, struct users_question const *q, int64_t deadline)
{
  char name[USERS_QUESTION_MAX], path[USERS_PATH_SIZE];
  uint32_t of_site = heard->answer.flags;
  struct users_question again = *q;
  if (heard->answer.domain.len) again.name = (struct field){ name, full_name(name, &heard->answer) };
  users_owner_path(path, q->verb, heard->answer.uid);
  wait_for(path);
  enum users_said said = ask_at(heard, &again, path, deadline);
  if (said == SAID_ELSEWHERE || (said == SAID_LET_IN && !is_of_owner(&heard->answer, again.name)))
    heard->answer.said = SAID_TROUBLE;
  with_flags_of_site(&heard->answer, q->access, of_site);
  note_login(q, &heard->answer);
  return heard->answer.said;
}

enum users_said users_ask(struct users_heard *heard, struct users_question const *q, unsigned ms)
{
  int64_t deadline = monotonic_ms() + ms;
  enum users_said said = ask_service(heard, q, deadline);
  return said == SAID_ELSEWHERE ? ask_owner(heard, q, deadline) : said;
}
