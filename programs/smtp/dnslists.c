#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <skalibs/strerr.h>

#include "address.h"
#include "dns_list.h"
#include "dns_quick.h"
#include "dnslists.h"
#include "journal.h"
#include "literal.h"
#include "nameset.h"
#include "policy.h"
#include "reply.h"
#include "session.h"
#include "text.h"

enum {
  QUESTIONS_OF_A_LIST = 3,      /* at most */
  WAIT_MS = 3000,               /* for all of them, once */
  TEXT_MAX = 200,
  SCORE_TOO_HIGH = 100
};
_Static_assert(DNS_LISTS_MAX * QUESTIONS_OF_A_LIST <= DNS_QUICK_QUESTIONS, "all can be asked");

struct asked_list {
  struct dns_list list;
  bool listed, has_the_world, refuses_us;
  unsigned char code[DNS_LIST_CODE];
  size_t text_len;              /* of what it says of him */
  char text[TEXT_MAX];
};

enum asked_about { THE_CLIENT, NOBODY, WHY };

static struct asked_list lists[DNS_LISTS_MAX];
static size_t count;
static struct { enum asked_about about; struct asked_list *list; } places[DNS_QUICK_QUESTIONS];
static struct dns_quick quick;
static bool waits;                      /* for answers */

/* What they say in the end. */
static enum { NOTHING_SAID, SPARED, DEFERRED, REFUSED, TURNED_AWAY } verdict;
static int score;
static struct refusal_made no;

/* ---- asking ---- */

static void ask(struct asked_list *l, enum asked_about about, ip46 const *ip)
{
  char name[DNS_NAME_MAX + 1];
  if (!dns_list_name(name, &l->list, ip)) return;
  size_t place = dns_quick_ask(&quick, name, about == WHY ? DNS_QUICK_TXT : DNS_QUICK_A);
  if (place == DNS_QUICK_QUESTIONS) return;
  places[place].about = about;
  places[place].list = l;
}

static ip46 client;

/* An address of IPv4 in the form of IPv6 is one of IPv4. */
static bool learn_client(void)
{
  static char const mapped[12] = { [10] = (char)0xff, [11] = (char)0xff };
  char four[4];
  if (!literal_number(&client, session.client.ip, strlen(session.client.ip))) return false;
  if (client.is6 && !memcmp(client.ip, mapped, sizeof mapped)) {
    memcpy(four, client.ip + sizeof mapped, sizeof four);
    ip46_from_ip4(&client, four);
  }
  return !dns_list_is_no_matter(&client);
}

/* ---- hearing ---- */

static void hear_code(struct asked_list *l, unsigned char const code[DNS_LIST_CODE])
{
  if (dns_list_refuses_us(code)) l->refuses_us = true;
  if (l->listed || !dns_list_counts(&l->list, code)) return;
  l->listed = true;
  memcpy(l->code, code, DNS_LIST_CODE);
}

static void hear_text(struct asked_list *l, struct dns_record const *r)
{
  if (l->text_len) return;
  l->text_len = dns_message_text(l->text, TEXT_MAX, r);
  for (size_t i = 0; i < l->text_len; i++)
    if (l->text[i] < ' ' || l->text[i] > '~') l->text[i] = '?';
}

static void hear_record(struct asked_list *l, enum asked_about about, struct dns_record const *r)
{
  if (about == WHY && r->type == DNS_QUICK_TXT) hear_text(l, r);
  if (about == WHY || r->type != DNS_QUICK_A || r->len != DNS_LIST_CODE) return;
  if (about == THE_CLIENT) hear_code(l, r->data);
  else if (!dns_list_refuses_us(r->data)) l->has_the_world = true;
}

static void heard(struct dns_quick *q, size_t place, struct dns_message *answer)
{
  struct asked_list *l = places[place].list;
  enum asked_about about = places[place].about;
  struct dns_record r;
  (void)q;
  if (!answer) return;
  while (dns_message_next(answer, &r)) hear_record(l, about, &r);
  if (about != THE_CLIENT || !l->listed) return;
  ask(l, NOBODY, &DNS_LIST_NOBODY);
  if (!l->list.text.len) ask(l, WHY, &client);
}

/* ---- what follows ---- */

static bool counts(struct asked_list const *l)
{
  return l->listed && !l->has_the_world;
}

static void warn_of(struct asked_list const *l, char const *why)
{
  static stralloc zone = STRALLOC_ZERO;
  text_setb(&zone, l->list.zone.s, l->list.zone.len);
  strerr_warnw("the list ", text_z(&zone), why);
}

static void warn_of_all(void)
{
  for (struct asked_list *l = lists; l < lists + count; l++) {
    if (l->refuses_us) warn_of(l, " does not answer this host, or the name server it asks (127.255.255.x): it is no help");
    if (l->listed && l->has_the_world) warn_of(l, " has 127.0.0.1 on it, as if it had all the world: it does not count");
  }
}

static void judge(void)
{
  static int const of_action[] = {
    [LIST_COUNTS] = NOTHING_SAID, [LIST_REFUSES] = REFUSED, [LIST_DEFERS] = DEFERRED, [LIST_TURNS_AWAY] = TURNED_AWAY,
    [LIST_SPARES] = SPARED
  };
  bool spared = false;
  for (struct asked_list *l = lists; l < lists + count; l++) {
    if (!counts(l)) continue;
    score += l->list.points;
    if (l->list.action == LIST_SPARES) spared = true;
    else if (of_action[l->list.action] > (int)verdict) verdict = of_action[l->list.action];
  }
  if (score >= SCORE_TOO_HIGH && verdict < REFUSED) verdict = REFUSED;
  if (spared) verdict = SPARED;
}

