#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>

#include "agent.h"
#include "home.h"
#include "local_end.h"
#include "local_environment.h"
#include "local_limits.h"
#include "local_memory.h"
#include "local_virtual.h"
#include "mark.h"
#include "text.h"
#include "vdeliver.h"

#define ENDING "/bin/vdelivermail"

static struct vdeliver v = VDELIVER_ZERO;
static struct vdelivermail_line line;
static struct local_mail const *mail_of_line;
static char const *begun;               /* the line that v is about; null: none */

/* ---- whose program it is ---- */

static bool is_ours(char const *path)
{
  static struct stat known;
  return mark_is_kept(&known, path, "vdelivermail");
}

static char const *path_of(struct field program)
{
  static stralloc path = STRALLOC_ZERO;
  text_setb(&path, program.s, program.len);
  return text_z(&path);
}

/* Below our own home there are no texts of vpopmail: the program finds out where they are. */
bool virtual_is(struct instruction const *in)
{
  if (begun && begun == in->line) return true;
  if (in->kind != INSTRUCTION_PROGRAM || !vdelivermail_line_parse(&line, in->line, in->line_len)) return false;
  bool is_home = line.program.len == strlen(HOME ENDING) && !memcmp(line.program.s, HOME ENDING, line.program.len);
  return !is_home && is_ours(path_of(line.program));
}

/* ---- what it does ---- */

static bool environment_add(stralloc *to)
{
  local_environment(to, mail_of_line);
  return true;
}

static char const *site_of(struct field program)
{
  static stralloc site = STRALLOC_ZERO;
  text_setb(&site, program.s, program.len - strlen(ENDING));
  return text_z(&site);
}

/* line is in->line's, which lives as long as the delivery. */
static void begin(struct local_mail const *m, struct instruction const *in)
{
  if (begun == in->line) return;
  begun = in->line;
  mail_of_line = m;
  if (!vdelivermail_line_parse(&line, in->line, in->line_len)) local_defer("Internal error. (#4.3.0)");
  vdeliver_begin(&v, &(struct vdeliver_task){
    .line = &line, .ext = m->ext, .host = m->host, .domain = vdeliver_domain(m->user, m->host), .sender = m->sender, .return_path = m->return_path.s,
    .delivered_to = m->delivered_to.s, .extras = m->extras.s, .domain_dir = m->home, .site = site_of(line.program),
    .environment = environment_add, .prepare = memory_unlimit
  });
}

void virtual_begin(void)
{
  begun = 0;
}

bool virtual_is_short(struct local_mail const *m, struct instruction const *in)
{
  begin(m, in);
  return v.is_short;
}

static void finish(void)
{
  v.patience_us = v.is_decided ? 0 : agent_take_commit_delay_us();
  if (v.is_short) local_alarm(MAILDIR_SECONDS, "Timeout on maildir delivery. (#4.3.0)");
  vdeliver_finish(&v);
  if (v.is_short) local_alarm(0, "");
}

static void report_text(void)
{
  if (v.text.len && (allwrite(1, v.text.s, v.text.len) < v.text.len || allwrite(1, "\n", 1) < 1)) _exit(111);
}

bool virtual_run(struct local_mail const *m, struct instruction const *in)
{
  begin(m, in);
  finish();
  report_text();
  if (v.code == VDELIVER_DONE) return true;
  if (v.code == VDELIVER_ENOUGH) return false;
  _exit((int)v.code);
}
