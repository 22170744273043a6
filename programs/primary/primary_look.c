#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/random.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "bytes.h"
#include "monotonic.h"
#include "primary_hosts.h"
#include "primary_look.h"
#include "primary_memory.h"
#include "primary_question.h"

#define QUESTIONS "run/primary/questions"       /* has a lock for each question that is under way */

/* ---- what is known ---- */

/* What is asked about: an address and its domain, or a domain alone, which both are then. */
struct subject {
  struct field address, domain;         /* the latter with its @ */
  struct memory_name name, of_domain;
  bool is_domain;
};

static struct subject subject_of(struct field address)
{
  size_t at = address_at(address.s, address.len);
  struct subject s = { .address = address, .domain = { address.s + at, address.len - at }, .is_domain = !at };
  s.name = memory_name_of(s.address);
  s.of_domain = memory_name_of(s.domain);
  return s;
}

/* Seconds since that was said, or more than any bound: the clock may have been set back. */
static uint32_t age_of(struct memory_said const *m)
{
  return (uint32_t)time(0) - m->when;
}

static uint32_t holds_for(enum primary_said said, bool is_domain)
{
  switch (said) {
    case PRIMARY_KNOWN: return is_domain ? LOOK_TELLS : LOOK_ADDRESS;
    case PRIMARY_NOBODY: return LOOK_NOBODY;
    case PRIMARY_EVERYBODY: return LOOK_EVERYBODY;
    case PRIMARY_NO_HOST: return LOOK_NO_HOST;
    default: return is_domain ? LOOK_AWAY : LOOK_PUT_OFF;
  }
}

static bool find_fresh(enum primary_said *said, struct memory_name const *name, bool is_domain)
{
  struct memory_said m;
  if (!memory_find(&m, name) || age_of(&m) >= holds_for(m.said, is_domain)) return false;
  *said = m.said;
  return true;
}

/* While nobody can be asked, who was not there lately is not there. */
static enum primary_said untold(struct subject const *s)
{
  struct memory_said m;
  bool was_nobody = !s->is_domain && memory_find(&m, &s->name) && m.said == PRIMARY_NOBODY && age_of(&m) < LOOK_NOBODY_KEPT;
  return was_nobody ? PRIMARY_NOBODY : PRIMARY_UNTOLD;
}

/* Of the address, or of its domain where that makes a question about it needless. */
static bool is_known(enum primary_said *said, struct subject const *s)
{
  if (!s->is_domain && find_fresh(said, &s->name, false)) return true;
  if (!find_fresh(said, &s->of_domain, true)) return false;
  if (s->is_domain) return true;
  if (*said == PRIMARY_KNOWN) return false;
  if (*said != PRIMARY_EVERYBODY) *said = untold(s);
  return true;
}

/* ---- who asks what ---- */

static _Atomic uint64_t *asked_about;   /* a domain, for each worker */
static size_t asking;
static int questions;

