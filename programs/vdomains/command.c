#include <getopt.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/bytestr.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "change.h"
#include "command.h"
#include "plan.h"
#include "saying.h"
#include "text.h"

enum { WRONG = 100, OPTIONS_MAX = 40, WORDS_KEPT = 4 };
enum { DRY_RUN = 256, JSON };

static struct option const long_options[] = {
  { "dry-run", no_argument, 0, DRY_RUN },
  { "json", no_argument, 0, JSON },
  { 0, 0, 0, 0 }
};

_Noreturn void command_usage(struct command const *command)
{
  strerr_dieusage(WRONG, command->usage);
}

void command_need_words(struct command const *command, int least, int most)
{
  if (command->count < least || command->count > most) command_usage(command);
}

/* ---- options ---- */

/* As getopt(3) has them. */
static void letters_make(char letters[3 * OPTIONS_MAX + 2], struct command_option const *options)
{
  static char const *const behind[] = { [COMMAND_FLAG] = "", [COMMAND_TEXT] = ":", [COMMAND_NUMBER] = ":", [COMMAND_LENGTH] = "::" };
  char *to = letters;
  *to++ = 'v';
  for (; options->letter; options++) {
    *to++ = options->letter;
    to = stpcpy(to, behind[options->kind]);
  }
  *to = 0;
}

static void say_version(void)
{
  saying_both("version", saying_is_json() ? "" : "version: ", "mailtree");
}

static void number_read(struct command const *command, uint32_t *to, char const *s)
{
  if (!uint320_scan(s, to)) command_usage(command);
}

static void option_take(struct command const *command, struct command_option const *option)
{
  switch (option->kind) {
    case COMMAND_FLAG: *(bool *)option->to = true; return;
    case COMMAND_TEXT: *(char const **)option->to = optarg; return;
    case COMMAND_NUMBER: number_read(command, option->to, optarg); return;
    case COMMAND_LENGTH:
      if (optarg) number_read(command, option->to, optarg);
      else *(uint32_t *)option->to = COMMAND_NO_LENGTH;
  }
}

static struct command_option const *option_find(struct command_option const *options, int letter)
{
  while (options->letter && options->letter != letter) options++;
  return options->letter ? options : 0;
}

static bool is_dry = false, shows_version = false;

static void json_take(struct command *command)
{
  command->json = true;
  saying_in_json();
}

static void letter_take(struct command *command, struct command_option const *options, int letter)
{
  struct command_option const *option = option_find(options, letter);
  if (option) option_take(command, option);
  else if (letter == 'v') shows_version = true;
  else if (letter == DRY_RUN) command->dry_run = true;
  else if (letter == JSON) json_take(command);
  else command_usage(command);
}

struct command command_read(int argc, char *const *argv, struct command_option const *options, char const *usage)
{
  struct command command = { .usage = usage };
  char letters[3 * OPTIONS_MAX + 2];
  int letter;
  letters_make(letters, options);
  opterr = 0;
  while ((letter = getopt_long(argc, argv, letters, long_options, 0)) != -1) letter_take(&command, options, letter);
  if (shows_version) say_version();
  is_dry = command.dry_run;
  command.words = argv + optind;
  command.count = argc - optind;
  return command;
}

/* ---- words ---- */

char const *command_lower(struct command const *command, int i)
{
  static stralloc kept[WORDS_KEPT];
  stralloc *to = &kept[i % WORDS_KEPT];
  text_set(to, command->words[i]);
  case_lowerb(to->s, to->len);
  return text_z(to);
}

/* ---- changes ---- */

static void step_add(stralloc *to, struct plan_step const *step)
{
  static char const *const words[] = {
    [PLAN_ADD] = "add to ", [PLAN_DROP] = "drop from ", [PLAN_MOVE] = "move ", [PLAN_REMOVE] = "remove ",
    [PLAN_CARRY] = "move ", [PLAN_PATHS] = "change paths in ", [PLAN_ROWS] = "change the homes of users of ",
    [PLAN_OWN] = "change the owner of "
  };
  text_set(to, words[step->deed]);
  text_addb(to, step->path, step->path_len);
  if (step->object_len) text_add(to, step->deed == PLAN_MOVE || step->deed == PLAN_CARRY ? " to " : ": ");
  text_addb(to, step->object, step->object_len);
}

static void steps_print(stralloc const *plan)
{
  static stralloc sentence = STRALLOC_ZERO;
  struct plan_step step;
  for (size_t at = 0; plan_next(&step, plan->s, plan->len, &at);) {
    step_add(&sentence, &step);
    saying("would", text_z(&sentence));
  }
}

void command_answer(stralloc const *text)
{
  if (buffer_put(buffer_1, text->s, text->len) == -1 || !buffer_flush(buffer_1)) strerr_diefusys(111, "write the answer");
}

bool command_is_dry(void)
{
  return is_dry;
}

bool command_only_says(char const *what, char const *whom)
{
  if (!is_dry) return false;
  saying_both("would", what, whom);
  return true;
}

void command_change(struct command const *command, stralloc *plan)
{
  if (command->dry_run) steps_print(plan);
  else change_run(plan);
}
