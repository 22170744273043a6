#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "address.h"
#include "respond_judge.h"

/* ---- words ---- */

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct field trimmed(char const *s, size_t len)
{
  while (len && is_blank(*s)) s++, len--;
  while (len && is_blank(s[len - 1])) len--;
  return (struct field){ s, len };
}

static bool is_word(struct field f, char const *word)
{
  return f.len == strlen(word) && strncasecmp(f.s, word, f.len) == 0;
}

static bool begins(struct field f, char const *with)
{
  size_t len = strlen(with);
  return f.len >= len && strncasecmp(f.s, with, len) == 0;
}

static bool ends(struct field f, char const *with)
{
  size_t len = strlen(with);
  return f.len >= len && strncasecmp(f.s + f.len - len, with, len) == 0;
}

/* What stands before the first of these bytes, or a blank. */
static struct field first_word(struct field f, char const *separators)
{
  size_t len = 0;
  while (len < f.len && !is_blank(f.s[len]) && (!f.s[len] || !strchr(separators, f.s[len]))) len++;
  return (struct field){ f.s, len };
}

/* ---- the sender ---- */

static char const *const beginnings[] = { "mailer-daemon", "owner-", "bounce-", "bounces-", 0 };
static char const *const endings[] = { "-owner", "-request", "-bounce", "-bounces", 0 };
static char const *const names[] = {
  "listserv", "majordomo", "mailman", "noreply", "no-reply", "donotreply", "do-not-reply", 0
};

static bool any(struct field f, char const *const *words, bool (*is)(struct field, char const *))
{
  for (; *words; words++)
    if (is(f, *words)) return true;
  return false;
}

/* Addresses of mailing lists that end in numbers or in the recipient: list-return-12-joe=example.net, list+bounces=x. */
static bool is_return_path(struct field box)
{
  return memmem(box.s, box.len, "-return-", 8) || memmem(box.s, box.len, "-owner-", 7)
      || memmem(box.s, box.len, "-bounces+", 9) || memmem(box.s, box.len, "+bounces", 8);
}

static bool is_robot(struct field box)
{
  return any(box, beginnings, begins) || any(box, endings, ends) || any(box, names, is_word) || is_return_path(box);
}

static bool has_control(struct field f)
{
  for (size_t i = 0; i < f.len; i++)
    if ((unsigned char)f.s[i] < ' ' || f.s[i] == 127) return true;
  return false;
}

static char const *fault_of(struct field sender, struct field own)
{
  size_t at = address_at(sender.s, sender.len);
  if (!sender.len || is_word(sender, "#@[]")) return "it is a bounce";
  if (!at || at + 1 >= sender.len) return "its sender is no address";
  if (sender.len > ADDRESS_MAX || has_control(sender)) return "its sender is no address of anybody";
  if (is_robot((struct field){ sender.s, at })) return "its sender is a robot";
  if (sender.len == own.len && strncasecmp(sender.s, own.s, own.len) == 0) return "its sender is who would answer";
  return 0;
}

enum respond_verdict respond_judge_sender(char const **why, struct field sender, struct field own)
{
  *why = fault_of(sender, own);
  return *why ? RESPOND_SILENCE : RESPOND_ANSWER;
}

/* ---- the header ---- */

static bool is_list(struct field value)
{
  (void)value;
  return true;
}

static bool is_bulk(struct field value)
{
  struct field word = first_word(value, ";,(");
  return is_word(word, "bulk") || is_word(word, "junk") || is_word(word, "list");
}

static bool is_automatic(struct field value)
{
  return !is_word(first_word(value, ";("), "no");
}

static bool wants_none(struct field value)
{
  while (value.len) {
    struct field word = first_word(value, ",;");
    if (is_word(word, "all") || is_word(word, "oof") || is_word(word, "autoreply")) return true;
    size_t taken = word.len < value.len ? word.len + 1 : word.len;
    value = trimmed(value.s + taken, value.len - taken);
  }
  return false;
}

static bool is_report(struct field value)
{
  return is_word(first_word(value, ";("), "multipart/report");
}

static bool is_yes(struct field value)
{
  return begins(value, "yes");
}

static bool is_mark(struct field value)
{
  return is_word(value, RESPOND_MARK);
}

struct respond_rule { char const *name; bool (*holds)(struct field value); enum respond_verdict verdict; char const *why; };

#define FROM_A_LIST RESPOND_SILENCE, "it comes from a mailing list"
static struct respond_rule const rules[] = {
  { "Delivered-To",             is_mark,      RESPOND_LOOP,    "it is an answer of a robot of this kind" },
  { "Auto-Submitted",           is_automatic, RESPOND_SILENCE, "no person has sent it" },
  { "Precedence",               is_bulk,      RESPOND_SILENCE, "it is bulk mail" },
  { "Mailing-List",             is_list,      FROM_A_LIST },
  { "List-Id",                  is_list,      FROM_A_LIST },
  { "List-Help",                is_list,      FROM_A_LIST },
  { "List-Subscribe",           is_list,      FROM_A_LIST },
  { "List-Unsubscribe",         is_list,      FROM_A_LIST },
  { "List-Post",                is_list,      FROM_A_LIST },
  { "List-Owner",               is_list,      FROM_A_LIST },
  { "List-Archive",             is_list,      FROM_A_LIST },
  { "X-Mailing-List",           is_list,      FROM_A_LIST },
  { "X-ML-Name",                is_list,      FROM_A_LIST },
  { "X-Auto-Response-Suppress", wants_none,   RESPOND_SILENCE, "it asks for no answer" },
  { "Content-Type",             is_report,    RESPOND_SILENCE, "it is a report" },
  { "X-Spam-Flag",              is_yes,       RESPOND_SILENCE, "it is spam" }
};

static struct respond_rule const *rule_of(struct mail_header const *header, struct mail_header_field const *f)
{
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (is_word(mail_header_name(header, f), rules[i].name) && rules[i].holds(mail_header_value(header, f))) return rules + i;
  return 0;
}

/* A loop is one whatever else the message is. */
enum respond_verdict respond_judge_header(char const **why, struct mail_header const *header)
{
  enum respond_verdict verdict = RESPOND_ANSWER;
  for (size_t i = 0; i < mail_header_count(header) && verdict != RESPOND_LOOP; i++) {
    struct respond_rule const *rule = rule_of(header, mail_header_field(header, i));
    if (!rule || (verdict != RESPOND_ANSWER && rule->verdict != RESPOND_LOOP)) continue;
    *why = rule->why;
    verdict = rule->verdict;
  }
  return verdict;
}
