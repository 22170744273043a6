#include <limits.h>
#include <string.h>

#include <skalibs/sgetopt.h>
#include <skalibs/types.h>

#include "warm_options.h"

enum { CHILDREN_DEFAULT = 40, BACKLOG_DEFAULT = 20 };   /* of tcpserver */

struct reading { struct warm_options *o; bool unnamed, unasked, ok; };

static bool is_tcpserver(char const *command)
{
  char const *slash = strrchr(command, '/');
  return !strcmp(slash ? slash + 1 : command, "tcpserver");
}

static unsigned number(struct reading *r, char const *s, unsigned most)
{
  unsigned n;
  if (uint0_scan(s, &n) && n && n <= most) return n;
  r->ok = false;
  return 0;
}

static void option(struct reading *r, int letter, char const *value)
{
  switch (letter) {
    case 'H': r->unnamed = true; break;
    case 'R': r->unasked = true; break;
    case 'v': r->o->verbose = true; break;
    case 'Q': r->o->verbose = false; break;
    case 'D': r->o->no_delay = true; break;
    case 'd': r->o->no_delay = false; break;
    case 'l': r->o->local = value; break;
    case 'x': r->o->rules = value; break;
    case 'c': r->o->children_max = number(r, value, INT_MAX); break;
    case 'b': r->o->backlog = (int)number(r, value, INT_MAX); break;
    case 'u': r->o->uid = number(r, value, INT_MAX); break;
    case 'g': r->o->gid = number(r, value, INT_MAX); break;
    default: r->ok = false;
  }
}

bool warm_options_read(struct warm_options *o, int argc, char const *const *argv)
{
  subgetopt l = SUBGETOPT_ZERO;
  struct reading r = { .o = o, .ok = true };
  *o = (struct warm_options){ .children_max = CHILDREN_DEFAULT, .backlog = BACKLOG_DEFAULT };
  if (!argc || !is_tcpserver(argv[0])) return false;
  for (int letter; (letter = subgetopt_r(argc, argv, "HRvQDdl:x:c:b:u:g:", &l)) != -1;) option(&r, letter, l.arg);
  if (!r.ok || !r.unnamed || !r.unasked || !o->local || !*o->local || argc - l.ind < 3) return false;
  if (strcmp(argv[l.ind], "0") != 0) return false;
  o->port = (uint16_t)number(&r, argv[l.ind + 1], UINT16_MAX);
  o->program = argv + l.ind + 2;
  return r.ok;
}
