#include <glob.h>
#include <string.h>

#include "control.h"
#include "control_dir.h"
#include "rule_records.h"
#include "rule_variables.h"
#include "rules.h"
#include "text.h"

enum { SHOWN_MAX = 100 };       /* bytes of a line that are repeated */

static char const BOM[] = "\xef\xbb\xbf";

struct reading {
  struct rules_place const *place;
  struct findings *to;
  struct rule_records records;
  bool is_wrong;
  bool speaks_for_all;          /* a line is for whom no other is */
};

enum weight { STOPS, WARNS, NOTES };

static void tell(struct reading *r, enum weight weight, struct control_line const *line, char const *why,
                 char const *better)
{
  stralloc text = STRALLOC_ZERO;
  text_set(&text, why);
  if (better && *better) {
    text_add(&text, ": write ");
    text_add(&text, better);
  }
  text_add(&text, ": ");
  text_addb(&text, line->s, line->len < SHOWN_MAX ? line->len : SHOWN_MAX);
  finding_add(r->to, &(struct finding){ .where = r->place->path, .line = line->number, .text = text_z(&text),
                                        .is_note = weight == NOTES, .stops = weight == STOPS });
  stralloc_free(&text);
  if (weight == STOPS) r->is_wrong = true;
}

static void check_variables(struct reading *r, struct rule_line const *rule, struct control_line const *line)
{
  struct rule_listener const *listener = r->place->listener;
  struct rule_variable v;
  stralloc name = STRALLOC_ZERO;
  for (size_t at = 0; rule_line_variable(&v, rule, &at);) {
    text_setb(&name, v.name, v.name_len);
    check_rule_variable(r->to, r->place->path, line->number, text_z(&name));
    if (listener && !listener->lists && strcmp(name.s, "RBLSMTPD") == 0)
      tell(r, WARNS, line, "RBLSMTPD has no effect: no server that heeds it is in the run file", 0);
  }
  if (rule->is_deny && rule->rest_len) tell(r, NOTES, line, "variables behind deny are never used", 0);
  stralloc_free(&name);
}

static void check_needs(struct reading *r, unsigned needs, struct control_line const *line)
{
  struct rule_listener const *listener = r->place->listener;
  if (!listener) return;
  if ((needs & NEEDS_NAME) && !listener->names)
    tell(r, WARNS, line, "matches nobody, since names of clients are not looked up", "-h for -H in the run file");
  if ((needs & NEEDS_IDENT) && !listener->ident)
    tell(r, WARNS, line, "matches nobody, since clients are not asked who they are", "-r for -R in the run file");
}

static void take_rule(struct reading *r, struct rule_line const *rule, struct control_line const *line)
{
  struct rule_address a = RULE_ADDRESS_ZERO;
  enum rule_verdict verdict = rule_address(&a, rule->address, rule->address_len);
  if (verdict == RULE_GOOD && r->records.count + a.count > RULES_KEYS_MAX)
    verdict = rule_fault(&a, RULE_WRONG, "too many addresses for one file");
  if (a.why) tell(r, (enum weight[]){ NOTES, WARNS, STOPS }[verdict], line, a.why, text_z(&a.better));
  if (verdict == RULE_GOOD) {
    check_needs(r, a.needs, line);
    rule_records_add(&r->records, rule, &a, line->number);
  }
  rule_address_free(&a);
}

/* Where a rule is all that keeps the world out. */
static void check_everybody(struct reading *r, struct rule_line const *rule, struct control_line const *line)
{
  if (rule->address_len) return;
  r->speaks_for_all = true;
  if (r->place->listener && r->place->listener->relays && !rule->is_deny)
    tell(r, WARNS, line, "everybody may send to the whole world by QMQP", ":deny");
}

static void check_others(struct reading *r)
{
  struct control_line const end = { .s = ":deny", .len = 5, .number = 0 };
  if (r->place->listener && r->place->listener->relays && !r->speaks_for_all)
    tell(r, WARNS, &end, "who is in no line may send to the whole world by QMQP; this line is missing", 0);
}

