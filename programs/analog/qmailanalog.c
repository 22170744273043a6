/* qmailanalog: the reports on what matchup prints, its filters, and their helpers: each is a name of this program.

   runs as   who calls it
   reads     lines of matchup on fd 0
   writes    to fd 1
   exits     0, 100 wrong use, 111 trouble of the machine
*/

#include <string.h>

#include <skalibs/strerr.h>

#include "columnt.h"
#include "ddist.h"
#include "feed.h"
#include "output.h"
#include "overall.h"
#include "ranked.h"
#include "record.h"
#include "tables.h"
#include "words.h"
#include "zsendmail.h"

struct program {
  char const *name, *usage;                 /* usage: null when there is no argument */
  void (*line)(struct record const *, struct field line);
  void (*end)(struct program const *);
  char const *table;
  enum ranked_by by;
  char const *title;                        /* of a report, and what explains its columns */
};

static struct table const *table;
static stralloc all = STRALLOC_ZERO;
static char const *wanted;

/* ---- what is done with a line ---- */

static void line_table(struct record const *r, struct field line)
{
  (void)line;
  table_count(table, r);
}

static void line_overall(struct record const *r, struct field line)
{
  (void)line;
  overall_count(r);
}

static void line_ddist(struct record const *r, struct field line)
{
  (void)line;
  ddist_count(r);
}

static void line_sendmail(struct record const *r, struct field line)
{
  zsendmail_line(&output, r, line);
  output_line();
}

static void line_kept(struct record const *r, struct field line)
{
  (void)r;
  text_addb(&all, line.s, line.len);
  text_addc(&all, '\n');
}

static bool is_wanted(struct field word)
{
  return word_is(word, wanted);
}

static bool is_sender_wanted(struct field word)
{
  return word.len >= 2 && word.s[0] == '<' && word.s[word.len - 1] == '>' &&
         is_wanted((struct field){ word.s + 1, word.len - 2 });
}

static void pass(struct field line, bool wanted_line)
{
  if (!wanted_line) return;
  text_addb(&output, line.s, line.len);
  output_line();
}

static void line_xqp(struct record const *r, struct field line)
{
  pass(line, r->kind != RECORD_OTHER && is_wanted(r->qp));
}

static void line_xrecipient(struct record const *r, struct field line)
{
  pass(line, r->kind == RECORD_DELIVERY && is_wanted(r->recipient));
}

static void line_xsender(struct record const *r, struct field line)
{
  pass(line, r->kind != RECORD_OTHER && is_sender_wanted(r->sender));
}

/* ---- what is printed at the end ---- */

static void end_nothing(struct program const *p)
{
  (void)p;
}

static void end_rows(struct program const *p)
{
  (void)p;
  if (table) table_rows(&output, table);
  else ddist_rows(&output);
}

static void end_columnt(struct program const *p)
{
  (void)p;
  columnt(&output, all.s, all.len);
}

static void title(struct program const *p)
{
  text_add(&output, p->title);
  text_add(&output, "\n\n");
}

static void end_overall(struct program const *p)
{
  title(p);
  overall_show(&output);
}

static void end_ddist(struct program const *p)
{
  title(p);
  text_add(&all, "doneby avg pct\n");
  ddist_rows(&all);
  columnt(&output, all.s, all.len);
}

static void end_table(struct program const *p)
{
  stralloc rows = STRALLOC_ZERO;
  title(p);
  size_t from = output.len;
  table_heading(&all, table);
  table_rows(&rows, table);
  ranked(&rows, p->by);
  text_addx(&all, &rows);
  stralloc_free(&rows);
  columnt(&output, all.s, all.len);
  if (!table_has_reasons(table)) return;
  for (size_t i = from; i < output.len; i++)
    if (output.s[i] == '_') output.s[i] = ' ';
}

/* ---- the programs ---- */

#define REASONS(what) \
  "One line for each reason. On each line:\n" \
  "* del: how many deliveries ended " what " for this reason.\n" \
  "* xdelay: the seconds that these deliveries took."

#define RECIPIENTS(whom) \
  "* sbytes: the bytes that were successfully delivered to this " whom ".\n" \
  "* mess: the messages that were sent to this " whom " (success or failure).\n" \
  "* tries: the delivery attempts (success, failure or deferral).\n" \
  "* xdelay: the seconds that these attempts took."

#define SENDERS(whom) \
  "One line for each " whom " of finished messages. On each line:\n" \
  "* mess: the messages.\n" \
  "* bytes: the bytes in them.\n" \
  "* sbytes: the bytes in them, each as often as it was successfully delivered.\n" \
  "* rbytes: the bytes in them, each for every recipient.\n" \
  "* recips: the recipients (success or failure).\n" \
  "* tries: the delivery attempts (success, failure or deferral).\n" \
  "* xdelay: the seconds that attempts to deliver took."

