/* qmail-showctl: tell what the mail system's configuration means, and what is wrong with it.

   runs as   anybody
   reads     every file in control/; for -c, -l and --json also supervise/NAME/env and /etc/tcp.*; for -d control/ of another host
   changes   nothing
   exits     0; with -c 1 when something is wrong, with -d when there is a difference; 100 for a wrong call; 111 when it cannot look
*/

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "control_check.h"
#include "control_dir.h"
#include "die.h"
#include "show.h"

#define USAGE "qmail-showctl [-l | -c | --json | -d dir]"

enum view { VIEW_SHORT, VIEW_LONG, VIEW_CHECK, VIEW_JSON, VIEW_UNKNOWN };

static struct { char const *option; enum view view; } const views[] = {
  { "-l",     VIEW_LONG },
  { "-c",     VIEW_CHECK },
  { "--json", VIEW_JSON },
  { 0,        VIEW_UNKNOWN }
};

static enum view view_wanted(int argc, char const *const *argv)
{
  size_t i = 0;
  if (argc == 1) return VIEW_SHORT;
  if (argc > 2) return VIEW_UNKNOWN;
  while (views[i].option && strcmp(views[i].option, argv[1]) != 0) i++;
  return views[i].view;
}

static void load(struct control_dir *dir)
{
  if (control_dir_load(dir)) return;
  show_string("Oops! Unable to open control.\n");
  buffer_flush(buffer_1);
  strerr_diefusys(111, "open ", "control");
}

static void show(enum view view, struct control_dir const *dir, struct findings const *findings)
{
  switch (view) {
    case VIEW_SHORT: show_short(dir); break;
    case VIEW_LONG: show_long(dir, findings); break;
    case VIEW_CHECK: show_problems(findings); break;
    case VIEW_JSON: show_json(dir, findings); break;
    case VIEW_UNKNOWN: strerr_dieusage(100, USAGE);
  }
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write standard output");
}

static int compare_with(char const *other)
{
  struct control_dir here, there;
  int fd = open(other, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(111, "open ", other);
  enter_home();
  load(&here);
  if (fchdir(fd) == -1) strerr_diefusys(111, "enter ", other);
  if (!control_dir_load(&there)) strerr_diefusys(111, "open ", other, "/control");
  bool differ = show_diff(&here, &there);
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write standard output");
  return differ;
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-showctl";
  if (argc == 3 && !strcmp(argv[1], "-d")) return compare_with(argv[2]);
  struct control_dir dir;
  struct findings findings = { 0 };
  enum view view = view_wanted(argc, argv);
  if (view == VIEW_UNKNOWN) strerr_dieusage(100, USAGE);
  enter_home();
  load(&dir);
  if (view != VIEW_SHORT) check_everything(&findings, &dir);
  show(view, &dir, &findings);
  return view == VIEW_CHECK && findings_problems(&findings) ? 1 : 0;
}
