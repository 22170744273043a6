#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "answer_changed.h"
#include "answer_password.h"
#include "answer_roaming.h"
#include "answer_who.h"
#include "asker.h"
#include "monotonic.h"
#include "service.h"

enum { QUESTION_MS = 2000 };    /* for a whole question: who asks had all of it before he came */

/* False when there comes none, or none that is one. Mostly it is there already. */
static bool receive(struct users_question *q, int fd, char question[USERS_QUESTION_MAX])
{
  int64_t deadline = monotonic_ms() + QUESTION_MS;
  size_t len = 0;
  do {
    if (!service_take(fd, question, USERS_QUESTION_MAX, &len)) return false;
    long n = users_question_unpack(q, question, len);
    if (n) return n == (long)len;
  } while (service_comes(fd, deadline));
  return false;
}

static bool say(int fd, struct users_answer const *a)
{
  char answer[USERS_ANSWER_MAX];
  size_t len = users_answer_pack(answer, a);
  if (!len) len = users_answer_pack(answer, &(struct users_answer){ .said = SAID_TROUBLE });
  return service_say(fd, answer, len);
}

/* Names with a NUL are nobody's. */
static bool is_askable(struct users_question const *q, enum users_verb door)
{
  return users_door(q->verb) == door && !(q->name.len && memchr(q->name.s, 0, q->name.len));
}

static void answer(struct users_answer *a, struct users_question const *q, uid_t caller)
{
  static void (*const answers[USERS_VERBS])(struct users_answer *, struct users_question const *, struct asker const *) = {
    [USERS_WHO] = answer_who, [USERS_PASSWORD] = answer_password, [USERS_LOGIN] = answer_password,
    [USERS_TOKEN] = answer_token, [USERS_LOGOUT] = answer_logout, [USERS_ACCOUNT] = answer_account, [USERS_HOST] = answer_host,
    [USERS_ROAMING] = answer_roaming, [USERS_NOTED] = answer_noted, [USERS_SALT] = answer_salt, [USERS_CHANGED] = answer_changed
  };
  struct asker const who = asker_of(caller, q->verb);
  answers[q->verb](a, q, &who);
}

/* Whether the domain is one that answer_password looked into. */
static bool is_of_password(enum users_verb verb)
{
  return users_door(verb) == USERS_PASSWORD || verb == USERS_TOKEN || verb == USERS_ACCOUNT || verb == USERS_HOST;
}

/* Who is not of us has his place for one question. */
static bool may_stay(struct users_question const *q, uid_t caller)
{
  return q->stays && users_door(q->verb) == USERS_WHO && asker_is_of_us(caller);
}

bool answer_question(int fd, uid_t caller, enum users_verb door)
{
  static char question[USERS_QUESTION_MAX];
  struct users_question q;
  struct users_answer a = { .said = SAID_TROUBLE };
  bool stays = false;
  if (receive(&q, fd, question) && is_askable(&q, door)) {
    answer(&a, &q, caller);
    stays = say(fd, &a) && may_stay(&q, caller);
    if (is_of_password(q.verb)) answer_password_end(&q);
  }
  explicit_bzero(question, sizeof question);
  return stays;
}

void answer_trouble(int fd)
{
  say(fd, &(struct users_answer){ .said = SAID_TROUBLE });
}