static struct program const programs[] = {
  { "zoverall", 0, line_overall, end_overall, 0, 0,
    "Basic statistics\n\n"
    "qtime: the seconds that a message spent in the queue.\n"
    "ddelay: from the birth of a message to the end of a successful delivery of it.\n"
    "xdelay: from the beginning of an attempt to deliver to its end. The average\n"
    "concurrency is the xdelay of all attempts divided by the time span." },
  { "zdeferrals", 0, line_table, end_table, "deferrals", RANKED_NAME, "Reasons for deferral\n\n" REASONS("in a deferral") },
  { "zfailures", 0, line_table, end_table, "failures", RANKED_NAME, "Reasons for failure\n\n" REASONS("in a failure") },
  { "zsuccesses", 0, line_table, end_table, "successes", RANKED_NAME, "Reasons for success\n\n" REASONS("in a success") },
  { "zrecipients", 0, line_table, end_table, "recipients", RANKED_NAME,
    "Recipients\n\nOne line for each recipient. On each line:\n" RECIPIENTS("recipient") },
  { "zrhosts", 0, line_table, end_table, "rhosts", RANKED_NAME,
    "Recipient hosts\n\nOne line for each host of recipients. On each line:\n" RECIPIENTS("host") },
  { "zrxdelay", 0, line_table, end_table, "rxdelay", RANKED_FIRST_NUMBER,
    "Recipients in the best order for mailing lists\n\nOne line for each recipient. On each line:\n"
    "* avg: the seconds that an attempt to deliver took on average.\n"
    "* tries: the delivery attempts (success, failure or deferral)." },
  { "zsenders", 0, line_table, end_table, "senders", RANKED_NAME_NUMBER, "Senders\n\n" SENDERS("sender") },
  { "zsuids", 0, line_table, end_table, "suids", RANKED_NAME_NUMBER, "Sender uids\n\n" SENDERS("uid") },
  { "zddist", 0, line_ddist, end_ddist, 0, 0,
    "Distribution of ddelays for successful deliveries\n\n"
    "On each line: the first pct percent of the successful deliveries were done\n"
    "within doneby seconds, and their average ddelay was avg." },
  { "zsendmail", 0, line_sendmail, end_nothing, 0, 0, 0 },
  { "ddist", 0, line_ddist, end_rows, 0, 0, 0 },
  { "deferrals", 0, line_table, end_rows, "deferrals", 0, 0 },
  { "failures", 0, line_table, end_rows, "failures", 0, 0 },
  { "successes", 0, line_table, end_rows, "successes", 0, 0 },
  { "recipients", 0, line_table, end_rows, "recipients", 0, 0 },
  { "rhosts", 0, line_table, end_rows, "rhosts", 0, 0 },
  { "rxdelay", 0, line_table, end_rows, "rxdelay", 0, 0 },
  { "senders", 0, line_table, end_rows, "senders", 0, 0 },
  { "suids", 0, line_table, end_rows, "suids", 0, 0 },
  { "columnt", 0, line_kept, end_columnt, 0, 0, 0 },
  { "xqp", "xqp qp", line_xqp, end_nothing, 0, 0, 0 },
  { "xrecipient", "xrecipient channel.address", line_xrecipient, end_nothing, 0, 0, 0 },
  { "xsender", "xsender address", line_xsender, end_nothing, 0, 0, 0 },
  { 0 }
};

static char const *name_in(char const *path)
{
  char const *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static struct program const *program_named(char const *name)
{
  struct program const *p = programs;
  while (p->name && strcmp(p->name, name) != 0) p++;
  return p->name ? p : 0;
}

/* By the name of this program, or by the word behind that. */
static struct program const *choose(int argc, char const *const **words, int *count)
{
  struct program const *p = argc ? program_named(name_in((*words)[0])) : 0;
  int own = p ? 1 : 2;
  PROG = "qmailanalog";
  if (!p && argc > 1) p = program_named((*words)[1]);
  if (!p) strerr_dieusage(100, "qmailanalog report | filter word");
  PROG = p->name;
  *words += own;
  *count = argc - own;
  return p;
}

static void read_all(struct program const *p)
{
  static int const input = 0;
  struct feed feed = { .fds = &input, .left = 1 };
  struct field line;
  struct record record;
  enum feed_result r;
  while ((r = feed_next(&feed, &line)) == FEED_LINE || r == FEED_PARTIAL) {
    record_read(&record, line);
    p->line(&record, line);
  }
  if (r == FEED_TROUBLE) strerr_diefusys(111, "read ", "input");
  feed_end(&feed);
}

int main(int argc, char const *const *argv)
{
  int count;
  struct program const *p = choose(argc, &argv, &count);
  if (count != (p->usage != 0)) strerr_dieusage(100, p->usage ? p->usage : p->name);
  if (count) wanted = argv[0];
  if (p->table) table = table_named(p->table);
  read_all(p);
  p->end(p);
  output_flush();
  return 0;
}