/* The list that has decided; among those that did together, the first. */
static struct asked_list const *who_says_so(void)
{
  static int const action_of[] = { [REFUSED] = LIST_REFUSES, [DEFERRED] = LIST_DEFERS, [TURNED_AWAY] = LIST_TURNS_AWAY };
  for (struct asked_list *l = lists; l < lists + count; l++)
    if (counts(l) && (int)l->list.action == action_of[verdict]) return l;
  for (struct asked_list *l = lists; l < lists + count; l++)
    if (counts(l) && l->list.points > 0) return l;
  return lists;
}

static void add_filled(stralloc *to, struct field text)
{
  for (size_t i = 0; i < text.len && i < TEXT_MAX; i++) {
    if (text.s[i] == '%') text_add(to, session.client.ip);
    else text_addc(to, text.s[i] >= ' ' && text.s[i] <= '~' ? text.s[i] : '?');
  }
}

static void make_refusal(void)
{
  struct asked_list const *l = who_says_so();
  no.text.len = 0;
  if (l->list.text.len) add_filled(&no.text, l->list.text);
  else if (l->text_len) text_addb(&no.text, l->text, l->text_len);
  else {
    text_add(&no.text, "your address is on the list ");
    text_addb(&no.text, l->list.zone.s, l->list.zone.len);
  }
  text_end(&no.text);
  bool for_ever = verdict != DEFERRED;
  no.refusal = (struct refusal){ for_ever ? 554 : 451, for_ever ? "5.7.1" : "4.7.1", no.text.s };
}

/* For the log, and for a program that stands in front of the queue: SCORE ZONE=CODE ZONE=CODE */
static void tell(void)
{
  static char const *const words[] = {
    [NOTHING_SAID] = "passed", [SPARED] = "spared", [DEFERRED] = "deferred", [REFUSED] = "refused", [TURNED_AWAY] = "turned away"
  };
  static stralloc said = STRALLOC_ZERO;
  said.len = 0;
  if (score < 0) text_addc(&said, '-');
  text_addu(&said, (uint64_t)abs(score));
  size_t const without = said.len;
  for (struct asked_list *l = lists; l < lists + count; l++) {
    if (!counts(l)) continue;
    text_addc(&said, ' ');
    text_addb(&said, l->list.zone.s, l->list.zone.len);
    for (size_t i = 0; i < DNS_LIST_CODE; i++) text_addc(&said, i ? '.' : '='), text_addu(&said, l->code[i]);
  }
  if (said.len == without) return;
  if (setenv("SMTPD_LISTED", text_z(&said), 1) == -1) reply_no_memory();
  journal_listed(session.client.ip, session.client.via, said.s, policy.lists.only_told ? words[NOTHING_SAID] : words[verdict]);
}

static void collect(void)
{
  if (!waits) return;
  waits = false;
  dns_quick_wait(&quick, WAIT_MS);
  dns_quick_end(&quick);
  warn_of_all();
  judge();
  tell();
  if (policy.lists.only_told) verdict = NOTHING_SAID;
  if (verdict >= DEFERRED) make_refusal();
}

/* ---- the seams ---- */

static void forget(void)
{
  if (waits) dns_quick_end(&quick);
  waits = false;
  count = 0;
  score = 0;
  verdict = NOTHING_SAID;
  unsetenv("SMTPD_LISTED");
}

static bool nobody_wants_to_know(void)
{
  return policy.lists.off || policy.lists.let_in || policy.blocked.text.len || policy.auth.required || session_may_relay();
}

static void read_lists(void)
{
  struct nameset_line line;
  char const *why;
  for (size_t at = 0; count < DNS_LISTS_MAX && nameset_line_next(&line, policy.lists.text.s, policy.lists.text.len, &at, false); ) {
    lists[count] = (struct asked_list){ .listed = false };
    if ((why = dns_list_read(&lists[count].list, line.name, line.name_len))) strerr_warnw("control/dnslists: ", why);
    else count++;
  }
}

void dnslists_begin(void)
{
  forget();
  if (!policy.lists.text.len || nobody_wants_to_know() || !learn_client()) return;
  read_lists();
  if (!count) return;
  dns_quick_begin(&quick, heard);
  waits = true;
  for (size_t i = 0; i < count; i++) ask(lists + i, THE_CLIENT, &client);
}

void dnslists_turn_away(void)
{
  for (size_t i = 0; waits && i < count; i++)
    if (lists[i].list.action == LIST_TURNS_AWAY) collect();
  if (verdict == TURNED_AWAY) reply_send_away(&no.refusal, "listed");
}

/* They hear of it when a list is wrong (RFC 5321 4.5.1, RFC 2142). */
static bool is_spared(stralloc const *recipient)
{
  static char const *const names[] = { "postmaster", "abuse" };
  size_t const len = address_at(recipient->s, recipient->len);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (len == strlen(names[i]) && !strncasecmp(recipient->s, names[i], len)) return true;
  return false;
}

struct refusal const *dnslists_refusal(stralloc const *recipient)
{
  if (!count || session_may_relay() || is_spared(recipient)) return 0;
  collect();
  return verdict >= DEFERRED ? &no.refusal : 0;
}
