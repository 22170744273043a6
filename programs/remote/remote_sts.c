#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "monotonic.h"
#include "remote_sts.h"
#include "service.h"
#include "sts_entry.h"

enum { CALL_MS = 2000, ANSWER_MS = 20000 };     /* it looks the domain up, and fetches its policy */

static struct sts_policy policy;
static bool is_known, holds, is_lost, is_hidden;

bool sts_is_here(void)
{
  return access(STS_PLACE, F_OK) == 0;
}

void sts_forget(void)
{
  is_known = false;
}

bool sts_is_lost(void)
{
  return is_known && is_lost;
}

bool sts_is_hidden(void)
{
  return is_known && is_hidden;
}

/* ---- the file ---- */

enum state { NO_FILE, FRESH, OLD, OVER };

static enum state load(char const *name)
{
  static char bytes[STS_ENTRY_MAX];
  struct sts_entry e;
  uint64_t now = (uint64_t)time(0);
  bool there = sts_entry_load(&e, &policy, bytes, name);
  is_hidden = !there && errno;
  if (!there) return NO_FILE;
  if (!sts_entry_holds(&e, &policy, now)) return OVER;
  return now < e.again ? FRESH : OLD;
}

/* ---- the service ---- */

static enum sts_said hear(int fd, char const *name)
{
  char question[STS_DOMAIN_MAX + 2], said;
  size_t len = strlen(name);
  memcpy(question, name, len);
  question[len] = '\n';
  if (!service_say(fd, question, len + 1)) return STS_UNTOLD;
  return service_receive(fd, &said, 1, monotonic_ms() + ANSWER_MS) == SERVICE_RECEIVED ? (enum sts_said)said : STS_UNTOLD;
}

static enum sts_said ask(char const *name)
{
  int fd = service_call(STS_SOCKET, CALL_MS);
  enum sts_said said = fd == -1 ? STS_UNTOLD : hear(fd, name);
  if (fd != -1) fd_close(fd);
  return said;
}

/* ---- both ---- */

static bool look(char const *domain, bool may_ask)
{
  char name[STS_DOMAIN_MAX + 1];
  if (!sts_domain(name, domain)) return false;
  enum state before = load(name);
  if (before == FRESH) return true;
  if (is_hidden) return false;
  enum sts_said said = may_ask ? ask(name) : STS_UNTOLD;
  if (said == STS_THERE) return load(name) != NO_FILE;
  is_lost = before == OVER && said == STS_UNTOLD;
  return before == OLD;
}

struct sts_policy const *sts_of(char const *domain, bool may_ask)
{
  if (!is_known) {
    is_lost = is_hidden = false;
    holds = look(domain, may_ask) && policy.mode != STS_NONE;
    is_known = true;
  }
  return holds ? &policy : 0;
}
