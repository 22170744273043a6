#include <getopt.h>
#include <string.h>

#include "address.h"
#include "queue_message.h"
#include "queue_path.h"
#include "verb_options.h"

enum { AGE_DIGITS = 9, TEXT_MAX = 1000 };

#define FILTERS "Hs:r:d:o:y:"

static struct { char const *word, *options; } const wishes[WISHES] = {
  [WISH_HELP]     = { "help",     "+" },
  [WISH_LIST]     = { "list",     "+lj" FILTERS },
  [WISH_SHOW]     = { "show",     "+mA" FILTERS },
  [WISH_HOLD]     = { "hold",     "+nA" FILTERS },
  [WISH_RELEASE]  = { "release",  "+nA" FILTERS },
  [WISH_REQUEUE]  = { "requeue",  "+nA" FILTERS },
  [WISH_DELETE]   = { "delete",   "+nAb:" FILTERS },
  [WISH_REDIRECT] = { "redirect", "+nAt:" FILTERS },
  [WISH_RELOAD]   = { "reload",   "+" }
};

static struct option const long_options[] = {
  { "dry-run",   no_argument,       0, 'n' },
  { "all",       no_argument,       0, 'A' },
  { "json",      no_argument,       0, 'j' },
  { "long",      no_argument,       0, 'l' },
  { "message",   no_argument,       0, 'm' },
  { "held",      no_argument,       0, 'H' },
  { "sender",    required_argument, 0, 's' },
  { "recipient", required_argument, 0, 'r' },
  { "domain",    required_argument, 0, 'd' },
  { "older",     required_argument, 0, 'o' },
  { "younger",   required_argument, 0, 'y' },
  { "bounce",    required_argument, 0, 'b' },
  { "to",        required_argument, 0, 't' },
  { 0, 0, 0, 0 }
};

/* ---- ages ---- */

bool age_scan(char const *s, uint64_t *seconds)
{
  static struct { char unit; uint64_t seconds; } const units[] = {
    { 0, 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 }
  };
  uint64_t n = 0;
  size_t digits = 0;
  for (; s[digits] >= '0' && s[digits] <= '9'; digits++) {
    if (digits == AGE_DIGITS) return false;
    n = 10 * n + (uint64_t)(s[digits] - '0');
  }
  if (!digits || (s[digits] && s[digits + 1])) return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (s[digits] == units[i].unit) {
      *seconds = n * units[i].seconds;
      return true;
    }
  return false;
}

/* ---- options ---- */

/* A pattern that fits nothing would mean "any", and change everything. */
static char const *pattern(char const **to, char const *s)
{
  if (!*s) return "an empty pattern for recipients";
  if (strlen(s) > QUEUE_ADDRESS_MAX) return "a pattern that is too long";
  *to = s;
  return 0;
}

static char const *age(uint64_t *to, char const *s)
{
  return age_scan(s, to) ? 0 : "no age: a number, then s, m, h, d, w or nothing";
}

static char const *text(char const **to, char const *s)
{
  if (!*s || strlen(s) > TEXT_MAX) return "a text for bounces has 1 to 1000 bytes";
  *to = s;
  return 0;
}

static char const *address(char const **to, char const *s)
{
  size_t len = strlen(s), at = address_at(s, len);
  if (len > QUEUE_ADDRESS_MAX || !at || at + 1 >= len) return "no address to redirect to: box@domain";
  *to = s;
  return 0;
}

static char const *take(struct verb_options *o, int option, char const *argument)
{
  switch (option) {
    case 'n': o->dry = true; return 0;
    case 'A': o->all = true; return 0;
    case 'H': o->held = true; return 0;
    case 'j': o->json = true; return 0;
    case 'm': o->message = true; return 0;
    case 'l': o->reasons = true; return 0;
    case 's': o->sender = argument; return 0;
    case 'r': return pattern(&o->choice.recipient, argument);
    case 'd': return pattern(&o->choice.domain, argument);
    case 'o': return age(&o->older, argument);
    case 'y': return age(&o->younger, argument);
    case 'b': return text(&o->text, argument);
    case 't': return address(&o->to, argument);
    default: return "an unknown option, or one without its argument";
  }
}

/* getopt knows every long option, whatever the verb; its verb is the first word, where others have their name. */
static char const *take_all(struct verb_options *o, char const **culprit, int argc, char const *const *argv)
{
  char const *wrong = 0;
  opterr = optind = 0;
  for (int c; !wrong && (c = getopt_long(argc, (char *const *)argv, wishes[o->wish].options, long_options, 0)) != -1;)
    wrong = take(o, strchr(wishes[o->wish].options, c) ? c : '?', optarg);
  if (wrong) *culprit = optarg ? optarg : argv[optind - 1];
  o->numbers = argv + optind;
  o->count = (size_t)(argc - optind);
  return wrong;
}

static bool chooses(struct verb_options const *o)
{
  return o->count || o->all || o->held || o->sender || *o->choice.recipient || *o->choice.domain
      || o->older || o->younger != UINT64_MAX;
}

static char const *check(struct verb_options const *o, char const **culprit)
{
  uint64_t id;
  for (size_t i = 0; i < o->count; i++)
    if (!queue_id_scan(o->numbers[i], strlen(o->numbers[i]), &id)) return (*culprit = o->numbers[i], "no message number");
  if (o->wish == WISH_REDIRECT && !o->to) return "redirect needs -t ADDRESS";
  bool is_about_all = o->wish == WISH_LIST || o->wish == WISH_HELP || o->wish == WISH_RELOAD;
  return is_about_all || chooses(o) ? 0 : "which messages? numbers, filters, or -A for all";
}

char const *verb_options_read(struct verb_options *o, char const **culprit, int argc, char const *const *argv)
{
  *o = (struct verb_options){ .wish = WISHES, .choice = { "", "" }, .younger = UINT64_MAX };
  for (int w = 0; argc && w < WISHES; w++)
    if (!strcmp(*argv, wishes[w].word)) o->wish = (enum wish)w;
  *culprit = o->wish == WISHES && argc ? *argv : 0;
  if (o->wish == WISHES) return argc ? "an unknown verb" : "no verb";
  char const *wrong = take_all(o, culprit, argc, argv);
  return wrong ? wrong : check(o, culprit);
}

/* ---- which messages ---- */

static bool recipient_wanted(struct verb_options const *o, struct report const *r)
{
  struct queue_record record;
  if (!*o->choice.recipient && !*o->choice.domain) return true;
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);)
    if (record.letter == 'T' && choice_takes(&o->choice, record.text, record.len)) return true;
  return false;
}

bool verb_options_want(struct verb_options const *o, struct report const *r, uint64_t now)
{
  uint64_t age = now > r->message.birth ? now - r->message.birth : 0;
  return age >= o->older && age <= o->younger
      && (!o->held || r->message.on_hold)
      && (!o->sender || pattern_fits(o->sender, r->sender, strlen(r->sender)))
      && recipient_wanted(o, r);
}