static void take_line(struct reading *r, struct control_line const *line)
{
  struct rule_line rule;
  char const *why = rule_line_parse(&rule, line->s, line->len);
  if (why) {
    tell(r, STOPS, line, why, 0);
    return;
  }
  if (rule.has_blanks) tell(r, NOTES, line, "blanks are left out here, but not by tcprules alone", 0);
  check_variables(r, &rule, line);
  check_everybody(r, &rule, line);
  take_rule(r, &rule, line);
}

static void check_beaten(struct reading *r, stralloc const *text)
{
  struct control_line line;
  stralloc why = STRALLOC_ZERO;
  for (size_t from = 0, at = 0; control_next_entry(text, &from, &line);) {
    size_t by = rule_records_beaten(&r->records, line.number, &at);
    if (!by) continue;
    text_set(&why, "line ");
    text_addu(&why, by);
    text_add(&why, " speaks for the same address, this is never used");
    tell(r, WARNS, &line, text_z(&why), 0);
  }
  stralloc_free(&why);
}

bool rules_read(stralloc *clean, struct findings *to, struct rules_place const *place, char const *s, size_t len)
{
  struct reading r = { .place = place, .to = to, .records = RULE_RECORDS_ZERO };
  struct control_line line = { .s = "", .number = 1 };
  size_t mark = len >= 3 && memcmp(s, BOM, 3) == 0 ? 3 : 0;
  stralloc text = STRALLOC_ZERO;
  if (len) text_setb(&text, s + mark, len - mark);
  if (mark) tell(&r, NOTES, &line, "a byte order mark is left out here, but not by tcprules alone", 0);
  for (size_t at = 0; control_next_entry(&text, &at, &line);) take_line(&r, &line);
  rule_records_choose(&r.records);
  check_beaten(&r, &text);
  check_others(&r);
  if (!r.is_wrong) rule_records_write(clean, &r.records);
  rule_records_free(&r.records);
  stralloc_free(&text);
  return !r.is_wrong;
}

static bool read_for_listeners(stralloc *clean, struct findings *to, char const *path, stralloc const *text)
{
  struct rule_listener listener = { .table = STRALLOC_ZERO };
  stralloc table = STRALLOC_ZERO;
  text_set(&table, path);
  text_add(&table, ".cdb");
  struct rules_place place = { path, rule_listener_find(&listener, text_z(&table)) ? &listener : 0 };
  bool good = rules_read(clean, to, &place, text->s, text->len);
  stralloc_free(&listener.table);
  stralloc_free(&table);
  return good;
}

int rules_file(stralloc *clean, struct findings *to, char const *path)
{
  stralloc text = STRALLOC_ZERO;
  if (control_slurp_path(&text, path) != 1) return -1;
  bool good = read_for_listeners(clean, to, path, &text);
  stralloc_free(&text);
  return good;
}

/* ---- which files ---- */

static char const *const no_sources[] = {
  ".cdb", ".tmp", ".new", "~", ".bak", ".orig", ".save", ".old", ".swp", ".rpmsave", ".rpmnew",
  ".dpkg-old", ".dpkg-new", ".dpkg-dist", ".dpkg-tmp", ".dpkg-bak", ".ucf-old", ".ucf-new", ".ucf-dist", 0
};

bool rules_is_source(char const *path)
{
  size_t len = strlen(path);
  for (char const *const *end = no_sources; *end; end++)
    if (len >= strlen(*end) && strcmp(path + len - strlen(*end), *end) == 0) return false;
  return true;
}

void rules_each(void (*call)(char const *path, void *data), void *data)
{
  glob_t found;
  if (glob("/etc/tcp.*", 0, 0, &found) == 0)
    for (size_t i = 0; i < found.gl_pathc; i++)
      if (rules_is_source(found.gl_pathv[i])) call(found.gl_pathv[i], data);
  globfree(&found);
}