bool look_set_up(size_t workers)
{
  void *at = mmap(0, workers * sizeof *asked_about, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  asking = workers;
  asked_about = at;
  return at != MAP_FAILED && memory_open();
}

bool look_begin(size_t mine)
{
  asked_about[mine] = 0;
  questions = open(QUESTIONS, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  return questions != -1;
}

static uint64_t number_of(struct memory_name const *name)
{
  uint64_t n;
  memcpy(&n, name->digest, sizeof n);
  return n & INT64_MAX;
}

/* A domain whose servers are slow has half of the workers, and the others go on. */
static bool take_share(size_t mine, uint64_t domain)
{
  size_t same = 0;
  asked_about[mine] = domain;
  for (size_t i = 0; i < asking; i++) same += asked_about[i] == domain;
  if (same <= asking / 2) return true;
  asked_about[mine] = 0;
  return false;
}

/* Waits until nobody else asks this; not for long, since each question has its end. */
static void lock_question(struct memory_name const *name, short kind)
{
  struct flock lock = { .l_type = kind, .l_whence = SEEK_SET, .l_start = (off_t)number_of(name), .l_len = 1 };
  if (lock.l_start == INT64_MAX) lock.l_start--;
  while (fcntl(questions, F_OFD_SETLKW, &lock) == -1 && errno == EINTR) ;
}

/* ---- asking ---- */

enum { POSTMASTER, SOMEBODY, ASKED };   /* whom else is asked about: the first each time, both when the domain is tried */

static stralloc quoted[QUESTION_RECIPIENTS];
static struct primary_question question;

static bool add_recipient(char const *box, struct field rest)
{
  stralloc *to = quoted + question.count, whole = STRALLOC_ZERO;
  to->len = 0;
  bool made = bytes_set(&whole, box) && bytes_addb(&whole, rest.s, rest.len) && address_quote(to, whole.s, whole.len) && bytes_z(to);
  stralloc_free(&whole);
  question.recipients[question.count++] = to->s;
  return made;
}

/* A name that nobody has. */
static bool add_somebody(struct field domain)
{
  char name[32];
  uint64_t n;
  random_buf((char *)&n, sizeof n);
  snprintf(name, sizeof name, "nobody-%016llx", (unsigned long long)n);
  return add_recipient(name, domain);
}

/* Postmaster is a name that everybody has (RFC 5321 4.5.1). */
static bool make_question(struct subject const *s, bool tries)
{
  question.count = 0;
  return (s->is_domain || add_recipient("", s->address)) && add_recipient("postmaster", s->domain)
    && (!tries || add_somebody(s->domain));
}

static bool ask_servers(struct primary_host const *hosts, size_t count)
{
  int64_t deadline = monotonic_ms() + 1000 * LOOK_SECONDS;
  for (size_t i = 0; i < count; i++)
    if (question_ask(&question, hosts + i, deadline)) return true;
  return false;
}

/* ---- what it means ---- */

static void tell(enum primary_said said, struct field domain, char const *why)
{
  char name[PRIMARY_ADDRESS_MAX + 1];
  snprintf(name, sizeof name, "%.*s", (int)domain.len - 1, domain.s + 1);
  switch (said) {
    case PRIMARY_KNOWN: strerr_warni(name, ": its servers tell who is there"); return;
    case PRIMARY_EVERYBODY: strerr_warnw(name, ": its servers take everybody, so that nobody is refused: ", why); return;
    case PRIMARY_NOBODY: strerr_warnw(name, ": its servers refuse everybody, even postmaster, so that they are not believed: ", why); return;
    case PRIMARY_NO_HOST: strerr_warnw(name, ": there is no host that could be asked, so that nobody is refused"); return;
    case PRIMARY_UNTOLD: strerr_warnw(name, ": its servers cannot be asked now, so that nobody is refused whom they have not refused lately: ", why); return;
  }
}

/* What is as it was is not told again; that it tells is news only when it has not. */
static void note_domain(struct subject const *s, enum primary_said said, char const *why)
{
  struct memory_said before;
  bool knew = memory_find(&before, &s->of_domain);
  memory_note(&s->of_domain, said, (uint32_t)time(0));
  if (knew ? before.said != said : said != PRIMARY_KNOWN) tell(said, s->domain, why);
}

/* By both; PRIMARY_UNTOLD where they leave it open. A domain that told may have begun to refuse us, in whatever words. */
static enum primary_said kind_of_domain(enum primary_said const said[ASKED], bool tried)
{
  if (tried && said[SOMEBODY] == PRIMARY_KNOWN) return PRIMARY_EVERYBODY;
  if (said[POSTMASTER] == PRIMARY_NOBODY) return PRIMARY_NOBODY;
  if (!tried) return PRIMARY_KNOWN;
  return said[SOMEBODY] == PRIMARY_NOBODY && said[POSTMASTER] == PRIMARY_KNOWN ? PRIMARY_KNOWN : PRIMARY_UNTOLD;
}

/* One that leaves it open is tried anew with the next question. That one tells is noted only when it was tried. */
static enum primary_said judge_domain(struct subject const *s, size_t at, bool tried)
{
  enum primary_said kind = kind_of_domain(question.said + at, tried);
  if (kind == PRIMARY_NOBODY) note_domain(s, kind, question.why[at + POSTMASTER]);
  else if (tried && kind != PRIMARY_UNTOLD) note_domain(s, kind, question.why[at + SOMEBODY]);
  return kind;
}

static enum primary_said judge(struct subject const *s, bool tried)
{
  enum primary_said kind = judge_domain(s, !s->is_domain, tried);
  if (s->is_domain || kind == PRIMARY_EVERYBODY) return kind;
  if (kind == PRIMARY_NOBODY) return untold(s);
  memory_note(&s->name, question.said[0], (uint32_t)time(0));
  return question.said[0];
}

/* Without any answer the domain rests. */
static enum primary_said rest(struct subject const *s, enum primary_said why)
{
  note_domain(s, why, question.why[QUESTION_RECIPIENTS]);
  return s->is_domain ? why : untold(s);
}

static enum primary_said ask(struct subject const *s)
{
  struct primary_host hosts[HOSTS_MAX];
  char domain[PRIMARY_ADDRESS_MAX + 1];
  enum primary_said said;
  size_t count;
  bool tries = s->is_domain || !find_fresh(&said, &s->of_domain, true);
  snprintf(domain, sizeof domain, "%.*s", (int)s->domain.len - 1, s->domain.s + 1);
  strcpy(question.why[QUESTION_RECIPIENTS], "a name server or a control file fails");
  switch (hosts_of(hosts, &count, domain)) {
    case HOSTS_NONE: return rest(s, PRIMARY_NO_HOST);
    case HOSTS_UNTOLD: return rest(s, PRIMARY_UNTOLD);
    case HOSTS_FOUND: break;
  }
  if (!make_question(s, tries)) return untold(s);
  return ask_servers(hosts, count) ? judge(s, tries) : rest(s, PRIMARY_UNTOLD);
}

enum primary_said look_at(size_t mine, struct field address)
{
  enum primary_said said;
  struct subject const s = subject_of(address);
  if (is_known(&said, &s)) return said;
  if (!take_share(mine, number_of(&s.of_domain))) return untold(&s);
  lock_question(&s.name, F_WRLCK);
  if (!is_known(&said, &s)) said = ask(&s);
  lock_question(&s.name, F_UNLCK);
  asked_about[mine] = 0;
  return said;
}
