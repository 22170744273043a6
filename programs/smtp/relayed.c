#include <errno.h>
#include <stdbool.h>

#include <skalibs/strerr.h>

#include "address.h"
#include "control.h"
#include "nameset.h"
#include "primary.h"
#include "relayed.h"

enum { ASK_MS = 5000 };       /* the client waits */

static struct nameset primaries = NAMESET_ZERO, known = NAMESET_ZERO;

static struct control const controls[] = {
  /* file          kind           goes to      when absent */
  { "primary",     CONTROL_MAP,   &primaries,  0 },
  { "validrcptto", CONTROL_NAMES, &known,      0 },
  { 0 }
};

static bool read_files(void)
{
  static enum { UNREAD, READ, UNREADABLE } state = UNREAD;
  char const *culprit;
  if (state == UNREAD) state = control_load(controls, &culprit) ? READ : UNREADABLE;
  else return state == READ;
  if (state == UNREADABLE) strerr_warnwusys("read ", culprit);
  return state == READ;
}

static bool has_list(void)
{
  bool has = known.cdb || known.count;
  if (!has) strerr_warnw("control/primary has domains that only control/validrcptto knows, and that is missing or empty");
  return has;
}

/* By itself, or by @DOMAIN. -1 when a cdb is damaged. */
static int is_listed(struct field address, size_t at)
{
  struct field value;
  int r = nameset_find(&known, address.s, address.len, &value);
  return r ? r : nameset_find(&known, address.s + at, address.len - at, &value);
}

static enum relayed ask(struct field address)
{
  static bool is_away = false;
  if (is_away) return RELAYED_TAKEN;
  enum primary_said said = primary_ask(address, ASK_MS);
  is_away = said == PRIMARY_UNTOLD && errno;
  if (is_away) strerr_warnwusys("ask qmail-primaryd, so that every recipient is taken");
  return said == PRIMARY_NOBODY ? RELAYED_NOBODY : RELAYED_TAKEN;
}

/* A list that is not there is a fault of ours, and says of nobody that he is not. */
enum relayed relayed_said(struct field address)
{
  size_t at = address_at(address.s, address.len);
  struct field value;
  if (!read_files()) return RELAYED_UNREADABLE;
  if (at == address.len) return RELAYED_TAKEN;
  int named = nameset_find_domain(&primaries, address.s + at + 1, address.len - at - 1, &value);
  if (named != 1) return named ? RELAYED_UNREADABLE : RELAYED_TAKEN;
  int listed = is_listed(address, at);
  if (listed) return listed == 1 ? RELAYED_TAKEN : RELAYED_UNREADABLE;
  if (!field_is(value, PRIMARY_LIST)) return ask(address);
  return has_list() ? RELAYED_NOBODY : RELAYED_UNREADABLE;
}
